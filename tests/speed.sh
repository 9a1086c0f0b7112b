#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measure how fast tcptracectl, tshark and tcptrace read the same capture of
# 1,000,000 packets. The programs run in turns; a time is that of a whole run.
# Other load on the host can only increase a time, so the result is the minimum
# of 15 runs (tshark: 3).
# Prints a table; a long time is not a failure.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

client=$src/build/userspace/tcptracectl
folder=$src/build/speed
capture=$folder/capture.pcap
packets=1000000
rounds=3

"$src/tests/lib/deps.sh" speed
make -s -C "$src" client >/dev/null
mkdir -p "$folder"
python3 "$src/tests/speed/capture.py" "$capture.new" $packets
mv "$capture.new" "$capture"
cat "$capture" >/dev/null	# none of the programs should wait for the disk

run()
{
	case $1 in
	tcptracectl) "$client" watch -r "$capture" --events close --json ;;
	tcptrace) tcptrace -l -n "$capture" ;;
	tshark) tshark -n -r "$capture" -T fields -e tcp.analysis.flags ;;
	esac
}

seconds()
{
	local TIMEFORMAT=%R

	{ time run "$1" >/dev/null 2>&1; } 2>&1
}

measure()
{
	best[$1]=$({
		echo "${best[$1]:-}"
		seconds "$1"
	} | sort -n | grep . | head -n 1)
}

declare -A best=()
for ((i = 0; i < rounds; i++)); do
	measure tshark
	for ((j = 0; j < 5; j++)); do
		measure tcptracectl
		measure tcptrace
	done
done
printf '%-12s %8s %8s %8s\n' program seconds ratio target
for program in tcptracectl tcptrace tshark; do
	case $program in
	tcptracectl) target=1 ;;
	tcptrace) target=8 ;;
	tshark) target=100 ;;
	esac
	awk -v name=$program -v time="${best[$program]}" \
		-v ours="${best[tcptracectl]}" -v target="$target" 'BEGIN {
		printf "%-12s %8.3f %8.1f %8d\n", name, time, time / ours, target
	}'
done
