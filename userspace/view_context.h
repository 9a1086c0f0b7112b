/* SPDX-License-Identifier: GPL-2.0 */
/* Write namespace, owners, interfaces and NAT of a connection (text, JSON). */
#ifndef _TCPTRACECTL_VIEW_CONTEXT_H
#define _TCPTRACECTL_VIEW_CONTEXT_H

#include "json_writer.h"
#include "line.h"

#include <linux/tcptrace.h>

/* Room for the longest name of a network namespace */
#define VIEW_CONTEXT_NETNS_LEN	256

void view_context_open_text(struct line *line, const struct tcptrace_open *rec,
			    bool verbose);
void view_context_nat_text(struct line *line, const struct tcptrace_flow *flow,
			   const struct tcptrace_nat *nat);
void view_context_owners_text(struct line *line,
			      const struct tcptrace_context *context,
			      bool verbose);
void view_context_owner_text(struct line *line,
			     const struct tcptrace_owner_record *rec);
void view_context_json(struct json_writer *w, const struct tcptrace_flow *flow,
		       const struct tcptrace_context *context);
void view_context_owner_json(struct json_writer *w,
			     const struct tcptrace_owner_record *rec);
void view_context_netns(u32 netns, char buf[VIEW_CONTEXT_NETNS_LEN]);
void view_context_netns_json(struct json_writer *w, u32 netns);
void view_context_interface(u32 ifindex, char *buf, size_t size);

#endif /* _TCPTRACECTL_VIEW_CONTEXT_H */
