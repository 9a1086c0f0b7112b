// SPDX-License-Identifier: GPL-2.0
/*
 * Send a flood: IPv4 TCP segments of many connections, without payload, through
 * a packet socket, as fast as possible.
 */
#define _GNU_SOURCE

#include "hash.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum {
	TOGETHER	= 64,		/* segments of one sendmmsg() */
	PORTS		= 60000,	/* per source, from PORT_FIRST */
	PORT_FIRST	= 1024,
	KINDS_MAX	= 4,
};

struct segment {
	struct iphdr ip;
	struct tcphdr tcp;
};

/**
 * struct plan - the connections and segments to send
 * @first: the first source address; each connection has its own address, unless
 *	@one is set
 * @target: address of the receiver
 * @port: port of the receiver
 * @count: number of connections
 * @kinds: TCP flags of each segment of a connection, in the order of sending
 * @n: number of segments in @kinds
 * @one: all connections have the source address @first; the first PORTS
 *	connections have the destination port @port, the next PORTS connections
 *	have the next port, and so on
 * @hash: if not NULL, send only connections that @hash puts into bucket 0
 * @netns: inode number of the namespace, which the tracker also hashes
 * @buckets: number of buckets of the tracker's table
 */
struct plan {
	u32 first;
	u32 target;
	u32 port;
	u64 count;
	u8 kinds[KINDS_MAX];
	u32 n;
	bool one;
	u32 (*hash)(const u32 *word);
	u32 netns;
	u32 buckets;
};

/* Packets that are waiting to be sent. */
static struct batch {
	int fd;
	u32 n;
	u64 sent;
	u64 refused;
	struct ether_header ether;
	struct mmsghdr msgs[TOGETHER];
	struct iovec parts[TOGETHER][2];
	struct segment segments[TOGETHER];
} batch;

static u32 hash_zero_key(const u32 *word)
{
	return hash_siphash13(word, 0, 0);
}

/* Run on one CPU only: with two CPUs, a RST could overtake its SYN. */
static int open_wire(const char *device, const struct ether_addr *to)
{
	struct sockaddr_ll ll = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(device),
	};
	cpu_set_t cpus;
	int on = 1;
	u32 i;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	batch.fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (batch.fd < 0 || sched_setaffinity(0, sizeof(cpus), &cpus) ||
	    bind(batch.fd, (struct sockaddr *)&ll, sizeof(ll)) ||
	    setsockopt(batch.fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on,
		       sizeof(on)))
		return -errno;
	memcpy(batch.ether.ether_dhost, to, ETH_ALEN);
	batch.ether.ether_shost[0] = 2;
	batch.ether.ether_type = htons(ETHERTYPE_IP);
	for (i = 0; i < TOGETHER; i++) {
		batch.parts[i][0].iov_base = &batch.ether;
		batch.parts[i][0].iov_len = sizeof(batch.ether);
		batch.parts[i][1].iov_base = &batch.segments[i];
		batch.parts[i][1].iov_len = sizeof(batch.segments[i]);
		batch.msgs[i].msg_hdr.msg_iov = batch.parts[i];
		batch.msgs[i].msg_hdr.msg_iovlen = 2;
	}
	return 0;
}

static void flush(void)
{
	u32 i = 0;
	int n;

	while (i < batch.n) {
		n = sendmmsg(batch.fd, batch.msgs + i, batch.n - i, 0);
		if (n < 0) {	/* the first segment was refused */
			batch.refused++;
			n = 1;
		} else {
			batch.sent += (u32)n;
		}
		i += (u32)n;
	}
	batch.n = 0;
}

static void seal(struct iphdr *ip)
{
	const u16 *word = (const u16 *)ip;
	u32 sum = 0, i;

	ip->check = 0;
	for (i = 0; i < sizeof(*ip) / sizeof(*word); i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = (u16)~(sum + (sum >> 16));
}

/* Nothing verifies the TCP checksum, so leave it 0. */
static void send_segment(const struct plan *plan, u64 i, u32 turn)
{
	struct segment *seg = &batch.segments[batch.n];
	u8 flags = plan->kinds[turn];

	seg->ip = (struct iphdr) {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof(seg->ip) + sizeof(seg->tcp)),
		.ttl = 64,
		.protocol = IPPROTO_TCP,
		.saddr = htonl(plan->first + (plan->one ? 0 : (u32)i)),
		.daddr = htonl(plan->target),
	};
	seal(&seg->ip);
	seg->tcp = (struct tcphdr) {
		.source = htons((u16)(PORT_FIRST + i % PORTS)),
		.dest = htons((u16)(plan->port +
				    (plan->one ? i / PORTS : 0))),
		.seq = htonl((u32)i + turn),
		.ack_seq = flags & TH_ACK ? htonl(1) : 0,
		.doff = 5,
		.window = htons(8192),
	};
	seg->tcp.th_flags = flags;
	if (++batch.n == TOGETHER)
		flush();
}

