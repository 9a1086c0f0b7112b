-- SPDX-License-Identifier: GPL-2.0
-- Print statements that delete records and refusals after 30 days, and minutes
-- after a year. Run them on each server once a day:
-- clickhouse-client <expire.sql | clickhouse-client --multiquery

SELECT DISTINCT concat('ALTER TABLE tcptrace.`', table, '` DROP PARTITION ',
		       partition, ';') AS statement
FROM system.parts
WHERE active AND database = 'tcptrace' AND partition < toString(toYYYYMMDD(
	today() - if(table = 'record', 30, 365)))
	AND table IN ('record', '.inner.minute')
ORDER BY table, partition
UNION ALL
-- refusal is not partitioned, so that equal lines of different days are merged
SELECT concat('ALTER TABLE tcptrace.refusal DELETE WHERE refused < toDateTime(',
	      toString(toUnixTimestamp(toDateTime(today() - 30))), ');') AS statement
