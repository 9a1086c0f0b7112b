// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "device.h"
#include "event.h"
#include "json.h"
#include "moment.h"
#include "number.h"
#include "output.h"
#include "record.h"
#include "replay.h"
#include "stream.h"
#include "text.h"
#include "writer.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	WATCH_BUFFER	= 64 * 1024,
};

/**
 * struct watch - one run of the command
 * @device: path of the device
 * @file: path of a capture to read instead, or NULL
 * @mask: events to show
 * @count: end after so many events, 0: never
 * @all_netns: all network namespaces
 * @json: JSON, not text
 * @text: how to print text
 * @events: events shown
 * @lost: records lost, from the stream
 * @is_tty: standard output is a terminal
 * @flush: write each event at once
 */
struct watch {
	const char *device;
	const char *file;
	u32 mask;
	u64 count;
	bool all_netns;
	bool json;
	struct text text;
	u64 events;
	u64 lost;
	bool is_tty;
	bool flush;
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl watch [OPTIONS]\n"
	      "       tcptracectl watch -r FILE [OPTIONS] [FILTER]\n"
	      "\n"
	      "Show TCP events as they happen, or those of a capture. The originator is on\n"
	      "the left; the arrow goes the way of the segment that caused the event (--:\n"
	      "none did).\n"
	      "\n"
	      "  -e, --events LIST   events to show, separated by commas: open, state,\n"
	      "                      established, segment, close, suspected, all\n"
	      "                      (default: all but segment; lost is always shown)\n"
	      "  -r, --read FILE     a capture, pcap or pcapng (-: standard input); FILTER is\n"
	      "                      an expression as tcpdump takes it\n"
	      "  -n, --count COUNT   end after COUNT events\n"
	      "  -j, --json          a JSON object a line, see tcptracectl(8)\n"
	      "  -a, --all-netns     all network namespaces, not just this one\n"
	      "      --raw           raw sequence numbers, not relative ones\n"
	      "      --time=FORM     real (default), mono, delta\n"
	      "      --resolve       names of hosts and ports (default: --numeric)\n"
	      "      --color[=WHEN]  auto (default), always, never\n"
	      "      --device PATH   the device, or a file of records\n"
	      "                      (default: " TCPTRACE_DEVICE ")\n"
	      "  -h, --help          this help\n", to);
}

enum {
	OPT_RAW = 256,
	OPT_TIME,
	OPT_RESOLVE,
	OPT_NUMERIC,
	OPT_COLOR,
	OPT_DEVICE,
};

static const struct option options[] = {
	{ "events", required_argument, NULL, 'e' },
	{ "read", required_argument, NULL, 'r' },
	{ "count", required_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "all-netns", no_argument, NULL, 'a' },
	{ "raw", no_argument, NULL, OPT_RAW },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "resolve", no_argument, NULL, OPT_RESOLVE },
	{ "numeric", no_argument, NULL, OPT_NUMERIC },
	{ "color", optional_argument, NULL, OPT_COLOR },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse_events(struct watch *w, const char *list)
{
	char bad[64];

	if (event_parse_list(list, &w->mask, bad, sizeof(bad)) == 0)
		return 0;
	warnx("no event '%s', there are open, state, established, segment, close, suspected, all",
	      bad);
	return -EINVAL;
}

static int parse_count(struct watch *w, const char *text)
{
	if (number_parse(text, 10, UINT64_MAX, &w->count) == 0 && w->count != 0)
		return 0;
	warnx("'%s' is no count of events", text);
	return -EINVAL;
}

static int parse_color(struct watch *w, const char *text)
{
	enum term_when when;

	if (term_when_parse(text, &when) == 0) {
		w->text.color = term_has_color(when);
		return 0;
	}
	warnx("--color is auto, always or never, not '%s'", text);
	return -EINVAL;
}

static int parse_time(struct watch *w, const char *text)
{
	if (text_time_parse(text, &w->text.time) == 0)
		return 0;
	warnx("--time is real, mono or delta, not '%s'", text);
	return -EINVAL;
}

/* Return: 0, or -EINVAL after a message, from here or from getopt. */
static int parse_option(struct watch *w, int opt)
{
	switch (opt) {
	case 'e':
		return parse_events(w, optarg);
	case 'r':
		w->file = optarg;
		return 0;
	case 'n':
		return parse_count(w, optarg);
	case 'j':
		w->json = true;
		return 0;
	case 'a':
		w->all_netns = true;
		w->text.netns = true;
		return 0;
	case OPT_RAW:
		w->text.raw = true;
		return 0;
	case OPT_TIME:
		return parse_time(w, optarg);
	case OPT_RESOLVE:
	case OPT_NUMERIC:
		w->text.resolve = opt == OPT_RESOLVE;
		return 0;
	case OPT_COLOR:
		return parse_color(w, optarg);
	case OPT_DEVICE:
		w->device = optarg;
		return 0;
	default:
		return -EINVAL;
	}
}

static int show(struct watch *w, const union record *rec, u64 frame)
{
	static struct writer writer;
	char buf[TEXT_LEN];
	int err;

	if (w->json) {
		json_event(&writer, rec, w->text.offset, frame);
		err = writer_line(&writer);
	} else {
		w->text.columns = w->is_tty ? term_columns() : 0;
		text_format(&w->text, rec, buf, sizeof(buf));
		err = output_line(buf);
	}
	return err || !w->flush ? err : output_flush();
}

