// SPDX-License-Identifier: GPL-2.0
/*
 * Test windows and sequence numbers: which segments are acceptable, and how
 * they are counted.
 */
#include <linux/string.h>
#include <linux/time64.h>

#include "script.h"

#include "../module/core/acceptable.h"

static const struct line data[] = {
	HANDSHAKE,
	LINE("request", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK),
	LINE("GSO, 7 segments", RESP, ACK, 1, 101, 9800, ESTAB, ESTAB, OK,
	     .s.segs = 7),
	LINE("ACK", ORIG, ACK, 101, 9801, 0, ESTAB, ESTAB, OK),
	{}
};

/* RFC 9293 3.10.7.4, fifth step: an old segment does not update the window. */
static const struct line old_ack[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 5000, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 5001, 0, ESTAB, ESTAB, OK, .s.window = 5000),
	LINE("late ACK", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     .s.window = 60000),
	LINE("beyond the window", ORIG, ACK, 20000, 1, 1, ESTAB, ESTAB,
	     OUTSIDE),
	{}
};

/*
 * RFC 5961 section 5.2: an ACK before SND.UNA - MAX.SND.WND is not acceptable.
 */
static const struct line ancient_ack[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, SPEC_WINDOW, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, SPEC_WINDOW + 1, 0, ESTAB, ESTAB, OK),
	LINE("more data", ORIG, ACK, SPEC_WINDOW + 1, 1, 100, ESTAB, ESTAB,
	     OK),
	LINE("ACK", RESP, ACK, 1, SPEC_WINDOW + 101, 0, ESTAB, ESTAB, OK),
	LINE("older than a window", RESP, ACK, 1, 100, 50, ESTAB, ESTAB,
	     UNSEEN_ACK),
	LINE("data of an old ACK does not count", ORIG, ACK, SPEC_WINDOW + 101,
	     51, 0, ESTAB, ESTAB, UNSEEN_ACK),
	LINE("a FIN of an old ACK does not count", RESP, FIN, 1, 100, 0, ESTAB,
	     ESTAB, UNSEEN_ACK),
	LINE("an ACK that is a window old", RESP, FIN, 1, 101, 0, CLOSE_WAIT,
	     FIN_WAIT_1, OK),
	{}
};

/* The first half of the bytes from 501 to 1500 was sent before. */
static const struct line overlap[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 1000, ESTAB, ESTAB, OK),
	LINE("half of the bytes again, and more", ORIG, ACK, 501, 1, 1000,
	     ESTAB,
	     ESTAB, OK),
	LINE("some bytes again", ORIG, ACK, 601, 1, 10, ESTAB, ESTAB, OK),
	LINE("the rest of the bytes again", ORIG, ACK, 1401, 1, 100, ESTAB,
	     ESTAB, OK),
	LINE("one byte again, the rest new", ORIG, ACK, 1500, 1, 101, ESTAB,
	     ESTAB, OK),
	LINE("all new", ORIG, ACK, 1601, 1, 50, ESTAB, ESTAB, OK),
	LINE("keep-alive without data", ORIG, ACK, 1650, 1, 0, ESTAB, ESTAB,
	     OK),
	LINE("a byte that is not acknowledged", ORIG, ACK, 1650, 1, 1, ESTAB,
	     ESTAB, OK),
	{}
};

static const struct line unseen_ack[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of one byte more", RESP, ACK, 1, 102, 0, ESTAB, ESTAB,
	     UNSEEN_ACK),
	LINE("data with such an ACK counts", RESP, ACK, 1, 102, 50, ESTAB,
	     ESTAB, UNSEEN_ACK),
	LINE("so the ACK of that data is accepted", ORIG, ACK,
	     101, 51, 0, ESTAB, ESTAB,
	     OK),
	LINE("a FIN with such an ACK waits", RESP, FIN, 51, 102, 0, ESTAB,
	     ESTAB, UNSEEN_ACK),
	LINE("ACK", RESP, ACK, 51, 101, 0, ESTAB, ESTAB, OK),
	{}
};

/*
 * A request is missed. The answer suggests that data was missed, and the next
 * request proves it.
 */
