// SPDX-License-Identifier: GPL-2.0
#include "talk.h"

#include <linux/tcptrace.h>

enum {
	MSS		= 1400,
	LONGEST		= 60,	/* packets of a conversation */
	GSO_SEGMENTS	= 8,
};

/*
 * Networks at the other end of the wire, on this host, and at the sink. The
 * sink has a network for packets that this host sends, and a network for
 * packets that this host forwards.
 */
enum {
	NET_WIRE	= 0,
	NET_LOCAL	= 1,
	NET_OUT		= 98,
	NET_FORWARD	= 99,
};

/* 10.5.NET.HOST or fd00:5:NET::HOST */
static void set_addr(u8 *addr, u8 family, u8 net, u8 host)
{
	memset(addr, 0, 16);
	if (family == 4) {
		addr[0] = 10;
		addr[1] = 5;
		addr[2] = net;
		addr[3] = host;
		return;
	}
	put16(addr, 0xfd00);
	put16(addr + 2, 5);
	put16(addr + 4, net);
	addr[15] = host;
}

/* Choose two ends such that one way can carry packets in both directions. */
static void choose_ends(struct talk *talk, struct dice *dice)
{
	bool local = talk->way == WAY_WIRE && dice_chance(dice, 60);
	u8 net = talk->way != WAY_WIRE ? NET_OUT :
		 local ? NET_LOCAL : NET_FORWARD;
	u32 i;

	for (i = 0; i < 2; i++)
		set_addr(talk->end[i].addr, talk->family, net,
			 (u8)(1 + i * 100 + dice_below(dice, 8)));
	/*
	 * use the address of the veth's other end, which gets the RSTs of this
	 * host's stack
	 */
	if (local && dice_chance(dice, 30))
		set_addr(talk->end[0].addr, talk->family, NET_WIRE, 2);
}

/* Choose an ISN, in half of the cases near the wrap. */
static u32 choose_isn(struct dice *dice)
{
	if (dice_chance(dice, 50))
		return (u32)dice_roll(dice);
	return dice_below(dice, 40000) - 20000;
}

/**
 * talk_begin - choose the two ends of a conversation and the way of its packets
 * @talk: filled in
 * @dice: random numbers
 */
void talk_begin(struct talk *talk, struct dice *dice)
{
	static const enum way ways[] = {
		WAY_OUT4, WAY_OUT6, WAY_WIRE, WAY_WIRE, WAY_WIRE,
	};
	u32 i;

	memset(talk, 0, sizeof(*talk));
	talk->way = ways[dice_below(dice, ARRAY_SIZE(ways))];
	talk->family = talk->way == WAY_OUT4 ||
		       (talk->way == WAY_WIRE && dice_chance(dice, 50)) ? 4 : 6;
	talk->gso = talk->way == WAY_WIRE && dice_chance(dice, 20);
	talk->stamps = dice_chance(dice, 50);
	choose_ends(talk, dice);
	for (i = 0; i < 2; i++) {
		talk->end[i].next = choose_isn(dice);
		talk->end[i].una = talk->end[i].next;
	}
	talk->end[0].port = (u16)((talk->gso ? GSO_PORT : 10000) +
				  dice_below(dice, 10000));
	talk->end[1].port = (u16)(1 + dice_below(dice, 1000));
	talk->left = 1 + dice_below(dice, LONGEST);
}

static void add_option(struct plan *plan, u8 kind, u8 len, const u8 *data)
{
	u8 *p = plan->options + plan->options_len;

	if (plan->options_len + len > sizeof(plan->options))
		return;
	p[0] = kind;
	p[1] = len;
	memcpy(p + 2, data, len - 2u);
	plan->options_len += len;
}

static void pad_options(struct plan *plan)
{
	while (plan->options_len % 4)
		plan->options[plan->options_len++] = 1;
}

static void add_stamps(const struct talk *talk, struct plan *plan, u32 from)
{
	u8 data[8];

	put32(data, talk->step + 1000 * from);
	put32(data + 4, talk->step + 1000 * !from);
	if (talk->stamps)
		add_option(plan, 8, 10, data);
}

static void syn_options(const struct talk *talk, struct plan *plan, u32 from,
			struct dice *dice)
{
	/* test invalid shifts, 15 and more, as well */
	u8 shift = (u8)dice_below(dice, 20);
	u8 mss[2];

	put16(mss, MSS);
	add_option(plan, 2, 4, mss);
	add_option(plan, 3, 3, &shift);
	if (dice_chance(dice, 80))
		add_option(plan, 4, 2, mss);
	add_stamps(talk, plan, from);
	pad_options(plan);
}

