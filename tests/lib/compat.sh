#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build programs that the VM tests run: build/tcptrace32, a 32-bit program
# without a C library, and build/example-reader-v1, a reader that knows only the
# first layout of the records.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p "$src/build"
gcc -O2 -Wall -Wextra -Werror -isystem "$src/tests/uapi/v1" \
	-o "$src/build/example-reader-v1" \
	"$src/userspace/examples/reader.c"
exec gcc -m32 -ffreestanding -nostdlib -static -fno-pie -no-pie -mno-sse \
	-fno-stack-protector -Os -Wall -Wextra -Werror -I"$src/include/uapi" \
	-isystem "/usr/include/$(gcc -print-multiarch)" \
	-o "$src/build/tcptrace32" "$src/tests/compat/compat.c"
