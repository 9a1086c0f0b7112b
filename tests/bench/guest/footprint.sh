#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM, under the plugin: packets between marks, and where the code is.
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TCPTRACE_SRC/tests/bench/guest/footprint.py"
