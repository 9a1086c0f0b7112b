/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints that show the records of the device, except LOST, to ftrace, perf
 * and bpftrace, without the client. A tracepoint has the main fields of its
 * record, with the same values; an address is a struct sockaddr_in or
 * sockaddr_in6.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tcptrace

#if !defined(_TCPT_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TCPT_TRACE_H

#include <linux/in6.h>
#include <linux/tcptrace.h>
#include <linux/tracepoint.h>

void tcpt_trace_address(u8 *to, u16 family, const u8 *addr, u16 port);

/*
 * These lists have numeric values, because programs that read a format file do
 * not know enum constants.
 */
#define tcpt_show_state(x)						\
	__print_symbolic(x,						\
		{ 0, "CLOSED" }, { 1, "SYN_SENT" },			\
		{ 2, "SYN_RECEIVED" }, { 3, "ESTABLISHED" },		\
		{ 4, "FIN_WAIT_1" }, { 5, "FIN_WAIT_2" },		\
		{ 6, "CLOSE_WAIT" }, { 7, "CLOSING" },			\
		{ 8, "LAST_ACK" }, { 9, "TIME_WAIT" })

#define tcpt_show_reason(x)						\
	__print_symbolic(x,						\
		{ 0, "none" }, { 1, "active_open" },			\
		{ 2, "passive_open" }, { 3, "simultaneous_open" },	\
		{ 4, "synack_received" }, { 5, "syn_acked" },		\
		{ 6, "synack_implied" }, { 7, "syn_implied" },		\
		{ 8, "fin_sent" }, { 9, "fin_received" },		\
		{ 10, "fin_acked" }, { 11, "rst_sent" },		\
		{ 12, "rst_received" }, { 13, "refused" },		\
		{ 14, "midstream" }, { 15, "2msl" },			\
		{ 16, "syn_repeated" }, { 17, "synack_repeated" },	\
		{ 18, "fin_not_received" })

#define tcpt_show_close(x)						\
	__print_symbolic(x,						\
		{ 0, "none" }, { 1, "fin" }, { 2, "reset" },		\
		{ 3, "refused" }, { 4, "unanswered" },			\
		{ 5, "timeout" }, { 6, "evicted" }, { 7, "reused" },	\
		{ 8, "shutdown" },					\
		{ 9, "end-of-capture" }, { 10, "one_way" },		\
		{ 11, "unreachable" })

#define tcpt_show_suspicion(x)						\
	__print_symbolic(x,						\
		{ 1, "rst" }, { 2, "syn" }, { 3, "data" },		\
		{ 4, "ack" }, { 5, "synack" }, { 6, "rst_ttl" },	\
		{ 7, "after_rst" }, { 8, "isn_reuse" },			\
		{ 9, "challenged" }, { 10, "data_ttl" })

#define tcpt_show_finding(x)						\
	__print_symbolic(x,						\
		{ 1, "old_connection" }, { 2, "syn_repeated" },		\
		{ 3, "synack_repeated" }, { 4, "synack_unanswered" },	\
		{ 5, "two_synacks" }, { 6, "tfo_not_taken" },		\
		{ 7, "old_timestamp" }, { 8, "wscale_lost" },		\
		{ 9, "window_shrunk" }, { 10, "window_overrun" },	\
		{ 11, "zero_window" }, { 12, "probes_unanswered" },	\
		{ 13, "keep_alives_unanswered" },			\
		{ 14, "data_unanswered" }, { 15, "fin_unanswered" },	\
		{ 16, "path_mtu" }, { 17, "sack_outside" },		\
		{ 18, "ack_loop" }, { 19, "one_way" },			\
		{ 20, "seen_twice" }, { 21, "stray_rst" },		\
		{ 22, "syn_timestamp" }, { 23, "too_big" },		\
		{ 24, "route_moved" }, { 25, "asymmetric" },		\
		{ 26, "listener_full" })

#define tcpt_show_error(x)						\
	__print_symbolic(x,						\
		{ 1, "unreachable" }, { 2, "too_big" },			\
		{ 3, "time_exceeded" }, { 4, "parameter" })

