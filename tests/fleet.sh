#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Test that the records of three hosts reach two ClickHouse shards:
# fleet.sh [--short]. Prints TAP. The servers run in their own network
# namespace. The hosts are namespaces of a VM with the module; with --short,
# there is no VM, and the records are made from tests/cases.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

records=1000000
away=60
short=
if [ "${1:-}" = --short ]; then
	short=y
	records=6000
	away=2
fi
TCPTRACE_TOOLS=$("$src/tests/lib/tools.sh")
export TCPTRACE_TOOLS PYTHONDONTWRITEBYTECODE=1
for package in clickhouse-server clickhouse-client clickhouse-common \
		systemd-journal-remote rsyslog; do
	[ ! -e "$TCPTRACE_TOOLS/$package/.whole" ] || continue
	echo "1..0 # SKIP no $package"
	exit
done
if ! LD_LIBRARY_PATH=$TCPTRACE_TOOLS/clickhouse-common/usr/lib/x86_64-linux-gnu \
		"$TCPTRACE_TOOLS/clickhouse-client/usr/bin/clickhouse-client" \
		--version >&2; then
	echo "1..0 # SKIP ClickHouse does not run here"
	exit
fi
make -s -C "$src/userspace" BUILD="$src/build/userspace" >&2
hosts=()
if [ -z "$short" ]; then
	kernel=${kernels%% *}
	claim_log fleet
	quietly "$src/tests/lib/module.sh" \
		"$("$src/tests/lib/kernel.sh" headers "$kernel")"
	"$src/tests/lib/vm.sh" run "$kernel" --log "$claimed" \
		"$src/tests/fleet/hosts.py" >"$claimed/output" && rc=0 || rc=$?
	grep -av '^{' "$claimed/output" | sed 's/^[^#]/# &/'
	[ "$rc" = 0 ] || die "the hosts: exit $rc"
	hosts=("$claimed/records")
	grep -a '^{' "$claimed/output" >"${hosts[0]}"
fi
# shellcheck disable=SC2016 # the inner shell expands it
exec unshare --map-root-user --net bash -c 'ip link set lo up && exec "$@"' - \
	/usr/bin/python3 "$src/tests/fleet/fleet.py" \
	"$src/build/userspace/tcptracectl" "$records" "$away" "${hosts[@]}"
