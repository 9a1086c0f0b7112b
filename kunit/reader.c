// SPDX-License-Identifier: GPL-2.0
/*
 * Test which records a reader gets, and when it is woken. Readers must not
 * affect one another.
 */
#include "fixture.h"

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/time.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

static const struct tcptrace_transition sample = {
	.h = {
		.len = sizeof(sample),
		.type = TCPTRACE_STATE,
		.flags = TCPTRACE_F_GUESSED,
		.time = 12345,
	},
	.number = 7,
	.to = TCPTRACE_ESTAB,
};

static void publish(struct fixture *fx, unsigned int ns, unsigned int type)
{
	union {
		struct tcptrace_transition state;
		struct tcptrace_close close;	/* has a reason */
	} rec = { };

	rec.state = sample;
	rec.state.h.type = type;
	tcpt_reader_publish(&fx->ns[ns], &rec.state.h, NULL);
}

/* Read all records. Return: a mask of the record types. */
static u32 types_of(struct fixture *fx, struct tcpt_reader *reader)
{
	const struct tcptrace_header *h;
	u32 mask = 0;

	while ((h = tcpt_fixture_next(fx, reader)))
		mask |= TCPTRACE_MASK(h->type);
	return mask;
}

static void publish_all(struct fixture *fx, unsigned int ns)
{
	unsigned int type;

	for (type = TCPTRACE_OPEN; type <= TCPTRACE_OWNER; type++)
		if (type != TCPTRACE_LOST)
			publish(fx, ns, type);
}

static bool wants_nothing(void)
{
	unsigned int type;

	for (type = 0; type < 32; type++)
		if (tcpt_reader_wants(type))
			return false;
	return true;
}

static void reader_starts_with_the_default(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 1, 10000);

	KUNIT_EXPECT_EQ(test, reader->mask, TCPTRACE_MASK_DEFAULT);
	KUNIT_EXPECT_EQ(test, reader->netns, FIXTURE_INUM + 1U);
	KUNIT_EXPECT_EQ(test, reader->ring.size, 16384U);
	KUNIT_EXPECT_FALSE(test, reader->all);
	KUNIT_EXPECT_FALSE(test, reader->gone);
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
}

/* Delivery sets only the record number. All other bytes are as published. */
static void reader_gets_the_record_as_it_is(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	struct tcptrace_transition want = sample;
	const struct tcptrace_header *h;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		publish(fx, 0, TCPTRACE_STATE);
		want.h.seq = i;
		h = tcpt_fixture_next(fx, reader);
		KUNIT_ASSERT_NOT_NULL(test, h);
		KUNIT_EXPECT_EQ(test, memcmp(h, &want, sizeof(want)), 0);
	}
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, reader));
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_EVENTS),
			3UL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[1], TCPT_STAT_EVENTS),
			0UL);
}

static void reader_gets_its_mask(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	u32 mask, all = TCPTRACE_MASK_ALL & ~TCPTRACE_MASK(TCPTRACE_LOST);

	publish_all(fx, 0);
	KUNIT_EXPECT_EQ(test, types_of(fx, reader), TCPTRACE_MASK_DEFAULT &
			~TCPTRACE_MASK(TCPTRACE_LOST));
	for (mask = 0; mask <= TCPTRACE_MASK_ALL; mask += 2) {
		tcpt_reader_set_mask(reader, mask);
		KUNIT_EXPECT_EQ(test, reader->mask,
				mask | TCPTRACE_MASK(TCPTRACE_LOST));
		publish_all(fx, 0);
		KUNIT_EXPECT_EQ(test, types_of(fx, reader), mask & all);
	}
	/*
	 * a record that the mask excludes is not lost and has no record number
	 */
	KUNIT_EXPECT_EQ(test, reader->ring.seq, reader->ring.delivered);
}

static bool gets_close(struct fixture *fx, struct tcpt_reader *reader,
		       u8 reason)
{
	struct tcptrace_close rec = {
		.h = { .len = sizeof(rec), .type = TCPTRACE_CLOSE },
		.reason = reason,
	};

	tcpt_reader_publish(&fx->ns[0], &rec.h, NULL);
	return types_of(fx, reader) == TCPTRACE_MASK(TCPTRACE_CLOSE);
}

