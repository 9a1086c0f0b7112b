#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Check the packages in the booted system, as root. For each check, write
# "ok NAME" or "no NAME: REASON" to the virtio port; write "end" after the last.

for name in /sys/class/virtio-ports/*/name; do
	[ "$(cat "$name")" != tcptrace.status ] || port=${name%/name}
done
exec 3>"/dev/${port##*/}"

check()
{
	name=$1
	shift
	if why=$("$@" 2>&1); then
		echo "ok $name" >&3
	else
		echo "no $name: $(echo "$why" | tr '\n' ' ' | cut -c -600)" >&3
	fi
}

loaded()
{
	grep -q '^tcptrace ' /proc/modules ||
		{ systemctl status systemd-modules-load; return 1; }
}

device()
{
	udevadm settle
	found=$(stat -c '%U %G %a' /dev/tcptrace) || return 1
	[ "$found" = "root tcptrace 640" ] || { echo "$found"; return 1; }
}

# Connect again and again to a port where nobody listens, until killed.
traffic()
{
	while :; do
		bash -c '</dev/tcp/127.0.0.1/9' 2>/dev/null
		sleep 0.2
	done
}

capable()
{
	user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups \
		--inh-caps +net_admin --ambient-caps +net_admin "$@"
}

incapable()
{
	user=$1
	shift
	setpriv --reuid "$user" --regid "$user" --init-groups "$@"
}

sees()
{
	found=$("$@" timeout 60 tcptracectl watch -n 2 --json) || return 1
	echo "$found" | grep -q '"resp_port":9' || { echo "$found"; return 1; }
}

# fails WORDS COMMAND...: check that tcptracectl, run through COMMAND, fails
# with an error that contains WORDS.
fails()
{
	wanted=$1
	shift
	! found=$("$@" timeout 60 tcptracectl watch -n 1 2>&1) ||
		{ echo "it works"; return 1; }
	case $found in
	*"$wanted"*) ;;
	*)
		echo "$found"
		return 1
		;;
	esac
}

doctor()
{
	found=$(tcptracectl doctor --json --seconds 1)
	for name in module device; do
		echo "$found" | grep -q "\"check\":\"$name\",\"verdict\":\"ok\"" ||
			{ echo "$found"; return 1; }
	done
}

metrics()
{
	systemctl start tcptrace-export || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		found=$(bash -c 'exec 5<>/dev/tcp/127.0.0.1/9793 &&
			printf "GET /metrics HTTP/1.0\r\n\r\n" >&5 && cat <&5' \
			2>/dev/null) && break
		sleep 1
	done
	systemctl stop tcptrace-export
	echo "$found" | grep -q '^tcptrace_connections [0-9]' ||
		{ echo "$found"; systemctl status tcptrace-export; return 1; }
}

# shipped UNIT...: start the units, and check that records reach the script that
# replaces clickhouse-client. The script writes them to the state folder of the
# first unit.
shipped()
{
	# shellcheck disable=SC2016 # the script expands it
	printf '#!/bin/sh\ncat >>"$STATE_DIRECTORY/inserted"\n' \
		>/usr/bin/clickhouse-client
	chmod 0755 /usr/bin/clickhouse-client
	systemctl start tcptrace-records "$@" || return 1
	for _ in $(seq 120); do
		found=$(grep '"event":"close".*"resp_port":9' \
			"/var/lib/${1%.*}/inserted" 2>/dev/null) && break
		sleep 0.5
	done
	systemctl stop tcptrace-records "$@"
	[ "$found" ] || { systemctl status "$@" "${1%.*}"; return 1; }
}

useradd member
usermod -a -G tcptrace member
useradd stranger
ip link set lo up
traffic &
check loaded loaded
check device device
check root sees env
check member sees capable member
check member-without fails CAP_NET_ADMIN incapable member
check stranger fails "the group tcptrace" capable stranger
check doctor doctor
check metrics metrics
check ship shipped tcptrace-ship.timer
check rsyslog shipped tcptrace-rsyslog.service
kill $!
echo end >&3
