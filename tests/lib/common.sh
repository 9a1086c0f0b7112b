# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the scripts beside it: paths, and common functions.

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${TCPTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcptrace}
kernels=$(awk '/^[0-9]/ { print $1 }' "$src/tests/lib/kernels" | xargs)
# shellcheck disable=SC2086 # names, no blanks inside
rt_kernels=$(printf "%s-rt\n" $kernels | xargs)	# Debian's, with PREEMPT_RT
debug_kernels="debug-kasan debug-kcsan"	# built from Debian's source
lean_kernels="6.1-ipv4 6.1-noct"	# the same without IPv6 or conntrack
all_kernels="$kernels $rt_kernels $debug_kernels $lean_kernels"
export src cache kernels debug_kernels lean_kernels all_kernels

# Run compilers through ccache, if it is installed: a new checkout compiles only
# what has changed.
if [ -d /usr/lib/ccache ]; then
	export PATH="/usr/lib/ccache:${PATH#/usr/lib/ccache:}"
	export CCACHE_DIR="${CCACHE_DIR:-$cache/ccache}" CCACHE_MAXSIZE=1G
	export CCACHE_BASEDIR="$src" CCACHE_NOHASHDIR=y
fi

# A field of a kernel's line in the table tests/lib/kernels.
kernel_field()
{
	awk -v series="${1%%-*}" -v field="$2" \
		'$1 == series { print $field }' "$src/tests/lib/kernels"
}

# Is the kernel built here, and not a Debian image?
is_own()
{
	case " $debug_kernels $lean_kernels " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# The options of an outer make must not reach the inner ones.
unset MAKEFLAGS MFLAGS MAKELEVEL

# Progress goes to stderr, because stdout is for results and TAP.
note()
{
	echo "$*" >&2
}

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Run a command whose output matters only when it fails.
quietly()
{
	local log

	log=$(mktemp)
	if "$@" >"$log" 2>&1; then
		rm -f "$log"
		return
	fi
	tail -n 40 "$log" >&2
	rm -f "$log"
	return 1
}

# Lock a part of the cache until this shell ends: checkouts share the cache.
cache_lock()
{
	mkdir -p "$cache"
	exec {cache_lock_fd}>"$cache/$1.lock"
	if ! flock -n "$cache_lock_fd"; then
		note "waiting for another run that uses $cache ($1)"
		flock "$cache_lock_fd"
	fi
}

# Set $claimed to the first folder of NAME, NAME.2, NAME.3, ... under build/log
# that no other run uses: several people may test in one checkout.
claim_log()
{
	local n=1

	claimed=$src/build/log/$1
	while :; do
		mkdir -p "$claimed"
		exec {claim_fd}>"$claimed/lock"
		flock -n "$claim_fd" && return
		exec {claim_fd}>&-
		n=$((n + 1))
		claimed=$src/build/log/$1.$n
	done
}
