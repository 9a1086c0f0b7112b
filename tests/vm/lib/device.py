# SPDX-License-Identifier: GPL-2.0
"""/dev/tcptrace: open(), ioctls, read(), poll()."""
import contextlib
import ctypes
import fcntl
import os
import select
import struct

from check import PATIENCE, equal, until
from module import parameter
from proc import command, state_of
from records import Fields, Layout, parse

DEVICE = "/dev/tcptrace"
INFO = Layout("IIIIQQQIIQQ", "ring_size mask all_netns netns produced "
              "delivered lost ring_high clock lost_full lost_position")
IOC_INFO = 2 << 30 | 64 << 16 | 0xf9 << 8 | 0
IOC_MASK = 1 << 30 | 4 << 16 | 0xf9 << 8 | 1
IOC_ALL_NETNS = 1 << 30 | 4 << 16 | 0xf9 << 8 | 2
IOC_FILTER = 1 << 30 | 16 << 16 | 0xf9 << 8 | 3
IOC_CLOCK = 1 << 30 | 4 << 16 | 0xf9 << 8 | 4
IOC_RING = 3 << 30 | 4 << 16 | 0xf9 << 8 | 5
IOC_WAKE = 1 << 30 | 8 << 16 | 0xf9 << 8 | 6
IOC_EPOCH = 2 << 30 | 8 << 16 | 0xf9 << 8 | 7
IOCTLS = (IOC_INFO, IOC_MASK, IOC_ALL_NETNS, IOC_FILTER, IOC_CLOCK, IOC_RING,
          IOC_WAKE, IOC_EPOCH)


def compiled(text):
    """Compile a tcpdump expression. Return: the classic BPF program."""
    done = command("tcpdump", "-y", "RAW", "-ddd", *text.split())
    return [tuple(map(int, line.split())) for line in done.splitlines()[1:]]


def is_reading(pid):
    """Check whether a process sleeps and has the device open. A program sets
    its event mask before it sleeps."""
    folder = f"/proc/{pid}/fd"
    for fd in os.listdir(folder):
        # the process may have closed the descriptor in the meantime
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(f"{folder}/{fd}") == DEVICE:
                return state_of(pid) == "S"
    return False


class Info(Fields):
    """What TCPTRACE_IOC_INFO returns, and the number of waiting records."""

    def __init__(self, fd):
        super().__init__(INFO, fcntl.ioctl(fd, IOC_INFO, bytes(64)))
        equal(self.lost_full + self.lost_position, self.lost, "lost by cause")
        self.waiting = self.produced - self.delivered - self.lost


class Reader:
    """An open device, which "with" closes. ring_kib: the ring size."""

    def __init__(self, *types, flags=os.O_NONBLOCK, ring_kib=None, fd=None):
        with parameter("ring_kib", ring_kib) if ring_kib else \
                contextlib.nullcontext():
            self.fd = os.open(DEVICE, os.O_RDONLY | os.O_CLOEXEC | flags) \
                if fd is None else fd
        if types:
            self.mask(*types)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        os.close(self.fd)

    def ioctl(self, request, layout, *values):
        """Make an ioctl. Return: the bytes that the kernel has written."""
        return fcntl.ioctl(self.fd, request, struct.pack("=" + layout,
                                                         *values))

    def mask(self, *types):
        self.set_mask(sum(1 << kind for kind in types))

    def set_mask(self, bits):
        self.ioctl(IOC_MASK, "I", bits)

    def all_netns(self, on=1):
        self.ioctl(IOC_ALL_NETNS, "I", on)

    def set_filter(self, program, pad=0, count=None, address=None):
        """Set a filter: a list of (code, jt, jf, k). A test may pass a wrong
        count or address."""
        data = ctypes.create_string_buffer(b"".join(
            struct.pack("=HBBI", *insn) for insn in program))
        self.ioctl(IOC_FILTER, "QII",
                   ctypes.addressof(data) if address is None else address,
                   len(program) if count is None else count, pad)

    def filter(self, text):
        self.set_filter(compiled(text))

    def clock(self, clock):
        self.ioctl(IOC_CLOCK, "I", clock)

    def wake(self, size, delay_ms=0):
        self.ioctl(IOC_WAKE, "II", size, delay_ms)

    def resize(self, size):
        """Resize the ring. Return: the new size."""
        return struct.unpack("=I", self.ioctl(IOC_RING, "I", size))[0]

    def epoch(self):
        return struct.unpack("=Q", self.ioctl(IOC_EPOCH, "8x"))[0]

    def info(self):
        return Info(self.fd)

    def read(self, size=1 << 16):
        return parse(os.read(self.fd, size))

    def drain(self):
        """Read all waiting records, and only then parse them, because the
        parser may be slower than the traffic. Return: the records."""
        data = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                data += os.read(self.fd, 1 << 16)
        return parse(data)

    def until_drained(self):
        """Wait until a different process has read all records."""
        until(lambda: not self.info().waiting, "reading of all records")

    def collect(self, condition, what, patience=PATIENCE):
        """Read until condition(records) is true. Return: the records."""
        records = []
        until(lambda: records.extend(self.drain()) or condition(records), what,
              patience)
        return records

    def poll(self, timeout=0):
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        events = poller.poll(timeout)
        return events[0][1] if events else 0
