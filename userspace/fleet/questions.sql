-- SPDX-License-Identifier: GPL-2.0
-- Ten questions, one query each. records FINAL leaves out the copies of a record
-- that was sent twice.

-- 1. Which services have failing opens, and why?
SELECT resp, resp_port, reason, fate, drop_reason, count() AS n
FROM tcptrace.records FINAL
WHERE event = 'close' AND established_ns = 0
	AND reason IN ('refused', 'unanswered', 'unreachable', 'reset')
GROUP BY resp, resp_port, reason, fate, drop_reason
ORDER BY n DESC, resp, resp_port, reason, fate, drop_reason LIMIT 20;

-- 2. Which connections were seen at both ends? The Community ID joins them.
SELECT community_id, groupUniqArray(host) AS hosts, count() AS n
FROM tcptrace.records FINAL
WHERE event = 'close'
GROUP BY community_id HAVING length(hosts) > 1
ORDER BY community_id LIMIT 20;

-- 3. Which services answer a SYN slowest?
SELECT resp, resp_port,
	quantileExact(0.99)(syn_synack_ns) / 1e6 AS ms, count() AS n
FROM tcptrace.records FINAL
WHERE event = 'close' AND syn_synack_ns > 0
GROUP BY resp, resp_port ORDER BY ms DESC, resp, resp_port LIMIT 20;

-- 4. On which paths are most packets retransmitted?
SELECT host, `orig_path.in` AS path_in, `orig_path.out` AS path_out,
	sum(`a2b.rexmit_packets` + `b2a.rexmit_packets`) AS again,
	again / sum(`a2b.packets` + `b2a.packets`) AS ratio
FROM tcptrace.records FINAL
WHERE event = 'close'
GROUP BY host, path_in, path_out
ORDER BY again DESC, host, path_in, path_out LIMIT 20;

-- 5. Who was connected to a service at a point in time?
SELECT host, orig, orig_port, community_id
FROM tcptrace.records FINAL
WHERE event = 'close' AND resp = '198.51.100.20' AND resp_port = 80
	AND wall >= toDateTime('2023-11-14 22:13:20', 'UTC')
	AND wall - intDiv(duration_ns, 1000000000) <=
		toDateTime('2023-11-14 22:13:20', 'UTC')
ORDER BY host, orig, orig_port, community_id LIMIT 20;

-- 6. Which findings are there, and on how many hosts?
SELECT finding, count() AS n, uniqExact(host) AS hosts
FROM tcptrace.records FINAL
WHERE event = 'finding'
GROUP BY finding ORDER BY n DESC, finding;

-- 7. Who sends the most bytes?
SELECT orig, resp, resp_port, sum(`a2b.bytes` + `b2a.bytes`) AS bytes
FROM tcptrace.records FINAL
WHERE event = 'close'
GROUP BY orig, resp, resp_port
ORDER BY bytes DESC, orig, resp, resp_port LIMIT 20;

-- 8. What limits the connections: application, peer, window, losses or path?
SELECT limited_by, count() AS n, sum(duration_ns) / 1e9 AS seconds
FROM tcptrace.records FINAL
WHERE event = 'close'
GROUP BY limited_by ORDER BY n DESC, limited_by;

-- 9. Which hosts drop SYNs by their own rules or queues, and where?
SELECT host, drop_hook, drop_reason, sum(drops) AS n
FROM tcptrace.records FINAL
WHERE event = 'close' AND drops > 0
GROUP BY host, drop_hook, drop_reason
ORDER BY n DESC, host, drop_hook, drop_reason LIMIT 20;

-- 10. How many connections closed in each minute, for each reason?
SELECT minute, reason, uniqExactMerge(closed) AS n
FROM tcptrace.minutes
GROUP BY minute, reason ORDER BY minute DESC, n DESC, reason LIMIT 20;
