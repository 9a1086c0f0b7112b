#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Steady mixed traffic for TCPTRACE_SECONDS: memory, table and lag stay flat.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import mmap
import os
import select
import signal
import statistics
import time

import conserved
import load
import readers
from readers import Child, Reader, case, equal, note, stats, until
from slab import objects

SECONDS = max(60, int(os.environ.get("TCPTRACE_SECONDS") or 180))
EVERY = 10		# seconds between two samples
SYNS = 20		# unanswered ones, each second
TIMEOUTS = {f"timeout_{name}": 5 for name in (
    "syn_sent", "unreplied", "closing", "time_wait", "closed")}
# How much more the last third may have than the one before, and as well
SHARE = 1.1
SLACK = {"entries": 40, "objects": 100, "used_kib": 8192, "lag_ms": 500}
NAMES = ["second", *SLACK, "lost", "tracked"]

readers.CASE_LIMIT = SECONDS + 300
readers.load(**TIMEOUTS)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
syns = load.Syns()
lag = memoryview(mmap.mmap(-1, 4096)).cast("Q")	# ns, the longest


def follow(control, fd):
    """Reads at once; how old the oldest record was that it found."""
    reader = Reader.__new__(Reader)
    reader.fd = fd
    while True:
        ready = select.select([fd, control], [], [])[0]
        if control in ready:
            return
        records = reader.drain()
        now = time.monotonic_ns()
        lag[0] = max([lag[0], *(now - record.time for record in records)])


def used_kib():
    with open("/proc/meminfo") as file:
        sizes = {line.split(":")[0]: int(line.split()[1]) for line in file}
    return sizes["MemTotal"] - sizes["MemAvailable"]


def sample(second):
    now = stats()
    values = [second, now["entries"], objects(), used_kib(),
              lag[0] // 10 ** 6, now["lost"], now["tracked"]]
    lag[0] = 0
    print("# sample", *values, sep="\t", flush=True)
    return dict(zip(NAMES, values))


def send_steadily(end):
    """Unanswered SYNs, as many each second, beside what the programs do."""
    while time.monotonic() < end:
        syns.send(1)
        time.sleep(1 / SYNS)


def flat(samples, name):
    third = len(samples) // 3
    before, after = (statistics.median(row[name] for row in part) for part in
                     (samples[third:2 * third], samples[2 * third:]))
    note(f"{name}: {before:.0f}, then {after:.0f}")
    equal(after <= before * SHARE + SLACK[name], True, f"{name} is flat")


@case(f"{SECONDS} s of steady traffic: memory, table and lag are flat")
def soak():
    print("# sample", *NAMES, sep="\t", flush=True)
    server = load.Program("serve", "127.0.0.1", 5001)
    programs = [load.Program("churn", "127.0.0.1", 5001) for _ in range(2)]
    samples, begin = [], time.monotonic()
    with Reader() as reader, Child(follow, reader.fd) as child:
        while time.monotonic() < begin + SECONDS:
            send_steadily(time.monotonic() + EVERY)
            samples.append(sample(int(time.monotonic() - begin)))
        done = [program.end() for program in programs]
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
        child.say()
        child.end()
        equal(reader.info().lost, 0, "lost")
    note("connections and errors of each program:", done)
    equal([errors for _, errors in done], [0, 0], "errors")
    for name in SLACK:
        flat(samples, name)
    conserved.check()


@case("nothing is left when the table has emptied")
def empty():
    with readers.parameter("timeout_established", 1):
        until(lambda: stats()["entries"] == 0, "an empty table")
    until(lambda: objects() == 0 or readers.command(
        "sh", "-c", "echo 1 > /sys/kernel/slab/tcpt_conn/shrink"), "no object")


readers.run()
EOF
