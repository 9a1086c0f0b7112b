# SPDX-License-Identifier: GPL-2.0
"""B4: bytes of a connection, from the slabs that it is in."""
import re

from guest import bench, figure, prepare, run, tcptrace

PAGE = 4096
HEAD = 8    # of a bucket
EXTENSIONS = "nf_conntrack_acct", "nf_conntrack_timestamp"


def slabs():
    """Bytes of the pages of each cache."""
    sizes = {}
    with open("/proc/slabinfo", encoding="ascii") as file:
        for line in file:
            match = re.match(r"(\S+) +(?:\d+ +){4}(\d+) :.* (\d+) +\d+$",
                             line)
            if match:
                sizes[match[1]] = int(match[2]) * int(match[3]) * PAGE
    return sizes


def kmalloc(sizes):
    return sum(size for name, size in sizes.items()
               if name.startswith("kmalloc-"))


def of_tcptrace(log2):
    n = 1 << log2
    with tcptrace(hashsize=n, max_connections=2 * n, max_half_open=2 * n):
        bench("fill", path="tcptrace", log2=log2)
        figure(f"bytes.tcptrace.{n}", slabs()["tcpt_conn"] / n + HEAD)


def of_conntrack(log2, name, extended):
    n = 1 << log2
    for extension in EXTENSIONS:
        run("sysctl", "-q", "-w",
            f"net.netfilter.{extension}={int(extended)}")
    with open("/sys/module/nf_conntrack/parameters/hashsize", "w",
              encoding="ascii") as file:
        file.write(str(n))
    before = kmalloc(slabs())
    bench("fill", path="conntrack", log2=log2)
    after = slabs()
    size = after["nf_conntrack"]
    if extended:
        size += kmalloc(after) - before
    figure(f"bytes.{name}.{n}", size / n + HEAD)
    run("conntrack", "-F")


def main():
    prepare()
    for log2 in 18, 20:
        of_tcptrace(log2)
        of_conntrack(log2, "conntrack", False)
        of_conntrack(log2, "conntrack_extended", True)


main()
