// SPDX-License-Identifier: GPL-2.0
#include "hash.h"

#include <errno.h>
#include <sys/random.h>

/**
 * hash_key_init - make a key
 * @key: filled in
 *
 * Return: 0 or a negative error number.
 */
int hash_key_init(struct hash_key *key)
{
	ssize_t n = getrandom(key, sizeof(*key), 0);

	if (n < 0)
		return -errno;
	return n == sizeof(*key) ? 0 : -EIO;
}

static u64 load(const u8 bytes[8])
{
	u64 word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

/* Both halves of the product: each bit of it depends on all of @a and @b. */
static u64 fold(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)product ^ (u64)(product >> 64);
}

/**
 * hash_flow - hash the key of a connection
 * @key: the key of the hash
 * @flow: the connection's; all of one capture have the same netns and zone
 *
 * Folded multiplication, as in wyhash: a tenth of the time of SipHash, which
 * would be most of a lookup. Who chooses the addresses sees nothing that
 * depends on the key, so no more is needed.
 *
 * Return: the hash; all of its bits are as good.
 */
u64 hash_flow(const struct hash_key *key, const struct tcpt_flow *flow)
{
	u64 ports = (u64)flow->family << 32 | (u32)flow->port[0] << 16 |
		    flow->port[1];
	u64 hash;

	hash = fold(load(flow->addr[0]) ^ key->word[0],
		    load(flow->addr[1]) ^ key->word[1]);
	/* of IPv4 these are zero */
	if (flow->family == 6)
		hash ^= fold(load(flow->addr[0] + 8) ^ key->word[2],
			     load(flow->addr[1] + 8) ^ key->word[3]);
	return fold(hash ^ key->word[2], ports ^ key->word[3]);
}
