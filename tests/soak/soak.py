#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run steady traffic for TCPTRACE_SECONDS, and check that the memory in use,
the module's table and the reader's lag do not keep growing."""
import mmap
import os
import select
import statistics
import time

import module
from case import case, run
from check import equal, note, until
from device import Reader
from module import parameter
from netns import isolate
from proc import Child, command
from procfs import check_conserved, entries, meminfo, stats
from programs import Program
from raw import Syns
from slab import objects

SECONDS = max(60, int(os.environ.get("TCPTRACE_SECONDS") or 180))
EVERY = 10		# seconds between two samples
SYNS = 20		# unanswered SYNs per second
SHORT = {f"timeout_{name}": 5 for name in (
    "syn_sent", "unreplied", "closing", "time_wait", "closed")}
# The median of a value over the last third of the run may be at most its median
# over the middle third, times SHARE, plus SLACK.
SHARE = 1.1
SLACK = {"entries": 40, "objects": 100, "used_kib": 8192, "lag_ms": 500}
NAMES = ["second", *SLACK, "lost", "tracked"]

module.load(**SHORT)
isolate()
syns = Syns()
lag = memoryview(mmap.mmap(-1, 4096)).cast("Q")	# ns, the longest


def follow(control, fd):
    """Read records in a child process as soon as there are any, and store the
    largest age that a record had when it was read."""
    reader = Reader(fd=fd)
    while True:
        ready = select.select([fd, control], [], [])[0]
        if control in ready:
            return
        records = reader.drain()
        now = time.monotonic_ns()
        lag[0] = max([lag[0], *(now - record.time for record in records)])


def used_kib():
    sizes = meminfo()
    return sizes["MemTotal"] - sizes["MemAvailable"]


def sample(second):
    now = stats()
    values = [second, entries(), objects(), used_kib(),
              lag[0] // 10 ** 6, now["lost"], now["tracked"]]
    lag[0] = 0
    print("# sample", *values, sep="\t", flush=True)
    return dict(zip(NAMES, values))


def send_steadily(end):
    """Send SYNs, which are not answered, at a constant rate."""
    while time.monotonic() < end:
        syns.send(1)
        time.sleep(1 / SYNS)


def flat(samples, name):
    third = len(samples) // 3
    before, after = (statistics.median(row[name] for row in part) for part in
                     (samples[third:2 * third], samples[2 * third:]))
    note(f"{name}: {before:.0f}, then {after:.0f}")
    equal(after <= before * SHARE + SLACK[name], True, f"{name} stays constant")


@case(f"{SECONDS} s of steady traffic: memory, table and lag stay constant")
def soak():
    print("# sample", *NAMES, sep="\t", flush=True)
    server = Program("serve", "127.0.0.1", 5001)
    programs = [Program("churn", "127.0.0.1", 5001) for _ in range(2)]
    samples, begin = [], time.monotonic()
    with Reader() as reader, Child(follow, reader.fd) as child:
        while time.monotonic() < begin + SECONDS:
            send_steadily(time.monotonic() + EVERY)
            samples.append(sample(int(time.monotonic() - begin)))
        done = [program.end() for program in programs]
        server.end()
        child.end(b".")
        equal(reader.info().lost, 0, "lost")
    note("connections and errors of each program:", done)
    equal([errors for _, errors in done], [0, 0], "errors")
    for name in SLACK:
        flat(samples, name)
    check_conserved()


@case("nothing is left when the table is empty")
def empty():
    with parameter("timeout_established", 1):
        until(lambda: entries() == 0, "an empty table")
    until(lambda: objects() == 0 or command(
        "sh", "-c", "echo 1 > /sys/kernel/slab/tcpt_conn/shrink"), "no object")


run(limit=SECONDS + 300)
