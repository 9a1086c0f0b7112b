# SPDX-License-Identifier: GPL-2.0
"""Allocations that fail on order: the kernel's fault injection, and what its
stack dumps say of the sites in the module that were hit.
"""
import contextlib
import os
import re

import kmsg
from load import write_file

DEBUGFS = "/sys/kernel/debug/"
SLAB, PAGES = "failslab", "fail_page_alloc"
QUIET = {"probability": 0, "interval": 1, "times": -1, "space": 0,
         "verbose": 2, "verbose_ratelimit_interval_ms": 0,
         "task-filter": "N", "ignore-gfp-wait": "N"}
QUIET_OF = {SLAB: {**QUIET, "cache-filter": "N"},
            PAGES: {**QUIET, "ignore-gfp-highmem": "N", "min-order": 0}}
MANY = 1 << 30	# allocations; none makes so many


def available():
    return os.path.isdir(DEBUGFS + SLAB)


def order(which, **values):
    """How a kind of allocation fails from now on; underscores for dashes."""
    wanted = {name.replace("_", "-"): value for name, value in values.items()}
    probability = wanted.pop("probability", 0)
    # first and last, so that nothing fails by half of an order
    for name, value in [*{**QUIET_OF[which], **wanted}.items(),
                        ("probability", probability)]:
        write_file(f"{DEBUGFS}{which}/{name}", str(value))


@contextlib.contextmanager
def failing(which, **values):
    """For a while."""
    order(which, **values)
    try:
        yield
    finally:
        order(which)


def fired(which):
    """Whether it came to the one failure that was ordered by times=1."""
    with open(f"{DEBUGFS}{which}/times") as file:
        return int(file.read()) == 0


class Task:
    """Failures in the system calls of this thread."""

    def __init__(self):
        self.nth = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        self.make = os.open("/proc/thread-self/make-it-fail", os.O_RDWR)

    def close(self):
        os.close(self.nth)
        os.close(self.make)

    def left(self):
        return int(os.pread(self.nth, 16, 0))

    def fail_nth(self, number, function):
        """
        The allocation of that number fails in function(). Return: whether it
        came to that, the result, and the OSError.
        """
        result = error = None
        os.write(self.nth, b"%d" % number)
        try:
            result = function()
        except OSError as caught:
            error = caught
        left = self.left()
        os.write(self.nth, b"0")
        return left == 0, result, error

    def count(self, function):
        """Return: how many allocations it makes, and its result."""
        os.write(self.nth, b"%d" % MANY)
        result = function()
        left = self.left()
        os.write(self.nth, b"0")
        return MANY - left, result

    def meant(self, function):
        """What task-filter lets fail happens in function()."""
        os.write(self.make, b"1")
        try:
            return function()
        finally:
            os.write(self.make, b"0")


FRAME = re.compile(r" ([\w.]+)\+(0x\w+)/0x\w+( \[tcptrace\])?$")


class Sites(kmsg.Kmsg):
    """Where in the module allocations failed, by the dumps in the log."""

    def __init__(self):
        super().__init__()
        self.hit = {}	# (callee, function of the module, offset): count

    def look(self):
        """A site is a call by a function of the module."""
        reports, _ = kmsg.split(self.lines())
        for report in reports:
            above = None
            for frame in filter(None, map(FRAME.match, report.lines)):
                if report.ordered() and frame[3]:
                    site = above, frame[1], frame[2]
                    self.hit[site] = self.hit.get(site, 0) + 1
                above = frame[1]
        return self.hit

    def places(self, callee, caller, count=False):
        """Return: how many calls of one by the other were hit, or how often."""
        hits = [number for site, number in self.look().items()
                if re.fullmatch(callee, site[0] or "") and site[1] == caller]
        return sum(hits) if count else len(hits)