static const struct line missed_request[] = {
	HANDSHAKE,
	LINE("answer", RESP, ACK, 1, 1001, 20, ESTAB, ESTAB, UNSEEN_ACK),
	LINE("next request", ORIG, ACK, 1001, 21, 10, ESTAB, ESTAB, OK),
	LINE("answer", RESP, ACK, 21, 1011, 20, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 1011, 41, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN back", RESP, FIN, 41, 1012, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 1012, 42, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/* In both directions, more than a window of data is missed. */
static const struct line missed_much[] = {
	HANDSHAKE,
	LINE("answer, far ahead", RESP, ACK, 3000001, 1001, 20, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("request, far ahead", ORIG, ACK, 5000001, 3000021, 10, ESTAB,
	     ESTAB, OUTSIDE),
	LINE("answer", RESP, ACK, 3000021, 5000011, 20, ESTAB, ESTAB, OK),
	{}
};

/* The request was missed, and the answer ends the connection. */
static const struct line missed_before_fin[] = {
	HANDSHAKE,
	LINE("answer with FIN", RESP, FIN, 1, 1001, 20, ESTAB, ESTAB,
	     UNSEEN_ACK),
	LINE("FIN and ACK", ORIG, FIN, 1001, 22, 0, LAST_ACK, TIME_WAIT, OK),
	LINE("ACK", RESP, ACK, 22, 1002, 0, CLOSED, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

/* The request was missed, and a RST follows the request. */
static const struct line missed_before_rst[] = {
	HANDSHAKE,
	LINE("answer", RESP, ACK, 1, 1001, 20, ESTAB, ESTAB, UNSEEN_ACK),
	LINE("RST beyond the request", ORIG, RST, 1002, 0, 0, ESTAB, ESTAB,
	     RST_CHALLENGE),
	LINE("RST at the request's end", ORIG, RST, 1001, 0, 0, CLOSED, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * Data of both ends was missed. The next segment that is seen follows a gap,
 * and acknowledges data of the other end that was also missed.
 */
static const struct line missed_both_ways[] = {
	HANDSHAKE,
	LINE("ACK behind a gap", ORIG, ACK, 1001, 201, 0, ESTAB, ESTAB,
	     UNSEEN_ACK),
	LINE("answer", RESP, ACK, 201, 1001, 50, ESTAB, ESTAB, OK),
	LINE("ACK", ORIG, ACK, 1001, 251, 0, ESTAB, ESTAB, OK),
	{}
};

/*
 * A segment with an ACK of unseen data waits for a proof. A segment beyond the
 * window, which is not accepted, replaces the waiting segment. Then data proves
 * that the ACK was valid.
 */
static const struct line missed_and_far[] = {
	HANDSHAKE,
	LINE("ACK behind a gap", ORIG, ACK, 1001, 201, 0, ESTAB, ESTAB,
	     UNSEEN_ACK),
	LINE("beyond the window", ORIG, ACK, SPEC_WINDOW + 2, 1, 10, ESTAB,
	     ESTAB, OUTSIDE),
	LINE("data", RESP, ACK, 201, 1, 50, ESTAB, ESTAB, OK),
	LINE("data", ORIG, ACK, 1, 251, 10, ESTAB, ESTAB, OK),
	{}
};

/* The capture contains the ACK of a FIN before the FIN. */
static const struct line late_fin[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK of the FIN back", ORIG, ACK, 2, 2, 0, FIN_WAIT_1, CLOSE_WAIT,
	     UNSEEN_ACK),
	LINE("FIN back", RESP, FIN, 1, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * The capture contains an ACK before a FIN that was sent earlier. The FIN fills
 * the gap.
 */
static const struct line reordered_fin[] = {
	HANDSHAKE,
	LINE("ACK behind the FIN", ORIG, ACK, 2, 1, 0, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN back", RESP, FIN, 1, 2, 0, TIME_WAIT, LAST_ACK, OK),
	{}
};

/* A forged acknowledgment number does not change the state of an end. */
static const struct line forged_claim[] = {
	HANDSHAKE,
	LINE("forged", RESP, ACK, 1, 20001, 0, ESTAB, ESTAB, UNSEEN_ACK),
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 101, 50, ESTAB, ESTAB, OK),
	LINE("forged, with data", RESP, ACK, 51, 20001, 30, ESTAB, ESTAB,
	     UNSEEN_ACK),
	LINE("forged FIN", RESP, FIN, 51, 20001, 30, ESTAB, ESTAB, UNSEEN_ACK),
	LINE("data", ORIG, ACK, 101, 51, 100, ESTAB, ESTAB, OK),
	LINE("data back", RESP, ACK, 51, 201, 100, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 201, 151, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("FIN back", RESP, FIN, 151, 202, 0, TIME_WAIT, LAST_ACK, OK),
	{}
};

/* If a retransmitted FIN is not acknowledged, the FIN did not arrive. */
static const struct line fin_missed[] = {
	HANDSHAKE,
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("data that crossed the FIN", RESP, ACK, 1, 1, 10, FIN_WAIT_1,
	     CLOSE_WAIT, OK),
	LINE("FIN again", ORIG, FIN, 1, 11, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("no ACK of the FIN", RESP, ACK, 11, 1, 10, FIN_WAIT_1, ESTAB, OK,
	     WHY1(FIN_NOT_RECEIVED)),
	LINE("FIN again", ORIG, FIN, 1, 21, 0, FIN_WAIT_1, ESTAB, OK),
	LINE("ACK of the FIN", RESP, ACK, 21, 2, 0, FIN_WAIT_2, CLOSE_WAIT, OK),
	{}
};

static const struct line outside[] = {
	HANDSHAKE,
	LINE("window of 1000", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     .s.window = 1000),
	LINE("the window granted before stays", ORIG, ACK, 10001, 1, 1, ESTAB,
	     ESTAB, OK),
	LINE("one byte beyond the window", ORIG, ACK, 10002, 1, 1, ESTAB, ESTAB,
	     OVERRUN),
	LINE("two bytes beyond the window", ORIG, ACK, 10003, 1, 1, ESTAB,
	     ESTAB, OVERRUN),
	LINE("FIN beyond the window", ORIG, FIN, 10002, 1, 0, ESTAB, ESTAB,
	     OVERRUN),
	LINE("far beyond the window", ORIG, ACK, 0x40000000, 1, 1, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("in order", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	{}
};

static const struct line old_data[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK", RESP, ACK, 1, 101, 0, ESTAB, ESTAB, OK),
	LINE("old data", ORIG, ACK, 1, 1, 50, ESTAB, ESTAB, OK),
	LINE("an old FIN is not a FIN", ORIG, FIN, 50, 1, 0, ESTAB, ESTAB, OK),
	LINE("the ACK of old data counts", ORIG, ACK, 1, 1, 50, ESTAB, ESTAB,
	     OK),
	{}
};

static const struct line begins_before[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 100, ESTAB, ESTAB, OK),
	LINE("ACK of half", RESP, ACK, 1, 51, 0, ESTAB, ESTAB, OK),
	LINE("all the bytes again, and more", ORIG, ACK, 1, 1, 200, ESTAB,
	     ESTAB, OK),
	LINE("ACK of all bytes", RESP, ACK, 1, 201, 0, ESTAB, ESTAB, OK),
	LINE("the same bytes and a FIN", ORIG, FIN, 1, 1, 200, FIN_WAIT_1,
	     CLOSE_WAIT, OK),
	{}
};

/*
 * The window is closed. A byte is sent as a probe, is refused, and is sent
 * again.
 */
static const struct line zero_window[] = {
	HANDSHAKE,
	LINE("data", ORIG, ACK, 1, 1, 10000, ESTAB, ESTAB, OK),
	LINE("ACK, window 0", RESP, ACK, 1, 10001, 0, ESTAB, ESTAB, OK,
	     .s.window = ZERO_WINDOW),
	LINE("probe of a byte", ORIG, ACK, 10001, 1, 1, ESTAB, ESTAB, OK),
	LINE("refused", RESP, ACK, 1, 10001, 0, ESTAB, ESTAB, OK,
	     .s.window = ZERO_WINDOW),
	LINE("Linux's probe", ORIG, ACK, 10000, 1, 0, ESTAB, ESTAB, OK),
	LINE("beyond the window", ORIG, ACK, 10002, 1, 1, ESTAB, ESTAB,
	     OVERRUN),
	LINE("window open", RESP, ACK, 1, 10001, 0, ESTAB, ESTAB, OK),
	LINE("data", ORIG, ACK, 10001, 1, 500, ESTAB, ESTAB, OK),
	{}
};

/*
 * The originator's windows are scaled by 2^3, the responder's windows by 2^7.
 * Windows in SYNs are not scaled.
 */
static const struct line scaled[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, .s.mss = 1460,
	     .s.scale = 1 + 3),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     .s.mss = 1400, .s.scale = 1 + 7, .s.window = 1000),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN,
	     .s.window = 1000),
	LINE("beyond the SYN,ACK's window", ORIG, ACK, 1002, 1, 1, ESTAB,
	     ESTAB, OUTSIDE),
	LINE("window of 128000", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     .s.window = 1000),
	LINE("at the responder's edge", ORIG, ACK, 128001, 1, 1, ESTAB, ESTAB, OK,
	     .s.window = 1000),
	LINE("beyond the window", ORIG, ACK, 128002, 1, 1, ESTAB, ESTAB,
	     OVERRUN),
	LINE("at orig's edge of 8000", RESP, ACK, 8001, 1, 1, ESTAB, ESTAB,
	     OK),
	LINE("beyond the window", RESP, ACK, 8003, 1, 1, ESTAB, ESTAB, OUTSIDE),
	{}
};

static const struct line not_agreed[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, .s.scale = 1 + 7),
	LINE("SYN,ACK without a scale", RESP, SYNACK, 0, 1, 0, ESTAB,
	     SYN_RECEIVED, OK, .s.window = 1000),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, .events = EV_OPEN,
	     .s.window = 1000),
	LINE("at the edge", RESP, ACK, 1001, 1, 1, ESTAB, ESTAB, OK,
	     .s.window = 1000),
	LINE("beyond the window", RESP, ACK, 1002, 1, 1, ESTAB, ESTAB, OVERRUN),
	LINE("beyond the window", ORIG, ACK, 1002, 1, 1, ESTAB, ESTAB, OUTSIDE),
	{}
};

/* Flow offload hides the segments in the middle of the connection. */
static const struct line offload[] = {
	HANDSHAKE,
	LINE("data, far ahead", ORIG, ACK, 5000001, 1, 100, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("more data, far ahead", ORIG, ACK, 5000101, 1, 100, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("ACK of earlier data proves nothing", RESP, ACK, 1, 5000001, 0, ESTAB,
	     ESTAB, UNSEEN_ACK),
	LINE("ACK of some far data", RESP, ACK, 1, 5000101, 0, ESTAB, ESTAB, OK),
	LINE("data", ORIG, ACK, 5000201, 1, 100, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 5000301, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	{}
};

static const struct line offload_both[] = {
	HANDSHAKE,
	LINE("data, far ahead", ORIG, ACK, 5000001, 3000001, 100, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("ACK, far ahead", RESP, ACK, 3000001, 5000101, 10, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("ACK", ORIG, ACK, 5000101, 3000011, 0, ESTAB, ESTAB, OK),
	LINE("FIN", RESP, FIN, 3000011, 5000101, 0, CLOSE_WAIT, FIN_WAIT_1,
	     OK),
	LINE("FIN and ACK", ORIG, FIN, 5000101, 3000012, 0, LAST_ACK,
	     TIME_WAIT, OK),
	LINE("ACK", RESP, ACK, 3000012, 5000102, 0, CLOSED, TIME_WAIT, OK,
	     .events = EV_CLOSED),
	{}
};

/*
 * The sequence numbers jump by 2^31, so they cannot be compared with earlier
 * numbers.
 */
static const struct line offload_2g[] = {
	HANDSHAKE,
	LINE("data, far ahead", ORIG, ACK, 0x80000000, 3000001, 100, ESTAB,
	     ESTAB, OUTSIDE),
	LINE("ACK, far ahead", RESP, ACK, 3000001, 0x80000064, 10, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("ACK", ORIG, ACK, 0x80000064, 3000011, 0, ESTAB, ESTAB, OK),
	LINE("FIN", ORIG, FIN, 0x80000064, 3000011, 0, FIN_WAIT_1, CLOSE_WAIT,
	     OK),
	{}
};

static const struct line offload_fin[] = {
	HANDSHAKE,
	LINE("FIN with data, far ahead", ORIG, FIN, 5000001, 1, 100, ESTAB,
	     ESTAB, OUTSIDE),
	LINE("ACK of the data only", RESP, ACK, 1, 5000101, 0, FIN_WAIT_1,
	     CLOSE_WAIT, OK, WHY2(FIN_SENT, FIN_RECEIVED)),
	LINE("ACK of the FIN", RESP, ACK, 1, 5000102, 0, FIN_WAIT_2,
	     CLOSE_WAIT, OK),
	LINE("FIN back", RESP, FIN, 1, 5000102, 0, TIME_WAIT, LAST_ACK, OK),
	LINE("ACK", ORIG, ACK, 5000102, 2, 0, TIME_WAIT, CLOSED, OK,
	     .events = EV_CLOSED),
	{}
};

/* An old duplicate does not move an end back to an earlier state. */
static const struct line over_is_over[] = {
	HANDSHAKE,
	LINE("FIN, far ahead", RESP, FIN, 5000001, 1, 0, ESTAB, ESTAB, OUTSIDE),
	LINE("FIN", ORIG, FIN, 1, 1, 0, FIN_WAIT_1, CLOSE_WAIT, OK),
	LINE("ACK of the far FIN", ORIG, ACK, 2, 5000002, 0, CLOSING, CLOSED,
	     OK),
	LINE("SYN,ACK again", RESP, SYNACK, 0, 1, 0, CLOSING, CLOSED, OK),
	LINE("SYN with the same sequence number", RESP, SYN, 0, 0, 0, CLOSING, CLOSED,
	     SYN_CHALLENGE),
	{}
};

/*
 * RFC 9293 section 3.4: the FIN uses a sequence number, so an ACK after the FIN
 * has the next number.
 */
static const struct line offload_fin_then_ack[] = {
	HANDSHAKE,
	LINE("FIN, far ahead", ORIG, FIN, 5000001, 1, 0, ESTAB, ESTAB, OUTSIDE),
	LINE("ACK after the FIN", ORIG, ACK, 5000002, 1, 0, ESTAB, ESTAB, OUTSIDE),
	LINE("ACK of the FIN", RESP, ACK, 1, 5000002, 0, FIN_WAIT_2,
	     CLOSE_WAIT, OK),
	{}
};

/*
 * The data in sequence now extends beyond the far segments. An ACK of the far
 * segments must not move nxt back.
 */
static const struct line offload_passed[] = {
	HANDSHAKE,
	LINE("data, beyond", ORIG, ACK, 20001, 1, 100, ESTAB, ESTAB, OUTSIDE),
	LINE("a larger window", RESP, ACK, 1, 1, 0, ESTAB, ESTAB, OK,
	     .s.window = 60000),
	LINE("data past those bytes", ORIG, ACK, 1, 1, 30000, ESTAB, ESTAB, OK),
	LINE("beyond the window, ACK of the far data", RESP, ACK, 20002, 20051,
	     1, ESTAB, ESTAB, OUTSIDE),
	LINE("data again", ORIG, ACK, 25001, 1, 100, ESTAB, ESTAB, OK),
	{}
};

/*
 * The list has room for only four gaps. If the list is full and the lowest gap
 * is split, only its upper part is kept.
 */
static const struct line gaps[] = {
	HANDSHAKE,
	LINE("after a gap of 100", ORIG, ACK, 101, 1, 100, ESTAB, ESTAB, OK),
	LINE("after a gap of 100", ORIG, ACK, 301, 1, 100, ESTAB, ESTAB, OK),
	LINE("after a gap of 100", ORIG, ACK, 501, 1, 100, ESTAB, ESTAB, OK),
	LINE("after a gap of 100", ORIG, ACK, 701, 1, 100, ESTAB, ESTAB, OK),
	LINE("in the first gap", ORIG, ACK, 41, 1, 20, ESTAB, ESTAB, OK),
	LINE("the rest of the first gap", ORIG, ACK, 61, 1, 40, ESTAB, ESTAB,
	     OK),
	LINE("the dropped part counts as seen", ORIG, ACK, 1, 1, 40, ESTAB,
	     ESTAB, OK),
	LINE("half of the second gap", ORIG, ACK, 201, 1, 50, ESTAB, ESTAB, OK),
	LINE("ACK up to the middle of the third gap", RESP, ACK, 1, 451, 0,
	     ESTAB, ESTAB, OK),
	LINE("the same bytes again", ORIG, ACK, 251, 1, 200, ESTAB, ESTAB, OK),
	LINE("ACK of all", RESP, ACK, 1, 801, 0, ESTAB, ESTAB, OK),
	{}
};

static const struct line offload_run_breaks[] = {
	HANDSHAKE,
	LINE("data, far ahead", ORIG, ACK, 5000001, 1, 100, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("FIN of another run", ORIG, FIN, 7000001, 1, 0, ESTAB, ESTAB,
	     OUTSIDE),
	LINE("data after the FIN is not a FIN", ORIG, ACK, 7000002, 1, 10, ESTAB,
	     ESTAB, OUTSIDE),
	LINE("the first run is forgotten", RESP, ACK, 1, 5000101, 0, ESTAB,
	     ESTAB, UNSEEN_ACK),
	LINE("ACK of the second run", RESP, ACK, 1, 7000012, 0, ESTAB, ESTAB,
	     OK),
	{}
};

#define TS(val, ecr)	.s.tsval = val, .s.tsecr = ecr

/* RFC 7323 section 5.3, rules R1 and R3 */
static const struct line paws[] = {
	LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK, TS(1000, 0)),
	LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED, OK,
	     TS(500, 1000)),
	LINE("ACK", ORIG, ACK, 1, 1, 0, ESTAB, ESTAB, OK, TS(1020, 500),
	     .events = EV_OPEN),
	LINE("an old FIN", ORIG, FIN, 1, 1, 0, ESTAB, ESTAB,
	     OLD_TIMESTAMP, TS(7, 500)),
	LINE("old data, sent before", ORIG, ACK, 1, 1, 10, ESTAB, ESTAB,
	     OLD_TIMESTAMP, TS(1018, 500)),
	LINE("a timestamp may be one tick older", ORIG, ACK, 1, 1, 10, ESTAB,
	     ESTAB, OK,
	     TS(1019, 500)),
	LINE("a bare ACK may be late", ORIG, ACK, 11, 1, 0, ESTAB, ESTAB, OK,
	     TS(1000, 500)),
	LINE("a segment that overtakes its predecessor", ORIG, ACK, 111, 1, 100,
	     ESTAB, ESTAB,
	     OK, TS(1100, 500)),
	LINE("after a gap no timestamp counts", ORIG, ACK, 11, 1, 100, ESTAB,
	     ESTAB, OK, TS(1090, 500)),
	LINE("without a timestamp", ORIG, ACK, 211, 1, 10, ESTAB, ESTAB, OK),
	LINE("data again, which the receiver may have", ORIG, ACK, 1, 1, 10,
	     ESTAB, ESTAB, OK, TS(1200, 500)),
	LINE("so a lower timestamp is not old", ORIG, ACK, 221, 1, 10, ESTAB,
	     ESTAB, OK,
	     TS(1110, 500)),
	{}
};

static const struct script window_scripts[] = {
	{ "data and GSO", data, .by = TCPT_NOBODY,
	  .totals = { { 4, 4, 100, 0, 0, 1, 0 },
		      { 3, 9, 9800, 0, 0, 0, 1 } } },
	{ "retransmission that overlaps", overlap, .by = TCPT_NOBODY,
	  .totals = { { 10, 10, 2262, 612, 5, 1, 0 },
		      { 1, 1, 0, 0, 0, 0, 1 } } },
	{ "ACK of data never seen", unseen_ack, .by = TCPT_NOBODY },
	{ "a missed request", missed_request, .by = ORIG,
	  .close = TCPTRACE_CLOSE_FIN,
	  .totals = { { 5, 5, 10, 0, 0, 1, 0, .missed = 1000 },
		      { 4, 4, 40, 0, 0, 0, 1 } } },
	{ "more than a window is missed", missed_much, .by = TCPT_NOBODY,
	  .totals = { { 3, 3, 10, 0, 0, 1, 0, .missed = 5000000 },
		      { 3, 3, 40, 0, 0, 0, 1, .missed = 3000000 } } },
	{ "a missed request before a FIN", missed_before_fin, .by = RESP,
	  .close = TCPTRACE_CLOSE_FIN,
	  .totals = { { 3, 3, 0, 0, 0, 1, 0, .missed = 1000 },
		      { 3, 3, 20, 0, 0, 0, 1 } } },
	{ "a missed request before a RST", missed_before_rst, .by = ORIG,
	  .close = TCPTRACE_CLOSE_RESET,
	  .totals = { { 4, 4, 0, 0, 0, 1, 0, .missed = 1000 },
		      { 2, 2, 20, 0, 0, 0, 1 } } },
	{ "segments of both ends are missed", missed_both_ways,
	  .by = TCPT_NOBODY,
	  .totals = { { 4, 4, 0, 0, 0, 1, 0, .missed = 1000 },
		      { 2, 2, 50, 0, 0, 0, 1, .missed = 200 } } },
	{ "missed segments, then a segment beyond the window", missed_and_far,
	  .by = TCPT_NOBODY,
	  .totals = { { 5, 5, 20, 0, 0, 1, 0, .outside = 10 },
		      { 2, 2, 50, 0, 0, 0, 1, .missed = 200 } } },
	{ "a FIN that is seen after a later ACK of its sender", reordered_fin, .by = ORIG,
	  .totals = { { 4, 4, 0, 0, 0, 1, 0 }, { 2, 2, 0, 0, 0, 0, 1 } } },
	{ "a FIN that is seen after its ACK", late_fin, .by = ORIG,
	  .close = TCPTRACE_CLOSE_FIN },
	{ "timestamps", paws, .by = TCPT_NOBODY },
	{ "a forged ACK", forged_claim, .by = ORIG },
	{ "a FIN that does not arrive", fin_missed, .by = ORIG },
	{ "an old ACK does not change the window", old_ack, .by = TCPT_NOBODY },
	{ "an ACK older than a window", ancient_ack, .by = RESP },
	{ "a segment outside the window", outside, .by = TCPT_NOBODY },
	{ "old data", old_data, .by = TCPT_NOBODY,
	  .totals = { { 6, 6, 200, 100, 2, 1, 0 },
		      { 2, 2, 0, 0, 0, 0, 1 } } },
	{ "a segment that begins before the window", begins_before, .by = ORIG,
	  .totals = { { 5, 5, 500, 300, 2, 1, 0 },
		      { 3, 3, 0, 0, 0, 0, 1 } } },
	{ "zero window probe", zero_window, .by = TCPT_NOBODY,
	  .totals = { { 7, 7, 10502, 1, 1, 1, 0, .outside = 1 },
		      { 4, 4, 0, 0, 0, 0, 1 } } },
	{ "window scaling", scaled, .by = TCPT_NOBODY },
	{ "window scaling, offered by one end", not_agreed, .by = TCPT_NOBODY },
	{ "flow offload", offload, .by = ORIG,
	  .totals = { { 6, 6, 300, 0, 0, 1, 0, .missed = 5000000 },
		      { 3, 3, 0, 0, 0, 0, 1 } } },
	{ "flow offload, both directions", offload_both, .by = RESP,
	  .close = TCPTRACE_CLOSE_FIN },
	{ "flow offload, 2 GiB", offload_2g, .by = ORIG },
	{ "flow offload, a FIN and then an ACK", offload_fin_then_ack,
	  .by = ORIG },
	{ "an ACK of far segments that in-sequence data has passed",
	  offload_passed, .by = TCPT_NOBODY,
	  .totals = { { 5, 5, 30200, 100, 1, 1, 0, .outside = 100 },
		      { 3, 3, 1, 0, 0, 0, 1, .outside = 1 } } },
	{ "five gaps, of which four are kept", gaps, .by = TCPT_NOBODY,
	  .totals = { { 11, 11, 750, 240, 2, 1, 0, .missed = 250 },
		      { 3, 3, 0, 0, 0, 0, 1 } } },
	{ "flow offload, FIN", offload_fin, .by = ORIG,
	  .close = TCPTRACE_CLOSE_FIN },
	{ "a closed end stays closed", over_is_over, .by = ORIG },
	{ "flow offload, two runs of segments", offload_run_breaks, .by = TCPT_NOBODY },
};

KUNIT_ARRAY_PARAM(window, window_scripts, tcpt_script_desc);

static void track_window(struct kunit *test)
{
	tcpt_script_run(test, test->param_value);
}

/* The options of the SYNs are stored for the ESTABLISHED record. */
static void track_options(struct kunit *test)
{
	struct script script = { .line = scaled };
	struct stage *s = tcpt_script_stage(test);

	tcpt_script_begin(s, test, &script, 0);
	for (; s->line->what; s->line++)
		tcpt_script_play(s);
	KUNIT_EXPECT_EQ(test, s->t.end[0].mss, 1460);
	KUNIT_EXPECT_EQ(test, s->t.end[1].mss, 1400);
	KUNIT_EXPECT_EQ(test, s->t.end[0].wscale, 3);
	KUNIT_EXPECT_EQ(test, s->t.end[1].wscale, 7);
	KUNIT_EXPECT_EQ(test, s->t.end[0].options,
			TCPTRACE_OPT_MSS | TCPTRACE_OPT_WSCALE);
	KUNIT_EXPECT_EQ(test, s->t.end[0].flags, SYN | ACK);
	KUNIT_EXPECT_EQ(test, s->t.end[1].flags, SYN | ACK);
}

/* RFC 7323 section 5.5: TS.Recent is invalid after 24 days of idle time. */
static void track_paws_forgets(struct kunit *test)
{
	const u64 days = 24ULL * 24 * 3600 * NSEC_PER_SEC;
	const struct tcpt_endpoint x = {
		.valid = TCPT_VALID_TSVAL, .ts_recent = 1000,
		.counters.last = 5,
	};
	const struct tcpt_segment seg = {
		.len = 1, .opt.present = TCPTRACE_OPT_TIMESTAMP,
		.opt.tsval = 3,
	};

	KUNIT_EXPECT_FALSE(test, tcpt_acceptable_timestamp(&x, &seg,
							   5 + days));
	KUNIT_EXPECT_TRUE(test, tcpt_acceptable_timestamp(&x, &seg,
							  6 + days));
}

/* The counters of SYNs and SYN,ACKs stop at 255 and do not wrap. */
static void track_many_syns(struct kunit *test)
{
	static const struct line line[] = {
		LINE("SYN", ORIG, SYN, 0, 0, 0, SYN_SENT, CLOSED, OK),
		LINE("SYN,ACK", RESP, SYNACK, 0, 1, 0, ESTAB, SYN_RECEIVED,
		     OK),
		{}
	};
	struct script script = { .line = line };
	struct stage *s = tcpt_script_stage(test);
	struct tcpt_segment seg;
	struct tcpt_result res;
	unsigned int i;

	tcpt_script_begin(s, test, &script, 0);
	tcpt_script_play(s);
	tcpt_spec_segment(&seg, &s->line->s, s->isn, ORIG);
	for (i = 0; i < 300; i++)
		tcpt_track_segment(&s->t, ORIG, &seg, s->now, &res);
	s->line++;
	tcpt_script_play(s);
	tcpt_spec_segment(&seg, &s->line->s, s->isn, RESP);
	for (i = 0; i < 300; i++)
		tcpt_track_segment(&s->t, RESP, &seg, s->now, &res);
	KUNIT_EXPECT_EQ(test, s->t.end[0].syns, 255);
	KUNIT_EXPECT_EQ(test, s->t.end[1].synacks, 255);
	KUNIT_EXPECT_EQ(test, s->t.end[0].packets, 301ULL);
	KUNIT_EXPECT_EQ(test, s->t.transitions, 3U);
}

static struct kunit_case window_cases[] = {
	KUNIT_CASE_PARAM(track_window, window_gen_params),
	KUNIT_CASE(track_options),
	KUNIT_CASE(track_paws_forgets),
	KUNIT_CASE(track_many_syns),
	{}
};

static struct kunit_suite window_suite = {
	.name = "tcptrace_track_window",
	.test_cases = window_cases,
};

kunit_test_suite(window_suite);
