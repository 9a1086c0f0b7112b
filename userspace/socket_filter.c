// SPDX-License-Identifier: GPL-2.0
#include "socket_filter.h"

#include "cgroup.h"
#include "core/name.h"
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <linux/tcptrace.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum {
	WORD_LEN	= SOCKET_CGROUP_LEN,
	TEXT_LEN	= 1024,
	DEPTH_MAX	= 16,	/* depth of nested parentheses */
	LESS		= 1,
	EQUAL		= 2,
	GREATER		= 4,
};

#define AGE_MAX_MS	1e15

#define ALL_STATES	((1U << TCPTRACE_STATES) - 1)

/* Names of states in ss and netstat that differ from those in RFC 9293. */
static const struct {
	const char *name;
	enum tcptrace_state state;
} aliases[] = {
	{ "ESTAB", TCPTRACE_ESTAB },
	{ "SYN_RECV", TCPTRACE_SYN_RECEIVED },
	{ "SYN_RCVD", TCPTRACE_SYN_RECEIVED },
	{ "FIN_WAIT1", TCPTRACE_FIN_WAIT_1 },
	{ "FIN_WAIT2", TCPTRACE_FIN_WAIT_2 },
	{ "CLOSE", TCPTRACE_CLOSED },
	{ "UNCONN", TCPTRACE_CLOSED },
};

static const struct {
	const char *name;
	u32 states;
} groups[] = {
	{ "all", ALL_STATES },
	{ "connected", ALL_STATES & ~(1U << TCPTRACE_CLOSED) },
	{ "synchronized", ALL_STATES & ~(1U << TCPTRACE_CLOSED |
					 1U << TCPTRACE_SYN_SENT) },
};

static const struct {
	const char *name;
	u8 signs;
} comparisons[] = {
	{ "=", EQUAL }, { "==", EQUAL }, { "eq", EQUAL },
	{ "!=", LESS | GREATER }, { "ne", LESS | GREATER },
	{ "neq", LESS | GREATER }, { "<", LESS }, { "lt", LESS },
	{ ">", GREATER }, { "gt", GREATER }, { "<=", LESS | EQUAL },
	{ "le", LESS | EQUAL }, { "leq", LESS | EQUAL },
	{ ">=", GREATER | EQUAL }, { "ge", GREATER | EQUAL },
	{ "geq", GREATER | EQUAL },
};

/**
 * struct parser - an expression that is being parsed
 * @filter: the parts that have been parsed
 * @text: the expression
 * @at: the rest of the expression after @word
 * @word: the next word; empty at the end of the expression
 * @begin: the beginning of @word in @text
 * @depth: number of open parentheses
 * @why: set to the error, if there is one
 * @size: size of @why
 */
struct parser {
	struct socket_filter *filter;
	const char *text;
	const char *at;
	char word[WORD_LEN];
	const char *begin;
	unsigned int depth;
	char *why;
	size_t size;
};

/* Return: the enum tcptrace_state; TCPTRACE_STATES for any other word. */
unsigned int socket_state(const char *word, size_t len)
{
	char name[32];
	unsigned int state;
	size_t i;

	if (len >= sizeof(name))
		return TCPTRACE_STATES;
	for (i = 0; i < len; i++)
		name[i] = word[i] == '-' ? '_' :
			  (char)toupper((unsigned char)word[i]);
	name[len] = '\0';
	for (state = 0; state < TCPTRACE_STATES; state++)
		if (strcmp(name, tcpt_state_name(state)) == 0)
			return state;
	for (i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(name, aliases[i].name) == 0)
			return aliases[i].state;
	return TCPTRACE_STATES;
}

/**
 * socket_age - parse a time span
 * @word: a number, which may have a fraction, and a unit: ms, s, m, h or d; the
 *	default unit is s
 * @ms: set to the time span, ms
 *
 * Return: 0 or -EINVAL.
 */
int socket_age(const char *word, u64 *ms)
{
	static const struct {
		const char *unit;
		double ms;
	} units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 },
		{ "h", 3600 * 1000 }, { "d", 86400 * 1000.0 },
	};
	double number;
	unsigned int i;
	char *end;

	/* strtod() would also accept a sign, an exponent, "inf" or "0x1" */
	if (!isdigit((unsigned char)*word))
		return -EINVAL;
	number = strtod(word, &end);
	if (end != word + strspn(word, "0123456789."))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(end, units[i].unit) == 0 &&
		    number * units[i].ms < AGE_MAX_MS) {
			*ms = (u64)(number * units[i].ms + 0.5);
			return 0;
		}
	return -EINVAL;
}

