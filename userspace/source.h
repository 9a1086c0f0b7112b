/* SPDX-License-Identifier: GPL-2.0 */
/* Options that make a command read a capture instead of the module's data. */
#ifndef _TCPTRACECTL_SOURCE_H
#define _TCPTRACECTL_SOURCE_H

#include "replay.h"

#include <getopt.h>

/* Values of the options that have no letter. */
enum {
	SOURCE_SECONDS = 1024,
	SOURCE_AS_MODULE,
	SOURCE_MAX_CONNECTIONS,
	SOURCE_SUMMARY,
};

/**
 * struct source - the options of a command that concern captures
 * @file: a capture file, or NULL
 * @interface: an interface to capture on, or NULL
 * @seconds: end a live capture after this time; 0: no limit
 * @buffer: size of the kernel's capture buffer in bytes; 0: the default
 * @max_connections: maximum number of open connections; 0: the default
 * @as_module: report what the module would report
 * @summary: print a summary at the end of the capture
 * @timed: @seconds also applies when the command reads the device
 */
struct source {
	const char *file;
	const char *interface;
	u64 seconds;
	u32 buffer;
	u64 max_connections;
	bool as_module;
	bool summary;
	bool timed;
};

/**
 * source_is_capture - check whether a command reads a capture
 * @source: options of the command
 */
static inline bool source_is_capture(const struct source *source)
{
	return source->file || source->interface;
}

/* --read, --interface, --seconds and --as-module. */
extern const struct option source_options[];

int source_option(struct source *source, int opt, const char *text);
int source_check(const struct source *source);
int source_refuse(const struct source *source, const char *option, bool given);
int source_check_path(const struct source *source, const char *path);
int source_open(const struct source *source, struct replay *r,
		char *const words[], u32 mask,
		int (*handle)(void *data, const union record *rec, u64 frame),
		void *data);

#endif /* _TCPTRACECTL_SOURCE_H */
