-- SPDX-License-Identifier: GPL-2.0
-- Closing records and findings of many hosts, for ClickHouse 18.16 and later.
-- Run this file on each server with --multiquery
-- --allow_experimental_low_cardinality_type=1 (the default since version 19).
--
-- For several replicas of each shard, see replicated.sed.

CREATE DATABASE IF NOT EXISTS tcptrace;

-- Columns are named after the members of the JSON that watch prints. The column
-- for a member of an object has the name of the object, a dot, and the name of
-- the member. ClickHouse does not read objects inside objects.
--
-- The sorting key identifies a record: the copies of a record that was sent
-- twice become one when parts are merged, and in a query with FINAL.
CREATE TABLE IF NOT EXISTS tcptrace.record (
	event LowCardinality(String),
	host LowCardinality(String),
	epoch UInt64,
	netns UInt64,
	conn UInt64,
	time UInt64,
	wall DateTime('UTC'),
	orig String,
	orig_port UInt16,
	resp String,
	resp_port UInt16,
	community_id String,
	reason LowCardinality(String),
	by Nullable(String),
	conn_state LowCardinality(String),
	history String,
	fate LowCardinality(String),
	drops UInt32,
	drop_hook LowCardinality(String),
	drop_reason LowCardinality(String),
	`error.kind` LowCardinality(String),
	`error.from` String,
	limited_by LowCardinality(String),
	duration_ns UInt64,
	established_ns UInt64,
	syn_synack_ns UInt64,
	initial_rtt_ns UInt64,
	`nat.resp` String,
	`nat.resp_port` UInt16,
	`orig_owner.comm` LowCardinality(String),
	`orig_owner.container` LowCardinality(String),
	`resp_owner.comm` LowCardinality(String),
	`resp_owner.container` LowCardinality(String),
	`orig_path.in` LowCardinality(String),
	`orig_path.out` LowCardinality(String),
	`resp_path.in` LowCardinality(String),
	`resp_path.out` LowCardinality(String),
	`a2b.packets` UInt64,
	`a2b.bytes` UInt64,
	`a2b.data_packets` UInt32,
	`a2b.rexmit_packets` UInt32,
	`a2b.rexmit_bytes` UInt64,
	`a2b.zero_windows` UInt32,
	`a2b.srtt_ns` UInt64,
	`b2a.packets` UInt64,
	`b2a.bytes` UInt64,
	`b2a.data_packets` UInt32,
	`b2a.rexmit_packets` UInt32,
	`b2a.rexmit_bytes` UInt64,
	`b2a.zero_windows` UInt32,
	`b2a.srtt_ns` UInt64,
	finding LowCardinality(String),
	end Nullable(String),
	count UInt32,
	value UInt32,
	text String
) ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMMDD(wall)
ORDER BY (event, resp_port, resp, wall, host, epoch, netns, conn, time, finding, text);

-- The shard depends on the connection, so that a record goes to the same shard
-- when it is sent again.
CREATE TABLE IF NOT EXISTS tcptrace.records AS tcptrace.record
ENGINE = Distributed(tcptrace, tcptrace, record,
		     cityHash64(host, epoch, netns, conn));

-- Connections that closed in a minute. A uniqExact state counts a record
-- once, no matter how often it is sent.
CREATE MATERIALIZED VIEW IF NOT EXISTS tcptrace.minute
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMMDD(minute)
ORDER BY (resp_port, resp, reason, minute) AS
SELECT resp_port, resp, reason, toStartOfMinute(wall) AS minute,
	uniqExactState(cityHash64(host, epoch, netns, conn)) AS closed,
	maxState(initial_rtt_ns) AS rtt_max
FROM tcptrace.record
WHERE event = 'close'
GROUP BY resp_port, resp, reason, minute;

CREATE TABLE IF NOT EXISTS tcptrace.minutes AS tcptrace.minute
ENGINE = Distributed(tcptrace, tcptrace, minute, rand());

-- tcptrace-insert adds lines that are not records to this table. Equal lines of
-- a host are merged, so a line counts once, no matter how often it is sent.
CREATE TABLE IF NOT EXISTS tcptrace.refusal (
	refused DateTime DEFAULT now(),
	host LowCardinality(String),
	line String,
	reason String
) ENGINE = ReplacingMergeTree
ORDER BY (host, line);

CREATE TABLE IF NOT EXISTS tcptrace.refusals AS tcptrace.refusal
ENGINE = Distributed(tcptrace, tcptrace, refusal, cityHash64(host, line));
