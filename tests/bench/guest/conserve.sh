#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM, with two CPUs: readers that cannot keep up.
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TCPTRACE_SRC/tests/bench/guest/conserve.py"
