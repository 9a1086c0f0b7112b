// SPDX-License-Identifier: GPL-2.0
/*
 * example-mmap [COUNT]: print the records of /dev/tcptrace, read with mmap().
 *
 * The program ends after COUNT records other than LOST, on SIGINT or SIGTERM,
 * or when its network namespace ends.
 */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <linux/tcptrace.h>

static struct tcptrace_consumer *consumer;
static const struct tcptrace_producer *producer;
static const char *data;
static unsigned long long records, lost, limit;
static bool ended;

static void print_lost(const struct tcptrace_lost *rec)
{
	printf("%llu lost %llu causes %u\n", rec->h.seq, rec->count,
	       rec->causes);
	lost += rec->count;
}

/*
 * Print some fields of a record. The record may be longer than its struct, and
 * its type may be unknown.
 */
static void print_body(const struct tcptrace_header *h)
{
	const struct tcptrace_transition *state = (const void *)h;
	const struct tcptrace_established *estab = (const void *)h;
	const struct tcptrace_suspected *suspected = (const void *)h;
	const struct tcptrace_segment *segment = (const void *)h;
	const struct tcptrace_close *closing = (const void *)h;
	const struct tcptrace_open *any = (const void *)h;

	switch (h->type) {
	case TCPTRACE_OPEN:
		printf("open port %u", any->flow.resp_port);
		break;
	case TCPTRACE_STATE:
		printf("state end %u %u to %u", state->end, state->from,
		       state->to);
		break;
	case TCPTRACE_ESTABLISHED:
		printf("established ns %llu", estab->handshake_ns);
		break;
	case TCPTRACE_SEGMENT:
		printf("segment flags %#x", segment->seg.flags);
		break;
	case TCPTRACE_CLOSE:
		printf("close reason %u bytes %llu %llu", closing->reason,
		       closing->dir[0].bytes, closing->dir[1].bytes);
		break;
	case TCPTRACE_SUSPECTED:
		printf("suspected %u", suspected->suspicion);
		break;
	default:
		printf("type %u\n", h->type);
		return;
	}
	printf(" conn %llu\n", any->flow.conn);
}

static void print_record(const struct tcptrace_header *h)
{
	if (h->type == TCPTRACE_LOST) {
		print_lost((const void *)h);
		return;
	}
	printf("%llu ", h->seq);
	print_body(h);
	if (++records == limit)
		ended = true;
}

/*
 * Print the records in the ring up to the first incomplete record, or until
 * COUNT records were printed. A reader may move the tail after each record or,
 * as this function does, after several records.
 */
static void take(void)
{
	__u64 tail = __atomic_load_n(&consumer->tail, __ATOMIC_RELAXED);
	__u64 head = __atomic_load_n(&producer->head, __ATOMIC_ACQUIRE);
	const struct tcptrace_header *h;
	__u32 len;

	while (tail != head && !ended) {
		h = (const void *)(data + (tail & (producer->size - 1)));
		len = __atomic_load_n(&h->len, __ATOMIC_ACQUIRE);
		if (len & TCPTRACE_BUSY)
			break;
		if (h->type != TCPTRACE_PAD)
			print_record(h);
		tail += len;
	}
	__atomic_store_n(&consumer->tail, tail, __ATOMIC_RELEASE);
	fflush(stdout);
}

static void *map(int fd, int prot, size_t size, off_t page)
{
	void *at = mmap(NULL, size, prot, MAP_SHARED, fd,
			page * sysconf(_SC_PAGESIZE));

	if (at != MAP_FAILED)
		return at;
	perror("mmap");
	exit(1);
}

/* Return: a file descriptor that SIGINT and SIGTERM make readable. */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char *argv[])
{
	struct pollfd wait[] = { { .events = POLLIN }, { .events = POLLIN } };
	int fd = open(TCPTRACE_DEVICE, O_RDWR | O_CLOEXEC);

	limit = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	if (fd < 0) {
		perror(TCPTRACE_DEVICE);
		return 1;
	}
	consumer = map(fd, PROT_READ | PROT_WRITE, 1, TCPTRACE_PAGE_CONSUMER);
	producer = map(fd, PROT_READ, 1, TCPTRACE_PAGE_PRODUCER);
	data = map(fd, PROT_READ, producer->size, TCPTRACE_PAGE_DATA);
	wait[0].fd = fd;
	wait[1].fd = open_signals();
	/* POLLHUP without POLLIN: the ring is empty and stays empty */
	while (!ended && !wait[1].revents &&
	       (wait[0].revents & (POLLIN | POLLHUP)) != POLLHUP) {
		poll(wait, 2, -1);
		take();
	}
	printf("%llu records, %llu lost\n", records, lost);
	return 0;
}
