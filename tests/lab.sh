#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Give a lesson about TCP, with real traffic in a VM: lab.sh LESSON [en|ko].
# lab-guest.py runs in the guest.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

series=${KERNEL:-6.1}
guest=$src/tests/lab-guest.py
lessons="handshake data close refused loss synflood rst hijack"

case " $lessons " in
*" ${1:-} "*) ;;
*) die "make lab LESSON=${lessons// /|} [IN=ko]" ;;
esac
case ${2:-en} in
en | ko) ;;
*) die "lessons are in English (en) and Korean (ko), not in '$2'" ;;
esac
"$src/tests/lib/deps.sh" demo
release=$("$src/tests/lib/kernel.sh" headers "$series")
quietly "$src/tests/lib/module.sh" "$release"
quietly make -C "$src/userspace" BUILD="$src/build/userspace"
TCPTRACE_LESSON=$1 TCPTRACE_LANG=${2:-en} "$src/tests/lib/vm.sh" run "$series" \
	--timeout 100 --log "$src/build/log/lab" "$guest" |
	{ grep --line-buffered -v '^# \(begin\|end\) ' || true; }
exit "${PIPESTATUS[0]}"
