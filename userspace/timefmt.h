/* SPDX-License-Identifier: GPL-2.0 */
/* Format points in time, and spans between them. */
#ifndef _TCPTRACECTL_TIMEFMT_H
#define _TCPTRACECTL_TIMEFMT_H

#include "core/env.h"

#define TIMEFMT_LEN	40

u64 timefmt_offset(void);
void timefmt_rfc3339(u64 wall, char buf[TIMEFMT_LEN]);
void timefmt_local(u64 wall, char *buf, size_t size);
void timefmt_seconds(u64 ns, char *buf, size_t size);
void timefmt_of_day(u64 wall, char *buf, size_t size);
void timefmt_span(u64 ns, char *buf, size_t size);
void timefmt_bucket(unsigned int bucket, char *buf, size_t size);

#endif /* _TCPTRACECTL_TIMEFMT_H */
