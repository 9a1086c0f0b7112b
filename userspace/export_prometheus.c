// SPDX-License-Identifier: GPL-2.0
#include "export_prometheus.h"

#include "capture_list.h"
#include "core/name.h"
#include "device.h"
#include "metrics_state.h"
#include "names.h"
#include "proc_conn.h"
#include "proc_stats.h"
#include "replace_file.h"
#include "version.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define TABLE_PATH	"/proc/net/tcptrace"

enum {
	LABEL_LEN	= 16,
};

/**
 * struct page - a page of metrics under construction
 * @file: where the text goes
 * @p: the metrics to export
 * @stats: the module's counters
 */
struct page {
	FILE *file;
	struct prometheus *p;
	struct proc_stats stats;
};

/* Metrics for which struct metrics_netns has a counter per label value. */
static const struct by_value {
	const char *name;
	const char *help;
	const char *label;
	const char *(*value_name)(unsigned int value);
	size_t offset;
	unsigned int first;
	unsigned int n;
} by_value[] = {
	{ "tcptrace_closes_total", "Connections that left the table.", "reason",
	  tcpt_close_name, offsetof(struct metrics_netns, closes),
	  TCPTRACE_CLOSE_NONE + 1, TCPTRACE_CLOSE_REASONS },
	{ "tcptrace_fates_total",
	  "Where the SYNs of closed connections went.", "fate",
	  tcpt_fate_name, offsetof(struct metrics_netns, fates),
	  TCPTRACE_FATE_NONE, TCPTRACE_FATES },
	{ "tcptrace_suspected_total",
	  "Segments that somebody else may have sent.", "suspicion",
	  tcpt_suspicion_name, offsetof(struct metrics_netns, suspected),
	  TCPTRACE_SUSPECT_NONE + 1, TCPTRACE_SUSPICIONS },
	{ "tcptrace_icmp_errors_total",
	  "ICMP errors that quote a segment.", "kind",
	  tcpt_error_name, offsetof(struct metrics_netns, icmp),
	  TCPTRACE_ERROR_NONE + 1, TCPTRACE_ERRORS },
};

/* Counters of each end, summed over closed connections. */
static const struct {
	const char *name;
	const char *help;
	size_t offset;
} by_end[] = {
	{ "tcptrace_packets_total", "Packets of closed connections.",
	  offsetof(struct metrics_netns, packets) },
	{ "tcptrace_retransmitted_packets_total",
	  "Packets of closed connections that repeated payload.",
	  offsetof(struct metrics_netns, rexmit_packets) },
	{ "tcptrace_payload_bytes_total",
	  "Payload bytes of closed connections, retransmitted ones included.",
	  offsetof(struct metrics_netns, bytes) },
	{ "tcptrace_retransmitted_bytes_total",
	  "Retransmitted payload bytes of closed connections.",
	  offsetof(struct metrics_netns, rexmit_bytes) },
};

static const char *const ends[] = { "originator", "responder" };
static const char *const halves[] = { "syn_synack", "synack_ack" };

/* The names of the module's finding counters begin with this prefix. */
static const char finding_prefix[] = "finding_";

static void family(const struct page *page, const char *name, const char *type,
		   const char *help)
{
	fprintf(page->file, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
		type);
}

static void single(const struct page *page, const char *name, const char *type,
		   const char *help, u64 value)
{
	family(page, name, type, help);
	fprintf(page->file, "%s %llu\n", name, (unsigned long long)value);
}

static const char *netns_label(const struct page *page, unsigned int i,
			       char buf[LABEL_LEN])
{
	if (i == METRICS_NETNS - 1)
		return "other";
	snprintf(buf, LABEL_LEN, "%u", page->p->metrics.netns[i].netns);
	return buf;
}

/*
 * Prefer the module's count, because the module began to count before this
 * exporter. Return: the module's count if it is known and @i is the first
 * network namespace; otherwise @counted.
 */
static u64 kernel_count(const struct page *page, unsigned int i,
			const char *name, u64 counted)
{
	int place = proc_stats_find(&page->stats, name);

	return i == 0 && place >= 0 ? page->stats.counter[place].value :
				      counted;
}

