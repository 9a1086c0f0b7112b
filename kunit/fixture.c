// SPDX-License-Identifier: GPL-2.0
#include "fixture.h"

#include "../module/vantage.h"

#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

static void init_table(struct fixture *fx)
{
	static const siphash_key_t key = {{ 0x5a5a5a5a5a5a5a5a,
					    0x5a5a5a5a5a5a5a5a }};
	struct tcpt_table *table = &fx->tracker.table;

	KUNIT_ASSERT_EQ(fx->test, tcpt_table_init(table, &fx->config), 0);
	/* with a constant key, the hash chains are the same in every run */
	tcpt_table_set_key(table, &key);
}

/**
 * tcpt_fixture_init - set test->priv to a new struct fixture
 * @test: the test
 *
 * Context: a test.
 * Return: 0; the test is aborted on failure.
 */
int tcpt_fixture_init(struct kunit *test)
{
	struct fixture *fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fx);
	fx->test = test;
	fx->now = FIXTURE_START;
	fx->config.hashsize = TCPT_TABLE_BUCKETS_MIN;
	fx->config.max_connections = 4096;
	fx->config.max_half_open = 2048;
	for (i = 0; i < TCPT_TIMEOUTS; i++)
		fx->config.timeouts[i] = 100 + 10 * i;
	fx->tracker.config = &fx->config;
	for (i = 0; i < FIXTURE_NS; i++) {
		fx->ns[i].inum = FIXTURE_INUM + i;
		fx->ns[i].table = &fx->tracker.table;
		fx->ns[i].stats = alloc_percpu(struct tcpt_stats);
		KUNIT_ASSERT_NOT_NULL(test, fx->ns[i].stats);
		fx->ns[i].limits = &fx->limits[i];
		INIT_LIST_HEAD(&fx->ns[i].conns);
		KUNIT_ASSERT_EQ(test, tcpt_limit_init(&fx->limits[i],
						      &fx->ns[i]), 0);
	}
	init_table(fx);
	test->priv = fx;
	return 0;
}

static void flush(struct fixture *fx)
{
	struct tcpt_table *table = &fx->tracker.table;
	unsigned int i;

	for (i = 0; i < FIXTURE_NS; i++)
		tcpt_gc_namespace(&fx->tracker, &fx->ns[i], fx->now);
	rcu_barrier();
	KUNIT_EXPECT_EQ(fx->test, tcpt_table_count(table), 0);
	KUNIT_EXPECT_EQ(fx->test, table->half_open, 0);
	for (i = 0; i < TCPT_QUEUES; i++)
		KUNIT_EXPECT_TRUE(fx->test, list_empty(&table->queue[i]));
	tcpt_table_destroy(table);
}

/**
 * tcpt_fixture_exit - end all connections, and free the fixture's resources
 * @test: the test
 *
 * The test fails if a connection is left.
 *
 * Context: a test.
 */
void tcpt_fixture_exit(struct kunit *test)
{
	struct fixture *fx = test->priv;
	unsigned int i;

	if (!fx)
		return;
	for (i = 0; i < FIXTURE_READERS && fx->reader[i]; i++) {
		tcpt_reader_del(fx->reader[i]);
		tcpt_reader_free(fx->reader[i]);
	}
	flush(fx);
	for (i = 0; i < FIXTURE_NS; i++) {
		tcpt_limit_stop(&fx->limits[i]);
		tcpt_limit_free(&fx->limits[i]);
		free_percpu(fx->ns[i].stats);
	}
}

/**
 * tcpt_fixture_resize - replace the table with an empty one of a given size
 * @fx: the fixture
 * @hashsize: number of buckets
 *
 * Context: a test.
 */
void tcpt_fixture_resize(struct fixture *fx, unsigned int hashsize)
{
	flush(fx);
	fx->config.hashsize = hashsize;
	init_table(fx);
}