#define tcpt_show_hook(x)						\
	__print_symbolic(x,						\
		{ 0, "none" }, { 1, "in" }, { 2, "forward" },		\
		{ 3, "out" }, { 4, "ingress" })

#define tcpt_show_fit(x)						\
	__print_symbolic(x,						\
		{ 0, "unknown" }, { 1, "exact" }, { 2, "in_window" },	\
		{ 3, "out_of_window" }, { 4, "old" })

#define tcpt_show_flags(x)						\
	__print_flags(x, "",						\
		{ 0x100, "N" }, { 0x80, "C" }, { 0x40, "E" },		\
		{ 0x20, "U" }, { 0x02, "S" }, { 0x01, "F" },		\
		{ 0x04, "R" }, { 0x08, "P" }, { 0x10, "A" })

/*
 * Common to all tracepoints except tcptrace_limit: the connection and the flags
 * of the segment.
 */
#define TCPT_TRACE_FIELDS						\
	__field(u64, conn)						\
	__field(u32, netns)						\
	__field(u16, flags)						\
	__array(u8, orig, sizeof(struct sockaddr_in6))			\
	__array(u8, resp, sizeof(struct sockaddr_in6))

#define TCPT_TRACE_ASSIGN						\
	__entry->conn = rec->flow.conn;					\
	__entry->netns = rec->flow.netns;				\
	__entry->flags = rec->seg.flags;				\
	tcpt_trace_address(__entry->orig, rec->flow.family,		\
			   rec->flow.orig_addr, rec->flow.orig_port);	\
	tcpt_trace_address(__entry->resp, rec->flow.family,		\
			   rec->flow.resp_addr, rec->flow.resp_port)

#define TCPT_TRACE_FORMAT	"conn=%llu netns=%u orig=%pISpc resp=%pISpc flags=%s"

#define TCPT_TRACE_VALUES						\
	__entry->conn, __entry->netns, __entry->orig, __entry->resp,	\
	tcpt_show_flags(__entry->flags)

TRACE_EVENT(tcptrace_open,
	TP_PROTO(const struct tcptrace_open *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
	),
	TP_printk(TCPT_TRACE_FORMAT, TCPT_TRACE_VALUES)
);

TRACE_EVENT(tcptrace_state,
	TP_PROTO(const struct tcptrace_transition *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(u32, number)
		__field(u8, end)
		__field(u8, from)
		__field(u8, to)
		__field(u8, reason)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->number = rec->number;
		__entry->end = rec->end;
		__entry->from = rec->from;
		__entry->to = rec->to;
		__entry->reason = rec->reason;
	),
	TP_printk(TCPT_TRACE_FORMAT " number=%u end=%u from=%s to=%s reason=%s",
		  TCPT_TRACE_VALUES, __entry->number, __entry->end,
		  tcpt_show_state(__entry->from), tcpt_show_state(__entry->to),
		  tcpt_show_reason(__entry->reason))
);

TRACE_EVENT(tcptrace_established,
	TP_PROTO(const struct tcptrace_established *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(u64, syn_synack_ns)
		__field(u64, synack_ack_ns)
		__field(u64, handshake_ns)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->syn_synack_ns = rec->syn_synack_ns;
		__entry->synack_ack_ns = rec->synack_ack_ns;
		__entry->handshake_ns = rec->handshake_ns;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " syn_synack_ns=%llu synack_ack_ns=%llu handshake_ns=%llu",
		  TCPT_TRACE_VALUES, __entry->syn_synack_ns,
		  __entry->synack_ack_ns, __entry->handshake_ns)
);

