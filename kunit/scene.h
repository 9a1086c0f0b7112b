/* SPDX-License-Identifier: GPL-2.0 */
/* Play a connection of a fixture, and compare the records byte by byte. */
#ifndef _TCPT_KUNIT_SCENE_H
#define _TCPT_KUNIT_SCENE_H

#include "fixture.h"

/**
 * struct scene - a connection, and the reader of its records
 * @fx: the fixture
 * @reader: the reader
 * @flow: the expected flow of the next records
 * @flags: the expected flags of the headers of these records
 * @seq: the expected number of the next record
 */
struct scene {
	struct fixture *fx;
	struct tcpt_reader *reader;
	struct tcptrace_flow flow;
	u16 flags;
	u64 seq;
};

/* The segment in a record. */
#define SEG(s, a, rs, ra, n, f, who, at) { .seq = s, .ack = a, .rel_seq = rs, \
	.rel_ack = ra, .len = n, .flags = f, .window = FIXTURE_WINDOW, \
	.wire_segs = 1, .from = who, .hook = TCPTRACE_HOOK_##at }

#define EXPECT_STATE(s, after, seg, n, e, f, t, why) \
	tcpt_scene_expect_state(s, after, seg, (struct tcptrace_transition) { \
		.number = n, .end = e, .from = TCPTRACE_##f, \
		.to = TCPTRACE_##t, .reason = TCPTRACE_REASON_##why, \
	})

struct scene tcpt_scene_begin(struct kunit *test, u32 mask);

void tcpt_scene_send(struct scene *s, u64 after, unsigned int from,
		     struct tcpt_segment *seg);
void tcpt_scene_plain(struct scene *s, u64 after, unsigned int from, u16 flags,
		      u32 seq, u32 ack, u32 len);

void tcpt_scene_expect(struct scene *s, void *want, u32 len, u16 type,
		       u64 after, const struct tcptrace_seg *seg);
void tcpt_scene_expect_state(struct scene *s, u64 after,
			     const struct tcptrace_seg *seg,
			     struct tcptrace_transition want);
void tcpt_scene_expect_end(struct scene *s);

#endif /* _TCPT_KUNIT_SCENE_H */
