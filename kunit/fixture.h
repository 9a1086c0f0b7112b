/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A tracker for a test. The test provides the segments, the time and the
 * readers.
 */
#ifndef _TCPT_KUNIT_FIXTURE_H
#define _TCPT_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/tcptrace.h>

#include "../module/config.h"
#include "../module/gc.h"
#include "../module/limit.h"
#include "../module/reader.h"
#include "../module/stats.h"
#include "../module/tracker.h"

#include "spec.h"

enum {
	FIXTURE_NS		= 2,
	FIXTURE_READERS		= 4,
	FIXTURE_RECORD_MAX	= 2048,
	FIXTURE_WINDOW		= SPEC_WINDOW,
	FIXTURE_INUM		= 0x7f000001,	/* of ns[0]; ns[1] has 1 more */
};

#define FIXTURE_CLIENT_ISN	1000U
#define FIXTURE_SERVER_ISN	0xfffffff0U
#define FIXTURE_START		(1000 * FIXTURE_SEC)
#define FIXTURE_SEC		1000000000ULL

/**
 * struct fixture - a tracker with namespaces and readers, for a test
 * @test: the test
 * @config: limits, timeouts and size of the table; a test may change them
 * @tracker: the tracker; its table has a constant key and, until
 *	tcpt_fixture_resize() is called, 256 buckets
 * @ns: network namespaces
 * @limits: for each namespace, the limits that it has reached
 * @reader: readers, which are closed when the test ends
 * @record: the record that tcpt_fixture_next() returned last
 * @full: the copy that tcpt_fixture_track() made last
 * @now: the time; a test advances it
 * @arrivals: number of segments that tcpt_fixture_see() has passed to the
 *	tracker, by namespace
 */
struct fixture {
	struct kunit *test;
	struct tcpt_config config;
	struct tcpt_tracker tracker;
	struct tcpt_ns ns[FIXTURE_NS];
	struct tcpt_limits limits[FIXTURE_NS];
	struct tcpt_reader *reader[FIXTURE_READERS];
	u64 record[FIXTURE_RECORD_MAX / 8];
	struct tcpt_full full;
	u64 now;
	unsigned long arrivals[FIXTURE_NS];
};

int tcpt_fixture_init(struct kunit *test);
void tcpt_fixture_exit(struct kunit *test);
void tcpt_fixture_resize(struct fixture *fx, unsigned int hashsize);

void tcpt_fixture_segment(struct tcpt_segment *seg, u32 flow,
			  unsigned int from, u16 flags, u32 seq, u32 ack);
void tcpt_fixture_see(struct fixture *fx, unsigned int ns,
		      const struct tcpt_segment *seg, u8 hook);
void tcpt_fixture_send(struct fixture *fx, u32 flow, unsigned int from,
		       u16 flags, u32 seq, u32 ack);
void tcpt_fixture_plain(struct tcpt_segment *seg, u32 flow,
			struct segment_spec spec);
void tcpt_fixture_fast(struct fixture *fx, u32 flow, struct segment_spec spec);
void tcpt_fixture_establish(struct fixture *fx, u32 flow);
void tcpt_fixture_finish(struct fixture *fx, u32 flow);

unsigned long tcpt_fixture_stat(const struct tcpt_ns *ns, unsigned int stat);
unsigned long tcpt_fixture_counted(const struct tcpt_ns *ns);

struct tcpt_reader *tcpt_fixture_reader(struct fixture *fx, unsigned int ns,
					u32 ring_size);
const struct tcptrace_header *tcpt_fixture_next(struct fixture *fx,
						struct tcpt_reader *reader);

#endif /* _TCPT_KUNIT_FIXTURE_H */
