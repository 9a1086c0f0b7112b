# SPDX-License-Identifier: GPL-2.0
"""Instructions, in a VM whose clock counts them: B1, B5, B6, B7, B8, B11."""
import subprocess
import sys

from guest import (BIN, KO, LOST, OPEN, SEGMENT, STATE, Reader, bench, figure,
                   log, pairs_of, prepare, publish, run, tcptrace)

CAP = 65536
RING = 64 << 20
BIG = {"hashsize": CAP, "max_connections": 4 * CAP, "max_half_open": 4 * CAP}
PROC = "/proc/net/tcptrace"
PROC_CONNTRACK = "/proc/net/nf_conntrack"


def quietly(what, ko=KO):
    """One figure of the module, IPv4, no reader, its table empty at first."""
    with tcptrace(ko, **BIG):
        return count(what)


def count(what):
    return bench(what, path="tcptrace", family=4)[f"{what}.v4.tcptrace"]


def packets():
    """B1, B5. Each of B5's begins with an empty table."""
    with tcptrace(**BIG):
        publish(bench("established"))
    publish(bench("peers"))
    for family in 4, 6:
        with tcptrace(**BIG):
            publish(bench("new", family=family))


def events():
    """B7: what a record costs, and to whom."""
    quiet = quietly("established")
    readers = []
    for style in "map", "hold":
        with tcptrace(**BIG), Reader(style, SEGMENT, RING) as reader:
            told = count("established")
        name = "event.mmap" if style == "map" else "event.read"
        figure(name, reader.told["ticks"] / reader.told["events"])
        readers.append(reader)
    figure("event.segment", told - quiet)
    # an OPEN and a STATE for each SYN
    with tcptrace(**BIG):
        with Reader("hold", OPEN | STATE, RING) as lifecycle:
            told = count("new")
    figure("event.new", (told - quietly("new")) / 2)
    readers.append(lifecycle)
    if any(reader.told["lost"] or not reader.told["exact"]
           for reader in readers):
        sys.exit("the ring is too small, or a record is missing")


def idle():
    """B8: against a module that cannot export, and with nothing to tell."""
    quiet = quietly("established")
    figure("idle.none", quiet - quietly("established", BIN + "noevent.ko"))
    with tcptrace(**BIG), Reader("hold", LOST):
        figure("idle.reader", count("established") - quiet)


def noise(since):
    """Lines of the kernel's log that are not of the benchmark."""
    log.lines()
    return sum("bench " not in line and "buckets, up to" not in line
               for line in log.heard[since:])


def flood_tcptrace(cap=CAP, times=16):
    """Also what is left of those that were in use, and of the cap."""
    begin = len(log.heard)
    with tcptrace(hashsize=cap, max_connections=cap, max_half_open=cap):
        publish(bench("flood", path="tcptrace", cap=cap, times=times))
        with open(PROC, encoding="ascii") as file:
            columns = [line.split()[3:5] for line in file]
        left = columns.count(["ESTABLISHED", "ESTABLISHED"])
        figure("flood.tcptrace.lost", 1024 - left)
        figure("flood.tcptrace.above_cap", max(0, len(columns) - 1 - cap))
    figure("flood.tcptrace.log_lines", noise(begin))


def flood_conntrack():
    begin = len(log.heard)
    publish(bench("flood", path="conntrack", cap=CAP))
    out = subprocess.run(["conntrack", "-L", "-p", "tcp", "--state",
                          "ESTABLISHED"], check=True, text=True,
                         stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    count = int(subprocess.run(["conntrack", "-C"], check=True, text=True,
                               stdout=subprocess.PIPE).stdout)
    figure("flood.conntrack.lost", 1024 - len(out.splitlines()))
    figure("flood.conntrack.above_cap", max(0, count - CAP))
    figure("flood.conntrack.log_lines", noise(begin))
    run("conntrack", "-F")


def dump_of(path):
    out = subprocess.run([BIN + "lines", path], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    return pairs_of(out)


def dumps(sizes, peer_sizes):
    """B11: the tables as text, with as many buckets as conntrack has."""
    for log2 in sizes:
        with tcptrace(**BIG):
            bench("fill", path="tcptrace", log2=log2)
            dump = dump_of(PROC)
        publish_dump(f"dump.tcptrace.{1 << log2}", dump, (1 << log2) + 1)
    for log2 in peer_sizes:
        bench("fill", path="conntrack", log2=log2)
        publish_dump(f"dump.conntrack.{1 << log2}", dump_of(PROC_CONNTRACK),
                     1 << log2)
        run("conntrack", "-F")


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
    flood_tcptrace()
    flood_conntrack()
    dumps((10, 15, 18), (10, 15))


if __name__ == "__main__":
    main()
