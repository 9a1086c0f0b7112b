#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: what the stack costs with whom it has to feed.
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TCPTRACE_SRC/tests/bench/guest/loopback.py"
