#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The windows of races are made wide (CONFIG_TCPTRACE_DELAY), and another CPU
# comes between. Documentation/locking.rst says what closes each.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import contextlib
import errno
import itertools
import os
import random
import signal
import time

import conserved
import load
import readers
from pace import SLOW
from readers import (CLOSE, OPEN, SEGMENT, Child, Reader, case, equal, grown,
                     parameter, stats, table, until)

os.environ["TCPTRACE_KO"] = os.path.join(
    os.path.dirname(os.environ["TCPTRACE_KO"]), "bin", "tcptrace-delay.ko")
INSERT, LOOKUP, SHOW, EVENT, FILTER, HOOK, WRITE = (
    1 << bit for bit in range(7))
BATCH = 20	# SYNs
EVERYTHING = [(0x06, 0, 0, 0x40000)]	# programs of classic BPF: take all,
NOTHING = [(0x06, 0, 0, 0)]		# or no packet
TOO_SLOW = 0.5 * SLOW	# seconds; in 0.95 s real time priority ends
firsts = itertools.count(1 << 21, 1 << 14)

readers.load(max_half_open=1 << 16, max_connections=1 << 17, ring_kib=16384)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()


@contextlib.contextmanager
def wide(window, microseconds=1000):
    with parameter("delay_us", microseconds), parameter("delay_at", window):
        yield


def send(control, cpu, first):
    os.sched_setaffinity(0, {cpu})
    syns = load.Syns(first)
    while control.recv(1) == b"+":
        syns.send(BATCH)
        control.sendall(b".")


class Twins:
    """A process on each CPU; both send the same SYNs, at the same time."""

    def __init__(self):
        first = next(firsts)
        self.children = [Child(send, cpu, first) for cpu in (0, 1)]
        self.sent = 0	# by each

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.say(b"x")
            child.end()

    def send(self, batches):
        for child in self.children:
            child.say(b"+" * batches)
        self.sent += batches * BATCH
        for child in self.children:
            for _ in range(batches):
                child.hear()


@case("insert / insert: one connection each, whoever comes first")
def insert():
    before = stats()
    with wide(INSERT), Twins() as twins:
        until(lambda: twins.send(10) or
              grown(before, stats()).get("insert_race", 0) > 20, "races")
    moved = grown(before, stats())
    readers.note(f"{twins.sent} SYNs by each CPU, {moved['insert_race']} races")
    equal((moved["opened"], moved["tracked"]), (twins.sent, 2 * twins.sent),
          "opened, tracked")
    equal({row["orig_packets"] for row in table()}, {"2"}, "packets of each")
    conserved.check()


@case("lookup / eviction: a connection that goes meanwhile is looked up again")
def lookup():
    with parameter("max_half_open", 16), Reader(OPEN, CLOSE) as reader:
        before, records = stats(), []
        with wide(LOOKUP), Twins() as twins:
            until(lambda: twins.send(5) or records.extend(reader.drain()) or
                  grown(before, stats())["opened"] > twins.sent + 20,
                  "connections that came back")
        moved = grown(before, stats())
        records += reader.drain()
    readers.note(f"{twins.sent} SYNs by each CPU, {moved['opened']} opened")
    opened = [record.conn for record in records if record.type == OPEN]
    closed = [record.conn for record in records if record.type == CLOSE]
    equal(len(opened), moved["opened"], "OPEN records")
    equal((len(set(opened)), len(set(closed))), (len(opened), len(closed)),
          "each opened once, and closed once")
    equal(len(closed), moved["evicted"], "CLOSE records")
    equal(moved["tracked"] + moved.get("late", 0), 2 * twins.sent, "tracked")
    conserved.check()


