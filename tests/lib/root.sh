#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Make roots of other Debian releases in the cache, and run commands in them: a
# kernel's headers need the compiler and the C library of their own release.
# Nothing but mmdebstrap is installed on the host.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
. "$src/tests/lib/apt.sh"
. "$src/tests/lib/suite.sh"
. "$src/tests/lib/kbuild.sh"

usage()
{
	cat <<-EOT
	usage: root.sh make SERIES RELEASE            root with that kernel's headers
	       root.sh run RELEASE FOLDER COMMAND...  a command in it, which sees FOLDER
	EOT
}

# make C=1 asks checker-valid.sh whether sparse knows __typeof_unqual__.
# Debian's headers lack the script. Debian's sparse does not know the operator,
# and rejects strlen() in a constant expression.
add_checker()
{
	local scripts valid=checker-valid.sh

	as_root install -m 755 /dev/stdin "$1/usr/local/bin/sparse" <<-'EOT'
		#!/bin/sh
		exec /usr/bin/sparse -D__typeof_unqual__=__typeof__ \
			'-D__builtin_strlen(s)=(sizeof(s) - 1)' "$@"
	EOT
	for scripts in "$1"/usr/lib/linux-kbuild-*/scripts; do
		[ -e "$scripts/$valid" ] ||
			as_root install -m 755 /dev/stdin "$scripts/$valid" \
				<<<$'#!/bin/sh\necho 1'
	done
}

make_root()
{
	local series=$1 release=$2 dir=$cache/root/$1/$2 suite base include log

	[ ! -e "$dir/complete" ] || return 0
	cache_lock "root-$series"
	[ ! -e "$dir/complete" ] || return 0
	"$src/tests/lib/deps.sh" --packages mmdebstrap
	suite=$(suite_of "$series")
	base=${suite%%-*}
	include=$("$src/tests/lib/deps.sh" --list root | xargs | tr ' ' ,)
	as_root rm -rf "${cache:?}/root/$series"
	mkdir -p "${dir%/*}"
	note "making a root of $base with the headers of $release"
	log=$(suite_sources "$base" "$suite" | sort -u |
		as_root mmdebstrap --quiet --variant=essential \
			--include="$include,linux-headers-$release" \
			"$base" "$dir" - 2>&1) ||
		die "mmdebstrap makes no root of $base: $(reason_in "$log")"
	add_checker "$dir"
	as_root touch "$dir/complete"
}

# Run a command in a root. The mounts end with the command.
run_in_root()
{
	local folder=$2 root series fd

	root=$(root_with "$1")
	[ "$root" ] || die "no root with the headers of $1"
	series=$(basename "${root%/*}")
	# a process that rebuilds the root waits for this lock
	exec {fd}>"$cache/root-$series.lock"
	flock -s "$fd"
	shift 2
	# shellcheck disable=SC2016 # the inner shell expands it
	as_root unshare --mount --propagation private sh -ec '
		mkdir -p "$1$2"
		mount --bind "$2" "$1$2"
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		root=$1 user=$3
		shift 3
		exec chroot --userspec="$user" "$root" "$@"
	' sh "$root" "$folder" "$(id -u):$(id -g)" env -i LC_ALL=C.UTF-8 \
		PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

case ${1:-}:$# in
make:3) make_root "$2" "$3" ;;
run:[4-9] | run:[1-9][0-9]) run_in_root "${@:2}" ;;
-h:1 | --help:1) usage ;;
*)
	usage >&2
	exit 2
	;;
esac
