// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "device.h"
#include "export_ipfix.h"
#include "export_prometheus.h"
#include "http.h"
#include "live.h"
#include "names.h"
#include "number.h"
#include "replay.h"
#include "source.h"
#include "summary.h"
#include "ticker.h"
#include "timefmt.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define ADDRESS		"127.0.0.1:9793"

enum {
	INTERVAL_S	= 15,
	INTERVAL_MAX_S	= 3600,
	FLUSH_S		= 1,
};

/**
 * struct export - one run of the command
 * @live: reader of the device's records
 * @view: counts the events of the device
 * @replay: reader of a capture's records
 * @source: a capture to read instead of the device
 * @words: the arguments of the command line
 * @address: address at which the metrics are served, or NULL
 * @textfile: path of a file with the metrics, or NULL
 * @state: path of a file that keeps the sums across a restart, or NULL
 * @interval: seconds between two writes of @textfile and @state
 * @collector: address of the IPFIX collector, or NULL
 * @enterprise: enterprise number for non-standard elements, or 0
 * @prometheus: the metrics
 * @http: the HTTP server
 * @ipfix: the IPFIX exporter
 * @writer: writes @textfile and @state
 * @flusher: sends the records that wait in @ipfix
 * @failed: the export has failed
 */
struct export {
	struct live live;
	struct view view;
	struct replay replay;
	struct source source;
	char **words;
	const char *address;
	const char *textfile;
	const char *state;
	unsigned int interval;
	const char *collector;
	unsigned int enterprise;
	struct prometheus prometheus;
	struct http *http;
	struct ipfix *ipfix;
	struct ticker writer;
	struct ticker flusher;
	atomic_bool failed;
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl export --prometheus [ADDRESS:PORT] [OPTIONS] [FILTER]\n"
	      "       tcptracectl export --textfile FILE [OPTIONS] [FILTER]\n"
	      "       tcptracectl export --ipfix COLLECTOR [OPTIONS] [FILTER]\n"
	      "\n"
	      "Export metrics or closing records of TCP connections to other systems, until a\n"
	      "signal. FILTER is a tcpdump expression.\n"
	      "\n"
	      "      --prometheus[=ADDRESS:PORT]\n"
	      "                      serve metrics for Prometheus (default: " ADDRESS ")\n"
	      "      --textfile FILE write metrics into FILE, for node_exporter\n"
	      "      --interval SECONDS\n"
	      "                      write FILE every SECONDS (default: 15)\n"
	      "      --state-file FILE\n"
	      "                      keep the counts in FILE for the next run\n"
	      "      --top-listeners N\n"
	      "                      count the N ports with the most connections, 1 to 100\n"
	      "      --ipfix [udp:|tcp:]HOST:PORT\n"
	      "                      send closing records to an IPFIX collector\n"
	      "      --ipfix file:PATH\n"
	      "                      write closing records into a file\n"
	      "      --enterprise NUMBER\n"
	      "                      add elements that have no standard, as those of this\n"
	      "                      enterprise (IANA PEN)\n"
	      "  -a, --all-netns     export all network namespaces, not just this one\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "      --as-module     export what the module would (with -r): do not open\n"
	      "                      tunnels or join fragments\n"
	      "      --device PATH   read this device, or a file of records\n"
	      "                      (default: " TCPTRACE_DEVICE ")\n"
	      "      --file PATH     read the module's counters from this file\n"
	      "  -h, --help          show this help\n",
	      to);
}

enum {
	OPT_PROMETHEUS = COMMAND_LONG,
	OPT_TEXTFILE,
	OPT_INTERVAL,
	OPT_STATE,
	OPT_TOP_LISTENERS,
	OPT_IPFIX,
	OPT_ENTERPRISE,
	OPT_DEVICE,
	OPT_FILE,
};

static const struct option options[] = {
	{ "prometheus", optional_argument, NULL, OPT_PROMETHEUS },
	{ "textfile", required_argument, NULL, OPT_TEXTFILE },
	{ "interval", required_argument, NULL, OPT_INTERVAL },
	{ "state-file", required_argument, NULL, OPT_STATE },
	{ "top-listeners", required_argument, NULL, OPT_TOP_LISTENERS },
	{ "ipfix", required_argument, NULL, OPT_IPFIX },
	{ "enterprise", required_argument, NULL, OPT_ENTERPRISE },
	{ "all-netns", no_argument, NULL, 'a' },
	{ "read", required_argument, NULL, 'r' },
	{ "as-module", no_argument, NULL, SOURCE_AS_MODULE },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "file", required_argument, NULL, OPT_FILE },
	{ NULL, 0, NULL, 0 },
};

static int parse_number(const char *text, u64 max, const char *what,
			unsigned int *value)
{
	u64 n;

	if (number_parse(text, 10, max, &n) == 0 && n != 0) {
		*value = (unsigned int)n;
		return 0;
	}
	warnx("invalid %s: '%s': use 1 to %u", what, text, (unsigned int)max);
	return -EINVAL;
}

