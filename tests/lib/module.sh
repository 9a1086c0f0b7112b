#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the module: module.sh [--fresh] [--in NAME] [RELEASE [MAKE-ARGUMENT...]]
# The default RELEASE is that of the running kernel or, if its headers are not
# installed, that of the newest headers. The result is
# build/NAME/module/tcptrace.ko, where the default NAME is RELEASE. The objects
# are in module/NAME in the cache.
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

# Copy the modules into the checkout. The objects stay in the cache, where all
# checkouts use them.
take_modules()
{
	mkdir -p "$src/build/$name"
	(cd "$objects" && rsync -rR --checksum --prune-empty-dirs \
		--include='*/' --include='*.ko' --exclude='*' \
		. "$src/build/$name/")
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
name=${name:-$release}
objects=$cache/module/$name
cache_lock "module-$name"
[ -z "$fresh" ] || rm -rf "$objects"
mirror "$objects"
kbuild "$release" "$objects" W=1 --no-print-directory "$@"
take_modules
