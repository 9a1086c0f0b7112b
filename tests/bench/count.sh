#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: counts of instructions.
TCPTRACE_BENCH_KO=$(dirname "$(command -v tcptracectl)")/tcptrace_bench.ko
export TCPTRACE_BENCH_KO
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TCPTRACE_SRC/tests/bench/guest.py"