/*
 * Check whether connection number @i hashes to bucket 0. The words below must
 * be those that tcpt_table_hash() hashes.
 */
static bool is_aimed(const struct plan *plan, u64 i)
{
	u32 ports = plan->port << 16 | (u32)(PORT_FIRST + i % PORTS);
	u32 word[HASH_WORDS] = {
		htonl(plan->first + (u32)i), htonl(plan->target), ports,
		plan->netns,
	};

	return !(plan->hash(word) & (plan->buckets - 1));
}

static void send_all(const struct plan *plan)
{
	u64 i, done = 0;
	u32 turn;

	for (i = 0; done < plan->count; i++) {
		if (plan->hash && !is_aimed(plan, i))
			continue;
		for (turn = 0; turn < plan->n; turn++)
			send_segment(plan, i, turn);
		done++;
	}
	flush();
}

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000 + (u64)now.tv_nsec / 1000000;
}

static bool parse_address(const char *text, u32 *address)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*address = ntohl(in.s_addr);
	return true;
}

static bool parse_kinds(struct plan *plan, char *text)
{
	char *word = strtok(text, ",");

	for (; word && plan->n < KINDS_MAX; word = strtok(NULL, ","))
		plan->kinds[plan->n++] = (u8)strtoul(word, NULL, 0);
	return plan->n && !word;
}

static bool parse_way(struct plan *plan, int argc, char **argv)
{
	if (argc == 0)
		return true;
	plan->one = !strcmp(argv[0], "one");
	if (argc != 3)
		return argc == 1 && plan->one;
	plan->hash = !strcmp(argv[0], "jhash") ? hash_jhash : hash_zero_key;
	plan->netns = (u32)strtoul(argv[1], NULL, 0);
	plan->buckets = (u32)strtoul(argv[2], NULL, 0);
	return !plan->one && plan->buckets;
}

static bool parse(struct plan *plan, int argc, char **argv)
{
	if (argc < 8)
		return false;
	plan->port = (u32)strtoul(argv[5], NULL, 0);
	plan->count = strtoull(argv[6], NULL, 0);
	return parse_address(argv[3], &plan->first) &&
	       parse_address(argv[4], &plan->target) &&
	       parse_kinds(plan, argv[7]) &&
	       parse_way(plan, argc - 8, argv + 8);
}

/*
 * Check the hash of bytes 0 to 15 against test_siphash.c of a 64-bit kernel,
 * which has the value for bytes 0 to 14, followed by their length, 15.
 */
static bool hashes_well(void)
{
	static const u32 word[HASH_WORDS] = {
		0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
	};

	return hash_siphash13(word, 0x0706050403020100, 0x0f0e0d0c0b0a0908) ==
	       0x2a519956;
}

int main(int argc, char **argv)
{
	struct plan plan = {};
	struct ether_addr *to;
	u64 begin;
	int err;

	to = argc > 2 ? ether_aton(argv[2]) : NULL;
	if (!to || !parse(&plan, argc, argv)) {
		fputs("usage: flood DEVICE MAC FIRST TARGET PORT COUNT FLAGS[,FLAGS...]\n"
		      "             [one | zero NETNS BUCKETS | jhash NETNS BUCKETS]\n",
		      stderr);
		return 2;
	}
	if (!hashes_well()) {
		fputs("flood: SipHash is not what it should be\n", stderr);
		return EXIT_FAILURE;
	}
	err = open_wire(argv[1], to);
	if (err) {
		fprintf(stderr, "flood: %s: %s\n", argv[1], strerror(-err));
		return EXIT_FAILURE;
	}
	begin = now_ms();
	send_all(&plan);
	printf("%llu %llu %llu\n", (unsigned long long)batch.sent,
	       (unsigned long long)batch.refused,
	       (unsigned long long)(now_ms() - begin + 1));
	return EXIT_SUCCESS;
}
