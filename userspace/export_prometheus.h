/* SPDX-License-Identifier: GPL-2.0 */
/* Export metrics in the Prometheus text format. */
#ifndef _TCPTRACECTL_EXPORT_PROMETHEUS_H
#define _TCPTRACECTL_EXPORT_PROMETHEUS_H

#include "metrics.h"
#include "replay.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	PROMETHEUS_TOP_MAX	= 100,
};

/**
 * struct prometheus - the exported metrics and their sources
 * @lock: protects @metrics and @warned
 * @metrics: sums over the records that have been counted
 * @epoch: when the module that made the records was loaded; 0: not known
 * @lost_before: value of metrics.lost when this run began
 * @top: number of ports that have their own metrics, at most PROMETHEUS_TOP_MAX
 * @stats_path: a file to read instead of the module's counters, or NULL
 * @capture: the capture that was read; NULL: the records come from the module
 * @fd: the device; -1 if it is not open
 * @warned: a warning about an unreadable file of counters has been printed
 */
struct prometheus {
	pthread_mutex_t lock;
	struct metrics metrics;
	u64 epoch;
	u64 lost_before;
	unsigned int top;
	const char *stats_path;
	const struct replay *capture;
	atomic_int fd;
	bool warned;
};

void prometheus_init(struct prometheus *p);
void prometheus_take(struct prometheus *p, const union record *rec);
int prometheus_text(struct prometheus *p, char **text, size_t *len);
int prometheus_textfile(struct prometheus *p, const char *path);
int prometheus_save(struct prometheus *p, const char *path);
void prometheus_resume(struct prometheus *p, const char *path, u64 epoch);

#endif /* _TCPTRACECTL_EXPORT_PROMETHEUS_H */
