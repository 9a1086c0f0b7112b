// SPDX-License-Identifier: GPL-2.0
#include "proc_stats.h"

#include "core/env.h"
#include "number.h"

#include <errno.h>
#include <stdint.h>

const char *const proc_stats_paths[PROC_STATS_FILES] = {
	PROC_STATS_PATH "_odd", PROC_STATS_PATH "_fate",
	PROC_STATS_PATH "_finding", PROC_STATS_PATH,
};

/*
 * Check whether a counter has the same value in the lines of all CPUs. Only
 * "entries" does: all CPUs share one table of connections.
 */
static bool is_shared(const char *name)
{
	return strcmp(name, "entries") == 0;
}

static int add_line(struct proc_stats *stats, const struct proc_table *table,
		    const int places[TABLE_COLUMNS])
{
	unsigned int i;
	u64 n;

	for (i = 0; i < table->columns; i++) {
		if (number_parse(table->cells[i], 16, UINT64_MAX, &n) != 0)
			return -EBADMSG;
		if (is_shared(table->names[i]))
			stats->counter[places[i]].value = n;
		else
			stats->counter[places[i]].value += n;
	}
	return 0;
}

/* Append new counters. Return: 0, or -E2BIG if there are too many counters. */
static int add_names(struct proc_stats *stats, const struct proc_table *table,
		     int places[TABLE_COLUMNS])
{
	unsigned int i;

	for (i = 0; i < table->columns; i++) {
		places[i] = is_shared(table->names[i]) ?
			    proc_stats_find(stats, table->names[i]) : -1;
		if (places[i] >= 0)
			continue;
		if (stats->n == PROC_STATS_MAX)
			return -E2BIG;
		snprintf(stats->counter[stats->n].name, sizeof(stats->counter->name),
			 "%s", table->names[i]);
		stats->counter[stats->n].value = 0;
		places[i] = (int)stats->n++;
	}
	return 0;
}

/**
 * proc_stats_add - read the counters of a file
 * @stats: the counters; the counters of the file are appended
 * @path: the file
 * @why: set to a one-line reason for a failure
 * @size: size of @why
 *
 * Return: 0 or a negative error number.
 */
int proc_stats_add(struct proc_stats *stats, const char *path, char *why,
		   size_t size)
{
	int places[TABLE_COLUMNS];
	struct proc_table table;
	int ret;

	ret = proc_table_open(&table, path);
	if (ret) {
		proc_table_explain(path, ret, why, size);
		return ret;
	}
	ret = add_names(stats, &table, places);
	while (!ret && (ret = proc_table_next(&table)) > 0)
		ret = add_line(stats, &table, places);
	if (ret)
		snprintf(why, size, "%s: line %lu: %s", path, table.number,
			 strerror(-ret));
	proc_table_close(&table);
	return ret;
}

