// SPDX-License-Identifier: GPL-2.0
#include "pack.h"

#include "core/timeout.h"

#include <linux/build_bug.h>
#include <linux/string.h>

static_assert(offsetofend(struct tcpt_full, context) % sizeof(u64) == 0);

/*
 * Pack a word. Return: the position for the next word, or NULL if fewer than 9
 * bytes are left: a word without zero bytes needs 9.
 */
static u8 *pack_word(u8 *to, const u8 *end, const u8 *word)
{
	u8 *mask = to++;
	unsigned int i;

	if (end - mask <= sizeof(u64))
		return NULL;
	*mask = 0;
	for (i = 0; i < sizeof(u64); i++) {
		if (!word[i])
			continue;
		*mask |= 1 << i;
		*to++ = word[i];
	}
	return to;
}

/* Unpack a word. Return: the position of the next word. */
static const u8 *unpack_word(u8 *word, const u8 *from)
{
	unsigned int i, mask = *from++;

	for (i = 0; mask; i++, mask >>= 1)
		if (mask & 1)
			word[i] = *from++;
	return from;
}

/**
 * tcpt_pack_may - check whether a connection may be packed
 * @full: state of the connection
 *
 * A connection may be packed if both ends have confirmed it, if its timeout
 * runs from track.heard, and if it has no vantage_log.
 *
 * Context: any; the lock of the connection is held.
 * Return: true if it may be packed. tcpt_pack() can still fail.
 */
bool tcpt_pack_may(const struct tcpt_full *full)
{
	enum tcpt_timeout timeout = tcpt_timeout_of(&full->track);

	return full->track.marks & TCPT_MARK_CONFIRMED &&
	       timeout >= TCPT_TIMEOUT_ESTABLISHED &&
	       timeout <= TCPT_TIMEOUT_CLOSED && !full->vantage_log;
}

/**
 * tcpt_pack - pack the full state of a connection
 * @packed: filled in
 * @full: the state; tcpt_pack_may() is true
 *
 * Context: any; the lock of the connection is held.
 * Return: false if there is too little room.
 */
bool tcpt_pack(struct tcpt_packed *packed, const struct tcpt_full *full)
{
	const u64 *words = (const u64 *)full;
	const u8 *end = packed->bytes + sizeof(packed->bytes);
	u8 *to = packed->bytes;
	unsigned int i;

	packed->heard = full->track.heard;
	packed->marks = full->track.marks;
	packed->timeout = tcpt_timeout_of(&full->track);
	bitmap_zero(packed->words, TCPT_PACK_WORDS);
	for (i = 0; i < TCPT_PACK_WORDS; i++) {
		if (!words[i])
			continue;
		__set_bit(i, packed->words);
		to = pack_word(to, end, (const u8 *)&words[i]);
		if (!to)
			return false;
	}
	return true;
}

/**
 * tcpt_unpack - restore the full state of a connection
 * @full: all zero; filled in
 * @packed: from tcpt_pack()
 *
 * Context: any; the lock of the connection is held.
 */
void tcpt_unpack(struct tcpt_full *full, const struct tcpt_packed *packed)
{
	const u8 *from = packed->bytes;
	u64 *words = (u64 *)full;
	unsigned int i;

	for_each_set_bit(i, packed->words, TCPT_PACK_WORDS)
		from = unpack_word((u8 *)&words[i], from);
}
