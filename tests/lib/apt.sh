# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced: apt-get as root, without disturbing other users of the machine.

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

# RUNLEVEL=1: services that packages bring must not start on the user's
# machine. Another apt may be running: wait for its lock.
apt()
{
	as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get \
		-qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Once is enough. A failure is not final: the old lists may be good enough.
update_lists()
{
	[ "${lists_updated:-}" ] && return
	lists_updated=y
	may_install || return 0
	note "refreshing apt's package lists"
	apt update >/dev/null 2>&1 || true
}

# The line of apt's output with the reason.
reason_in()
{
	grep -m1 '^E:' <<<"$1" || tail -n 1 <<<"$1"
}
