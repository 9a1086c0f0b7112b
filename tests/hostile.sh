#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Send hostile packets to each kernel: hostile.sh KERNEL...
# TCPTRACE_PACKETS is the number of packets; "make hostile" sends more packets
# than tests/check.sh.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

limit=3600	# seconds; 2,000,000 packets take a third of this time

"$src/tests/lib/deps.sh" demo
quietly make -C "$src/userspace" BUILD="$src/build/userspace"
quietly "$src/tests/lib/hostile.sh"
for series; do
	release=$("$src/tests/lib/kernel.sh" headers "$series")
	quietly "$src/tests/lib/module.sh" "$release"
	"$src/tests/lib/vm.sh" run "$series" --timeout $limit \
		"$src/tests/vm/86-hostile.py"
done
