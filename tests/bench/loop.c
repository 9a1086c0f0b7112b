// SPDX-License-Identifier: GPL-2.0
/* B10: measures real connections over loopback, between kernel sockets. */
#include "bench.h"
#include "sample.h"

#include <linux/in.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/netfilter.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/uio.h>

#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/sock.h>

enum {
	PORT		= 7777,
	STREAM		= 16384,
	BUFFER		= 65536,
	TRIES		= 100000,
	CHUNKS		= 32,
	CHUNK		= 64,	/* units between two clock readings */
};

/* One connection, and the listener that accepted it. */
struct loop {
	struct socket *listener;
	struct socket *client;
	struct socket *server;
	u8 *buffer;
};

static struct sockaddr_in address = {
	.sin_family	= AF_INET,
	.sin_port	= htons(PORT),
};

static int transmit(struct socket *sock, void *data, int len)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT };
	struct kvec vec = { data, len };

	return kernel_sendmsg(sock, &msg, &vec, 1, len);
}

/* Call schedule(), because a packet may wait for the softirq thread. */
static int receive(struct socket *sock, void *data, int len)
{
	struct msghdr msg = {};
	struct kvec vec = { data, len };
	int ret, i;

	for (i = 0; i < TRIES; i++) {
		ret = kernel_recvmsg(sock, &msg, &vec, 1, len, MSG_DONTWAIT);
		if (ret != -EAGAIN)
			break;
		schedule();
	}
	return ret;
}

static int accept_one(struct loop *loop)
{
	int ret, i;

	for (i = 0; i < TRIES; i++) {
		ret = kernel_accept(loop->listener, &loop->server, O_NONBLOCK);
		if (ret != -EAGAIN)
			break;
		schedule();
	}
	return ret;
}

static int connect_one(struct loop *loop)
{
	int ret;

	ret = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &loop->client);
	if (ret)
		return ret;
	ret = kernel_connect(loop->client, (void *)&address,
			     sizeof(address), 0) ?: accept_one(loop);
	if (ret) {
		sock_release(loop->client);
		return ret;
	}
	tcp_sock_set_nodelay(loop->client->sk);
	tcp_sock_set_nodelay(loop->server->sk);
	return 0;
}

static void disconnect(struct loop *loop)
{
	sock_release(loop->client);
	sock_release(loop->server);
}

static int request_response(struct loop *loop)
{
	u8 byte = 0;

	if (transmit(loop->client, &byte, 1) != 1 ||
	    receive(loop->server, &byte, 1) != 1 ||
	    transmit(loop->server, &byte, 1) != 1 ||
	    receive(loop->client, &byte, 1) != 1)
		return -EIO;
	return 0;
}

static int connect_request_response(struct loop *loop)
{
	int ret;

	ret = connect_one(loop);
	if (ret)
		return ret;
	ret = request_response(loop);
	disconnect(loop);
	return ret;
}

static int stream(struct loop *loop)
{
	int n, left;

	left = transmit(loop->client, loop->buffer, STREAM);
	if (left != STREAM)
		return -EIO;
	while (left) {
		n = receive(loop->server, loop->buffer, BUFFER);
		if (n <= 0)
			return -EIO;
		left -= n;
	}
	return 0;
}

/*
 * Take the median of long chunks: each chunk includes work of a reader, but few
 * chunks include work of other processes.
 */
static int repeat(struct loop *loop, const char *name,
		  int (*unit)(struct loop *loop))
{
	struct bench_samples *samples = kvzalloc(sizeof(*samples), GFP_KERNEL);
	int ret = samples ? 0 : -ENOMEM, i, j;
	u64 begin;

	/* chunk -1 only fills the caches */
	for (i = -1; i < CHUNKS && !ret; i++) {
		begin = bench_ticks();
		for (j = 0; j < CHUNK && !ret; j++) {
			ret = unit(loop);
			cond_resched();
		}
		if (i >= 0)
			bench_sample_add(samples, bench_ticks() - begin);
	}
	if (!ret)
		bench_result(name, bench_sample_percentile(samples, 50) * 100 /
				   CHUNK);
	kvfree(samples);
	return ret;
}

static int units(struct loop *loop)
{
	int ret;

	ret = connect_one(loop);
	if (ret)
		return ret;
	ret = repeat(loop, "rr", request_response) ?:
	      repeat(loop, "stream", stream);
	disconnect(loop);
	return ret ?: repeat(loop, "crr", connect_request_response);
}

static int listen_and_run(struct loop *loop)
{
	int ret;

	ret = sock_create_kern(&init_net, AF_INET, SOCK_STREAM, IPPROTO_TCP,
			       &loop->listener);
	if (ret)
		return ret;
	/* ports in TIME_WAIT for a different address do not interfere */
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK +
					bench_options.server);
	ret = kernel_bind(loop->listener, (void *)&address,
			  sizeof(address)) ?:
	      kernel_listen(loop->listener, 128) ?: units(loop);
	sock_release(loop->listener);
	return ret;
}

static unsigned int accept_all(void *priv, struct sk_buff *skb,
			       const struct nf_hook_state *state)
{
	return NF_ACCEPT;
}

static const struct nf_hook_ops noop_ops[] = {
	{
		.hook		= accept_all,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_LOCAL_OUT,
	},
	{
		.hook		= accept_all,
		.pf		= NFPROTO_INET,
		.hooknum	= NF_INET_LOCAL_IN,
	},
};

static int with_noop(struct loop *loop)
{
	int ret;

	ret = nf_register_net_hooks(&init_net, noop_ops, ARRAY_SIZE(noop_ops));
	if (ret)
		return ret;
	ret = listen_and_run(loop);
	nf_unregister_net_hooks(&init_net, noop_ops, ARRAY_SIZE(noop_ops));
	return ret;
}

static int with_conntrack(struct loop *loop)
{
	int ret;

	ret = nf_ct_netns_get(&init_net, NFPROTO_INET);
	if (ret)
		return ret;
	ret = listen_and_run(loop);
	nf_ct_netns_put(&init_net, NFPROTO_INET);
	return ret;
}

/**
 * bench_loopback - B10: measure the network stack with one consumer of packets
 *
 * The function registers no-op hooks or conntrack if bench_options.path names
 * them. The caller sets up the other consumers: the module under test, taps and
 * tracers.
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_loopback(void)
{
	struct loop loop = { .buffer = kvzalloc(BUFFER, GFP_KERNEL) };
	int ret;

	if (!loop.buffer)
		return -ENOMEM;
	if (!strcmp(bench_options.path, "noop"))
		ret = with_noop(&loop);
	else if (!strcmp(bench_options.path, "conntrack"))
		ret = with_conntrack(&loop);
	else
		ret = listen_and_run(&loop);
	kvfree(loop.buffer);
	return ret;
}
