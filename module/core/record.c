// SPDX-License-Identifier: GPL-2.0
#include "record.h"

#include "record_plain.h"
#include "result.h"
#include "rfc5961.h"
#include "segment.h"
#include "tcb.h"
#include "zeek.h"

/* Begin a rare record: tcpt_record_begin(), and zero the remaining bytes. */
static noinline void begin_zeroed(void *rec, size_t len, u16 type,
				  const struct tcpt_source *source,
				  const struct tcpt_cause *cause)
{
	size_t filled = offsetof(struct tcptrace_open, context);

	tcpt_record_begin(rec, type, source, cause);
	memset((u8 *)rec + filled, 0, len - filled);
}

/**
 * tcpt_record_options - fill in the options of a segment, except timestamps
 * @rec: the record of the segment, whose option fields are zero
 * @opt: the options
 *
 * Context: any.
 */
void tcpt_record_options(struct tcptrace_segment *rec,
			 const struct tcpt_options *opt)
{
	if (opt->present & TCPTRACE_OPT_MSS)
		rec->mss = opt->mss;
	if (opt->present & TCPTRACE_OPT_WSCALE)
		rec->wscale = opt->wscale;
	if (opt->present & TCPTRACE_OPT_TFO)
		rec->tfo_len = opt->tfo_len;
	if (opt->present & TCPTRACE_OPT_MPTCP)
		rec->mptcp_subtype = opt->mptcp_subtype;
	if (opt->present & TCPTRACE_OPT_SACK) {
		rec->sack_blocks = opt->sack_blocks;
		memcpy(rec->sack, opt->sack, opt->sack_blocks * 8);
	}
}

/*
 * RFC 3168 section 6.1.1: the SYN has ECE and CWR, the SYN,ACK has ECE alone.
 */
static bool ecn_agreed(const struct tcpt_track *t)
{
	return (t->end[0].syn_flags & (TCPTRACE_ECE | TCPTRACE_CWR)) ==
		       (TCPTRACE_ECE | TCPTRACE_CWR) &&
	       (t->end[1].syn_flags & (TCPTRACE_ECE | TCPTRACE_CWR)) ==
		       TCPTRACE_ECE;
}

static u8 offered_wscale(const struct tcpt_endpoint *e)
{
	return e->options & TCPTRACE_OPT_WSCALE ? e->wscale :
						  TCPTRACE_WSCALE_NONE;
}

static u8 rexmits_of(unsigned int sent)
{
	return sent ? sent - 1 : 0;
}

