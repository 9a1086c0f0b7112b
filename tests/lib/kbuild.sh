# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # src, cache: common.sh
# Sourced after common.sh: functions that build the module with kbuild.

# Print the root in the cache that has the headers of a kernel, if there is one.
root_with()
{
	local dir

	for dir in "$cache/root"/*/"$1"; do
		[ ! -e "$dir/complete" ] || echo "$dir"
	done
}

# Print the build folder of a kernel. The folder belongs to headers that are
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

# Copy the module's sources into a folder that keeps the objects. Only files
# with changed contents get a new time, so make compiles only these files.
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
# Build the module without BTF, which needs pahole and vmlinux, and which no
# test reads.
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
