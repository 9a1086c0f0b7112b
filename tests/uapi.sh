#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compares the ABI header with its recorded layout, and prints TAP. uapi.sh
# --record writes a new record and prints the differences.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$src/tests/lib/tap.sh"
. "$src/tests/lib/uapi.sh"

cd "$src"

record()
{
	local layout

	uapi_agrees || die "not recorded: 32 and 64 bits differ"
	uapi_is_tight || die "not recorded: there is implicit padding"
	layout=$(uapi_layout 64)
	[ ! -e $uapi_record ] ||
		python3 tests/uapi/compare.py $uapi_record <<<"$layout" || true
	cat >$uapi_record <<-EOF
		# SPDX-License-Identifier: GPL-2.0
		# Made by make uapi-check RECORD=1 from $uapi
		$layout
	EOF
	note "recorded in $uapi_record"
}

case ${1:-} in
'')
	uapi_gates
	tap_end
	;;
--record) record ;;
*)
	echo "usage: uapi.sh [--record]" >&2
	exit 2
	;;
esac
