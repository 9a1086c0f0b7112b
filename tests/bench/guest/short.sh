#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the VM: the short form.
PYTHONDONTWRITEBYTECODE=1 exec python3 "$TCPTRACE_SRC/tests/bench/guest/short.py"
