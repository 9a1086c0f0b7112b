/* SPDX-License-Identifier: GPL-2.0 */
/* The module's limits, by the counters that show that one was hit. */
#ifndef _TCPTRACECTL_LIMIT_H
#define _TCPTRACECTL_LIMIT_H

#include "report.h"
#include "sums.h"

void limits_check(struct report *report, const struct sums *from,
		  const struct sums *to, unsigned int seconds);

#endif /* _TCPTRACECTL_LIMIT_H */
