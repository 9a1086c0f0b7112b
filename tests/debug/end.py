#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that the checkers of a debug kernel were on until the end, and that
they have found no leak except a known one. vm.sh runs this script after all
other scripts, with the module unloaded."""
import os
import re
import time

import module
from case import case, run
from check import Skip, equal, note
from proc import read_file, write_file
from slab import caches

LEAKS = "/sys/kernel/debug/kmemleak"
LOCKDEP = "/proc/lockdep_stats"
RACES = "/sys/kernel/debug/kcsan"
# Linux 6.1 leaks a slab cache's name if it cannot allocate the kobject of the
# cache.
KNOWN = "sysfs_slab_add"
AGE = 6	# seconds before kmemleak reports a block


def scan():
    write_file(LEAKS, "scan\n")
    return read_file(LEAKS)


@case("kmemleak finds no leak")
def leaks():
    if not os.path.exists(LEAKS):
        raise Skip("this kernel has no kmemleak")
    equal(module.is_loaded(), False, "the module is loaded")
    scan()
    time.sleep(AGE)	# no event shows that the blocks are old enough
    blocks = re.split(r"^(?=unreferenced object)", scan(), 0, re.MULTILINE)
    found = [block for block in blocks if block and KNOWN not in block]
    note(sum(KNOWN in block for block in blocks), "known leaks of the kernel")
    for line in "".join(found).splitlines():
        note(line)
    equal(len(found), 0, "unreferenced objects")


@case("no slab cache of the module is left")
def slabs():
    equal([name for name in caches() if name.startswith("tcpt")], [], "caches")


@case("lockdep was on until the end")
def lockdep():
    if not os.path.exists(LOCKDEP):
        raise Skip("this kernel has no lockdep")
    equal(re.search(r"debug_locks: +(\d)", read_file(LOCKDEP))[1], "1",
          "debug_locks")


@case("KCSAN was on until the end")
def races():
    if not os.path.exists(RACES):
        raise Skip("this kernel has no KCSAN")
    values = dict(re.findall(r"^(\w+): (\d+)$", read_file(RACES),
                             re.MULTILINE))
    note(values)
    equal((values["enabled"], int(values["setup_watchpoints"]) > 0),
          ("1", True), "enabled, with watchpoints")


run()
