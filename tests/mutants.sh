#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the mutation tests: plant a bug in a copy of the sources, and check that a
# test catches it. Prints TAP. Arguments are passed to tests/mutants/run.py,
# e.g. --short 'ring-*'.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

export PYTHONDONTWRITEBYTECODE=1
exec python3 "$src/tests/mutants/run.py" "$@"
