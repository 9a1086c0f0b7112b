#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Widen the windows of races with CONFIG_TCPTRACE_DELAY, while a second CPU
interferes. Documentation/locking.rst says how each window is closed."""
import collections
import contextlib
import errno
import itertools
import os
import random
import time

import module
import nft
from case import case, run
from check import SLOW, equal, note, until
from device import Reader
from module import BIN, parameter
from netns import INITIAL, SINK_FROM, entered, isolate
from proc import Child
from procfs import check_conserved, grown, stats, table
from raw import Syns, ip4, raw4, tcp
from records import CLOSE, DROP, OPEN, RST, SEGMENT
from sockets import listener, new_socket

INSERT, LOOKUP, SHOW, EVENT, FILTER, HOOK, WRITE, _, FOLLOW = (
    1 << bit for bit in range(9))
BATCH = 20	# SYNs
EVERYTHING = [(0x06, 0, 0, 0x40000)]	# classic BPF: select all packets
NOTHING = [(0x06, 0, 0, 0)]
TOO_SLOW = 0.5 * SLOW	# s; after 0.95 s the kernel throttles
firsts = itertools.count(1 << 21, 1 << 14)

module.load(BIN + "tcptrace-delay.ko", max_half_open=1 << 16,
            max_connections=1 << 17, ring_kib=16384)
isolate()


@contextlib.contextmanager
def wide(window, microseconds=1000):
    with parameter("delay_us", microseconds), parameter("delay_at", window):
        yield


def send(control, cpu, first):
    os.sched_setaffinity(0, {cpu})
    syns = Syns(first)
    while control.recv(1) == b"+":
        syns.send(BATCH)
        control.sendall(b".")


class Twins:
    """Two processes on different CPUs, which send the same SYNs at the same
    time."""

    def __init__(self):
        first = next(firsts)
        self.children = [Child(send, cpu, first) for cpu in (0, 1)]
        self.sent = 0	# by each

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.end(b"x")

    def send(self, batches):
        for child in self.children:
            child.say(b"+" * batches)
        self.sent += batches * BATCH
        for child in self.children:
            for _ in range(batches):
                child.hear()


def still_open(records):
    """Check that each connection is opened once, and closed at most once.
    Return: the number of open connections."""
    opened = [record.conn for record in records if record.type == OPEN]
    closed = [record.conn for record in records if record.type == CLOSE]
    equal((len(set(opened)), len(set(closed))), (len(opened), len(closed)),
          "each once")
    return len(set(opened) - set(closed))


@case("insert / insert: one connection for each SYN")
def insert():
    before = stats()
    with wide(INSERT), Twins() as twins:
        until(lambda: twins.send(10) or
              grown(before)["insert_race"] > 20, "races")
    moved = grown(before)
    note(f"{twins.sent} SYNs by each CPU, {moved['insert_race']} races")
    equal((moved["opened"], moved["tracked"]), (twins.sent, 2 * twins.sent),
          "opened, tracked")
    equal({row["orig_packets"] for row in table()}, {"2"}, "packets of each")
    check_conserved()


@case("lookup / eviction: the lookup is repeated if the connection was removed")
def lookup():
    with parameter("max_half_open", 16), Reader(OPEN, CLOSE) as reader:
        before, records = stats(), []
        with wide(LOOKUP), Twins() as twins:
            until(lambda: twins.send(5) or records.extend(reader.drain()) or
                  grown(before)["opened"] > twins.sent + 20,
                  "connections that were opened again")
        moved = grown(before)
        records += reader.drain()
    note(f"{twins.sent} SYNs by each CPU, {moved['opened']} opened")
    still_open(records)
    kinds = collections.Counter(record.type for record in records)
    equal((kinds[OPEN], kinds[CLOSE]), (moved["opened"], moved["evicted"]),
          "OPEN and CLOSE records")
    equal(moved["tracked"] + moved["late"], 2 * twins.sent, "tracked")
    check_conserved()


def read_table(control):
    """Run in a child: read the table repeatedly. Each line must be complete,
    and no line may show a connection whose CLOSE has been read."""
    os.sched_setaffinity(0, {1})
    lines = 0
    with Reader(CLOSE) as reader:
        control.sendall(b".")
        while True:
            gone = {str(record.conn) for record in reader.drain()}
            rows = table()
            lines += len(rows)
            equal({row["id"] for row in rows} & gone, set(), "closed ones")
            control.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if control.recv(1):
                    break
    control.setblocking(True)
    control.sendall(str(lines).encode())


@case("eviction / read of procfs: lines of connections that end")
def show():
    with parameter("max_half_open", 64), Child(read_table) as child:
        child.hear()
        before = stats()
        with wide(SHOW, 200), Twins() as twins:
            twins.send(100)
        child.say()
        note(f"{int(child.hear(20))} lines, "
             f"{grown(before)['evicted']} evicted")
        child.end()


@case("event / close of a reader: 100 readers while records are written")
def close():
    with wide(EVENT, 200), Twins() as twins:
        for _ in range(10):
            for child in twins.children:
                child.say(b"+")
            for _ in range(10):
                with Reader(OPEN, CLOSE) as reader:
                    reader.drain()
            for child in twins.children:
                child.hear()
    check_conserved()


@case("replace filter / event: the old filter selects nothing after the call")
def replace():
    taken = 0
    with Reader(OPEN) as reader, wide(FILTER, 500), Twins() as twins:
        for _ in range(30):
            reader.set_filter(EVERYTHING)
            for child in twins.children:
                child.say(b"+++")
            until(lambda was=taken: reader.info().produced > was, "a record")
            reader.set_filter(NOTHING)
            taken = reader.info().produced
            for child in twins.children:
                for _ in range(3):
                    child.hear()
            equal(reader.info().produced, taken, "records after the call")
            reader.drain()
    check_conserved()


def stray(control):
    """Run in a child: send RSTs that belong to no open connection."""
    os.sched_setaffinity(0, {0})
    raw = raw4()
    packet = ip4(SINK_FROM, "10.99.1.1", tcp(1, 2, RST))
    control.sendall(b".")
    while True:
        raw.sendto(packet, ("10.99.1.1", 0))


def slowest_resize(control):
    """Run in a child: resize a ring at real-time priority, so that the resize
    can preempt a producer. Send the number of resizes, the number of records,
    and the CPU time of the slowest resize to the parent."""
    os.sched_setaffinity(0, {0})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    rng, number, slowest = random.Random(2), 0, 0
    with Reader(SEGMENT) as reader:
        for tries in itertools.count():
            # a slow host may need more time for the records
            if tries >= 200 and reader.info().produced > 100:
                break
            begin = time.thread_time()
            try:
                reader.resize(1 << rng.randrange(14, 18))
                number += 1
            except OSError as error:	# too many records wait
                equal(error.errno, errno.EBUSY, "errno")
            slowest = max(slowest, time.thread_time() - begin)
            if slowest > TOO_SLOW:
                break
            reader.drain()
            time.sleep(rng.random() / 200)
        produced = reader.info().produced
    control.sendall(f"{number} {produced} {slowest}".encode())


@case("resize / record: a real-time reader waits for its producer")
def resize():
    # only with PREEMPT_RT can a producer be preempted while it writes
    with wide(WRITE), Child(stray) as producer:
        producer.hear()
        with Child(slowest_resize) as child:
            number, produced, slowest = map(float, child.hear(80).split())
            child.end()
    note(f"{number:.0f} new sizes among {produced:.0f} records, the "
         f"slowest in {slowest:.3f} s of CPU time")
    equal(slowest < TOO_SLOW, True, f"{slowest} s of CPU time")
    equal((number > 10, produced > 100), (True, True), "sizes, records")


def flood(control):
    """Run in a child: send SYNs in a new namespace until the child is
    killed."""
    isolate()
    syns = Syns()
    control.sendall(b".")
    while True:
        syns.send(BATCH)


@case("end of a namespace / hook: each connection is closed once")
def end():
    with entered(INITIAL), Reader(OPEN, CLOSE) as reader, wide(HOOK, 500):
        reader.all_netns()
        for _ in range(10):
            before = reader.info().produced
            with Child(flood) as child:
                child.hear()
                # do not read here, because a reader may be slower than the
                # flood
                until(lambda want=before + 50:
                      reader.info().produced > want, "records")
                child.kill()
            reader.collect(lambda found: still_open(found) == 0,
                           "the end of the namespace")
        equal(reader.info().lost, 0, "lost")


def drop_half(control):
    """Like flood(), but a rule drops every second packet."""
    isolate()
    nft.load("""
