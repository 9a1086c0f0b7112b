/* SPDX-License-Identifier: GPL-2.0 */
/* Make the packets of many simultaneous, realistic conversations. */
#ifndef _HOSTILE_TALK_H
#define _HOSTILE_TALK_H

#include "packet.h"

enum {
	GSO_PORT	= 50000,	/* lowest port of GSO frames */
};

/**
 * struct talker - one end of a conversation
 * @addr: address of the end; an IPv4 address is in the first 4 bytes
 * @port: port of the end
 * @una: lowest sequence number that the other end has not acknowledged
 * @next: next sequence number to send
 */
struct talker {
	u8 addr[16];
	u16 port;
	u32 una;
	u32 next;
};

/**
 * struct talk - a conversation
 * @end: the originator and the responder
 * @way: how to send its packets
 * @family: 4 or 6
 * @gso: a packet may carry many segments
 * @stamps: the segments have timestamps
 * @step: number of packets made so far
 * @left: number of packets still to make
 */
struct talk {
	struct talker end[2];
	enum way way;
	u8 family;
	bool gso;
	bool stamps;
	u32 step;
	u32 left;
};

void talk_begin(struct talk *talk, struct dice *dice);
void talk_next(struct talk *talk, struct packet *p, struct dice *dice);

#endif /* _HOSTILE_TALK_H */
