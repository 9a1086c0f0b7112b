/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Read packets from pcapng files and, with libpcap, from pcap files and live
 * captures.
 */
#ifndef _TCPTRACECTL_CAPTURE_H
#define _TCPTRACECTL_CAPTURE_H

#include "core/env.h"
#include "expression.h"
#include "pcapng.h"
#include "stream.h"

#include <pcap/pcap.h>
#include <stdatomic.h>

/**
 * struct packet - a packet of a capture
 * @frame: number of the packet in the capture, counting from 1; in a file,
 *	packets that the filter leaves out are counted, too
 * @link: the link type, DLT_*
 * @interface: in a pcapng file, the number of the interface in its section; in
 *	a live capture, the interface index if the link-layer header has it;
 *	otherwise 0
 * @time: when the packet was captured, ns since 1970
 * @p: the captured bytes, starting at the link-layer header
 * @len: number of captured bytes
 * @wire_len: length of the packet on the wire, at least @len
 */
struct packet {
	u64 frame;
	int link;
	u32 interface;
	u64 time;
	const u8 *p;
	size_t len;
	size_t wire_len;
};

/**
 * struct capture_filter - a filter for the packets of one link type
 * @link: the link type, DLT_*
 * @expression: the compiled filter expression
 */
struct capture_filter {
	int link;
	struct expression expression;
};

/**
 * struct capture - a capture that is being read
 * @path: path of the file, or name of the interface, for messages
 * @words: words of the filter expression, or NULL
 * @stream: the file
 * @is_pcapng: the format is pcapng, not pcap
 * @pcap: libpcap's handle; NULL for pcapng
 * @link: link type of all packets, DLT_*; not used for pcapng
 * @pcapng: the reader of pcapng
 * @streamed: the capture is a pipe or live, so packets may arrive at any time
 * @live: a live capture
 * @deadline: time when a live capture ends, ns since 1970; 0: never
 * @dropped: number of packets that the kernel could not deliver
 * @stopped: capture_stop() was called, or @deadline has passed
 * @frame: number of the last packet that was read
 * @filtered: number of packets that @filters left out
 * @filters: a filter for each supported link type that was seen
 * @n_filters: number of @filters; 0: every packet that was read is accepted
 * @handle: called with each packet that the filter accepts; returns 0 to
 *	continue, or the value that capture_run() must return
 * @pause: called several times a second in a live capture, with the time and
 *	the number of packets lost since the last call; returns like @handle
 * @data: passed to @handle and @pause
 * @ret: the last value that @handle or @pause returned
 */
struct capture {
	const char *path;
	char *const *words;
	struct stream stream;
	bool is_pcapng;
	pcap_t *pcap;
	int link;
	struct pcapng pcapng;
	bool streamed;
	bool live;
	u64 deadline;
	u64 dropped;
	atomic_bool stopped;
	u64 frame;
	u64 filtered;
	struct capture_filter *filters;
	size_t n_filters;
	int (*handle)(void *data, const struct packet *packet);
	int (*pause)(void *data, u64 now, u64 dropped);
	void *data;
	int ret;
};

int capture_open(struct capture *capture, const char *path,
		 char *const words[], char *why, size_t size);
int capture_open_live(struct capture *capture, const char *interface,
		      u32 buffer, char *const words[], char *why, size_t size);
int capture_run(struct capture *capture,
		int (*handle)(void *data, const struct packet *packet),
		void *data, char *why, size_t size);
void capture_stop(struct capture *capture);
void capture_close(struct capture *capture);

#endif /* _TCPTRACECTL_CAPTURE_H */
