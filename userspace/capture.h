/* SPDX-License-Identifier: GPL-2.0 */
/* Capture files, pcap and pcapng, read with libpcap. */
#ifndef _TCPTRACECTL_CAPTURE_H
#define _TCPTRACECTL_CAPTURE_H

#include "core/env.h"
#include "expression.h"

#include <pcap/pcap.h>

/**
 * struct packet - a packet of a capture
 * @frame: its number in the file, from 1, whatever the filter skips
 * @time: when it was captured, ns since 1970
 * @p: its bytes, from the link layer's header
 * @len: how many bytes were captured
 * @wire_len: how many bytes it had, not less than @len
 */
struct packet {
	u64 frame;
	u64 time;
	const u8 *p;
	size_t len;
	size_t wire_len;
};

/**
 * struct capture - a capture that is being read
 * @path: its path, for messages
 * @pcap: libpcap's handle
 * @link: the link type, DLT_*
 * @streamed: it comes through a pipe: more may come at any time
 * @frame: number of the packet read last
 * @filtered: how many the filter left out
 * @filter: which packets are handled
 * @handle: called with each packet that the filter takes; 0 to go on, or
 *	what capture_run() returns
 * @data: passed to @handle
 * @ret: what @handle returned last
 */
struct capture {
	const char *path;
	pcap_t *pcap;
	int link;
	bool streamed;
	u64 frame;
	u64 filtered;
	struct expression filter;
	int (*handle)(void *data, const struct packet *packet);
	void *data;
	int ret;
};

int capture_open(struct capture *capture, const char *path,
		 char *const words[], char *why, size_t size);
int capture_run(struct capture *capture,
		int (*handle)(void *data, const struct packet *packet),
		void *data, char *why, size_t size);
void capture_stop(struct capture *capture);
void capture_close(struct capture *capture);

#endif /* _TCPTRACECTL_CAPTURE_H */
