// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "conversation.h"
#include "message.h"
#include "output.h"
#include "report_html.h"
#include "timefmt.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <string.h>

/**
 * struct reporting - one run of the command
 * @all: the connections
 * @report: the data collected about the connections
 * @path: path of the file for the page
 * @notes: notes about missing data, or about many half-open connections
 */
struct reporting {
	struct conversations all;
	struct report report;
	const char *path;
	char notes[2048];
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl report [OPTIONS] -o FILE [FILTER]\n"
	      "\n"
	      "Write a report about connections as one HTML page: failures, findings, slowest\n"
	      "handshakes and responses, retransmissions, round trip times, throughput, a table\n"
	      "of connections, and the 20 most interesting ones drawn and explained. The page\n"
	      "loads nothing. On the device or an interface, it is written after --seconds, or\n"
	      "on SIGINT.\n"
	      "\n"
	      "FILTER is a tcpdump expression: 'port 443 and net 10.0.0.0/8'.\n"
	      "\n"
	      "  -o, --output FILE   write the page there (-: standard output)\n"
	      "  -r, --read FILE     read a capture, pcap or pcapng (-: standard input)\n"
	      "  -i, --interface IF  capture on an interface, without the module (any: all)\n"
	      "      --seconds N     end after N seconds (not with -r)\n"
	      "      --as-module     show what the module would (-r, -i)\n"
	      "      --device PATH   read this device, or a file of records\n"
	      "                      (default: " TCPTRACE_DEVICE ")\n"
	      "  -h, --help          show this help\n",
	      to);
}

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ NULL, 0, NULL, 0 },
};

static int show(void *data, const struct conversation *c)
{
	struct reporting *r = data;

	return report_take(&r->report, c);
}

static void note(void *data, const char *text)
{
	struct reporting *r = data;
	size_t len = strlen(r->notes);

	snprintf(r->notes + len, sizeof(r->notes) - len, "%s%s.",
		 len ? " " : "", text);
}

static int write_page(const struct reporting *r, FILE *to)
{
	const struct source *source = &r->all.source;
	char from[512] = "this host", command[512];
	struct report_page page = { .from = from, .notes = r->notes };

	if (source->file)
		snprintf(from, sizeof(from), "%s", source->file);
	else if (source->interface)
		snprintf(from, sizeof(from), "interface %s", source->interface);
	else
		page.offset = timefmt_offset();
	if (source->file && strcmp(source->file, "-") != 0) {
		snprintf(command, sizeof(command), "-r %s", source->file);
		page.command = command;
	}
	return report_html(to, &r->report, &page);
}

static int failed(const struct reporting *r, int err)
{
	errno = -err;
	warn("%s", r->path);
	return EXIT_FAIL;
}

/* Return: the exit status. */
static int run(struct reporting *r, char *const words[], FILE *to)
{
	int err, ret;

	err = report_init(&r->report);
	if (err)
		return failed(r, err);
	ret = conversation_run(&r->all, words);
	report_finish(&r->report);
	err = ret == EXIT_OK ? write_page(r, to) : 0;
	report_free(&r->report);
	if (err || fflush(to) == EOF)
		return failed(r, err ?: -errno);
	return ret;
}

static int open_and_run(struct reporting *r, char *const words[])
{
	bool is_stdout = strcmp(r->path, "-") == 0;
	FILE *to = is_stdout ? stdout : fopen(r->path, "w");
	int ret;

	if (!to)
		return failed(r, -errno);
	ret = run(r, words, to);
	if (!is_stdout && fclose(to) == EOF && ret == EXIT_OK)
		ret = failed(r, -errno);
	return ret;
}

static int parse_option(void *data, int opt, const char *text)
{
	struct reporting *r = data;

	if (opt != 'o')
		return conversation_option(&r->all, opt, text);
	r->path = text;
	return 0;
}

static const struct command_syntax command_report = {
	.name = "report",
	.usage = usage,
	.options = options,
	.shared = { source_options },
	.take = parse_option,
};

int report_main(int argc, char **argv)
{
	static struct reporting r = {
		.all = { .show = show, .note = note, .data = &r },
	};
	char why[256];
	int status;

	conversation_init(&r.all);
	if (!command_options(&command_report, argc, argv, &r, &status))
		return status;
	if (conversation_check(&r.all) != 0)
		return command_misuse("report");
	if (!r.path) {
		warnx("no file to write to: add --output FILE");
		return command_misuse("report");
	}
	message_init("en", why, sizeof(why));
	return open_and_run(&r, argv + optind);
}
