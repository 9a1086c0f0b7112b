#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make a cache for one checkout, with the source and the objects of a KUnit
# kernel: umlcopy.sh SERIES FOLDER. With TCPTRACE_CACHE=FOLDER, uml.sh compiles
# only the files that have changed in this checkout, and does not disturb other
# checkouts.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/umlbuild.sh"

series=$1
folders=(kunit)	# read by uml_fingerprint
own=$2
tree=$("$src/tests/lib/source.sh" "$series")
out=$cache/uml/$series

if cmp -s "$tree/.package" "$own/uml/$series/.own"; then
	exit
fi
rm -rf "$own"
mkdir -p "$own/source" "$own/uml"
# Make links to the source files; net/tcptrace is a link to the checkout.
cp -as "$tree" "$own/source/$series"
"$src/tests/lib/uml.sh" --build "$series"
cache_lock "uml-$series"
cp -a "$out" "$own/uml/$series"
cd "$own/uml/$series"
# Another checkout may have built its kernel between the build and the lock.
[ "$(cat .fingerprint)" = "$(uml_fingerprint)" ] || rm -rf net/tcptrace
# The objects stay valid if make finds the same paths in its dependency files.
grep -rlZI --exclude='*.o' "$cache/source" . |
	xargs -0 sed -i "s,$cache/source,$own/source,g"
ln -sfn "$own/source/$series" source
cp "$tree/.package" .own