/*
 * In "--prometheus ADDRESS:PORT", the address does not follow a "=". Take the
 * next word as the address if it starts with a digit or a bracket.
 */
static char *next_address(char **argv)
{
	const char *word = argv[optind];

	return word && *word && strchr("0123456789[", *word) ? argv[optind++] : NULL;
}

/* Return: 0, or -EINVAL after this function or getopt printed a message. */
static int parse_option(void *data, int opt, const char *text)
{
	struct export *e = data;

	switch (opt) {
	case OPT_PROMETHEUS:
		e->address = text ?: next_address(e->words) ?: ADDRESS;
		return 0;
	case OPT_TEXTFILE:
		e->textfile = text;
		return 0;
	case OPT_INTERVAL:
		return parse_number(text, INTERVAL_MAX_S, "interval",
				    &e->interval);
	case OPT_STATE:
		e->state = text;
		return 0;
	case OPT_TOP_LISTENERS:
		return parse_number(text, PROMETHEUS_TOP_MAX,
				    "number of listeners", &e->prometheus.top);
	case OPT_IPFIX:
		e->collector = text;
		return 0;
	case OPT_ENTERPRISE:
		return parse_number(text, UINT32_MAX, "enterprise",
				    &e->enterprise);
	case 'a':
		e->live.all_netns = true;
		return 0;
	case OPT_DEVICE:
		e->live.device = text;
		return 0;
	case OPT_FILE:
		e->prometheus.stats_path = text;
		return 0;
	default:
		return source_option(&e->source, opt, text);
	}
}

/*
 * End the export if the IPFIX exporter fails, because records must not be lost
 * silently.
 */
static int check(struct export *e, int err, const char *why)
{
	if (err && !atomic_exchange(&e->failed, true))
		warnx("%s", why);
	return err;
}

static int take_close(struct export *e, const struct tcptrace_close *c,
		      u64 offset)
{
	char why[512];

	return check(e, ipfix_take(e->ipfix, c, offset, why, sizeof(why)), why);
}

/* Export a record. Return: 0 to continue, 1 to end. */
static int take(struct export *e, const union record *rec, u64 offset)
{
	char causes[EVENT_LOST_LEN];

	prometheus_take(&e->prometheus, rec);
	if (rec->h.type == TCPTRACE_LOST)
		warnx("%llu records lost%s",
		      (unsigned long long)rec->lost.count,
		      event_lost_causes(rec->lost.causes, causes));
	if (e->ipfix && rec->h.type == TCPTRACE_CLOSE)
		take_close(e, &rec->close, offset);
	return e->failed;
}

static int take_live(void *data, const union record *rec)
{
	struct export *e = data;

	e->view.events += rec->h.type != TCPTRACE_LOST;
	return take(e, rec, timefmt_offset());
}

static int take_replay(void *data, const union record *rec, u64 frame)
{
	(void)frame;
	return take(data, rec, 0);
}

static int page(void *data, char **text, size_t *len)
{
	return prometheus_text(data, text, len);
}

static int report(const char *path, int err)
{
	if (err)
		warnx("%s: %s", path, strerror(-err));
	return err;
}

static int write_files(const struct export *e, struct prometheus *p)
{
	int err = 0;

	if (e->textfile)
		err = report(e->textfile, prometheus_textfile(p, e->textfile));
	if (e->state)
		err = report(e->state, prometheus_save(p, e->state)) ?: err;
	return err;
}

/*
 * Called by @writer. An error does not end the export, because the next write
 * may succeed.
 */
static void tick(void *data)
{
	struct export *e = data;

	write_files(e, &e->prometheus);
}

/* Called by @flusher. After an error, the next take() ends the export. */
static void flush(void *data)
{
	struct export *e = data;
	char why[512];

	if (!e->failed)
		check(e, ipfix_flush(e->ipfix, why, sizeof(why)), why);
}

/* Block the signals for this thread and for the threads that it starts. */
static sigset_t block_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	return mask;
}

static int serve(struct export *e)
{
	char why[512];

	if (!e->address || http_start(&e->http, e->address, page,
				      &e->prometheus, why, sizeof(why)) == 0)
		return 0;
	warnx("%s", why);
	return -EINVAL;
}

/*
 * Write the files, serve the final metrics until a signal arrives, and close
 * the exporters. If a signal has ended a live source, that signal is still
 * pending, so this function does not wait.
 */
static int finish(struct export *e, int ret)
{
	sigset_t mask = block_signals();
	char why[512];
	int number;

	if (write_files(e, &e->prometheus) != 0)
		ret = EXIT_FAIL;
	if (e->http && ret == EXIT_OK)
		sigwait(&mask, &number);
	http_stop(e->http);
	if (e->ipfix)
		check(e, ipfix_close(e->ipfix, why, sizeof(why)), why);
	return e->failed ? EXIT_FAIL : ret;
}

static bool writes_files(const struct export *e)
{
	return e->textfile || e->state;
}