static void reader_gets_failures(struct kunit *test)
{
	static const bool failure[] = {
		[TCPTRACE_CLOSE_RESET] = true,
		[TCPTRACE_CLOSE_REFUSED] = true,
		[TCPTRACE_CLOSE_UNANSWERED] = true,
		[TCPTRACE_CLOSE_TIMEOUT] = true,
		[TCPTRACE_CLOSE_EVICTED] = true,
		[TCPTRACE_CLOSE_SHUTDOWN] = false,
	};
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	unsigned int i;

	tcpt_reader_set_mask(reader, TCPTRACE_MASK_FAILURES);
	KUNIT_EXPECT_TRUE(test, tcpt_reader_wants(TCPTRACE_CLOSE));
	for (i = 0; i < ARRAY_SIZE(failure); i++)
		KUNIT_EXPECT_EQ(test, gets_close(fx, reader, i), failure[i]);
	for (i = TCPTRACE_OPEN; i < TCPTRACE_CLOSE; i++)
		publish(fx, 0, i);
	KUNIT_EXPECT_EQ(test, types_of(fx, reader), 0U);
	publish(fx, 0, TCPTRACE_SUSPECTED);
	KUNIT_EXPECT_EQ(test, types_of(fx, reader),
			TCPTRACE_MASK(TCPTRACE_SUSPECTED));
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_OPEN));
	tcpt_reader_set_mask(reader, TCPTRACE_MASK_FAILURES |
			     TCPTRACE_MASK(TCPTRACE_CLOSE));
	KUNIT_EXPECT_TRUE(test, gets_close(fx, reader, TCPTRACE_CLOSE_FIN));
	tcpt_reader_set_mask(reader, 0);
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_CLOSE));
}

static void reader_masks_are_added_up(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *a, *b;

	KUNIT_EXPECT_TRUE(test, wants_nothing());
	a = tcpt_fixture_reader(fx, 0, 4096);
	tcpt_reader_set_mask(a, TCPTRACE_MASK(TCPTRACE_OPEN));
	KUNIT_EXPECT_TRUE(test, tcpt_reader_wants(TCPTRACE_OPEN));
	KUNIT_EXPECT_TRUE(test, tcpt_reader_wants(TCPTRACE_LOST));
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_SEGMENT));
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_CLOSE));
	b = tcpt_fixture_reader(fx, 1, 4096);
	tcpt_reader_set_mask(b, TCPTRACE_MASK(TCPTRACE_SEGMENT));
	KUNIT_EXPECT_TRUE(test, tcpt_reader_wants(TCPTRACE_OPEN));
	KUNIT_EXPECT_TRUE(test, tcpt_reader_wants(TCPTRACE_SEGMENT));
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_CLOSE));
	tcpt_reader_set_mask(a, 0);
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_OPEN));
	/* close the only reader that wants SEGMENT */
	fx->reader[1] = NULL;
	tcpt_reader_del(b);
	tcpt_reader_free(b);
	KUNIT_EXPECT_FALSE(test, tcpt_reader_wants(TCPTRACE_SEGMENT));
	fx->reader[0] = NULL;
	tcpt_reader_del(a);
	tcpt_reader_free(a);
	KUNIT_EXPECT_TRUE(test, wants_nothing());
}

static void reader_number_is_limited(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *more = tcpt_reader_new(&fx->ns[0], 4096);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, more);
	tcpt_fixture_reader(fx, 0, 4096);
	tcpt_fixture_reader(fx, 1, 4096);
	KUNIT_EXPECT_EQ(test, tcpt_reader_add(more, 2), -EBUSY);
	KUNIT_EXPECT_EQ(test, tcpt_reader_add(more, 0), -EBUSY);
	/* the refused reader gets no records */
	publish(fx, 0, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, more->ring.seq, 0ULL);
	KUNIT_EXPECT_EQ(test, tcpt_reader_add(more, 3), 0);
	publish(fx, 0, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, more->ring.seq, 1ULL);
	tcpt_reader_del(more);
	publish(fx, 0, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, more->ring.seq, 1ULL);
	/* a removed reader does not count towards the limit */
	KUNIT_EXPECT_EQ(test, tcpt_reader_add(more, 3), 0);
	tcpt_reader_del(more);
	tcpt_reader_free(more);
}

static void reader_sees_its_namespace(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *own = tcpt_fixture_reader(fx, 0, 4096);
	struct tcpt_reader *all = tcpt_fixture_reader(fx, 0, 4096);

	WRITE_ONCE(all->all, true);
	publish(fx, 0, TCPTRACE_OPEN);
	publish(fx, 1, TCPTRACE_CLOSE);
	KUNIT_EXPECT_EQ(test, types_of(fx, own), TCPTRACE_MASK(TCPTRACE_OPEN));
	KUNIT_EXPECT_EQ(test, types_of(fx, all), TCPTRACE_MASK(TCPTRACE_OPEN) |
			TCPTRACE_MASK(TCPTRACE_CLOSE));
	WRITE_ONCE(all->all, false);
	publish(fx, 1, TCPTRACE_CLOSE);
	KUNIT_EXPECT_EQ(test, types_of(fx, all), 0U);
}

/* A waiter that counts the wake-ups of a reader, and notes a hangup. */
struct sleeper {
	struct wait_queue_entry entry;
	unsigned int woken;
	bool hangup;
};

