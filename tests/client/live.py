# SPDX-License-Identifier: GPL-2.0
"""Test a running watch: flushing, signals, readers that exit."""
import os
import re
import signal
import subprocess

import records
from tap import TIMEOUT, case, cases, equal, one_line

PIPE = subprocess.PIPE


class Live:
    """A running watch that reads records from a FIFO that the test fills."""

    def __init__(self, client, *args, **more):
        fifo = client.fifo()
        more.setdefault("stdout", PIPE)
        self.process = client.start("watch", "--time=mono", "-e", "all",
                                    "--device", fifo, *args, **more)
        self.fd = os.open(fifo, os.O_WRONLY)

    def write(self, data):
        os.write(self.fd, data)

    def line(self):
        return self.process.stdout.readline().decode()

    def end(self, code=0):
        out, err = self.process.communicate(timeout=TIMEOUT)
        os.close(self.fd)
        equal(self.process.returncode, code, f"exit, {err.decode()}")
        return (out or b"").decode(), err.decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def one_open(conn=1):
    s = records.Stream()
    s.record(records.OPEN, records.flow(conn) + records.seg(records.SYN, 0, 0))
    return s.out


@case("a record is written at once")
def flush(client):
    for args in ([], ["--json"]):
        with Live(client, *args) as live:
            for conn in range(1, 4):
                live.write(one_open(conn))
                equal(live.line().count("\n"), 1)
            live.process.terminate()
            live.end()


@case("a write() for each record, even if one read() returned several")
def flush_each(client):
    # In packet mode, each read() returns the data of one write().
    reader, writer = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
    with Live(client, stdout=writer) as live:
        os.close(writer)
        live.write(one_open(1) + one_open(2) + one_open(3))
        for conn in "123":
            equal(os.read(reader, 65536).split()[1].decode(), conn)
        live.process.terminate()
        live.end()
    os.close(reader)


@case("a record in pieces")
def pieces(client):
    with Live(client) as live:
        data = one_open(1) + one_open(2)
        for i in range(0, len(data), 7):
            live.write(data[i:i + 7])
        equal([live.line().split()[1] for _ in "12"], ["1", "2"])
        live.process.terminate()
        live.end()


@case("-n ends the watch before the device is closed")
def count(client):
    with Live(client, "-n2") as live:
        live.write(one_open(1) + one_open(2) + one_open(3))
        out, err = live.end()
        equal(out.count("\n"), 2)
        equal(err, "")


@cases("a summary on stderr, exit 0", [("SIGINT", signal.SIGINT, False),
                                       ("SIGTERM", signal.SIGTERM, False),
                                       ("SIGINT of a background job",
                                        signal.SIGINT, True)])
def summary(client, number, ignored):
    before = signal.SIG_IGN if ignored else signal.default_int_handler
    old = signal.signal(signal.SIGINT, before)
    try:
        live = Live(client, restore_signals=False)
    finally:
        signal.signal(signal.SIGINT, old)
    with live:
        live.write(records.make_lost())
        for _ in range(4):
            live.line()
        live.process.send_signal(number)
        _, err = live.end()
        if not re.search(r"\ntcptracectl: 2 events, 42 lost: full, position, \?\n$", err):
            raise AssertionError(err)


@case("a summary when no record came")
def idle_summary(client):
    with Live(client) as live:
        live.write(one_open())
        live.line()
        live.process.send_signal(signal.SIGINT)
        _, err = live.end()
        equal(err, "tcptracectl: 1 events, 0 lost\n")


@case("EPIPE ends watch quietly, exit 0")
def epipe(client):
    for args in ([], ["--json"]):
        with Live(client, *args) as live:
            live.write(one_open())
            live.line()
            live.process.stdout.close()
            live.process.stdout = None
            _, err = live.end()
            equal(err, "")


@case("a reader that exits before the first record")
def epipe_early(client):
    reader, writer = os.pipe()
    os.close(reader)
    path = client.records("many")
    process = client.start("watch", "--device", path, stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=TIMEOUT)
    equal((process.returncode, err), (0, b""))


@case("| head -1 of 10000 records")
def head(client):
    command = f"'{client.program}' watch --device '{client.records('many')}'"
    done = subprocess.run(["bash", "-o", "pipefail", "-c",
                           command + " | head -1"], stdout=PIPE, stderr=PIPE,
                          env=client.env(), check=False, timeout=TIMEOUT)
    equal((done.returncode, done.stdout.count(b"\n"), done.stderr),
          (0, 1, b""))


@case("the writer of a FIFO ends the watch")
def eof(client):
    with Live(client) as live:
        live.write(one_open())
        live.line()
        os.close(live.fd)
        live.fd = os.dup(0)
        out, err = live.end()
        equal((out, err), ("", ""))


@case("LOST is on stderr at once")
def lost(client):
    with Live(client) as live:
        live.write(records.make_lost())
        equal(live.process.stderr.readline(),
              b"tcptracectl: 41 records lost: full\n")
        live.process.terminate()
        live.end()


@case("a broken record in a live stream")
def broken(client):
    with Live(client) as live:
        live.write(records.make_len_7())
        out, err = live.end(1)
        equal(out.count("\n"), 1)
        one_line(err)
