/* SPDX-License-Identifier: GPL-2.0 */
/* The connections of a capture in the form of /proc/net/tcptrace. */
#ifndef _TCPTRACECTL_LISTING_H
#define _TCPTRACECTL_LISTING_H

#include "conns.h"

#include <stdio.h>

FILE *listing_open(const struct conns *conns, u64 now);

#endif /* _TCPTRACECTL_LISTING_H */
