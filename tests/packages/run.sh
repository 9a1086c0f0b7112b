#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Test the packages: run.sh --short | SUITE... Prints TAP. Build the packages
# and, in a root of each Debian suite, install, upgrade, remove and purge them.
# Before the removal, boot the root with the module. With --short, use only one
# root, without an upgrade and without a boot.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/tap.sh"

lib=$src/tests/lib
here=$src/tests/packages
debs=$src/build/deb
claim_log packages
work=$claimed

usage()
{
	echo "usage: run.sh --short | SUITE..."
}

build_packages()
{
	"$lib/deb.sh" "$debs"
	"$lib/deb.sh" --version 0.0.1 "$debs/older"
}

build_current()
{
	"$lib/deb.sh" "$debs"
}

# Check that lintian prints no error, warning or information;
# debian/*.lintian-overrides explains the exceptions.
lintian_is_silent()
{
	local found

	found=$(lintian --allow-root --display-info \
		--fail-on error,warning,info "$debs"/*.changes 2>&1) &&
		[ -z "$found" ] && return
	echo "$found"
	return 1
}

# Check that a checkout and an unpacked tarball give the same tarball, even with
# a different umask and time zone.
dist_is_reproducible()
{
	local first second name

	first=$("$lib/dist.sh" "$work/dist")
	rm -rf "$work/again"
	mkdir -p "$work/again"
	tar -xzf "$first" -C "$work/again"
	name=$(basename "$first" .tar.gz)
	second=$(umask 077 && TZ=Asia/Seoul LC_ALL=C.UTF-8 \
		"$work/again/$name/tests/lib/dist.sh" "$work/again/dist")
	cmp "$first" "$second"
}

versions_agree()
{
	local version

	version=$(sed -n 's/^#define TCPTRACE_VERSION.*"\(.*\)"/\1/p' \
		"$src/module/version.h")
	[ "$(dpkg-parsechangelog -l "$src/debian/changelog" -SVersion)" = \
		"$version" ] || { echo "debian/changelog: not $version"; return 1; }
	grep -q "^## $version " "$src/CHANGELOG.md" ||
		{ echo "CHANGELOG.md: no $version"; return 1; }
}

begin_root()
{
	root=$("$lib/debroot.sh" "$1")
	dir=$work/$1
	as_root rm -rf "$dir"
	mkdir -p "$dir"/{upper,work,root}
}

# inside FILE [ARGUMENT...]: run a script of this folder in an overlay of the
# root. The mounts end with the script.
inside()
{
	as_root unshare --mount --propagation private --pid --fork \
		"$here/enter.sh" "$root" "$dir" "$debs" "$here" "$@" </dev/null
}

list_files()
{
	inside inside.sh files >"$dir/$1"
}

nothing_is_left()
{
	list_files after
	diff -U0 "$dir/before" "$dir/after"
}

# Sign a copy of a module that was built by DKMS, and check the signature.
signs_a_module()
{
	local module

	rm -rf "$dir/keys"
	for module in "$dir"/upper/usr/lib/modules/*/updates/dkms/tcptrace.ko; do
		[ -e "$module" ] || continue
		cp "$module" "$dir/signed.ko"
		"$lib/sign.sh" "$dir/keys" "$dir/signed.ko"
		"$here/signature.py" "$dir/signed.ko" "$dir/keys/tcptrace.der"
		[ "$(stat -c %a "$dir/keys/tcptrace.key")" = 600 ]
		return
	done
	echo "no module"
	return 1
}

refuses_old_kernels()
{
	local pattern release

	pattern=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"$/\1/p' \
		"$src/debian/tcptrace-dkms.dkms")
	for release in 5.10.0-30-amd64 5.19.17 6.0.12 4.19.0 6.0; do
		[[ ! $release =~ $pattern ]] ||
			{ echo "builds on $release"; return 1; }
	done
	for release in 6.1.0-56-amd64 6.1 6.12.117+deb12-amd64 6.6.1 7.0.1 \
		7.3.4+deb13-amd64 10.1.2; do
		[[ $release =~ $pattern ]] ||
			{ echo "does not build on $release"; return 1; }
	done
}

booted()
{
	grep -qx "ok $1" "$dir/status" && return
	grep "^no $1: " "$dir/status" || echo "no result"
	return 1
}

# Boot the root with the suite's newest tested kernel.
boot_suite()
{
	local series

	series=$("$lib/debroot.sh" --series "$1" | tail -n 1)
	gate "$1: systemd boots Linux $series" \
		"$here/boot.sh" "$root" "$dir" "$debs" "$series"
	gate "$1: the module is loaded at boot" booted loaded
	gate "$1: the device has its group" booted device
	gate "$1: root sees traffic" booted root
	gate "$1: a member of the group with CAP_NET_ADMIN sees traffic" \
		booted member
	gate "$1: a member's error names the missing CAP_NET_ADMIN" \
		booted member-without
	gate "$1: a capable user's error names the missing group" \
		booted stranger
	gate "$1: doctor finds no problem of module and device" booted doctor
	gate "$1: the unit serves metrics" booted metrics
	gate "$1: the timer ships records" booted ship
	gate "$1: rsyslogd ships records" booted rsyslog
}

in_suite()
{
	begin_root "$1"
	list_files before
	if [ -z "$short" ]; then
		gate "$1: an older version is installed" \
			inside inside.sh install /mnt/older 0.0.1
		gate "$1: the new version replaces it" \
			inside inside.sh install /mnt 0.1.0
	else
		gate "$1: the packages are installed" \
			inside inside.sh install /mnt 0.1.0
	fi
	gate "$1: DKMS has built the module for each kernel" \
		inside inside.sh built
	[ "$1" != bookworm ] ||
		gate "$1: a module is signed for Secure Boot" signs_a_module
	gate "$1: the client runs" inside inside.sh client
	gate "$1: units and configuration of a fleet are valid" \
		inside inside.sh fleet
	gate "$1: a program is built by the header and pkg-config" \
		inside inside.sh program
	[ "$short" ] || boot_suite "$1"
	gate "$1: removed: no module and no program" inside inside.sh remove
	gate "$1: purged" inside inside.sh purge
	gate "$1: purged: the files are those before the installation" \
		nothing_is_left
}

short=
case ${1:-} in
'')
	usage >&2
	exit 2
	;;
-h | --help)
	usage
	exit
	;;
--short)
	short=y
	set -- bookworm
	;;
esac
cd "$src"
gate "dist: two tarballs are the same bytes" dist_is_reproducible
gate "the versions of module, package and changelog agree" versions_agree
gate "dkms.conf takes Linux 6.1 and newer" refuses_old_kernels
gate "the packages build" "build_$([ "$short" ] && echo current || echo packages)"
gate "lintian is silent" lintian_is_silent
for wanted; do
	in_suite "$wanted"
done
tap_end
