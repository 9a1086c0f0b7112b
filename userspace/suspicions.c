// SPDX-License-Identifier: GPL-2.0
#include "suspicions.h"

#include <search.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	const struct conn_suspicions *x = a, *y = b;

	if (x->conn != y->conn)
		return x->conn < y->conn ? -1 : 1;
	return x->netns < y->netns ? -1 : x->netns > y->netns;
}

static struct conn_suspicions *find(const struct suspicions *r,
				    const struct tcptrace_flow *flow)
{
	const struct conn_suspicions key = { .conn = flow->conn, .netns = flow->netns };
	struct conn_suspicions **found = tfind(&key, &r->tree, compare);

	return found ? *found : NULL;
}

/**
 * suspicions_find - find the suspicions of a connection
 * @r: the suspicions of all connections
 * @flow: the connection
 *
 * Return: the suspicions, or NULL if the connection has none in @r.
 */
const struct conn_suspicions *
suspicions_find(const struct suspicions *r, const struct tcptrace_flow *flow)
{
	return find(r, flow);
}

/* Return: the new entry; NULL if @r is full or memory is short. */
static struct conn_suspicions *add(struct suspicions *r,
				   const struct tcptrace_flow *flow)
{
	struct conn_suspicions *new;

	if (r->n == SUSPICIONS_MAX)
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
 * suspicions_first - count a suspicion
 * @r: the suspicions of all connections
 * @rec: the suspicion
 *
 * Return: true if the connection has no earlier suspicion of this kind in @r.
 */
bool suspicions_first(struct suspicions *r, const struct tcptrace_suspected *rec)
{
	struct conn_suspicions *of;

	if (!rec->flow.conn || rec->suspicion >= TCPTRACE_SUSPICIONS)
		return true;
	of = find(r, &rec->flow) ?: add(r, &rec->flow);
	return !of || of->count[rec->suspicion]++ == 0;
}

/**
 * suspicions_forget - forget the suspicions of a connection that has ended
 * @r: the suspicions of all connections
 * @flow: the connection
 */
void suspicions_forget(struct suspicions *r, const struct tcptrace_flow *flow)
{
	struct conn_suspicions *of = find(r, flow);

	if (!of)
		return;
	tdelete(of, &r->tree, compare);
	free(of);
	r->n--;
}
