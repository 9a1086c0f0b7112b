// SPDX-License-Identifier: GPL-2.0
/*
 * Send hostile packets: many conversations at once, in which some packets are
 * corrupted, and stray segments. The same seed gives the same packets.
 */
#define _GNU_SOURCE

#include "mutate.h"
#include "send.h"
#include "talk.h"
#include "tap.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TALKS	= 256,	/* simultaneous conversations */
	SPOILED	= 35,	/* percent */
	SPLIT	= 4,
	STRAYS	= 10,
	DRAIN	= 64,	/* packets to send between two reads of the tap */
};

static struct dice dice;
static bool tapped;

/*
 * Make a stray segment, with the next combination of flags, between ends that
 * may have a connection.
 */
static void make_stray(struct packet *p)
{
	static u32 turn;
	struct talk talk;

	talk_begin(&talk, &dice);
	talk.end[0].port = (u16)(9000 + dice_below(&dice, 500));
	talk.end[1].port = (u16)(1 + dice_below(&dice, 2));
	talk_next(&talk, p, &dice);
	p->data[p->tcp + 12] = (u8)((p->data[p->tcp + 12] & 0xfe) |
				    (turn >> 8 & 1));
	p->data[p->tcp + 13] = (u8)turn++;
}

static void make_packet(struct packet *p)
{
	static struct talk talks[TALKS];
	struct talk *talk = &talks[dice_below(&dice, TALKS)];

	if (dice_chance(&dice, STRAYS)) {
		make_stray(p);
		return;
	}
	if (!talk->left)
		talk_begin(talk, &dice);
	talk_next(talk, p, &dice);
}

/* Send a packet or its two fragments. Return: the number of packets sent. */
static u32 send_next(void)
{
	static struct packet first, second;
	bool good = dice_chance(&dice, 80);
	u32 n = 1;

	make_packet(&first);
	if (good)
		packet_seal(&first);
	if (dice_chance(&dice, SPOILED))
		mutate(&first, &dice);
	if (good && dice_chance(&dice, 50))
		packet_seal(&first);	/* corrupted, with right checksums */
	if (dice_chance(&dice, SPLIT))
		n = mutate_split(&first, &second, &dice);
	if (n == 2) {
		packet_seal_ip4(&first);
		packet_seal_ip4(&second);
	}
	send_packet(&first);
	if (n == 2)
		send_packet(&second);
	return n;
}

/* Return: 0 or -errno. */
static int send_many(u64 count)
{
	static struct packet last;
	u64 sent = 0, looked = 0;
	int err = 0;

	while (sent < count && !err) {
		sent += send_next();
		if (tapped && sent - looked >= DRAIN) {
			looked = sent;
			err = tap_drain(0);
		}
	}
	send_all();
	tap_sentinel(&last);
	send_packet(&last);
	send_all();
	return err;
}

static void report(void)
{
	u32 i;

	send_report();
	for (i = 0; i < MUTATIONS; i++)
		printf("did_%s %llu\n", mutations[i].name,
		       (unsigned long long)mutations[i].count);
	if (tapped)
		tap_report();
}

static int fail(const char *what, int err)
{
	fprintf(stderr, "hostile: %s: %s\n", what, strerror(-err));
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	cpu_set_t cpus;
	int err;

	if (argc != 5 && argc != 6) {
		fputs("usage: hostile SEED COUNT DEVICE FAR [CAPTURE]\n",
		      stderr);
		return 2;
	}
	dice.state = strtoull(argv[1], NULL, 0);
	tapped = argc == 6;
	/* use one CPU, so that the log and the hooks see the same order */
	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		return fail("CPU 0", -errno);
	err = send_open(argv[3], argv[4]);
	if (err)
		return fail("sockets", err);
	err = tapped ? tap_open(argv[5]) : 0;
	if (err)
		return fail("log of nftables", err);
	err = send_many(strtoull(argv[2], NULL, 0));
	if (err)
		return fail("sending", err);
	err = tapped ? tap_finish() : 0;
	if (err)
		return fail("the end of the log", err);
	report();
	return EXIT_SUCCESS;
}
