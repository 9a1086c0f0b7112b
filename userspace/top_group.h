/* SPDX-License-Identifier: GPL-2.0 */
/* Sum up connections by address, port, process, container or finding. */
#ifndef _TCPTRACECTL_TOP_GROUP_H
#define _TCPTRACECTL_TOP_GROUP_H

#include "top.h"

enum {
	/* "docker 0123456789ab", a cgroup path, or a process name */
	TOP_NAME	= 256,
};

/**
 * enum top_group - the property by which connections are grouped
 * @TOP_NO_GROUP:	nothing: one row for each connection
 * @TOP_ORIG:		the address of the originator
 * @TOP_RESP:		the address of the responder
 * @TOP_PORT:		the port of the responder
 * @TOP_PROCESS:	a process, at either end
 * @TOP_CONTAINER:	a container, or a control group without a container
 * @TOP_FINDING:	a finding; a connection can have several findings
 */
enum top_group {
	TOP_NO_GROUP,
	TOP_ORIG,
	TOP_RESP,
	TOP_PORT,
	TOP_PROCESS,
	TOP_CONTAINER,
	TOP_FINDING,
	TOP_GROUPS,
};

/**
 * struct top_key - the key that identifies a group
 * @word: equal for connections of the same group, otherwise different
 */
struct top_key {
	u64 word[3];
};

/**
 * struct top_groups - the groups
 * @rows: a row for each group
 * @keys: the keys of @rows
 * @slots: a hash table: index in @rows plus 1, 0: empty
 * @n_slots: number of slots, a power of 2
 * @secret: key of the hash; an attacker who does not know the key cannot choose
 *	addresses that make the hash table slow
 */
struct top_groups {
	struct top_rows rows;
	struct top_key *keys;
	u32 *slots;
	size_t n_slots;
	u64 secret[4];
};

extern const char *const top_group_names[TOP_GROUPS];

bool top_group_has(const struct top_row *row, enum top_group group,
		   const struct top_key *key);
void top_group_key(const struct top_row *row, enum top_group group,
		   struct top_key *key);
void top_group_name(const struct top_row *row, enum top_group group, char *to,
		    size_t size);
void top_groups_clear(struct top_groups *groups);
int top_groups_add(struct top_groups *groups, const struct top_row *row,
		   enum top_group group);
void top_groups_free(struct top_groups *groups);

#endif /* _TCPTRACECTL_TOP_GROUP_H */
