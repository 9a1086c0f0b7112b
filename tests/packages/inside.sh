#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Install, check or remove the packages in a root, where they are in /mnt:
# inside.sh FUNCTION [ARGUMENT...]
set -eu

packages="tcptrace-dkms tcptracectl tcptrace-fleet tcptrace-dev tcptrace-doc"

die()
{
	echo "$*"
	exit 1
}

# Print the types, modes, owners and names of all files, except /proc, /sys,
# /dev, the test's folders, apt's lists and caches, logs, and dpkg's backups. Do
# not print contents or times, because depmod, dkms and ldconfig rewrite their
# files.
files()
{
	find / -xdev \( -path /proc -o -path /dev -o -path /sys -o -path /mnt -o \
		-path /srv -o -path /var/lib/apt -o -path /var/cache/apt -o \
		-path /var/log \) -prune -o -printf '%y %m %u %g %p\n' |
		grep -v '/var/lib/dpkg/[^/]*-old$' | sort
}

releases()
{
	for kernel in /lib/modules/*/build; do
		basename "${kernel%/build}"
	done
}

# Install the packages. DKMS builds for the running kernel, which this root does
# not have, so call DKMS for each kernel that this root has.
install()
{
	folder=$1 version=$2
	set --
	for package in $packages; do
		set -- "$@" "$(echo "$folder/$package"_*.deb)"
	done
	apt-get -q --no-install-recommends -y install "$@" 2>&1
	for kernel in $(releases); do
		dkms autoinstall -k "$kernel" 2>&1
	done
	# word splitting is intended: names contain no blanks
	# shellcheck disable=SC2086
	for found in $(dpkg-query -W -f '${Version}\n' $packages); do
		[ "$found" = "$version" ] || die "version $found, not $version"
	done
	[ ! -d /usr/src/tcptrace-0.0.1 ] || [ "$version" = 0.0.1 ] ||
		die "the sources of the older version are left"
}

built()
{
	for kernel in $(releases); do
		found=$(modinfo -k "$kernel" -F version tcptrace) ||
			die "no module for $kernel"
		[ "$found" = 0.1.0 ] || die "module $found for $kernel"
		[ "$(dkms status -k "$kernel" tcptrace/0.1.0 | wc -l)" = 1 ] ||
			die "DKMS has no module for $kernel"
	done
	getent group tcptrace >/dev/null || die "no group tcptrace"
}

client()
{
	tcptracectl version | grep -qx 'tcptracectl 0.1.0' ||
		die "tcptracectl version"
	# read an empty capture to check that the libraries are installed
	printf '\324\303\262\241\2\0\4\0\0\0\0\0\0\0\0\0\0\0\4\0\1\0\0\0' >/tmp/c
	tcptracectl watch -r /tmp/c
	rm /tmp/c
	tcptracectl help export 2>&1 | grep -q prometheus ||
		tcptracectl export --help | grep -q prometheus || die "no export"
	for file in /usr/share/man/man8/tcptracectl.8.gz \
		/usr/share/bash-completion/completions/tcptracectl \
		/usr/share/zsh/vendor-completions/_tcptracectl \
		/usr/share/fish/vendor_completions.d/tcptracectl.fish \
		/usr/share/tcptracectl/tcptracectl.schema.json \
		/usr/share/doc/tcptrace-doc/abi.rst.gz \
		/lib/systemd/system/tcptrace-export.service; do
		[ -e "$file" ] || die "no $file"
	done
	[ ! -e /usr/share/doc/tcptrace ] ||
		die "/usr/share/doc/tcptrace belongs to another package"
}

fleet()
{
	for unit in tcptrace-records.service tcptrace-ship.service \
		tcptrace-ship.timer tcptrace-rsyslog.service; do
		[ -z "$(find /etc/systemd/system -name "$unit")" ] ||
			die "$unit is enabled"
		found=$(systemd-analyze verify --man=no "$unit" 2>&1) ||
			die "$unit: $found"
		[ -z "$found" ] || die "$unit: $found"
	done
	rm -rf /run/systemd	# systemd-analyze makes it
	for program in /usr/libexec/tcptrace-fleet/*; do
		[ -x "$program" ] || die "$program is no program"
	done
	STATE_DIRECTORY=/tmp CLICKHOUSE=localhost rsyslogd -N1 \
		-f /usr/share/tcptrace-fleet/tcptrace-rsyslog.conf 2>&1 ||
		die "rsyslogd does not take its configuration"
}

# Check that a program that uses tcptrace-dev needs only a compiler: this root
# has no pkg-config.
program()
{
	flags=$(sed -n 's/^prefix=//p' /usr/share/pkgconfig/tcptrace.pc)/include
	[ "$flags" = /usr/include ] || die "tcptrace.pc: $flags"
	cc -std=c11 -Wall -Wextra -Werror "-I$flags" -o /tmp/reader \
		/usr/share/doc/tcptrace-dev/examples/reader.c 2>&1
	rm /tmp/reader
}

remove()
{
	# word splitting is intended: names contain no blanks
	# shellcheck disable=SC2086
	apt-get -qq -y remove $packages 2>&1
	for kernel in $(releases); do
		! modinfo -k "$kernel" tcptrace >/dev/null 2>&1 ||
			die "a module for $kernel"
	done
	! command -v tcptracectl || die "a program"
}

purge()
{
	# word splitting is intended: names contain no blanks
	# shellcheck disable=SC2086
	dpkg --purge $packages 2>&1
	# shellcheck disable=SC2086
	! dpkg-query -W $packages 2>/dev/null || die "not purged"
}

"$@"
