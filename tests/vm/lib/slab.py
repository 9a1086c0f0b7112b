# SPDX-License-Identifier: GPL-2.0
"""Read /proc/slabinfo."""
import collections
import os

CONN, FULL = "tcpt_conn", "tcpt_full"
CLEAN, PACKED = "tcpt_clean_", "tcpt_packed_"	# followed by a size
OURS = CONN, FULL, CLEAN, PACKED
PAGE = 4096
Cache = collections.namedtuple("Cache", "objects size bytes")


def caches():
    """Return: for each slab cache, the number of used objects, the size of an
    object, and the bytes of all pages."""
    found = {}
    with open("/proc/slabinfo") as file:
        for line in file.readlines()[2:]:
            name, *words = line.replace(":", " ").split()
            # active_objs num_objs objsize objperslab pagesperslab,
            # tunables ..., slabdata active_slabs num_slabs sharedavail
            found[name] = Cache(int(words[0]), int(words[2]),
                                int(words[4]) * int(words[-2]) * PAGE)
    return found


def objects():
    """Return: the number of connections in memory, including those that wait
    for an RCU grace period."""
    cache = caches().get(CONN)
    return cache.objects if cache else 0


def used(prefix):
    """Return: the number of used objects of the caches that begin with
    @prefix: CLEAN or PACKED."""
    return sum(cache.objects for name, cache in caches().items()
               if name.startswith(prefix))


def total(found):
    """Return: the bytes of all pages of the connections' slab caches. found:
    from caches()"""
    return sum(cache.bytes for name, cache in found.items()
               if name.startswith(OURS))


def pages_kib():
    return total(caches()) // 1024


def has_cache():
    names = [*caches(), *os.listdir("/sys/kernel/slab")]
    return any(name.startswith(OURS) for name in names)
