// SPDX-License-Identifier: GPL-2.0
#include "list_filter.h"

#include "core/name.h"
#include "number.h"
#include "process.h"

#include <err.h>
#include <errno.h>
#include <linux/tcptrace.h>
#include <stdint.h>
#include <stdio.h>

/* Parse the argument of --state; print errors. Return: 0 or -EINVAL. */
int list_filter_states(struct list_filter *filter, const char *list)
{
	unsigned int state;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		state = socket_state(list, len);
		if (state == TCPTRACE_STATES) {
			warnx("unknown state: '%.*s'", (int)len, list);
			return -EINVAL;
		}
		filter->states |= 1U << state;
		if (list[len] == '\0')
			return 0;
	}
}

/* Return: the enum tcptrace_finding, or TCPTRACE_FINDING_NONE if not found. */
static unsigned int find_finding(const char *name, size_t len)
{
	const char *known;
	unsigned int i;

	for (i = TCPTRACE_FINDING_NONE + 1; i < TCPTRACE_FINDINGS; i++) {
		known = tcpt_finding_name(i);
		if (strlen(known) == len && memcmp(known, name, len) == 0)
			return i;
	}
	return TCPTRACE_FINDING_NONE;
}

/* Parse the argument of --finding; print errors. Return: 0 or -EINVAL. */
int list_filter_findings(struct list_filter *filter, const char *list)
{
	unsigned int finding;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		finding = find_finding(list, len);
		if (finding == TCPTRACE_FINDING_NONE) {
			warnx("unknown finding: '%.*s'", (int)len, list);
			return -EINVAL;
		}
		filter->findings |= 1U << finding;
		if (list[len] == '\0')
			return 0;
	}
}

/* Parse the argument of --port; print errors. Return: 0 or -EINVAL. */
int list_filter_port(struct list_filter *filter, const char *text)
{
	u64 port;

	if (number_parse(text, 10, UINT16_MAX, &port) != 0) {
		warnx("invalid port: '%s'", text);
		return -EINVAL;
	}
	filter->has_port = true;
	filter->port = (u16)port;
	return 0;
}

/* Parse the argument of --addr; print errors. Return: 0 or -EINVAL. */
int list_filter_addr(struct list_filter *filter, const char *text)
{
	if (addr_parse_prefix(text, &filter->addr, &filter->bits) != 0) {
		warnx("invalid address: '%s'", text);
		return -EINVAL;
	}
	filter->has_addr = true;
	return 0;
}

/* Parse --age MIN[-MAX]; print errors. Return: 0 or -EINVAL. */
int list_filter_age(struct list_filter *filter, const char *text)
{
	size_t len = strcspn(text, "-");
	char min[32];

	if (len < sizeof(min)) {
		snprintf(min, sizeof(min), "%.*s", (int)len, text);
		if (socket_age(min, &filter->age_min) == 0 &&
		    (text[len] == '\0' ||
		     (socket_age(text + len + 1, &filter->age_max) == 0 &&
		      filter->age_max >= filter->age_min &&
		      filter->age_max != 0)))
			return 0;
	}
	warnx("invalid --age: '%s': use MIN or MIN-MAX, as in 10s-5m", text);
	return -EINVAL;
}

/* Parse an expression of ss(8); print errors. Return: 0 or -EINVAL. */
int list_filter_expression(struct list_filter *filter, char *const words[])
{
	char why[160];

	if (socket_filter_parse(&filter->expression, words, why,
				sizeof(why)) == 0)
		return 0;
	warnx("invalid expression: %s", why);
	return -EINVAL;
}

static bool match_findings(const struct list_filter *filter,
			   const struct proc_conn *row)
{
	u64 bits = 0;

	proc_conn_number(row, PROC_CONN_FINDINGS, &bits);
	return bits & filter->findings;
}

static bool match_state(const struct list_filter *filter, const char *name)
{
	unsigned int state = socket_state(name, strlen(name));

	return state < TCPTRACE_STATES && filter->states & 1U << state;
}

/* Check whether either end has the port, and either end has the address. */
static bool match_ends(const struct list_filter *filter,
		       const struct addr addr[2], const u16 port[2])
{
	if (filter->has_port &&
	    !(addr[0].family != 0 && port[0] == filter->port) &&
	    !(addr[1].family != 0 && port[1] == filter->port))
		return false;
	return !filter->has_addr ||
	       addr_in_prefix(&addr[0], &filter->addr, filter->bits) ||
	       addr_in_prefix(&addr[1], &filter->addr, filter->bits);
}

/* Check whether the process of either end has the wanted PID or name. */
static bool match_process(const char *wanted, const struct proc_conn *row)
{
	struct process process;
	unsigned int end;
	char pid[16];

	for (end = 0; end < 2; end++) {
		if (!proc_conn_process(row, end, &process))
			continue;
		snprintf(pid, sizeof(pid), "%u", process.pid);
		if (strcmp(wanted, pid) == 0 ||
		    strncmp(wanted, process.comm, sizeof(process.comm)) == 0)
			return true;
	}
	return false;
}

static bool match_age(const struct list_filter *filter,
		      const struct proc_conn *row)
{
	u64 age = socket_age_of(row);

	return age >= filter->age_min &&
	       (!filter->age_max || age <= filter->age_max);
}

/* Check whether the connection matches all filters. */
bool list_filter_takes(const struct list_filter *filter,
		       const struct proc_conn *row)
{
	if (filter->states &&
	    !match_state(filter, row->cells[PROC_CONN_ORIG_STATE]) &&
	    !match_state(filter, row->cells[PROC_CONN_RESP_STATE]))
		return false;
	if (filter->findings && !match_findings(filter, row))
		return false;
	if (filter->process && !match_process(filter->process, row))
		return false;
	if (filter->cgroup && !socket_in_cgroup(row, filter->cgroup))
		return false;
	if (!match_age(filter, row))
		return false;
	if (!socket_filter_takes(&filter->expression, row))
		return false;
	return match_ends(filter, row->addr, row->port) ||
	       match_ends(filter, row->nat, row->nat_port);
}