/*
 * Add up to four SACK blocks. They may be above or below the acknowledgment
 * number, and may have swapped edges.
 */
static void add_sack(const struct talk *talk, struct plan *plan, u32 from,
		     struct dice *dice)
{
	u32 n = 1 + dice_below(dice, talk->stamps ? 3 : 4), i;
	u32 at = talk->end[!from].una - dice_below(dice, 3) * MSS;
	u8 data[32];

	for (i = 0; i < n; i++) {
		put32(data + 8 * i, at + dice_below(dice, MSS));
		put32(data + 8 * i + 4, at + dice_below(dice, 4 * MSS));
		at += dice_below(dice, 8000);
	}
	add_option(plan, 5, (u8)(2 + 8 * n), data);
}

/* Plan data, an ACK, a FIN, a RST or a SYN, perhaps with wrong numbers. */
static void plan_turn(struct talk *talk, struct plan *plan, u32 from,
		      struct dice *dice)
{
	u32 max = talk->gso ? GSO_SEGMENTS * MSS : MSS;
	struct talker *x = &talk->end[from];
	u32 kind = dice_below(dice, 100);

	plan->flags = TCPTRACE_ACK;
	if (kind < 45)
		plan->payload = 1 + dice_below(dice, max);
	if (kind < 5)		/* send some data again */
		plan->seq -= dice_below(dice, 2 * MSS);
	else if (kind < 8)	/* after a gap */
		plan->seq += dice_below(dice, 3 * MSS);
	else if (kind < 10)	/* far away */
		plan->seq += (u32)dice_roll(dice);
	else if (kind >= 45 && kind < 48)
		plan->seq--;	/* a keep-alive */
	else if (kind >= 48 && kind < 52)
		plan->window = 0;
	else if (kind >= 52 && kind < 60)
		plan->ack += dice_below(dice, 20000) - 10000;
	else if (kind >= 96)
		plan->flags |= TCPTRACE_FIN;
	else if (kind == 95)
		plan->flags = TCPTRACE_RST;
	else if (kind == 94)
		plan->flags |= TCPTRACE_RST;
	else if (kind == 93)
		plan->flags = TCPTRACE_SYN;
	if (dice_chance(dice, 3))
		plan->flags |= 0x1c0;	/* AE, CWR, ECE */
	if (plan->seq == x->next)
		x->next += plan->payload + !!(plan->flags & TCPTRACE_FIN);
}

/* Plan the next segment: a SYN, a SYN,ACK, or a segment of plan_turn(). */
static void plan_next(struct talk *talk, struct plan *plan, u32 from,
		      struct dice *dice)
{
	if (talk->step == 0) {
		plan->flags = TCPTRACE_SYN;
		plan->ack = 0;
	} else if (talk->step == 1) {
		plan->flags = TCPTRACE_SYN | TCPTRACE_ACK;
	} else {
		plan_turn(talk, plan, from, dice);
	}
	if (talk->step < 2) {
		syn_options(talk, plan, from, dice);
		talk->end[from].next++;
		return;
	}
	add_stamps(talk, plan, from);
	if (dice_chance(dice, 15))
		add_sack(talk, plan, from, dice);
	pad_options(plan);
}

static void make_gso(struct packet *p, u32 hdr_len)
{
	p->offload.gso_type = p->family == 4 ? 1 : 4;
	p->offload.hdr_len = (u16)(14 + hdr_len);
	p->offload.gso_size = MSS;
	p->offload.flags = 1;
	p->offload.csum_start = (u16)(14 + p->tcp);
	p->offload.csum_offset = 16;
}

/**
 * talk_next - make the next packet of a conversation
 * @talk: the conversation
 * @p: filled in, without checksums
 * @dice: random numbers
 */
void talk_next(struct talk *talk, struct packet *p, struct dice *dice)
{
	u32 from = talk->step < 3 ? talk->step & 1 : dice_below(dice, 2);
	struct talker *x = &talk->end[from], *y = &talk->end[!from];
	struct plan plan = {
		.sport = x->port,
		.dport = y->port,
		.seq = x->next,
		.ack = y->next,
		.window = (u16)dice_below(dice, 0x10000),
	};

	memcpy(plan.src, x->addr, 16);
	memcpy(plan.dst, y->addr, 16);
	plan_next(talk, &plan, from, dice);
	y->una = y->next;
	talk->step++;
	talk->left--;
	p->way = talk->way;
	p->family = talk->family;
	packet_build(p, &plan, dice);
	if (plan.payload > MSS)
		make_gso(p, p->tcp + TCP_LEN + plan.options_len);
}
