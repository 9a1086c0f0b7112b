-- SPDX-License-Identifier: GPL-2.0
-- Delete records and refusals after 30 days, and minutes after a year. This
-- needs ClickHouse 19.6 or later. For older versions, use expire.sql.

ALTER TABLE tcptrace.record MODIFY TTL wall + INTERVAL 30 DAY;
ALTER TABLE tcptrace.`.inner.minute` MODIFY TTL minute + INTERVAL 365 DAY;
ALTER TABLE tcptrace.refusal MODIFY TTL refused + INTERVAL 30 DAY;
