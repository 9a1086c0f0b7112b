// SPDX-License-Identifier: GPL-2.0
/* Test how connections open: RFC 9293 section 3.5, RFC 7413 and SYN cookies. */
#include "script.h"

/* RFC 9293 figure 6 */
static const struct line three_way[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK,
	     WHY1(ACTIVE_OPEN)),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     WHY2(PASSIVE_OPEN, SYNACK_RECEIVED)),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     WHY1(SYN_ACKED), .events = EV_OPEN),
	{}
};

static const struct line ack_with_data[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	LINE("ACK", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK),
	{}
};

/*
 * RFC 9293 figure 7: both SYNs are seen before any answer, and both ends pass
 * through SYN-RECEIVED.
 */
static const struct line crossed[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN back", RESP, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED, OK,
	     WHY3(ACTIVE_OPEN, SIMULTANEOUS_OPEN, SIMULTANEOUS_OPEN)),
	LINE("orig's SYN,ACK", ORIG, SYNACK, 0, 1, 0, SYN_RECEIVED, ESTAB, OK,
	     WHY1(SYN_ACKED)),
	LINE("resp's SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, ESTAB, OK,
	     WHY1(SYN_ACKED), .events = EV_OPEN),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line crossed_resp_first[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN back", RESP, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED, OK),
	LINE("resp's SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     WHY1(SYN_ACKED)),
	LINE("orig's SYN,ACK", ORIG, SYNACK, 0, 1, 0, ESTAB, ESTAB, OK,
	     WHY1(SYN_ACKED), .events = EV_OPEN),
	{}
};

static const struct line crossed_rexmit[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN back", RESP, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED, OK),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED, OK),
	LINE("SYN back again", RESP, SYN, 0, 0, 0, SYN_RECEIVED, SYN_RECEIVED,
	     OK),
	LINE("orig's SYN,ACK", ORIG, SYNACK, 0, 1, 0, SYN_RECEIVED, ESTAB, OK),
	LINE("ACK of resp", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

/* The socket receives its own segments, so the connection has only end 0. */
static const struct line self[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_RECEIVED, CLOSED, OK,
	     WHY2(ACTIVE_OPEN, SIMULTANEOUS_OPEN)),
	LINE("SYN,ACK", ORIG, SYNACK, 0, 1, 0, ESTAB, CLOSED, OK,
	     WHY1(SYN_ACKED), .events = EV_OPEN),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, CLOSED, OK),
	LINE("data", ORIG, ACK, 1, 1, 10, ESTAB, CLOSED, OK),
	LINE("ACK of data", ORIG, ACK, 11, 11, 0, ESTAB, CLOSED, OK),
	LINE("FIN", ORIG, FIN, 11, 11, 0, CLOSING, CLOSED, OK,
	     WHY2(FIN_SENT, FIN_RECEIVED)),
	LINE("ACK of FIN", ORIG, ACK, 12, 12, 0, TIME_WAIT, CLOSED, OK,
	     WHY1(FIN_ACKED), .events = EV_CLOSED),
	{}
};

static const struct line tfo_accepted[] = {
	LINE("SYN+data", ORIG, SYN, 0, 0, 100, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK of SYN and data", RESP, SYNACK, 0, 101, 0, ESTAB, SYN_RECEIVED,
	     OK),
	LINE("answer before the ACK", RESP, ACK, 1, 101, 500, ESTAB,
	     SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 101, 501, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

static const struct line tfo_ignored[] = {
	LINE("SYN+data", ORIG, SYN, 0, 0, 100, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK of the SYN", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED,
	     OK),
	LINE("data again", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

static const struct line tfo_rexmit[] = {
	LINE("SYN+data", ORIG, SYN, 0, 0, 100, SYN_SENT, CLOSED, OK),
	LINE("SYN without data", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN with more data", ORIG, SYN, 0, 0, 150, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK of the SYN", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED,
	     OK),
	LINE("data again", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

static const struct line syn_rexmit[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("the SYN,ACK did not arrive", ORIG, SYN, 0, 0, 0, SYN_SENT,
	     SYN_RECEIVED, OK, WHY1(SYN_REPEATED)),
	LINE("the second SYN,ACK does not arrive", RESP, SYNACK, 0, 1, 0, SYN_SENT,
	     SYN_RECEIVED, OK),
	LINE("the SYN,ACK has arrived", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     WHY2(SYNACK_RECEIVED, SYN_ACKED), .events = EV_OPEN),
	LINE("a SYN,ACK for another SYN", RESP, SYNACK, 0, 1, 0,
	     ESTAB, ESTAB, OK),
	LINE("the ACK did not arrive", RESP, SYNACK, 0, 1, 0, ESTAB,
	     SYN_RECEIVED, OK, WHY1(SYNACK_REPEATED), .s.us = 1000000),
	LINE("the second ACK does not arrive", ORIG, ACK, 1, 1, 0, ESTAB,
	     SYN_RECEIVED, OK),
	LINE("data does not arrive", ORIG, ACK, 1, 1, 5, ESTAB, SYN_RECEIVED, OK),
	LINE("SYN,ACK again", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("a FIN does not arrive", ORIG, FIN, 6, 1, 0, FIN_WAIT_1, SYN_RECEIVED, OK),
	LINE("all segments have arrived", RESP, ACK, 1, 7, 0, FIN_WAIT_2,
	     CLOSE_WAIT, OK,
	     WHY3(FIN_ACKED, SYN_ACKED, FIN_RECEIVED)),
	LINE("a delayed SYN", ORIG, SYN, 0, 0, 0, FIN_WAIT_2,
	     CLOSE_WAIT, SYN_CHALLENGE),
	LINE("a delayed SYN,ACK", RESP, SYNACK, 0, 1, 0, FIN_WAIT_2, CLOSE_WAIT,
	     OK),
	{}
};

#define TS(val, ecr)	.s.tsval = val, .s.tsecr = ecr

/* A copy has the original's timestamp; a retransmission has a later one. */
static const struct line network_copies[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, TS(1000, 0)),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(500, 1000)),
	LINE("copy of the SYN", ORIG, SYN, 0, 0, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(1000, 0)),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, TS(1020, 500),
	     .events = EV_OPEN),
	LINE("copy of the SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, ESTAB, OK,
	     TS(500, 1000), .s.us = 1000000),
	LINE("a late answer to the copy of the SYN", RESP, SYNACK, 0, 1, 0,
	     ESTAB, ESTAB, OK, TS(600, 1000), .s.us = 400000),
	LINE("SYN,ACK sent again", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED,
	     OK, TS(1500, 1000), WHY1(SYNACK_REPEATED), .s.us = 500000),
	{}
};

/* The server's accept queue is full, and the client gives up. */
static const struct line queue_full[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("SYN,ACK again", RESP, SYNACK, 0, 1, 0, FIN_WAIT_1, SYN_RECEIVED,
	     OK, WHY1(SYNACK_REPEATED), .s.us = 1000000),
	LINE("FIN again", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, SYN_RECEIVED, OK),
	LINE("SYN,ACK again", RESP, SYNACK, 0, 1, 0, FIN_WAIT_1, SYN_RECEIVED,
	     OK),
	LINE("ACK of all", RESP, ACK, 1, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	{}
};

/* The capture contains the SYN,ACK before the SYN that the SYN,ACK answers. */
static const struct line synack_first[] = {
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("SYN", ORIG, SYN, 0, 0, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

/* Two hosts answer the same SYN. */
static const struct line two_synacks[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("SYN,ACK of another host", RESP, SYNACK, 0x90000000, 1, 0, ESTAB,
	     SYN_RECEIVED, OK),
	LINE("ACK of the first", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	LINE("data", RESP, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	{}
};

/* Only segments of the responder are seen. */
static const struct line syn_unseen[] = {
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK of the SYN alone", RESP, ACK, 1, 1, 0, ESTAB, SYN_RECEIVED,
	     OK),
	LINE("ACK of data", RESP, ACK, 1, 50, 0, ESTAB, ESTAB, OK,
	     WHY1(SYN_ACKED)),
	{}
};

/* The SYN,ACK was missed, and the responder is the first to send data. */
static const struct line synack_missed[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("data", RESP, ACK, 1, 1, 40, ESTAB, ESTAB, OK,
	     WHY2(MIDSTREAM, SYNACK_RECEIVED)),
	LINE("ACK", ORIG, ACK, 1, 41, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

/* With SYN cookies, a host may answer each SYN with a different ISN. */
static const struct line cookie_changes[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_SENT, SYN_RECEIVED, OK),
	LINE("another cookie", RESP, SYNACK, 77000, 1, 0, SYN_SENT,
	     SYN_RECEIVED, OK),
	LINE("ACK of that SYN,ACK", ORIG, ACK, 1, 77001, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	LINE("data", RESP, ACK, 77001, 1, 100, ESTAB, ESTAB, OK),
	LINE("a third cookie is too late", RESP, SYNACK, 99000, 1, 0, ESTAB,
	     ESTAB, SYN_CHALLENGE),
	LINE("ACK of data", ORIG, ACK, 1, 77101, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line wrong_synack[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK of nothing", RESP, SYNACK, 0, 0, 0, SYN_SENT, CLOSED,
	     UNSEEN_ACK),
	LINE("SYN,ACK of too much", RESP, SYNACK, 0, 2, 0, SYN_SENT, CLOSED,
	     UNSEEN_ACK),
	LINE("RST for the SYN,ACK", ORIG, RST, 2, 0, 0, SYN_SENT, CLOSED, RST_OUTSIDE),
	LINE("SYN,ACK", RESP, SYNACK, 100, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 101, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	{}
};

/*
 * RFC 9293 section 3.5.1: the SYN arrives at a host that still has an old
 * connection with the same ports.
 */
static const struct line half_open_discovery[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("ACK of an old connection", RESP, ACK, 300, 9000, 0, SYN_SENT,
	     CLOSED, OUTSIDE),
	LINE("a RST with another sequence number", ORIG, RST, 9001, 0, 0, SYN_SENT,
	     CLOSED, RST_OUTSIDE),
	LINE("RST for the ACK", ORIG, RST, 9000, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN again", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

static const struct line wrong_last_ack[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK of too much", ORIG, ACK, 1, 2, 0, ESTAB, SYN_RECEIVED,
	     UNSEEN_ACK),
	LINE("ACK of less than the SYN", ORIG, ACK, 1, 0, 0, ESTAB,
	     SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN),
	{}
};

/* Only segments of the originator are seen. */
static const struct line synack_unseen[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     WHY2(SYNACK_IMPLIED, MIDSTREAM)),
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of data that was not seen", ORIG, ACK, 101, 5001, 0, ESTAB,
	     ESTAB, OK),
	{}
};

static const struct line synack_seen_late[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, ESTAB, OK,
	     .events = EV_OPEN),
	LINE("data", RESP, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	{}
};

static const struct line ack_proves_nothing[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("ACK with another sequence number", ORIG, ACK, 0x700000, 1, 0,
	     SYN_SENT, CLOSED, OK),
	LINE("ACK after data that was missed", ORIG, ACK, 700, 1, 0, ESTAB,
	     ESTAB, OK, WHY2(SYNACK_IMPLIED, MIDSTREAM)),
	{}
};

static const struct script handshake_scripts[] = {
	{ "three-way", three_way, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 0, 0, 0, 1, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "the last ACK carries data", ack_with_data, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 100, 0, 0, 1, 0 }, { 2, 2, 0, 0, 0, 0, 1 } } },
	{ "simultaneous open", crossed, .by = TCPT_NOBODY,
	  .totals = { { 3, 3, 0, 0, 0, 1, 1 }, { 2, 2, 0, 0, 0, 1, 1 } } },
	{ "simultaneous open, the other end answers first", crossed_resp_first,
	  .by = TCPT_NOBODY },
	{ "simultaneous open, repeated SYNs", crossed_rexmit, .by = TCPT_NOBODY,
	  .totals = { { 3, 3, 0, 0, 0, 2, 1 }, { 3, 3, 0, 0, 0, 2, 0 } } },
	{ "self-connect, open and close", self, .self = true, .by = ORIG,
	  .close = TCPTRACE_CLOSE_FIN,
	  .totals = { { 7, 7, 10, 0, 0, 1, 1 }, { } } },
	{ "TFO, accepted", tfo_accepted, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 100, 0, 0, 1, 0 }, { 2, 2, 500, 0, 0, 0, 1 } } },
	{ "TFO, not accepted", tfo_ignored, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 200, 100, 1, 1, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "TFO, the SYN is repeated without data", tfo_rexmit, .by = TCPT_NOBODY,
	  .totals = { { 4, 4, 350, 200, 2, 3, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "SYN and SYN,ACK repeated at every point", syn_rexmit,
	  .by = ORIG,
	  .totals = { { 9, 9, 5, 0, 0, 5, 0 }, { 7, 7, 0, 0, 0, 0, 6 } } },
	{ "copies made by the network", network_copies, .by = TCPT_NOBODY },
	{ "the accept queue is full", queue_full, .by = ORIG },
	{ "SYN,ACK before its SYN", synack_first, .by = TCPT_NOBODY,
	  .totals = { { 2, 2, 0, 0, 0, 1, 0 }, { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "two SYN,ACKs", two_synacks, .by = TCPT_NOBODY },
	{ "neither SYN nor ACK was seen", syn_unseen, .by = TCPT_NOBODY,
	  .marks = TCPT_MARK_MIDSTREAM },
	{ "SYN,ACK missed", synack_missed, .by = TCPT_NOBODY },
	{ "a SYN cookie with another ISN", cookie_changes, .by = TCPT_NOBODY },
	{ "SYN,ACK with a wrong acknowledgment", wrong_synack, .by = TCPT_NOBODY },
	{ "half-open discovery", half_open_discovery, .by = TCPT_NOBODY },
	{ "last ACK with a wrong acknowledgment", wrong_last_ack, .by = TCPT_NOBODY },
	{ "SYN,ACK never seen", synack_unseen, .by = TCPT_NOBODY },
	{ "SYN,ACK seen after the ACK", synack_seen_late, .by = TCPT_NOBODY },
	{ "an ACK in SYN-SENT that proves nothing", ack_proves_nothing,
	  .by = TCPT_NOBODY },
};

KUNIT_ARRAY_PARAM(handshake, handshake_scripts, tcpt_script_desc);

static void track_handshake(struct kunit *test)
{
	tcpt_script_run(test, test->param_value);
}

struct times_row {
	const char *name;
	const struct line *line;
	/* ms since the first segment; syn_synack is a duration in ms */
	u64 syn;
	u64 synack;
	u64 syn_synack;
	u64 established;
};

static const struct line plain_times[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     .s.us = 30000),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .s.us = 5000,
	     .events = EV_OPEN),
	LINE("data", ORIG, ACK, 1, 1, 10, ESTAB, ESTAB, OK, .s.us = 100000),
	{}
};

static const struct line rexmit_times[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, .s.us = 1000000),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     .s.us = 30000),
	LINE("late SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, SYN_RECEIVED, OK,
	     .s.us = 200000),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, SYN_SENT, SYN_RECEIVED, OK,
	     .s.us = 1000000),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .s.us = 5000,
	     .events = EV_OPEN),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .s.us = 5000),
	{}
};

#define TS(val, ecr)	.s.tsval = val, .s.tsecr = ecr

/* RFC 7323: TSecr shows which of the three SYNs the SYN,ACK answers. */
static const struct line three_syns[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, TS(1000, 0)),
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, TS(2000, 0),
	     .s.us = 1000000),
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, TS(4000, 0),
	     .s.us = 2000000),
	{}
};

static const struct line first_answered[] = {
	LINES(three_syns),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(7, 1000), .s.us = 50000),
	{}
};

static const struct line second_answered[] = {
	LINES(three_syns),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(7, 2000), .s.us = 50000),
	{}
};

