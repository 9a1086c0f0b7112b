// SPDX-License-Identifier: GPL-2.0
#include "live.h"

#include "command.h"
#include "core/mask.h"
#include "device.h"
#include "names.h"
#include "output.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/**
 * enum stream_end - why reading ended
 * @STREAM_MORE: reading continues; never returned by stream_run()
 * @STREAM_EOF:		the file of records ended after a complete record
 * @STREAM_DONE: the handler needs no more records, or the time is up
 * @STREAM_SIGNAL:	SIGINT or SIGTERM
 * @STREAM_READ:	reading failed
 * @STREAM_BROKEN:	the bytes read are not a valid record
 * @STREAM_OUTPUT: the output, the handler or the tick callback failed
 */
enum stream_end {
	STREAM_MORE,
	STREAM_EOF,
	STREAM_DONE,
	STREAM_SIGNAL,
	STREAM_READ,
	STREAM_BROKEN,
	STREAM_OUTPUT,
};

/**
 * struct stream - the source of records, and the functions that handle them
 * @fd: the device
 * @handle: called with each record of a known type; returns 0 to continue, 1 to
 *	stop, or a negative error number
 * @tick: called about every TICK_MS milliseconds, or NULL; returns 0 or a
 *	negative error number
 * @tick_data: passed to @tick
 * @data: passed to @handle
 * @hint: print a hint if no record arrives in the first QUIET_MS milliseconds
 * @seconds: stop reading after this time; 0: never
 * @err: error number if reading ends with STREAM_READ or STREAM_OUTPUT
 * @why: reason if reading ends with STREAM_BROKEN
 */
struct stream {
	int fd;
	int (*handle)(void *data, const union record *rec);
	int (*tick)(void *data);
	void *tick_data;
	void *data;
	bool hint;
	u64 seconds;
	int err;
	char why[96];
};

#define BUFFER_SIZE	(4 * RECORD_MAX)

enum {
	TICK_MS		= 200,
	QUIET_MS	= 10000,	/* time without records until a hint */
	DRAIN_MS	= 500,		/* maximum read time after a signal */
};

/* Events that do not exist in the first ABI layout (tests/uapi/v1). */
static const u32 mask_new = 1U << TCPTRACE_OWNER;

/**
 * struct buffer - bytes that were read but have not been handled
 * @bytes: the bytes; records need not be aligned
 * @len: number of @bytes
 * @offset: position of @bytes[0] in the stream
 */
struct buffer {
	u8 bytes[BUFFER_SIZE];
	size_t len;
	u64 offset;
};

static enum stream_end fail(struct stream *stream, enum stream_end end,
			    int err)
{
	stream->err = err;
	return end;
}

static enum stream_end broken(struct stream *stream, u64 offset,
			      const struct tcptrace_header *h)
{
	snprintf(stream->why, sizeof(stream->why),
		 "no record at byte %llu: length %u, type %u",
		 (unsigned long long)offset, h->len, h->type);
	return STREAM_BROKEN;
}

static enum stream_end handle_record(struct stream *stream,
				     const union record *rec)
{
	int err;

	if (!record_is_known(rec->h.type))
		return STREAM_MORE;
	err = stream->handle(stream->data, rec);
	if (err < 0)
		return fail(stream, STREAM_OUTPUT, err);
	return err ? STREAM_DONE : STREAM_MORE;
}

/* Handle the complete records in the buffer; keep an incomplete last record. */
static enum stream_end handle_buffer(struct stream *stream,
				     struct buffer *buffer)
{
	enum stream_end end = STREAM_MORE;
	size_t done = 0, step = 0;
	union record rec;
	int err;

	while (end == STREAM_MORE) {
		err = record_next(buffer->bytes + done, buffer->len - done,
				  &rec, &step);
		if (err == -EAGAIN)
			break;
		if (err)
			return broken(stream, buffer->offset + done, &rec.h);
		done += step;
		end = handle_record(stream, &rec);
	}
	buffer->len -= done;
	buffer->offset += done;
	memmove(buffer->bytes, buffer->bytes + done, buffer->len);
	return end;
}

static enum stream_end read_some(struct stream *stream, struct buffer *buffer)
{
	enum stream_end end;
	ssize_t n;
	int err;

	n = read(stream->fd, buffer->bytes + buffer->len,
		 sizeof(buffer->bytes) - buffer->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return STREAM_MORE;
	if (n < 0)
		return fail(stream, STREAM_READ, -errno);
	if (n == 0 && buffer->len == 0)
		return STREAM_EOF;
	if (n == 0) {
		snprintf(stream->why, sizeof(stream->why),
			 "the last record, at byte %llu, is cut off",
			 (unsigned long long)buffer->offset);
		return STREAM_BROKEN;
	}
	buffer->len += (size_t)n;
	end = handle_buffer(stream, buffer);
	err = output_flush();
	if (err && end != STREAM_OUTPUT)
		return fail(stream, STREAM_OUTPUT, err);
	return end;
}

static u64 now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000 + (u64)t.tv_nsec / 1000000;
}

