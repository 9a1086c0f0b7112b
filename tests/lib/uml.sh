#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run KUnit in User-Mode Linux: uml.sh [--build] SERIES [SUITE-GLOB]
# Prints the KTAP of the project's suites; with --build, only builds the kernel.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/umlbuild.sh"

run_limit=120	# seconds; suites take less than ten
# KASAN holds freed memory until an allocation that can sleep. The allocations
# in hooks cannot sleep, so a suite needs enough memory for all connections that
# it makes during its run.
mem=512M

# Print the console from the first TAP line to the end of the tests, without
# time stamps.
ktap()
{
	sed 's/^\[ *[0-9.]*\] //' "$log" | tr -d '\r' |
		sed -n '/^K\?TAP version/,/^reboot: /p' | grep -v '^reboot: '
}

reports()
{
	grep -aE 'BUG:|WARNING:|KASAN:|Kernel panic|INFO: trying|DEBUG_LOCKS' \
		"$log" || true
}

run()
{
	local rc=0

	mkdir -p "$src/build/log"
	log=$src/build/log/kunit-$series
	# the build disables autorun in kernels that have an option for it
	timeout -k 5 $run_limit "$out/linux" mem=$mem kunit.autorun=1 \
		kunit_shutdown=halt "kunit.filter_glob=$glob" \
		</dev/null >"$log" 2>&1 || rc=$?
	ktap
	if ! grep -aq 'reboot: System halted' "$log"; then
		echo "# kunit $series: did not end properly ($rc); $log ends:"
		tail -n 25 "$log" | sed 's/^/#   /'
		return 1
	fi
	if [ "$(reports)" ]; then
		echo "# kunit $series: reports of the kernel in $log:"
		reports | head -n 20 | sed 's/^/#   /'
		return 1
	fi
}

count()
{
	local passed failed skipped

	read -r passed failed skipped < <(ktap |
		awk -v quiet=1 -f "$src/tests/lib/tap.awk")
	echo "# kunit $series: $passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
}

only_build=
if [ "${1:-}" = --build ]; then
	only_build=y
	shift
fi
series=${1:-}
glob=${2:-tcptrace*}
case " $kernels " in
*" ${series:-none} "*) ;;
*)
	echo "usage: uml.sh [--build] SERIES [SUITE-GLOB]; SERIES is one" \
		"of: $kernels" >&2
	exit 2
	;;
esac

cache_lock "uml-$series"
uml_kernel "$series" "$series" "$src/kunit/kunitconfig" kunit
[ "$only_build" ] && exit
status=0
run || status=1
count || status=1
exit $status
