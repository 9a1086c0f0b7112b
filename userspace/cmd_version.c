// SPDX-License-Identifier: GPL-2.0
#include "command.h"

#include "output.h"
#include "version.h"

#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define VERSION_PATH	"/sys/module/tcptrace/version"

static const struct option options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
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

int version_main(int argc, char **argv)
{
	const char *path = VERSION_PATH;
	char module[64], line[96];
	int opt, err;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case 'f':
			path = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXIT_OK;
		default:
			return command_misuse("version");
		}
	}
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
