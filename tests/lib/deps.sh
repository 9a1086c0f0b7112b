#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install the Debian packages that the named jobs need: deps.sh JOB...
# Install the named packages: deps.sh --packages NAME...
# Print the packages that a job needs: deps.sh --list JOB
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/suite.sh"

usage()
{
	echo "usage: deps.sh build|client|vm|uml|debug|uapi|style|fuzz|speed|bench|demo|fleet|packages|check..."
	echo "       deps.sh --packages NAME..."
	echo "       deps.sh --list JOB"
}

# Print the source packages of the kernels in the host's suite. The source
# packages of other suites are unpacked, not installed.
source_packages()
{
	local series

	for series in $kernels; do
		! is_hosts "$series" || echo "linux-source-$series"
	done
}

packages_of()
{
	case $1 in
	client)
		echo gcc libc6-dev make pkg-config libpcap-dev nettle-dev
		echo libkmod-dev libmnl-dev libarchive-dev libncurses-dev
		echo libsmartcols-dev gettext
		echo libmicrohttpd-dev libfixbuf-dev
		;;
	build) echo gcc libc6-dev make rsync kmod ;;
	root) echo gcc libc6-dev make sparse ;;
	vm)
		echo qemu-system-x86 busybox-static cpio gzip xz-utils kmod
		# programs that guest scripts run from the host's root
		echo iproute2 nftables conntrack curl iperf3 python3 procps
		echo tcpdump ethtool coreutils util-linux
		echo ipvsadm iptables wireguard-tools linux-perf bpftrace
		# libraries of the servers of tools.sh
		echo openssh-client libwrap0
		;;
	uml)
		echo gcc libc6-dev make flex bison bc xz-utils
		source_packages
		;;
	debug) packages_of demo && packages_of uml && echo libelf-dev ;;
	uapi) echo gcc g++ clang binutils linux-libc-dev python3 ;;
	style)
		packages_of uapi
		echo libc6-dev make sparse shellcheck perl pyflakes3
		echo man-db groff-base xz-utils
		source_packages
		;;
	fuzz) packages_of client && echo clang libclang-rt-dev python3 ;;
	bench) packages_of build && packages_of vm && packages_of uml ;;
	fleet)
		packages_of client
		# libraries of the servers of tools.sh
		echo libcapnp-0.9.2 libcctz2 libcpuinfo0 libfarmhash0 libjemalloc2
		echo libmariadb3 libmetrohash1 libpocodataodbc80 libpocomongodb80
		echo libpoconetssl80 libboost-filesystem1.74.0
		echo libboost-program-options1.74.0 libdouble-conversion3
		echo libre2-9 librdkafka1 libestr0 libfastjson4 systemd python3
		;;
	speed) packages_of client && echo python3 tshark tcptrace ;;
	demo) packages_of build && packages_of client && packages_of vm ;;
	packages)
		packages_of client && packages_of vm
		echo dpkg-dev debhelper dh-dkms fakeroot lintian mmdebstrap openssl
		;;
	check)
		packages_of packages && packages_of demo && packages_of uml && packages_of style &&
			packages_of fuzz
		echo tshark	# the differential test
		echo ccache	# see common.sh
		echo python3-jsonschema	# the JSON of the client
		echo chromium	# opens the report
		echo zsh fish	# run the client's completions
		echo tmux	# shows the screen of top
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
}

missing_of()
{
	local p

	for p in "$@"; do
		[ "$(dpkg-query -Wf '${Status}' "$p" 2>/dev/null)" = \
			"install ok installed" ] || echo "$p"
	done | sort -u
}

check_known()
{
	local p

	for p in "$@"; do
		if ! apt-cache show --no-all-versions "$p" >/dev/null 2>&1; then
			echo "$p"
		fi
	done
}

install_missing()
{
	local log unknown
	local -a missing

	mapfile -t missing < <(missing_of "$@")
	if [ ${#missing[@]} = 0 ]; then
		note "packages: nothing to install"
		return
	fi
	[ "$(check_known "${missing[@]}")" ] && update_lists
	unknown=$(check_known "${missing[@]}")
	[ "$unknown" ] && die "apt knows no package" \
		"${unknown//$'\n'/, } (is the network up? Debian 12 or 13?)"
	may_install || die "neither root nor sudo: cannot install ${missing[*]}"
	note "packages: installing ${missing[*]}"
	log=$(apt install -y --no-install-recommends "${missing[@]}" 2>&1) &&
		return
	# Old lists may name versions that the mirror no longer has.
	update_lists
	log=$(apt install -y --no-install-recommends "${missing[@]}" 2>&1) &&
		return
	die "apt-get cannot install ${missing[*]}: $(reason_in "$log")"
}

main()
{
	local job
	local -a wanted=()

	case ${1:-} in
	--list)
		packages_of "$2"
		exit
		;;
	-h | --help)
		usage
		exit 0
		;;
	'')
		usage >&2
		exit 2
		;;
	esac
	command -v apt-get >/dev/null ||
		die "no apt-get here: this needs Debian 12 or 13"
	if [ "$1" = --packages ]; then
		shift
		wanted=("$@")
	else
		for job; do
			# word splitting is intended: package names
			# contain no blanks
			# shellcheck disable=SC2207
			wanted+=($(packages_of "$job"))
		done
	fi
	install_missing "${wanted[@]}"
}

main "$@"