/**
 * tcpt_record_established - fill in ESTABLISHED for a completed handshake
 * @rec: filled in
 * @source: the connection
 * @cause: the segment that completed the handshake
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_established(struct tcptrace_established *rec,
			     const struct tcpt_source *source,
			     const struct tcpt_cause *cause)
{
	const struct tcpt_track *t = source->track;
	const struct tcpt_endpoint *orig = &t->end[0];
	const struct tcpt_endpoint *resp =
		&t->end[!(t->marks & TCPT_MARK_SELF)];

	begin_zeroed(rec, sizeof(*rec), TCPTRACE_ESTABLISHED, source, cause);
	rec->syn_synack_ns = t->syn_synack;
	rec->synack_ack_ns = t->synack_ack;
	rec->handshake_ns = t->syn ? t->established - t->first : 0;
	rec->syn_rexmits = rexmits_of(orig->syns);
	rec->synack_rexmits = rexmits_of(resp->synacks);
	rec->options = orig->options & resp->options;
	if (ecn_agreed(t))
		rec->options |= TCPTRACE_OPT_ECN;
	rec->mss[0] = orig->mss;
	rec->mss[1] = resp->mss;
	rec->wscale[0] = offered_wscale(orig);
	rec->wscale[1] = offered_wscale(resp);
	tcpt_plain_context(&rec->context, source);
}

/**
 * tcpt_record_suspected - fill in SUSPECTED, evidence against a segment
 * @rec: filled in
 * @source: the connection
 * @cause: the segment
 * @suspicion: the suspicion
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_suspected(struct tcptrace_suspected *rec,
			   const struct tcpt_source *source,
			   const struct tcpt_cause *cause,
			   const struct tcpt_suspicion *suspicion)
{
	begin_zeroed(rec, sizeof(*rec), TCPTRACE_SUSPECTED, source, cause);
	rec->distance = suspicion->distance;
	rec->since_ns = suspicion->since;
	rec->expected = suspicion->expected;
	rec->suspicion = suspicion->what;
	rec->fit = suspicion->fit;
	rec->ttl = cause->seg->ttl;
	rec->ttl_min = suspicion->ttl_min;
	rec->ttl_max = suspicion->ttl_max;
}

static void fill_found(struct tcptrace_found *to,
		       const struct tcpt_finding *finding)
{
	to->finding = finding->kind;
	to->end = finding->end;
	to->count = finding->count;
	to->value = finding->value;
}

/**
 * tcpt_record_finding - fill in FINDING, a fact about a connection
 * @rec: filled in
 * @source: the connection
 * @cause: the segment that proved the finding, or that an ICMP error quotes; or
 *	the event that ended the connection
 * @finding: the finding
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_finding(struct tcptrace_finding_record *rec,
			 const struct tcpt_source *source,
			 const struct tcpt_cause *cause,
			 const struct tcpt_finding *finding)
{
	begin_zeroed(rec, sizeof(*rec), TCPTRACE_FINDING, source, cause);
	fill_found(&rec->found, finding);
}

static void fill_rtt(struct tcptrace_dir *to, const struct tcpt_rtt *rtt)
{
	unsigned int i;

	to->rtt_min_ns = rtt->min;
	to->rtt_last_ns = rtt->last;
	to->srtt_ns = rtt->smoothed;
	to->rttvar_ns = rtt->variation;
	to->rtt_samples = rtt->samples;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		to->rtt_hist[i] = rtt->hist[i];
}

static void fill_tally(struct tcptrace_dir *to, const struct tcpt_counters *t)
{
	to->idle_max_ns = t->idle_max;
	to->data_ns = t->last_data - t->first_data;
	to->data_packets = t->data_packets;
	to->out_of_order = t->out_of_order;
	to->acks = t->acks;
	to->pure_acks = t->pure_acks;
	to->dup_acks = t->dup_acks;
	to->triple_dup_acks = t->triple_dup_acks;
	to->sack_packets = t->sack_packets;
	to->sack_blocks = t->sack_blocks;
	to->dsacks = t->dsacks;
	to->zero_windows = t->zero_windows;
	to->zero_window_probes = t->zero_window_probes;
	to->window_full = t->window_full;
	to->keep_alives = t->keep_alives;
	to->pushes = t->pushes;
	to->urgent_packets = t->urgent_packets;
	to->urgent_bytes = t->urgent_bytes;
	to->syns = t->syns;
	to->fins = t->fins;
	to->rsts = t->rsts;
	to->window_min = t->window_min;
	to->window_max = t->window_max;
	to->initial_bytes = t->initial_bytes;
	to->initial_packets = t->initial_packets;
	to->segment_min = t->segment_min;
	to->segment_max = t->segment_max;
	to->ect0 = t->ect0;
	to->ect1 = t->ect1;
	to->ce = t->ce;
	to->ece = t->ece;
	to->cwr = t->cwr;
	to->ttl_first = t->ttl_first;
	to->ttl_min = t->ttl_min;
	to->ttl_max = t->ttl_max;
	to->sack_blocks_max = t->sack_blocks_max;
}

static void fill_dir(struct tcptrace_dir *to, const struct tcpt_endpoint *e)
{
	to->packets = e->packets;
	to->segments = e->segments;
	to->bytes = e->bytes;
	to->unique_bytes = e->unique_bytes;
	to->rexmit_bytes = e->rexmit_bytes;
	to->missed_bytes = e->missed_bytes;
	to->rexmit_packets = e->rexmit_packets;
	to->flags = e->flags;
	to->mss = e->mss;
	to->wscale = offered_wscale(e);
	to->state = e->state;
	fill_tally(to, &e->counters);
	fill_rtt(to, &e->rtt);
}

/* RFC 5102 section 5.11.3 */
static u8 end_reason(unsigned int reason)
{
	switch (reason) {
	case TCPTRACE_CLOSE_UNANSWERED:
	case TCPTRACE_CLOSE_UNREACHABLE:
	case TCPTRACE_CLOSE_TIMEOUT:
	case TCPTRACE_CLOSE_ONE_WAY:
		return TCPTRACE_END_IDLE;
	case TCPTRACE_CLOSE_EVICTED:
		return TCPTRACE_END_RESOURCES;
	case TCPTRACE_CLOSE_SHUTDOWN:
	case TCPTRACE_CLOSE_CAPTURE:
		return TCPTRACE_END_FORCED;
	default:
		return TCPTRACE_END_DETECTED;
	}
}

static void fill_findings(struct tcptrace_close *rec,
			  const struct tcpt_findings *f)
{
	unsigned int i;

	static_assert((int)TCPT_FINDINGS_MAX == TCPTRACE_FOUND_MAX,
		      "room for all findings");
	rec->findings = f->raised;
	for (i = 0; i < f->used; i++)
		fill_found(&rec->found[i], &f->list[i]);
}

/*
 * Copy a string to @to, which the caller has zeroed. A string that is too long
 * is cut, so that the copy ends with NUL.
 */
