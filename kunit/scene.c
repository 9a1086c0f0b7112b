// SPDX-License-Identifier: GPL-2.0
#include "scene.h"

#include <linux/socket.h>

static const struct tcptrace_flow flow_1 = {
	.conn = 1,
	.netns = FIXTURE_INUM,
	.orig_port = 40000,
	.resp_port = 80,
	.family = AF_INET,
	.orig_addr = { 10, 0, 0, 1 },
	.resp_addr = { 192, 0, 2, 1 },
};

/**
 * tcpt_scene_begin - open a reader, and expect the records of connection 1
 * @test: the test
 * @mask: the mask of the reader
 *
 * Context: a test.
 * Return: the scene.
 */
struct scene tcpt_scene_begin(struct kunit *test, u32 mask)
{
	struct fixture *fx = test->priv;
	struct scene s = { .fx = fx, .flow = flow_1 };

	s.reader = tcpt_fixture_reader(fx, 0, 16384);
	tcpt_reader_set_mask(s.reader, mask);
	return s;
}

/**
 * tcpt_scene_send - pass a segment to the tracker
 * @s: the scene
 * @after: time of the segment, ns after the start of the fixture
 * @from: ORIG or RESP
 * @seg: the segment
 *
 * Context: a test.
 */
void tcpt_scene_send(struct scene *s, u64 after, unsigned int from,
		     struct tcpt_segment *seg)
{
	s->fx->now = FIXTURE_START + after;
	tcpt_fixture_see(s->fx, 0, seg, from == ORIG ? TCPTRACE_HOOK_OUT :
						       TCPTRACE_HOOK_IN);
}

/**
 * tcpt_scene_plain - pass a segment without options to the tracker
 * @s: the scene
 * @after: time of the segment, ns after the start of the fixture
 * @from: ORIG or RESP
 * @flags: TCPTRACE_FIN and so on
 * @seq: sequence number, relative to the sender's ISN
 * @ack: acknowledgment number, relative to the other end's ISN
 * @len: payload bytes
 *
 * Context: a test.
 */
void tcpt_scene_plain(struct scene *s, u64 after, unsigned int from, u16 flags,
		      u32 seq, u32 ack, u32 len)
{
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, 1, from, flags, seq, ack);
	seg.len = len;
	tcpt_scene_send(s, after, from, &seg);
}

/**
 * tcpt_scene_expect - expect a record; all bytes must match, including padding
 * @s: the scene
 * @want: the expected record, except its header, flow and segment
 * @len: length of the record
 * @type: enum tcptrace_type
 * @after: time of the record, ns after the start of the fixture
 * @seg: the segment that caused the record
 *
 * Context: a test.
 */
void tcpt_scene_expect(struct scene *s, void *want, u32 len, u16 type,
		       u64 after, const struct tcptrace_seg *seg)
{
	const u8 *got = (const u8 *)tcpt_fixture_next(s->fx, s->reader);
	struct tcptrace_open *rec = want;
	u32 i;

	rec->h = (struct tcptrace_header) {
		.len = len,
		.type = type,
		.flags = s->flags,
		.seq = s->seq,
		.time = FIXTURE_START + after,
	};
	rec->flow = s->flow;
	rec->seg = *seg;
	KUNIT_ASSERT_NOT_NULL_MSG(s->fx->test, got, "number %llu", s->seq);
	for (i = 0; i < len && got[i] == ((u8 *)want)[i]; i++)
		;
	if (i < len)
		KUNIT_FAIL(s->fx->test, "number %llu type %u: byte %u is %02x, not %02x",
			   s->seq, type, i, got[i], ((u8 *)want)[i]);
	s->seq++;
}

/**
 * tcpt_scene_expect_state - expect a STATE record
 * @s: the scene
 * @after: time of the record, ns after the start of the fixture
 * @seg: the segment that caused the record
 * @want: the expected record, except its header, flow and segment
 *
 * Context: a test.
 */
void tcpt_scene_expect_state(struct scene *s, u64 after,
			     const struct tcptrace_seg *seg,
			     struct tcptrace_transition want)
{
	tcpt_scene_expect(s, &want, sizeof(want), TCPTRACE_STATE, after, seg);
}

/**
 * tcpt_scene_expect_end - expect that no record is left
 * @s: the scene
 *
 * Context: a test.
 */
void tcpt_scene_expect_end(struct scene *s)
{
	KUNIT_EXPECT_NULL(s->fx->test, tcpt_fixture_next(s->fx, s->reader));
}
