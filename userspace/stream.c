// SPDX-License-Identifier: GPL-2.0
#include "stream.h"

#include "output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

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

/**
 * stream_run - read records until something ends it
 * @stream: from where and to where
 *
 * SIGINT and SIGTERM stay blocked afterwards: what is left to do is short.
 *
 * Return: why it ended.
 */
enum stream_end stream_run(struct stream *stream)
{
	enum stream_end end;
	sigset_t mask;
	int signals;

	/*
	 * A descriptor cannot miss a signal between a look and a sleep, as a
	 * handler's flag can. It also works where a shell started "command &"
	 * with SIGINT ignored: what is blocked is not ignored.
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
