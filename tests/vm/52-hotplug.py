#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that no counter, record or delayed work of a CPU is lost if the CPU
goes offline and online."""
import contextlib
import os
import threading
import time

import module
from accounting import LIFECYCLE, Account, Producers, read_loop
from case import case, run
from check import Skip, equal, note
from device import Reader
from module import parameter
from netns import isolate
from proc import Child, read_file, write_file
from procfs import ODD, check_conserved, counters_by_cpu, grown, stats
from raw import Syns
from records import CLOSE, LONGEST, OPEN, UNANSWERED
from sockets import listener, whole_connection

ROUNDS = 12
CPUS = os.sched_getaffinity(0)
SWITCH = "/sys/devices/system/cpu/cpu1/online"
SIZES = range(LONGEST, 4 * LONGEST, 40)

# use long timeouts, because an expiry between two checks would produce records
module.load(max_connections=1 << 17, max_half_open=1 << 17, ring_kib=16384,
            timeout_syn_sent=3600, timeout_time_wait=3600)
isolate()
producers, server = Producers(), listener()
syns = Syns(1 << 22)


def want_switch():
    if not os.path.exists(SWITCH):
        raise Skip("CPU 1 cannot go offline, or is not there")


def switch(on):
    write_file(SWITCH, str(int(on)))
    check_online(on)


def check_online(on):
    equal(read_file(SWITCH).strip(), str(int(on)), "CPU 1")


@contextlib.contextmanager
def off():
    """Take CPU 1 offline as long as the context is open. Yields how many
    seconds the switch took."""
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
    """Return: how many packets of connections each CPU has counted."""
    return [counters["tracked"] for counters in counters_by_cpu(ODD)]


@case("each packet is counted once, by an online or offline CPU")
def exact():
    want_switch()
    check_conserved()
    for _ in range(3):
        with on_cpu1():
            syns.send(100)
            before = by_cpu()
        with off():
            equal(by_cpu(), before, "counted by each CPU")
            check_conserved()
            syns.send(100)
            whole_connection(server)
            equal(by_cpu()[1], before[1], "by the offline CPU")
            check_conserved()
        equal(by_cpu()[1], before[1], "by the CPU that is online again")
        check_conserved()
    equal(before[1] >= 300, True, f"counted by each: {before}")


def switch_under(account, online):
    """Switch CPU 1 online or offline under traffic."""
    producers.send()
    thread = threading.Thread(target=switch, args=(online,))
    thread.start()
    account.reach(lambda: not thread.is_alive(), "switch")
    thread.join()
    check_online(online)


@case(f"{ROUNDS} times offline and online under traffic: the account is correct")
def under_traffic():
    want_switch()
    witness = Reader(*LIFECYCLE)
    reader = Reader(*LIFECYCLE, ring_kib=64)
    before = stats()
    with witness, reader:
        account = Account(witness, reader, producers, max(SIZES))
        with Child(read_loop, reader.fd, account.log(1 << 24), SIZES) as one, \
                Child(read_loop, reader.fd, account.log(1 << 24), SIZES) as two:
            account.readers = 2
            for _ in range(ROUNDS):
                for online in False, True:
                    switch_under(account, online)
                check_conserved()
            reader.until_drained()
            one.end(b".")
            two.end(b".")
        account.readers = 0
        info = account.settle()
    moved = grown(before)
    for name in "opened", "closed":
        equal(moved[name], producers.sent(), name)
    note(f"{account.checks} checks, {info}, {by_cpu()}")
    equal(min(by_cpu()[:2]) > 100, True, "both producers' CPUs have counted")


@case("a delay of TCPTRACE_IOC_WAKE ends although its CPU goes offline")
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
                note(f"{wait} ms, off in {took:.1f} s, left: {left}")
                equal(reader.poll(60000) != 0, True, "poll at the end of the delay")
                equal(len(reader.drain()), 1, "records")
        if left:
            return
        # on a slow machine, the delay has ended before the CPU went offline;
        # try again with a longer delay
        equal(wait < 30000, True, "a delay that outlasts the switch")
        wait *= 2


def conns(records, kind):
    return {record.conn for record in records if record.type == kind}


@case("timeouts work on whichever CPU the connection began")
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
                # connections of earlier cases may have a CLOSE without an OPEN
                records = reader.collect(
                    lambda found: conns(found, OPEN) <= conns(found, CLOSE),
                    "CLOSE of each")
        equal(len(conns(records, OPEN)), 10, "connections")
        equal({r.reason for r in records if r.type == CLOSE},
              {UNANSWERED}, "reasons")


@case("all packets are counted, and the producers exit with 0")
def end():
    check_conserved()
    producers.end()


run(r"smpboot: |x86: Booting SMP|IRQ \d+: no longer affine|"
    r"process \d+ \(\S+\) no longer affine|"
    r"select_fallback_rq: \d+ callbacks suppressed")
