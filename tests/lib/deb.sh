#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the Debian packages from the tarball: deb.sh [--version VERSION]
# [FOLDER] puts them into FOLDER (default: build/deb). --version is for tests of
# an upgrade.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

version=
if [ "${1:-}" = --version ]; then
	version=$2
	shift 2
fi
case ${1:-} in
-*)
	echo "usage: deb.sh [--version VERSION] [FOLDER]" >&2
	exit 2
	;;
esac
out=$(realpath -m "${1:-$src/build/deb}")
rm -rf "${out:?}"
mkdir -p "$out"
tarball=$("$src/tests/lib/dist.sh" "$out")
tar -xzf "$tarball" -C "$out"
name=$(basename "$tarball" .tar.gz)
cd "$out/$name"
[ -z "$version" ] || sed -i \
	"s/^\(#define TCPTRACE_VERSION.*\)\".*\"/\1\"$version\"/
	 s/^\(tcptracectl (\)[^)]*/\1$version/" module/version.h debian/changelog
# Do not build a package with the flags of the caller.
unset CFLAGS CPPFLAGS CXXFLAGS LDFLAGS PREFIX DESTDIR
quietly dpkg-buildpackage --build=binary --no-sign --jobs=auto ||
	die "the packages do not build"
cd "$out"
rm -rf "${out:?}/$name"
printf '%s\n' "$out"/*.deb
