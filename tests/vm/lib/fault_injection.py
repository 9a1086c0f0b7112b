# SPDX-License-Identifier: GPL-2.0
"""Configure the kernel's fault injection. In the stack dumps of the kernel log,
find the sites in the module where allocations have failed."""
import contextlib
import os
import re

import kmsg
from proc import read_file, write_file

DEBUGFS = "/sys/kernel/debug/"
SLAB, PAGES = "failslab", "fail_page_alloc"
QUIET = {"probability": 0, "interval": 1, "times": -1, "space": 0,
         "verbose": 2, "verbose_ratelimit_interval_ms": 0,
         "task-filter": "N", "ignore-gfp-wait": "N"}
QUIET_OF = {SLAB: {**QUIET, "cache-filter": "N"},
            PAGES: {**QUIET, "ignore-gfp-highmem": "N", "min-order": 0}}
MANY = 1 << 30	# allocations; no call makes so many


def available():
    return os.path.isdir(DEBUGFS + SLAB)


def configure(which, **values):
    """Set the attributes of a fault. An underscore in a name stands for a
    dash."""
    wanted = {name.replace("_", "-"): value for name, value in values.items()}
    probability = wanted.pop("probability", 0)
    # set probability last, so that nothing fails during the configuration
    for name, value in [*{**QUIET_OF[which], **wanted}.items(),
                        ("probability", probability)]:
        write_file(f"{DEBUGFS}{which}/{name}", value)


@contextlib.contextmanager
def failing(which, **values):
    """Configure a fault as long as the context is open."""
    configure(which, **values)
    try:
        yield
    finally:
        configure(which)


def fired(which):
    """Check whether a fault that was configured with times=1 has happened."""
    return int(read_file(f"{DEBUGFS}{which}/times")) == 0


class Task:
    """Inject failures into the system calls of this thread."""

    def __init__(self):
        self.nth = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
        self.make = os.open("/proc/thread-self/make-it-fail", os.O_RDWR)

    def close(self):
        os.close(self.nth)
        os.close(self.make)

    def left(self):
        return int(os.pread(self.nth, 16, 0))

    def fail_nth(self, number, function):
        """Let the nth allocation in function() fail. Return: whether it has
        failed, the result of function(), and the OSError."""
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
        """Return: how many allocations function() makes, and its result."""
        os.write(self.nth, b"%d" % MANY)
        result = function()
        left = self.left()
        os.write(self.nth, b"0")
        return MANY - left, result

    def failing(self, function):
        """Mark this task for task-filter while function() runs."""
        os.write(self.make, b"1")
        try:
            return function()
        finally:
            os.write(self.make, b"0")


FRAME = re.compile(r" ([\w.]+)\+(0x\w+)/0x\w+( \[tcptrace\])?$")


class Sites(kmsg.Kmsg):
    """The call sites in the module where allocations have failed."""

    def __init__(self):
        super().__init__()
        self.hit = {}	# (callee, function of the module, offset): count

    def read(self):
        """Read the kernel log. Return: {site: number of failures}."""
        reports, _ = kmsg.split(self.lines())
        for report in reports:
            above = None
            for frame in filter(None, map(FRAME.match, report.lines)):
                if report.intended() and frame[3]:
                    site = above, frame[1], frame[2]
                    self.hit[site] = self.hit.get(site, 0) + 1
                above = frame[1]
        return self.hit

    def count(self, callee, caller, failures=False):
        """Return: the number of sites where caller has called callee (two
        patterns). If failures is set, return the number of failures at these
        sites."""
        hits = [number for site, number in self.read().items()
                if re.fullmatch(callee, site[0] or "") and
                re.fullmatch(caller, site[1])]
        return sum(hits) if failures else len(hits)
