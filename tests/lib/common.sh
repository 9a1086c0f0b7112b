# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the scripts in tests: paths and common functions.

src=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${TCPTRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcptrace}
kernels=$(awk '/^[0-9]/ { print $1 }' "$src/tests/lib/kernels" | xargs)
# word splitting is intended: names contain no blanks
# shellcheck disable=SC2086
rt_kernels=$(printf "%s-rt\n" $kernels | xargs)	# Debian's, with PREEMPT_RT
debug_kernels="debug-kasan debug-kcsan"	# built from Debian's source
lean_kernels="6.1-ipv4 6.1-noct"	# likewise; without IPv6 or conntrack
all_kernels="$kernels $rt_kernels $debug_kernels $lean_kernels"
export src cache kernels debug_kernels lean_kernels all_kernels

# Run compilers through ccache if it is installed, so that a new checkout
# compiles only changed files.
if [ -d /usr/lib/ccache ]; then
	export PATH="/usr/lib/ccache:${PATH#/usr/lib/ccache:}"
	export CCACHE_DIR="${CCACHE_DIR:-$cache/ccache}" CCACHE_MAXSIZE=1G
	export CCACHE_BASEDIR="$src" CCACHE_NOHASHDIR=y
fi

# Print a field of a kernel's line in the table tests/lib/kernels.
kernel_field()
{
	awk -v series="${1%%-*}" -v field="$2" \
		'$1 == series { print $field }' "$src/tests/lib/kernels"
}

# Check whether the kernel is built here, and is not a Debian image.
is_own()
{
	case " $debug_kernels $lean_kernels " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# Hide the options of an outer make from the makes that the scripts run.
unset MAKEFLAGS MFLAGS MAKELEVEL

# Print progress to stderr, because stdout is for results and TAP.
note()
{
	echo "$*" >&2
}

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Run a command; only if it fails, print the last lines of its output.
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

# Lock a part of the cache, which checkouts share, until this shell ends.
cache_lock()
{
	mkdir -p "$cache"
	exec {cache_lock_fd}>"$cache/$1.lock"
	if ! flock -n "$cache_lock_fd"; then
		note "waiting for another run that uses $cache ($1)"
		flock "$cache_lock_fd"
	fi
}

# Set $claimed to the first of the folders NAME, NAME.2, NAME.3, ... in
# build/log that no other run uses: several runs may test one checkout at the
# same time.
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
