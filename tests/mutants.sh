#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mutation tests: bugs that are planted on purpose, each of which a test must
# catch. Prints TAP. Arguments are passed to tests/mutants/run.py, e.g.
# --short 'ring-*'.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

export PYTHONDONTWRITEBYTECODE=1
exec python3 "$src/tests/mutants/run.py" "$@"
