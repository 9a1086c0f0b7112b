/* SPDX-License-Identifier: GPL-2.0 */
/* Names of events, ends and causes of loss. */
#ifndef _TCPTRACECTL_NAMES_H
#define _TCPTRACECTL_NAMES_H

#include "core/env.h"

/* Size of a buffer for 32 names of causes; each is a known name or "?". */
#define EVENT_LOST_LEN	160

const char *event_name(unsigned int type);
const char *event_end_name(unsigned int end);
const char *event_printable(const char *from, size_t room, char *buf);
const char *event_lost_name(unsigned int cause);
const char *event_lost_what(u32 causes);
const char *event_lost_causes(u32 causes, char buf[EVENT_LOST_LEN]);
int event_parse_list(const char *list, u32 *mask, char *bad, size_t size);

#endif /* _TCPTRACECTL_NAMES_H */
