/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fill in records of the ABI from the state of a connection: every byte except
 * the length and the record number, which the owner of the memory sets.
 */
#ifndef _TCPT_RECORD_H
#define _TCPT_RECORD_H

#include "env.h"
#include "wireshark.h"

#include <linux/tcptrace.h>

struct tcpt_finding;
struct tcpt_flow;
struct tcpt_options;
struct tcpt_passage;
struct tcpt_segment;
struct tcpt_suspicion;
struct tcpt_track;

/**
 * struct tcpt_source - the connection that a record is about
 * @track: state of the connection
 * @flow: key of the connection
 * @context: what this host knows about the connection, or NULL
 * @id: the connection id, 0 if there is no connection
 * @iss: as in struct tcpt_endpoint, of the originator and the responder
 * @orig: which end of @flow is the originator
 * @marks: as in struct tcpt_track
 *
 * SEGMENT needs neither @track nor @context.
 */
struct tcpt_source {
	const struct tcpt_track *track;
	const struct tcpt_flow *flow;
	const struct tcptrace_context *context;
	u64 id;
	u32 iss[2];
	u8 orig;
	u8 marks;
};

/**
 * struct tcpt_cause - the event that causes a record
 * @seg: the segment; NULL if no segment causes the record (a timeout, for
 *	example)
 * @packet: the packet of @seg, for use by the sink; the core ignores it
 * @now: time of the record, ns
 * @found: Wireshark's classes of @seg
 * @rtt: the round trip time that @seg measures, ns, 0 if none
 * @rexmit: number of payload bytes of @seg that were seen before
 * @hook: enum tcptrace_hook
 * @from: the sender: 0 for the originator, 1 for the responder
 */
struct tcpt_cause {
	const struct tcpt_segment *seg;
	const void *packet;
	u64 now;
	struct tcpt_wireshark_result found;
	u64 rtt;
	u32 rexmit;
	u8 hook;
	u8 from;
};

void tcpt_record_options(struct tcptrace_segment *rec,
			 const struct tcpt_options *opt);
void tcpt_record_established(struct tcptrace_established *rec,
			     const struct tcpt_source *source,
			     const struct tcpt_cause *cause);
void tcpt_record_close(struct tcptrace_close *rec,
		       const struct tcpt_source *source,
		       const struct tcpt_cause *cause);
void tcpt_record_suspected(struct tcptrace_suspected *rec,
			   const struct tcpt_source *source,
			   const struct tcpt_cause *cause,
			   const struct tcpt_suspicion *suspicion);
void tcpt_record_finding(struct tcptrace_finding_record *rec,
			 const struct tcpt_source *source,
			 const struct tcpt_cause *cause,
			 const struct tcpt_finding *finding);
void tcpt_record_icmp(struct tcptrace_icmp *rec,
		      const struct tcpt_source *source,
		      const struct tcpt_cause *cause,
		      const struct tcptrace_error *error);
void tcpt_record_owner(struct tcptrace_owner_record *rec,
		       const struct tcpt_source *source,
		       const struct tcpt_cause *cause);
void tcpt_record_drop(struct tcptrace_drop *rec,
		      const struct tcpt_source *source,
		      const struct tcpt_cause *cause,
		      const struct tcpt_passage *passage);

#endif /* _TCPT_RECORD_H */