static int count_wake(struct wait_queue_entry *entry, unsigned int mode,
		      int flags, void *key)
{
	struct sleeper *s = container_of(entry, struct sleeper, entry);

	s->woken++;
	s->hangup |= !!(key_to_poll(key) & EPOLLHUP);
	return 1;
}

static void sleep_on(struct tcpt_reader *reader, struct sleeper *s)
{
	memset(s, 0, sizeof(*s));
	init_waitqueue_func_entry(&s->entry, count_wake);
	add_wait_queue(&reader->wait, &s->entry);
}

/*
 * Each reader gets the record with the times of its own clock: the record is
 * written into the first ring, and copied into the other rings.
 */
static void reader_has_its_own_clock(struct kunit *test)
{
	static const struct tcptrace_close sample_close = {
		.h = { .len = sizeof(sample_close), .type = TCPTRACE_CLOSE,
		       .flags = TCPTRACE_F_GUESSED, .time = 12345 },
		.start = 12000, .transitions = 7,
	};
	static const u8 clocks[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_REALTIME,
	};
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader[ARRAY_SIZE(clocks)];
	struct tcptrace_close want;
	const struct tcptrace_header *h;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		reader[i] = tcpt_fixture_reader(fx, 0, 4096);
		reader[i]->clock = clocks[i];
	}
	tcpt_reader_publish(&fx->ns[0], &sample_close.h, NULL);
	for (i = 0; i < ARRAY_SIZE(clocks); i++) {
		h = tcpt_fixture_next(fx, reader[i]);
		KUNIT_ASSERT_NOT_NULL(test, h);
		want = sample_close;
		if (clocks[i] == CLOCK_REALTIME) {
			want.h.time = ktime_mono_to_real(want.h.time);
			want.start = ktime_mono_to_real(want.start);
		}
		KUNIT_EXPECT_EQ(test, memcmp(h, &want, sizeof(want)), 0);
	}
}

/* Other readers get a record even if the ring of one reader is full. */
static void reader_that_is_full_loses_alone(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *full = tcpt_fixture_reader(fx, 0, 4096);
	struct tcpt_reader *other = tcpt_fixture_reader(fx, 0, 8192);
	unsigned int i, fit = 4096 / sizeof(sample);

	for (i = 0; i < fit + 5; i++)
		publish(fx, 0, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, tcpt_ring_lost(&full->ring), 5ULL);
	KUNIT_EXPECT_EQ(test, tcpt_ring_lost(&other->ring), 0ULL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_LOST),
			5UL);
	for (i = 0; i < fit + 5; i++)
		KUNIT_EXPECT_NOT_NULL(test, tcpt_fixture_next(fx, other));
	KUNIT_EXPECT_NULL(test, tcpt_fixture_next(fx, other));
}

/* When its namespace ends, a reader keeps its records and is woken. */
static void reader_hangs_up(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *gone = tcpt_fixture_reader(fx, 0, 4096);
	struct tcpt_reader *other = tcpt_fixture_reader(fx, 1, 4096);
	struct sleeper s, t;

	WRITE_ONCE(gone->all, true);
	publish(fx, 0, TCPTRACE_OPEN);
	sleep_on(gone, &s);
	sleep_on(other, &t);
	tcpt_reader_hangup(&fx->ns[0]);
	KUNIT_EXPECT_TRUE(test, gone->gone);
	KUNIT_EXPECT_FALSE(test, other->gone);
	KUNIT_EXPECT_EQ(test, s.woken, 1U);
	KUNIT_EXPECT_TRUE(test, s.hangup);
	KUNIT_EXPECT_EQ(test, t.woken, 0U);
	publish(fx, 0, TCPTRACE_STATE);
	publish(fx, 1, TCPTRACE_CLOSE);
	KUNIT_EXPECT_EQ(test, types_of(fx, gone), TCPTRACE_MASK(TCPTRACE_OPEN));
	KUNIT_EXPECT_EQ(test, types_of(fx, other),
			TCPTRACE_MASK(TCPTRACE_CLOSE));
	remove_wait_queue(&gone->wait, &s.entry);
	remove_wait_queue(&other->wait, &t.entry);
}

/*
 * A reader is woken only once for many records, because it is awake until it
 * has read all of them.
 */
static void reader_is_woken_once(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	struct sleeper s;

	sleep_on(reader, &s);
	publish_all(fx, 0);
	KUNIT_EXPECT_EQ(test, s.woken, 1U);
	tcpt_fixture_next(fx, reader);
	publish(fx, 0, TCPTRACE_OPEN);
	KUNIT_EXPECT_EQ(test, s.woken, 1U);
	types_of(fx, reader);
	publish(fx, 1, TCPTRACE_OPEN);
	KUNIT_EXPECT_EQ(test, s.woken, 1U);
	publish(fx, 0, TCPTRACE_OPEN);
	KUNIT_EXPECT_EQ(test, s.woken, 2U);
	remove_wait_queue(&reader->wait, &s.entry);
}

