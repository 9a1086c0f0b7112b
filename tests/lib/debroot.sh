#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# debroot.sh SUITE makes a root in which the packages can be installed, and
# prints its folder in the cache. The root has systemd, DKMS, the headers of the
# suite's tested kernels, and the dependencies of the packages, but nothing of
# this project. debroot.sh --series SUITE prints the suite's tested kernels.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/suite.sh"

# Print the tested kernels of a Debian release, including its backports.
series_of()
{
	local series

	for series in $kernels; do
		case $(suite_of "$series") in
		"$1" | "$1"-backports) echo "$series" ;;
		esac
	done
}

releases_of()
{
	local series

	for series in $(series_of "$1"); do
		"$src/tests/lib/kernel.sh" release "$series"
	done
}

include_of()
{
	local library t64

	echo systemd-sysv udev dkms libcap2-bin procps iproute2 gcc make libc6-dev
	echo python3 rsyslog
	[ "$1" = bookworm ] || t64=t64
	echo libmnl0 libkmod2
	for library in libarchive13 libfixbuf9 libglib2.0-0 libmicrohttpd12 \
		libnettle8 libpcap0.8; do
		echo "$library${t64:-}"
	done
	releases_of "$1" | sed 's/^/linux-headers-/'
}

# Copy the kernels' modules from the images that the VM tests boot. Make DKMS's
# key now instead of at the first build, because purging the packages does not
# remove the key.
finish_root()
{
	local series image release

	for series in $(series_of "$2"); do
		image=$("$src/tests/lib/kernel.sh" image "$series")
		release=${image##*/}
		as_root cp -a -n "$image/lib/modules/$release/." \
			"$1/lib/modules/$release/"
		as_root depmod -b "$1" "$release"
	done
	as_root chroot "$1" dkms generate_mok >/dev/null 2>&1 || true
	as_root rm -f "$1/etc/resolv.conf"
	as_root touch "$1/complete"
}

make_root()
{
	local suite=$1 dir=$cache/debroot/$1 wanted log
	local -a suites=("$1")

	wanted=$(include_of "$suite" | xargs | tr ' ' ,)
	cache_lock "debroot-$suite"
	if [ ! -e "$dir/complete" ] || [ "$(cat "$dir.list")" != "$wanted" ]
	then
		"$src/tests/lib/deps.sh" --packages mmdebstrap
		note "making a root of $suite for the packages"
		as_root rm -rf "${dir:?}"
		mkdir -p "${dir%/*}"
		[ "$suite" = bookworm ] || suites+=("$suite-backports")
		log=$(suite_sources "${suites[@]}" | sort -u |
			as_root mmdebstrap --quiet --variant=apt \
				--include="$wanted" "$suite" "$dir" - 2>&1) ||
			die "mmdebstrap makes no root of $suite: $(reason_in "$log")"
		finish_root "$dir" "$suite"
		echo "$wanted" >"$dir.list"
	fi
	echo "$dir"
}

case ${1:-}:$# in
bookworm:1 | trixie:1) make_root "$1" ;;
--series:2) series_of "$2" ;;
*)
	echo "usage: debroot.sh [--series] bookworm|trixie" >&2
	exit 2
	;;
esac
