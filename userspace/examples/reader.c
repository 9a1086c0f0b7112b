// SPDX-License-Identifier: GPL-2.0
/*
 * example-reader [COUNT]: print the records of /dev/tcptrace, read with read().
 *
 * The program ends after COUNT records other than LOST, on SIGINT or SIGTERM,
 * or when its network namespace ends.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <linux/tcptrace.h>

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

/* Print the waiting records. Return: 0, or an error number. */
static int take(int fd)
{
	static __u64 buf[8192];		/* aligned as records are */
	ssize_t at, n;

	while (!ended) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0)
			return errno == EAGAIN ? 0 : errno;
		for (at = 0; at < n && !ended;) {
			const struct tcptrace_header *h = (void *)buf + at;

			print_record(h);
			at += h->len;
		}
		fflush(stdout);
	}
	return 0;
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
	int err = 0;

	limit = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	wait[0].fd = open(TCPTRACE_DEVICE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (wait[0].fd < 0) {
		perror(TCPTRACE_DEVICE);
		return 1;
	}
	wait[1].fd = open_signals();
	while (!ended && !err && !wait[1].revents) {
		poll(wait, 2, -1);
		err = take(wait[0].fd);
	}
	if (err && err != ENODEV)
		fprintf(stderr, "%s: %s\n", TCPTRACE_DEVICE, strerror(err));
	printf("%llu records, %llu lost\n", records, lost);
	return err && err != ENODEV;
}