static void count_lost(struct watch *w, const struct tcptrace_lost *lost)
{
	w->lost += lost->count;
	/* In a terminal the line in the stream is enough. */
	if (!w->is_tty)
		warnx("%llu record%s lost", (unsigned long long)lost->count,
		      lost->count == 1 ? "" : "s");
}

/* A stream's handler. */
static int handle(void *data, const union record *rec)
{
	struct watch *w = data;
	int err;

	/* What was recorded before the mask was set, or is in a file. */
	if (!(w->mask & TCPTRACE_MASK(rec->h.type)))
		return 0;
	err = show(w, rec, 0);
	if (rec->h.type == TCPTRACE_LOST)
		count_lost(w, &rec->lost);
	else
		w->events++;
	if (err)
		return err;
	return w->count && w->events >= w->count;
}

/* A replay's handler; it has the mask. */
static int handle_frame(void *data, const union record *rec, u64 frame)
{
	struct watch *w = data;
	int err;

	err = show(w, rec, frame);
	w->events++;
	if (err)
		return err;
	return w->count && w->events >= w->count;
}

static int configure(const struct watch *w, int fd)
{
	int err;

	err = w->all_netns ? device_set_all_netns(fd) : 0;
	if (err == -EPERM) {
		warnx("--all-netns needs the initial network namespace and CAP_NET_ADMIN");
		return err;
	}
	if (err == 0)
		err = device_set_mask(fd, w->mask);
	if (err)
		warnx("%s: %s", w->device, strerror(-err));
	return err;
}

/* Losses after the last LOST record of the stream are known to the device. */
static void print_summary(const struct watch *w, int fd)
{
	struct tcptrace_info info;
	u64 lost = w->lost;

	if (device_info(fd, &info) == 0 && info.lost > lost)
		lost = info.lost;
	warnx("%llu events, %llu lost", (unsigned long long)w->events,
	      (unsigned long long)lost);
}

static int read_status(const struct watch *w, int err)
{
	if (err == -ENODEV)
		warnx("%s: the network namespace is gone", w->device);
	else
		warnx("%s: %s", w->device, strerror(-err));
	return EXIT_FAIL;
}

static int watch_run(struct watch *w, int fd)
{
	struct stream stream = { .fd = fd, .handle = handle, .data = w };

	if (configure(w, fd) != 0)
		return EXIT_FAIL;
	switch (stream_run(&stream)) {
	case STREAM_SIGNAL:
		print_summary(w, fd);
		return EXIT_OK;
	case STREAM_READ:
		return read_status(w, stream.err);
	case STREAM_BROKEN:
		warnx("%s: %s", w->device, stream.why);
		return EXIT_FAIL;
	case STREAM_OUTPUT:
		return output_status(stream.err);
	default:
		return EXIT_OK;
	}
}

static int watch_device(struct watch *w)
{
	char why[512];
	int fd, ret;

	w->flush = !w->is_tty;
	fd = device_open(w->device);
	if (fd < 0) {
		device_explain(w->device, fd, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	ret = watch_run(w, fd);
	close(fd);
	return ret;
}

static int watch_file(struct watch *w, char *const words[])
{
	static struct replay replay;
	/* a size without memory is ignored */
	static char buffer[WATCH_BUFFER];
	int ret;

	if (replay_open(&replay, w->file, words, w->mask, handle_frame,
			w) != 0) {
		warnx("%s", replay.why);
		return EXIT_FAIL;
	}
	/* its times are those of the clock on the wall */
	w->text.offset = 0;
	w->flush = replay.capture.streamed && !w->is_tty;
	if (!w->flush && !w->is_tty)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	switch (replay_run(&replay)) {
	case REPLAY_SIGNAL:
		warnx("%llu events", (unsigned long long)w->events);
		ret = EXIT_OK;
		break;
	case REPLAY_BROKEN:
		output_flush();
		warnx("%s", replay.why);
		ret = EXIT_FAIL;
		break;
	case REPLAY_OUTPUT:
		ret = output_status(replay.err);
		break;
	default:
		ret = EXIT_OK;
	}
	replay_close(&replay);
	return ret;
}

static void watch_init(struct watch *w)
{
	memset(w, 0, sizeof(*w));
	w->device = TCPTRACE_DEVICE;
	w->mask = TCPTRACE_MASK_DEFAULT;
	w->is_tty = isatty(STDOUT_FILENO);
	text_init(&w->text, moment_offset());
	w->text.color = term_has_color(TERM_AUTO);
}

/**
 * watch_main - the subcommand watch
 * @argc: number of arguments
 * @argv: its name and its options
 *
 * Return: the exit status.
 */
int watch_main(int argc, char **argv)
{
	struct watch w;
	int opt;

	watch_init(&w);
	while ((opt = getopt_long(argc, argv, "e:r:n:jah", options,
				  NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (parse_option(&w, opt) != 0)
			return command_misuse("watch");
	}
	if (w.file)
		return watch_file(&w, argv + optind);
	if (optind < argc) {
		warnx("watch takes no argument '%s'", argv[optind]);
		return command_misuse("watch");
	}
	return watch_device(&w);
}