def read_table(control):
    """Lines are whole, and what was closed before is not among them."""
    os.sched_setaffinity(0, {1})
    lines = 0
    with Reader(CLOSE) as reader:
        control.sendall(b".")
        while True:
            gone = {str(record.conn) for record in reader.drain()}
            rows = table()
            lines += len(rows)
            equal({row["id"] for row in rows} & gone, set(), "closed ones")
            equal({None} & {value for row in rows for value in row.values()},
                  set(), "columns")
            control.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                if control.recv(1):
                    break
    control.setblocking(True)
    control.sendall(str(lines).encode())


@case("eviction / read of procfs: lines of connections that end meanwhile")
def show():
    with parameter("max_half_open", 64), Child(read_table) as child:
        child.hear()
        before = stats()
        with wide(SHOW, 200), Twins() as twins:
            twins.send(100)
        child.say()
        readers.note(f"{int(child.hear(20))} lines, "
                     f"{grown(before, stats())['evicted']} evicted")
        child.end()


@case("event / close of a reader: 100 of them while records are on their way")
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
    conserved.check()


@case("replace filter / event: the old one takes nothing once a call is over")
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
    conserved.check()


def stray(control):
    """RSTs of nothing, whose records are written with BH on."""
    os.sched_setaffinity(0, {0})
    raw = load.raw4()
    packet = load.ip4(load.SINK_FROM, "10.99.1.1", load.tcp(1, 2, load.RST))
    control.sendall(b".")
    while True:
        raw.sendto(packet, ("10.99.1.1", 0))


def slowest_resize(control):
    """The CPU time of one, above a producer on the same CPU."""
    os.sched_setaffinity(0, {0})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    rng, number, slowest = random.Random(2), 0, 0
    with Reader(SEGMENT) as reader:
        for _ in range(200):
            begin = time.thread_time()
            try:
                reader.resize(1 << rng.randrange(14, 18))
                number += 1
            except OSError as error:	# more waits than is moved
                equal(error.errno, errno.EBUSY, "errno")
            slowest = max(slowest, time.thread_time() - begin)
            if slowest > TOO_SLOW:
                break
            reader.drain()
            time.sleep(rng.random() / 200)
        produced = reader.info().produced
    control.sendall(f"{number} {produced} {slowest}".encode())


@case("a new size / a record: a real-time reader lets its producer end it")
def resize():
    # with PREEMPT_RT; else a producer cannot be stopped there
    with wide(WRITE), Child(stray) as producer:
        producer.hear()
        with Child(slowest_resize) as child:
            number, produced, slowest = map(float, child.hear(80).split())
            child.end()
    readers.note(f"{number:.0f} new sizes among {produced:.0f} records, the "
                 f"slowest in {slowest:.3f} s of CPU time")
    equal(slowest < TOO_SLOW, True, f"{slowest} s of CPU time")
    equal((number > 10, produced > 100), (True, True), "sizes, records")


def flood(control):
    """In a namespace of its own, until it is killed."""
    readers.unshare(readers.CLONE_NEWNET)
    load.prepare_netns()
    syns = load.Syns()
    control.sendall(b".")
    while True:
        syns.send(BATCH)


@case("end of a namespace / hook: each connection of it is closed, once")
def end():
    outside = os.open("/proc/1/ns/net", os.O_RDONLY)
    readers.setns(outside)
    with Reader(OPEN, CLOSE) as reader, wide(HOOK, 500):
        reader.all_netns()
        for _ in range(10):
            before = reader.info().produced
            with Child(flood) as child:
                child.hear()
                # not read yet: who reads may be slower than the flood
                until(lambda want=before + 50:
                      reader.info().produced > want, "records")
                os.kill(child.pid, signal.SIGKILL)
            reader.collect(lambda found: left(found) == 0,
                           "the end of the namespace")
        equal(reader.info().lost, 0, "lost")


def left(records):
    opened = [record.conn for record in records if record.type == OPEN]
    closed = [record.conn for record in records if record.type == CLOSE]
    equal((len(set(opened)), len(set(closed))), (len(opened), len(closed)),
          "each once")
    return len(set(opened) - set(closed))


readers.run()
EOF
