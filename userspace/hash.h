/* SPDX-License-Identifier: GPL-2.0 */
/* A keyed hash of a connection's key. */
#ifndef _TCPTRACECTL_HASH_H
#define _TCPTRACECTL_HASH_H

#include "core/env.h"
#include "core/flow.h"

/**
 * struct hash_key - random numbers that who made a capture does not know
 * @word: the numbers
 */
struct hash_key {
	u64 word[4];
};

int hash_key_init(struct hash_key *key);
u64 hash_flow(const struct hash_key *key, const struct tcpt_flow *flow);

#endif /* _TCPTRACECTL_HASH_H */
