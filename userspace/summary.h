/* SPDX-License-Identifier: GPL-2.0 */
/* Summarize a capture, and report its problems. */
#ifndef _TCPTRACECTL_SUMMARY_H
#define _TCPTRACECTL_SUMMARY_H

#include "replay.h"

void summary_notes(const struct replay *r,
		   void (*take)(void *data, const char *text), void *data);
void summary_warn(const struct replay *r);
int summary_show(const struct replay *r, bool json);

#endif /* _TCPTRACECTL_SUMMARY_H */
