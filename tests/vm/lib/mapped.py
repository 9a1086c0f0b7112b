# SPDX-License-Identifier: GPL-2.0
"""A reader that has mapped its ring, written from the text of the ABI."""
import ctypes
import mmap
import os

from readers import LIBC, Reader, check_libc
from told import parse

PAGE = mmap.PAGESIZE
CONSUMER, PRODUCER, DATA = 0, 1, 2
PAD = 0
BUSY = 1 << 31
READ, WRITE = mmap.PROT_READ, mmap.PROT_WRITE
SHARED, PRIVATE = mmap.MAP_SHARED, mmap.MAP_PRIVATE
MAYMOVE = 1
BAD_ADDRESS = ctypes.c_void_p(-1).value

LIBC.mmap.restype = LIBC.mremap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3,
                      ctypes.c_long]
LIBC.mremap.argtypes = [ctypes.c_void_p, *[ctypes.c_size_t] * 2, ctypes.c_int]
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
LIBC.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def address_of(result):
    if result == BAD_ADDRESS:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def map_pages(fd, first, count, prot=READ, flags=SHARED):
    """Offset and length in pages. Return: the address."""
    return address_of(LIBC.mmap(None, count * PAGE, prot, flags, fd,
                                first * PAGE))


def unmap(address, count):
    check_libc(LIBC.munmap(address, count * PAGE))


def protect(address, count, prot):
    check_libc(LIBC.mprotect(address, count * PAGE, prot))


def remap(address, old, new):
    """A mapping of other size. Return: its address."""
    return address_of(LIBC.mremap(address, old * PAGE, new * PAGE, MAYMOVE))


class Number:
    """64 bits of memory, read and written as one."""

    def __init__(self, address):
        self.cell = ctypes.c_uint64.from_address(address)

    def get(self):
        return self.cell.value

    def set(self, value):
        self.cell.value = value % (1 << 64)


class Mapping:
    """The three areas of a ring in the memory of this process."""

    def __init__(self, fd, write=True):
        self.areas = []
        self.consumer = self.area(fd, CONSUMER, 1,
                                  READ | WRITE if write else READ)
        self.producer = self.area(fd, PRODUCER, 1, READ)
        self.size = ctypes.c_uint32.from_address(self.producer + 8).value
        self.data = self.area(fd, DATA, self.size // PAGE, READ)
        self.tail, self.head = Number(self.consumer), Number(self.producer)

    def area(self, fd, first, count, prot):
        address = map_pages(fd, first, count, prot)
        self.areas.append((address, count))
        return address

    def close(self):
        while self.areas:
            unmap(*self.areas.pop())

    def look(self, say=True, most=1 << 30, begin=None):
        """Take what waits. Return: the records; say: give them back, too."""
        records = []
        tail = self.tail.get() if begin is None else begin
        head = self.head.get()
        while tail != head and len(records) < most:
            at = self.data + tail % self.size
            length = ctypes.c_uint32.from_address(at).value
            if length & BUSY:
                break
            if ctypes.c_uint16.from_address(at + 4).value != PAD:
                records += parse(ctypes.string_at(at, length))
                records[-1].place = tail
            tail += length
        if say:
            self.tail.set(tail)
        return records


class Mapped(Reader):
    """A reader with a mapping, or without one if size says so."""

    def __init__(self, *types, size=None, flags=os.O_NONBLOCK):
        super().__init__(*types, flags=os.O_RDWR | flags)
        if size:
            self.resize(size)
        self.map = Mapping(self.fd)

    def __exit__(self, *_):
        self.map.close()
        os.close(self.fd)

    def look(self, **options):
        return self.map.look(**options)

    def all(self):
        """All that waits, with the LOST record that poll() may write."""
        records = self.look()
        while self.poll() & 1:
            records += self.look()
        return records
