// SPDX-License-Identifier: GPL-2.0
#include "view_segment.h"

#include "core/name.h"
#include "timefmt.h"

#include <linux/tcptrace.h>
#include <stdio.h>
#include <string.h>

static const struct {
	u16 bit;
	const char *name;
} names[] = {
	{ TCPTRACE_OPT_MSS, "mss" },
	{ TCPTRACE_OPT_WSCALE, "wscale" },
	{ TCPTRACE_OPT_SACK_PERM, "sack_perm" },
	{ TCPTRACE_OPT_SACK, "sack" },
	{ TCPTRACE_OPT_TIMESTAMP, "timestamp" },
	{ TCPTRACE_OPT_TFO, "tfo" },
	{ TCPTRACE_OPT_MPTCP, "mptcp" },
	{ TCPTRACE_OPT_MD5, "md5" },
	{ TCPTRACE_OPT_AO, "ao" },
	{ TCPTRACE_OPT_UNKNOWN, "unknown" },
	{ TCPTRACE_OPT_MALFORMED, "malformed" },
	{ TCPTRACE_OPT_ECN, "ecn" },
};

/**
 * tcpopt_next - remove the first option from a set
 * @options: bits TCPTRACE_OPT_*; the bit of the returned option is cleared
 *
 * Return: the name of the option, a constant string; NULL if no known bit is
 * left.
 */
const char *tcpopt_next(u16 *options)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(*options & names[i].bit))
			continue;
		*options &= (u16)~names[i].bit;
		return names[i].name;
	}
	return NULL;
}

/**
 * view_segment_flags - write flags, such as "SYN,ACK"
 * @flags: TCPTRACE_FIN and so on; other bits are ignored
 * @buf: buffer for the flags; gets "-" if no flag is set
 *
 * Return: @buf.
 */
const char *view_segment_flags(unsigned int flags,
			       char buf[VIEW_SEGMENT_FLAGS_LEN])
{
	static const struct {
		u16 flag;
		const char *name;
	} words[] = {
		{ TCPTRACE_SYN, "SYN" }, { TCPTRACE_FIN, "FIN" },
		{ TCPTRACE_RST, "RST" }, { TCPTRACE_PSH, "PSH" },
		{ TCPTRACE_URG, "URG" }, { TCPTRACE_ECE, "ECE" },
		{ TCPTRACE_CWR, "CWR" }, { TCPTRACE_AE, "AE" },
		{ TCPTRACE_ACK, "ACK" },
	};
	size_t i, n = 0;

	memcpy(buf, "-", 2);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (flags & words[i].flag)
			n += (size_t)snprintf(buf + n,
					      VIEW_SEGMENT_FLAGS_LEN - n,
					      "%s%s", n ? "," : "",
					      words[i].name);
	return buf;
}

/**
 * view_segment_text - write a segment, such as "[SA] seq 0 ack 1 len 0"
 * @line: the line
 * @seg: the segment
 * @raw: write raw instead of relative sequence numbers
 *
 * Return: width of the segment.
 */
size_t view_segment_text(struct line *line, const struct tcptrace_seg *seg,
			 bool raw)
{
	char flags[TCPT_FLAGS_LEN], text[80], ack[24] = "";

	if (seg->hook == TCPTRACE_HOOK_NONE) {
		line_item(line, TERM_DIM, 0, "no segment");
		return strlen("no segment");
	}
	if (seg->flags & TCPTRACE_ACK)
		snprintf(ack, sizeof(ack), " ack %u",
			 raw ? seg->ack : seg->rel_ack);
	snprintf(text, sizeof(text), "[%s] seq %u%s len %u",
		 tcpt_flags_name(seg->flags, flags),
		 raw ? seg->seq : seg->rel_seq, ack, seg->len);
	line_item(line, TERM_PLAIN, 0, "%s", text);
	return strlen(text);
}

/**
 * view_segment_next - write the sequence number after the segment
 * @line: the line
 * @seg: the segment
 * @raw: write raw instead of relative sequence numbers
 *
 * The other end acknowledges the segment with this number. SYN and FIN each
 * occupy one sequence number. For a segment that occupies no sequence number,
 * nothing is written.
 */
void view_segment_next(struct line *line, const struct tcptrace_seg *seg,
		       bool raw)
{
	u32 next = seg->len;

	next += seg->flags & TCPTRACE_SYN ? 1 : 0;
	next += seg->flags & TCPTRACE_FIN ? 1 : 0;
	if (next != 0)
		line_item(line, TERM_PLAIN, 1, "next %u",
			  next + (raw ? seg->seq : seg->rel_seq));
}

static void add_sack(struct line *line, const struct tcptrace_segment *s,
		     bool raw)
{
	/* Like the ACK, SACK blocks are sequence numbers of the other end. */
	u32 isn = raw ? 0 : s->seg.ack - s->seg.rel_ack;
	size_t i;

	line_item(line, TERM_PLAIN, 1, "sack");
	for (i = 0; i < s->sack_blocks && i < ARRAY_SIZE(s->sack); i++)
		line_item(line, TERM_PLAIN, 1, "%u:%u", s->sack[i][0] - isn,
			  s->sack[i][1] - isn);
}

void view_segment_options(struct line *line, const struct tcptrace_segment *s,
			  bool raw)
{
	u16 valued = TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE |
		     TCPTRACE_OPT_TIMESTAMP | TCPTRACE_OPT_SACK |
		     TCPTRACE_OPT_TFO | TCPTRACE_OPT_MPTCP;
	u16 left = s->options & (u16)~valued;
	const char *name;

	if (s->options & TCPTRACE_OPT_MSS)
		line_item(line, TERM_PLAIN, 1, "mss %u", s->mss);
	if (s->options & TCPTRACE_OPT_WSCALE)
		line_item(line, TERM_PLAIN, 1, "wscale %u", s->wscale);
	if (s->options & TCPTRACE_OPT_TIMESTAMP)
		line_item(line, TERM_PLAIN, 1, "ts %u/%u", s->tsval,
			  s->tsecr);
	if (s->options & TCPTRACE_OPT_SACK)
		add_sack(line, s, raw);
	if (s->options & TCPTRACE_OPT_TFO)
		line_item(line, TERM_PLAIN, 1, "tfo %u", s->tfo_len);
	if (s->options & TCPTRACE_OPT_MPTCP)
		line_item(line, TERM_PLAIN, 1, "mptcp %u", s->mptcp_subtype);
	while ((name = tcpopt_next(&left)))
		line_item(line, TERM_PLAIN, 1, "%s", name);
}

/* "rtt 1.23 ms rexmit 100 B [retransmission] [duplicate_ack #2]" */
void view_segment_classes(struct line *line, const struct tcptrace_segment *s)
{
	unsigned int left = s->analysis & ~TCPTRACE_A_DUPLICATE_ACK;
	char span[TIMEFMT_LEN];
	const char *name;
	unsigned int bit;

	if (s->rtt_ns != 0) {
		timefmt_span(s->rtt_ns, span, sizeof(span));
		line_item(line, TERM_PLAIN, 1, "rtt %s", span);
	}
	if (s->rexmit_bytes != 0)
		line_item(line, TERM_YELLOW, 1, "rexmit %u B",
			  s->rexmit_bytes);
	for (bit = 0; (name = tcpt_wireshark_name(bit)); bit++)
		if (left & 1U << bit)
			line_item(line, TERM_YELLOW, 1, "[%s]", name);
	if (s->analysis & TCPTRACE_A_DUPLICATE_ACK)
		line_item(line, TERM_YELLOW, 1, "[duplicate_ack #%u]",
			  s->dup_ack_num);
}
