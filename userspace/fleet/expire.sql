-- SPDX-License-Identifier: GPL-2.0
-- Statements that delete records after 30 days and minutes after a year, on each
-- server once a day:
-- clickhouse-client <expire.sql | clickhouse-client --multiquery

SELECT DISTINCT concat('ALTER TABLE tcptrace.`', table, '` DROP PARTITION ',
		       partition, ';')
FROM system.parts
WHERE active AND database = 'tcptrace' AND partition < toString(toYYYYMMDD(
	today() - if(table = 'record', 30, 365)))
	AND table IN ('record', '.inner.minute')
ORDER BY table, partition
