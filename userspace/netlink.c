// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	BUFFER	= 1 << 16,	/* no part of an answer is longer */
	SEQ	= 1,
	TRIES	= 3,	/* of a list that changes while it is told */
};

/* Aligned as a message is. */
static union {
	struct nlmsghdr h;
	char bytes[BUFFER];
} buffer;

static int ask(struct mnl_socket *socket, const struct netlink_dump *dump)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(&buffer);
	u8 *extra;

	h->nlmsg_type = dump->type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = SEQ;
	extra = mnl_nlmsg_put_extra_header(h, dump->header_len);
	memset(extra, 0, dump->header_len);
	extra[0] = dump->family;
	return mnl_socket_sendto(socket, h, h->nlmsg_len) < 0 ? -errno : 0;
}

static int listen_to(struct mnl_socket *socket, mnl_cb_t each, void *data)
{
	unsigned int port = mnl_socket_get_portid(socket);
	ssize_t n;
	int ret;

	do {
		n = mnl_socket_recvfrom(socket, &buffer, sizeof(buffer));
		if (n < 0)
			return -errno;
		ret = mnl_cb_run(&buffer, (size_t)n, SEQ, port, each, data);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

/* The kernel answers at once; what stands in for one may not. */
static int converse(struct mnl_socket *socket, const struct netlink_dump *dump,
		    mnl_cb_t each, void *data)
{
	const struct timeval patience = { .tv_sec = 2 };
	int ret;

	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO,
		       &patience, sizeof(patience)) < 0)
		return -errno;
	ret = ask(socket, dump);
	return ret ? ret : listen_to(socket, each, data);
}

/**
 * netlink_dump - ask for a list
 * @dump: what to ask for
 * @each: called for each entry; must bear that it is told of one twice
 * @data: given to @each
 *
 * Return: 0 or a negative error number.
 */
int netlink_dump(const struct netlink_dump *dump, mnl_cb_t each, void *data)
{
	struct mnl_socket *socket;
	unsigned int i;
	int ret = -EINTR;

	/* EINTR: it has changed while it was told */
	for (i = 0; i < TRIES && ret == -EINTR; i++) {
		socket = mnl_socket_open2(dump->bus, SOCK_CLOEXEC);
		if (!socket)
			return -errno;
		ret = converse(socket, dump, each, data);
		mnl_socket_close(socket);
	}
	return ret;
}
