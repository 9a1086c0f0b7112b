// SPDX-License-Identifier: GPL-2.0
/* Test the context of a packet: its sender's socket, and its path. */
#include <kunit/test.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/sock.h>

#include "../module/context.h"
#include "../module/core/flow.h"

enum {
	PORT	= 40000,
	UID	= 1000,
	INODE	= 4711,
};

/**
 * struct owner_row - a packet of a local socket
 * @name: the special case under test
 * @known: enum tcptrace_known before the packet
 * @no_socket: the packet has no socket
 * @raw: the socket is a raw socket, from which the stack sends some RSTs
 * @state: state of the socket
 * @port: source port of the packet
 * @accepted: the socket has an inode
 * @news: the packet is expected to make the inode known
 * @want: enum tcptrace_known after the packet
 */
struct owner_row {
	const char *name;
	u8 known;
	bool no_socket;
	bool raw;
	u8 state;
	u16 port;
	bool accepted;
	bool news;
	u8 want;
};

static const struct owner_row owner_rows[] = {
	{ .name = "no socket", .no_socket = true, .port = PORT },
	{ .name = "not accepted yet", .state = TCP_ESTABLISHED, .port = PORT,
	  .want = TCPTRACE_KNOWN_SOCKET },
	{ .name = "accepted", .state = TCP_ESTABLISHED, .port = PORT,
	  .accepted = true, .news = true, .want = TCPTRACE_KNOWN_INODE },
	{ .name = "accepted later", .known = TCPTRACE_KNOWN_SOCKET,
	  .state = TCP_ESTABLISHED, .port = PORT, .accepted = true,
	  .news = true, .want = TCPTRACE_KNOWN_INODE },
	{ .name = "known", .known = TCPTRACE_KNOWN_INODE,
	  .state = TCP_ESTABLISHED, .port = PORT, .accepted = true,
	  .want = TCPTRACE_KNOWN_INODE },
	{ .name = "raw socket", .raw = true, .state = TCP_CLOSE, .port = PORT },
	{ .name = "request socket", .state = TCP_NEW_SYN_RECV, .port = PORT },
	{ .name = "TIME_WAIT", .state = TCP_TIME_WAIT, .port = PORT },
	{ .name = "another port", .state = TCP_ESTABLISHED, .port = PORT + 1,
	  .accepted = true },
};

/* A test runs in a kernel thread, so the process stays unknown. */
static void context_of_a_socket(struct kunit *test)
{
	const struct nf_hook_state state = { .hook = NF_INET_LOCAL_OUT };
	struct socket_alloc *file;
	struct tcp_sock *tp;
	struct sk_buff *skb;
	unsigned int i;

	tp = kunit_kzalloc(test, sizeof(*tp), GFP_KERNEL);
	skb = kunit_kzalloc(test, sizeof(*skb), GFP_KERNEL);
	file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, tp && skb && file);
	file->vfs_inode.i_ino = INODE;
	for (i = 0; i < ARRAY_SIZE(owner_rows); i++) {
		const struct owner_row *row = &owner_rows[i];
		const struct tcpt_packet_at at = { skb, &state };
		struct tcptrace_owner owner = { .known = row->known };
		struct sock *sk = (struct sock *)tp;

		skb->sk = row->no_socket ? NULL : sk;
		sk->sk_type = row->raw ? SOCK_RAW : SOCK_STREAM;
		sk->sk_protocol = IPPROTO_TCP;
		sk->sk_state = row->state;
		sk->sk_uid = KUIDT_INIT(UID);
		sk->sk_socket = row->accepted ? &file->socket : NULL;
		inet_sk(sk)->inet_num = PORT;
		KUNIT_EXPECT_EQ_MSG(test, tcpt_context_owner(&owner, &at,
							     row->port),
				    row->news, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, owner.known, row->want, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, owner.inode,
				    row->news ? INODE : 0U, "%s", row->name);
		KUNIT_EXPECT_EQ_MSG(test, owner.uid,
				    row->want > row->known ? UID : 0U, "%s",
				    row->name);
		KUNIT_EXPECT_EQ_MSG(test, owner.pid, 0U, "%s", row->name);
	}
}

static void context_of_the_way(struct kunit *test)
{
	struct net_device *near, *far;
	struct tcptrace_context context = {};
	struct nf_hook_state state = { .hook = NF_INET_FORWARD };
	const struct tcpt_flow flow = { .family = 4 };
	struct sk_buff *skb;
	struct tcpt_packet_at at;

	near = kunit_kzalloc(test, sizeof(*near), GFP_KERNEL);
	far = kunit_kzalloc(test, sizeof(*far), GFP_KERNEL);
	skb = kunit_kzalloc(test, sizeof(*skb), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, near && far && skb);
	near->ifindex = 2;
	far->ifindex = 3;
	skb->mark = 7;
	at = (struct tcpt_packet_at){ skb, NULL };
	rcu_read_lock();
	tcpt_context_way(&context, 0, &at, &flow, 0);
	KUNIT_EXPECT_EQ(test, context.path[0].in, 0U);
	at.state = &state;
	state.in = near;
	state.out = far;
	tcpt_context_way(&context, 0, &at, &flow, 0);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, context.path[0].in, 2U);
	KUNIT_EXPECT_EQ(test, context.path[0].out, 3U);
	KUNIT_EXPECT_EQ(test, context.path[0].vrf, 0U);
	KUNIT_EXPECT_EQ(test, context.path[0].mark, 7U);
	KUNIT_EXPECT_EQ(test, context.owner[0].known,
			(u8)TCPTRACE_KNOWN_REMOTE);
	KUNIT_EXPECT_EQ(test, context.owner[1].known,
			(u8)TCPTRACE_KNOWN_NOTHING);
}

static void context_asymmetric(struct kunit *test)
{
	static const struct {
		const char *name;
		struct tcptrace_path path[2];
		u32 want;
		unsigned int end;
	} rows[] = {
		{ "one direction", { { 0, 3 } } },
		{ "local, one interface", { { 0, 3 }, { 3, 0 } } },
		{ "local, two interfaces", { { 0, 3 }, { 4, 0 } }, 3, 0 },
		{ "a local responder", { { 4, 0 }, { 0, 3 } }, 3, 1 },
		{ "loopback", { { 0, 1 }, { 0, 1 } } },
		{ "forwarded", { { 2, 3 }, { 3, 2 } } },
		{ "forwarded, back through another interface", { { 2, 3 }, { 4, 2 } }, 3, 0 },
		{ "forwarded, out through another interface", { { 2, 3 }, { 3, 4 } }, 4, 1 },
	};
	unsigned int i, end;
	u32 got;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		got = tcpt_context_asymmetric(rows[i].path, &end);
		KUNIT_EXPECT_EQ_MSG(test, got, rows[i].want, "%s",
				    rows[i].name);
		if (got)
			KUNIT_EXPECT_EQ_MSG(test, end, rows[i].end, "%s",
					    rows[i].name);
	}
}

static struct kunit_case context_cases[] = {
	KUNIT_CASE(context_of_a_socket),
	KUNIT_CASE(context_of_the_way),
	KUNIT_CASE(context_asymmetric),
	{}
};

static struct kunit_suite context_suite = {
	.name = "tcptrace_context",
	.test_cases = context_cases,
};

kunit_test_suite(context_suite);
