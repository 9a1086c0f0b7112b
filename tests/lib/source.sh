#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unpack Debian's kernel source into the cache: source.sh SERIES
# Prints the folder. net/tcptrace in it is a link, set by uml.sh.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

unpack()
{
	local package=linux-source-$1 dir=$cache/source/$1 version tarball

	version=$(dpkg-query -Wf '${Version}' "$package" 2>/dev/null) ||
		die "package $package is not installed: run make deps"
	tarball=/usr/src/$package.tar.xz
	[ -r "$tarball" ] || die "$package has no $tarball"
	cache_lock "source-$1"
	if [ "$(cat "$dir/.package" 2>/dev/null)" != "$version" ]; then
		note "unpacking $tarball"
		rm -rf "$dir"
		mkdir -p "$dir"
		tar -xf "$tarball" -C "$dir" --strip-components=1
		link_in "$dir"
		echo "$version" >"$dir/.package"
	fi
	echo "$dir"
}

# The two lines that make net/tcptrace a part of the tree.
link_in()
{
	echo 'source "net/tcptrace/Kconfig"' >>"$1/net/Kconfig"
	# shellcheck disable=SC2016 # make expands it
	echo 'obj-$(CONFIG_TCPTRACE) += tcptrace/' >>"$1/net/Makefile"
}

case " $kernels " in
*" ${1:-none} "*) unpack "$1" ;;
*)
	echo "usage: source.sh SERIES, one of: $kernels" >&2
	exit 2
	;;
esac
