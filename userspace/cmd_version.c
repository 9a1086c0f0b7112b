// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "output.h"
#include "version.h"

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define VERSION_PATH	"/sys/module/tcptrace/version"

enum {
	OPT_FILE = COMMAND_LONG,
};

static const struct option options[] = {
	{ "file", required_argument, NULL, OPT_FILE },
	{ NULL, 0, NULL, 0 },
};

static void usage(FILE *to)
{
	fputs("Usage: tcptracectl version [OPTIONS]\n"
	      "\n"
	      "Show the version of this program and, if it is loaded, of the module.\n"
	      "\n"
	      "      --file PATH  read this version (default: " VERSION_PATH
	      ")\n"
	      "  -h, --help       show this help\n",
	      to);
}

static void module_version(const char *path, char *buf, size_t size)
{
	FILE *file = fopen(path, "re");

	if (!file || !fgets(buf, (int)size, file))
		snprintf(buf, size, "not loaded");
	if (file)
		fclose(file);
	buf[strcspn(buf, "\n")] = '\0';
}

static int parse_option(void *data, int opt, const char *text)
{
	const char **path = data;

	if (opt != OPT_FILE)
		return -EINVAL;
	*path = text;
	return 0;
}

static const struct command_syntax command = {
	.name = "version",
	.usage = usage,
	.options = options,
	.take = parse_option,
};

int version_main(int argc, char **argv)
{
	const char *path = VERSION_PATH;
	char module[64], line[96];
	int err, status;

	if (!command_options(&command, argc, argv, &path, &status))
		return status;
	if (optind < argc) {
		warnx("unexpected argument: '%s'", argv[optind]);
		return command_misuse("version");
	}
	module_version(path, module, sizeof(module));
	snprintf(line, sizeof(line), "module tcptrace %s", module);
	err = output_line("tcptracectl " TCPTRACE_VERSION);
	if (!err)
		err = output_line(line);
	return output_status(err);
}
