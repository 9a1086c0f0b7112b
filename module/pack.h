/* SPDX-License-Identifier: GPL-2.0 */
/* The full state of an idle or clean connection, compressed. */
#ifndef _TCPT_PACK_H
#define _TCPT_PACK_H

#include "conn.h"

#include "core/clean.h"

#include <linux/stddef.h>
#include <linux/types.h>

enum {
	/* 32-bit words, without the padding at the end of struct tcpt_full */
	TCPT_PACK_WORDS	= offsetofend(struct tcpt_full, context) / sizeof(u32),
	TCPT_PACK_MAX	= 816,	/* bytes for a packed connection */
};

/**
 * struct tcpt_packed - full state of an idle connection, compressed
 * @heard: as in struct tcpt_track
 * @len: number of bytes of @bytes
 * @marks: as in struct tcpt_track; always includes TCPT_MARK_CONFIRMED
 * @timeout: enum tcpt_timeout of the connection; the timeout runs from @heard
 * @bytes: the words of struct tcpt_full that are not zero: see pack.c
 *
 * Protected by the lock of the connection.
 */
struct tcpt_packed {
	u64 heard;
	u16 len;
	u8 marks;
	u8 timeout;
	u8 bytes[];
};

/**
 * struct tcpt_compact - full state of a clean connection
 * @clean: what the segments of the connection change
 * @vantage: as in struct tcpt_full
 * @known: owner.known of the originator and the responder
 * @rest: all other words of struct tcpt_full, packed
 *
 * Protected by the lock of the connection.
 */
struct tcpt_compact {
	struct tcpt_clean clean;
	u32 vantage[2];
	u8 known[2];
	struct tcpt_packed rest;	/* ends with a flexible array */
};

bool tcpt_pack_may(const struct tcpt_full *full);
bool tcpt_pack(struct tcpt_packed *packed, struct tcpt_full *full);
bool tcpt_pack_clean(struct tcpt_compact *compact, struct tcpt_full *spare,
		     const struct tcpt_full *full);
void tcpt_unpack(struct tcpt_full *full, const struct tcpt_packed *packed);
void tcpt_unpack_clean(struct tcpt_full *full,
		       const struct tcpt_compact *compact);

/* Return: the number of bytes that a packed state occupies. */
static inline size_t tcpt_pack_size(const struct tcpt_packed *packed)
{
	return offsetof(struct tcpt_packed, bytes) + packed->len;
}

/* Return: the number of bytes that the state of a clean connection occupies. */
static inline size_t tcpt_pack_clean_size(const struct tcpt_compact *compact)
{
	return offsetof(struct tcpt_compact, rest) +
	       tcpt_pack_size(&compact->rest);
}

#endif /* _TCPT_PACK_H */
