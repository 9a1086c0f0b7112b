#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: bytes of a connection.
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TCPTRACE_SRC/tests/bench/guest/memory.py"
