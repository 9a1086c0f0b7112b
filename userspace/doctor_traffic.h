/* SPDX-License-Identifier: GPL-2.0 */
/* doctor: for some seconds, count packets, losses and hits of limits. */
#ifndef _TCPTRACECTL_DOCTOR_TRAFFIC_H
#define _TCPTRACECTL_DOCTOR_TRAFFIC_H

#include "doctor_report.h"
#include "proc_stats.h"

void doctor_traffic_check(struct report *report, unsigned int seconds);

#endif /* _TCPTRACECTL_DOCTOR_TRAFFIC_H */
