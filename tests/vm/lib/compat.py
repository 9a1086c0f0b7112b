# SPDX-License-Identifier: GPL-2.0
"""Make the same calls in a 32-bit process (tests/compat) and in this
process."""
import errno
import fcntl
import os
import select
import struct
import subprocess

from check import PATIENCE, Skip, equal
from device import (IOC_ALL_NETNS, IOC_CLOCK, IOC_INFO, IOC_MASK, IOC_RING,
                    IOC_WAKE, Reader)

PROGRAM = "tcptrace32"


class Compat:
    """A reader in a 32-bit process."""

    def __init__(self):
        try:
            self.process = subprocess.Popen(
                [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except FileNotFoundError as error:
            raise AssertionError("run tests/lib/compat.sh first") from error
        except OSError as error:
            equal(error.errno, errno.ENOEXEC, "errno of execve()")
            raise Skip("the kernel has no IA32 emulation") from error
        self.fd = self.answer()[0]
        equal(self.fd >= 0, True, f"open(): {self.fd}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()	# the program ends at EOF
        equal(self.process.wait(PATIENCE), 0, "exit")
        self.process.stdout.close()

    def answer(self):
        ret, size = struct.unpack("=iI", self.process.stdout.read(8))
        return ret, self.process.stdout.read(size)

    def begin(self, op, first=0, second=0, data=b""):
        self.process.stdin.write(struct.pack(
            "=s3xIII", op.encode(), first, second, len(data)) + data)
        self.process.stdin.flush()

    def ask(self, *words):
        """Make a call. Return: its result, and the bytes that it has
        written."""
        self.begin(*words)
        return self.answer()


class Native:
    """A reader in this 64-bit process."""

    def __init__(self):
        self.reader = Reader()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.reader.close()

    def ask(self, op, first=0, second=0, data=b""):
        try:
            return getattr(self, op)(first, second, data)
        except OSError as error:
            # the 32-bit program returns the size even if the call fails
            return -error.errno, (struct.pack("=I", first) if op == "s"
                                  else b"")

    def i(self, *_):
        return 0, self.reader.ioctl(IOC_INFO, "64x")

    def f(self, first, _, data):
        program = [*struct.iter_unpack("=HBBI", data)]
        return self.reader.set_filter(program, first) or 0, b""

    def s(self, first, *_):
        return 0, self.reader.ioctl(IOC_RING, "I", first)

    def x(self, first, second, _):
        return fcntl.ioctl(self.reader.fd, first, second), b""

    def p(self, first, *_):
        events = self.reader.poll(first)
        return bool(events), struct.pack("=ihh", -1, select.POLLIN, events)

    def r(self, first, *_):
        data = os.read(self.reader.fd, first)
        return len(data), data


def one_value(request):
    """Return: a function that makes an ioctl with one or two values."""
    def call(self, first, second, _):
        self.reader.ioctl(request, "II", first, second)
        return 0, b""
    return call


for letter, ioctl in (("m", IOC_MASK), ("n", IOC_ALL_NETNS),
                      ("c", IOC_CLOCK), ("w", IOC_WAKE)):
    setattr(Native, letter, one_value(ioctl))
