/* SPDX-License-Identifier: GPL-2.0 */
/* The full state of an idle connection, stored without its zero bytes. */
#ifndef _TCPT_PACK_H
#define _TCPT_PACK_H

#include "conn.h"

#include <linux/bitmap.h>
#include <linux/stddef.h>
#include <linux/types.h>

enum {
	/* without the padding at the end of struct tcpt_full */
	TCPT_PACK_WORDS	= offsetofend(struct tcpt_full, context) / sizeof(u64),
	TCPT_PACK_ROOM	= 720,	/* bytes for a connection's packed words */
};

/**
 * struct tcpt_packed - full state of an idle connection without its zero bytes
 * @heard: as in struct tcpt_track
 * @marks: as in struct tcpt_track; always includes TCPT_MARK_CONFIRMED
 * @timeout: enum tcpt_timeout of the connection; the timeout runs from @heard
 * @words: bitmap of the 64-bit words of struct tcpt_full that are not zero
 * @bytes: for each of these words, a mask of its nonzero bytes, followed by
 *	these bytes
 *
 * Protected by the lock of the connection.
 */
struct tcpt_packed {
	u64 heard;
	u8 marks;
	u8 timeout;
	DECLARE_BITMAP(words, TCPT_PACK_WORDS);
	u8 bytes[TCPT_PACK_ROOM];
};

bool tcpt_pack_may(const struct tcpt_full *full);
bool tcpt_pack(struct tcpt_packed *packed, const struct tcpt_full *full);
void tcpt_unpack(struct tcpt_full *full, const struct tcpt_packed *packed);

#endif /* _TCPT_PACK_H */
