// SPDX-License-Identifier: GPL-2.0
#include "top_group.h"

#include "cgroup.h"
#include "container.h"
#include "core/name.h"
#include "names.h"

#include <errno.h>
#include <linux/tcptrace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	SLOTS_MIN	= 1024,
};

const char *const top_group_names[TOP_GROUPS] = {
	[TOP_NO_GROUP]	= "none",
	[TOP_ORIG]	= "orig",
	[TOP_RESP]	= "resp",
	[TOP_PORT]	= "port",
	[TOP_PROCESS]	= "process",
	[TOP_CONTAINER]	= "container",
	[TOP_FINDING]	= "finding",
};

/* Return: the originator's cgroup; if it is unknown, the responder's. */
static u64 cgroup_of(const struct top_row *row)
{
	return row->ends.cgroup[0] ?: row->ends.cgroup[1];
}

static void container_name(u64 cgroup, char *to, size_t size)
{
	char container[CONTAINER_LEN];
	const char *path = cgroup_path(cgroup);

	if (!path && cgroup)
		snprintf(to, size, "cgroup %llu", (unsigned long long)cgroup);
	else if (!path)
		snprintf(to, size, "-");
	else if (container_find(path, NULL, container))
		event_printable(container, size - 1 < sizeof(container) ?
				size - 1 : sizeof(container), to);
	else
		event_printable(path, size - 1, to);
}

/* Write the name and the PID of a process; the name may contain any bytes. */
static void process_name(const struct process *process, char *to, size_t size)
{
	char comm[sizeof(process->comm) + 1];

	if (process->pid)
		snprintf(to, size, "%s[%u]",
			 event_printable(process->comm, sizeof(process->comm),
					 comm), process->pid);
	else
		snprintf(to, size, "-");
}

/**
 * top_group_name - write the name of a row's group
 * @row: a connection or a group
 * @group: the kind of group; for TOP_NO_GROUP, the process of @row is written
 * @to: buffer for the name, in which unprintable bytes become '?'
 * @size: size of @to, at least TOP_NAME
 */
void top_group_name(const struct top_row *row, enum top_group group, char *to,
		    size_t size)
{
	char text[ADDR_LEN];

	switch (group) {
	case TOP_ORIG:
	case TOP_RESP:
		addr_format(&row->ends.addr[group == TOP_RESP], text,
			    sizeof(text));
		snprintf(to, size, "%.*s", (int)size - 1, text);
		break;
	case TOP_PORT:
		snprintf(to, size, "%u", row->ends.port[1]);
		break;
	case TOP_CONTAINER:
		container_name(cgroup_of(row), to, size);
		break;
	case TOP_FINDING:
		snprintf(to, size, "%s", row->facts.findings ?
			 tcpt_finding_name((unsigned int)
				__builtin_ctzll(row->facts.findings)) : "-");
		break;
	default:
		process_name(&row->ends.process, to, size);
	}
}

/* FNV-1a */
static u64 hash_text(const char *text, u64 basis)
{
	u64 hash = 0xcbf29ce484222325 ^ basis;

	for (; *text; text++)
		hash = (hash ^ (u8)*text) * 0x100000001b3;
	return hash;
}

/* Hash the name, because several control groups can belong to one container. */
static void container_key(u64 cgroup, struct top_key *key)
{
	static char name[TOP_NAME];
	static u64 last;

	if (!*name || cgroup != last)
		container_name(cgroup, name, sizeof(name));
	last = cgroup;
	key->word[0] = hash_text(name, 0);
	key->word[1] = hash_text(name, ~0ULL);
}

/**
 * top_group_key - compute the key of the group to which a row belongs
 * @row: the connection or the group; for TOP_FINDING, it has only one finding
 * @group: the property by which connections are grouped
 * @key: filled in
 */
void top_group_key(const struct top_row *row, enum top_group group,
		   struct top_key *key)
{
	const struct addr *addr = &row->ends.addr[group == TOP_RESP];

	memset(key, 0, sizeof(*key));
	switch (group) {
	case TOP_ORIG:
	case TOP_RESP:
		memcpy(key->word, addr->bytes, sizeof(addr->bytes));
		key->word[2] = (u64)addr->zone << 16 | addr->family;
		break;
	case TOP_PORT:
		key->word[0] = row->ends.port[1];
		break;
	case TOP_PROCESS:
		if (row->ends.process.pid)
			memcpy(key->word, row->ends.process.comm,
			       strnlen(row->ends.process.comm,
				       sizeof(row->ends.process.comm)));
		key->word[2] = row->ends.process.pid;
		break;
	case TOP_CONTAINER:
		container_key(cgroup_of(row), key);
		break;
	case TOP_FINDING:
		key->word[0] = row->facts.findings;
		break;
	default:
		key->word[0] = row->id;
	}
}