static const struct line last_answered[] = {
	LINES(three_syns),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(7, 4000), .s.us = 50000),
	{}
};

static const struct line other_answered[] = {
	LINES(three_syns),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(7, 999), .s.us = 50000),
	{}
};

static const struct line no_syn_times[] = {
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .s.us = 7000,
	     .events = EV_OPEN),
	{}
};

static const struct line no_synack_times[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .s.us = 40000),
	{}
};

static const struct times_row times_rows[] = {
	{ "one SYN and one SYN,ACK", plain_times, 0, 30, 30, 35 },
	{ "from the last SYN before the first SYN,ACK to that SYN,ACK",
	  rexmit_times,
	  1000, 2230, 30, 2235 },
	{ "the first SYN is answered", first_answered, 3000, 3050, 3050, -1 },
	{ "the second SYN is answered", second_answered, 3000, 3050, 2050,
	  -1 },
	{ "the last SYN is answered", last_answered, 3000, 3050, 50, -1 },
	{ "a timestamp that no SYN had", other_answered, 3000, 3050, 50, -1 },
	{ "SYN not seen", no_syn_times, -1, 0, 0, 7 },
	{ "SYN,ACK not seen", no_synack_times, 0, -1, 0, -1 },
};

static void times_desc(const struct times_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(times, times_rows, times_desc);

/* Return: ms from the first segment to @when; -1 if @when is 0 */
static u64 since(const struct stage *s, u64 when)
{
	return when ? (when - s->t.first) / 1000000 : (u64)-1;
}

static void track_times(struct kunit *test)
{
	const struct times_row *row = test->param_value;
	struct script script = { .line = row->line };
	struct stage *s = tcpt_script_stage(test);

	tcpt_script_begin(s, test, &script, 0);
	for (; s->line->what; s->line++)
		tcpt_script_play(s);
	KUNIT_EXPECT_EQ(test, since(s, s->t.syn), row->syn);
	KUNIT_EXPECT_EQ(test, since(s, s->t.synack), row->synack);
	KUNIT_EXPECT_EQ(test, s->t.syn_synack, row->syn_synack * 1000000);
	KUNIT_EXPECT_EQ(test, since(s, s->t.established), row->established);
	KUNIT_EXPECT_EQ(test, s->t.last, s->now);
}

static struct kunit_case handshake_cases[] = {
	KUNIT_CASE_PARAM(track_handshake, handshake_gen_params),
	KUNIT_CASE_PARAM(track_times, times_gen_params),
	{}
};

static struct kunit_suite handshake_suite = {
	.name = "tcptrace_track_handshake",
	.test_cases = handshake_cases,
};

kunit_test_suite(handshake_suite);
