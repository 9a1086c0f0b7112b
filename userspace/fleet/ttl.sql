-- SPDX-License-Identifier: GPL-2.0
-- Delete records after 30 days and minutes after a year: ClickHouse 19.6 and
-- later. For older versions, use expire.sql.

ALTER TABLE tcptrace.record MODIFY TTL wall + INTERVAL 30 DAY;
ALTER TABLE tcptrace.`.inner.minute` MODIFY TTL minute + INTERVAL 365 DAY;
ALTER TABLE tcptrace.refusal MODIFY TTL refused + INTERVAL 30 DAY;