/*
 * A reader is woken when enough bytes wait. It is not woken again until it has
 * read all records.
 */
static void reader_is_woken_by_enough(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *reader = tcpt_fixture_reader(fx, 0, 4096);
	unsigned int i, turn;
	struct sleeper s;

	tcpt_reader_set_wake(reader, 3 * sizeof(sample), 0);
	sleep_on(reader, &s);
	for (turn = 1; turn < 4; turn++) {
		for (i = 1; i < 9; i++) {
			publish(fx, 0, TCPTRACE_STATE);
			KUNIT_EXPECT_EQ(test, tcpt_reader_readable(reader), i > 2);
			KUNIT_EXPECT_EQ(test, s.woken, turn - (i < 3));
		}
		types_of(fx, reader);
		tcpt_reader_taken(reader);
	}
	/* half of the ring is always enough to wake the reader */
	tcpt_reader_set_wake(reader, U32_MAX, 0);
	for (i = 0; i < 100 && s.woken == turn; i++)
		publish(fx, 0, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, tcpt_ring_used(&reader->ring) / 256, 8ULL);
	remove_wait_queue(&reader->wait, &s.entry);
}

/* Read all records. Return: the number of records other than LOST. */
static u64 drain(struct fixture *fx, struct tcpt_reader *reader, u64 *lost)
{
	const struct tcptrace_header *h;
	u64 n = 0, next = reader->ring.delivered + *lost;

	while ((h = tcpt_fixture_next(fx, reader))) {
		KUNIT_EXPECT_EQ(fx->test, h->seq, next);
		if (h->type == TCPTRACE_LOST) {
			next += ((const struct tcptrace_lost *)h)->count;
			*lost += ((const struct tcptrace_lost *)h)->count;
			continue;
		}
		next++;
		n++;
	}
	return n;
}

/*
 * One reader sleeps, so its ring becomes full. The other reader must not be
 * affected.
 */
static void reader_asleep_costs_nobody_else(struct kunit *test)
{
	struct fixture *fx = test->priv;
	struct tcpt_reader *asleep = tcpt_fixture_reader(fx, 0, 4096);
	struct tcpt_reader *awake = tcpt_fixture_reader(fx, 0, 4096);
	u64 got = 0, lost_awake = 0, lost_asleep = 0, fit = 4096 / sizeof(sample);
	unsigned int i;

	for (i = 1; i <= 1000; i++) {
		publish(fx, 0, TCPTRACE_STATE);
		got += drain(fx, awake, &lost_awake);
		KUNIT_EXPECT_EQ(test, got, (u64)i);
	}
	KUNIT_EXPECT_EQ(test, lost_awake, 0ULL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_LOST),
			1000 - (unsigned long)fit);
	KUNIT_EXPECT_EQ(test, drain(fx, asleep, &lost_asleep), fit);
	KUNIT_EXPECT_EQ(test, lost_asleep, 1000 - fit);
	KUNIT_EXPECT_EQ(test, asleep->ring.seq, 1000ULL);
	/* after the gap, the reader gets records again */
	publish(fx, 0, TCPTRACE_STATE);
	KUNIT_EXPECT_EQ(test, drain(fx, asleep, &lost_asleep), 1ULL);
	KUNIT_EXPECT_EQ(test, drain(fx, awake, &lost_awake), 1ULL);
	KUNIT_EXPECT_EQ(test, tcpt_fixture_stat(&fx->ns[0], TCPT_STAT_EVENTS),
			1001UL);
}

static struct kunit_case reader_cases[] = {
	KUNIT_CASE(reader_starts_with_the_default),
	KUNIT_CASE(reader_gets_the_record_as_it_is),
	KUNIT_CASE(reader_gets_its_mask),
	KUNIT_CASE(reader_gets_failures),
	KUNIT_CASE(reader_masks_are_added_up),
	KUNIT_CASE(reader_number_is_limited),
	KUNIT_CASE(reader_sees_its_namespace),
	KUNIT_CASE(reader_has_its_own_clock),
	KUNIT_CASE(reader_that_is_full_loses_alone),
	KUNIT_CASE(reader_hangs_up),
	KUNIT_CASE(reader_is_woken_once),
	KUNIT_CASE(reader_is_woken_by_enough),
	KUNIT_CASE(reader_asleep_costs_nobody_else),
	{}
};

static struct kunit_suite reader_suite = {
	.name = "tcptrace_reader",
	.init = tcpt_fixture_init,
	.exit = tcpt_fixture_exit,
	.test_cases = reader_cases,
};

kunit_test_suite(reader_suite);
