#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check how the module reports that a limit was reached: in LIMIT records, by a
tracepoint, and in the kernel log."""
import errno
import socket
import struct

import module
from case import case, run
from check import equal, fails, note, until
from device import Reader
from floods import log_lines
from libc import CLONE_NEWNET, unshare
from module import parameter
from netns import inode, isolate
from proc import Child
from procfs import entries, grown, stats
from raw import Syns, ip4, tcp
from records import LIMIT, LIMITS, SYN, limit_hits
from sockets import abort, listener, pair
from tracefs import Traced

HALF_OPEN, FLOOD, TURN = 64, 12000, 50
SECOND = 10 ** 9
VICTIM = "10.99.7.7"

module.load(max_half_open=HALF_OPEN)
witness = Reader(LIMIT)		# a reader in a different namespace
everywhere = Reader(LIMIT)
everywhere.all_netns()
isolate()


class Flood(Syns):
    """Send SYNs from changing addresses and ports to one address and port."""

    def send(self, count=1):
        for _ in range(count):
            number = next(self.number)
            source = socket.inet_ntoa(struct.pack("!I", 0x0b000000 + number))
            self.socket.sendto(ip4(source, VICTIM, tcp(
                1024 + number % 60000, 443, SYN, number)), (VICTIM, 0))


flood = Flood()


def line_of(record):
    """Return: a LIMIT record in the form in which its tracepoint prints it."""
    names = ("netns", "span_ms", *LIMITS, "opened", "unanswered")
    return {**{name: str(getattr(record, name)) for name in names},
            "receiver": f"{socket.inet_ntoa(record.addr[:4])}:{record.port}"}


@case("a flood: at most one record per second, with exact counts and the victim")
def flooded():
    flood.send(HALF_OPEN)
    before, lines, records = stats(), log_lines(), []
    with Reader(LIMIT) as reader, Traced("tcptrace_limit") as traced:
        for _ in range(FLOOD // TURN):
            flood.send(TURN)
            records += reader.drain()
        evicted = grown(before)["evicted"]
        until(lambda: records.extend(reader.drain()) or
              limit_hits(records).get("half_open", 0) >= evicted, "all hits")
        found = [fields for _, fields in traced.lines()]
    note(f"{len(records)} records, the first {records[0]}")
    equal((limit_hits(records), evicted), ({"half_open": FLOOD}, FLOOD), "hits")
    # the connection of a SYN that reaches the limit may be opened after the
    # LIMIT record is made
    opened = sum(record.opened for record in records)
    equal(FLOOD - len(records) < opened <= FLOOD, True, f"{opened} opened")
    equal(sum(record.unanswered for record in records), FLOOD, "unanswered")
    equal({(record.netns, record.addr[:4], record.family, record.port)
           for record in records},
          {(inode(), socket.inet_aton(VICTIM), socket.AF_INET, 443)}, "victim")
    for record in records:
        equal(record.span_ms >= 1000, True, "span")
    for one, two in zip(records, records[1:]):
        equal(two.time - one.time >= SECOND, True, "distance")
    equal(log_lines() - lines, 1, "lines of the kernel's log")
    equal(witness.drain(), [], "records of another namespace")
    equal(limit_hits(everywhere.drain()), {"half_open": FLOOD}, "all namespaces")
    # fields in this order
    equal([[*fields.items()] for fields in found],
          [[*line_of(record).items()] for record in records], "tracepoint")


@case("the cap: LIMIT records count its hits, with an answered connection")
def cap():
    with Reader(LIMIT) as reader:
        before = stats()
        abort(*pair(listener()))
        with parameter("max_connections", max(16, entries())):
            flood.send(100)
            moved = grown(before)
            records = reader.collect(lambda found: sum(limit_hits(
                found).values()) >= moved["evicted"] +
                moved["table_full"], "all hits")
    total = limit_hits(records)
    equal(total["full"], moved["table_full"], "full")
    equal(total["half_open"] + total["table"],
          moved["evicted"], "evicted")
    equal(moved["table_full"] > 0, True, "the cap was reached")


@case("one reader too many: EBUSY, a counter, a record")
def too_many():
    with Reader(LIMIT) as reader, parameter("max_readers", 3):
        before = stats()
        for _ in range(5):
            fails(errno.EBUSY, Reader)
        equal(grown(before), {"readers_full": 5}, "counters")
        records = reader.collect(lambda found: found, "record")
        equal((limit_hits(records), records[0].family), ({"readers": 5}, 0), "record")


def reach_limit(control):
    """Run in a child: reach a limit in a new namespace, which ends when the
    child exits."""
    unshare(CLONE_NEWNET)
    with parameter("max_readers", 2):
        for _ in range(2):
            fails(errno.EBUSY, Reader)
    control.sendall(str(inode()).encode())


@case("a namespace that ends emits its last LIMIT record")
def namespace_end():
    everywhere.drain()
    with Child(reach_limit) as child:
        inum = int(child.hear(20))
        child.end()
    records = everywhere.collect(lambda found: [
        record for record in found if record.netns == inum], "record")
    equal(limit_hits([record for record in records if record.netns == inum]),
          {"readers": 2}, "hits")
    witness.close()
    everywhere.close()


run()
