// SPDX-License-Identifier: GPL-2.0
#include "repeats.h"

#include <search.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct repeated *x = a, *y = b;

	if (x->conn != y->conn)
		return x->conn < y->conn ? -1 : 1;
	return x->netns < y->netns ? -1 : x->netns > y->netns;
}

static struct repeated *find(const struct repeats *r,
			     const struct tcptrace_flow *flow)
{
	const struct repeated key = { .conn = flow->conn, .netns = flow->netns };
	struct repeated **found = tfind(&key, &r->tree, compare);

	return found ? *found : NULL;
}

/**
 * repeats_find - the suspicions of a connection
 * @r: the suspicions of all connections
 * @flow: the connection
 *
 * Return: the suspicions, or NULL if the connection has none.
 */
const struct repeated *repeats_find(const struct repeats *r,
				    const struct tcptrace_flow *flow)
{
	return find(r, flow);
}

/* Return: the new entry, or NULL if there is no room or no memory. */
static struct repeated *add(struct repeats *r, const struct tcptrace_flow *flow)
{
	struct repeated *new;

	if (r->n == REPEATS_MAX)
		return NULL;
	new = calloc(1, sizeof(*new));
	if (!new)
		return NULL;
	new->conn = flow->conn;
	new->netns = flow->netns;
	if (!tsearch(new, &r->tree, compare)) {
		free(new);
		return NULL;
	}
	r->n++;
	return new;
}

/**
 * repeats_first - count a suspicion
 * @r: the suspicions of all connections
 * @rec: the suspicion
 *
 * Return: true if its connection has had none of this kind so far, as far as is
 * known.
 */
bool repeats_first(struct repeats *r, const struct tcptrace_suspected *rec)
{
	struct repeated *of;

	if (!rec->flow.conn || rec->suspicion >= TCPTRACE_SUSPICIONS)
		return true;
	of = find(r, &rec->flow) ?: add(r, &rec->flow);
	return !of || of->count[rec->suspicion]++ == 0;
}

/**
 * repeats_forget - a connection is over
 * @r: the suspicions of all connections
 * @flow: the connection
 */
void repeats_forget(struct repeats *r, const struct tcptrace_flow *flow)
{
	struct repeated *of = find(r, flow);

	if (!of)
		return;
	tdelete(of, &r->tree, compare);
	free(of);
	r->n--;
}
