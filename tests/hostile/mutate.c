// SPDX-License-Identifier: GPL-2.0
#include "mutate.h"

#include "header.h"

enum {
	FRAGMENT_IDS	= 64,	/* so few that packets share an ID */
};

static void flip_bits(struct packet *p, struct dice *dice)
{
	u32 n = 1 + dice_below(dice, 8);

	while (n--)
		p->data[dice_below(dice, p->len)] ^=
			(u8)(1 << dice_below(dice, 8));
}

static void random_header(struct packet *p, struct dice *dice)
{
	u32 end = p->tcp + TCP_LEN < p->len ? p->tcp + TCP_LEN : p->len;

	p->data[dice_below(dice, end)] = (u8)dice_roll(dice);
}

static void cut(struct packet *p, struct dice *dice)
{
	p->len = 1 + dice_below(dice, p->len);
}

static void cut_and_say_so(struct packet *p, struct dice *dice)
{
	cut(p, dice);
	header_set_length(p, p->len);
}

static void add_tail(struct packet *p, struct dice *dice)
{
	u32 n = 1 + dice_below(dice, 64);

	memset(p->data + p->len, 0xaa, n);
	p->len += n;
}

static void lie_about_length(struct packet *p, struct dice *dice)
{
	header_set_length(p, dice_chance(dice, 50) ? dice_below(dice, 0x10000) :
			     p->len + dice_below(dice, 64) - 32);
}

static void set_version(struct packet *p, struct dice *dice)
{
	p->data[0] = (u8)(dice_below(dice, 16) << 4 | (p->data[0] & 0xf));
}

static void set_ihl(struct packet *p, struct dice *dice)
{
	if (p->family == 4)
		p->data[0] = (u8)(0x40 | dice_below(dice, 16));
}

static void set_ttl(struct packet *p, struct dice *dice)
{
	p->data[p->family == 4 ? 8 : 7] = (u8)dice_below(dice, 256);
}

static void set_protocol(struct packet *p, struct dice *dice)
{
	p->data[p->family == 4 ? 9 : 6] = (u8)dice_below(dice, 256);
}

static void set_fragment(struct packet *p, struct dice *dice)
{
	if (p->family == 6) {
		header_add_fragment(p, dice_below(dice, 0x10000),
				    dice_below(dice, FRAGMENT_IDS));
		return;
	}
	put16(p->data + 4, 1 + dice_below(dice, FRAGMENT_IDS));
	put16(p->data + 6, dice_below(dice, 0x10000));
}

static void add_atomic_fragment(struct packet *p, struct dice *dice)
{
	if (p->family == 6)
		header_add_fragment(p, 0, (u32)dice_roll(dice));
}

static void add_ip_options(struct packet *p, struct dice *dice)
{
	u32 n = 4 * (1 + dice_below(dice, 10)), i;

	if (p->family != 4 || !header_insert(p, IP4_LEN, n))
		return;
	p->data[0] = (u8)(0x45 + n / 4);
	for (i = 0; i < n; i++)
		p->data[IP4_LEN + i] = header_odd_byte(dice);
	header_set_length(p, p->len);
}

static void add_extensions(struct packet *p, struct dice *dice)
{
	u32 n = 1 + dice_below(dice, 10);

	while (n-- && p->family == 6)
		header_add_extension(p, dice);
}

static void add_unknown_extension(struct packet *p, struct dice *dice)
{
	static const u8 protos[] = { 50, 59, 139, 140, 253, 254 };

	if (p->family != 6)
		return;
	header_add_extension(p, dice);
	p->data[6] = protos[dice_below(dice, sizeof(protos))];
}

/*
 * Make a jumbogram: the option has the length (RFC 2675), perhaps a wrong one.
 */
