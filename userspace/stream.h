/* SPDX-License-Identifier: GPL-2.0 */
/* A stdio FILE that reads a file or a pipe, and decompresses it if needed. */
#ifndef _TCPTRACECTL_STREAM_H
#define _TCPTRACECTL_STREAM_H

#include "core/env.h"

#include <stdio.h>
#include <sys/types.h>

enum {
	/* larger buffers do not fit in the second level cache */
	STREAM_INPUT	= 128 * 1024,
	STREAM_OUTPUT	= 32 * 1024,
};

struct archive;

/**
 * struct stream - a file that is being read
 * @file: the decompressed data; fclose() closes the stream
 * @piped: not a regular file: more data may arrive at any time
 * @empty: the file has no data
 * @archive: libarchive's handle
 * @fd: the compressed file
 * @p: decompressed bytes, not read yet
 * @left: number of bytes at @p
 * @why: why a read failed, in one line; empty if none failed
 * @input: buffer of @fd, or of an uncompressed @file
 * @output: buffer of a compressed @file
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
