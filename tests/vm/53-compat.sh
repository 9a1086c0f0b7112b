#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A program of 32 bits reads the device: each call, and each byte, against what
# one of 64 bits gets.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import contextlib
import errno
import itertools
import os
import select
import struct
import time

import load
import readers
from compat import Compat, Native
from ledger import RECORDS
from readers import OPEN, STATE, case, equal, parse

ALL = 0xfe
IOCTLS = (readers.events.IOC_INFO, readers.IOC_MASK, readers.IOC_ALL_NETNS,
          readers.IOC_FILTER, readers.IOC_CLOCK, readers.IOC_RING,
          readers.IOC_WAKE)
TAKE_ALL, TAKE_NONE = (struct.pack("=HBBI", 6, 0, 0, k) for k in (1, 0))
# to 10.99.0.1 alone
ONE = struct.pack("=" + "HBBI" * 2, 0x20, 0, 0, 16, 0x15, 0, 1, 0x0a630001) + \
    TAKE_ALL + TAKE_NONE

readers.load()
home = os.open("/proc/self/ns/net", os.O_RDONLY)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
bursts, fresh = load.Bursts(), itertools.count(1)


class Both:
    """One reader of each kind; what one is told the other is told, too."""

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
        """The same of both. Return: what was written; ret is wanted."""
        wanted, found = self.native.ask(*words), self.compat.ask(*words)
        if words[0] == "p":	# the descriptor is their own
            wanted, found = ((n, data[4:]) for n, data in (wanted, found))
        equal(found, wanted, f"answer to {words}")
        if ret is not None:
            equal(found[0], ret, f"result of {words}")
        return found[1]

    def records(self):
        """All that waits."""
        data = b""
        while self.native.reader.poll() & select.POLLIN:
            data += self.ask("r", 1 << 16)
        self.ask("r", 1 << 16, ret=-errno.EAGAIN)
        return parse(data)


@case("it is one of 32 bits")
def kind():
    with Compat() as compat:
        equal(compat.ask("l"), (4, b""), "size of a long")
        with open(f"/proc/{compat.process.pid}/exe", "rb") as file:
            equal(file.read(5), b"\x7fELF\x01", "class of its file")


@case("INFO: the same numbers, field by field, all along")
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


@case("MASK, ALL_NETNS, FILTER, CLOCK, RING, WAKE: the errors are the same")
def errors():
    with Both() as both:
        for words in [("m", 1), ("m", 1 << 9), ("n", 2), ("n", 0xffffffff),
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


@case("MASK and FILTER: each chooses the same records, exactly those wanted")
def choice():
    with Both() as both:
        both.ask("m", 1 << OPEN, ret=0)
        bursts.send(2)
        equal([r.type for r in both.records()], [OPEN] * 2, "types")
        both.ask("m", 1 << OPEN | 1 << STATE, ret=0)
        for program, count in ((TAKE_NONE, 0), (ONE, 3), (b"", 12),
                               (ONE + TAKE_ALL * 4000, 3), (TAKE_ALL, 12)):
            both.ask("f", 0, 0, program, ret=0)
            # to 10.99.0.0 and the next three
            load.Bursts(next(fresh) << 16).send(4)
            equal(len(both.records()), count, "records")


@case("CLOCK: the times are those of the clock")
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


@case("RING and WAKE: the size that it became; poll() waits for enough")
def ring():
    with Both() as both:
        both.ask("m", 1 << OPEN, ret=0)
        for size, want in (5000, 8192), (1 << 26, 1 << 26), (4096, 4096):
            equal(both.ask("s", size, ret=0), struct.pack("=I", want), "size")
        both.ask("w", 3 * 112, 0, ret=0)
        for waiting in 0, 1, 2, 3:
            both.ask("p", 0, ret=int(waiting == 3))
            bursts.send(1)
        equal(len(both.records()), 4, "records")
        both.ask("w", 0, 0, ret=0)
        bursts.send(100)	# of which 4096 bytes have room
        found = both.records()
        equal(readers.check_sequence(found, 4), 100 - 4096 // 112, "lost")


@case("it sleeps in poll(), and wakes when a record comes")
def asleep():
    with Compat() as compat:
        compat.begin("p", 0xffffffff)
        pid = compat.process.pid
        with open(f"/proc/{pid}/syscall") as file:
            readers.until(lambda: file.seek(0) or
                          file.read().split()[0] == "168", "poll()")
        readers.until(lambda: readers.state_of(pid) == "S", "sleep")
        equal(select.select([compat.process.stdout], [], [], 0)[0], [], "word")
        bursts.send(1)
        ret, data = compat.answer()
        equal((ret, struct.unpack("=ihh", data)[2]), (1, select.POLLIN), "poll")
        equal(len(parse(compat.ask("r", 1 << 16)[1])), RECORDS, "records")


@case("ALL_NETNS: from the initial namespace it sees the others")
def all_netns():
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    readers.setns(home)
    try:
        both = Both()
    finally:
        readers.setns(here)
        os.close(here)
    with both:
        bursts.send(1)
        equal(both.records(), [], "records")
        both.ask("n", 1, ret=0)
        bursts.send(1)
        equal({r.netns for r in both.records()}, {readers.inode()}, "netns")
        both.ask("n", 0, ret=0)
        bursts.send(1)
        equal(both.records(), [], "records")


readers.run()
PYTHON