static void put_opened(const struct page *page)
{
	const struct metrics *m = &page->p->metrics;
	char label[LABEL_LEN];
	unsigned int i;

	family(page, "tcptrace_opened_total", "counter",
	       "Connections that entered the table.");
	for (i = 0; i < m->n_netns; i++)
		fprintf(page->file, "tcptrace_opened_total{netns=\"%s\"} %llu\n",
			netns_label(page, i, label),
			(unsigned long long)kernel_count(page, i, "opened",
							 m->netns[i].opened));
	family(page, "tcptrace_established_total", "counter",
	       "Handshakes that were completed.");
	for (i = 0; i < m->n_netns; i++)
		fprintf(page->file,
			"tcptrace_established_total{netns=\"%s\"} %llu\n",
			netns_label(page, i, label),
			(unsigned long long)kernel_count(page, i, "established",
						m->netns[i].established));
}

static void labelled(const struct page *page, const char *name, unsigned int i,
		     const char *label, const char *value, u64 n)
{
	char netns[LABEL_LEN];

	fprintf(page->file, "%s{netns=\"%s\",%s=\"%s\"} %llu\n", name,
		netns_label(page, i, netns), label, value,
		(unsigned long long)n);
}

/* Values that this program does not know are counted as "unknown". */
static void put_values(const struct page *page, const struct by_value *v)
{
	const struct metrics *m = &page->p->metrics;
	unsigned int i, value;
	const u64 *counts;

	family(page, v->name, "counter", v->help);
	for (i = 0; i < m->n_netns; i++) {
		counts = (const void *)((const char *)&m->netns[i] + v->offset);
		for (value = v->first; value < v->n; value++)
			labelled(page, v->name, i, v->label,
				 v->value_name(value), counts[value]);
		if (counts[v->n])
			labelled(page, v->name, i, v->label, "unknown",
				 counts[v->n]);
	}
}

static void put_findings(const struct page *page)
{
	static const char name[] = "tcptrace_findings_total";
	const struct metrics *m = &page->p->metrics;
	unsigned int i, finding;
	char counter[64];
	u64 n;

	family(page, name, "counter", "Findings about connections.");
	for (i = 0; i < m->n_netns; i++) {
		for (finding = TCPTRACE_FINDING_NONE + 1;
		     finding < TCPTRACE_FINDINGS; finding++) {
			snprintf(counter, sizeof(counter), "%s%s",
				 finding_prefix, tcpt_finding_name(finding));
			n = kernel_count(page, i, counter,
					 m->netns[i].findings[finding]);
			labelled(page, name, i, "finding",
				 tcpt_finding_name(finding), n);
		}
		n = m->netns[i].findings[TCPTRACE_FINDINGS];
		if (n)
			labelled(page, name, i, "finding", "unknown", n);
	}
}

static void put_limits(const struct page *page)
{
	static const char name[] = "tcptrace_limit_hits_total";
	const struct metrics *m = &page->p->metrics;
	unsigned int i, limit;

	family(page, name, "counter", "How often a limit was reached.");
	for (i = 0; i < m->n_netns; i++)
		for (limit = 0; limit < TCPTRACE_LIMITS; limit++)
			labelled(page, name, i, "limit", tcpt_limit_name(limit),
				 m->netns[i].limits[limit]);
}

static void put_drops(const struct page *page)
{
	static const char name[] = "tcptrace_syn_drops_total";
	const struct metrics *m = &page->p->metrics;
	const struct metrics_netns *ns;
	unsigned int i, j;

	family(page, name, "counter",
	       "Connections whose SYN this host dropped, by the kernel's reason.");
	for (i = 0; i < m->n_netns; i++) {
		ns = &m->netns[i];
		for (j = 0; j < ns->n_drops; j++)
			labelled(page, name, i, "drop_reason",
				 ns->drops[j].reason, ns->drops[j].count);
	}
}

static void put_ends(const struct page *page)
{
	const struct metrics *m = &page->p->metrics;
	unsigned int i, family_no, end;
	const u64 *sums;

	for (family_no = 0; family_no < ARRAY_SIZE(by_end); family_no++) {
		family(page, by_end[family_no].name, "counter",
		       by_end[family_no].help);
		for (i = 0; i < m->n_netns; i++) {
			sums = (const void *)((const char *)&m->netns[i] +
					      by_end[family_no].offset);
			for (end = 0; end < 2; end++)
				labelled(page, by_end[family_no].name, i, "end",
					 ends[end], sums[end]);
		}
	}
}

