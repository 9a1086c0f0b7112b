// SPDX-License-Identifier: GPL-2.0
/*
 * Of the records of a connection, only OPEN, ESTABLISHED and CLOSE contain its
 * translated addresses, so remember these addresses for the other records.
 */
#include "translations.h"

#include <search.h>
#include <stdlib.h>

/**
 * struct translation - translated addresses of a connection
 * @conn: number of the connection
 * @netns: network namespace of the connection
 * @nat: the addresses
 */
struct translation {
	u64 conn;
	u32 netns;
	struct tcptrace_nat nat;
};

static int compare(const void *a, const void *b)
{
	const struct translation *x = a, *y = b;

	if (x->conn != y->conn)
		return x->conn < y->conn ? -1 : 1;
	return x->netns < y->netns ? -1 : x->netns > y->netns;
}

static struct translation *find(const struct translations *t,
				const struct tcptrace_flow *flow)
{
	const struct translation key = {
		.conn = flow->conn, .netns = flow->netns,
	};
	struct translation **found = tfind(&key, &t->tree, compare);

	return found ? *found : NULL;
}

static void forget(struct translations *t, struct translation *of)
{
	tdelete(of, &t->tree, compare);
	free(of);
	t->n--;
}

/* Remember addresses of a connection, unless @t is full or memory is short. */
static void remember(struct translations *t, const struct tcptrace_flow *flow,
		     const struct tcptrace_nat *nat)
{
	struct translation *of = find(t, flow);

	if (of) {
		of->nat = *nat;
		return;
	}
	if (t->n == TRANSLATIONS_MAX)
		return;
	of = calloc(1, sizeof(*of));
	if (!of)
		return;
	of->conn = flow->conn;
	of->netns = flow->netns;
	of->nat = *nat;
	if (tsearch(of, &t->tree, compare))
		t->n++;
	else
		free(of);
}

/* Return: the addresses in a record; NULL if its type contains no addresses. */
static const struct tcptrace_nat *nat_of(const union record *rec)
{
	switch (rec->h.type) {
	case TCPTRACE_OPEN:
		return &rec->open.context.nat;
	case TCPTRACE_ESTABLISHED:
		return &rec->established.context.nat;
	case TCPTRACE_CLOSE:
		return &rec->close.context.nat;
	default:
		return NULL;
	}
}

/**
 * translations_note - find the translated addresses of a record's connection
 * @t: the addresses of all connections
 * @rec: a record about a connection
 *
 * If there is room, the function remembers the addresses until the connection's
 * CLOSE record.
 *
 * Return: the addresses, valid until the next call; NULL or untranslated
 * addresses if no translation is known.
 */
const struct tcptrace_nat *translations_note(struct translations *t,
					     const union record *rec)
{
	const struct tcptrace_flow *flow = &rec->c.flow;
	const struct tcptrace_nat *nat = nat_of(rec);
	struct translation *of;

	if (!flow->conn)
		return NULL;
	if (nat && (nat->translated[0] || nat->translated[1]))
		remember(t, flow, nat);
	of = find(t, flow);
	if (!of)
		return nat;
	t->last = of->nat;
	if (rec->h.type == TCPTRACE_CLOSE)
		forget(t, of);
	return &t->last;
}
