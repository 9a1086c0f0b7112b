/* SPDX-License-Identifier: GPL-2.0 */
/* The loop that reads records until something ends it. */
#ifndef _TCPTRACECTL_STREAM_H
#define _TCPTRACECTL_STREAM_H

#include "record.h"

/**
 * enum stream_end - why reading ended
 * @STREAM_MORE:	it has not; never returned by stream_run()
 * @STREAM_EOF:		the file of records ended, after a whole record
 * @STREAM_DONE:	the handler has seen enough
 * @STREAM_SIGNAL:	SIGINT or SIGTERM
 * @STREAM_READ:	reading failed
 * @STREAM_BROKEN:	what was read is no record
 * @STREAM_OUTPUT:	the handler failed: writing did
 */
enum stream_end {
	STREAM_MORE,
	STREAM_EOF,
	STREAM_DONE,
	STREAM_SIGNAL,
	STREAM_READ,
	STREAM_BROKEN,
	STREAM_OUTPUT,
};

/**
 * struct stream - where records come from and where they go
 * @fd: the device
 * @handle: called with each record of a known type; 0 to go on, 1 when it
 *	has seen enough, or a negative error number
 * @data: passed to @handle
 * @err: error number of STREAM_READ and STREAM_OUTPUT
 * @why: text of STREAM_BROKEN
 */
struct stream {
	int fd;
	int (*handle)(void *data, const union record *rec);
	void *data;
	int err;
	char why[96];
};

enum stream_end stream_run(struct stream *stream);

#endif /* _TCPTRACECTL_STREAM_H */
