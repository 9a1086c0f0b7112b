#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The classes of TCP segments: tcptracectl against Wireshark's tshark, on
# scenes written by hand and on random connections. Prints TAP. Arguments are
# passed to tests/diff/run.py, e.g. --seeds 100-199 --keep FOLDER.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

command -v tshark >/dev/null || die "no tshark: run make deps"
quietly make -C "$src/userspace" BUILD="$src/build/userspace"
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$src/tests/diff/run.py" "$@" "$src/build/userspace/tcptracectl"
