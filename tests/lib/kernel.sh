#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's kernels, and those that are made of its source: which is current, its
# headers, its image, its initramfs.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"

# What the initramfs loads before it can mount the host's root and speak.
boot_modules="virtio_pci 9pnet_virtio 9p overlay virtio_console"

usage()
{
	cat <<-EOT
	usage: kernel.sh release SERIES        name of SERIES' current kernel
	       kernel.sh headers SERIES        install its headers, print its name
	       kernel.sh image SERIES          fetch its image, print the folder
	       kernel.sh initramfs FOLDER OUT  make an initramfs for that image
	SERIES is one of: $all_kernels
	EOT
}

# Debian 12's default kernel has no series in its package names.
meta_of()
{
	case $1 in
	6.1 | 6.1-*) echo "linux-$2${1#6.1}-amd64" ;;
	*) echo "linux-$2-$1-amd64" ;;
	esac
}

# Versions move with every security update: only the meta-package knows.
# Headers and image are both named after the image's meta-package, because
# one can move before the other and vermagic wants them equal.
lookup_release()
{
	local series=${1%-rt}

	apt-cache depends "$(meta_of "$1" image)" 2>/dev/null |
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
		update_lists
		found=$(lookup_release "$1")
	fi
	[ "$found" ] || die "$(meta_of "$1" image) names no $1 kernel" \
		"(is the network up? is this Debian 12?)"
	echo "$found"
}

get_headers()
{
	local release

	release=$(release_of "$1")
	if ! is_own "$1" && [ ! -e "/lib/modules/$release/build/Makefile" ]; then
		"$src/tests/lib/deps.sh" --packages "linux-headers-$release"
	fi
	echo "$release"
}

# Not installed, only unpacked: a second kernel in /boot is not our business.
get_image()
{
	local release dir tmp old

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
		download_image "linux-image-$release" "$tmp"
		note "unpacking linux-image-$release"
		dpkg -x "$tmp"/linux-image-*.deb "$tmp"
		rm -f "$tmp"/*.deb
		rm -rf "${tmp:?}/usr"
		depmod -b "$tmp" "$release"
		ln -s "boot/vmlinuz-$release" "$tmp/vmlinuz"
		touch "$tmp/complete"
		mv "$tmp" "$dir"
	fi
	for old in "$cache/image/$1"/*; do
		[ "$old" = "$dir" ] || rm -rf "$old"
	done
	echo "$dir"
}

download_image()
{
	local log

	note "downloading $1"
	# apt's sandbox user cannot write in a folder of root's.
	log=$(cd "$2" && apt-get -qq -o APT::Sandbox::User=root download "$1" \
		2>&1) && return
	update_lists
	log=$(cd "$2" && apt-get -qq -o APT::Sandbox::User=root download "$1" \
		2>&1) && return
	die "apt-get cannot download $1: $(reason_in "$log")"
}

# In modprobe's order; builtins have no file and need none.
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
	# busybox's insmod takes no compressed module, and 6.12's are.
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
