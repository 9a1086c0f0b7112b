# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # src, cache: common.sh
# Sourced after common.sh: the kernel's make for out-of-tree modules.

# If the host lacks the headers: the root of the Debian release that has the
# headers.
root_with()
{
	local dir

	for dir in "$cache/root"/*/"$1"; do
		[ ! -e "$dir/complete" ] || echo "$dir"
	done
}

# Print the build folder of a kernel. The folder belongs to a package that is
# installed on the host or in a root, or to a kernel that was built into the
# cache.
build_of()
{
	local build

	for build in "/lib/modules/$1/build" \
		"$cache/image"/*/"$1/lib/modules/$1/build"; do
		[ -e "$build/Makefile" ] || continue
		echo "$build"
		return
	done
	[ "$(root_with "$1")" ] && echo "/lib/modules/$1/build"
}

# Copy the module's sources into a folder that keeps objects. Only files whose
# contents change get a new time, so make builds only these.
mirror()
{
	command -v rsync >/dev/null || die "no rsync: run make deps"
	mkdir -p "$1"
	(cd "$src" && rsync -rlR --checksum --delete --prune-empty-dirs \
		--exclude='*.mod.c' --include='*/' --include='*.[ch]' \
		--include=Kbuild --include=Kconfig --exclude='*' \
		Kbuild Kconfig module include tests/bench "$1/")
}

# kbuild RELEASE FOLDER ARGUMENT...
# The module is built without BTF: BTF needs pahole and vmlinux, and no test
# reads BTF.
kbuild()
{
	local build
	local -a prefix=()

	build=$(build_of "$1")
	[ -e "$build/Makefile" ] ||
		prefix=("$src/tests/lib/root.sh" run "$1" "$2")
	"${prefix[@]}" make -C "$build" M="$2" CONFIG_TCPTRACE=m \
		CONFIG_DEBUG_INFO_BTF_MODULES= -j"$(nproc)" "${@:3}"
}
