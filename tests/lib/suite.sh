# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # src, cache: common.sh
# Sourced after common.sh and apt.sh: functions that get packages from a
# kernel's suite of Debian's archive. For the suite of the host's release, use
# the host's apt. For other suites, keep package lists in the cache; the host's
# apt does not change.

suite_of()
{
	kernel_field "$1" 2
}

hosts_suite()
{
	# shellcheck source=/dev/null
	(. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

is_hosts()
{
	[ "$(suite_of "$1")" = "$(hosts_suite)" ]
}

# shellcheck disable=SC2016 # apt expands it
find_archive()
{
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		"Label: $1" | head -n 1
}

# Print the URI of the host's Debian archive, which has the other suites, too.
archive_uri()
{
	local uri

	uri=$(find_archive Debian)
	if [ -z "$uri" ]; then
		update_lists
		uri=$(find_archive Debian)
	fi
	[ "$uri" ] || die "apt's sources name no archive of Debian"
	echo "$uri"
}

# Print the lines of sources.list for suites. Add the security archive, because
# only this archive has Linux 6.12 for bookworm.
suite_sources()
{
	local uri security suite key=/usr/share/keyrings/debian-archive-keyring.gpg

	uri=$(archive_uri)
	security=$(find_archive Debian-Security)
	for suite; do
		echo "deb [signed-by=$key] $uri $suite main"
		case $suite:$security in
		*-backports:* | *:) ;;
		*) echo "deb [signed-by=$key] $security $suite-security main" ;;
		esac
	done
}

# Set APT_CONFIG for the following commands. Write the sources each time,
# because the host's sources may have changed.
use_suite()
{
	local dir=$cache/apt/$1

	mkdir -p "$dir"/{lists,cache/archives}/partial
	# replace each file atomically: a concurrent run may be reading it
	suite_sources "$1" >"$dir/sources.list.$$"
	mv "$dir/sources.list.$$" "$dir/sources.list"
	cat >"$dir/apt.conf.$$" <<-EOT
		APT::Sandbox::User "root";
		Dir::Etc::SourceList "$dir/sources.list";
		Dir::Etc::SourceParts "-";
		Dir::State::Lists "$dir/lists";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir/cache";
	EOT
	mv "$dir/apt.conf.$$" "$dir/apt.conf"
	export APT_CONFIG=$dir/apt.conf
}

# Run apt with the lists of a kernel's suite: suite_apt SERIES COMMAND...
suite_apt()
{
	(
		is_hosts "$1" || use_suite "$(suite_of "$1")"
		"${@:2}"
	)
}

update_suite()
{
	if is_hosts "$1"; then
		update_lists
	else
		note "fetching the package lists of $(suite_of "$1")"
		suite_apt "$1" flock "$cache/apt/lock" apt-get -qq update \
			>/dev/null 2>&1 || true
	fi
}

find_version()
{
	suite_apt "$1" apt-cache show --no-all-versions "$2" 2>/dev/null |
		sed -n 's/^Version: //p'
}

suite_version()
{
	local found

	found=$(find_version "$1" "$2")
	if [ -z "$found" ]; then
		update_suite "$1"
		found=$(find_version "$1" "$2")
	fi
	[ "$found" ] || die "$(suite_of "$1") has no $2 (is the network up?)"
	echo "$found"
}

# apt's sandbox user cannot write to a folder that belongs to root.
# shellcheck disable=SC2317 # called through suite_apt
download_here()
{
	cd "$1" && shift && apt-get -qq -o APT::Sandbox::User=root \
		download "$@" 2>&1
}

# Unpack a package without installing it: suite_unpack SERIES PACKAGE FOLDER
suite_unpack()
{
	local log

	mkdir -p "$3"
	note "downloading $2"
	log=$(suite_apt "$1" download_here "$3" "$2") || {
		# Old lists may name versions that the mirror no longer has.
		update_suite "$1"
		log=$(suite_apt "$1" download_here "$3" "$2")
	} || die "apt-get cannot download $2: $(reason_in "$log")"
	note "unpacking $2"
	dpkg -x "$3/$2"_*.deb "$3"
	rm "$3/$2"_*.deb
}
