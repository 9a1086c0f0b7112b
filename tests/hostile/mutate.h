/* SPDX-License-Identifier: GPL-2.0 */
/* Corrupt packets, as a hostile sender might. */
#ifndef _HOSTILE_MUTATE_H
#define _HOSTILE_MUTATE_H

#include "packet.h"

enum {
	MUTATIONS	= 26,
};

/**
 * struct mutation - one way to corrupt a packet
 * @name: short description of the mutation
 * @spoil: corrupts @p, an IPv4 or IPv6 packet with a whole TCP header
 * @count: number of calls of @spoil
 */
struct mutation {
	const char *name;
	void (*spoil)(struct packet *p, struct dice *dice);
	u64 count;
};

extern struct mutation mutations[MUTATIONS];

void mutate(struct packet *p, struct dice *dice);
u32 mutate_split(struct packet *p, struct packet *rest, struct dice *dice);

#endif /* _HOSTILE_MUTATE_H */
