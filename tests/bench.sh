#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Measure the cost of tcptrace and its peers:
# bench.sh [--record | --short | --latency]
# Without --short and --latency, the script prints a table, and writes the
# figures to build/bench.json. The script fails if a measurement does not run,
# or if a count that must be exact is wrong; a missed target is not a failure.
# --record: also write the baseline and the table of performance.rst.
# --short: measure only the figures of the baseline, and the latency with fewer
# connections, and print TAP; fail if a figure has grown by more than a few
# percent.
# --latency: measure the latency while one namespace has a million connections,
# and print TAP.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$src/tests/lib/kbuild.sh"
. "$src/tests/bench/build.sh"

bench=$src/tests/bench
claim_log bench
log=$claimed
failed=0

# Run a part of the measurements, and write its figures to a file. If the part
# fails, show the end of its other output.
part()
{
	local name=$1 begin=$SECONDS rc=0

	shift
	"$@" >"$log/$name.out" || rc=$?
	grep -a '^bench ' "$log/$name.out" >"$log/$name.figures" || true
	if [ $rc != 0 ]; then
		failed=1
		grep -av '^bench \|^symbol ' "$log/$name.out" | tail -n 20 >&2
		note "bench: $name: exit $rc"
	fi
	note "bench: $name took $((SECONDS - begin)) s"
}

in_vm()
{
	local name=$1

	shift
	part "$name" "$src/tests/lib/vm.sh" run 6.1 --log "$log/vm-$name" \
		--timeout 600 "$@" "$bench/guest/$name.py"
}

# Print the number of this host's CPUs, but at most $1.
cpus()
{
	local n

	n=$(nproc)
	echo $((n < $1 ? n : $1))
}

# latency CONNECTIONS MIB: measure the latency while one namespace has
# CONNECTIONS connections, in a VM with MIB MiB of memory.
latency()
{
	quietly "$src/tests/lib/hostile.sh"
	TCPTRACE_PACKETS=$1 "$src/tests/lib/vm.sh" run 6.1 --count \
		--memory "$2" --timeout 1800 --log "$log/vm-latency" \
		"$bench/guest/latency.py" || failed=1
}

short()
{
	build_bench
	in_vm short --count --memory 2048
	echo "# begin baseline"
	python3 "$bench/baseline.py" "$bench/baseline" "$log/short.figures" &&
		rc=0 || rc=$?
	echo "# end baseline: exit $rc in 0 s"
	latency 100000 1024
	[ "$rc" = 0 ] || failed=1
}

# Measure times first, before other work heats the CPU or fills the memory.
measure()
{
	build_bench
	quietly build_noevent
	rm -f "$log"/*.figures
	part uml "$bench/uml.sh"
	in_vm count --count --memory 2048
	in_vm loopback --count --memory 2048
	in_vm footprint --plugin "$plugin" --memory 2048
	part marks python3 "$bench/marks.py" "$log/vm-footprint/plugin" \
		"$log/footprint.out" "$src/build/bench-profile"
	in_vm churn --smp "$(cpus 4)" --memory 2048
	in_vm conserve --memory 2048
	in_vm memory --smp 1 --memory 4096 --timeout 1200
	in_vm short --count --memory 2048
}

record()
{
	python3 "$bench/baseline.py" --record "$bench/baseline" \
		"$log/short.figures"
	python3 "$bench/report.py" --fill "$src/Documentation/performance.rst" \
		"$src/build/bench.json"
}

case ${1:-} in
--short)
	short
	exit $failed
	;;
--latency)
	build_bench
	latency 1000000 4096
	exit $failed
	;;
'' | --record) ;;
*)
	echo "usage: bench.sh [--record | --short | --latency]" >&2
	exit 2
	;;
esac
begin=$SECONDS
measure
python3 "$bench/report.py" "$src/build/bench.json" \
	"kernel=$release" "compiler=$(gcc --version | head -n 1)" \
	"built_from=$(git -C "$src" describe --always --dirty)" \
	"$log"/*.figures || failed=1
[ "${1:-}" != --record ] || record
note "bench: $((SECONDS - begin)) s; profile in build/bench-profile"
exit $failed
