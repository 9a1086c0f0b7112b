#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compare the classes that tcptracectl and Wireshark's tshark give TCP segments.
# In scenes written by hand, each class must be as the scene expects; in random
# connections, at least 99.9 % of the segments must have the same classes.
# Prints TAP. Arguments are passed to tests/diff/run.py, e.g. --seeds 100-199
# --keep FOLDER.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

command -v tshark >/dev/null || die "no tshark: run make deps"
version=$(tshark --version 2>/dev/null |
	sed -n '1s/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
# the rules for duplicate ACKs and reused ports, for example, are different in
# later versions of tshark
if [ "$version" != 4.0 ]; then
	echo "1..0 # SKIP the classes are those of Wireshark 4.0, not of $version"
	exit
fi
quietly make -C "$src/userspace" BUILD="$src/build/userspace"
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$src/tests/diff/run.py" "$@" "$src/build/userspace/tcptracectl"