static void make_jumbo(struct packet *p, struct dice *dice)
{
	if (p->family != 6 || !header_insert(p, IP6_LEN, 8))
		return;
	p->data[IP6_LEN] = p->data[6];
	p->data[IP6_LEN + 1] = 0;
	p->data[IP6_LEN + 2] = 0xc2;
	p->data[IP6_LEN + 3] = 4;
	put32(p->data + IP6_LEN + 4, dice_chance(dice, 50) ?
	      p->len - IP6_LEN : (u32)dice_roll(dice));
	p->data[6] = 0;
	put16(p->data + 4, dice_chance(dice, 80) ? 0 : p->len);
}

static void set_flags(struct packet *p, struct dice *dice)
{
	u32 flags = dice_below(dice, 512);

	p->data[p->tcp + 12] = (u8)((p->data[p->tcp + 12] & 0xf0) |
				    dice_below(dice, 8) << 1 | flags >> 8);
	p->data[p->tcp + 13] = (u8)flags;
}

static void set_doff(struct packet *p, struct dice *dice)
{
	p->data[p->tcp + 12] = (u8)(dice_below(dice, 16) << 4 |
				    (p->data[p->tcp + 12] & 0xf));
}

static void set_numbers(struct packet *p, struct dice *dice)
{
	static const u32 near[] = { 0, 1, 0x7fffffff, 0x80000000, 0xffffffff };
	u32 value = near[dice_below(dice, ARRAY_SIZE(near))];
	u8 *number = p->data + p->tcp + (dice_chance(dice, 50) ? 4 : 8);

	if (dice_chance(dice, 50))
		value += tcpt_be32(number);
	put32(number, value + dice_below(dice, 3) - 1);
}

static void set_window(struct packet *p, struct dice *dice)
{
	put16(p->data + p->tcp + 14, dice_below(dice, 3) * 0x7fff);
	put16(p->data + p->tcp + 18, (u32)dice_roll(dice) & 0xffff);
}

static void odd_tcp_options(struct packet *p, struct dice *dice)
{
	u32 n = 4 * (1 + dice_below(dice, 10)), i;

	if (!header_insert(p, p->tcp + TCP_LEN, n))
		return;
	for (i = 0; i < n; i++)
		p->data[p->tcp + TCP_LEN + i] = header_odd_byte(dice);
	p->data[p->tcp + 12] = (u8)((5 + n / 4) << 4);
	header_set_length(p, p->len);
}

/* Insert an option of random kind and length; it may extend past the header. */
static void one_tcp_option(struct packet *p, struct dice *dice)
{
	static const u8 kinds[] = { 2, 3, 4, 5, 8, 19, 28, 29, 30, 34, 253 };
	u32 n = 4 * (1 + dice_below(dice, 3)), at;

	if (!header_insert(p, p->tcp + TCP_LEN, n))
		return;
	memset(p->data + p->tcp + TCP_LEN, 1, n);
	at = p->tcp + TCP_LEN + dice_below(dice, n);
	p->data[at] = kinds[dice_below(dice, sizeof(kinds))];
	if (at + 1 < p->tcp + TCP_LEN + n)
		p->data[at + 1] = (u8)dice_below(dice, 44);
	p->data[p->tcp + 12] = (u8)((5 + n / 4) << 4);
	header_set_length(p, p->len);
}

static void odd_gso(struct packet *p, struct dice *dice)
{
	static const u8 types[] = { 1, 4, 0x81, 0x84 };
	static const u16 sizes[] = { 1, 2, 7, 536, 1400, 9000, 0xffff };

	p->offload.flags = 1;
	p->offload.csum_start = (u16)(14 + p->tcp);
	p->offload.csum_offset = 16;
	p->offload.gso_type = types[dice_below(dice, sizeof(types))];
	p->offload.gso_size = sizes[dice_below(dice, ARRAY_SIZE(sizes))];
	p->offload.hdr_len = (u16)dice_below(dice, p->len + 14);
}

