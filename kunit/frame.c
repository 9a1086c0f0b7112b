// SPDX-License-Identifier: GPL-2.0
#include "frame.h"

#include <linux/string.h>

#define FRAME_START	1000000000000ULL	/* ns */

/*
 * The ISNs are chosen so that no segment begins or ends at the raw sequence
 * number 0. Data can contain that number, as relative number 57 of ORIG or 50
 * of RESP.
 */
static const u32 isns[FRAME_ISNS][2] = {
	{ 1000, 500000 },
	{ 0xffffffc7, 0xffffffce },
	{ 0x7fffffc7, 0xffffffce },	/* the sign bit flips */
	{ 0xffffffc7, 0x7fffffce },
};

/**
 * tcpt_frame_begin - begin the analysis of a capture
 * @p: filled in
 * @test: the test
 * @name: the name of the capture
 *
 * Context: a test.
 */
void tcpt_frame_begin(struct projector *p, struct kunit *test,
		      const char *name)
{
	memset(p, 0, sizeof(*p));
	p->test = test;
	p->name = name;
	p->isn[0] = isns[0][0];
	p->isn[1] = isns[0][1];
	p->now = FRAME_START;
	tcpt_wireshark_init(&p->a);
}

static void play_frame(struct projector *p, const struct frame *frame)
{
	struct tcpt_wireshark_result found;
	struct tcpt_segment seg;

	tcpt_spec_segment(&seg, &frame->s, p->isn, frame->s.from);
	p->now += tcpt_spec_ns(&frame->s);
	found = tcpt_wireshark_segment(&p->a, frame->s.from ^ p->flip, &seg,
				       p->now);
	KUNIT_EXPECT_EQ_MSG(p->test, found.classes, frame->found,
			    "%s: %s (ISN %x, %x)", p->name, frame->what,
			    p->isn[0], p->isn[1]);
	KUNIT_EXPECT_EQ_MSG(p->test, found.dup_ack_num, frame->num,
			    "%s: %s (ISN %x, %x)", p->name, frame->what,
			    p->isn[0], p->isn[1]);
}

/**
 * tcpt_frame_play - analyze a frame, or the frames that replace it
 * @p: the projector
 * @frame: the frame
 *
 * Context: a test.
 */
void tcpt_frame_play(struct projector *p, const struct frame *frame)
{
	if (!frame->sub) {
		play_frame(p, frame);
		return;
	}
	/* there is only one level: the frames in @sub have no @sub */
	for (frame = frame->sub; frame->what; frame++)
		play_frame(p, frame);
}

static void play_all(struct projector *p, const struct capture *capture)
{
	const struct frame *frame;

	tcpt_wireshark_init(&p->a);
	p->now = FRAME_START;
	for (frame = capture->frames; frame->what; frame++)
		tcpt_frame_play(p, frame);
	if (capture->complete)
		KUNIT_EXPECT_EQ_MSG(p->test, p->a.completeness | CHECKED,
				    (int)capture->complete, "%s",
				    capture->name);
	if (capture->rtt)
		KUNIT_EXPECT_EQ_MSG(p->test, (s64)p->a.initial_rtt,
				    (s64)capture->rtt * 1000, "%s",
				    capture->name);
}

/* Play the capture with both orders of the ends; the results must be equal. */
static void play_both_ways(struct projector *p, const struct capture *capture)
{
	p->flip = false;
	play_all(p, capture);
	p->flip = true;
	play_all(p, capture);
}

/**
 * tcpt_capture_run - play a capture with its own ISNs or with several pairs
 * @test: the test
 * @capture: the capture
 *
 * Context: a test.
 */
void tcpt_capture_run(struct kunit *test, const struct capture *capture)
{
	struct projector p;
	unsigned int n;

	tcpt_frame_begin(&p, test, capture->name);
	if (capture->isn[0] || capture->isn[1]) {
		memcpy(p.isn, capture->isn, sizeof(p.isn));
		play_both_ways(&p, capture);
		return;
	}
	for (n = 0; n < FRAME_ISNS; n++) {
		memcpy(p.isn, isns[n], sizeof(p.isn));
		play_both_ways(&p, capture);
	}
}

/**
 * tcpt_capture_desc - get the name of a capture, for KUNIT_ARRAY_PARAM()
 * @capture: the capture
 * @desc: set to the name
 *
 * Context: a test.
 */
void tcpt_capture_desc(const struct capture *capture, char *desc)
{
	strscpy(desc, capture->name, KUNIT_PARAM_DESC_SIZE);
}