table ip half {
	chain c {
		type filter hook output priority 0
		numgen inc mod 2 0 drop
	}
}""")
    syns = Syns()
    control.sendall(b".")
    while True:
        # send() fails with EPERM if the rule drops the packet
        with contextlib.suppress(PermissionError):
            syns.send(BATCH)


def fill_queue(control):
    """Like flood(), but the SYNs go to a listener on loopback whose accept
    queue is full."""
    isolate()
    with listener(backlog=0) as full, new_socket(None, "127.0.0.1") as first:
        first.connect(full.getsockname())
        raw = raw4()
        control.sendall(b".")
        for sport in itertools.cycle(range(1024, 20000)):
            raw.sendto(ip4("127.0.0.1", "127.0.0.1",
                           tcp(sport, full.getsockname()[1])),
                       ("127.0.0.1", 0))


def ask(control):
    """Run in a child: open and close readers that ask for the fate of
    packets. Send the number of readers and of DROP records to the parent."""
    os.sched_setaffinity(0, {1})
    control.setblocking(False)
    number = drops = 0
    while True:
        with Reader(DROP) as reader:
            reader.all_netns()
            time.sleep(0.01)
            drops += sum(r.type == DROP for r in reader.drain())
            number += 1
        with contextlib.suppress(BlockingIOError):
            if control.recv(1):
                break
    control.setblocking(True)
    control.sendall(f"{number} {drops}".encode())


@case("end of a namespace or of a reader / packets that are followed")
def follow():
    with entered(INITIAL), wide(FOLLOW, 200):
        for sender in drop_half, fill_queue:
            with Child(ask) as child:
                for _ in range(5):
                    with Child(sender) as traffic:
                        traffic.hear()
                        time.sleep(0.5)
                        traffic.kill()
                child.say()
                number, drops = map(int, child.hear(40).split())
                child.end()
            note(f"{number} readers, {drops} dropped packets")
            equal((number > 5, drops > 0), (True, True), "readers, drops")


run()