/* Return: the time since the first segment of a connection, ms; 0: unknown. */
u64 socket_age_of(const struct proc_conn *row)
{
	u64 ms = 0;

	if (row->cells[PROC_CONN_AGE])
		socket_age(row->cells[PROC_CONN_AGE], &ms);
	return ms;
}

/**
 * socket_in_cgroup - check whether a socket of a connection is in a cgroup
 * @row: the connection
 * @path: path of the cgroup, with or without /sys/fs/cgroup
 *
 * Return: true if the socket of an end is in that cgroup or in a cgroup below
 * it.
 */
bool socket_in_cgroup(const struct proc_conn *row, const char *path)
{
	static const enum proc_conn_column columns[] = {
		PROC_CONN_ORIG_CGROUP, PROC_CONN_RESP_CGROUP,
	};
	const char *group;
	unsigned int i;
	size_t len;
	u64 id;

	if (strncmp(path, CGROUP_ROOT, strlen(CGROUP_ROOT)) == 0)
		path += strlen(CGROUP_ROOT);
	path += strspn(path, "/");
	for (len = strlen(path); len > 0 && path[len - 1] == '/'; len--)
		;
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		if (!proc_conn_number(row, columns[i], &id))
			continue;
		group = cgroup_path(id);
		if (!group)
			continue;
		group += strspn(group, "/");
		if (len == 0 || (strncmp(group, path, len) == 0 &&
				 (group[len] == '/' || group[len] == '\0')))
			return true;
	}
	return false;
}

static int fail(struct parser *p, const char *what)
{
	if (*p->word)
		snprintf(p->why, p->size, "at character %td, '%s': %s",
			 p->begin - p->text + 1, p->word, what);
	else
		snprintf(p->why, p->size, "at its end: %s", what);
	return -EINVAL;
}

/* Return: length of a word; no blanks are needed around operators and (). */
static size_t length(const char *at)
{
	if (strchr("()", *at))
		return 1;
	if (strchr("=<>!&|", *at))
		return strspn(at, *at == '!' ? "!=" : "=<>&|");
	return strcspn(at, " \t()=<>!&|");
}

static void next(struct parser *p)
{
	size_t len;

	p->at += strspn(p->at, " \t");
	p->begin = p->at;
	len = *p->at ? length(p->at) : 0;
	p->at += len;
	snprintf(p->word, sizeof(p->word), "%.*s", (int)len, p->begin);
}

static bool is(const struct parser *p, const char *a, const char *b)
{
	return strcmp(p->word, a) == 0 || strcmp(p->word, b) == 0;
}

/* Add a node to the expression. Return: its index, or -EINVAL. */
static int add(struct parser *p, const struct socket_node *node)
{
	if (p->filter->n == SOCKET_FILTER_NODES)
		return fail(p, "the expression is too long");
	p->filter->node[p->filter->n] = *node;
	return (int)p->filter->n++;
}

static int add_state(struct parser *p, bool exclude)
{
	struct socket_node node = { .test = SOCKET_STATE };
	unsigned int i, state = socket_state(p->word, strlen(p->word));

	for (i = 0; i < ARRAY_SIZE(groups); i++)
		if (strcasecmp(p->word, groups[i].name) == 0)
			node.states = groups[i].states;
	if (state < TCPTRACE_STATES)
		node.states = 1U << state;
	if (!node.states)
		return fail(p, "unknown TCP state");
	if (exclude)
		node.states = ALL_STATES & ~node.states;
	next(p);
	return add(p, &node);
}

/* Return: a mask of LESS, EQUAL and GREATER; 0 for any other word. */
static u8 comparison(const struct parser *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(comparisons); i++)
		if (strcmp(p->word, comparisons[i].name) == 0)
			return comparisons[i].signs;
	return 0;
}

/* Parse a port number or the name of a service; a colon may precede it. */
static int parse_port(const char *word, u16 *port)
{
	const char *text = *word == ':' ? word + 1 : word;
	const struct servent *service;
	u64 number;

	if (number_parse(text, 10, UINT16_MAX, &number) == 0) {
		*port = (u16)number;
		return 0;
	}
	service = *text ? getservbyname(text, "tcp") : NULL;
	if (!service)
		return -EINVAL;
	*port = ntohs((u16)service->s_port);
	return 0;
}

static int add_port(struct parser *p, u8 end)
{
	struct socket_node node = {
		.test = SOCKET_PORT, .end = end, .signs = comparison(p),
	};

	if (node.signs)
		next(p);
	else
		node.signs = EQUAL;
	if (parse_port(p->word, &node.port) != 0)
		return fail(p, "unknown port");
	next(p);
	return add(p, &node);
}

