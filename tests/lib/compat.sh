#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the program of 32 bits that the VM tests run: build/tcptrace32. The
# compiler makes such code without a C library for it.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p "$src/build"
exec gcc -m32 -ffreestanding -nostdlib -static -fno-pie -no-pie -mno-sse \
	-fno-stack-protector -Os -Wall -Wextra -Werror -I"$src/include/uapi" \
	-isystem "/usr/include/$(gcc -print-multiarch)" \
	-o "$src/build/tcptrace32" "$src/tests/compat/compat.c"
