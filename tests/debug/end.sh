#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a debug kernel says after all scripts: vm.sh runs this one last. The
# module is out, so what it left is nobody's.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import os
import re
import time

import readers
from readers import Skip, case, equal, note
from slab import caches

LEAKS = "/sys/kernel/debug/kmemleak"
LOCKDEP = "/proc/lockdep_stats"
RACES = "/sys/kernel/debug/kcsan"
# A leak of 6.1's: a cache's name, when there was no memory for its kobject.
KNOWN = "sysfs_slab_add"
AGE = 6	# seconds after which kmemleak takes a block for lost


def scan():
    with open(LEAKS, "w") as file:
        file.write("scan\n")
    with open(LEAKS) as file:
        return file.read()


@case("no memory is left over: kmemleak")
def leaks():
    if not os.path.exists(LEAKS):
        raise Skip("this kernel has no kmemleak")
    equal(readers.is_loaded(), False, "the module is in")
    scan()
    time.sleep(AGE)	# by the kernel's clock: nothing tells when
    blocks = re.split(r"^(?=unreferenced object)", scan(), 0, re.MULTILINE)
    found = [block for block in blocks if block and KNOWN not in block]
    note(sum(KNOWN in block for block in blocks), "known ones of the kernel's")
    for line in "".join(found).splitlines():
        note(line)
    equal(len(found), 0, "unreferenced objects")


@case("no slab of the module's is left")
def slabs():
    equal(caches(), {}, "caches")


@case("lockdep has watched to the end")
def lockdep():
    if not os.path.exists(LOCKDEP):
        raise Skip("this kernel has no lockdep")
    with open(LOCKDEP) as file:
        equal(re.search(r"debug_locks: +(\d)", file.read())[1], "1",
              "debug_locks")


@case("KCSAN has watched to the end")
def races():
    if not os.path.exists(RACES):
        raise Skip("this kernel has no KCSAN")
    with open(RACES) as file:
        values = dict(re.findall(r"^(\w+): (\d+)$", file.read(), re.MULTILINE))
    note(values)
    equal((values["enabled"], int(values["setup_watchpoints"]) > 0),
          ("1", True), "enabled, and at work")


readers.run()
EOF
