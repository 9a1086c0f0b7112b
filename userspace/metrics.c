// SPDX-License-Identifier: GPL-2.0
#include "metrics.h"

#include <ctype.h>
#include <stdio.h>

enum {
	FIRST_BUCKET_NS	= 16 * 1000,
};

/*
 * The drop reasons of a listener whose queue is full. Their series exist from
 * the start, so that the first drop appears as an increase.
 */
static const char *const listener_reasons[] = {
	"TCP_LISTEN_OVERFLOW", "SYN_QUEUE_FULL",
};

static void set_reason(struct metrics_drop *drop, const char *reason)
{
	snprintf(drop->reason, sizeof(drop->reason), "%s", reason);
}

static void init_netns(struct metrics_netns *ns, u32 netns)
{
	unsigned int i;

	memset(ns, 0, sizeof(*ns));
	ns->netns = netns;
	for (i = 0; i < ARRAY_SIZE(listener_reasons); i++)
		set_reason(&ns->drops[i], listener_reasons[i]);
	ns->n_drops = ARRAY_SIZE(listener_reasons);
}

/**
 * metrics_init - set all sums to zero
 * @m: the sums
 * @netns: inode number of the namespace whose metrics exist from the start
 */
void metrics_init(struct metrics *m, u32 netns)
{
	memset(m, 0, sizeof(*m));
	init_netns(&m->netns[0], netns);
	m->n_netns = 1;
}

static struct metrics_netns *find_netns(struct metrics *m, u32 netns)
{
	unsigned int i;

	for (i = 0; i < m->n_netns; i++)
		if (m->netns[i].netns == netns)
			return &m->netns[i];
	if (m->n_netns == METRICS_NETNS)
		return &m->netns[METRICS_NETNS - 1];
	init_netns(&m->netns[m->n_netns],
		   m->n_netns == METRICS_NETNS - 1 ? 0 : netns);
	return &m->netns[m->n_netns++];
}

static void count(u64 *counts, unsigned int n, unsigned int value)
{
	counts[value < n ? value : n]++;
}

static void add_time(struct metrics_histogram *h, u64 ns)
{
	u64 limit = FIRST_BUCKET_NS;
	unsigned int i = 0;

	while (i < TCPTRACE_RTT_BUCKETS - 1 && ns >= limit) {
		limit *= 2;
		i++;
	}
	h->count[i]++;
	h->sum_ns += ns;
}

/* Count a handshake; a time of 0 was not measured. */
static void take_established(struct metrics_netns *ns,
			     const struct tcptrace_established *e)
{
	ns->established++;
	if (e->syn_synack_ns)
		add_time(&ns->handshake[0], e->syn_synack_ns);
	if (e->synack_ack_ns)
		add_time(&ns->handshake[1], e->synack_ack_ns);
}

/* Copy a drop reason; replace all but letters and digits by '_'. */
static void copy_reason(char *to, const char *from)
{
	unsigned int i;

	for (i = 0; i < TCPTRACE_DROP_REASON_MAX && from[i]; i++)
		to[i] = isalnum((unsigned char)from[i]) ? from[i] : '_';
	to[i] = '\0';
}

static void take_drop(struct metrics_netns *ns,
		      const struct tcptrace_opening *opening)
{
	char reason[TCPTRACE_DROP_REASON_MAX + 1];
	unsigned int i;

	copy_reason(reason, opening->reason);
	for (i = 0; i < ns->n_drops; i++)
		if (strcmp(ns->drops[i].reason, reason) == 0)
			break;
	if (i == METRICS_DROP_REASONS)
		i--;
	if (i == ns->n_drops) {
		ns->n_drops++;
		set_reason(&ns->drops[i],
			   i == METRICS_DROP_REASONS - 1 ? "other" : reason);
	}
	ns->drops[i].count++;
}

