#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Change the module's parameters while readers read. Existing readers must stay
open with rings of the same size, and all counters must be correct."""
import errno
import random
import struct
import subprocess

import module
from accounting import LIFECYCLE, Log, Producers, check_account
from case import case, run
from check import equal, fails, note, until
from device import Reader
from module import TIMEOUTS, get_parameter, parameter, set_parameter
from netns import INITIAL, entered, isolate
from procfs import check_conserved, grown, stats, table
from programs import Traffic
from records import CLOSE, LONGEST, OPEN, check_sequence, content

ROUNDS = 40
DEFAULTS = {"max_connections": 1 << 17, "max_half_open": 1 << 17,
            "max_readers": 16, "ring_kib": 16384}
CHOICES = {"max_connections": (16, 300, 1 << 17),
           "max_half_open": (16, 100, 1 << 17), "max_readers": (1, 4, 1024),
           "ring_kib": (4, 64, 1024, 16384),
           **{name: (1, 2, 60, 86400) for name in TIMEOUTS}}

module.load(**DEFAULTS)
isolate()
producers = Producers()
rng = random.Random(1)


def restore(before):
    for name, value in before.items():
        set_parameter(name, value)


class Four:
    """Four readers with rings of three sizes, and a log for each reader."""

    def __init__(self):
        self.readers, self.sizes = [], []
        for kib in 16384, 16384, 64, 4:
            self.readers.append(Reader(*LIFECYCLE, ring_kib=kib))
            self.sizes.append(kib << 10)
        self.logs = [Log(1 << 25) for _ in self.readers]

    def read(self):
        """Read all records from the two large rings, and few records from the
        small rings, which therefore lose records."""
        for number, (reader, log) in enumerate(zip(self.readers, self.logs)):
            if number < 2:
                log.drain(reader.fd)
            elif reader.info().waiting:
                log.read(reader.fd, 4 * LONGEST)

    def end(self):
        """Read all records, and check the account of each reader. Return: the
        records of a reader that has lost no record."""
        whole = None
        for reader, log, size in zip(self.readers, self.logs, self.sizes):
            log.drain(reader.fd)
            found = log.entries()
            if whole is None:
                whole = [content(data) for _, _, data in found]
            info, (read, lost) = reader.info(), check_account(found, whole)
            equal((info.ring_size, info.produced, info.delivered, info.lost),
                  (size, len(whole), read, lost), "the account")
            reader.close()
        return whole


def one_more():
    """Open and close a reader, and check that the new ring_kib and max_readers
    apply to it. The reader is in a different namespace, so no record of this
    namespace is lost in its ring."""
    try:
        with entered(INITIAL), Reader(OPEN) as reader:
            equal(reader.info().ring_size, get_parameter("ring_kib") << 10,
                  "its ring")
            equal(get_parameter("max_readers") > 4, True, "room for it")
    except OSError as error:
        equal(error.errno, errno.EBUSY, "errno")
        equal(get_parameter("max_readers") > 4, False, "room for it")


def rewrite():
    for name, values in CHOICES.items():
        value = rng.choice(values)
        set_parameter(name, value)
        equal(get_parameter(name), value, name)


def finish(four):
    """Set short timeouts, and wait until every connection has ended."""
    restore({**DEFAULTS, **{name: 1 for name in TIMEOUTS}})
    producers.send()
    producers.wait()
    until(lambda: four.read() or not table(), "end of all connections")


def count(whole, kind):
    return sum(struct.unpack_from("=IH", data)[1] == kind for data in whole)


@case(f"all parameters change {ROUNDS} times under traffic with four readers")
def rewritten():
    before = {name: get_parameter(name) for name in CHOICES}
    four, began = Four(), stats()
    traffic = Traffic()
    try:
        for _ in range(ROUNDS):
            producers.send()
            rewrite()
            while producers.are_busy():
                one_more()
                four.read()
                rewrite()
        done, errors = traffic.end()
        finish(four)
    finally:
        restore(before)
    equal((done > 3, errors), (True, 0), "connections of the program")
    check_conserved()
    moved = grown(began, stats())
    lost = sum(reader.info().lost for reader in four.readers)
    equal(stats()["lost"] - began["lost"], lost, "counter of lost records")
    whole = four.end()
    note(f"{done} connections, {len(whole)} records, {lost} lost, "
         f"{moved}")
    equal(count(whole, OPEN), moved["opened"], "opened")
    equal(count(whole, CLOSE), moved["closed"], "closed")
    for name in "table_full", "evicted", "expired":
        equal(moved[name] > 0, True, f"{name}: the limit was reached")


@case("max_readers under traffic: EBUSY, the message of tcptracectl, then room")
def readers_full():
    watch = ["tcptracectl", "watch", "--json", "-n", "1"]
    with parameter("max_readers", 2), Reader(OPEN) as reader:
        second = Reader(OPEN)
        producers.send()
        fails(errno.EBUSY, Reader)
        done = subprocess.run(watch, capture_output=True, text=True)
        equal((done.returncode, done.stdout, done.stderr.count("\n")),
              (1, "", 1), done.stderr)
        for word in "too many readers", "max_readers":
            equal(word in done.stderr, True, done.stderr)
        second.close()
        process = subprocess.Popen(watch, stdout=subprocess.PIPE)

        def ended():
            if not producers.are_busy():
                producers.send()
            return process.poll() is not None
        until(ended, "end of the client")
        equal((process.returncode, process.stdout.read().count(b"\n")),
              (0, 1), "the client that has found room")
        producers.wait()
        records = reader.drain()
        equal(check_sequence(records), reader.info().lost, "lost")
        equal(reader.info().lost, 0, "lost")


@case("the producers exit with 0")
def end():
    producers.end()


run()