TRACE_EVENT(tcptrace_segment,
	TP_PROTO(const struct tcptrace_segment *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(u64, rtt_ns)
		__field(u32, seq)
		__field(u32, ack)
		__field(u32, len)
		__field(u16, window)
		__field(u16, analysis)
		__field(u8, sender)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->rtt_ns = rec->rtt_ns;
		__entry->seq = rec->seg.seq;
		__entry->ack = rec->seg.ack;
		__entry->len = rec->seg.len;
		__entry->window = rec->seg.window;
		__entry->analysis = rec->analysis;
		__entry->sender = rec->seg.from;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " sender=%u seq=%u ack=%u len=%u window=%u analysis=0x%x rtt_ns=%llu",
		  TCPT_TRACE_VALUES, __entry->sender, __entry->seq,
		  __entry->ack, __entry->len, __entry->window,
		  __entry->analysis, __entry->rtt_ns)
);

TRACE_EVENT(tcptrace_close,
	TP_PROTO(const struct tcptrace_close *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(u64, duration_ns)
		__field(u64, orig_bytes)
		__field(u64, resp_bytes)
		__field(u32, orig_rexmits)
		__field(u32, resp_rexmits)
		__field(u8, reason)
		__field(u8, by)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->duration_ns = rec->duration_ns;
		__entry->orig_bytes = rec->dir[0].bytes;
		__entry->resp_bytes = rec->dir[1].bytes;
		__entry->orig_rexmits = rec->dir[0].rexmit_packets;
		__entry->resp_rexmits = rec->dir[1].rexmit_packets;
		__entry->reason = rec->reason;
		__entry->by = rec->by;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " reason=%s by=%u duration_ns=%llu orig_bytes=%llu resp_bytes=%llu orig_rexmits=%u resp_rexmits=%u",
		  TCPT_TRACE_VALUES, tcpt_show_close(__entry->reason),
		  __entry->by, __entry->duration_ns, __entry->orig_bytes,
		  __entry->resp_bytes, __entry->orig_rexmits,
		  __entry->resp_rexmits)
);

TRACE_EVENT(tcptrace_suspected,
	TP_PROTO(const struct tcptrace_suspected *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(s64, distance)
		__field(u8, suspicion)
		__field(u8, fit)
		__field(u8, sender)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->distance = rec->distance;
		__entry->suspicion = rec->suspicion;
		__entry->fit = rec->fit;
		__entry->sender = rec->seg.from;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " sender=%u suspicion=%s fit=%s distance=%lld",
		  TCPT_TRACE_VALUES, __entry->sender,
		  tcpt_show_suspicion(__entry->suspicion),
		  tcpt_show_fit(__entry->fit), __entry->distance)
);

TRACE_EVENT(tcptrace_finding,
	TP_PROTO(const struct tcptrace_finding_record *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(u32, value)
		__field(u16, count)
		__field(u8, finding)
		__field(u8, end)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->value = rec->found.value;
		__entry->count = rec->found.count;
		__entry->finding = rec->found.finding;
		__entry->end = rec->found.end;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " finding=%s end=%u count=%u value=%u",
		  TCPT_TRACE_VALUES, tcpt_show_finding(__entry->finding),
		  __entry->end, __entry->count, __entry->value)
);

TRACE_EVENT(tcptrace_icmp,
	TP_PROTO(const struct tcptrace_icmp *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__array(u8, from, sizeof(struct sockaddr_in6))
		__field(u32, mtu)
		__field(u8, sender)
		__field(u8, kind)
		__field(u8, type)
		__field(u8, code)
		__field(u8, fit)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		tcpt_trace_address(__entry->from, rec->flow.family,
				   rec->error.addr, 0);
		__entry->mtu = rec->error.mtu;
		__entry->sender = rec->seg.from;
		__entry->kind = rec->error.kind;
		__entry->type = rec->error.type;
		__entry->code = rec->error.code;
		__entry->fit = rec->error.fit;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " sender=%u error=%s type=%u code=%u from=%pISc mtu=%u fit=%s",
		  TCPT_TRACE_VALUES, __entry->sender,
		  tcpt_show_error(__entry->kind), __entry->type,
		  __entry->code, __entry->from, __entry->mtu,
		  tcpt_show_fit(__entry->fit))
);

