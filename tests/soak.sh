#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run steady, mixed traffic for a long time: soak.sh MINUTES KERNEL
# The memory, the table's size and the reader's lag are measured every 10 s, and
# written to build/soak.tsv at the end. None of the three may keep growing.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

seconds=$((${1:?minutes} * 60))
kernel=$2

"$src/tests/lib/deps.sh" demo
release=$("$src/tests/lib/kernel.sh" headers "$kernel")
quietly "$src/tests/lib/module.sh" "$release"
quietly make -C "$src/userspace" BUILD="$src/build/userspace"
export TCPTRACE_SECONDS=$seconds
"$src/tests/lib/vm.sh" run "$kernel" --timeout $((seconds + 600)) \
	"$src/tests/soak/soak.py" | tee "$src/build/soak.out" &&
	rc=0 || rc=$?
sed -n 's/^# sample\t//p' "$src/build/soak.out" >"$src/build/soak.tsv"
note "samples in build/soak.tsv"
exit "$rc"
