/* SPDX-License-Identifier: GPL-2.0 */
/* Read capture files in the pcapng format (draft-ietf-opsawg-pcapng). */
#ifndef _TCPTRACECTL_PCAPNG_H
#define _TCPTRACECTL_PCAPNG_H

#include "core/env.h"

#include <stdio.h>

enum {
	PCAPNG_BLOCK_MAX	= 16 * 1024 * 1024,
	PCAPNG_INTERFACES_MAX	= 65536,	/* in a section */
	PCAPNG_FIRST_BYTE	= '\n',		/* never begins a pcap file */
	PCAPNG_HEAD		= 8,		/* bytes before a body */
	PCAPNG_TAIL		= 4,		/* bytes after a body */
};

/**
 * struct pcapng_interface - an interface on which packets were captured
 * @link: the link type, DLT_*
 * @snaplen: maximum number of bytes captured per packet; 0: no limit
 * @offset: seconds to add to each timestamp
 * @units: timestamp units per second; 0: 2^@shift units per second
 * @shift: see @units
 */
struct pcapng_interface {
	int link;
	u32 snaplen;
	s64 offset;
	u64 units;
	unsigned int shift;
};

/**
 * struct pcapng_packet - a packet
 * @link: the link type of the interface, DLT_*
 * @interface: number of the interface in its section
 * @time: when the packet was captured, ns since 1970; a simple packet block has
 *	no time, so @time is the offset of the interface
 * @p: bytes of the packet, valid until the next block is read
 * @len: number of bytes captured
 * @wire_len: length on the wire, according to the file
 */
struct pcapng_packet {
	int link;
	u32 interface;
	u64 time;
	const u8 *p;
	u32 len;
	u32 wire_len;
};

/**
 * struct pcapng - a file that is being read
 * @file: the file
 * @swapped: the byte order of the section differs from the host's
 * @interfaces: the interfaces of the current section that were read so far
 * @n: number of @interfaces
 * @room: number of interfaces that fit
 * @head: type and length of the last block
 * @block: body of the last block, and the length field after the body
 * @len: length of the body in @block
 * @block_room: size of @block
 * @why: one-line reason for a failed read
 */
struct pcapng {
	FILE *file;
	bool swapped;
	struct pcapng_interface *interfaces;
	size_t n;
	size_t room;
	u8 head[PCAPNG_HEAD];
	u8 *block;
	u32 len;
	size_t block_room;
	char why[128];
};

/**
 * enum pcapng_event - what was read
 * @PCAPNG_EOF:		the end of the file
 * @PCAPNG_INTERFACE: an interface, which is now the last in pcapng.interfaces
 * @PCAPNG_PACKET:	a packet
 * @PCAPNG_OTHER:	any other block; returned only by pcapng_next()
 */
enum pcapng_event {
	PCAPNG_EOF,
	PCAPNG_INTERFACE,
	PCAPNG_PACKET,
	PCAPNG_OTHER,
};

int pcapng_open(struct pcapng *ng, FILE *file);
int pcapng_next(struct pcapng *ng, struct pcapng_packet *packet);
int pcapng_read(struct pcapng *ng, struct pcapng_packet *packet);
bool pcapng_is_section(const struct pcapng *ng);
bool pcapng_has_options(const struct pcapng *ng, u32 *at);
int pcapng_linktype(int link);
void pcapng_free(struct pcapng *ng);

#endif /* _TCPTRACECTL_PCAPNG_H */
