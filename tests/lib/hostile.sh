#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the generator of hostile packets that the VM tests run: build/hostile.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p "$src/build"
exec gcc -O2 -Wall -Wextra -Werror -I"$src/module" -I"$src/include/uapi" \
	-o "$src/build/hostile" "$src"/tests/hostile/*.c
