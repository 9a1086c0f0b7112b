// SPDX-License-Identifier: GPL-2.0
/*
 * A reader of /dev/tcptrace that measures its cost and counts its records:
 *	reader STYLE MASK RING BYTES
 * MASK is the event mask, RING the size of the ring, BYTES the wake-up
 * threshold; 0 leaves the default. STYLE is
 *	hold	read nothing before the end
 *	map	read nothing before the end, then read the mapped ring
 *	follow	wait and read all records, repeatedly
 *	slow	wait, read 4 KiB and sleep, repeatedly
 *	stopped	follow in a child, which is stopped after a while
 *	killed	follow in a child, which is killed after a while
 * The reader prints "ready" and runs until its standard input ends. Then the
 * reader reads the remaining records and prints lines "NAME VALUE".
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/tcptrace.h>

enum { ROOM = 65536, SIP = 4096, DELAY_MS = 100, A_WHILE = 1000 };

struct counts {
	__u64 events, lost, reads, wakes, ticks, next;
	bool broken;	/* the record numbers have a gap */
};

static struct counts *counts;	/* shared with a child */
static char room[ROOM];
static int device;

static void die(const char *what)
{
	fprintf(stderr, "reader: %s: %s\n", what, strerror(errno));
	exit(1);
}

static __u64 ticks(void)
{
	__u32 lo, hi;

	__asm__ volatile("lfence; rdtsc" : "=a" (lo), "=d" (hi) : : "memory");
	return lo | (__u64)hi << 32;
}

/* Count a record, and check that its number, counted from 0, is the next. */
static void take(const struct tcptrace_header *h)
{
	if (h->seq != counts->next)
		counts->broken = true;
	if (h->type == TCPTRACE_LOST) {
		const struct tcptrace_lost *lost = (const void *)h;

		counts->lost += lost->count;
		counts->next = h->seq + lost->count;
	} else {
		counts->events++;
		counts->next = h->seq + 1;
	}
}

/* Read once. Return: false if there was nothing to read. */
static bool read_once(size_t max)
{
	__u64 begin = ticks();
	ssize_t len = read(device, room, max);
	const char *p = room;

	if (len < 0 && errno != EAGAIN)
		die("read");
	if (len <= 0)
		return false;
	counts->ticks += ticks() - begin;
	counts->reads++;
	while (p < room + len) {
		const struct tcptrace_header *h = (const void *)p;

		take(h);
		p += h->len;
	}
	return true;
}

/* Read until standard input ends. */
static void follow(bool slow)
{
	struct pollfd fds[] = {
		{ .fd = device, .events = POLLIN },
		{ .fd = STDIN_FILENO },
	};

	while (!fds[1].revents) {
		if (poll(fds, 2, -1) < 0)
			die("poll");
		if (!fds[0].revents)
			continue;
		counts->wakes++;
		if (slow) {
			read_once(SIP);
			usleep(1000);
			continue;
		}
		while (read_once(ROOM))
			;
	}
}

/* Wait for the end of standard input, at most @ms; -1: without a limit. */
static bool ended(int ms)
{
	struct pollfd end = { .fd = STDIN_FILENO };

	return poll(&end, 1, ms) > 0;
}

static struct tcptrace_info info(void)
{
	struct tcptrace_info i;

	if (ioctl(device, TCPTRACE_IOC_INFO, &i))
		die("INFO");
	return i;
}

static void *map(int prot, size_t size, off_t page)
{
	/*
	 * take all page faults before the measurement: a real reader reads its
	 * ring repeatedly
	 */
	void *at = mmap(NULL, size, prot, MAP_SHARED | MAP_POPULATE, device,
			page * sysconf(_SC_PAGESIZE));

	if (at == MAP_FAILED)
		die("mmap");
	return at;
}