/**
 * put_histogram - write the samples of one histogram
 * @page: the page to write to
 * @name: family of the histogram
 * @i: index of the network namespace
 * @label: name of the second label
 * @value: value of the second label
 * @h: the histogram
 * @sum: the sum is known; false for round trip times, because the module does
 *	not sum them
 */
static void put_histogram(const struct page *page, const char *name,
			  unsigned int i, const char *label, const char *value,
			  const struct metrics_histogram *h, bool sum)
{
	char buf[LABEL_LEN];
	const char *netns = netns_label(page, i, buf);
	double limit = 16.0 / 1000000;
	unsigned int bucket;
	u64 n = 0;

	for (bucket = 0; bucket < TCPTRACE_RTT_BUCKETS - 1; bucket++) {
		n += h->count[bucket];
		fprintf(page->file,
			"%s_bucket{netns=\"%s\",%s=\"%s\",le=\"%.9g\"} %llu\n",
			name, netns, label, value, limit,
			(unsigned long long)n);
		limit *= 2;
	}
	n += h->count[bucket];
	fprintf(page->file,
		"%s_bucket{netns=\"%s\",%s=\"%s\",le=\"+Inf\"} %llu\n", name,
		netns, label, value, (unsigned long long)n);
	if (sum)
		fprintf(page->file, "%s_sum{netns=\"%s\",%s=\"%s\"} %.9f\n",
			name, netns, label, value, (double)h->sum_ns / 1e9);
	fprintf(page->file, "%s_count{netns=\"%s\",%s=\"%s\"} %llu\n", name,
		netns, label, value, (unsigned long long)n);
}

static void put_histograms(const struct page *page)
{
	const struct metrics *m = &page->p->metrics;
	unsigned int i, j;

	family(page, "tcptrace_handshake_seconds", "histogram",
	       "Halves of the handshake, as seen here.");
	for (i = 0; i < m->n_netns; i++)
		for (j = 0; j < 2; j++)
			put_histogram(page, "tcptrace_handshake_seconds", i,
				      "half", halves[j],
				      &m->netns[i].handshake[j], true);
	family(page, "tcptrace_rtt_seconds", "histogram",
	       "Round trip times of closed connections, by the sender of the segment.");
	for (i = 0; i < m->n_netns; i++)
		for (j = 0; j < 2; j++)
			put_histogram(page, "tcptrace_rtt_seconds", i, "end",
				      ends[j], &m->netns[i].rtt[j], false);
	family(page, "tcptrace_response_seconds", "histogram",
	       "Response times of closed connections, by the end that responds.");
	for (i = 0; i < m->n_netns; i++)
		for (j = 0; j < 2; j++)
			put_histogram(page, "tcptrace_response_seconds", i,
				      "end", ends[j], &m->netns[i].response[j],
				      true);
}

static void put_ports(const struct page *page)
{
	const struct metrics *m = &page->p->metrics;
	u16 ports[PROMETHEUS_TOP_MAX];
	unsigned int i, n;

	n = metrics_top_ports(m, ports, page->p->top);
	if (n == 0)
		return;
	family(page, "tcptrace_listener_closes_total", "counter",
	       "Closed connections to the ports that have the most.");
	for (i = 0; i < n; i++)
		fprintf(page->file,
			"tcptrace_listener_closes_total{port=\"%u\"} %llu\n",
			ports[i],
			(unsigned long long)m->ports[ports[i]].closed);
	family(page, "tcptrace_listener_failures_total", "counter",
	       "Connections that were refused, unreachable or not answered.");
	for (i = 0; i < n; i++)
		fprintf(page->file,
			"tcptrace_listener_failures_total{port=\"%u\"} %llu\n",
			ports[i],
			(unsigned long long)m->ports[ports[i]].failed);
}