static void fill_string(char *to, const char *from, size_t room)
{
	size_t len = strlen(from);

	memcpy(to, from, len < room ? len : room - 1);
}

static void fill_opening(struct tcptrace_opening *to,
			 const struct tcpt_track *t, unsigned int hook)
{
	const struct tcpt_fate *f = &t->fate;

	to->fate = tcpt_fate_of(t, hook);
	to->drops = f->drops;
	to->error = f->error;
	if (to->fate == TCPTRACE_FATE_DROPPED ||
	    to->fate == TCPTRACE_FATE_LEFT ||
	    to->fate == TCPTRACE_FATE_DELIVERED)
		to->ifindex = f->ifindex;
	if (f->step != TCPT_FATE_DROPPED)
		return;
	if (to->fate == TCPTRACE_FATE_DROPPED)
		to->hook = f->hook;
	if (to->fate == TCPTRACE_FATE_DROPPED ||
	    to->fate == TCPTRACE_FATE_REJECTED)
		fill_string(to->reason, f->reason, sizeof(to->reason));
}

/**
 * tcpt_record_close - fill in CLOSE, the summary of a closed connection
 * @rec: filled in
 * @source: the connection
 * @cause: the event that ended the connection
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_close(struct tcptrace_close *rec,
		       const struct tcpt_source *source,
		       const struct tcpt_cause *cause)
{
	const struct tcpt_track *t = source->track;

	begin_zeroed(rec, sizeof(*rec), TCPTRACE_CLOSE, source, cause);
	rec->start = t->first;
	rec->duration_ns = t->last - t->first;
	rec->established_ns = t->established ? t->last - t->established : 0;
	rec->syn_synack_ns = t->syn_synack;
	rec->synack_ack_ns = t->synack_ack;
	/* the time in a capture may go backwards */
	if (t->wireshark.initial_rtt <= rec->duration_ns)
		rec->initial_rtt_ns = t->wireshark.initial_rtt;
	fill_dir(&rec->dir[0], &t->end[0]);
	fill_dir(&rec->dir[1], &t->end[1]);
	/* both ends are one socket, and end 1 has sent nothing */
	if (t->marks & TCPT_MARK_SELF)
		rec->dir[1].state = t->end[0].state;
	rec->transitions = t->transitions;
	rec->suspected = t->suspected;
	rec->reason = t->close_reason;
	rec->by = t->by;
	rec->conn_state = tcpt_zeek_conn_state(&t->zeek);
	rec->end_reason = end_reason(t->close_reason);
	rec->completeness = t->wireshark.completeness;
	memcpy(rec->history, t->zeek.letters, t->zeek.len);
	fill_findings(rec, &t->findings);
	fill_opening(&rec->opening, t, cause->hook);
	tcpt_chrono_fill(rec, t);
	tcpt_plain_context(&rec->context, source);
}

/**
 * tcpt_record_icmp - fill in ICMP for an error that quotes a segment
 * @rec: filled in
 * @source: the connection; its id is 0 if there is no connection
 * @cause: the quoted segment
 * @error: the error
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_icmp(struct tcptrace_icmp *rec,
		      const struct tcpt_source *source,
		      const struct tcpt_cause *cause,
		      const struct tcptrace_error *error)
{
	begin_zeroed(rec, sizeof(*rec), TCPTRACE_ICMP, source, cause);
	rec->error = *error;
}

/**
 * tcpt_record_owner - fill in OWNER when the owner of an end is known
 * @rec: filled in
 * @source: the connection; it has a context
 * @cause: the segment that the end sent
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_owner(struct tcptrace_owner_record *rec,
		       const struct tcpt_source *source,
		       const struct tcpt_cause *cause)
{
	begin_zeroed(rec, sizeof(*rec), TCPTRACE_OWNER, source, cause);
	rec->owner = source->context->owner[cause->from];
}

/**
 * tcpt_record_drop - fill in DROP for a segment that this host dropped
 * @rec: filled in
 * @source: the connection; its id is 0 if there is no connection
 * @cause: the segment
 * @passage: why and where the segment was dropped
 *
 * Context: any; the connection must not change.
 */
void tcpt_record_drop(struct tcptrace_drop *rec,
		      const struct tcpt_source *source,
		      const struct tcpt_cause *cause,
		      const struct tcpt_passage *passage)
{
	begin_zeroed(rec, sizeof(*rec), TCPTRACE_DROP, source, cause);
	rec->ifindex = passage->ifindex;
	rec->listener_drops = passage->backlog.drops;
	rec->queued = passage->backlog.queued;
	rec->queue_limit = passage->backlog.limit;
	fill_string(rec->reason, passage->reason, sizeof(rec->reason));
	fill_string(rec->function, passage->function, sizeof(rec->function));
}
