#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fuzz each target with libFuzzer: run.sh [SECONDS [TARGET...]]. Prints TAP. The
# corpus is kept in build/fuzz/corpus for the next run; BUILD=dir replaces
# build/fuzz. FUZZ_RUNS=N limits libFuzzer to N runs of a target; the same
# corpus gives the same runs. With FUZZ_SHRINK=n (for "no"), a crashing input is
# not minimized.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"

build=${BUILD:-$src/build/fuzz}
least=100	# runs; fewer would prove nothing

# Print the maximum size of a target's input in bytes. An input of the engine
# has 8 bytes at the beginning, and 8 bytes for each step.
max_len()
{
	case $1 in
	segment) echo 400 ;;
	engine) echo 520 ;;
	capture | pcapng) echo 4096 ;;
	*) die "no target $1; there are: $targets" ;;
	esac
}

fuzz()
{
	"$build/$1" -timeout=10 -rss_limit_mb=1024 -max_len="$(max_len "$1")" \
		-print_final_stats=1 "${@:2}"
}

sow()
{
	rm -rf "$build/seeds/$1"
	mkdir -p "$build/seeds/$1" "$build/corpus/$1"
	python3 "$src/tests/fuzz/seeds.py" "$1" "$build/seeds/$1"
}

show_crash()
{
	local crash=$build/$1.crash

	grep -aE 'FUZZ:|runtime error:|ERROR: |^SUMMARY: ' "$build/$1.log" |
		sed 's/^/# /' || true
	[ -s "$crash" ] || return 0
	if [ "${FUZZ_SHRINK:-}" != n ]; then	# short inputs read better
		fuzz "$1" -minimize_crash=1 -max_total_time=10 \
			-exact_artifact_path="$crash.less" "$crash" \
			>/dev/null 2>&1 || true
	fi
	[ ! -s "$crash.less" ] || mv "$crash.less" "$crash"
	od -An -v -tx1 -w16 "$crash" | sed 's/^/#  /'
	echo "# to see it again: FUZZ_TRACE=1 $build/$1 $crash"
}

run_target()
{
	local runs=0 rc=0

	rm -f "$build/$1.crash" "$build/$1.crash.less"
	sow "$1"
	fuzz "$1" -max_total_time="$seconds" \
		${FUZZ_RUNS:+-seed=1 "-runs=$FUZZ_RUNS"} \
		-exact_artifact_path="$build/$1.crash" \
		"$build/corpus/$1" "$build/seeds/$1" >"$build/$1.log" 2>&1 ||
		rc=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' \
		"$build/$1.log")
	number=$((number + 1))
	if [ $rc = 0 ] && [ "${runs:-0}" -ge $least ]; then
		echo "ok $number - $1: no crash in $runs runs"
		return
	fi
	failed=$((failed + 1))
	show_crash "$1"
	echo "not ok $number - $1: exit $rc after ${runs:-no} runs"
}

targets="segment engine capture pcapng"
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "how many seconds? $seconds"
number=0
failed=0
mkdir -p "$build"
exec {lock}>"$build/lock"
flock "$lock"
quietly make -C "$src/tests/fuzz" -j2 BUILD="$build"
export PYTHONDONTWRITEBYTECODE=1
if [ $# -lt 2 ]; then
	# word splitting is intended: names contain no blanks
	# shellcheck disable=SC2086
	set -- "$seconds" $targets
fi
for target in "${@:2}"; do
	max_len "$target" >/dev/null
done
for target in "${@:2}"; do
	run_target "$target"
done
echo "1..$number"
[ $failed = 0 ]
