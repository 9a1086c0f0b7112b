/* SPDX-License-Identifier: GPL-2.0 */
/* Write capture files in the pcapng format (draft-ietf-opsawg-pcapng). */
#ifndef _TCPTRACECTL_PCAPNG_WRITE_H
#define _TCPTRACECTL_PCAPNG_WRITE_H

#include "addr.h"
#include "core/env.h"
#include "pcapng.h"

#include <stdio.h>

enum {
	PCAPNG_COMMENT_MAX	= 4096,
	PCAPNG_INBOUND		= 1,
	PCAPNG_OUTBOUND		= 2,
};

/**
 * struct pcapng_write_packet - a packet to write
 * @time: when the packet was seen, ns since 1970
 * @p: bytes of the packet
 * @len: number of bytes to write
 * @wire_len: length on the wire
 * @dropped: number of packets lost since the previous packet
 * @direction: PCAPNG_INBOUND, PCAPNG_OUTBOUND, or 0 for neither
 * @comment: a comment, or NULL
 */
struct pcapng_write_packet {
	u64 time;
	const u8 *p;
	u32 len;
	u32 wire_len;
	u64 dropped;
	u32 direction;
	const char *comment;
};

int pcapng_write_section(FILE *to, const char *program);
int pcapng_write_interface(FILE *to, int link, u32 snaplen, const char *name);
int pcapng_write_packet(FILE *to, const struct pcapng_write_packet *packet);
int pcapng_write_stats(FILE *to, u64 time, u64 received, u64 dropped);
int pcapng_write_name(FILE *to, const struct addr *addr, const char *name);
int pcapng_write_copy(FILE *to, const struct pcapng *from, const char *comment);

#endif /* _TCPTRACECTL_PCAPNG_WRITE_H */