/* After a signal, read the waiting records, for at most DRAIN_MS. */
static enum stream_end drain(struct stream *stream, struct buffer *buffer)
{
	struct pollfd fd = { .fd = stream->fd, .events = POLLIN };
	u64 limit = now_ms() + DRAIN_MS;
	enum stream_end end = STREAM_MORE;

	while (end == STREAM_MORE && now_ms() < limit &&
	       poll(&fd, 1, 0) > 0 && fd.revents & POLLIN)
		end = read_some(stream, buffer);
	return end == STREAM_MORE ? STREAM_SIGNAL : end;
}

/**
 * struct alarms - times of CLOCK_MONOTONIC, in ms; 0: never
 * @quiet: when to print the hint that no record came
 * @tick: when to call the tick callback
 * @deadline: when to stop reading
 */
struct alarms {
	u64 quiet;
	u64 tick;
	u64 deadline;
};

static u64 earlier(u64 a, u64 b)
{
	return !a ? b : !b || a < b ? a : b;
}

/* Return: the time to wait for a record, in ms; -1: no limit. */
static int wait_of(const struct alarms *alarms, u64 now)
{
	u64 first = earlier(alarms->quiet,
			    earlier(alarms->tick, alarms->deadline));

	if (first == 0)
		return -1;
	if (first <= now)
		return 0;
	return first - now < INT_MAX ? (int)(first - now) : INT_MAX;
}

static enum stream_end ring(struct stream *stream, struct alarms *alarms)
{
	u64 now = now_ms();
	int err;

	if (alarms->quiet && now >= alarms->quiet) {
		warnx("no event for %u s: see 'tcptracectl doctor'",
		      QUIET_MS / 1000);
		alarms->quiet = 0;
	}
	if (alarms->tick && now >= alarms->tick) {
		alarms->tick = now + TICK_MS;
		err = stream->tick(stream->tick_data);
		if (err)
			return fail(stream, STREAM_OUTPUT, err);
	}
	return alarms->deadline && now >= alarms->deadline ? STREAM_DONE :
							     STREAM_MORE;
}

static enum stream_end run(struct stream *stream, int signals)
{
	static struct buffer buffer;
	struct pollfd fds[] = {
		{ .fd = stream->fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		/*
		 * Wait only for POLLERR, which means that the reader of the
		 * output has exited.
		 */
		{ .fd = STDOUT_FILENO },
	};
	u64 now = now_ms();
	struct alarms alarms = {
		.quiet = stream->hint ? now + QUIET_MS : 0,
		.tick = stream->tick ? now + TICK_MS : 0,
		.deadline = stream->seconds ? now + stream->seconds * 1000 : 0,
	};
	enum stream_end end = STREAM_MORE;
	int n;

	while (end == STREAM_MORE) {
		n = poll(fds, ARRAY_SIZE(fds), wait_of(&alarms, now_ms()));
		if (n < 0 && errno != EINTR)
			return fail(stream, STREAM_READ, -errno);
		if (n > 0)
			alarms.quiet = 0;
		end = ring(stream, &alarms);
		if (n <= 0 || end != STREAM_MORE)
			continue;
		if (fds[1].revents)
			end = drain(stream, &buffer);
		else if (fds[2].revents & POLLERR)
			end = fail(stream, STREAM_OUTPUT, -EPIPE);
		else if (fds[0].revents)
			end = read_some(stream, &buffer);
	}
	return end;
}

/* Read records. Return: why reading ended. */
static enum stream_end stream_run(struct stream *stream)
{
	enum stream_end end;
	sigset_t mask;
	int signals;

