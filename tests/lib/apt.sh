# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced: functions that run apt-get as root, without disturbing other users of
# the machine.

may_install()
{
	[ "$(id -u)" = 0 ] || command -v sudo >/dev/null
}

as_root()
{
	local -a sudo=()

	[ "$(id -u)" = 0 ] || sudo=(sudo)
	"${sudo[@]}" "$@"
}

# Run apt-get. RUNLEVEL=1 prevents the services of installed packages from
# starting. If another apt is running, wait for its lock.
apt()
{
	as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get \
		-qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Refresh the lists once. A failure is not fatal: the old lists may be enough.
update_lists()
{
	[ "${lists_updated:-}" ] && return
	lists_updated=y
	may_install || return 0
	note "refreshing apt's package lists"
	apt update >/dev/null 2>&1 || true
}

# Print the line of apt's output that gives the reason for a failure.
reason_in()
{
	grep -m1 '^E:' <<<"$1" || tail -n 1 <<<"$1"
}
