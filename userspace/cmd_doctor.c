// SPDX-License-Identifier: GPL-2.0
#include "command.h"
#include "doctor_bypass.h"
#include "doctor_module.h"
#include "doctor_report.h"
#include "doctor_traffic.h"
#include "module_file.h"
#include "number.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/utsname.h>

enum {
	SECONDS		= 2,
	SECONDS_MAX	= 3600,
};

/**
 * struct doctor_options - the options of the command
 * @seconds: how long to count packets
 * @json: print JSON, not text
 */
struct doctor_options {
	u64 seconds;
	bool json;
};

static const struct option options[] = {
	{ "seconds", required_argument, NULL, 's' },
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl doctor [OPTIONS]\n"
	      "\n"
	      "Check whether the module can work here, and say what to do if not. Print a\n"
	      "line for each check: ok, warning, problem or not known. The module need not\n"
	      "be loaded, and any user may run this command.\n"
	      "\n"
	      "  -s, --seconds N  count packets for N seconds, 1 to 3600 (default: 2)\n"
	      "  -j, --json       print one JSON object a line\n"
	      "  -h, --help       show this help\n"
	      "\n"
	      "The exit status is 1 if there is a problem.\n",
	      to);
}

static int run(const struct doctor_options *o)
{
	static struct report report;
	enum presence presence;
	struct module_files files;
	struct utsname host;

	if (uname(&host) < 0 || module_files_open(&files, host.release) != 0) {
		warn("libkmod");
		return EXIT_FAIL;
	}
	report.json = o->json;
	presence = doctor_module_check(&report);
	if (presence == PRESENCE_YES) {
		doctor_module_check_use(&report);
		doctor_traffic_check(&report, (unsigned int)o->seconds);
	} else if (presence == PRESENCE_NO) {
		doctor_module_explain(&report, &files);
	}
	doctor_bypass_check(&report, &files);
	module_files_close(&files);
	return doctor_end(&report);
}

static int parse_option(void *data, int opt, const char *text)
{
	struct doctor_options *o = data;

	switch (opt) {
	case 's':
		if (number_parse(text, 10, SECONDS_MAX, &o->seconds) == 0 &&
		    o->seconds != 0)
			return 0;
		warnx("invalid number of seconds: '%s': use 1 to %d", text,
		      SECONDS_MAX);
		return -EINVAL;
	case 'j':
		o->json = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static const struct command_syntax command = {
	.name = "doctor",
	.usage = usage,
	.options = options,
	.take = parse_option,
};

int doctor_main(int argc, char **argv)
{
	struct doctor_options o = { .seconds = SECONDS };
	int status;

	if (!command_options(&command, argc, argv, &o, &status))
		return status;
	if (optind < argc) {
		warnx("unexpected argument: '%s'", argv[optind]);
		return command_misuse("doctor");
	}
	return run(&o);
}
