#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Download the servers and collectors that tests run, and print their folder.
# They are unpacked into the cache, because installed servers would start with
# the machine. If a program cannot be downloaded, its tests are skipped.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/suite.sh"

packages="prometheus nfdump libfixbuf-tools nginx openssh-server
	clickhouse-server clickhouse-client clickhouse-common systemd-journal-remote
	rsyslog"
dir=$cache/tools

mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
for package in $packages; do
	[ -e "$dir/$package/.whole" ] && continue
	rm -rf "${dir:?}/$package"
	(suite_unpack "${kernels%% *}" "$package" "$dir/$package") >&2 || continue
	touch "$dir/$package/.whole"
done
echo "$dir"
