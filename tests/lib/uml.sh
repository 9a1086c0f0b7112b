#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KUnit in User-Mode Linux: uml.sh [--build] SERIES [SUITE-GLOB]
# Prints the KTAP of the project's suites; --build stops before running.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run_limit=120	# seconds; suites take less than ten

# What goes into the kernel: nothing else can make a built one stale.
fingerprint()
{
	{
		echo "$src"
		cat "$tree/.package"
		gcc --version | head -n 1
		cd "$src"
		find Kbuild Kconfig module include kunit -type f -print0 |
			LC_ALL=C sort -z | xargs -0 sha256sum
	} | sha256sum
}

# shellcheck disable=SC2317 # called through quietly
uml_make()
{
	nice -n 5 make -C "$tree" ARCH=um O="$out" \
		KCONFIG_ALLCONFIG="$src/kunit/kunitconfig" \
		-j"$(nproc)" "$@"
}

configure()
{
	local option

	quietly uml_make allnoconfig || die "no configuration for $series"
	while read -r option; do
		grep -qxF "$option" "$out/.config" && continue
		case $series:$option in
		# UML has no preemption count before 6.4
		6.1:CONFIG_DEBUG_ATOMIC_SLEEP=y) ;;
		*) die "$series does not take $option of kunit/kunitconfig" ;;
		esac
	done < <(grep '^CONFIG_' "$src/kunit/kunitconfig")
}

build()
{
	local now begin=$SECONDS f

	for f in Kbuild Kconfig; do
		[ -e "$src/$f" ] || die "no $f in $src"
	done
	ln -sfn "$src" "$tree/net/tcptrace"
	mkdir -p "$out"
	# An object tree of another source package would pass for current.
	if [ "$(cat "$out/.package" 2>/dev/null)" != "$(cat "$tree/.package")" ]; then
		note "kunit $series: building a kernel from nothing"
		rm -rf "$out"
		mkdir -p "$out"
		cp "$tree/.package" "$out/.package"
	fi
	now=$(fingerprint)
	if [ "$(cat "$out/.fingerprint" 2>/dev/null)" != "$now" ]; then
		# Times of files say nothing when checkouts share objects.
		rm -rf "$out/net/tcptrace" "$out/.fingerprint"
		configure
		quietly uml_make linux || die "the $series kernel does not build"
		echo "$now" >"$out/.fingerprint"
	fi
	note "kunit $series: kernel ready after $((SECONDS - begin)) s"
}

# The console's time stamps off, from the first TAP line to the last.
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
	timeout -k 5 $run_limit "$out/linux" mem=256M kunit_shutdown=halt \
		"kunit.filter_glob=$glob" </dev/null >"$log" 2>&1 || rc=$?
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

tree=$("$src/tests/lib/source.sh" "$series")
out=$cache/uml/$series
cache_lock "uml-$series"
build
[ "$only_build" ] && exit
status=0
run || status=1
count || status=1
exit $status