static bool is_same(const struct top_key *a, const struct top_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Check whether a connection belongs to the group. */
bool top_group_has(const struct top_row *row, enum top_group group,
		   const struct top_key *key)
{
	struct top_key own;

	if (group == TOP_FINDING)
		return row->facts.findings & key->word[0];
	top_group_key(row, group, &own);
	return is_same(&own, key);
}

/* Remove all groups. */
void top_groups_clear(struct top_groups *groups)
{
	groups->rows.n = 0;
	if (groups->slots)
		memset(groups->slots, 0,
		       groups->n_slots * sizeof(*groups->slots));
}

/* Return: the two halves of the 128-bit product, combined by XOR. */
static u64 multiply(u64 a, u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)(product >> 64) ^ (u64)product;
}

/*
 * A hash similar to NH of UMAC (Black et al.): an attacker who does not know
 * the secret cannot choose keys that share a slot.
 */
static size_t slot_of(const struct top_groups *groups,
		      const struct top_key *key)
{
	const u64 *s = groups->secret, *w = key->word;
	u64 hash = multiply(w[0] + s[0], w[1] + s[1]) +
		   multiply(w[2] + s[2], s[3]);

	return (size_t)hash & (groups->n_slots - 1);
}

/* Return: the slot with the key, or the empty slot for it. */
static u32 *find(const struct top_groups *groups, const struct top_key *key)
{
	size_t i = slot_of(groups, key);

	while (groups->slots[i] &&
	       !is_same(&groups->keys[groups->slots[i] - 1], key))
		i = (i + 1) & (groups->n_slots - 1);
	return &groups->slots[i];
}

/* Double the number of slots, or allocate the first slots. */
static int grow(struct top_groups *groups)
{
	size_t i, n = groups->n_slots ? 2 * groups->n_slots : SLOTS_MIN;
	struct top_key *keys;
	u32 *slots;

	keys = reallocarray(groups->keys, n / 2 + 1, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	groups->keys = keys;
	slots = calloc(n, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	if (!groups->n_slots)
		while (getrandom(groups->secret, sizeof(groups->secret), 0) < 0)
			if (errno != EINTR)
				break;
	free(groups->slots);
	groups->slots = slots;
	groups->n_slots = n;
	for (i = 0; i < groups->rows.n; i++)
		*find(groups, &keys[i]) = (u32)i + 1;
	return 0;
}

static u64 larger(u64 a, u64 b)
{
	return a > b ? a : b;
}

static void add_up(struct top_row *to, const struct top_row *row)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		to->grown.bytes[i] += row->grown.bytes[i];
		to->grown.rexmit[i] += row->grown.rexmit[i];
		to->grown.packets[i] += row->grown.packets[i];
		to->grown.window[i] += row->grown.window[i];
	}
	to->conns += row->conns;
	to->opened += row->opened;
	to->refused += row->refused;
	to->facts.rtt = larger(to->facts.rtt, row->facts.rtt);
	to->facts.response = larger(to->facts.response, row->facts.response);
	to->facts.findings |= row->facts.findings;
	to->facts.unanswered |= row->facts.unanswered;
	to->facts.is_open |= row->facts.is_open;
	if (row->id < to->id)
		to->id = row->id;
}

static int add(struct top_groups *groups, const struct top_row *row,
	       enum top_group group)
{
	struct top_row *new;
	struct top_key key;
	u32 *slot;

	if (groups->rows.n >= groups->n_slots / 2 && grow(groups) != 0)
		return -ENOMEM;
	top_group_key(row, group, &key);
	slot = find(groups, &key);
	if (*slot) {
		add_up(&groups->rows.rows[*slot - 1], row);
		return 0;
	}
	new = top_add(&groups->rows);
	if (!new)
		return -ENOMEM;
	*new = *row;
	groups->keys[groups->rows.n - 1] = key;
	*slot = (u32)groups->rows.n;
	return 0;
}

/**
 * top_groups_add - add a connection to its groups
 * @groups: the groups
 * @row: the connection
 * @group: the property by which connections are grouped
 *
 * Return: 0 or -ENOMEM.
 */
int top_groups_add(struct top_groups *groups, const struct top_row *row,
		   enum top_group group)
{
	struct top_row one = *row;
	u64 left;
	int err = 0;

	if (group != TOP_FINDING)
		return add(groups, row, group);
	for (left = row->facts.findings; left && !err; left &= left - 1) {
		one.facts.findings = left & -left;
		err = add(groups, &one, group);
	}
	return err;
}

void top_groups_free(struct top_groups *groups)
{
	top_free(&groups->rows);
	free(groups->keys);
	free(groups->slots);
	memset(groups, 0, sizeof(*groups));
}
