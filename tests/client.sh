#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the client with gcc, with gcc's sanitizers and with clang, test each
# build with handmade files, and print TAP. BUILD=dir keeps the builds in the
# folder dir. "--only TEXT" runs the cases with TEXT in their names, on the gcc
# build. If "make check" runs all sections, it tests only the build with the
# sanitizers, because the VMs test the gcc build.

set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
build=${BUILD:-$src/build/client-tests}

# Build everything before the plan is printed, because a failed build is not a
# case, but ends the run.
build_client()
{
	local label=$1 log
	shift

	log=$build/$label.log
	mkdir -p "$build"
	if ! make -s -C "$src/userspace" BUILD="$build/$label" "$@" \
			>"$log" 2>&1; then
		cat "$log" >&2
		echo "Bail out! the client ($label) does not build"
		exit 1
	fi
}

build_shim()
{
	mkdir -p "$build"
	if ! gcc -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -shared -fPIC \
			-isystem "$src/include/uapi" -o "$build/$1.so" \
			"$src/tests/client/$1.c" -ldl; then
		echo "Bail out! tests/client/$1.c does not build"
		exit 1
	fi
}

builds=()
if [ "${TCPTRACE_SHORT:-}" != 1 ] || [ "${1:-}" = --only ]; then
	build_client gcc CC=gcc
	builds+=("gcc=$build/gcc/tcptracectl")
fi
if [ "${1:-}" != --only ]; then
	build_client asan CC=gcc SANITIZE=address,undefined
	builds+=("asan=$build/asan/tcptracectl")
	if command -v clang >/dev/null; then
		build_client clang CC=clang
		[ "${TCPTRACE_SHORT:-}" = 1 ] ||
			builds+=("clang=$build/clang/tcptracectl")
	fi
fi
build_shim shim
build_shim tree
TCPTRACE_TOOLS=$("$src/tests/lib/tools.sh")
export TCPTRACE_TOOLS PYTHONDONTWRITEBYTECODE=1
exec python3 "$src/tests/client/run.py" "$@" "$build/shim.so" "${builds[@]}"
