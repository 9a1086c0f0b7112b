#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run a job in the test VM: guest.sh JOB. vm.sh has filled the folder JOB. The
# output and the results of scripts go through virtio ports, not through the
# console.
set -u
job=$1

port_named()
{
	local name

	for name in /sys/class/virtio-ports/*/name; do
		[ "$(cat "$name")" = "$1" ] || continue
		name=${name%/name}
		echo "/dev/${name##*/}"
		return
	done
	echo "guest.sh: no virtio port named $1" >/dev/console
	return 1
}

prepare()
{
	# Print the kernel's messages on the console.
	dmesg -n 7
	echo "guest.sh: tests begin" >/dev/kmsg
	hostname tcptrace-vm
	ip link set lo up
	[[ $TCPTRACE_KERNEL != debug-* ]] ||
		mount -t debugfs debugfs /sys/kernel/debug
	# nft and ip keep their state here
	mkdir -p /run/netns /run/lock
	cd /
}

# Kill all other programs, delete the namespaces and the rules, and unload the
# module, so that a script that fails does not make later scripts fail. Return
# an error if the module cannot be unloaded.
reset_guest()
{
	local p pid

	for p in /proc/[0-9]*; do
		pid=${p#/proc/}
		case " 1 $$ $PPID $out_pid " in *" $pid "*) continue ;; esac
		# kernel threads have no program
		[ -e "$p/exe" ] || continue
		kill -KILL "$pid" 2>/dev/null
	done
	ip -all netns delete 2>/dev/null
	[ ! -d /sys/module/nf_tables ] || nft flush ruleset
	tc qdisc del dev lo root 2>/dev/null
	[ ! -d /sys/module/tcptrace ] || rmmod tcptrace
}

run_script()
{
	local begin=$SECONDS rc=0 name=${1#"$TCPTRACE_SRC/"}

	echo "# begin $name"
	echo "guest.sh: begin $name" >/dev/kmsg
	timeout -k 5 "$VM_TIMEOUT" "$1" </dev/null || rc=$?
	[ $rc != 124 ] && [ $rc != 137 ] ||
		echo "# $name: stopped after $VM_TIMEOUT s"
	if ! reset_guest 2>&1; then
		echo "# $name: the module could not be unloaded after it"
		[ $rc != 0 ] || rc=125
	fi
	echo "# end $name: exit $rc in $((SECONDS - begin)) s"
	echo "exit $rc $1" >&4
}

run_scripts()
{
	local out script

	out=$(port_named tcptrace.out) || return
	exec 4>"$(port_named tcptrace.status)"
	# Write to the port through a pipe, because scripts open /dev/stderr,
	# and a port can be opened only once.
	exec 3> >(exec cat >"$out")
	out_pid=$!
	echo up >&4
	while read -r script; do
		run_script "$script" >&3 2>&3
	done <"$job/scripts"
	exec 3>&-
	for _ in {1..50}; do
		kill -0 "$out_pid" 2>/dev/null || break
		sleep 0.1
	done
	echo end >&4
	exec 4>&-
}

load_module()
{
	local needed

	for needed in $(modinfo -F depends "$TCPTRACE_KO" | tr , ' '); do
		modprobe "$needed"
	done
	insmod "$TCPTRACE_KO" && echo "tcptrace is loaded" \
		"($(uname -sr)); leave with exit or Ctrl-D (Ctrl-] x kills it)"
}

run_shell()
{
	local tty=/dev/ttyS1

	stty -F $tty sane rows "$VM_ROWS" cols "$VM_COLUMNS"
	exec <>$tty >&0 2>&0
	load_module
	cd "$TCPTRACE_SRC" && setsid --ctty --wait bash
	[ ! -d /sys/module/tcptrace ] || rmmod tcptrace
}

set -a
# shellcheck source=/dev/null # written by vm.sh
. "$job/env"
HOME=/root
LANG=C.UTF-8
# the source is read-only
export PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONPYCACHEPREFIX=/run/pycache
PATH=$VM_PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
set +a

prepare
case $VM_MODE in
run) run_scripts ;;
shell) run_shell ;;
esac