	/*
	 * Receive signals through a descriptor: a flag that a signal handler
	 * sets just before poll() would not end poll(). Because the signals are
	 * blocked, the descriptor reports even a SIGINT that the shell has set
	 * to be ignored.
	 */
	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return fail(stream, STREAM_READ, -errno);
	end = run(stream, signals);
	close(signals);
	return end;
}

/*
 * If this program applies the expression, remember the addresses after NAT that
 * the record contains. The device, in contrast, tests only the addresses that a
 * packet has at the hook.
 * Return: the addresses after NAT, to which the expression is also applied;
 * NULL if none are known, or if this program does not apply the expression.
 */
static const struct tcptrace_nat *find_nat(struct live *live,
					   const union record *rec)
{
	if (live->in_kernel || !live->expression.program.bf_insns ||
	    rec->h.type == TCPTRACE_LOST || rec->h.type == TCPTRACE_LIMIT)
		return NULL;
	return translations_note(&live->translations, rec);
}

/* The handler of a stream: pass on the record if it is wanted. */
static int handle(void *data, const union record *rec)
{
	struct live *live = data;
	const struct tcptrace_nat *nat = find_nat(live, rec);

	if (rec->h.seq < live->begin && rec->h.type != TCPTRACE_LOST)
		return 0;
	/* a file may have records of types that the user does not want */
	if (!tcpt_mask_wants(live->mask, &rec->h))
		return 0;
	/* the device has already applied the expression to the packet */
	if (!(live->in_kernel && rec->c.seg.hook != TCPTRACE_HOOK_NONE) &&
	    !expression_takes(&live->expression, rec, nat))
		return 0;
	return live->handle ? live->handle(live->data, rec) :
			      view_show(live->view, rec, 0);
}

static int set_filter(struct live *live, int fd)
{
	int err;

	if (!live->expression.program.bf_insns)
		return 0;
	err = device_set_filter(fd, &live->expression.program);
	live->in_kernel = err == 0;
	if (err == -EINVAL)
		warnx("the kernel refuses the filter: too long, or not for IP packets");
	return err == -ENOTTY ? 0 : err;
}

static int set_scope(const struct live *live, int fd)
{
	int err = live->all_netns ? device_set_all_netns(fd) : 0;

	if (err == -EPERM)
		warnx("--all-netns needs the initial network namespace and CAP_NET_ADMIN");
	return err;
}

/*
 * Store the number of the first record after the setup: earlier records may
 * have types that the user does not want.
 */
static int skip_the_first(struct live *live, int fd)
{
	struct tcptrace_info info;
	int err = device_info(fd, &info);

	live->begin = info.produced;
	return err;
}

/* Choose events; an older module may not know OWNER or TCPTRACE_MASK_FATE. */
static int set_mask(const struct live *live, int fd)
{
	int err = device_set_mask(fd, live->mask);
	u32 mask = live->mask;

	if (err == -EINVAL && mask & mask_new) {
		warnx("the module is older than this program and reports no %s events",
		      event_name(TCPTRACE_OWNER));
		mask &= ~mask_new;
		err = device_set_mask(fd, mask);
	}
	if (err == -EINVAL && mask & TCPTRACE_MASK_FATE)
		err = device_set_mask(fd, mask & ~TCPTRACE_MASK_FATE);
	return err;
}

static int configure(struct live *live, int fd)
{
	int err;

	err = set_filter(live, fd) ?: set_scope(live, fd);
	if (err == -EINVAL || err == -EPERM)
		return err;
	if (err == 0 && live->ring_size)
		err = device_set_ring(fd, live->ring_size);
	err = err ?: set_mask(live, fd);
	err = err ?: skip_the_first(live, fd);
	if (err == 0 && live->view->json)
		err = device_epoch(fd, &live->view->stamp.epoch);
	if (err)
		warnx("%s: %s", live->device, strerror(-err));
	return err;
}

/*
 * Print how many events were shown and how many records were lost. Only
 * device_info() reports the losses after the last LOST record.
 */
static void print_summary(const struct live *live, int fd)
{
	const struct view *v = live->view;
	struct tcptrace_info info;
	u32 cause, causes = v->causes;
	u64 lost = v->lost;
	char text[EVENT_LOST_LEN];

	if (device_info(fd, &info) == 0 && info.lost > lost) {
		lost = info.lost;
		for (cause = 0; cause < ARRAY_SIZE(info.lost_by); cause++)
			if (info.lost_by[cause])
				causes |= 1U << cause;
	}
	warnx("%llu events, %llu lost%s", (unsigned long long)v->events,
	      (unsigned long long)lost, event_lost_causes(causes, text));
}

static int read_status(const struct live *live, int err)
{
	if (err == -ENODEV)
		warnx("%s: the network namespace is gone", live->device);
	else
		warnx("%s: %s", live->device, strerror(-err));
	return EXIT_FAIL;
}

static int watch(struct live *live, int fd)
{
	struct stream stream = {
		.fd = fd,
		.handle = handle,
		.data = live,
		.hint = live->view->is_tty,
		.seconds = live->seconds,
		.tick = live->tick,
		.tick_data = live->data,
	};

	if (configure(live, fd) != 0)
		return EXIT_FAIL;
	switch (stream_run(&stream)) {
	case STREAM_SIGNAL:
		print_summary(live, fd);
		return EXIT_OK;
	case STREAM_READ:
		return read_status(live, stream.err);
	case STREAM_BROKEN:
		warnx("%s: %s", live->device, stream.why);
		return EXIT_FAIL;
	case STREAM_OUTPUT:
		return output_status(stream.err);
	default:
		return EXIT_OK;
	}
}

static int open_and_run(struct live *live)
{
	char why[512];
	int fd, ret;

	fd = device_open(live->device);
	if (fd < 0) {
		device_explain(live->device, fd, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	if (live->fd)
		*live->fd = fd;
	ret = watch(live, fd);
	if (live->fd)
		*live->fd = -1;
	close(fd);
	return ret;
}

/*
 * Show events until reading ends; enum stream_end lists the reasons.
 * Return: the exit status.
 */
int live_watch(struct live *live, char *const words[])
{
	char why[512];
	int ret;

	/* a record matches if a packet built from the record matches */
	if (expression_compile(&live->expression, DLT_RAW, words, why,
			       sizeof(why)) != 0) {
		warnx("%s", why);
		return EXIT_FAIL;
	}
	live->view->flush = !live->view->is_tty;
	ret = open_and_run(live);
	expression_free(&live->expression);
	return ret;
}
