// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
	BUFFER	= 1 << 16,	/* no datagram from the kernel is larger */
	SEQ	= 1,
	TRIES	= 3,	/* the list may change during a dump */
};

/* A buffer that has the alignment of a message. */
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

/*
 * Send a request and read the answer. Limit the wait, because an emulated
 * kernel may never answer.
 */
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
 * netlink_dump - ask the kernel for a list
 * @dump: the request
 * @each: called for each entry, possibly more than once
 * @data: passed to @each
 *
 * Return: 0 or a negative error number.
 */
int netlink_dump(const struct netlink_dump *dump, mnl_cb_t each, void *data)
{
	struct mnl_socket *socket;
	unsigned int i;
	int ret = -EINTR;

	/* EINTR: the list changed during the dump */
	for (i = 0; i < TRIES && ret == -EINTR; i++) {
		socket = mnl_socket_open2(dump->bus, SOCK_CLOEXEC);
		if (!socket)
			return -errno;
		ret = converse(socket, dump, each, data);
		mnl_socket_close(socket);
	}
	return ret;
}

static int read_info(const struct nlattr *attr, void *data)
{
	struct iface *iface = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		iface->bridge = strcmp(mnl_attr_get_str(attr), "bridge") == 0;
	return MNL_CB_OK;
}

/*
 * Store the id of an XDP program. The kernel sends one id or, if programs are
 * attached in several modes, one id for each mode.
 */
static int read_xdp(const struct nlattr *attr, void *data)
{
	struct iface *iface = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_XDP_PROG_ID:
	case IFLA_XDP_DRV_PROG_ID:
	case IFLA_XDP_SKB_PROG_ID:
	case IFLA_XDP_HW_PROG_ID:
		if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			iface->xdp = mnl_attr_get_u32(attr);
	}
	return MNL_CB_OK;
}

static void read_stats(const struct nlattr *attr, struct iface *iface)
{
	struct rtnl_link_stats64 stats;

	/*
	 * Newer kernels send more fields. Copy the fields that are needed,
	 * because an attribute is aligned to only 4 bytes.
	 */
	if (mnl_attr_get_payload_len(attr) < 2 * sizeof(u64))
		return;
	memset(&stats, 0, sizeof(stats));
	memcpy(&stats, mnl_attr_get_payload(attr), 2 * sizeof(u64));
	iface->packets = stats.rx_packets + stats.tx_packets;
}

static int read_attr(const struct nlattr *attr, void *data)
{
	struct iface *iface = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		if (mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
			snprintf(iface->name, sizeof(iface->name), "%s",
				 mnl_attr_get_str(attr));
		break;
	case IFLA_MASTER:
		if (mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
			iface->master = mnl_attr_get_u32(attr);
		break;
	case IFLA_STATS64:
		read_stats(attr, iface);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, read_info, iface);
		break;
	case IFLA_XDP:
		mnl_attr_parse_nested(attr, read_xdp, iface);
	}
	return MNL_CB_OK;
}

/* Return: a new interface, all zero; NULL if memory is short. */
static struct iface *add_iface(struct ifaces *ifaces)
{
	size_t size = ifaces->size ? 2 * ifaces->size : 64;
	struct iface *more;

	if (ifaces->n == ifaces->size) {
		more = reallocarray(ifaces->iface, size, sizeof(*more));
		if (!more)
			return NULL;
		ifaces->iface = more;
		ifaces->size = size;
	}
	memset(&ifaces->iface[ifaces->n], 0, sizeof(*more));
	return &ifaces->iface[ifaces->n++];
}

static int read_link(const struct nlmsghdr *h, void *data)
{
	struct ifaces *ifaces = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	struct iface *iface;

	if (h->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*info) ||
	    ifaces_find(ifaces, (u32)info->ifi_index))
		return MNL_CB_OK;
	iface = add_iface(ifaces);
	if (!iface) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	iface->index = (u32)info->ifi_index;
	mnl_attr_parse(h, sizeof(*info), read_attr, iface);
	return MNL_CB_OK;
}

static int read_kind(const struct nlattr *attr, void *data)
{
	bool *tc = data;

	if (mnl_attr_get_type(attr) == TCA_KIND &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		*tc = strcmp(mnl_attr_get_str(attr), "clsact") == 0 ||
		      strcmp(mnl_attr_get_str(attr), "ingress") == 0;
	return MNL_CB_OK;
}

static int read_qdisc(const struct nlmsghdr *h, void *data)
{
	const struct tcmsg *tcm = mnl_nlmsg_get_payload(h);
	struct iface *iface;
	bool tc = false;

	if (h->nlmsg_type != RTM_NEWQDISC ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*tcm))
		return MNL_CB_OK;
	mnl_attr_parse(h, sizeof(*tcm), read_kind, &tc);
	iface = ifaces_find(data, (u32)tcm->tcm_ifindex);
	if (iface && tc)
		iface->tc = true;
	return MNL_CB_OK;
}

/*
 * Read all interfaces. The caller must free @ifaces even after an error.
 * Return: 0 or a negative error number.
 */
int ifaces_read(struct ifaces *ifaces)
{
	const struct netlink_dump links = {
		.bus = NETLINK_ROUTE, .type = RTM_GETLINK,
		.header_len = sizeof(struct ifinfomsg),
	};
	const struct netlink_dump qdiscs = {
		.bus = NETLINK_ROUTE, .type = RTM_GETQDISC,
		.header_len = sizeof(struct tcmsg),
	};
	int err;

	memset(ifaces, 0, sizeof(*ifaces));
	err = netlink_dump(&links, read_link, ifaces);
	if (err)
		return err;
	/* a kernel without packet schedulers has no qdiscs */
	err = netlink_dump(&qdiscs, read_qdisc, ifaces);
	return err == -EOPNOTSUPP ? 0 : err;
}

/* Return: the interface with this index, or NULL. */
struct iface *ifaces_find(const struct ifaces *ifaces, u32 index)
{
	size_t i;

	for (i = 0; i < ifaces->n; i++)
		if (ifaces->iface[i].index == index)
			return &ifaces->iface[i];
	return NULL;
}

void ifaces_free(struct ifaces *ifaces)
{
	free(ifaces->iface);
}
