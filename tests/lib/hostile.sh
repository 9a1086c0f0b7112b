#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the senders of the VM tests: build/hostile, build/flood.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p "$src/build"
for program in hostile flood; do
	gcc -O2 -Wall -Wextra -Werror -I"$src/module" -I"$src/include/uapi" \
		-o "$src/build/$program" "$src/tests/$program"/*.c
done
