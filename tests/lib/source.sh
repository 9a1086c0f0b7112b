#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unpack Debian's kernel source into the cache: source.sh SERIES
# Prints the folder. A build of a kernel there makes net/tcptrace a link to a
# checkout.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/suite.sh"

version_of()
{
	if is_hosts "$1"; then
		dpkg-query -Wf '${Version}' "$package" 2>/dev/null ||
			die "package $package is not installed: run make deps"
	else
		suite_version "$1" "$package"
	fi
}

# Print the path of the tarball. A package of another suite is unpacked, not
# installed.
tarball_of()
{
	local path=/usr/src/$package.tar.xz

	is_hosts "$1" || {
		suite_unpack "$1" "$package" "$dir.package"
		path=$dir.package$path
	}
	[ -r "$path" ] || die "$package has no $path"
	echo "$path"
}

unpack()
{
	local package=linux-source-$1 dir=$cache/source/$1 version tarball

	version=$(version_of "$1")
	cache_lock "source-$1"
	if [ "$(cat "$dir/.package" 2>/dev/null)" != "$version" ]; then
		tarball=$(tarball_of "$1")
		note "unpacking $tarball"
		rm -rf "$dir"
		mkdir -p "$dir"
		tar -xf "$tarball" -C "$dir" --strip-components=1
		rm -rf "$dir.package"
		link_in "$dir"
		echo "$version" >"$dir/.package"
	fi
	echo "$dir"
}

# Add two lines that make net/tcptrace a part of the tree.
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
