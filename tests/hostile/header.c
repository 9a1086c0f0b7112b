// SPDX-License-Identifier: GPL-2.0
#include "header.h"

enum {
	SPARE	= 512,	/* bytes to keep free for later insertions */
};

/**
 * header_insert - insert zero bytes into a packet
 * @p: the packet
 * @at: offset of the inserted bytes
 * @n: number of bytes
 *
 * Return: false if @at is past the end, or if the packet's buffer has no room.
 */
bool header_insert(struct packet *p, u32 at, u32 n)
{
	if (at > p->len || p->len + n + SPARE > PACKET_ROOM)
		return false;
	memmove(p->data + at + n, p->data + at, p->len - at);
	memset(p->data + at, 0, n);
	p->len += n;
	if (at <= p->tcp)
		p->tcp += n;
	return true;
}

/**
 * header_set_length - set the length field of the IP header
 * @p: the packet
 * @len: length of the packet, including the IP header
 */
void header_set_length(struct packet *p, u32 len)
{
	if (p->family == 4)
		put16(p->data + 2, len);
	else
		put16(p->data + 4, len - IP6_LEN);
}

/* Insert an extension header of @n bytes directly after the IPv6 header. */
static u8 *insert_extension(struct packet *p, u8 proto, u32 n)
{
	u8 *ext = p->data + IP6_LEN;

	if (!header_insert(p, IP6_LEN, n))
		return NULL;
	ext[0] = p->data[6];
	p->data[6] = proto;
	header_set_length(p, p->len);
	return ext;
}

/**
 * header_add_fragment - add a fragment header (RFC 8200)
 * @p: an IPv6 packet
 * @offset: offset in bytes; bit 0: more fragments follow
 * @id: identification
 */
void header_add_fragment(struct packet *p, u32 offset, u32 id)
{
	u8 *ext = insert_extension(p, 44, 8);

	if (!ext)
		return;
	put16(ext + 2, offset);
	put32(ext + 4, id);
}

/**
 * header_add_extension - add a random IPv6 extension header
 * @p: an IPv6 packet
 * @dice: random numbers
 *
 * The type of the header is random. Sometimes, its content and its length are
 * random, too.
 */
void header_add_extension(struct packet *p, struct dice *dice)
{
	static const u8 protos[] = { 0, 43, 44, 51, 60, 60, 60, 135 };
	u8 proto = protos[dice_below(dice, sizeof(protos))];
	u32 n = dice_chance(dice, 90) ? 0 : dice_below(dice, 4), i;
	u8 *ext;

	if (proto == 44) {
		header_add_fragment(p, dice_chance(dice, 70) ? 0 :
				    dice_below(dice, 64), 7);
		return;
	}
	ext = insert_extension(p, proto, 8 * (n + 1));
	if (!ext)
		return;
	/*
	 * the length of an authentication header is in units of 4 bytes, minus
	 * 2
	 */
	ext[1] = (u8)(proto == 51 ? 2 * n : n);
	if (dice_chance(dice, 5))
		ext[1] = (u8)dice_roll(dice);
	ext[2] = 1;		/* padding */
	ext[3] = (u8)(8 * n + 4);
	for (i = 4; i < 8 * (n + 1) && dice_chance(dice, 40); i++)
		ext[i] = header_odd_byte(dice);
}

/**
 * header_odd_byte - choose a byte that may be the kind or length of an option
 * @dice: random numbers
 *
 * Return: the byte; about half of the bytes are small numbers.
 */
u8 header_odd_byte(struct dice *dice)
{
	switch (dice_below(dice, 4)) {
	case 0:
		return (u8)dice_below(dice, 4);
	case 1:
		return (u8)dice_below(dice, 44);
	case 2:
		return (u8)(0x80 | dice_below(dice, 16));
	default:
		return (u8)dice_roll(dice);
	}
}
