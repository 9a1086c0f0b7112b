/* SPDX-License-Identifier: GPL-2.0 */
/* Points in time and spans between them, in nanoseconds. */
#ifndef _TCPTRACECTL_MOMENT_H
#define _TCPTRACECTL_MOMENT_H

#include "core/env.h"

#define MOMENT_LEN	40

u64 moment_offset(void);
void moment_rfc3339(u64 wall, char buf[MOMENT_LEN]);
void moment_seconds(u64 ns, char *buf, size_t size);
void moment_of_day(u64 wall, char *buf, size_t size);
void moment_span(u64 ns, char *buf, size_t size);

#endif /* _TCPTRACECTL_MOMENT_H */
