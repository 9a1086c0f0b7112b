/* SPDX-License-Identifier: GPL-2.0 */
/* Open a file or a pipe as a stdio FILE, and decompress it if needed. */
#ifndef _TCPTRACECTL_STREAM_H
#define _TCPTRACECTL_STREAM_H

#include "core/env.h"

#include <stdio.h>
#include <sys/types.h>

enum {
	/* larger buffers might not fit in the L2 cache */
	STREAM_INPUT	= 128 * 1024,
	STREAM_OUTPUT	= 32 * 1024,
};

struct archive;

/**
 * struct stream - a file that is being read
 * @file: the decompressed data; fclose() closes the stream
 * @piped: the file is not a regular file: more data may arrive at any time
 * @empty: the file has no data
 * @archive: libarchive's handle
 * @fd: descriptor of the file
 * @p: decompressed bytes that have not been read yet
 * @left: number of bytes at @p
 * @why: one-line reason why opening the file, or reading it with libarchive,
 *	failed; otherwise empty
 * @input: buffer for reading @fd
 * @output: buffer of @file if the data comes from libarchive
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
