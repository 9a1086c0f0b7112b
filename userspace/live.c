// SPDX-License-Identifier: GPL-2.0
#include "live.h"

#include "command.h"
#include "core/mask.h"
#include "device.h"
#include "loss.h"
#include "output.h"
#include "stream.h"

#include <err.h>
#include <errno.h>
#include <unistd.h>

/* A stream's handler. */
static int handle(void *data, const union record *rec)
{
	const struct live *live = data;

	if (rec->h.seq < live->begin && rec->h.type != TCPTRACE_LOST)
		return 0;
	/* a file of records was made for another mask */
	if (!tcpt_mask_wants(live->mask, &rec->h))
		return 0;
	/* of a packet, it has looked at the packet itself */
	if (!(live->in_kernel && rec->c.seg.hook != TCPTRACE_HOOK_NONE) &&
	    !expression_takes(&live->expression, rec))
		return 0;
	return viewer_show(live->viewer, rec, 0);
}

static int set_filter(struct live *live, int fd)
{
	int err;

	if (!live->expression.program.bf_insns)
		return 0;
	err = device_set_filter(fd, &live->expression.program);
	live->in_kernel = err == 0;
	if (err == -EINVAL)
		warnx("the kernel refuses the filter: it is too long, or no filter for IP");
	return err == -ENOTTY ? 0 : err;
}

static int set_scope(const struct live *live, int fd)
{
	int err = live->all_netns ? device_set_all_netns(fd) : 0;

	if (err == -EPERM)
		warnx("--all-netns needs the initial network namespace and CAP_NET_ADMIN");
	return err;
}

/* What was recorded before it was set up may be what nobody asked for. */
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
	const struct viewer *v = live->viewer;
	struct tcptrace_info info;
	u32 cause, causes = v->causes;
	u64 lost = v->lost;
	char text[LOSS_LEN];

	if (device_info(fd, &info) == 0 && info.lost > lost) {
		lost = info.lost;
		for (cause = 0; cause < ARRAY_SIZE(info.lost_by); cause++)
			if (info.lost_by[cause])
				causes |= 1U << cause;
	}
	warnx("%llu events, %llu lost%s", (unsigned long long)v->events,
	      (unsigned long long)lost, loss_causes(causes, text));
}

static int read_status(const struct live *live, int err)
{
	if (err == -ENODEV)
		warnx("%s: the network namespace is gone", live->device);
	else
		warnx("%s: %s", live->device, strerror(-err));
	return EXIT_FAIL;
}

static int run(struct live *live, int fd)
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
	ret = run(live, fd);
	close(fd);
	return ret;
}

/**
 * live_watch - show events until a signal or the viewer ends it
 * @live: which, and how
 * @words: a filter expression of tcpdump, its words up to a NULL
 *
 * Return: the exit status.
 */
int live_watch(struct live *live, char *const words[])
{
	char why[512];
	int ret;

	if (expression_compile_ip(&live->expression, words, why,
				  sizeof(why)) != 0) {
		warnx("%s", why);
		return EXIT_FAIL;
	}
	live->viewer->flush = !live->viewer->is_tty;
	ret = open_and_run(live);
	expression_free(&live->expression);
	return ret;
}
