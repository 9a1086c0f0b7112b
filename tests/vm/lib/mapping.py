# SPDX-License-Identifier: GPL-2.0
"""Map a ring, and read it by the algorithm in the ABI header."""
import ctypes
import mmap
import os
import select

from device import Reader
from libc import LIBC, check_libc
from records import parse

PAGE = mmap.PAGESIZE
CONSUMER, PRODUCER, DATA = 0, 1, 2
PAD = 0
BUSY = 1 << 31
READ, WRITE = mmap.PROT_READ, mmap.PROT_WRITE
SHARED, PRIVATE = mmap.MAP_SHARED, mmap.MAP_PRIVATE
ANONYMOUS = mmap.MAP_ANONYMOUS
FIXED_NOREPLACE = 0x100000
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


def map_pages(fd, first, count, prot=READ, flags=SHARED, at=None):
    """Map pages of a file; first and count are in pages. at: an unused address
    (None: any). Return: the address."""
    if at:
        flags |= FIXED_NOREPLACE
    return address_of(LIBC.mmap(at, count * PAGE, prot, flags, fd,
                                first * PAGE))


def unmap(address, count):
    check_libc(LIBC.munmap(address, count * PAGE))


def protect(address, count, prot):
    check_libc(LIBC.mprotect(address, count * PAGE, prot))


def remap(address, old, new):
    """Change the size of a mapping. Return: its new address."""
    return address_of(LIBC.mremap(address, old * PAGE, new * PAGE, MAYMOVE))


class Mapping:
    """The three areas of a ring in the memory of this process."""

    def __init__(self, fd, write=True):
        self.areas = []
        self.consumer = self.area(fd, CONSUMER, 1,
                                  READ | WRITE if write else READ)
        self.producer = self.area(fd, PRODUCER, 1, READ)
        self.size = ctypes.c_uint32.from_address(self.producer + 8).value
        self.data = self.area(fd, DATA, self.size // PAGE, READ)
        self.tail, self.head = (ctypes.c_uint64.from_address(address)
                                for address in (self.consumer, self.producer))

    def area(self, fd, first, count, prot):
        address = map_pages(fd, first, count, prot)
        self.areas.append((address, count))
        return address

    def close(self):
        while self.areas:
            unmap(*self.areas.pop())

    def take(self, release=True, most=1 << 30):
        """Return: the waiting records. If release is set, move the tail past
        them. most: maximum number of records."""
        records = []
        tail, head = self.tail.value, self.head.value
        while tail != head and len(records) < most:
            at = self.data + tail % self.size
            length = ctypes.c_uint32.from_address(at).value
            if length & BUSY:
                break
            if ctypes.c_uint16.from_address(at + 4).value != PAD:
                records += parse(ctypes.string_at(at, length))
                records[-1].place = tail
            tail += length
        if release:
            self.tail.value = tail
        return records


class MappedReader(Reader):
    """A reader that has mapped its ring."""

    def __init__(self, *types, size=None, flags=os.O_NONBLOCK):
        super().__init__(*types, flags=os.O_RDWR | flags)
        if size:
            self.resize(size)
        self.map = Mapping(self.fd)

    def close(self):
        self.map.close()
        super().close()

    def take(self, **options):
        return self.map.take(**options)

    def take_all(self):
        """Return: the waiting records, and the LOST record that poll() may
        write."""
        records = self.take()
        while self.poll() & select.POLLIN:
            records += self.take()
        return records
