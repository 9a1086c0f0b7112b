/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options that select connections. A connection must match all options. An
 * option about one end matches if either end matches.
 */
#ifndef _TCPTRACECTL_LIST_FILTER_H
#define _TCPTRACECTL_LIST_FILTER_H

#include "addr.h"
#include "core/env.h"
#include "proc_conn.h"
#include "socket_filter.h"

/**
 * struct list_filter - which connections to show
 * @states: bit mask (1 << enum tcptrace_state); 0: any state
 * @findings: bit mask (1 << enum tcptrace_finding); 0: any connection
 * @has_port: @port is set
 * @port: a port
 * @has_addr: @addr is set
 * @addr: an address
 * @bits: prefix length of @addr
 * @process: name or PID of a process, or NULL
 * @cgroup: path of a cgroup, or NULL; the cgroups below it match, too
 * @age_min: minimum time since the first segment, ms
 * @age_max: maximum time since the first segment, ms; 0: no limit
 * @expression: an expression of ss
 */
struct list_filter {
	u32 states;
	u32 findings;
	bool has_port;
	u16 port;
	bool has_addr;
	struct addr addr;
	unsigned int bits;
	const char *process;
	const char *cgroup;
	u64 age_min;
	u64 age_max;
	struct socket_filter expression;
};

int list_filter_states(struct list_filter *filter, const char *list);
int list_filter_findings(struct list_filter *filter, const char *list);
int list_filter_port(struct list_filter *filter, const char *text);
int list_filter_addr(struct list_filter *filter, const char *text);
int list_filter_age(struct list_filter *filter, const char *text);
int list_filter_expression(struct list_filter *filter, char *const words[]);
bool list_filter_takes(const struct list_filter *filter,
		       const struct proc_conn *row);

#endif /* _TCPTRACECTL_LIST_FILTER_H */