TRACE_EVENT(tcptrace_owner,
	TP_PROTO(const struct tcptrace_owner_record *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__field(u64, cookie)
		__field(u64, cgroup)
		__field(u32, inode)
		__field(u32, uid)
		__field(u32, pid)
		__field(u8, sender)
		__array(char, comm, TCPTRACE_COMM_MAX)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		__entry->cookie = rec->owner.cookie;
		__entry->cgroup = rec->owner.cgroup;
		__entry->inode = rec->owner.inode;
		__entry->uid = rec->owner.uid;
		__entry->pid = rec->owner.pid;
		__entry->sender = rec->seg.from;
		memcpy(__entry->comm, rec->owner.comm,
		       sizeof(rec->owner.comm));
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " sender=%u pid=%u comm=%s uid=%u inode=%u cookie=%llu cgroup=%llu",
		  TCPT_TRACE_VALUES, __entry->sender, __entry->pid,
		  __entry->comm, __entry->uid, __entry->inode,
		  __entry->cookie, __entry->cgroup)
);

TRACE_EVENT(tcptrace_drop,
	TP_PROTO(const struct tcptrace_drop *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		TCPT_TRACE_FIELDS
		__array(char, reason, TCPTRACE_DROP_REASON_MAX)
		__array(char, function, TCPTRACE_FUNCTION_MAX)
		__field(u32, ifindex)
		__field(u32, listener_drops)
		__field(u32, queued)
		__field(u32, queue_limit)
		__field(u8, sender)
		__field(u8, hook)
	),
	TP_fast_assign(
		TCPT_TRACE_ASSIGN;
		memcpy(__entry->reason, rec->reason, sizeof(rec->reason));
		memcpy(__entry->function, rec->function,
		       sizeof(rec->function));
		__entry->ifindex = rec->ifindex;
		__entry->listener_drops = rec->listener_drops;
		__entry->queued = rec->queued;
		__entry->queue_limit = rec->queue_limit;
		__entry->sender = rec->seg.from;
		__entry->hook = rec->seg.hook;
	),
	TP_printk(TCPT_TRACE_FORMAT
		  " sender=%u hook=%s ifindex=%u reason=%s function=%s queued=%u limit=%u listener_drops=%u",
		  TCPT_TRACE_VALUES, __entry->sender,
		  tcpt_show_hook(__entry->hook), __entry->ifindex,
		  __entry->reason, __entry->function, __entry->queued,
		  __entry->queue_limit, __entry->listener_drops)
);

TRACE_EVENT(tcptrace_limit,
	TP_PROTO(const struct tcptrace_limit *rec),
	TP_ARGS(rec),
	TP_STRUCT__entry(
		__field(u32, netns)
		__field(u32, span_ms)
		__array(u32, hits, TCPTRACE_LIMITS)
		__field(u32, opened)
		__field(u32, unanswered)
		__array(u8, receiver, sizeof(struct sockaddr_in6))
	),
	TP_fast_assign(
		__entry->netns = rec->netns;
		__entry->span_ms = rec->span_ms;
		memcpy(__entry->hits, rec->hits, sizeof(rec->hits));
		__entry->opened = rec->opened;
		__entry->unanswered = rec->unanswered;
		tcpt_trace_address(__entry->receiver, rec->family, rec->addr,
				   rec->port);
	),
	TP_printk("netns=%u span_ms=%u half_open=%u table=%u full=%u chain=%u memory=%u readers=%u opened=%u unanswered=%u receiver=%pISpc",
		  __entry->netns, __entry->span_ms,
		  __entry->hits[TCPTRACE_LIMIT_HALF_OPEN],
		  __entry->hits[TCPTRACE_LIMIT_TABLE],
		  __entry->hits[TCPTRACE_LIMIT_FULL],
		  __entry->hits[TCPTRACE_LIMIT_CHAIN],
		  __entry->hits[TCPTRACE_LIMIT_MEMORY],
		  __entry->hits[TCPTRACE_LIMIT_READERS],
		  __entry->opened, __entry->unanswered, __entry->receiver)
);

#endif /* _TCPT_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
