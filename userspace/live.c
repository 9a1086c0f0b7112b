// SPDX-License-Identifier: GPL-2.0
#include "live.h"

#include "command.h"
#include "core/mask.h"
#include "device.h"
#include "names.h"
#include "output.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/**
 * enum stream_end - why reading ended
 * @STREAM_MORE:	it has not; never returned by stream_run()
 * @STREAM_EOF:		the file of records ended, after a whole record
 * @STREAM_DONE:	the handler has seen enough
 * @STREAM_SIGNAL:	SIGINT or SIGTERM
 * @STREAM_READ:	reading failed
 * @STREAM_BROKEN:	what was read is not a record
 * @STREAM_OUTPUT:	the handler failed: writing did
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
 * struct stream - where records come from and where they go
 * @fd: the device
 * @handle: called with each record of a known type; 0 to go on, 1 when it
 *	has seen enough, or a negative error number
 * @data: passed to @handle
 * @err: error number of STREAM_READ and STREAM_OUTPUT
 * @why: text of STREAM_BROKEN
 */
struct stream {
	int fd;
	int (*handle)(void *data, const union record *rec);
	void *data;
	int err;
	char why[96];
};

#define BUFFER_SIZE	(4 * RECORD_MAX)

/**
 * struct buffer - bytes read, not yet handled
 * @bytes: where they are; a record may begin at any of them
 * @len: how many
 * @offset: of the first one in the stream
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

/* Handle the whole records in the buffer, keep the beginning of the next. */
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

static enum stream_end run(struct stream *stream, int signals)
{
	static struct buffer buffer;
	struct pollfd fds[] = {
		{ .fd = stream->fd, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
		/* No events but POLLERR: whoever reads our output went away. */
		{ .fd = STDOUT_FILENO },
	};
	enum stream_end end = STREAM_MORE;

	while (end == STREAM_MORE) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return fail(stream, STREAM_READ, -errno);
		if (fds[1].revents)
			end = STREAM_SIGNAL;
		else if (fds[2].revents & POLLERR)
			end = fail(stream, STREAM_OUTPUT, -EPIPE);
		else if (fds[0].revents)
			end = read_some(stream, &buffer);
	}
	return end;
}

/* Read records until something ends it. */
static enum stream_end stream_run(struct stream *stream)
{
	enum stream_end end;
	sigset_t mask;
	int signals;

	/*
	 * Unlike a handler's flag, a descriptor cannot miss a signal between
	 * the test and the sleep. It also works where a shell started "command
	 * &" with SIGINT ignored: what is blocked is not ignored.
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

/* A stream's handler. */
static int handle(void *data, const union record *rec)
{
	const struct live *live = data;

	if (rec->h.seq < live->begin && rec->h.type != TCPTRACE_LOST)
		return 0;
	/* a file of records may have been made with another mask */
	if (!tcpt_mask_wants(live->mask, &rec->h))
		return 0;
	/* of a packet, it has looked at the packet itself */
	if (!(live->in_kernel && rec->c.seg.hook != TCPTRACE_HOOK_NONE) &&
	    !expression_takes(&live->expression, rec))
		return 0;
	return view_show(live->view, rec, 0);
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
 * Records made before the reader was set up may be of types that were not asked
 * for.
 */
static int skip_the_first(struct live *live, int fd)
{
	struct tcptrace_info info;
	int err = device_info(fd, &info);

	live->begin = info.produced;
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
	err = err ?: device_set_mask(fd, live->mask);
	err = err ?: skip_the_first(live, fd);
	if (err)
		warnx("%s: %s", live->device, strerror(-err));
	return err;
}

/* Losses after the last LOST record of the stream are known to the device. */
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
	struct stream stream = { .fd = fd, .handle = handle, .data = live };

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
	ret = watch(live, fd);
	close(fd);
	return ret;
}

/* Show events until a signal or the view ends it. Return: the exit status. */
int live_watch(struct live *live, char *const words[])
{
	char why[512];
	int ret;

	/* a record matches if a packet with its segment does */
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