/**
 * tcpt_fixture_segment - fill in a segment that has no payload and no options
 * @seg: filled in
 * @flow: number of the connection
 * @from: ORIG or RESP
 * @flags: TCPTRACE_FIN and so on
 * @seq: sequence number, relative to the sender's ISN
 * @ack: acknowledgment number, relative to the other end's ISN
 *
 * Context: any.
 */
void tcpt_fixture_segment(struct tcpt_segment *seg, u32 flow,
			  unsigned int from, u16 flags, u32 seq, u32 ack)
{
	static const u32 isn[2] = { FIXTURE_CLIENT_ISN, FIXTURE_SERVER_ISN };
	const u8 addr[2][16] = {
		{ 10, flow >> 16 & 0xff, flow >> 8 & 0xff, flow & 0xff },
		{ 192, 0, 2, 1 },
	};
	const struct segment_spec spec = {
		.flags = flags,
		.seq = seq,
		.ack = ack,
	};

	tcpt_spec_segment(seg, &spec, isn, from);
	memcpy(seg->src, addr[from], sizeof(seg->src));
	memcpy(seg->dst, addr[!from], sizeof(seg->dst));
}

/**
 * tcpt_fixture_see - pass a segment to the tracker at the current time
 * @fx: the fixture
 * @ns: index of the network namespace
 * @seg: the segment
 * @hook: enum tcptrace_hook
 *
 * Context: a test.
 */
void tcpt_fixture_see(struct fixture *fx, unsigned int ns,
		      const struct tcpt_segment *seg, u8 hook)
{
	const struct tcpt_arrival arrival = {
		.seg = seg,
		.ns = &fx->ns[ns],
		.now = fx->now,
		.vantage = tcpt_vantage_of(1, 0, hook),
		.hook = hook,
	};

	fx->arrivals[ns]++;
	rcu_read_lock();
	tcpt_tracker_observe(&fx->tracker, &arrival);
	rcu_read_unlock();
}

/**
 * tcpt_fixture_send - pass a segment without payload to the tracker, in ns[0]
 * @fx: the fixture
 * @flow: number of the connection
 * @from: ORIG or RESP
 * @flags: TCPTRACE_FIN and so on
 * @seq: sequence number, relative to the sender's ISN
 * @ack: acknowledgment number, relative to the other end's ISN
 *
 * Context: a test.
 */
void tcpt_fixture_send(struct fixture *fx, u32 flow, unsigned int from,
		       u16 flags, u32 seq, u32 ack)
{
	struct tcpt_segment seg;

	tcpt_fixture_segment(&seg, flow, from, flags, seq, ack);
	tcpt_fixture_see(fx, 0, &seg, from == ORIG ? TCPTRACE_HOOK_IN :
						     TCPTRACE_HOOK_OUT);
}

/**
 * tcpt_fixture_plain - make a segment that may take the fast path
 * @seg: filled in
 * @flow: number of the connection
 * @spec: the segment; only @from, @flags, @seq, @ack and @len are used
 *
 * The segment has a TTL and, if it is a SYN, a window scale: without these, no
 * segment takes the fast path.
 *
 * Context: a test.
 */
void tcpt_fixture_plain(struct tcpt_segment *seg, u32 flow,
			struct segment_spec spec)
{
	tcpt_fixture_segment(seg, flow, spec.from, spec.flags, spec.seq,
			     spec.ack);
	seg->len = spec.len;
	seg->ttl = 64;
	if (spec.flags & SYN) {
		seg->opt.present = TCPTRACE_OPT_WSCALE;
		seg->opt.wscale = 7;
	}
}

/**
 * tcpt_fixture_fast - send a segment that may take the fast path, in ns[0]
 * @fx: the fixture
 * @flow: number of the connection
 * @spec: as for tcpt_fixture_plain()
 *
 * Context: a test.
 */
void tcpt_fixture_fast(struct fixture *fx, u32 flow, struct segment_spec spec)
{
	struct tcpt_segment seg;

	tcpt_fixture_plain(&seg, flow, spec);
	tcpt_fixture_see(fx, 0, &seg, spec.from == ORIG ? TCPTRACE_HOOK_IN :
							  TCPTRACE_HOOK_OUT);
}

