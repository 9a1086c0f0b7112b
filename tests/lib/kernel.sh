#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Get a Debian kernel, or a kernel that is built from Debian's source: its
# current release, its headers, its image, its initramfs.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/suite.sh"

# The modules that the initramfs loads before it can mount the host's root and
# write output.
boot_modules="virtio_pci 9pnet_virtio 9p overlay virtio_console"

usage()
{
	cat <<-EOT
	usage: kernel.sh release SERIES        name of SERIES' current kernel
	       kernel.sh headers SERIES        install its headers, print its name
	       kernel.sh image SERIES          fetch its image, print the folder
	       kernel.sh initramfs FOLDER OUT
	                                       make an initramfs for that image
	SERIES is one of: $all_kernels
	EOT
}

meta_of()
{
	local meta

	meta=$(kernel_field "$1" 3)
	case $1 in
	*-rt) echo "${meta%-amd64}-rt-amd64" ;;
	*) echo "$meta" ;;
	esac
}

# Print the current release, which the image's meta-package names; security
# updates change the release. The headers must have the same release, even if
# their own meta-package names a different one: vermagic must match.
lookup_release()
{
	local series=${1%-rt}

	suite_apt "$1" apt-cache depends "$(meta_of "$1")" 2>/dev/null |
		sed -n "s/^ *Depends: linux-image-\(${series/./\\.}[.-][^ ]*\)\$/\1/p" |
		head -n 1
}

release_of()
{
	local found

	if is_own "$1"; then
		found=$("$src/tests/lib/ownkernel.sh" "$1")
		basename "$found"
		return
	fi
	found=$(lookup_release "$1")
	if [ -z "$found" ]; then
		update_suite "$1"
		found=$(lookup_release "$1")
	fi
	[ "$found" ] || die "$(meta_of "$1") of $(suite_of "$1") names no" \
		"$1 kernel (is the network up?)"
	echo "$found"
}

get_headers()
{
	local release

	release=$(release_of "$1")
	if is_own "$1" || [ -e "/lib/modules/$release/build/Makefile" ]; then
		:
	elif is_hosts "$1"; then
		"$src/tests/lib/deps.sh" --packages "linux-headers-$release"
	else
		"$src/tests/lib/root.sh" make "$1" "$release"
	fi
	echo "$release"
}

# Unpack the image instead of installing it, so that the host's /boot does not
# change.
get_image()
{
	local release dir tmp old package

	if is_own "$1"; then
		"$src/tests/lib/ownkernel.sh" "$1"
		return
	fi
	release=$(release_of "$1")
	dir=$cache/image/$1/$release
	cache_lock "image-$1"
	if [ ! -e "$dir/complete" ]; then
		tmp=$dir.tmp
		rm -rf "$dir" "$tmp"
		mkdir -p "$tmp"
		for package in $(image_packages "$1" "$release"); do
			suite_unpack "$1" "$package" "$tmp"
		done
		arrange_image "$tmp" "$release"
		depmod -b "$tmp" "$release"
		touch "$tmp/complete"
		mv "$tmp" "$dir"
	fi
	for old in "$cache/image/$1"/*; do
		[ "$old" = "$dir" ] || rm -rf "$old"
	done
	echo "$dir"
}

# Print the package of the image and, if they are separate, the packages of its
# modules.
image_packages()
{
	echo "linux-image-$2"
	suite_apt "$1" apt-cache depends "linux-image-$2" |
		sed -n "s/^ *Depends: \(linux-[a-z]*-$2\)\$/\1/p"
}

# Move the modules to lib, and link vmlinuz to the kernel, wherever the packages
# have them.
arrange_image()
{
	local file

	[ -d "$1/lib/modules" ] || mv "$1/usr/lib" "$1/lib"
	rm -rf "${1:?}/usr"
	for file in "boot/vmlinuz-$2" "lib/modules/$2/vmlinuz"; do
		[ ! -e "$1/$file" ] || ln -s "$file" "$1/vmlinuz"
	done
	[ -e "$1/vmlinuz" ] || die "linux-image-$2 has no kernel"
}

# Print the files of the boot modules in modprobe's order, without built-in
# modules.
module_files()
{
	local m

	for m in $boot_modules; do
		modprobe -d "$1" -S "$2" --show-depends "$m" || die "no $m in $1"
	done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++'
}

make_initramfs()
{
	local dir=$1 out=$2 release root files file name

	release=${dir##*/}
	root=$(mktemp -d)
	mkdir -p "$root"/{bin,dev,host,mod,new,proc,rw,sys}
	cp "$(command -v busybox)" "$root/bin/busybox"
	ln -s busybox "$root/bin/sh"
	cp "$src/tests/lib/init.sh" "$root/init"
	chmod +x "$root/init"
	files=$(set -o pipefail && module_files "$dir" "$release")
	: >"$root/mod/order"
	# busybox's insmod cannot load compressed modules, such as those of
	# Linux 6.12.
	for file in $files; do
		name=$(basename "$file")
		case $name in
		*.xz) xz -dc "$file" >"$root/mod/${name%.xz}" ;;
		*) cp "$file" "$root/mod/$name" ;;
		esac
		echo "${name%.xz}" >>"$root/mod/order"
	done
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$out"
	rm -rf "$root"
}

case ${1:-}:$# in
release:2) release_of "$2" ;;
headers:2) get_headers "$2" ;;
image:2) get_image "$2" ;;
initramfs:3) make_initramfs "$2" "$3" ;;
-h:1 | --help:1) usage ;;
*)
	usage >&2
	exit 2
	;;
esac
