/* SPDX-License-Identifier: GPL-2.0 */
/* Charts of a report. */
#ifndef _TCPTRACECTL_REPORT_CHART_H
#define _TCPTRACECTL_REPORT_CHART_H

#include "throughput.h"

#include <linux/tcptrace.h>
#include <stdio.h>

void report_chart_throughput(FILE *to, const struct throughput *s);
void report_chart_histogram(FILE *to, const char *title, const char *one,
			    const char *other,
			    const u64 a[TCPTRACE_RTT_BUCKETS],
			    const u64 b[TCPTRACE_RTT_BUCKETS]);

#endif /* _TCPTRACECTL_REPORT_CHART_H */
