/* SPDX-License-Identifier: GPL-2.0 */
/* Replay a capture: feed its packets to the engine, one after the other. */
#ifndef _TCPTRACECTL_REPLAY_H
#define _TCPTRACECTL_REPLAY_H

#include "batch_queue.h"
#include "capture.h"
#include "tracker.h"

/**
 * enum replay_end - why a replay ended
 * @REPLAY_EOF: the capture ended
 * @REPLAY_DONE: the handler needs no more records
 * @REPLAY_SIGNAL:	SIGINT or SIGTERM
 * @REPLAY_BROKEN: the capture cannot be read any further, or memory is short
 * @REPLAY_OUTPUT: the handler failed, for example because of a write error
 */
enum replay_end {
	REPLAY_EOF,
	REPLAY_DONE,
	REPLAY_SIGNAL,
	REPLAY_BROKEN,
	REPLAY_OUTPUT,
};

/**
 * struct replay - a capture that is being replayed
 * @capture: the packets
 * @tracker: the engine
 * @queue: segments that wait for the tracker
 * @arrival: the segment that was read last; used instead of @queue if the
 *	capture comes through a pipe or is live
 * @interface: index of the interface on which @arrival was captured, or 0
 * @err: error number if the replay ended with REPLAY_OUTPUT
 * @why: one-line reason for a failure
 */
struct replay {
	struct capture capture;
	struct tracker tracker;
	struct batch_queue queue;
	struct arrival arrival;
	u32 interface;
	int err;
	char why[512];
};

int replay_open(struct replay *r, const char *path, char *const words[],
		u32 mask,
		int (*handle)(void *data, const union record *rec, u64 frame),
		void *data);
int replay_open_live(struct replay *r, const char *interface, u32 buffer,
		     char *const words[], u32 mask,
		     int (*handle)(void *data, const union record *rec,
				   u64 frame),
		     void *data);
const char *replay_interface(const struct replay *r, u64 frame);
void replay_summary(const struct replay *r, u64 events);
enum replay_end replay_run(struct replay *r);
void replay_close(struct replay *r);

#endif /* _TCPTRACECTL_REPLAY_H */
