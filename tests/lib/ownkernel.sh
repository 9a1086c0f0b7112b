#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build a kernel into the cache, configured by base.config and another file of
# tests/debug, with the files and paths of an unpacked Debian image:
# ownkernel.sh KERNEL
# Prints the folder. Does not build if the cache has a kernel with the same
# source, compiler and configuration.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

series=6.1

usage()
{
	echo "usage: ownkernel.sh KERNEL, one of:" \
		"$debug_kernels $lean_kernels" >&2
	exit 2
}

config_of()
{
	cat "$src/tests/debug/base.config" \
		"$src/tests/debug/${kernel#*-}.config"
}

fingerprint()
{
	{
		dpkg-query -Wf '${Version}\n' "linux-source-$series" 2>/dev/null
		gcc --version | head -n 1
		config_of
	} | sha256sum
}

# Print the folder of the cached image that matches, if there is one.
cached()
{
	local dir

	for dir in "$cache/image/$kernel"/*; do
		[ "$(cat "$dir/complete" 2>/dev/null)" = "$now" ] || continue
		echo "$dir"
		return
	done
	return 1
}

# shellcheck disable=SC2317 # called through quietly
kmake()
{
	nice -n 10 make -C "$tree" O="$out" KCONFIG_ALLCONFIG="$out/wanted" \
		-j"$(nproc)" "$@"
}

# Configure the kernel. A later line of the configuration overrides an earlier
# one.
configure()
{
	local option

	# net/Kconfig includes net/tcptrace/Kconfig, which may be that of any
	# checkout
	[ -e "$tree/net/tcptrace/Kconfig" ] ||
		ln -sfn "$src" "$tree/net/tcptrace"
	config_of >"$out/wanted"
	quietly kmake allnoconfig || die "no configuration for $kernel"
	while read -r option; do
		case $option in
		*=n) ! grep -q "^${option%n}" "$out/.config" ;;
		*) grep -qxF "$option" "$out/.config" ;;
		esac || die "$kernel does not take $option"
	done < <(grep '^CONFIG_' "$out/wanted" | tac | awk -F= '!seen[$1]++')
}

# Install the image. The target modules_install links lib/modules/RELEASE/build
# to the folder of objects, against which out-of-tree modules are built.
install_image()
{
	local release dir tmp

	release=$(cat "$out/include/config/kernel.release")
	dir=$cache/image/$kernel/$release
	tmp=$cache/image/$kernel.tmp
	rm -rf "$tmp"
	mkdir -p "$tmp/boot"
	cp "$out/arch/x86/boot/bzImage" "$tmp/boot/vmlinuz-$release"
	cp "$out/System.map" "$tmp/boot/System.map-$release"
	ln -s "boot/vmlinuz-$release" "$tmp/vmlinuz"
	quietly kmake INSTALL_MOD_PATH="$tmp" modules_install ||
		die "the modules of $kernel cannot be installed"
	echo "$now" >"$tmp/complete"
	rm -rf "${cache:?}/image/$kernel"
	mkdir -p "${dir%/*}"
	mv "$tmp" "$dir"
	echo "$dir"
}

build()
{
	local begin=$SECONDS tree

	tree=$("$src/tests/lib/source.sh" $series)
	cache_lock "$kernel"
	cached && return
	out=$cache/debug/$kernel
	mkdir -p "$out"
	# Delete objects of another source package, because make would use them.
	if [ "$(cat "$out/.package" 2>/dev/null)" != "$(cat "$tree/.package")" ]; then
		rm -rf "$out"
		mkdir -p "$out"
		cp "$tree/.package" "$out/.package"
	fi
	note "$kernel: building the kernel (10 to 20 minutes from nothing)"
	configure
	quietly kmake bzImage modules || die "$kernel does not build"
	install_image
	note "$kernel: kernel ready after $((SECONDS - begin)) s"
}

is_own "${1:-none}" || usage
kernel=$1
now=$(fingerprint)
build