/* Parse "10.0.0.0/8", "10.0.0.1:80", "[fd00::1]:80" or ":443". */
static int add_addr(struct parser *p, u8 end)
{
	struct socket_node node = { .test = SOCKET_ADDR, .end = end };
	struct socket_node port = {
		.test = SOCKET_PORT, .end = end, .signs = EQUAL,
	};
	struct socket_node both = { .test = SOCKET_AND };
	int a, b;

	if (*p->word == ':' && parse_port(p->word, &port.port) == 0) {
		next(p);
		return add(p, &port);
	}
	if (addr_parse_prefix(p->word, &node.addr, &node.bits) == 0) {
		next(p);
		return add(p, &node);
	}
	if (addr_parse_endpoint(p->word, &node.addr, &port.port) != 0)
		return fail(p, "invalid address");
	node.bits = node.addr.family == AF_INET ? 32 : 128;
	next(p);
	a = add(p, &node);
	b = add(p, &port);
	if (a < 0 || b < 0)
		return -EINVAL;
	both.below[0] = (u8)a;
	both.below[1] = (u8)b;
	return add(p, &both);
}

static int add_age(struct parser *p, u8 end)
{
	struct socket_node node = {
		.test = SOCKET_AGE, .signs = comparison(p),
	};

	(void)end;
	if (!node.signs)
		return fail(p, "use age with =, !=, <, >, <= or >=");
	next(p);
	if (socket_age(p->word, &node.age) != 0)
		return fail(p, "invalid time: use 10, 1.5s, 5m, 2h or 1d");
	next(p);
	return add(p, &node);
}

static int add_cgroup(struct parser *p, u8 end)
{
	struct socket_node node = {
		.test = SOCKET_CGROUP, .signs = comparison(p),
	};

	(void)end;
	if (!node.signs)
		node.signs = EQUAL;
	else if (node.signs == EQUAL || node.signs == (LESS | GREATER))
		next(p);
	else
		return fail(p, "use cgroup with = or !=");
	if (!*p->word)
		return fail(p, "the path of a cgroup is missing");
	snprintf(node.cgroup, sizeof(node.cgroup), "%s", p->word);
	next(p);
	return add(p, &node);
}

static int parse_or(struct parser *p);

static int parse_group(struct parser *p)
{
	int ret;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "too many parentheses");
	next(p);
	ret = parse_or(p);
	p->depth--;
	if (ret < 0)
		return ret;
	if (!is(p, ")", ")"))
		return fail(p, "a ')' is missing");
	next(p);
	return ret;
}

static int parse_part(struct parser *p)
{
	static const struct {
		const char *name;
		int (*parse)(struct parser *p, u8 end);
		u8 end;
	} ends[] = {
		{ "src", add_addr, 0 }, { "dst", add_addr, 1 },
		{ "sport", add_port, 0 }, { "dport", add_port, 1 },
		{ "age", add_age, 0 }, { "cgroup", add_cgroup, 0 },
	};
	unsigned int i;
	bool exclude = is(p, "exclude", "exclude");

	if (is(p, "(", "("))
		return parse_group(p);
	if (exclude || is(p, "state", "state")) {
		next(p);
		return add_state(p, exclude);
	}
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (strcmp(p->word, ends[i].name) == 0) {
			next(p);
			if (ends[i].parse == add_addr && is(p, "=", "=="))
				next(p);
			return ends[i].parse(p, ends[i].end);
		}
	return fail(p,
		    "use state, exclude, src, dst, sport, dport, age, cgroup, not, or (");
}

static int parse_not(struct parser *p)
{
	struct socket_node node = { .test = SOCKET_NOT };
	unsigned int nots = 0;
	int ret;

	for (; is(p, "not", "!"); next(p))
		nots++;
	ret = parse_part(p);
	if (ret < 0 || nots % 2 == 0)
		return ret;
	node.below[0] = (u8)ret;
	return add(p, &node);
}

static int join(struct parser *p, enum socket_test test, int a, int b)
{
	struct socket_node node = { .test = test };

	if (a < 0 || b < 0)
		return -EINVAL;
	node.below[0] = (u8)a;
	node.below[1] = (u8)b;
	return add(p, &node);
}

/* Parse parts that are joined by "and"; as in ss, "and" may be left out. */
static int parse_and(struct parser *p)
{
	int ret = parse_not(p);

	while (ret >= 0 && *p->word && !is(p, ")", "or") && !is(p, "|", "||")) {
		if (is(p, "and", "&") || is(p, "&&", "&&"))
			next(p);
		ret = join(p, SOCKET_AND, ret, parse_not(p));
	}
	return ret;
}

