#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The main job in one command: install, build, boot a stock kernel and watch
# real traffic in it. What the guest does is in demo-guest.sh.
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
"$src/tests/lib/vm.sh" run "$series" --timeout 150 \
	--log "$src/build/log/demo" "$guest" |
	{ grep --line-buffered -v '^# \(begin\|end\) ' || true; }
exit "${PIPESTATUS[0]}"
