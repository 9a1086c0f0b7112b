#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A CPU goes away and comes back: what it has counted, told and begun stays.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import contextlib
import os
import threading
import time

import conserved
import load
import readers
from ledger import LONGEST, TYPES, Flow, Ledger, consumer
from readers import (CLOSE, OPEN, Reader, Skip, case, equal, parameter, stats,
                     until)

ROUNDS = 12
CPUS = os.sched_getaffinity(0)
SWITCH = "/sys/devices/system/cpu/cpu1/online"
SIZES = range(LONGEST, 4 * LONGEST, 40)

# a timeout between two looks would make records that nobody sent
readers.load(max_connections=1 << 17, max_half_open=1 << 17, ring_kib=16384,
             timeout_syn_sent=3600, timeout_time_wait=3600)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
load.write_file("/proc/sys/net/ipv4/tcp_early_retrans", "0")
flow, server = Flow(), load.listener()
syns = load.Syns(1 << 22)


def want_switch():
    if not os.path.exists(SWITCH):
        raise Skip("CPU 1 cannot go offline, or is not there")


def switch(on):
    load.write_file(SWITCH, str(int(on)))
    check_online(on)


def check_online(on):
    with open(SWITCH) as file:
        equal(file.read().strip(), str(int(on)), "CPU 1")


@contextlib.contextmanager
def off():
    """CPU 1 is away. Gives how long it took to go."""
    begin = time.monotonic()
    switch(False)
    try:
        yield time.monotonic() - begin
    finally:
        switch(True)


@contextlib.contextmanager
def on_cpu1():
    os.sched_setaffinity(0, {1})
    try:
        yield
    finally:
        os.sched_setaffinity(0, CPUS)


def by_cpu():
    """Packets of a connection that each CPU has counted."""
    with open("/proc/self/net/stat/tcptrace") as file:
        names, *lines = [line.split() for line in file]
    return [int(line[names.index("tracked")], 16) for line in lines]


@case("each packet is counted once, by a CPU that is there or went")
def exact():
    want_switch()
    conserved.check()
    for _ in range(3):
        with on_cpu1():
            syns.send(100)
            before = by_cpu()
        with off():
            equal(by_cpu(), before, "counted by each CPU")
            conserved.check()
            syns.send(100)
            load.whole_connection(server)
            equal(by_cpu()[1], before[1], "by the CPU that is away")
            conserved.check()
        equal(by_cpu()[1], before[1], "by the CPU that is back")
        conserved.check()
    equal(before[1] >= 300, True, f"counted by each: {before}")


def switch_under(ledger, online):
    """There is traffic from before the switch until after it."""
    flow.begin()
    thread = threading.Thread(target=switch, args=(online,))
    thread.start()
    ledger.reach(lambda: not thread.is_alive(), "switch")
    thread.join()
    check_online(online)


@case(f"{ROUNDS} times off and on under traffic and readers: the account holds")
def under_traffic():
    want_switch()
    witness = Reader(*TYPES)
    with parameter("ring_kib", 64):
        reader = Reader(*TYPES)
    before = stats()
    with witness, reader:
        ledger = Ledger(witness, reader, flow, max(SIZES))
        with consumer(reader, ledger.book(1 << 24), SIZES) as one, \
                consumer(reader, ledger.book(1 << 24), SIZES) as two:
            ledger.readers = 2
            for _ in range(ROUNDS):
                for online in False, True:
                    switch_under(ledger, online)
                conserved.check()
            until(lambda: not reader.info().waiting, "reading on")
            for child in one, two:
                child.say()
                child.end()
        ledger.readers = 0
        info = ledger.settle()
    moved = readers.grown(before, stats())
    for name in "opened", "closed":
        equal(moved[name], flow.sent(), name)
    readers.note(f"{ledger.moments} moments, {vars(info)}, {by_cpu()}")
    equal(min(by_cpu()[:2]) > 100, True, "both producers' CPUs have counted")


@case("a delay of TCPTRACE_IOC_WAKE that began on a CPU which goes away ends")
def delays():
    want_switch()
    wait = 500
    while True:
        with Reader(OPEN) as reader:
            reader.wake(1 << 20, wait)
            with on_cpu1():
                syns.send(1)
            with off() as took:
                left = not reader.poll()
                readers.note(f"{wait} ms, off in {took:.1f} s, left: {left}")
                equal(reader.poll(60000) != 0, True, "poll at the end of it")
                equal(len(reader.drain()), 1, "records")
        if left:
            return
        # a slow machine: it was over before the CPU had gone
        equal(wait < 30000, True, "a delay that outlasts the switch")
        wait *= 2


def conns(records, kind):
    return {record.conn for record in records if record.type == kind}


@case("timeouts go on: connections and ageing do not mind where they began")
def timeouts():
    want_switch()
    for began_off in False, True:
        with Reader(OPEN, CLOSE) as reader, parameter("timeout_syn_sent", 1):
            with contextlib.ExitStack() as away:
                if began_off:
                    away.enter_context(off())
                    syns.send(10)
                else:
                    with on_cpu1():
                        syns.send(10)
                    away.enter_context(off())
                # those of the cases before end as well
                records = reader.collect(
                    lambda found: conns(found, OPEN) <= conns(found, CLOSE),
                    "CLOSE of each")
        equal(len(conns(records, OPEN)), 10, "connections")
        equal({r.reason for r in records if r.type == CLOSE},
              {readers.UNANSWERED}, "reasons")


@case("nothing was lost or forgotten, and the producers end well")
def end():
    conserved.check()
    flow.end()


readers.run(r"smpboot: |x86: Booting SMP|IRQ \d+: no longer affine|"
            r"process \d+ \(python3\) no longer affine|"
            r"select_fallback_rq: \d+ callbacks suppressed")
PYTHON
