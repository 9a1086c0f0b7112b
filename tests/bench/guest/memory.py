#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""B4: measure the bytes that a connection occupies in the slab caches and in
the hash table."""
import itertools
import time

from check import until
from guest import bench, figure, prepare, tcptrace
from proc import command, write_file
from slab import CLEAN, CONN, PACKED, caches, total, used

HEAD = 8    # bytes of a bucket
EXTENSIONS = "nf_conntrack_acct", "nf_conntrack_timestamp"


def kmalloc(found):
    return sum(cache.bytes for name, cache in found.items()
               if name.startswith("kmalloc-"))


def wait_for_clean(log2):
    """Wait until all connections are clean; before that, none may be idle for a
    minute."""
    for number in itertools.count(1):
        time.sleep(20)
        if used(CLEAN) >= 1 << log2:
            return
        bench("exchange", path="tcptrace", log2=log2, round=number)


def of_tcptrace(log2, idle):
    n = 1 << log2
    with tcptrace(hashsize=n, max_connections=2 * n, max_half_open=2 * n):
        bench("fill", path="tcptrace", log2=log2)
        wait_for_clean(log2)
        found = caches()
        figure(f"bytes.tcptrace.{n}", total(found) / n + HEAD)
        # a half-open connection has only an object of the first cache
        figure(f"bytes.tcptrace.half_open.{n}",
               found[CONN].bytes / n + HEAD)
        if not idle:
            return
        until(lambda: used(PACKED) >= n, "packed connections", 300)
        figure(f"bytes.tcptrace.idle.{n}", total(caches()) / n + HEAD)


def of_conntrack(log2, name, extended):
    n = 1 << log2
    for extension in EXTENSIONS:
        command("sysctl", "-q", "-w",
                f"net.netfilter.{extension}={int(extended)}")
    write_file("/sys/module/nf_conntrack/parameters/hashsize", n)
    before = kmalloc(caches())
    bench("fill", path="conntrack", log2=log2)
    after = caches()
    size = after["nf_conntrack"].bytes
    if extended:
        size += kmalloc(after) - before
    figure(f"bytes.{name}.{n}", size / n + HEAD)
    command("conntrack", "-F")


def main():
    prepare()
    for log2, idle in (18, True), (20, False):
        of_tcptrace(log2, idle)
        of_conntrack(log2, "conntrack", False)
        of_conntrack(log2, "conntrack_extended", True)


main()
