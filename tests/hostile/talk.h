/* SPDX-License-Identifier: GPL-2.0 */
/* Many simultaneous conversations that look real. */
#ifndef _HOSTILE_TALK_H
#define _HOSTILE_TALK_H

#include "packet.h"

enum {
	GSO_PORT	= 50000,	/* lowest port of GSO frames */
};

/**
 * struct talker - one end of a conversation
 * @addr: its address; an IPv4 address uses the first 4 bytes
 * @port: its port
 * @una: the lowest sequence number that the other end has not acknowledged
 * @next: the next sequence number to send
 * @fin: it has sent a FIN
 */
struct talker {
	u8 addr[16];
	u16 port;
	u32 una;
	u32 next;
	bool fin;
};

/**
 * struct talk - a conversation
 * @end: the originator and the responder
 * @way: how its packets are sent
 * @family: 4 or 6
 * @gso: its packets carry many segments
 * @stamps: with timestamps
 * @step: how many packets so far
 * @left: how many packets are left
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
