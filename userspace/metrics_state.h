/* SPDX-License-Identifier: GPL-2.0 */
/* Keep the sums in a file, so that they survive a restart of this program. */
#ifndef _TCPTRACECTL_METRICS_STATE_H
#define _TCPTRACECTL_METRICS_STATE_H

#include "metrics.h"

int metrics_state_write(const struct metrics *m, u64 epoch, const char *path);
int metrics_state_read(struct metrics *m, u64 epoch, const char *path);

#endif /* _TCPTRACECTL_METRICS_STATE_H */
