/* SPDX-License-Identifier: GPL-2.0 */
/* Decode the fuzzer's bytes into segments. */
#ifndef _FUZZ_DECODE_H
#define _FUZZ_DECODE_H

#include "fuzz.h"

#include "core/segment.h"
#include "core/track.h"

/**
 * enum decode_act - what a step does
 * @DECODE_SEGMENT: the engine gets a segment
 * @DECODE_EXPIRE: time passes until the connection times out
 * @DECODE_END: the connection ends otherwise, for example by eviction
 */
enum decode_act {
	DECODE_SEGMENT,
	DECODE_EXPIRE,
	DECODE_END,
};

/**
 * struct decode - the decoder's state, kept between steps
 * @isn: ISN of each host, chosen before its SYN is seen
 * @port: port of each host
 * @self: both hosts are the same socket, which connects to itself
 * @now: the time, ns
 * @window: window field of the last segment of each host
 * @tsval: the last timestamp of each host
 */
struct decode {
	u32 isn[2];
	u16 port[2];
	bool self;
	u64 now;
	u16 window[2];
	u32 tsval[2];
};

/**
 * struct decode_step - one step
 * @act: enum decode_act
 * @host: sender of the segment
 * @raw: random bits for other choices
 * @seg: the segment
 */
struct decode_step {
	u8 act;
	u8 host;
	u16 raw;
	struct tcpt_segment seg;
};

void decode_begin(struct decode *d, struct fuzz_input *in);
void decode_step(struct decode *d, struct fuzz_input *in,
		 const struct tcpt_track *t, unsigned int orig,
		 struct decode_step *step);

#endif /* _FUZZ_DECODE_H */