static void put_reader(const struct page *page)
{
	const struct metrics *m = &page->p->metrics;
	struct tcptrace_info info = { 0 };
	u64 lost;

	if (page->p->fd >= 0 && device_info(page->p->fd, &info) != 0)
		memset(&info, 0, sizeof(info));
	/* records lost by this run and by the runs before it */
	lost = page->p->lost_before + info.lost;
	single(page, "tcptrace_reader_records_total", "counter",
	       "Records that this exporter counted.", m->records);
	single(page, "tcptrace_reader_lost_records_total", "counter",
	       "Records that found no room in the ring of this exporter.",
	       lost > m->lost ? lost : m->lost);
	if (info.ring_size == 0)
		return;
	single(page, "tcptrace_reader_ring_bytes", "gauge",
	       "Size of the ring of this exporter.", info.ring_size);
	single(page, "tcptrace_reader_ring_used_max_bytes", "gauge",
	       "The most bytes of the ring that were ever in use.",
	       info.ring_high);
}

/* Return: true if a family other than tcptrace_module_* exports the counter. */
static bool is_elsewhere(const char *name)
{
	return strcmp(name, "entries") == 0 || strcmp(name, "opened") == 0 ||
	       strcmp(name, "established") == 0 ||
	       strncmp(name, finding_prefix, strlen(finding_prefix)) == 0;
}

static void put_module(const struct page *page)
{
	char name[96], label[LABEL_LEN];
	unsigned int i;
	u64 limit;

	if (proc_stats_find(&page->stats, "entries") >= 0)
		single(page, "tcptrace_connections", "gauge",
		       "Connections in the table, of all network namespaces.",
		       proc_stats_get(&page->stats, "entries"));
	if (proc_parameter("max_connections", &limit) == 0)
		single(page, "tcptrace_connections_limit", "gauge",
		       "Most connections that the table holds.", limit);
	netns_label(page, 0, label);
	for (i = 0; i < page->stats.n; i++) {
		if (is_elsewhere(page->stats.counter[i].name))
			continue;
		snprintf(name, sizeof(name), "tcptrace_module_%s_total",
			 page->stats.counter[i].name);
		family(page, name, "counter",
		       proc_stats_help(page->stats.counter[i].name));
		fprintf(page->file, "%s{netns=\"%s\"} %llu\n", name, label,
			(unsigned long long)page->stats.counter[i].value);
	}
}

static void count_state(u64 states[TCPTRACE_STATES], const char *name)
{
	unsigned int i;

	for (i = 0; i < TCPTRACE_STATES; i++)
		if (strcmp(tcpt_state_name(i), name) == 0)
			states[i]++;
}

static int count_states(struct proc_table *table, u64 states[2][TCPTRACE_STATES])
{
	struct proc_conn_index index;
	struct proc_conn row;
	const char *bad;
	int ret;

	ret = proc_conn_index(&index, table, &bad);
	while (ret == 0 && (ret = proc_table_next(table)) > 0) {
		ret = proc_conn_parse(&row, &index, table, &bad);
		if (ret)
			break;
		count_state(states[0], row.cells[PROC_CONN_ORIG_STATE]);
		count_state(states[1], row.cells[PROC_CONN_RESP_STATE]);
	}
	return ret;
}

static int open_table(const struct prometheus *p, struct proc_table *table)
{
	FILE *file;

	if (!p->capture)
		return proc_table_open(table, TABLE_PATH);
	file = capture_list_open(&p->capture->tracker.conns,
				 p->capture->tracker.last);
	return file ? proc_table_take(table, file) : -errno;
}

static void put_states(const struct page *page)
{
	static const char name[] = "tcptrace_connection_ends";
	u64 states[2][TCPTRACE_STATES] = { 0 };
	struct proc_table table;
	unsigned int end, i;
	int err;

	if (open_table(page->p, &table) != 0)
		return;
	err = count_states(&table, states);
	proc_table_close(&table);
	if (err)
		return;
	family(page, name, "gauge",
	       "Ends of the connections in the table by RFC 9293 state.");
	for (end = 0; end < 2; end++)
		for (i = 0; i < TCPTRACE_STATES; i++)
			fprintf(page->file,
				"%s{netns=\"%u\",end=\"%s\",state=\"%s\"} %llu\n",
				name, page->p->metrics.netns[0].netns,
				ends[end], tcpt_state_name(i),
				(unsigned long long)states[end][i]);
}

