# SPDX-License-Identifier: GPL-2.0
# For several replicas of each shard, which need ZooKeeper:
# sed -f replicated.sed schema.sql
# The macros shard and replica are those of cluster.xml.
/^CREATE/ {
	h
	s/.* tcptrace\.\([a-z]*\).*/\1/
	x
}
/ENGINE = [A-Z][a-z]*MergeTree/ {
	G
	s/= \([A-Z][a-z]*MergeTree\)\(.*\)\n\(.*\)/= Replicated\1('\/clickhouse\/tcptrace\/{shard}\/\3', '{replica}')\2/
}