static void take_dir(struct metrics_netns *ns, unsigned int end,
		     const struct tcptrace_dir *dir)
{
	unsigned int i;

	ns->packets[end] += dir->packets;
	ns->rexmit_packets[end] += dir->rexmit_packets;
	ns->bytes[end] += dir->bytes;
	ns->rexmit_bytes[end] += dir->rexmit_bytes;
	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		ns->rtt[end].count[i] += dir->rtt_hist[i];
}

static void take_time(struct metrics_histogram *h,
		      const struct tcptrace_time *time)
{
	unsigned int i;

	for (i = 0; i < TCPTRACE_RTT_BUCKETS; i++)
		h->count[i] += time->response_hist[i];
	h->sum_ns += time->response_sum_ns;
}

static bool is_failure(const struct tcptrace_close *c)
{
	return c->reason == TCPTRACE_CLOSE_REFUSED ||
	       c->reason == TCPTRACE_CLOSE_UNANSWERED ||
	       c->reason == TCPTRACE_CLOSE_UNREACHABLE;
}

static void take_close(struct metrics *m, struct metrics_netns *ns,
		       const struct tcptrace_close *c)
{
	struct metrics_port *port = &m->ports[c->flow.resp_port];

	count(ns->closes, TCPTRACE_CLOSE_REASONS, c->reason);
	count(ns->fates, TCPTRACE_FATES, c->opening.fate);
	if (c->opening.fate == TCPTRACE_FATE_DROPPED)
		take_drop(ns, &c->opening);
	take_dir(ns, 0, &c->dir[0]);
	take_dir(ns, 1, &c->dir[1]);
	take_time(&ns->response[0], &c->time[0]);
	take_time(&ns->response[1], &c->time[1]);
	port->closed++;
	port->failed += is_failure(c);
}

static void take_limit(struct metrics *m, const struct tcptrace_limit *limit)
{
	struct metrics_netns *ns = find_netns(m, limit->netns);
	unsigned int i;

	for (i = 0; i < TCPTRACE_LIMITS; i++)
		ns->limits[i] += limit->hits[i];
}

static void take_event(struct metrics *m, const union record *rec)
{
	struct metrics_netns *ns = find_netns(m, rec->c.flow.netns);

	switch (rec->h.type) {
	case TCPTRACE_OPEN:
		ns->opened++;
		break;
	case TCPTRACE_ESTABLISHED:
		take_established(ns, &rec->established);
		break;
	case TCPTRACE_CLOSE:
		take_close(m, ns, &rec->close);
		break;
	case TCPTRACE_SUSPECTED:
		count(ns->suspected, TCPTRACE_SUSPICIONS,
		      rec->suspected.suspicion);
		break;
	case TCPTRACE_FINDING:
		count(ns->findings, TCPTRACE_FINDINGS,
		      rec->finding.found.finding);
		break;
	case TCPTRACE_ICMP:
		count(ns->icmp, TCPTRACE_ERRORS, rec->icmp.error.kind);
		break;
	}
}

/* Add a record to the sums. */
void metrics_take(struct metrics *m, const union record *rec)
{
	if (rec->h.type == TCPTRACE_LOST) {
		m->lost += rec->lost.count;
		return;
	}
	m->records++;
	if (rec->h.type == TCPTRACE_LIMIT)
		take_limit(m, &rec->limit);
	else
		take_event(m, rec);
}

/**
 * metrics_top_ports - find the ports with the most closed connections
 * @m: the sums
 * @ports: set to the ports, sorted by descending number of closed connections;
 *	ports with equal counts are sorted by port
 * @n: room in @ports
 *
 * Return: the number of ports, at most @n.
 */
unsigned int metrics_top_ports(const struct metrics *m, u16 *ports,
			       unsigned int n)
{
	unsigned int port, i, found = 0;

	for (port = 0; port < METRICS_PORTS; port++) {
		if (m->ports[port].closed == 0)
			continue;
		for (i = found; i > 0 && m->ports[port].closed >
		     m->ports[ports[i - 1]].closed; i--)
			if (i < n)
				ports[i] = ports[i - 1];
		if (i < n)
			ports[i] = (u16)port;
		if (found < n)
			found++;
	}
	return found;
}