/* Read all waiting records of the mapped ring, similarly to examples/mmap.c. */
static void take_mapped(void)
{
	struct tcptrace_consumer *consumer =
		map(PROT_READ | PROT_WRITE, 1, TCPTRACE_PAGE_CONSUMER);
	const struct tcptrace_producer *producer =
		map(PROT_READ, 1, TCPTRACE_PAGE_PRODUCER);
	const char *data = map(PROT_READ, producer->size, TCPTRACE_PAGE_DATA);
	__u64 head, tail = consumer->tail, begin = ticks();
	const __u32 size = producer->size;
	const struct tcptrace_header *h;
	__u32 len;

	head = __atomic_load_n(&producer->head, __ATOMIC_ACQUIRE);
	while (tail != head) {
		h = (const void *)(data + (tail & (size - 1)));
		len = __atomic_load_n(&h->len, __ATOMIC_ACQUIRE);
		if (len & TCPTRACE_BUSY)
			break;
		if (h->type != TCPTRACE_PAD)
			take(h);
		tail += len;
	}
	__atomic_store_n(&consumer->tail, tail, __ATOMIC_RELEASE);
	counts->ticks += ticks() - begin;
	munmap((void *)data, size);
	munmap((void *)producer, 1);
	munmap(consumer, 1);
}

/*
 * Read in a child. After a while, send the child a signal. Reap the child after
 * standard input has ended.
 */
static void follow_until(int signal)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (!child) {
		follow(false);
		_exit(0);
	}
	while (info().delivered < A_WHILE && !ended(1))
		;
	kill(child, signal);
	ended(-1);
	kill(child, SIGCONT);
	waitpid(child, NULL, 0);
}

/* Read the remaining records; compare the kernel's counts with the reader's. */
static void settle(bool all_mine)
{
	struct tcptrace_info before = info(), after;
	__u64 events = counts->events;
	bool exact;

	while (read_once(ROOM))
		;
	after = info();
	events = counts->events - events;
	exact = before.produced == after.produced &&
		events == before.produced - before.delivered - before.lost &&
		events == after.delivered - before.delivered &&
		after.produced == after.delivered + after.lost;
	if (all_mine)
		exact = exact && !counts->broken &&
			counts->events == after.delivered &&
			counts->lost == after.lost;
	printf("produced %llu\ndelivered %llu\nlost %llu\n",
	       (unsigned long long)after.produced,
	       (unsigned long long)after.delivered,
	       (unsigned long long)after.lost);
	printf("events %llu\nreads %llu\nwakes %llu\nticks %llu\nexact %d\n",
	       (unsigned long long)counts->events,
	       (unsigned long long)counts->reads,
	       (unsigned long long)counts->wakes,
	       (unsigned long long)counts->ticks, exact);
}

static void open_device(char **argv)
{
	__u32 mask = strtoul(argv[2], NULL, 0);
	__u32 ring = strtoul(argv[3], NULL, 0);
	struct tcptrace_wake wake = {
		.bytes = strtoul(argv[4], NULL, 0),
		.delay_ms = DELAY_MS,
	};

	device = open(TCPTRACE_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (device < 0)
		die(TCPTRACE_DEVICE);
	if (ring && ioctl(device, TCPTRACE_IOC_RING, &ring))
		die("RING");
	if (wake.bytes && ioctl(device, TCPTRACE_IOC_WAKE, &wake))
		die("WAKE");
	if (mask && ioctl(device, TCPTRACE_IOC_MASK, &mask))
		die("MASK");
}

static void serve(const char *style)
{
	if (!strcmp(style, "hold")) {
		ended(-1);
	} else if (!strcmp(style, "map")) {
		ended(-1);
		take_mapped();
	} else if (!strcmp(style, "killed")) {
		follow_until(SIGKILL);
	} else if (!strcmp(style, "stopped")) {
		follow_until(SIGSTOP);
	} else {
		follow(!strcmp(style, "slow"));
	}
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: reader STYLE MASK RING BYTES\n");
		return 2;
	}
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counts == MAP_FAILED)
		die("mmap");
	open_device(argv);
	puts("ready");
	fflush(stdout);
	serve(argv[1]);
	/*
	 * A reader that is killed may have read records that it has not counted
	 * yet.
	 */
	settle(strcmp(argv[1], "killed"));
	return 0;
}