static int parse_or(struct parser *p)
{
	int ret = parse_and(p);

	while (ret >= 0 && (is(p, "or", "|") || is(p, "||", "||"))) {
		next(p);
		ret = join(p, SOCKET_OR, ret, parse_and(p));
	}
	return ret;
}

/* Join the words, separated by blanks. Return: 0 or -E2BIG. */
static int join_words(char *const words[], char text[TEXT_LEN])
{
	size_t len = 0;

	text[0] = '\0';
	for (; *words && len < TEXT_LEN; words++)
		len += (size_t)snprintf(text + len, TEXT_LEN - len, "%s%s",
					len ? " " : "", *words);
	return len < TEXT_LEN ? 0 : -E2BIG;
}

/**
 * socket_filter_is_meant - check whether an expression is in the syntax of ss
 * @words: the words of an expression, NULL-terminated
 *
 * Return: true if the expression contains a keyword that socket_filter_parse()
 * accepts and tcpdump does not.
 */
bool socket_filter_is_meant(char *const words[])
{
	static const char *const own[] = {
		"state", "exclude", "sport", "dport", "age", "cgroup",
	};
	char text[TEXT_LEN];
	struct parser p = { .text = text, .at = text };
	unsigned int i;

	join_words(words, text);
	for (next(&p); *p.word; next(&p))
		for (i = 0; i < ARRAY_SIZE(own); i++)
			if (strcmp(p.word, own[i]) == 0)
				return true;
	return false;
}

/**
 * socket_filter_parse - parse an expression
 * @filter: filled in
 * @words: the words of the expression, NULL-terminated; without words, every
 *	connection matches
 * @why: set to the error and its position
 * @size: size of @why
 *
 * src and sport apply to the originator, dst and dport to the responder.
 *
 * Return: 0 or -EINVAL.
 */
int socket_filter_parse(struct socket_filter *filter, char *const words[],
			char *why, size_t size)
{
	char text[TEXT_LEN] = "";
	struct parser p = {
		.filter = filter, .text = text, .at = text,
		.why = why, .size = size,
	};
	int ret;

	filter->n = 0;
	if (!*words)
		return 0;
	if (join_words(words, text) != 0) {
		snprintf(why, size, "longer than %zu characters",
			 sizeof(text) - 1);
		return -EINVAL;
	}
	next(&p);
	ret = parse_or(&p);
	if (ret >= 0 && *p.word)
		ret = fail(&p, "unmatched ')'");
	if (ret < 0)
		return -EINVAL;
	filter->root = (unsigned int)ret;
	return 0;
}

static bool compare(const struct socket_node *node, u64 value, u64 with)
{
	return node->signs & (value < with ? LESS :
			      value > with ? GREATER : EQUAL);
}

static bool has_state(const struct socket_node *node, const char *name)
{
	return node->states & 1U << socket_state(name, strlen(name));
}

static bool takes(const struct socket_filter *filter, unsigned int number,
		  const struct proc_conn *row)
{
	const struct socket_node *node = &filter->node[number];

	switch (node->test) {
	case SOCKET_AND:
		return takes(filter, node->below[0], row) &&
		       takes(filter, node->below[1], row);
	case SOCKET_OR:
		return takes(filter, node->below[0], row) ||
		       takes(filter, node->below[1], row);
	case SOCKET_NOT:
		return !takes(filter, node->below[0], row);
	case SOCKET_STATE:
		return has_state(node, row->cells[PROC_CONN_ORIG_STATE]) ||
		       has_state(node, row->cells[PROC_CONN_RESP_STATE]);
	case SOCKET_PORT:
		return compare(node, row->port[node->end], node->port) ||
		       (row->nat[node->end].family &&
			compare(node, row->nat_port[node->end], node->port));
	case SOCKET_ADDR:
		return addr_in_prefix(&row->addr[node->end], &node->addr,
				      node->bits) ||
		       addr_in_prefix(&row->nat[node->end], &node->addr,
				      node->bits);
	case SOCKET_AGE:
		return compare(node, socket_age_of(row), node->age);
	case SOCKET_CGROUP:
		return socket_in_cgroup(row, node->cgroup) ==
		       (node->signs == EQUAL);
	}
	return false;
}

/**
 * socket_filter_takes - check whether a connection matches an expression
 * @filter: the expression
 * @row: the connection
 *
 * The address and the port of an end are tested before NAT and after NAT; one
 * match is sufficient.
 *
 * Return: true if the connection matches.
 */
bool socket_filter_takes(const struct socket_filter *filter,
			 const struct proc_conn *row)
{
	return !filter->n || takes(filter, filter->root, row);
}
