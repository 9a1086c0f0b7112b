// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE

#include "tap.h"

#include "judge.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

enum {
	LINKTYPE_RAW	= 101,
	READ_BUFFER	= 1 << 20,
	SOCKET_BUFFER	= 128 << 20,
	FLUSH		= 5,		/* in units of 10 ms */
	TOGETHER	= 200,		/* packets in one message */
	LAST_MS		= 60000,	/* limit for the sentinel */
};

static const char magic[16] = "the last packet";

static struct tap {
	int fd;
	FILE *file;
	u32 next;		/* expected sequence number in the log */
	u64 lost;
	u64 seen;
	u64 counts[JUDGMENTS];
	u64 lenient[JUDGMENTS];	/* packets in @counts that are not in @file */
	u64 deep[JUDGMENTS];
	bool over;		/* the sentinel has arrived */
} tap;

/* Set one attribute. Return: the kernel's answer. */
static int configure(u16 type, const void *data, u16 len)
{
	struct {
		struct nlmsghdr nl;
		struct nfgenmsg nf;
		struct nlattr attr;
		u8 data[8];
	} request = {
		.nl.nlmsg_len = NLMSG_LENGTH(sizeof(request.nf)) +
				NLA_ALIGN(NLA_HDRLEN + len),
		.nl.nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG,
		.nl.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nf.res_id = htons(TAP_GROUP),
		.attr.nla_len = (u16)(NLA_HDRLEN + len),
		.attr.nla_type = type,
	};
	struct {
		struct nlmsghdr nl;
		struct nlmsgerr error;
	} answer;

	memcpy(request.data, data, len);
	if (send(tap.fd, &request, request.nl.nlmsg_len, 0) < 0 ||
	    recv(tap.fd, &answer, sizeof(answer), 0) < 0)
		return -errno;
	return answer.nl.nlmsg_type == NLMSG_ERROR ? answer.error.error :
						     -EPROTO;
}

/*
 * Subscribe to the log. Ask for many packets in each message, with their bytes
 * and their sequence numbers in the log.
 */
