#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mutation tests: bugs are planted on purpose, and a test must catch each bug.
# Prints TAP. Arguments are passed to tests/mutants/run.py, e.g. --short
# 'ring-*'.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

export PYTHONDONTWRITEBYTECODE=1
exec python3 "$src/tests/mutants/run.py" "$@"
