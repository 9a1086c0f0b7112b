#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare the times of tcptrace and conntrack, at the CPU's own speed, in UML:
# uml.sh [--build]
# The script prints "bench NAME VALUE" lines, and boots UML once for each
# measurement, but five times for B9. With --build, it only builds the kernel.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
. "$src/tests/lib/umlbuild.sh"

series=6.1
run_limit=120	# seconds for each
folder=$src/build/uml
log=$src/build/log/bench-uml

# Build the kernel, and copy it, so that another checkout can build its kernel
# while the copy runs.
build()
{
	mkdir -p "$folder" "$log"
	cache_lock "uml-$series"
	uml_kernel "$series" "bench-$series" "$src/tests/bench/umlconfig" \
		tests/bench
	cp "$out/linux" "$folder/linux.new"
	mv "$folder/linux.new" "$folder/linux"
	exec {cache_lock_fd}>&-
}

# Boot UML, and keep it on one CPU of the host, so that the benchmark does not
# migrate between two chunks.
boot()
{
	local name=$1 rc=0

	timeout -k 5 $run_limit taskset -c 1 "$folder/linux" mem=6G con=null \
		con0=null,fd:1 tcptrace.hashsize=1048576 \
		tcptrace.max_connections=2097152 \
		tcptrace.max_half_open=2097152 nf_conntrack.hashsize=1048576 \
		"${@:2}" </dev/null >"$log/$name" 2>&1 || rc=$?
	sed -n 's/^.*\(bench [a-z0-9._]* [0-9.]*\)\r\?$/\1/p' "$log/$name"
	if ! grep -q 'bench: done' "$log/$name"; then
		note "$name did not end ($rc); $log/$name ends:"
		tail -n 5 "$log/$name" >&2
		return 1
	fi
}

# B9 depends on where the host places the memory of UML, so print the median of
# several boots.
scaling()
{
	local i rc=0

	for i in 1 2 3 4 5; do
		boot "scaling-$i" tcptrace_bench.run=scaling || rc=1
	done >"$log/scaling"
	sort -k 2,2 -k 3,3g "$log/scaling" | awk '
		{ value[$2, ++n[$2]] = $3 }
		END { for (name in n)
			print "bench", name, value[name, int((n[name] + 1) / 2)] }'
	return $rc
}

build
[ "${1:-}" != --build ] || exit 0
failed=0
for log2 in 0 10 16 20; do
	boot "pairs-$log2" tcptrace_bench.run=pairs tcptrace_bench.log2=$log2 ||
		failed=1
done
for log2 in 16 20; do
	boot "shuffled-$log2" tcptrace_bench.run=pairs \
		tcptrace_bench.log2=$log2 tcptrace_bench.shuffled=1 || failed=1
done
boot new_pairs tcptrace_bench.run=new_pairs || failed=1
scaling || failed=1
exit $failed
