// SPDX-License-Identifier: GPL-2.0
#include "pack.h"

#include "core/timeout.h"

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

/*
 * Each 32-bit word of struct tcpt_full that is not zero is packed into one to
 * five bytes. Many words are equal to an earlier word: times have the same upper
 * half, and three analyses store the same sequence numbers. So a list contains
 * the last different words, the latest first.
 *
 * The lower bits of the first byte are the number of zero words before the
 * word. The upper bits are the kind of the word:
 *
 * PACK_ZEROS: only zero words, eight times as many as the lower bits plus 1
 * 1 to 4: a word that is not in the list; this many bytes follow, lowest first
 * PACK_RECENT + n: the word at index n of the list
 */
enum {
	PACK_ZEROS	= 0,
	PACK_RECENT	= 1 + sizeof(u32),
	PACK_SHIFT	= 3,		/* lower bits of the first byte */
	PACK_RUN	= 1 << PACK_SHIFT,
	RECENT		= 32 - PACK_RECENT,	/* a kind has 5 bits */
	/* largest size of a packed word and the zero words before it */
	PACK_ONE	= TCPT_PACK_WORDS / (PACK_RUN * PACK_RUN) + 1 +
			  1 + sizeof(u32),
};

static_assert(offsetofend(struct tcpt_full, context) % sizeof(u32) == 0);
static_assert(TCPT_PACK_MAX - sizeof(struct tcpt_packed) <= U16_MAX);

/* Many times are equal to the time of the last segment. */
static void begin_list(u32 recent[RECENT], u64 heard)
{
	memset(recent, 0, RECENT * sizeof(*recent));
	recent[0] = heard;
	recent[1] = heard >> 32;
}

/*
 * Move @word to the front of the list, or insert it there. Return: its old
 * index; RECENT if it was not in the list.
 */
static unsigned int move_to_front(u32 recent[RECENT], u32 word)
{
	u32 before = word;
	unsigned int i;

	for (i = 0; i < RECENT; i++) {
		swap(before, recent[i]);
		if (before == word)
			break;
	}
	return i;
}

static u8 *pack_zeros(u8 *to, unsigned int *zeros)
{
	unsigned int n;

	while (*zeros >= PACK_RUN) {
		n = min_t(unsigned int, *zeros / PACK_RUN, PACK_RUN);
		*to++ = PACK_ZEROS << PACK_SHIFT | (n - 1);
		*zeros -= n * PACK_RUN;
	}
	return to;
}

/* Pack a word after @zeros zero words. Return: where the next word begins. */
static u8 *pack_word(u8 *to, u32 recent[RECENT], unsigned int zeros, u32 word)
{
	unsigned int i, n;

	to = pack_zeros(to, &zeros);
	i = move_to_front(recent, word);
	if (i < RECENT) {
		*to++ = (PACK_RECENT + i) << PACK_SHIFT | zeros;
		return to;
	}
	n = DIV_ROUND_UP(fls(word), 8);
	*to++ = n << PACK_SHIFT | zeros;
	for (i = 0; i < n; i++)
		*to++ = word >> 8 * i;
	return to;
}

/* Unpack a word. @from: after the first byte. Return: the next first byte. */
static const u8 *unpack_word(u32 *word, u32 recent[RECENT], unsigned int kind,
			     const u8 *from)
{
	unsigned int i;

	if (kind >= PACK_RECENT) {
		*word = recent[kind - PACK_RECENT];
	} else {
		*word = 0;
		for (i = 0; i < kind; i++)
			*word |= (u32)*from++ << 8 * i;
	}
	move_to_front(recent, *word);
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
 * @packed: filled in; has TCPT_PACK_MAX bytes
 * @full: the state; tcpt_pack_may() is true
 *
 * Context: any; the lock of the connection is held.
 * Return: false if there is too little room.
 */
bool tcpt_pack(struct tcpt_packed *packed, const struct tcpt_full *full)
{
	const u8 *last = (u8 *)packed + TCPT_PACK_MAX - PACK_ONE;
	const u32 *words = (const u32 *)full;
	unsigned int i, zeros = 0;
	u8 *to = packed->bytes;
	u32 recent[RECENT];

	begin_list(recent, full->track.heard);
	for (i = 0; i < TCPT_PACK_WORDS; i++) {
		if (!words[i]) {
			zeros++;
			continue;
		}
		if (to > last)
			return false;
		to = pack_word(to, recent, zeros, words[i]);
		zeros = 0;
	}
	packed->heard = full->track.heard;
	packed->len = to - packed->bytes;
	packed->marks = full->track.marks;
	packed->timeout = tcpt_timeout_of(&full->track);
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
	const u8 *end = packed->bytes + packed->len;
	const u8 *from = packed->bytes;
	u32 *word = (u32 *)full;
	unsigned int kind, n;
	u32 recent[RECENT];

	begin_list(recent, packed->heard);
	while (from < end) {
		kind = *from >> PACK_SHIFT;
		n = *from++ % PACK_RUN;
		if (kind == PACK_ZEROS) {
			word += (n + 1) * PACK_RUN;
			continue;
		}
		word += n;
		from = unpack_word(word++, recent, kind, from);
	}
}
