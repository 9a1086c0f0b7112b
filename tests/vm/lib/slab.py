# SPDX-License-Identifier: GPL-2.0
"""The caches of the module in the kernel's slab allocator."""
import os

CACHE = "tcpt_conn"


def caches():
    """Objects in use, by cache of the module."""
    with open("/proc/slabinfo") as file:
        rows = [line.split() for line in file if line.startswith("tcpt")]
    return {row[0]: int(row[1]) for row in rows}


def objects():
    """Connections in memory, those that wait for RCU included."""
    return caches().get(CACHE, 0)


def has_cache():
    return CACHE in caches() or os.path.exists(f"/sys/kernel/slab/{CACHE}")
