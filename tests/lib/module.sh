#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the module: module.sh [--fresh] [--in NAME] [RELEASE [MAKE-ARGUMENT...]]
# Without a release: the running kernel's when its headers are installed,
# otherwise the newest headers installed. The result is
# build/RELEASE/module/tcptrace.ko, or in build/NAME; each kernel has objects of
# its own.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/kbuild.sh"

newest_headers()
{
	local build

	for build in /lib/modules/*/build; do
		[ ! -e "$build/Makefile" ] || basename "${build%/build}"
	done | sort -V | tail -n 1
}

choose_release()
{
	local running

	running=$(uname -r)
	if build_of "$running" >/dev/null; then
		release=$running
		note "module for the running kernel, $release"
		return
	fi
	release=$(newest_headers)
	[ "$release" ] || die "no kernel headers are installed:" \
		"apt-get install linux-headers-amd64"
	note "module for $release, the newest headers installed" \
		"(none for the running kernel, $running)"
}

# Compare contents, and set new times: make then builds each file that changed.
mirror()
{
	command -v rsync >/dev/null || die "no rsync: run make deps"
	mkdir -p "$out"
	(cd "$src" && rsync -rlR --checksum --delete --prune-empty-dirs \
		--exclude='*.mod.c' --include='*/' --include='*.[ch]' \
		--include=Kbuild --include=Kconfig --exclude='*' \
		Kbuild Kconfig module include tests/bench "$out/")
}

fresh=
if [ "${1:-}" = --fresh ]; then
	fresh=y
	shift
fi
name=
if [ "${1:-}" = --in ]; then
	name=$2
	shift 2
fi
case ${1:-} in
'') choose_release ;;
-* | */*)
	echo "usage: module.sh [--fresh] [--in NAME] [RELEASE [MAKE-ARGUMENT...]]" >&2
	exit 2
	;;
*)
	release=$1
	shift
	build_of "$release" >/dev/null ||
		die "no headers of $release are installed:" \
		"apt-get install linux-headers-$release"
	note "module for $release"
	;;
esac
out=$src/build/${name:-$release}
mkdir -p "$src/build"
exec {lock_fd}>"$out.lock"
flock "$lock_fd"
[ -z "$fresh" ] || rm -rf "$out"
mirror
kbuild "$release" "$out" W=1 --no-print-directory "$@"
