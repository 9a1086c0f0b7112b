// SPDX-License-Identifier: GPL-2.0
/* conn_state: each line of Zeek's rule, in its order, and what comes close. */
#include <kunit/test.h>
#include <linux/string.h>

#include "../module/core/zeek.h"

/* States of an endpoint, and what it sent. */
#define NONE		{ .state = TCPT_ZEEK_INACTIVE }
#define SYN		{ .state = TCPT_ZEEK_SYN_SENT }
#define SYNACK		{ .state = TCPT_ZEEK_SYN_ACK_SENT }
#define PART		{ .state = TCPT_ZEEK_PARTIAL }
#define EST		{ .state = TCPT_ZEEK_ESTABLISHED }
#define FIN		{ .state = TCPT_ZEEK_CLOSED, .fins = true }
#define RST		{ .state = TCPT_ZEEK_RESET, .before = TCPT_ZEEK_ESTABLISHED }
/* after so many numbers: a SYN and a FIN are one, too */
#define RST_AFTER(n)	{ .state = TCPT_ZEEK_RESET, .last = n, \
			  .before = TCPT_ZEEK_ESTABLISHED }
#define RST_ACKED(n)	{ .state = TCPT_ZEEK_RESET, .last = 1, .acked = n, \
			  .before = TCPT_ZEEK_ESTABLISHED }
#define FIN_RST(n)	{ .state = TCPT_ZEEK_RESET, .last = n, .fins = true, \
			  .before = TCPT_ZEEK_CLOSED }

/**
 * struct conn_row - a history at its end
 * @name: what it is about
 * @end: the originator, the responder
 * @conn: enum tcptrace_conn_state
 * @letters: history, where it counts
 */
struct conn_row {
	const char *name;
	struct tcpt_zeek_end end[2];
	u8 conn;
	const char *letters;
};

#define ROW(what, o, r, state, ...) \
	{ .name = what, .end = { o, r }, .conn = TCPTRACE_CONN_##state, \
	  __VA_ARGS__ }

static const struct conn_row conn_rows[] = {
	ROW("SYN, and the responder resets", SYN, RST, REJ),
	ROW("SYN,ACK, and the responder resets", SYNACK, RST, REJ),
	ROW("both reset, and nothing was sent", RST, RST, REJ),
	ROW("both reset, and there was but a SYN each",
	    RST_AFTER(1), RST_AFTER(1), REJ),
	ROW("both reset, the originator sent a byte",
	    RST_AFTER(2), RST_AFTER(1), RSTR),
	ROW("both reset, the responder sent a byte",
	    RST_AFTER(1), RST_AFTER(2), RSTR),
	ROW("both reset, a byte was acknowledged that was not seen",
	    RST_ACKED(2), RST_AFTER(1), RSTR),
	ROW("both reset, there was but a SYN and a FIN",
	    FIN_RST(2), RST_AFTER(1), REJ),
	ROW("both reset, a byte before the FIN",
	    FIN_RST(3), RST_AFTER(1), RSTR),
	ROW("nothing of the originator, reset", NONE, RST, RSTRH),
	ROW("no SYN of the originator, reset", PART, RST, RSTRH),
	ROW("established, the responder resets", EST, RST, RSTR),
	ROW("the originator closed, the responder resets", FIN, RST, RSTR),

	ROW("SYN, reset", RST, NONE, RSTOS0, .letters = "SR"),
	ROW("SYN, retransmission, reset", RST, NONE, RSTOS0,
	    .letters = "STR"),
	ROW("SYN, reset, more", RST, NONE, RSTOS0, .letters = "SRA"),
	ROW("SYN, data of a responder without SYN, reset", RST, PART, RSTOS0,
	    .letters = "SdR"),
	ROW("flipped, SYN, reset", RST, NONE, RSTOS0, .letters = "^SR"),
	ROW("SYN, ACK, reset", RST, NONE, OTH, .letters = "SAR"),
	ROW("SYN, SYN,ACK of its own, reset", RST, NONE, OTH,
	    .letters = "SHR"),
	ROW("SYN, FIN, reset", RST, NONE, OTH, .letters = "SFR"),
	ROW("SYN, gap, reset", RST, NONE, OTH, .letters = "SGR"),
	ROW("SYN, FIN and RST, reset", RST, NONE, OTH, .letters = "SIR"),
	ROW("SYN, SYN and FIN, reset", RST, NONE, OTH, .letters = "SQR"),
	ROW("ACK, SYN, reset", RST, NONE, OTH, .letters = "ASR"),
	ROW("reset", RST, NONE, OTH, .letters = "R"),
	ROW("SYN, and the letter is the responder's", RST, PART, OTH,
	    .letters = "Sr"),
	ROW("SYN of the responder", RST, PART, OTH, .letters = "sR"),
	ROW("nothing at all", RST, NONE, OTH, .letters = ""),
	ROW("established, the originator resets", RST, EST, RSTO),
	ROW("the responder closed, the originator resets", RST, FIN, RSTO),
	ROW("a SYN of each, the originator resets", RST, SYN, RSTO),

	ROW("both closed", FIN, FIN, SF),
	ROW("SYN and FIN, nothing of the responder", FIN, NONE, SH),
	ROW("SYN and FIN, no SYN of the responder", FIN, PART, SH),
	ROW("the originator closed", FIN, EST, S2),
	ROW("SYN,ACK and FIN, nothing of the originator", NONE, FIN, SHR),
	ROW("SYN,ACK and FIN, no SYN of the originator", PART, FIN, SHR),
	ROW("the responder closed", EST, FIN, S3),
	ROW("SYN, and the responder closed", SYN, FIN, S3),
	ROW("SYN, no reply", SYN, NONE, S0),
	ROW("established", EST, EST, S1),
	ROW("SYN, and a reply without SYN", SYN, PART, OTH),
	ROW("SYN,ACK of the originator, no reply", SYNACK, NONE, OTH),
	ROW("SYN,ACK alone", NONE, EST, OTH),
	ROW("midstream", PART, PART, OTH),
	ROW("midstream, one end", PART, NONE, OTH),
	ROW("half of it midstream", PART, EST, OTH),
	ROW("half of it midstream, the other", EST, PART, OTH),
};

static void conn_desc(const struct conn_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(conn, conn_rows, conn_desc);

static void set_isn(struct tcpt_zeek_end *end, u32 isn)
{
	end->start += isn;
	end->last += isn;
	end->acked += isn;
}

static void conn_state(struct kunit *test)
{
	static const u32 isns[] = { 0, 1000, 0xffffffff, 0x7fffffff };
	const struct conn_row *row = test->param_value;
	const char *letters = row->letters ?: "?";
	struct tcpt_zeek h;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(isns); n++) {
		memset(&h, 0, sizeof(h));
		memcpy(h.end, row->end, sizeof(h.end));
		set_isn(&h.end[0], isns[n]);
		set_isn(&h.end[1], isns[n] + 7);
		h.len = strlen(letters);
		memcpy(h.letters, letters, h.len);
		KUNIT_EXPECT_EQ_MSG(test, tcpt_zeek_conn_state(&h), row->conn,
				    "ISN %x", isns[n]);
	}
}

static struct kunit_case conn_cases[] = {
	KUNIT_CASE_PARAM(conn_state, conn_gen_params),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "tcptrace_conn_state",
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);
