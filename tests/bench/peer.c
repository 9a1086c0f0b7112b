// SPDX-License-Identifier: GPL-2.0
/*
 * Measures other ways to look up a connection: rhashtable, and a direct call of
 * conntrack.
 */
#include "bench.h"
#include "load.h"
#include "packet.h"

#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack_core.h>

enum {
	ENTRIES_LOG2	= 10,
	LOOKUPS		= 8192,
	CHUNK		= 256,
};

/* A key as large as two IPv6 addresses, two ports, protocol and namespace. */
struct flow_key {
	u32 word[12];
};

struct entry {
	struct rhash_head node;
	struct flow_key key;
};

static siphash_key_t secret;

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	return siphash(data, len, &secret);
}

static const struct rhashtable_params keyed = {
	.head_offset	= offsetof(struct entry, node),
	.key_offset	= offsetof(struct entry, key),
	.key_len	= sizeof(struct flow_key),
	.hashfn		= hash_key,
	/* without this, the table is too small until a worker grows it */
	.nelem_hint	= 1 << ENTRIES_LOG2,
};

static u64 look_up(struct rhashtable *table, const struct entry *entries,
		   bool really, unsigned int *found)
{
	u64 begin = bench_ticks();
	unsigned int i, n;

	for (i = 0; i < CHUNK; i++) {
		n = bench_packet_flow(i, ENTRIES_LOG2);
		if (!really)
			*found += entries[n].key.word[0] == n;
		else if (rhashtable_lookup_fast(table, &entries[n].key, keyed))
			++*found;
	}
	return bench_ticks() - begin;
}

static int lookups(struct rhashtable *table, struct entry *entries)
{
	unsigned int i, found = 0;
	u64 with, without;
	int ret;

	for (i = 0; i < 1 << ENTRIES_LOG2; i++) {
		entries[i].key.word[0] = i;
		ret = rhashtable_insert_fast(table, &entries[i].node, keyed);
		if (ret)
			return ret;
	}
	/* discard the result of the first run, which may follow an interrupt */
	for (i = 0; i < 2; i++) {
		local_bh_disable();
		without = look_up(table, entries, false, &found);
		with = look_up(table, entries, true, &found);
		local_bh_enable();
	}
	if (found != 4 * CHUNK)
		return -ENOENT;
	bench_result("lookup.rhashtable", (with - without) * 100 / CHUNK);
	return 0;
}

static int rhashtable_peer(void)
{
	struct rhashtable table;
	struct entry *entries;
	int ret;

	get_random_bytes(&secret, sizeof(secret));
	entries = kvcalloc(1 << ENTRIES_LOG2, sizeof(*entries), GFP_KERNEL);
	if (!entries)
		return -ENOMEM;
	ret = rhashtable_init(&table, &keyed);
	if (!ret) {
		ret = lookups(&table, entries);
		rhashtable_destroy(&table);
	}
	kvfree(entries);
	return ret;
}

/* A hook that calls conntrack directly, without defragmentation. */
static unsigned int direct(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	struct nf_hook_state pre = *state;
	unsigned int verdict;

	pre.hook = NF_INET_PRE_ROUTING;
	verdict = nf_conntrack_in(skb, &pre);
	return verdict == NF_ACCEPT ? nf_conntrack_confirm(skb) : verdict;
}

static int direct_peer(void)
{
	struct bench_path path = { .name = "nf_conntrack_in" };
	struct nf_hook_entries *entries;
	struct bench_load load;
	int ret;

	entries = kzalloc(struct_size(entries, hooks, 1), GFP_KERNEL);
	if (!entries)
		return -ENOMEM;
	entries->num_hook_entries = 1;
	entries->hooks[0].hook = direct;
	path.in[0] = entries;
	ret = bench_load_open(&load, 4, ENTRIES_LOG2);
	if (!ret) {
		bench_load_run(&load, &path, bench_load_handshake, 0,
			       1 << ENTRIES_LOG2, NULL);
		bench_result("established.v4.nf_conntrack_in",
			     bench_load_cost(&load, &path, bench_load_exchange,
					     0, LOOKUPS) / 2);
	}
	bench_load_close(&load);
	kfree(entries);
	return ret;
}

/**
 * bench_peers - measure other code that does a part of tcptrace's work
 *
 * Context: process; may sleep.
 * Return: 0 or -errno.
 */
int bench_peers(void)
{
	return rhashtable_peer() ?: direct_peer();
}
