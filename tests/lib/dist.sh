#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Pack the sources: dist.sh [FOLDER] makes tcptrace-VERSION.tar.gz in FOLDER
# (default: build/dist) and prints its path. The same sources give the same
# tarball, from a checkout and from an unpacked tarball, whatever the umask and
# the time zone are. The modification time of all files is the time in
# debian/changelog.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Print the files to pack; in a checkout, these are the files that git tracks.
files()
{
	if [ -e .git ]; then
		git ls-files -z --cached --deduplicate
	else
		find . -path ./build -prune -o -name __pycache__ -prune -o \
			\( -type f -o -type l \) -printf '%P\0'
	fi | LC_ALL=C sort -z
}

version_of()
{
	sed -n 's/^#define TCPTRACE_VERSION.*"\(.*\)"/\1/p' module/version.h
}

case ${1:-} in
-*)
	echo "usage: dist.sh [FOLDER]" >&2
	exit 2
	;;
esac
out=$(realpath -m "${1:-$src/build/dist}")
cd "$src"
name=tcptrace-$(version_of)
time=$(sed -n '/^ -- /{s/.*>  //p;q}' debian/changelog)
mkdir -p "$out"
files | tar --create --format=ustar --no-recursion --mtime="$time" \
	--transform="flags=r;s,^,$name/," --owner=0 --group=0 --numeric-owner \
	--mode=u+rw,go+rX,go-w --null --files-from=- |
	gzip -9 -n >"$out/$name.tar.gz.tmp"
mv "$out/$name.tar.gz.tmp" "$out/$name.tar.gz"
echo "$out/$name.tar.gz"
