/* SPDX-License-Identifier: GPL-2.0 */
/* Hash functions with which a sender may try to aim at one bucket. */
#ifndef _FLOOD_HASH_H
#define _FLOOD_HASH_H

#include "core/env.h"

enum {
	HASH_WORDS	= 4,
};

u32 hash_siphash13(const u32 *word, u64 key0, u64 key1);
u32 hash_jhash(const u32 *word);

#endif /* _FLOOD_HASH_H */