static void read_stats(struct page *page)
{
	struct prometheus *p = page->p;
	const char *const *paths = proc_stats_paths;
	unsigned int i, n = PROC_STATS_FILES;
	char why[512];

	if (p->stats_path) {
		paths = &p->stats_path;
		n = 1;
	} else if (p->fd < 0) {
		return;
	}
	for (i = 0; i < n; i++) {
		if (proc_stats_add(&page->stats, paths[i], why,
				   sizeof(why)) == 0 || p->warned)
			continue;
		p->warned = true;
		warnx("%s", why);
	}
}

static void put_page(struct page *page)
{
	unsigned int i;

	family(page, "tcptrace_build_info", "gauge", "Version of the exporter.");
	fprintf(page->file, "tcptrace_build_info{version=\"%s\"} 1\n",
		TCPTRACE_VERSION);
	put_opened(page);
	for (i = 0; i < ARRAY_SIZE(by_value); i++)
		put_values(page, &by_value[i]);
	put_drops(page);
	put_findings(page);
	put_limits(page);
	put_ends(page);
	put_histograms(page);
	put_ports(page);
	put_reader(page);
	put_module(page);
	put_states(page);
}

void prometheus_init(struct prometheus *p)
{
	memset(p, 0, sizeof(*p));
	pthread_mutex_init(&p->lock, NULL);
	metrics_init(&p->metrics, 0);
	p->fd = -1;
}

void prometheus_take(struct prometheus *p, const union record *rec)
{
	pthread_mutex_lock(&p->lock);
	metrics_take(&p->metrics, rec);
	pthread_mutex_unlock(&p->lock);
}

/**
 * prometheus_text - write the current metrics
 * @p: the metrics to export
 * @text: set to the text, which the caller must free()
 * @len: set to its length
 *
 * Return: 0 or a negative error number.
 */
int prometheus_text(struct prometheus *p, char **text, size_t *len)
{
	struct page *page = calloc(1, sizeof(*page));
	int err = 0;

	if (!page)
		return -ENOMEM;
	page->p = p;
	page->file = open_memstream(text, len);
	if (!page->file) {
		err = -errno;
		goto out;
	}
	pthread_mutex_lock(&p->lock);
	read_stats(page);
	put_page(page);
	pthread_mutex_unlock(&p->lock);
	if (fclose(page->file) != 0) {
		err = -errno;
		free(*text);
	}
out:
	free(page);
	return err;
}

/**
 * prometheus_textfile - write the metrics to a file
 * @p: the metrics to export
 * @path: the file; replaced atomically, so that no reader sees a partial file
 *
 * Return: 0 or a negative error number.
 */
int prometheus_textfile(struct prometheus *p, const char *path)
{
	char *text;
	size_t len;
	int err;

	err = prometheus_text(p, &text, &len);
	if (err)
		return err;
	err = replace_file(path, text, len, 0644);
	free(text);
	return err;
}

/**
 * prometheus_save - write the sums to a file for the next run
 * @p: the metrics to export
 * @path: the file
 *
 * Return: 0 or a negative error number.
 */
int prometheus_save(struct prometheus *p, const char *path)
{
	int err;

	pthread_mutex_lock(&p->lock);
	err = metrics_state_write(&p->metrics, p->epoch, path);
	pthread_mutex_unlock(&p->lock);
	return err;
}

/**
 * prometheus_resume - continue with the sums of the previous run
 * @p: the metrics to export
 * @path: the file that prometheus_save() wrote
 * @epoch: when the module was loaded; 0: not known
 *
 * If the file cannot be used, the sums begin at 0.
 *
 * Context: before any thread starts.
 */
void prometheus_resume(struct prometheus *p, const char *path, u64 epoch)
{
	int err = metrics_state_read(&p->metrics, epoch, path);

	p->epoch = epoch;
	p->lost_before = p->metrics.lost;
	if (err == -ESTALE)
		warnx("%s: from another load of the module: counts begin at 0",
		      path);
	else if (err == -EINVAL)
		warnx("%s: not a state of this version: counts begin at 0",
		      path);
	else if (err && err != -ENOENT)
		warnx("%s: %s: counts begin at 0", path, strerror(-err));
}
