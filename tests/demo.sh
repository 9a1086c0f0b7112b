#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the demonstration: install what is missing, build, boot a stock kernel,
# and watch real traffic in the guest, where demo-guest.sh runs.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

series=${KERNEL:-6.1}
guest=$src/tests/demo-guest.sh

[ -r "$guest" ] || die "no $guest"
"$src/tests/lib/deps.sh" demo
release=$("$src/tests/lib/kernel.sh" headers "$series")
note "building module and client"
quietly "$src/tests/lib/module.sh" "$release"
quietly make -C "$src/userspace" BUILD="$src/build/userspace"
note "booting Debian's $release in QEMU"
report=$src/build/demo-report.html
rm -f "$report"

# Print the guest's output, without the lines that mark the start and end of a
# script; decode the report, which is compressed and in base64, into a file.
show()
{
	awk -v to="base64 -di | gzip -d >'$report'" '
		/^# (begin|end) / { next }
		/^# report / { print $3 | to; next }
		{ print; fflush() }'
}

"$src/tests/lib/vm.sh" run "$series" --timeout 150 \
	--log "$src/build/log/demo" "$guest" | show
status=${PIPESTATUS[0]}
[ ! -s "$report" ] || note "the report is $report"
exit "$status"
