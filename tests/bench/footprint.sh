#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM, under the plugin: packets between marks, and where the code is.
set -eu
bench=$(dirname "$(command -v tcptracectl)")/tcptrace_bench.ko
modprobe nf_conntrack
insmod "$TCPTRACE_KO" hashsize=65536 max_connections=131072 \
	max_half_open=131072
insmod "$bench" run=footprint
awk '$2 ~ /^[tT]$/ { print "symbol", $1, $3 }' /proc/kallsyms
rmmod tcptrace_bench