static int start_tickers(struct export *e)
{
	if (e->ipfix && ticker_start(&e->flusher, FLUSH_S, flush, e) != 0)
		goto err;
	if (writes_files(e) &&
	    ticker_start(&e->writer, e->interval, tick, e) != 0)
		goto err_flusher;
	return 0;

err_flusher:
	if (e->ipfix)
		ticker_stop(&e->flusher);
err:
	warnx("cannot start a thread");
	return -EAGAIN;
}

static u32 own_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) == 0 ? (u32)st.st_ino : 0;
}

/*
 * Return: the epoch of the module; 0 for a file of records, or after an error,
 * which live_watch() reports. Do not open a FIFO, because closing it would end
 * its writer.
 */
static u64 epoch_of(const char *device)
{
	struct stat st;
	u64 epoch = 0;
	int fd;

	if (stat(device, &st) != 0 || !S_ISCHR(st.st_mode))
		return 0;
	fd = device_open(device);
	if (fd < 0)
		return 0;
	if (device_epoch(fd, &epoch) != 0)
		epoch = 0;
	close(fd);
	return epoch;
}

static int export_live(struct export *e, char *const words[])
{
	int ret;

	if (!e->live.device)
		e->live.device = TCPTRACE_DEVICE;
	if (!e->interval)
		e->interval = INTERVAL_S;
	metrics_init(&e->prometheus.metrics, own_netns());
	if (e->state)
		prometheus_resume(&e->prometheus, e->state,
				  epoch_of(e->live.device));
	/*
	 * block the signals before any thread starts, so that only the main
	 * thread receives them
	 */
	block_signals();
	if (serve(e) != 0)
		return EXIT_FAIL;
	if (start_tickers(e) != 0) {
		http_stop(e->http);
		return EXIT_FAIL;
	}
	ret = live_watch(&e->live, words);
	if (writes_files(e))
		ticker_stop(&e->writer);
	if (e->ipfix)
		ticker_stop(&e->flusher);
	/* after a file of records, finish() serves until a signal arrives */
	return finish(e, ret);
}

static int export_file(struct export *e, char *const words[])
{
	enum replay_end end;
	int ret = EXIT_OK;

	if (replay_open(&e->replay, e->source.file, words, e->live.mask,
			take_replay, e) != 0) {
		warnx("%s", e->replay.why);
		return EXIT_FAIL;
	}
	e->replay.tracker.as_module = e->source.as_module;
	e->prometheus.capture = &e->replay;
	end = replay_run(&e->replay);
	summary_warn(&e->replay);
	if (end == REPLAY_BROKEN) {
		warnx("%s", e->replay.why);
		ret = EXIT_FAIL;
	}
	if (end == REPLAY_EOF && serve(e) != 0)
		ret = EXIT_FAIL;
	ret = finish(e, ret);
	replay_close(&e->replay);
	return ret;
}

static void init(struct export *e)
{
	view_init(&e->view);
	e->live.mask = TCPTRACE_MASK_DEFAULT;
	e->live.view = &e->view;
	e->live.handle = take_live;
	e->live.data = e;
	e->live.fd = &e->prometheus.fd;
	prometheus_init(&e->prometheus);
}

/*
 * Check whether the options are compatible. Return: 0, or -EINVAL after
 * printing a message.
 */
static int check_options(const struct export *e)
{
	const struct source *source = &e->source;

	if (!e->address && !e->textfile && !e->collector)
		warnx("nothing to export: add --prometheus, --textfile or --ipfix");
	else if (e->enterprise && !e->collector)
		warnx("--enterprise needs --ipfix");
	else if (e->state && !e->address && !e->textfile)
		warnx("--state-file needs --prometheus or --textfile");
	else if (source->as_module && !source->file)
		warnx("--as-module needs a capture: add --read FILE");
	else
		return source_refuse(source, "--all-netns",
				     e->live.all_netns) ?:
		       source_refuse(source, "--device", e->live.device) ?:
		       source_refuse(source, "--interval", e->interval) ?:
		       source_refuse(source, "--state-file", e->state) ?:
		       source_check_path(source, e->prometheus.stats_path);
	return -EINVAL;
}

static const struct command_syntax command = {
	.name = "export",
	.usage = usage,
	.options = options,
	.take = parse_option,
};

int export_main(int argc, char **argv)
{
	static struct export e;
	char why[512];
	int status;

	init(&e);
	e.words = argv;
	if (!command_options(&command, argc, argv, &e, &status))
		return status;
	if (check_options(&e) != 0)
		return command_misuse("export");
	if (!e.address && !e.textfile)
		e.live.mask = TCPTRACE_MASK(TCPTRACE_CLOSE);
	/* IPFIX reports fates only in enterprise elements */
	if (e.address || e.textfile || e.enterprise)
		e.live.mask |= TCPTRACE_MASK_FATE;
	if (e.collector && ipfix_open(&e.ipfix, e.collector, e.enterprise, why,
				      sizeof(why)) != 0) {
		warnx("%s", why);
		return EXIT_FAIL;
	}
	return e.source.file ? export_file(&e, argv + optind) :
			export_live(&e, argv + optind);
}
