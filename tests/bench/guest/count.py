#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Count instructions in a VM whose clock is the instruction counter: B1, B5 to
B8, B11, B14."""
import sys

from guest import (FATE, LOST, OPEN, SEGMENT, STATE, Reader, bench, figure, heard,
                   listen, pairs_of, prepare, publish, tcptrace)
from module import BIN, KO
from proc import command
from procfs import rows_of

CAP = 65536
RING = 64 << 20
BIG = {"hashsize": CAP, "max_connections": 4 * CAP, "max_half_open": 4 * CAP}
PROC = "/proc/net/tcptrace"
PROC_CONNTRACK = "/proc/net/nf_conntrack"


def quietly(what, ko=KO):
    """Measure one figure of the module with IPv4, without a reader, and with a
    table that is empty at first."""
    with tcptrace(ko, **BIG):
        return count(what)


def count(what):
    return bench(what, path="tcptrace", family=4)[f"{what}.v4.tcptrace"]


def packets():
    """Measure B1 and B5. Each run of B5 begins with an empty table."""
    with tcptrace(**BIG):
        publish(bench("established"))
    publish(bench("peers"))
    for family in 4, 6:
        with tcptrace(**BIG):
            publish(bench("new", family=family))


def events():
    """B7: measure the cost of a record for the kernel and for the reader."""
    quiet = quietly("established")
    readers = []
    for style in "map", "hold":
        with tcptrace(**BIG), Reader(style, SEGMENT, RING) as reader:
            loaded = count("established")
        name = "event.mmap" if style == "map" else "event.read"
        figure(name, reader.counts["ticks"] / reader.counts["events"])
        readers.append(reader)
    figure("event.segment", loaded - quiet)
    # each SYN causes an OPEN and a STATE
    with tcptrace(**BIG):
        with Reader("hold", OPEN | STATE, RING) as lifecycle:
            loaded = count("new")
    figure("event.new", (loaded - quietly("new")) / 2)
    readers.append(lifecycle)
    if any(reader.counts["lost"] or not reader.counts["exact"]
           for reader in readers):
        sys.exit("the ring is too small, or a record is missing")


def idle():
    """B8: measure the cost of export without a reader, and with a reader that
    asks only for LOST."""
    quiet = quietly("established")
    figure("idle.none", quiet - quietly("established", BIN + "noevent.ko"))
    with tcptrace(**BIG), Reader("hold", LOST):
        figure("idle.reader", count("established") - quiet)


def followed():
    """B14: measure the additional cost of packets while a reader asks for
    FATE."""
    def counts():
        return (bench("established", path="tcptrace", family=4) |
                bench("new", path="tcptrace", family=4) | bench("freed"))
    with tcptrace(**BIG):
        before = counts()
    with tcptrace(**BIG), Reader("hold", FATE):
        after = counts()
    for name in ("established.v4.tcptrace", "new.v4.tcptrace", "freed.udp",
                 "freed.udp6", "freed.tcp"):
        figure(f"fate.{name.partition('.v4')[0]}", after[name] - before[name])


def noise(since):
    """Count the lines of the kernel log after the first @since lines, without
    the benchmark's lines and the line that the module prints when it is
    loaded."""
    listen()
    return sum("bench " not in line and "buckets, up to" not in line
               for line in heard[since:])


def flood_tcptrace(cap=CAP, times=16):
    """Flood tcptrace. Count lost established connections, and table rows beyond
    the cap."""
    begin = len(heard)
    with tcptrace(hashsize=cap, max_connections=cap, max_half_open=cap):
        publish(bench("flood", path="tcptrace", cap=cap, times=times))
        rows = rows_of(PROC)
        left = sum(row["orig_state"] == row["resp_state"] == "ESTABLISHED"
                   for row in rows)
        figure("flood.tcptrace.lost", 1024 - left)
        figure("flood.tcptrace.above_cap", max(0, len(rows) - cap))
    figure("flood.tcptrace.log_lines", noise(begin))


def flood_conntrack():
    begin = len(heard)
    publish(bench("flood", path="conntrack", cap=CAP))
    out = command("conntrack", "-L", "-p", "tcp", "--state", "ESTABLISHED")
    figure("flood.conntrack.lost", 1024 - len(out.splitlines()))
    figure("flood.conntrack.above_cap",
           max(0, int(command("conntrack", "-C")) - CAP))
    figure("flood.conntrack.log_lines", noise(begin))
    command("conntrack", "-F")


def dump_of(path):
    return pairs_of(command(BIN + "lines", path))


def dumps(sizes, peer_sizes):
    """B11: measure text dumps of the tables; tcptrace has as many buckets as
    conntrack."""
    for log2 in sizes:
        with tcptrace(**BIG):
            bench("fill", path="tcptrace", log2=log2)
            dump = dump_of(PROC)
        publish_dump(f"dump.tcptrace.{1 << log2}", dump, (1 << log2) + 1)
    for log2 in peer_sizes:
        bench("fill", path="conntrack", log2=log2)
        publish_dump(f"dump.conntrack.{1 << log2}", dump_of(PROC_CONNTRACK),
                     1 << log2)
        command("conntrack", "-F")


def publish_dump(name, dump, lines):
    if dump["lines"] < lines:
        sys.exit(f"{name}: {dump['lines']} lines")
    figure(name, dump["ticks"] / dump["lines"])
    figure(name + ".longest", dump["longest"])


def main():
    prepare()
    packets()
    events()
    idle()
    followed()
    flood_tcptrace()
    flood_conntrack()
    dumps((10, 15, 18), (10, 15))


if __name__ == "__main__":
    main()
