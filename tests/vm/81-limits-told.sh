#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Who reaches a limit is told of: by the device, a tracepoint, and one line.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import errno
import os
import socket
import struct

import load
import readers
from limits import HITS, hits, log_lines
from readers import (LIMIT, Reader, case, equal, fails, grown, parameter,
                     stats, until)

HALF_OPEN, FLOOD, TURN = 64, 12000, 50
SECOND = 10 ** 9
VICTIM = "10.99.7.7"
TRACING = "/sys/kernel/tracing/"
TRACEPOINT = TRACING + "events/tcptrace/tcptrace_limit/enable"

readers.load(max_half_open=HALF_OPEN)
witness = Reader(LIMIT)		# of another namespace
everywhere = Reader(LIMIT)
everywhere.all_netns()
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
netns = os.stat("/proc/self/ns/net").st_ino
if not os.path.isdir(TRACING + "events"):
    readers.command("mount", "-t", "tracefs", "tracefs", TRACING)


class Flood(load.Syns):
    """SYNs from ever other addresses and ports, for one."""

    def send(self, count=1):
        for _ in range(count):
            number = next(self.number)
            source = socket.inet_ntoa(struct.pack("!I", 0x0b000000 + number))
            self.socket.sendto(load.ip4(source, VICTIM, load.tcp(
                1024 + number % 60000, 443, load.SYN, number)), (VICTIM, 0))


flood = Flood()


def said_by(record):
    """In the words of the tracepoint."""
    names = ("netns", "span_ms", *HITS, "opened", "unanswered")
    address = socket.inet_ntoa(record.addr[:4])
    return " ".join(f"{name}={getattr(record, name)}" for name in names) + \
        f" receiver={address}:{record.port}"


@case("a flood: a record a second at most, with exact numbers and its victim")
def told():
    load.write_file(TRACING + "trace", "")
    load.write_file(TRACEPOINT, "1")
    flood.send(HALF_OPEN)
    before, lines, records = stats(), log_lines(), []
    with Reader(LIMIT) as reader:
        for _ in range(FLOOD // TURN):
            flood.send(TURN)
            records += reader.drain()
        evicted = grown(before, stats())["evicted"]
        until(lambda: records.extend(reader.drain()) or
              hits(records).get("half_open", 0) >= evicted, "all hits")
    load.write_file(TRACEPOINT, "0")
    readers.note(f"{len(records)} records, the first {records[0]}")
    equal((hits(records), evicted), ({"half_open": FLOOD}, FLOOD), "hits")
    # one that reaches the limit in a span may open after its end
    opened = sum(record.opened for record in records)
    equal(FLOOD - len(records) < opened <= FLOOD, True, f"{opened} opened")
    equal(sum(record.unanswered for record in records), FLOOD, "unanswered")
    equal({(record.netns, record.addr[:4], record.family, record.port)
           for record in records},
          {(netns, socket.inet_aton(VICTIM), socket.AF_INET, 443)}, "victim")
    for record in records:
        equal(record.span_ms >= 1000, True, "span")
    for one, two in zip(records, records[1:]):
        equal(two.time - one.time >= SECOND, True, "distance")
    equal(log_lines() - lines, 1, "lines of the kernel's log")
    equal(witness.drain(), [], "records of another namespace")
    equal(hits(everywhere.drain()), {"half_open": FLOOD}, "all namespaces")
    with open(TRACING + "trace", encoding="ascii") as file:
        traced = [line.partition("tcptrace_limit: ")[2].rstrip()
                  for line in file if "tcptrace_limit: " in line]
    equal(traced, [said_by(record) for record in records], "tracepoint")


@case("the cap, and a connection that was answered")
def cap():
    with Reader(LIMIT) as reader:
        before = stats()
        for sock in load.pair(load.listener()):
            load.abort(sock)
        with parameter("max_connections", max(16, stats()["entries"])):
            flood.send(100)
            moved = grown(before, stats())
            records = reader.collect(lambda found: sum(hits(
                found).values()) >= moved.get("evicted", 0) +
                moved.get("table_full", 0), "all hits")
    total = hits(records)
    equal(total.get("full", 0), moved.get("table_full", 0), "full")
    equal(total.get("half_open", 0) + total.get("table", 0),
          moved.get("evicted", 0), "evicted")
    equal(moved.get("table_full", 0) > 0, True, "the cap was reached")


@case("one reader too many: EBUSY, a counter, a record")
def too_many():
    with Reader(LIMIT) as reader, parameter("max_readers", 3):
        before = stats()
        for _ in range(5):
            fails(errno.EBUSY, Reader)
        equal(grown(before, stats()), {"readers_full": 5}, "counters")
        records = reader.collect(lambda found: found, "record")
        equal((hits(records), records[0].family), ({"readers": 5}, 0), "record")


@case("a namespace that ends leaves nothing untold")
def untold():
    everywhere.drain()
    with readers.Child(lambda theirs: burst(theirs)) as child:
        child.hear()
        inum = int(child.hear(20))
        child.end()
    records = everywhere.collect(lambda found: [
        record for record in found if record.netns == inum], "record")
    equal(hits([record for record in records if record.netns == inum]),
          {"readers": 2}, "hits")
    for reader in witness, everywhere:
        os.close(reader.fd)


def burst(theirs):
    """In a namespace of its own, which ends with the process."""
    readers.unshare(readers.CLONE_NEWNET)
    with parameter("max_readers", 2):
        for _ in range(2):
            fails(errno.EBUSY, Reader)
    theirs.sendall(b".")
    theirs.sendall(str(os.stat("/proc/self/ns/net").st_ino).encode())


readers.run()
EOF
