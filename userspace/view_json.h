/* SPDX-License-Identifier: GPL-2.0 */
/* Write events as JSON. Do not change names: tcptracectl(8) documents them. */
#ifndef _TCPTRACECTL_VIEW_JSON_H
#define _TCPTRACECTL_VIEW_JSON_H

#include "json_writer.h"
#include "record.h"

void view_json_step(struct json_writer *w, const struct tcptrace_transition *t);
/**
 * struct view_json_stamp - where and when a record was made
 * @offset: CLOCK_REALTIME minus the clock of the record
 * @frame: number of the record's packet in a capture, or 0
 * @interface: name of the interface on which the packet was captured, or NULL
 * @host: name of the host, or NULL
 * @epoch: when the module was loaded, ns of CLOCK_REALTIME; 0: not known
 */
struct view_json_stamp {
	u64 offset;
	u64 frame;
	const char *interface;
	const char *host;
	u64 epoch;
};

void view_json(struct json_writer *w, const union record *rec,
	       const struct view_json_stamp *stamp);

#endif /* _TCPTRACECTL_VIEW_JSON_H */
