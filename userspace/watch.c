// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "device.h"
#include "event.h"
#include "json.h"
#include "moment.h"
#include "number.h"
#include "output.h"
#include "record.h"
#include "stream.h"
#include "text.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/**
 * struct watch - one run of the command
 * @device: path of the device
 * @mask: events to show
 * @count: end after so many events, 0: never
 * @all_netns: all network namespaces
 * @json: JSON, not text
 * @text: how to print text
 * @events: events shown
 * @lost: records lost, from the stream
 * @is_tty: standard output is a terminal
 */
struct watch {
	const char *device;
	u32 mask;
	u64 count;
	bool all_netns;
	bool json;
	struct text text;
	u64 events;
	u64 lost;
	bool is_tty;
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl watch [OPTIONS]\n"
	      "\n"
	      "Show TCP events as they happen. The originator is on the left; the arrow goes\n"
	      "the way of the segment that caused the event (--: none did).\n"
	      "\n"
	      "  -e, --events LIST   events to show, separated by commas: open, state,\n"
	      "                      established, segment, close, all\n"
	      "                      (default: all but segment; lost is always shown)\n"
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
	warnx("no event '%s', there are open, state, established, segment, close, all",
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

static int show(struct watch *w, const union record *rec)
{
	char buf[TEXT_LEN];
	int err;

	if (w->json) {
		err = json_line(json_event(rec, w->text.offset));
	} else {
		w->text.columns = w->is_tty ? term_columns() : 0;
		text_format(&w->text, rec, buf, sizeof(buf));
		err = output_line(buf);
	}
	return err || w->is_tty ? err : output_flush();
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
	err = show(w, rec);
	if (rec->h.type == TCPTRACE_LOST)
		count_lost(w, &rec->lost);
	else
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
	char why[512];
	int opt, fd, ret;

	watch_init(&w);
	while ((opt = getopt_long(argc, argv, "e:n:jah", options,
				  NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (parse_option(&w, opt) != 0)
			return command_misuse("watch");
	}
	if (optind < argc) {
		warnx("watch takes no argument '%s'", argv[optind]);
		return command_misuse("watch");
	}
	fd = device_open(w.device);
	if (fd < 0) {
		device_explain(w.device, fd, why, sizeof(why));
		warnx("%s", why);
		return EXIT_FAIL;
	}
	ret = watch_run(&w, fd);
	close(fd);
	return ret;
}
