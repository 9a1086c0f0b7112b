/* SPDX-License-Identifier: GPL-2.0 */
/* What moves: packets, limits, losses. */
#ifndef _TCPTRACECTL_PULSE_H
#define _TCPTRACECTL_PULSE_H

#include "report.h"

void pulse_check(struct report *report, unsigned int seconds);

#endif /* _TCPTRACECTL_PULSE_H */
