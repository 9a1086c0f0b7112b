/* SPDX-License-Identifier: GPL-2.0 */
/* A file or a pipe, decompressed if it is compressed, as a FILE of stdio. */
#ifndef _TCPTRACECTL_STREAM_H
#define _TCPTRACECTL_STREAM_H

#include "core/env.h"

#include <stdio.h>
#include <sys/types.h>

enum {
	/* larger ones leave the second level cache */
	STREAM_INPUT	= 128 * 1024,
	STREAM_OUTPUT	= 32 * 1024,
};

struct archive;

/**
 * struct stream - a file that is being read
 * @file: its bytes; fclose() closes all
 * @piped: not a regular file: more bytes may come at any time
 * @empty: there is not one byte
 * @archive: libarchive's handle
 * @fd: the file as it is
 * @p: decompressed bytes that were not read yet
 * @left: how many
 * @why: why a read failed, one line; empty if none did
 * @input: bytes of @fd
 * @output: the buffer of @file
 */
struct stream {
	FILE *file;
	bool piped;
	bool empty;
	struct archive *archive;
	int fd;
	const u8 *p;
	size_t left;
	char why[128];
	u8 input[STREAM_INPUT];
	char output[STREAM_OUTPUT];
};

int stream_open(struct stream *s, const char *path);

#endif /* _TCPTRACECTL_STREAM_H */