/**
 * tcpt_fixture_establish - play the handshake of a connection
 * @fx: the fixture
 * @flow: number of the connection
 *
 * Context: a test.
 */
void tcpt_fixture_establish(struct fixture *fx, u32 flow)
{
	tcpt_fixture_send(fx, flow, ORIG, SYN, 0, 0);
	tcpt_fixture_send(fx, flow, RESP, SYNACK, 0, 1);
	tcpt_fixture_send(fx, flow, ORIG, ACK, 1, 1);
}

/**
 * tcpt_fixture_finish - close an established connection
 * @fx: the fixture
 * @flow: number of the connection; the client is in TIME_WAIT afterwards
 *
 * Context: a test.
 */
void tcpt_fixture_finish(struct fixture *fx, u32 flow)
{
	tcpt_fixture_send(fx, flow, ORIG, FIN, 1, 1);
	tcpt_fixture_send(fx, flow, RESP, FIN, 1, 2);
	tcpt_fixture_send(fx, flow, ORIG, ACK, 2, 2);
}

/**
 * tcpt_fixture_stat - sum a counter across all CPUs
 * @ns: the network namespace
 * @stat: enum tcpt_stat
 *
 * Context: any.
 * Return: the sum.
 */
unsigned long tcpt_fixture_stat(const struct tcpt_ns *ns, unsigned int stat)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(ns->stats, cpu)->count[stat];
	return sum;
}

/**
 * tcpt_fixture_counted - count all arrivals: sum the first group of counters
 * @ns: the network namespace
 *
 * Context: any.
 * Return: the sum.
 */
unsigned long tcpt_fixture_counted(const struct tcpt_ns *ns)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i <= TCPT_STAT_NO_MEMORY; i++)
		sum += tcpt_fixture_stat(ns, i);
	return sum;
}

/**
 * tcpt_fixture_reader - open a reader
 * @fx: the fixture
 * @ns: index of the network namespace
 * @ring_size: size of the ring in bytes
 *
 * The ring is filled with garbage, so that a test notices unwritten bytes.
 *
 * Context: a test.
 * Return: the reader, which is closed when the test ends.
 */
struct tcpt_reader *tcpt_fixture_reader(struct fixture *fx, unsigned int ns,
					u32 ring_size)
{
	struct tcpt_reader *reader;
	unsigned int i = 0;

	while (i < FIXTURE_READERS && fx->reader[i])
		i++;
	KUNIT_ASSERT_LT(fx->test, i, (unsigned int)FIXTURE_READERS);
	reader = tcpt_reader_new(&fx->ns[ns], ring_size);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(fx->test, reader);
	memset(reader->ring.data, 0xa5, reader->ring.size);
	KUNIT_ASSERT_EQ(fx->test, tcpt_reader_add(reader, FIXTURE_READERS), 0);
	fx->reader[i] = reader;
	return reader;
}

/**
 * tcpt_fixture_next - take the next record of a reader
 * @fx: the fixture
 * @reader: the reader
 *
 * Context: a test.
 * Return: the record, valid until the next call, or NULL if there is none.
 */
const struct tcptrace_header *tcpt_fixture_next(struct fixture *fx,
						struct tcpt_reader *reader)
{
	const struct tcptrace_header *h;
	struct tcpt_run run;

	if (tcpt_ring_peek(&reader->ring, reader->ring.size, &run) <= 0)
		return NULL;
	h = (const struct tcptrace_header *)run.bytes;
	KUNIT_ASSERT_LE(fx->test, h->len, (u32)sizeof(fx->record));
	memcpy(fx->record, h, h->len);
	KUNIT_ASSERT_EQ(fx->test, tcpt_ring_peek(&reader->ring, h->len, &run),
			(ssize_t)h->len);
	tcpt_ring_consume(&reader->ring, &run);
	return (const struct tcptrace_header *)fx->record;
}