static void random_offload(struct packet *p, struct dice *dice)
{
	p->offload.flags = (u8)dice_below(dice, 4);
	p->offload.gso_type = (u8)dice_below(dice, 6);
	p->offload.gso_size = (u16)dice_below(dice, 0x10000);
	p->offload.hdr_len = (u16)dice_below(dice, 256);
	p->offload.csum_start = (u16)dice_below(dice, 128);
	p->offload.csum_offset = (u16)dice_below(dice, 32);
}

static void add_tag(struct packet *p, struct dice *dice)
{
	(void)dice;
	p->tagged = true;
}

static void lead_astray(struct packet *p, struct dice *dice)
{
	if (dice_chance(dice, 50))
		p->astray = true;
	else
		p->ethertype = (u16)dice_roll(dice);
}

struct mutation mutations[MUTATIONS] = {
	{ "flip_bits", flip_bits, 0 },
	{ "random_header", random_header, 0 },
	{ "cut", cut, 0 },
	{ "cut_and_say_so", cut_and_say_so, 0 },
	{ "add_tail", add_tail, 0 },
	{ "lie_about_length", lie_about_length, 0 },
	{ "set_version", set_version, 0 },
	{ "set_ihl", set_ihl, 0 },
	{ "set_ttl", set_ttl, 0 },
	{ "set_protocol", set_protocol, 0 },
	{ "set_fragment", set_fragment, 0 },
	{ "add_atomic_fragment", add_atomic_fragment, 0 },
	{ "add_ip_options", add_ip_options, 0 },
	{ "add_extensions", add_extensions, 0 },
	{ "add_unknown_extension", add_unknown_extension, 0 },
	{ "make_jumbo", make_jumbo, 0 },
	{ "set_flags", set_flags, 0 },
	{ "set_doff", set_doff, 0 },
	{ "set_numbers", set_numbers, 0 },
	{ "set_window", set_window, 0 },
	{ "odd_tcp_options", odd_tcp_options, 0 },
	{ "one_tcp_option", one_tcp_option, 0 },
	{ "odd_gso", odd_gso, 0 },
	{ "random_offload", random_offload, 0 },
	{ "add_tag", add_tag, 0 },
	{ "lead_astray", lead_astray, 0 },
};

/* Check whether the TCP header is whole: a mutation may have truncated it. */
static bool is_whole(const struct packet *p)
{
	return p->len >= p->tcp + TCP_LEN;
}

/**
 * mutate - corrupt a packet in up to three ways
 * @p: the packet
 * @dice: random numbers
 */
void mutate(struct packet *p, struct dice *dice)
{
	u32 n = dice_chance(dice, 70) ? 1 : 2 + dice_below(dice, 2);

	while (n-- && is_whole(p)) {
		struct mutation *m = &mutations[dice_below(dice, MUTATIONS)];

		m->spoil(p, dice);
		m->count++;
	}
}

/**
 * mutate_split - split a packet into two fragments, which may overlap
 * @p: the packet, which becomes the first fragment
 * @rest: filled in with the second fragment
 * @dice: random numbers
 *
 * Return: the number of fragments: 2, or 1 if @p cannot be split.
 */
u32 mutate_split(struct packet *p, struct packet *rest, struct dice *dice)
{
	u32 at = 8 * (1 + dice_below(dice, 8));
	u32 back = dice_chance(dice, 50) ? 8 * dice_below(dice, at / 8) : 0;
	u32 id = 1 + dice_below(dice, FRAGMENT_IDS);

	if (!is_whole(p) || p->len - p->tcp <= at)
		return 1;
	*rest = *p;
	rest->len -= at - back;
	memmove(rest->data + p->tcp, p->data + p->tcp + at - back,
		rest->len - p->tcp);
	p->len = p->tcp + at;
	if (p->family == 6) {
		header_add_fragment(p, 1, id);
		header_add_fragment(rest, at - back, id);
		return 2;
	}
	put16(p->data + 4, id);
	put16(p->data + 6, 0x2000);
	header_set_length(p, p->len);
	put16(rest->data + 4, id);
	put16(rest->data + 6, (at - back) / 8);
	header_set_length(rest, rest->len);
	return 2;
}
