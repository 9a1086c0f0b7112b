// SPDX-License-Identifier: GPL-2.0
/*
 * Send packets through raw sockets of this namespace, and through a packet
 * socket at the other end of the veth. Packets that go the same way are sent in
 * the order of the calls.
 */
#define _GNU_SOURCE

#include "send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TOGETHER	= 64,		/* packets per system call */
	HEAD_MAX	= 10 + 18,	/* struct offload, Ethernet, tag */
	ERRORS		= 134,
	SEND_BUFFER	= 8 << 20,
};

/* Packets that are waiting to be sent the same way. */
struct batch {
	int fd;
	u32 n;
	u64 sent;
	u64 refused[ERRORS];	/* by errno */
	struct sockaddr_in6 to;
	socklen_t to_len;
	struct mmsghdr msgs[TOGETHER];
	struct iovec parts[TOGETHER][2];
	u8 heads[TOGETHER][HEAD_MAX];
	u8 data[TOGETHER][PACKET_ROOM];
};

static struct batch batches[WAYS];
static u8 macs[12];

static int open_raw(struct batch *b, int family)
{
	int size = SEND_BUFFER;

	b->fd = socket(family, SOCK_RAW, IPPROTO_RAW);
	return b->fd < 0 || setsockopt(b->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size,
				       sizeof(size)) < 0 ? -errno : 0;
}

static void set_sink(void)
{
	struct sockaddr_in *to4 = (struct sockaddr_in *)&batches[WAY_OUT4].to;
	struct sockaddr_in6 *to6 = &batches[WAY_OUT6].to;

	to4->sin_family = AF_INET;
	inet_pton(AF_INET, "10.5.98.101", &to4->sin_addr);
	batches[WAY_OUT4].to_len = sizeof(*to4);
	to6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, "fd00:5:62::65", &to6->sin6_addr);
	batches[WAY_OUT6].to_len = sizeof(*to6);
}

static int read_mac(int fd, const char *device, u8 *mac)
{
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		return -errno;
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	return 0;
}

static int open_wire(struct batch *b, const char *device)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	int on = 1, size = SEND_BUFFER;

	b->fd = socket(AF_PACKET, SOCK_RAW, 0);
	ll.sll_ifindex = (int)if_nametoindex(device);
	if (b->fd < 0 || bind(b->fd, (struct sockaddr *)&ll, sizeof(ll)) ||
	    setsockopt(b->fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) ||
	    setsockopt(b->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return -errno;
	return read_mac(b->fd, device, macs + ETH_ALEN);
}

/*
 * Open the packet socket in the namespace @far. Return: 0 or -errno; after a
 * failure, this thread may still be in that namespace.
 */
static int open_far(const char *device, const char *far)
{
	int home = open("/proc/self/ns/net", O_RDONLY);
	int there = open(far, O_RDONLY);
	int err;

	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET))
		return -errno;
	err = open_wire(&batches[WAY_WIRE], device);
	if (!err && setns(home, CLONE_NEWNET))
		err = -errno;
	close(home);
	close(there);
	return err;
}

/**
 * send_open - open all ways
 * @device: name of the veth device, the same at both ends
 * @far: path of the namespace at the other end of the veth
 *
 * Return: 0 or -errno.
 */
int send_open(const char *device, const char *far)
{
	int err;

	set_sink();
	err = open_raw(&batches[WAY_OUT4], AF_INET) ?:
	      open_raw(&batches[WAY_OUT6], AF_INET6) ?:
	      read_mac(batches[WAY_OUT4].fd, device, macs);
	return err ?: open_far(device, far);
}

/* Return: length of the head. */
static size_t make_head(u8 *head, const struct packet *p)
{
	u8 *ether = head + sizeof(p->offload);
	u32 at = 2 * ETH_ALEN;

	memcpy(head, &p->offload, sizeof(p->offload));
	memcpy(ether, macs, at);
	if (p->astray)
		ether[5] ^= 1;
	if (p->tagged) {
		put32(ether + at, 0x81000007);
		at += 4;
	}
	put16(ether + at, p->ethertype);
	return sizeof(p->offload) + at + 2;
}

static void flush(struct batch *b)
{
	u32 i = 0;
	int n;

	while (i < b->n) {
		n = sendmmsg(b->fd, b->msgs + i, b->n - i, 0);
		if (n < 0) {	/* the first packet was refused */
			b->refused[errno % ERRORS]++;
			n = 1;
		} else {
			b->sent += (u32)n;
		}
		i += (u32)n;
	}
	b->n = 0;
}

/**
 * send_packet - send a packet now, or later together with other packets
 * @p: the packet
 */
void send_packet(const struct packet *p)
{
	struct batch *b = &batches[p->way];
	struct iovec *parts = b->parts[b->n];
	struct msghdr *msg = &b->msgs[b->n].msg_hdr;

	static_assert(sizeof(p->offload) == 10, "struct virtio_net_hdr");
	memcpy(b->data[b->n], p->data, p->len);
	parts[0].iov_base = b->heads[b->n];
	parts[0].iov_len = p->way == WAY_WIRE ? make_head(b->heads[b->n], p) :
						0;
	parts[1].iov_base = b->data[b->n];
	parts[1].iov_len = p->len;
	msg->msg_iov = parts;
	msg->msg_iovlen = 2;
	msg->msg_name = b->to_len ? &b->to : NULL;
	msg->msg_namelen = b->to_len;
	if (++b->n == TOGETHER)
		flush(b);
}

/**
 * send_all - send the packets that are still waiting
 */
void send_all(void)
{
	u32 i;

	for (i = 0; i < WAYS; i++)
		flush(&batches[i]);
}

/**
 * send_report - print how many packets were sent, and how many were refused
 */
void send_report(void)
{
	static const char *const names[WAYS] = { "out4", "out6", "wire" };
	u32 i, error;

	for (i = 0; i < WAYS; i++) {
		printf("sent_%s %llu\n", names[i],
		       (unsigned long long)batches[i].sent);
		for (error = 0; error < ERRORS; error++)
			if (batches[i].refused[error])
				printf("refused_%s_%s %llu\n", names[i],
				       strerrorname_np((int)error),
				       (unsigned long long)
				       batches[i].refused[error]);
	}
}
