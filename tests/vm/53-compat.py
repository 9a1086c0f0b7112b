#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that a 32-bit program that reads the device gets the same result and
the same bytes from each call as a 64-bit program."""
import contextlib
import errno
import itertools
import select
import struct
import time

import module
from accounting import RECORDS
from case import case, run
from check import equal, until
from compat import Compat, Native
from device import IOCTLS
from netns import INITIAL, entered, inode, isolate
from proc import read_file, state_of
from raw import Bursts
from records import OPEN, SIZES, STATE, TYPES, check_sequence, parse

ALL = 0xfe
TAKE_ALL, TAKE_NONE = (struct.pack("=HBBI", 6, 0, 0, k) for k in (1, 0))
# a filter that accepts only packets to 10.99.0.1
ONE = struct.pack("=" + "HBBI" * 2, 0x20, 0, 0, 16, 0x15, 0, 1, 0x0a630001) + \
    TAKE_ALL + TAKE_NONE

module.load()
isolate()
bursts, fresh = Bursts(), itertools.count(1)


class Both:
    """A 64-bit reader and a 32-bit reader, which make the same calls."""

    def __init__(self):
        with contextlib.ExitStack() as stack:
            self.native = stack.enter_context(Native())
            self.compat = stack.enter_context(Compat())
            self.stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def ask(self, *words, ret=None):
        """Make the same call in both processes, and check that the results are
        equal. ret: the expected result. Return: the bytes that the call
        wrote."""
        wanted, found = self.native.ask(*words), self.compat.ask(*words)
        if words[0] == "p":	# the file descriptors differ
            wanted, found = ((n, data[4:]) for n, data in (wanted, found))
        equal(found, wanted, f"answer to {words}")
        if ret is not None:
            equal(found[0], ret, f"result of {words}")
        return found[1]

    def records(self):
        """Read all waiting records with both readers. Return: the records."""
        data = b""
        while self.native.reader.poll() & select.POLLIN:
            data += self.ask("r", 1 << 16)
        self.ask("r", 1 << 16, ret=-errno.EAGAIN)
        return parse(data)


@case("the program has 32 bits")
def kind():
    with Compat() as compat:
        equal(compat.ask("l"), (4, b""), "size of a long")
        with open(f"/proc/{compat.process.pid}/exe", "rb") as file:
            equal(file.read(5), b"\x7fELF\x01", "class of its file")


@case("INFO: the same numbers at all times")
def info():
    with Both() as both:
        before = both.ask("i", ret=0)
        bursts.send(5)
        between = both.ask("i", ret=0)
        both.ask("r", 500)
        after = both.ask("i", ret=0)
        equal(len({before, between, after}), 3, "different answers")
        equal(struct.unpack_from("=IIIIQ", after)[4], 5 * RECORDS, "produced")


@case("read() of each size: the same bytes of the same records, or EINVAL")
def sizes():
    with Both() as both:
        both.ask("m", ALL, ret=0)
        for size in [*range(1, 130), *range(130, 1400, 13), 65535]:
            bursts.send(1)
            both.ask("r", size)
            if size % 8 == 0:
                both.ask("i", ret=0)
        equal(len(both.records()) > 100, True, "records")
        both.ask("r", 0, ret=0)


@case("MASK, ALL_NETNS, FILTER, CLOCK, RING, WAKE: the same errors")
def errors():
    with Both() as both:
        for words in [("m", 1), ("m", 1 << len(TYPES)), ("n", 2), ("n", 0xffffffff),
                      ("c", 2), ("c", 0xffffffff), ("s", 0), ("s", 4095),
                      ("s", (1 << 26) + 1), ("w", 1, 60001), ("w", 0, 1),
                      ("f", 1, 0, TAKE_ALL), ("f", 0, 0, bytes(8)),
                      ("f", 0, 0, TAKE_ALL * 4097)]:
            both.ask(*words, ret=-errno.EINVAL)
        both.ask("n", 1, ret=-errno.EPERM)
        for request in 0x5401, 0, 0xf907, 0x8028f900, 0xffffffff:
            both.ask("x", request, ret=-errno.ENOTTY)
        for request in IOCTLS:
            both.ask("x", request, 8, ret=-errno.EFAULT)
        bursts.send(1)
        equal(len(both.records()), RECORDS, "records after all of this")


@case("MASK and FILTER: the same records, exactly those wanted")
def choice():
    with Both() as both:
        both.ask("m", 1 << OPEN, ret=0)
        bursts.send(2)
        equal([r.type for r in both.records()], [OPEN] * 2, "types")
        both.ask("m", 1 << OPEN | 1 << STATE, ret=0)
        for program, count in ((TAKE_NONE, 0), (ONE, 3), (b"", 12),
                               (ONE + TAKE_ALL * 4000, 3), (TAKE_ALL, 12)):
            both.ask("f", 0, 0, program, ret=0)
            # send to 10.99.0.0, .1, .2 and .3
            Bursts(next(fresh) << 16).send(4)
            equal(len(both.records()), count, "records")


@case("CLOCK: the timestamps are those of the clock")
def clock():
    with Both() as both:
        both.ask("m", 1 << OPEN, ret=0)
        for clock in time.CLOCK_REALTIME, time.CLOCK_BOOTTIME, \
                time.CLOCK_MONOTONIC:
            both.ask("c", clock, ret=0)
            begin = time.clock_gettime_ns(clock)
            bursts.send(1)
            end = time.clock_gettime_ns(clock)
            record, = both.records()
            equal(begin - 10**6 <= record.time <= end + 10**6, True, "time")


@case("RING and WAKE: the new size; poll() waits for enough records")
def ring():
    with Both() as both:
        both.ask("m", 1 << OPEN, ret=0)
        for size, want in (5000, 8192), (1 << 26, 1 << 26), (4096, 4096):
            equal(both.ask("s", size, ret=0), struct.pack("=I", want), "size")
        both.ask("w", 3 * SIZES[OPEN], 0, ret=0)
        for waiting in 0, 1, 2, 3:
            both.ask("p", 0, ret=int(waiting == 3))
            bursts.send(1)
        equal(len(both.records()), 4, "records")
        both.ask("w", 0, 0, ret=0)
        bursts.send(100)	# more records than a ring of 4096 bytes holds
        found = both.records()
        equal(check_sequence(found, 4), 100 - 4096 // SIZES[OPEN], "lost")


@case("poll() sleeps until a record comes")
def asleep():
    with Compat() as compat:
        compat.begin("p", 0xffffffff)
        pid = compat.process.pid
        until(lambda: read_file(f"/proc/{pid}/syscall").split()[0] == "168",
              "poll()")
        until(lambda: state_of(pid) == "S", "sleep")
        equal(select.select([compat.process.stdout], [], [], 0)[0], [], "word")
        bursts.send(1)
        ret, data = compat.answer()
        equal((ret, struct.unpack("=ihh", data)[2]), (1, select.POLLIN), "poll")
        equal(len(parse(compat.ask("r", 1 << 16)[1])), RECORDS, "records")


@case("ALL_NETNS: the initial namespace sees the others")
def all_netns():
    with entered(INITIAL):
        both = Both()
    with both:
        bursts.send(1)
        equal(both.records(), [], "records")
        both.ask("n", 1, ret=0)
        bursts.send(1)
        equal({r.netns for r in both.records()}, {inode()}, "netns")
        both.ask("n", 0, ret=0)
        bursts.send(1)
        equal(both.records(), [], "records")


run()
