#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module's parameters are rewritten while readers read: what they have is
# theirs, and every number still holds.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import errno
import os
import random
import struct
import subprocess

import conserved
import load
import readers
from ledger import LONGEST, TYPES, Book, Flow, nameless, reckon
from readers import (CLOSE, OPEN, Reader, case, equal, fails,
                     get_parameter, grown, parameter, set_parameter, stats,
                     table, until)

ROUNDS = 40
DEFAULTS = {"max_connections": 1 << 17, "max_half_open": 1 << 17,
            "max_readers": 16, "ring_kib": 16384}
TIMEOUTS = [f"timeout_{name}" for name in (
    "syn_sent", "syn_received", "unreplied", "established", "half_closed",
    "closing", "time_wait", "closed")]
CHOICES = {"max_connections": (16, 300, 1 << 17),
           "max_half_open": (16, 100, 1 << 17), "max_readers": (1, 4, 1024),
           "ring_kib": (4, 64, 1024, 16384),
           **{name: (1, 2, 60, 86400) for name in TIMEOUTS}}

readers.load(**DEFAULTS)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
readers.unshare(readers.CLONE_NEWNET)
here = os.open("/proc/self/ns/net", os.O_RDONLY)
load.prepare_netns()
load.write_file("/proc/sys/net/ipv4/tcp_early_retrans", "0")
flow = Flow()
rng = random.Random(1)


def restore(before):
    for name, value in before.items():
        set_parameter(name, value)


class Four:
    """Readers of all kinds of rings, and what each has read."""

    def __init__(self):
        self.readers, self.sizes = [], []
        for kib in 16384, 16384, 64, 4:
            with parameter("ring_kib", kib):
                self.readers.append(Reader(*TYPES))
                self.sizes.append(kib << 10)
        self.books = [Book(1 << 25) for _ in self.readers]

    def read(self):
        """The small ones are slow: they may lose, and must say so."""
        for number, (reader, book) in enumerate(zip(self.readers, self.books)):
            if number < 2:
                book.drain(reader.fd)
            elif reader.info().waiting:
                book.read(reader.fd, 4 * LONGEST)

    def end(self):
        """Return: what one that lost nothing was told."""
        whole = None
        for reader, book, size in zip(self.readers, self.books, self.sizes):
            book.drain(reader.fd)
            found = book.entries()
            if whole is None:
                whole = [nameless(data) for _, _, data in found]
            info, (read, lost) = reader.info(), reckon(found, whole)
            equal((info.ring_size, info.produced, info.delivered, info.lost),
                  (size, len(whole), read, lost), "the account")
            os.close(reader.fd)
        return whole


def one_more():
    """
    A reader comes and goes: the parameters are for the likes of it. It is of
    another namespace, so that what is lost is not of its ring.
    """
    readers.setns(home)
    try:
        with Reader(OPEN) as reader:
            equal(reader.info().ring_size, get_parameter("ring_kib") << 10,
                  "its ring")
            equal(get_parameter("max_readers") > 4, True, "room for it")
    except OSError as error:
        equal(error.errno, errno.EBUSY, "errno")
        equal(get_parameter("max_readers") > 4, False, "room for it")
    finally:
        readers.setns(here)


def rewrite():
    for name, values in CHOICES.items():
        value = rng.choice(values)
        set_parameter(name, value)
        equal(get_parameter(name), value, name)


def finish(four):
    """Every connection comes to its end, and with it the records."""
    restore({**DEFAULTS, **{name: 1 for name in TIMEOUTS}})
    flow.begin()
    until(lambda: not flow.flows(), "end of the traffic")
    until(lambda: four.read() or not table(), "end of all connections")


def count(whole, kind):
    return sum(struct.unpack_from("=IH", data)[1] == kind for data in whole)


@case(f"all are rewritten {ROUNDS} times under traffic and four readers")
def rewritten():
    before = {name: get_parameter(name) for name in CHOICES}
    four, began = Four(), stats()
    service = load.Program("serve", "127.0.0.1", 5003)
    program = load.Program("churn", "127.0.0.1", 5003)
    try:
        for _ in range(ROUNDS):
            flow.begin()
            rewrite()
            while flow.flows():
                one_more()
                four.read()
                rewrite()
        done, errors = program.end()
        service.end()
        finish(four)
    finally:
        restore(before)
    equal((done > 3, errors), (True, 0), "connections of the program")
    conserved.check()
    moved = grown(began, stats())
    lost = sum(reader.info().lost for reader in four.readers)
    equal(stats()["lost"] - began["lost"], lost, "counter of what was lost")
    whole = four.end()
    readers.note(f"{done} connections, {len(whole)} records, {lost} lost, "
                 f"{moved}")
    equal(count(whole, OPEN), moved["opened"], "opened")
    equal(count(whole, CLOSE), moved["closed"], "closed")
    for name in "table_full", "evicted", "expired":
        equal(moved.get(name, 0) > 0, True, f"{name}: it was reached")


@case("max_readers under traffic: EBUSY, in the words of tcptracectl, and room")
def readers_full():
    watch = ["tcptracectl", "watch", "--json", "-n", "1"]
    with parameter("max_readers", 2), Reader(OPEN) as reader:
        second = Reader(OPEN)
        flow.begin()
        fails(errno.EBUSY, Reader)
        done = subprocess.run(watch, capture_output=True, text=True)
        equal((done.returncode, done.stdout, done.stderr.count("\n")),
              (1, "", 1), done.stderr)
        for word in "too many readers", "max_readers":
            equal(word in done.stderr, True, done.stderr)
        os.close(second.fd)
        process = subprocess.Popen(watch, stdout=subprocess.PIPE)

        def ended():
            if not flow.flows():
                flow.begin()
            return process.poll() is not None
        until(ended, "end of the client")
        equal((process.returncode, process.stdout.read().count(b"\n")),
              (0, 1), "the client that found room")
        until(lambda: not flow.flows(), "end of the traffic")
        records = reader.drain()
        equal(readers.check_sequence(records), reader.info().lost, "lost")
        equal(reader.info().lost, 0, "lost")


@case("the producers end well")
def end():
    flow.end()


readers.run()
PYTHON
