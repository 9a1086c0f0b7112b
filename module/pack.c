// SPDX-License-Identifier: GPL-2.0
#include "pack.h"

#include "core/fold.h"
#include "core/timeout.h"

#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/byteorder.h>

/*
 * Each 32-bit word of struct tcpt_full that is not zero is packed into one to
 * five bytes. Many words are equal to an earlier word: times have the same upper
 * half, and three analyses store the same sequence numbers. A ring therefore
 * contains the most recent distinct words.
 *
 * The lower bits of the first byte are the number of zero words before the
 * word. The upper bits are the kind of the word:
 *
 * PACK_ZEROS: only zero words, eight times as many as the lower bits plus 1
 * 1 to 4: a word that is not in the ring; this many bytes follow, lowest first
 * PACK_RECENT + n: the word at index n of the ring
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

/* @next: where the next new word is stored, in place of the oldest */
struct ring {
	u32 word[RECENT];
	unsigned int next;
};

static void put_recent(struct ring *ring, u32 word)
{
	ring->word[ring->next] = word;
	if (++ring->next == RECENT)
		ring->next = 0;
}

/* Many times are equal to the time of the last segment. */
static void begin_ring(struct ring *ring, u64 heard)
{
	memset(ring, 0, sizeof(*ring));
	put_recent(ring, heard);
	put_recent(ring, heard >> 32);
}

/* Return: the index of @word in the ring; RECENT if it is not there. */
static unsigned int find_recent(const struct ring *ring, u32 word)
{
	unsigned int i = 0;

	while (i < RECENT && ring->word[i] != word)
		i++;
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
static u8 *pack_word(u8 *to, struct ring *ring, unsigned int zeros, u32 word)
{
	unsigned int i, n;

	to = pack_zeros(to, &zeros);
	i = find_recent(ring, word);
	if (i < RECENT) {
		*to++ = (PACK_RECENT + i) << PACK_SHIFT | zeros;
		return to;
	}
	put_recent(ring, word);
	n = DIV_ROUND_UP(fls(word), 8);
	*to++ = n << PACK_SHIFT | zeros;
	for (i = 0; i < n; i++)
		*to++ = word >> 8 * i;
	return to;
}

/*
 * Return: the word that is stored in the last @n bytes before @end, 1 to 4. The
 * function may read bytes before these, but no byte at @end or after it.
 */
static u32 load_word(const u8 *end, unsigned int n)
{
	__le32 word;

	memcpy(&word, end - sizeof(word), sizeof(word));
	return le32_to_cpu(word) >> (32 - 8 * n);
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

/* Set the fields that can be read without unpacking @full. */
static void begin_packed(struct tcpt_packed *packed,
			 const struct tcpt_full *full)
{
	packed->heard = full->track.heard;
	packed->marks = full->track.marks;
	packed->timeout = tcpt_timeout_of(&full->track);
}

/* Return: as tcpt_pack(). */
static bool pack_words(struct tcpt_packed *packed, const struct tcpt_full *full)
{
	const u8 *last = (u8 *)packed + TCPT_PACK_MAX - PACK_ONE;
	const u32 *words = (const u32 *)full;
	unsigned int i, zeros = 0;
	u8 *to = packed->bytes;
	struct ring ring;

	begin_ring(&ring, packed->heard);
	for (i = 0; i < TCPT_PACK_WORDS; i++) {
		if (!words[i]) {
			zeros++;
			continue;
		}
		if (to > last)
			return false;
		to = pack_word(to, &ring, zeros, words[i]);
		zeros = 0;
	}
	packed->len = to - packed->bytes;
	return true;
}

/**
 * tcpt_pack - pack the full state of a connection
 * @packed: filled in; has TCPT_PACK_MAX bytes
 * @full: the state, which is overwritten; tcpt_pack_may() is true
 *
 * Context: any; the caller serializes access to @full.
 * Return: false if there is too little room.
 */
bool tcpt_pack(struct tcpt_packed *packed, struct tcpt_full *full)
{
	begin_packed(packed, full);
	tcpt_fold(&full->track);
	return pack_words(packed, full);
}

/**
 * tcpt_pack_clean - pack the full state of a clean connection
 * @compact: filled in; @compact->rest has TCPT_PACK_MAX bytes
 * @spare: overwritten
 * @full: the state; tcpt_pack_may() and tcpt_clean_may() are true
 *
 * Context: any; the lock of the connection is held.
 * Return: false if there is too little room.
 */
bool tcpt_pack_clean(struct tcpt_compact *compact, struct tcpt_full *spare,
		     const struct tcpt_full *full)
{
	const u32 *from = (const u32 *)full;
	u32 *to = (u32 *)spare;
	unsigned int i;

	memset(&compact->clean, 0, sizeof(compact->clean));
	tcpt_clean_take(&compact->clean, &full->track);
	for (i = 0; i < 2; i++) {
		compact->vantage[i] = full->vantage[i];
		compact->known[i] = full->context.owner[i].known;
	}
	/* keep no second copy of the words that tcpt_clean_give() sets */
	memset(spare, 0, sizeof(*spare));
	tcpt_clean_give(&compact->clean, &spare->track);
	for (i = 0; i < TCPT_PACK_WORDS; i++)
		to[i] ^= from[i];
	tcpt_fold(&spare->track);
	for (i = 0; i < 2; i++)
		spare->track.end[i].iss = 0;	/* compact->clean has it */
	begin_packed(&compact->rest, full);
	return pack_words(&compact->rest, spare);
}

/* @full: all zero; filled in */
static void unpack_words(struct tcpt_full *full,
			 const struct tcpt_packed *packed)
{
	const u8 *end = packed->bytes + packed->len;
	const u8 *from = packed->bytes;
	u32 *word = (u32 *)full;
	unsigned int kind, n;
	struct ring ring;

	begin_ring(&ring, packed->heard);
	while (from < end) {
		kind = *from >> PACK_SHIFT;
		n = *from++ % PACK_RUN;
		if (kind >= PACK_RECENT) {
			word += n;
			*word++ = ring.word[kind - PACK_RECENT];
		} else if (kind != PACK_ZEROS) {
			word += n;
			from += kind;
			*word = load_word(from, kind);
			put_recent(&ring, *word++);
		} else {
			word += (n + 1) * PACK_RUN;
		}
	}
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
	unpack_words(full, packed);
	tcpt_fold(&full->track);
}

/**
 * tcpt_unpack_clean - restore the full state of a clean connection
 * @full: all zero; filled in
 * @compact: from tcpt_pack_clean(); tcpt_clean_segment() may have changed
 *	@compact->clean
 *
 * Context: any; the lock of the connection is held.
 */
void tcpt_unpack_clean(struct tcpt_full *full,
		       const struct tcpt_compact *compact)
{
	unsigned int i;

	unpack_words(full, &compact->rest);
	for (i = 0; i < 2; i++)
		full->track.end[i].iss = compact->clean.end[i].iss;
	tcpt_fold(&full->track);
	tcpt_clean_give(&compact->clean, &full->track);
}
