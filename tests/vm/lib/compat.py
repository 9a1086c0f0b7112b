# SPDX-License-Identifier: GPL-2.0
"""The same calls by a process of 32 bits, tests/compat, and by this one."""
import errno
import fcntl
import os
import select
import struct
import subprocess

import readers
from readers import Skip, equal

PROGRAM = "tcptrace32"


class Compat:
    """A reader in a process of 32 bits."""

    def __init__(self):
        try:
            self.process = subprocess.Popen(
                [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except FileNotFoundError as error:
            raise AssertionError("run tests/lib/compat.sh first") from error
        except OSError as error:
            equal(error.errno, errno.ENOEXEC, "errno of execve()")
            raise Skip("the kernel runs no programs of 32 bits: "
                       "no IA32 emulation") from error
        self.fd = self.answer()[0]
        equal(self.fd >= 0, True, f"open(): {self.fd}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()	# its end, which it must notice
        equal(self.process.wait(readers.PATIENCE), 0, "exit")
        self.process.stdout.close()

    def answer(self):
        ret, size = struct.unpack("=iI", self.process.stdout.read(8))
        return ret, self.process.stdout.read(size)

    def begin(self, op, first=0, second=0, data=b""):
        self.process.stdin.write(struct.pack(
            "=s3xIII", op.encode(), first, second, len(data)) + data)
        self.process.stdin.flush()

    def ask(self, *words):
        """Return: what the call returned, and what it wrote."""
        self.begin(*words)
        return self.answer()


class Native:
    """The same of 64 bits, in this process."""

    def __init__(self):
        self.reader = readers.Reader()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.reader.fd)

    def ask(self, op, first=0, second=0, data=b""):
        try:
            return getattr(self, op)(first, second, data)
        except OSError as error:
            # it answers with the size, which the call may have changed
            return -error.errno, (struct.pack("=I", first) if op == "s"
                                  else b"")

    def ioctl(self, request, data):
        return 0, fcntl.ioctl(self.reader.fd, request, data)

    def i(self, *_):
        return self.ioctl(readers.events.IOC_INFO,
                          bytes(readers.events.IOC_INFO >> 16 & 0x3fff))

    def m(self, first, *_):
        return self.reader.set_mask(first) or 0, b""

    def n(self, first, *_):
        return self.reader.all_netns(first) or 0, b""

    def f(self, first, _, data):
        program = [struct.unpack_from("=HBBI", data, at)
                   for at in range(0, len(data), 8)]
        return self.reader.set_filter(program, first) or 0, b""

    def c(self, first, *_):
        return self.reader.clock(first) or 0, b""

    def s(self, first, *_):
        return 0, struct.pack("=I", self.reader.resize(first))

    def w(self, first, second, _):
        return self.reader.wake(first, second) or 0, b""

    def x(self, first, second, _):
        return fcntl.ioctl(self.reader.fd, first, second), b""

    def p(self, first, *_):
        events = self.reader.poll(first)
        return bool(events), struct.pack("=ihh", -1, select.POLLIN, events)

    def r(self, first, *_):
        data = os.read(self.reader.fd, first)
        return len(data), data
