# SPDX-License-Identifier: GPL-2.0
"""Read /proc/slabinfo."""
import collections
import os

PACKED = tuple(f"tcpt_packed_{size}" for size in (272, 312, 408, 512, 816))
CACHES = ("tcpt_conn", "tcpt_full", *PACKED)
PAGE = 4096
Cache = collections.namedtuple("Cache", "objects bytes")


def caches():
    """Return: for each slab cache, the number of used objects, and the bytes of
    all pages."""
    found = {}
    with open("/proc/slabinfo") as file:
        for line in file.readlines()[2:]:
            name, *words = line.replace(":", " ").split()
            # active_objs num_objs objsize objperslab pagesperslab,
            # tunables ..., slabdata active_slabs num_slabs sharedavail
            found[name] = Cache(int(words[0]),
                                int(words[4]) * int(words[-2]) * PAGE)
    return found


def objects():
    """Return: the number of connections in memory, including those that wait
    for an RCU grace period."""
    cache = caches().get(CACHES[0])
    return cache.objects if cache else 0


def packed():
    """Return: the number of packed connections in memory."""
    found = caches()
    return sum(found[name].objects for name in PACKED)


def pages_kib():
    """Return: the size of all pages of the connections' slab caches, in KiB."""
    found = caches()
    return sum(found[name].bytes for name in CACHES if name in found) // 1024


def has_cache():
    return any(name in caches() or os.path.exists(f"/sys/kernel/slab/{name}")
               for name in CACHES)
