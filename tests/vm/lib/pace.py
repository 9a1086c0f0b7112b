# SPDX-License-Identifier: GPL-2.0
"""How slow this kernel is: what may take S seconds gets S * SLOW."""
import os

SLOW = int(os.environ.get("TCPTRACE_SLOW", "1"))
