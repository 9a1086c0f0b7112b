/* SPDX-License-Identifier: GPL-2.0 */
/* List the connections of a capture in the format of /proc/net/tcptrace. */
#ifndef _TCPTRACECTL_CAPTURE_LIST_H
#define _TCPTRACECTL_CAPTURE_LIST_H

#include "conns.h"

#include <stdio.h>

FILE *capture_list_open(const struct conns *conns, u64 now);

#endif /* _TCPTRACECTL_CAPTURE_LIST_H */
