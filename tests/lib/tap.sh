# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced: functions that run gates as TAP cases. A gate is a command. If it
# fails, the first 60 lines of its output are printed as the reason.

tap_number=0
tap_failed=0

gate()
{
	local name=$1 output
	shift

	tap_number=$((tap_number + 1))
	if output=$("$@" 2>&1); then
		echo "ok $tap_number - $name"
		return
	fi
	tap_failed=$((tap_failed + 1))
	head -n 60 <<<"$output" | sed 's/^/# /'
	echo "not ok $tap_number - $name"
}

tap_end()
{
	echo "1..$tap_number"
	[ "$tap_failed" = 0 ]
}