static int subscribe(void)
{
	struct nfulnl_msg_config_cmd bind = { NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = {
		.copy_range = htonl(0xffff),
		.copy_mode = NFULNL_COPY_PACKET,
	};
	u32 size = htonl(1 << 17), timeout = htonl(FLUSH);
	u32 together = htonl(TOGETHER);
	u16 flags = htons(NFULNL_CFG_F_SEQ);

	return configure(NFULA_CFG_CMD, &bind, sizeof(bind)) ?:
	       configure(NFULA_CFG_MODE, &mode, sizeof(mode)) ?:
	       configure(NFULA_CFG_NLBUFSIZ, &size, sizeof(size)) ?:
	       configure(NFULA_CFG_TIMEOUT, &timeout, sizeof(timeout)) ?:
	       configure(NFULA_CFG_QTHRESH, &together, sizeof(together)) ?:
	       configure(NFULA_CFG_FLAGS, &flags, sizeof(flags));
}

static int open_file(const char *path)
{
	const u32 head[] = { 0xa1b23c4d, 4 << 16 | 2, 0, 0, 1 << 18,
			     LINKTYPE_RAW };

	tap.file = fopen(path, "w");
	if (!tap.file || fwrite(head, sizeof(head), 1, tap.file) != 1)
		return -errno;
	return 0;
}

/**
 * tap_open - begin to receive the packets that nftables logs
 * @path: path of the capture file to write
 *
 * Return: 0 or -errno.
 */
int tap_open(const char *path)
{
	int size = SOCKET_BUFFER;

	tap.fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	if (tap.fd < 0 || setsockopt(tap.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				     sizeof(size)))
		return -errno;
	return subscribe() ?: open_file(path);
}

static void write_packet(const u8 *p, u32 len)
{
	struct timespec now;
	u32 head[4];

	clock_gettime(CLOCK_REALTIME, &now);
	head[0] = (u32)now.tv_sec;
	head[1] = (u32)now.tv_nsec;
	head[2] = len;
	head[3] = len;
	fwrite(head, sizeof(head), 1, tap.file);
	fwrite(p, len, 1, tap.file);
}

static void take(const u8 *p, u32 len)
{
	enum judgment judgment;
	struct doubt doubt;

	tap.seen++;
	if (len == IP4_LEN + sizeof(magic) &&
	    !memcmp(p + IP4_LEN, magic, sizeof(magic)))
		tap.over = true;
	judgment = judge(p, len, &doubt);
	tap.counts[judgment]++;
	tap.lenient[judgment] += doubt.lenient;
	tap.deep[judgment] += doubt.deep;
	if (!doubt.lenient)
		write_packet(p, len);
}

/* Take one packet. */
static void walk(const struct nlmsghdr *nl)
{
	const u8 *at = (const u8 *)nl + NLMSG_LENGTH(sizeof(struct nfgenmsg));
	const u8 *end = (const u8 *)nl + nl->nlmsg_len;
	const u8 *packet = NULL;
	u32 len = 0, number;

	while (end - at >= NLA_HDRLEN) {
		const struct nlattr *attr = (const struct nlattr *)at;
		u16 type = attr->nla_type & NLA_TYPE_MASK;

		if (type == NFULA_PAYLOAD) {
			packet = at + NLA_HDRLEN;
			len = attr->nla_len - NLA_HDRLEN;
		} else if (type == NFULA_SEQ) {
			number = tcpt_be32(at + NLA_HDRLEN);
			tap.lost += number - tap.next;
			tap.next = number + 1;
		}
		at += NLA_ALIGN(attr->nla_len);
	}
	if (packet)
		take(packet, len);
	else
		tap.seen++;
}

/**
 * tap_drain - judge and write the packets that were logged so far
 * @patience_ms: maximum time to wait for the first packet, in ms
 *
 * Return: 0 or -errno.
 */
int tap_drain(int patience_ms)
{
	static u64 buf[READ_BUFFER / sizeof(u64)];
	struct pollfd poller = { .fd = tap.fd, .events = POLLIN };
	struct nlmsghdr *nl;
	ssize_t n;

	if (patience_ms && poll(&poller, 1, patience_ms) < 0)
		return -errno;
	for (;;) {
		n = recv(tap.fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		nl = (struct nlmsghdr *)buf;
		for (; NLMSG_OK(nl, n); nl = NLMSG_NEXT(nl, n))
			if (nl->nlmsg_type != NLMSG_DONE)
				walk(nl);
	}
}

/**
 * tap_sentinel - make the sentinel, which is the last packet to be sent
 * @p: filled in; this host forwards the sentinel to the sink
 */
void tap_sentinel(struct packet *p)
{
	struct plan plan = {
		.src = { 10, 5, 99, 1 },
		.dst = { 10, 5, 99, 101 },
	};
	struct dice dice = { 0 };

	p->way = WAY_WIRE;
	p->family = 4;
	packet_build(p, &plan, &dice);
	p->data[9] = 253;	/* RFC 3692 */
	p->len = IP4_LEN + sizeof(magic);
	put16(p->data + 2, p->len);
	p->tcp = p->len;
	memcpy(p->data + IP4_LEN, magic, sizeof(magic));
	packet_seal(p);
}

/**
 * tap_finish - judge and write the remaining packets, up to the sentinel
 *
 * Return: 0 or -errno; -ETIME if the sentinel does not arrive.
 */
int tap_finish(void)
{
	int err = 0, turns = LAST_MS / 100;

	while (!tap.over && !err)
		err = turns-- ? tap_drain(100) : -ETIME;
	if (fclose(tap.file) && !err)
		err = -errno;
	return err;
}

/**
 * tap_report - print the counts
 */
void tap_report(void)
{
	u32 i;

	printf("tap_seen %llu\ntap_lost %llu\n", (unsigned long long)tap.seen,
	       (unsigned long long)tap.lost);
	for (i = 0; i < JUDGMENTS; i++)
		printf("judged_%s %llu\nlenient_%s %llu\ndeep_%s %llu\n",
		       judge_names[i], (unsigned long long)tap.counts[i],
		       judge_names[i], (unsigned long long)tap.lenient[i],
		       judge_names[i], (unsigned long long)tap.deep[i]);
}