/* Return: the index of a counter; -ENOENT if no counter has this name. */
int proc_stats_find(const struct proc_stats *stats, const char *name)
{
	unsigned int i;

	for (i = 0; i < stats->n; i++)
		if (strcmp(stats->counter[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

/* Return: the value of a counter; 0 if no counter has this name. */
u64 proc_stats_get(const struct proc_stats *stats, const char *name)
{
	int place = proc_stats_find(stats, name);

	return place < 0 ? 0 : stats->counter[place].value;
}

/* The meaning of each counter, short enough to fit on a line. */
static const struct {
	const char *name;
	const char *text;
} counters[] = {
	{ "entries", "connections in the table now" },
	{ "tracked", "packets that belonged to a connection" },
	{ "late", "packets of a connection that was already closed" },
	{ "copy", "copies of packets already seen at another place" },
	{ "filtered", "packets that the filter left out" },
	{ "not_ip", "packets of a protocol other than IP" },
	{ "link_truncated",
	  "packets cut off in the header of their link layer" },
	{ "encrypted", "frames with link-layer encryption" },
	{ "link_fragment", "fragments of link-layer frames, not reassembled" },
	{ "link_type", "packets of a link type that is not supported" },
	{ "loopback",
	  "packets skipped on their way in: counted on their way out" },
	{ "l3mdev", "packets skipped at the device of a VRF" },
	{ "not_tcp", "packets of another protocol" },
	{ "fragment", "fragments of TCP packets, which are not tracked" },
	{ "truncated", "packets too short for their headers" },
	{ "ip_version", "packets whose IP version is neither 4 nor 6" },
	{ "ip_hdrlen", "packets with an impossible IPv4 header length" },
	{ "ip_length", "packets longer or shorter than their IP header says" },
	{ "ext_length",
	  "packets that end inside an IPv6 extension header" },
	{ "ext_limit", "packets with too many IPv6 extension headers" },
	{ "tcp_length", "packets with fewer than 20 bytes of TCP" },
	{ "tcp_doff", "packets with an impossible TCP data offset" },
	{ "bad_flags",
	  "packets of no connection with flags that no TCP sends" },
	{ "stray_self",
	  "packets from an endpoint to itself, not sent by this host" },
	{ "table_full",
	  "packets that opened no connection: the table was full" },
	{ "chain_full",
	  "packets that opened no connection: the bucket was full" },
	{ "no_memory", "packets not tracked: no memory for their connection" },
	{ "reassembled", "fragments of packets that a later one completed" },
	{ "tunnel_limit", "packets in too many tunnels" },
	{ "tunneled", "packets that came through a tunnel" },
	{ "packets", "packets in the capture" },
	{ "open", "connections that were open when the capture ended" },
	{ "forgotten",
	  "pairs of ends dropped to make room for others" },
	{ "suspected", "segments that somebody else may have sent" },
	{ "tcp_cut",
	  "packets cut off in their TCP header, but not before the window" },
	{ "amsdu",
	  "IEEE 802.11 frames of which only the first packet was read" },
	{ "opened", "connections that entered the table" },
	{ "midstream",
	  "connections picked up midstream: their SYN was not seen" },
	{ "established", "handshakes that were completed" },
	{ "closed", "connections that ended, for any reason" },
	{ "expired", "connections removed after their state's timeout" },
	{ "evicted", "connections removed to make room for others" },
	{ "reused", "connections replaced by a new SYN of the same ends" },
	{ "insert_race",
	  "connections that two CPUs opened at once; one entry stayed" },
	{ "overrun", "segments in sequence, beyond the window of their receiver" },
	{ "old_timestamp",
	  "segments with a timestamp older than one accepted before (PAWS)" },
	{ "odd_flags", "packets of a connection with flags that no TCP sends" },
	{ "rst_challenge",
	  "RSTs in window, not exact: a challenge ACK is due (RFC 5961)" },
	{ "rst_outside",
	  "RSTs outside the window, or for a SYN never sent: ignored" },
	{ "syn_challenge",
	  "SYNs in an open connection: a challenge ACK is due (RFC 5961)" },
	{ "outside_window",
	  "segments outside the window: they change no state" },
	{ "unseen_ack", "ACKs of data not seen here, or older than a window" },
	{ "finding_old_connection",
	  "ends that answered a SYN with an ACK of an old connection" },
	{ "finding_syn_repeated",
	  "ends that repeated their SYN after the SYN,ACK" },
	{ "finding_synack_repeated",
	  "ends that repeated their SYN,ACK after the ACK" },
	{ "finding_synack_unanswered",
	  "ends that sent three SYN,ACKs without an answer" },
	{ "finding_two_synacks", "ends that answered one SYN with two ISNs" },
	{ "finding_tfo_not_taken", "ends that did not take the data of a SYN" },
	{ "finding_old_timestamp",
	  "ends that sent a timestamp older than their last one" },
	{ "finding_wscale_lost",
	  "ends that scale their window though the other end does not" },
	{ "finding_window_shrunk", "ends that took back some of their window" },
	{ "finding_window_overrun",
	  "ends that sent beyond the window of the other end" },
	{ "finding_zero_window",
	  "ends whose window was 0 for a second or more" },
	{ "finding_probes_unanswered",
	  "ends that did not answer three window probes" },
	{ "finding_keep_alives_unanswered",
	  "ends that did not answer three keep-alives" },
	{ "finding_data_unanswered",
	  "ends that were silent when data was sent again and again" },
	{ "finding_fin_unanswered",
	  "ends that did not acknowledge a FIN sent three times" },
	{ "finding_path_mtu",
	  "ends whose large segments were never acknowledged" },
	{ "finding_sack_outside",
	  "ends that sent SACK blocks for data that was never sent" },
	{ "finding_ack_loop", "connections with ACKs that answer each other" },
	{ "finding_one_way", "connections of which one direction was seen" },
	{ "finding_seen_twice",
	  "connections of which packets were seen at two places" },
	{ "finding_stray_rst",
	  "connections whose RST came from another address" },
	{ "finding_syn_timestamp",
	  "unanswered SYNs with an older timestamp than a connection" },
	{ "finding_too_big",
	  "ends whose segments a router reports as too big for a link" },
	{ "finding_route_moved",
	  "ends whose segments changed to another interface" },
	{ "finding_asymmetric",
	  "connections whose directions pass by different interfaces" },
	{ "finding_listener_full",
	  "handshakes that a listener of this host dropped: full queue" },
	{ "icmp_error", "ICMP errors that quote a segment of a connection" },
	{ "icmp_stray", "ICMP errors that quote a segment of no connection" },
	{ "icmp_redirect", "ICMP redirects, which are only counted" },
	{ "drops", "TCP packets dropped here while a reader asked for fates" },
	{ "drops_lost", "dropped TCP packets without a record" },
	{ "opt_unknown", "packets with TCP options of an unknown kind" },
	{ "opt_malformed", "packets with TCP options of an impossible length" },
	{ "headers_copied",
	  "packets whose headers were not contiguous in memory" },
	{ "events", "records made for readers of /dev/tcptrace" },
	{ "lost", "records that found no room in a reader's ring" },
	{ "readers_full", "readers refused because of max_readers" },
};

/* Return: the meaning of a counter; empty if the counter is unknown. */
const char *proc_stats_help(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (strcmp(counters[i].name, name) == 0)
			return counters[i].text;
	return "";
}
