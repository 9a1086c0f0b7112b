#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check which pages of the ring may be mapped and written. A wrong position may
only cause the loss of records, and the lost records must be counted."""
import ctypes
import errno
import os
import random
import select
import signal

import module
from case import case, run
from check import equal, fails, note, until
from device import DEVICE, Info, Reader
from libc import LIBC, check_libc
from mapping import (ANONYMOUS, CONSUMER, DATA, PAGE, PRIVATE, PRODUCER, READ,
                     SHARED, WRITE, MappedReader, map_pages, protect, remap,
                     unmap)
from netns import isolate
from proc import Child, read_file
from programs import Traffic
from raw import Syns
from records import (LOST, LOST_FULL, LOST_POSITION, OPEN, SIZES,
                     check_sequence, numbers)

SMALL = 4096
ROOM = SMALL // SIZES[OPEN]	# OPEN records in the smallest ring

module.load(ring_kib=64, max_connections=1 << 17, max_half_open=1 << 17)
isolate()
syns = Syns()


def open_device(flags):
    return os.open(DEVICE, flags | os.O_NONBLOCK | os.O_CLOEXEC)


def refused(fd, rows):
    for code, first, count, prot, flags in rows:
        fails(code, map_pages, fd, first, count, prot, flags)


@case("only the consumer page may be written, and only shared; EINVAL, EPERM")
def protections():
    both, most = READ | WRITE, 65536 // PAGE
    fd = open_device(os.O_RDWR)
    refused(fd, [
        *((errno.EINVAL, first, count, prot, PRIVATE) for prot in (READ, both)
          for first, count in ((0, 1), (1, 1), (2, 1), (1, 3))),
        *((errno.EINVAL, CONSUMER, count, prot, SHARED)
          for prot in (READ, both, 0) for count in (2, 3, most + 2)),
        *((errno.EPERM, first, count, prot, SHARED) for prot in (WRITE, both)
          for first in (PRODUCER, DATA, DATA + most - 1) for count in (1, 2)),
        (errno.EINVAL, DATA, most + 1, READ, SHARED),
        (errno.EINVAL, PRODUCER, most + 2, READ, SHARED),
        (errno.EINVAL, DATA + most, 1, READ, SHARED),
        (errno.EINVAL, 1 << 40, 1, READ, SHARED),
    ])
    equal(len(os.read(fd, 99)) if select.select([fd], [], [], 0)[0] else 0, 0,
          "no failed call counts as a mapping")
    for first, count, prot in ((CONSUMER, 1, both), (CONSUMER, 1, READ),
                               (PRODUCER, 1, READ), (DATA, most, READ),
                               (PRODUCER, most + 1, READ), (DATA, 1, 0)):
        unmap(map_pages(fd, first, count, prot), count)
    os.close(fd)
    fd = open_device(os.O_RDONLY)
    refused(fd, [(errno.EACCES, first, 1, both, SHARED) for first in (0, 1, 2)])
    for first in CONSUMER, PRODUCER, DATA:
        address = map_pages(fd, first, 1)
        fails(errno.EACCES, protect, address, 1, both)
        unmap(address, 1)
    os.close(fd)
    fd = open_device(os.O_WRONLY)
    refused(fd, [(errno.EACCES, 0, 1, both, SHARED)])
    os.close(fd)


def dies(function, *arguments):
    """Call function() in a child. Return: the signal that kills the child (0:
    none)."""
    pid = os.fork()
    if not pid:
        function(*arguments)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(pid, 0)[1])


def poke(address):
    ctypes.c_uint8.from_address(address).value = 1


@case("mprotect(): EPERM for all but the consumer page")
def later():
    fd = open_device(os.O_RDWR)
    pages = 1 + 65536 // PAGE
    address = map_pages(fd, PRODUCER, pages)
    for first, count in ((0, 1), (0, 2), (1, 1), (0, pages), (pages - 1, 1)):
        for prot in WRITE, READ | WRITE:
            fails(errno.EPERM, protect, address + first * PAGE, count, prot)
    protect(address + PAGE, 1, 0)
    fails(errno.EPERM, protect, address + PAGE, 1, READ | WRITE)
    for first in 0, 2, pages - 1:
        equal(dies(poke, address + first * PAGE), signal.SIGSEGV, "write")
    unmap(address, pages)
    address = map_pages(fd, CONSUMER, 1)
    equal(dies(poke, address), signal.SIGSEGV, "write, mapped read-only")
    protect(address, 1, READ | WRITE)
    poke(address)
    protect(address, 1, READ)
    equal(dies(poke, address), signal.SIGSEGV, "write, read-only again")
    os.close(fd)
    unmap(address, 1)


@case("mremap() gives no access: SIGBUS past the ring, no page writable")
def larger():
    fd = open_device(os.O_RDWR)
    pages = 65536 // PAGE
    address = remap(map_pages(fd, DATA, pages), pages, pages + 1)
    equal(dies(ctypes.string_at, address, pages * PAGE), 0, "the ring")
    equal(dies(ctypes.string_at, address + pages * PAGE, 1), signal.SIGBUS,
          "past the ring")
    fails(errno.EPERM, protect, address, pages + 1, READ | WRITE)
    unmap(address, pages + 1)
    address = remap(map_pages(fd, CONSUMER, 1, READ | WRITE), 1, 3)
    poke(address)
    for page in 1, 2:
        for what in poke, lambda at: ctypes.string_at(at, 1):
            equal(dies(what, address + page * PAGE), signal.SIGBUS,
                  "a page that is not the consumer's")
    unmap(address, 3)
    address = remap(map_pages(fd, CONSUMER, 1), 1, 3)
    for count in 2, 3:
        fails(errno.EPERM, protect, address, count, READ | WRITE)
    fails(errno.EPERM, protect, address + PAGE, 1, READ | WRITE)
    ctypes.string_at(address, 3 * PAGE)
    unmap(address, 3)
    equal(Info(fd).waiting, 0, "waiting")
    fails(errno.EAGAIN, os.read, fd, 4096)
    os.close(fd)


def areas():
    """Return: the number of mappings of the device in this process."""
    return sum(DEVICE in line for line in
               read_file("/proc/self/maps").splitlines())


@case("mappings side by side: each is checked as if alone, and none merges")
def adjacent():
    both, most = READ | WRITE, 65536 // PAGE
    fd = open_device(os.O_RDWR)
    at = map_pages(-1, 0, most + 8, READ, PRIVATE | ANONYMOUS) + 2 * PAGE
    unmap(at - 2 * PAGE, most + 8)

    def place(page, prot, count=1):
        return map_pages(fd, page, count, prot, at=at + page * PAGE)
    for order in (CONSUMER, PRODUCER, DATA), (DATA, PRODUCER, CONSUMER):
        for number, page in enumerate(order):
            place(page, READ)
            equal(areas(), number + 1, f"areas in the order {order}")
        unmap(at, 3)
    place(CONSUMER, both)
    for page, count in (PRODUCER, 1), (PRODUCER, most + 1):
        fails(errno.EPERM, place, page, both, count)
    unmap(at, 1)
    place(DATA, READ, most)
    fails(errno.EINVAL, place, DATA + most, READ)
    fails(errno.EINVAL, place, CONSUMER, READ, 2)
    equal(areas(), 1, "areas")
    unmap(at + DATA * PAGE, most)
    equal(areas(), 0, "areas")
    # read() would fail with EBUSY if the ring were still mapped
    fails(errno.EAGAIN, os.read, fd, 4096)
    os.close(fd)


@case("no other way to write: /proc/self/mem, process_vm_writev(), read()")
def other_ways():
    with MappedReader(OPEN) as reader, open("/proc/self/mem", "r+b", 0) as memory, \
            open("/dev/zero", "rb", 0) as zero:
        syns.send(3)
        before = ctypes.string_at(reader.map.data, 4 * SIZES[OPEN])
        byte = ctypes.c_char(b"x")
        local = (ctypes.c_size_t * 2)(ctypes.addressof(byte), 1)
        for address in reader.map.producer, reader.map.data:
            fails((errno.EIO, errno.EFAULT), os.pwrite, memory.fileno(), b"x",
                  address)
            remote = (ctypes.c_size_t * 2)(address, 1)
            fails(errno.EFAULT, lambda remote=remote: check_libc(
                LIBC.process_vm_writev(os.getpid(), local, 1, remote,
                                               1, 0)))
            fails(errno.EFAULT, lambda address=address: check_libc(
                LIBC.read(zero.fileno(), ctypes.c_void_p(address), 8)))
        equal(ctypes.string_at(reader.map.data, 4 * SIZES[OPEN]), before, "data")
        equal(numbers(reader.take_all()), [0, 1, 2], "records")


@case("the same records as by read(), while the ring wraps")
def honest():
    with Reader() as plain, MappedReader(size=16384) as reader:
        plain.resize(1 << 20)
        traffic = Traffic()
        mine, theirs = [], []

        def enough():
            for _ in range(20):
                reader.poll(50)
                mine.extend(reader.take())
            theirs.extend(plain.drain())
            return reader.map.head.value > 10 * 16384
        until(enough, "ten times round the ring")
        equal(traffic.end()[1], 0, "errors")
        mine += reader.take_all()
        theirs += plain.drain()
        info = reader.info()
        got = [record for record in mine if record.type != LOST]
        for record in got:
            equal(record.content(), theirs[record.seq].content(), "record")
        equal(check_sequence(mine), info.lost, "lost by LOST records")
        equal((info.delivered, info.waiting), (len(got), 0), "delivered")
        equal(len(got) + info.lost, len(theirs), "records")
        note(f"{len(mine)} records, {info.lost} lost, "
             f"{reader.map.head.value} bytes")


@case("a full ring: LOST with its cause, by poll() if no other record follows")
def full():
    with MappedReader(OPEN, size=SMALL) as reader:
        for turn in range(1, 4):
            syns.send(100)
            info = reader.info()
            equal((info.waiting, info.lost_full), (ROOM, turn * (100 - ROOM)),
                  "waiting, lost")
            equal(numbers(reader.take()), [*range(turn * 100 - 100,
                                                  turn * 100 - 100 + ROOM)],
                  "records")
            equal(reader.take(), [], "before poll()")
            equal(reader.poll() & select.POLLIN, select.POLLIN, "poll")
            gap, = reader.take()
            equal((gap.type, gap.count, gap.causes),
                  (LOST, 100 - ROOM, LOST_FULL), "LOST")
            equal(reader.poll(), 0, "poll after LOST")
            equal(reader.info().delivered, turn * ROOM, "delivered")
        # the next record that the ring accepts follows a LOST record
        syns.send(50)
        reader.take(most=10)
        syns.send(1)
        records = reader.take()
        equal([r.type for r in records[-2:]], [LOST, OPEN], "end")
        equal(reader.info().waiting, 0, "waiting")


@case("only records before the consumer position are freed")
def late():
    with MappedReader(OPEN, size=SMALL) as reader:
        syns.send(ROOM)
        equal(len(reader.take(release=False)), ROOM, "records")
        syns.send(5)
        equal((reader.info().lost, reader.info().waiting), (5, ROOM), "lost")
        equal(len(reader.take(release=False)), ROOM, "records that are still there")
        reader.take(most=10)
        equal(reader.info().waiting, ROOM - 10, "waiting")
        reader.take_all()
        for turn in range(200):
            syns.send(7)
            equal(len(reader.take()), 7, "records")
        equal(reader.info().lost, 5, "lost")


def wrong_positions(reader):
    tail, head = reader.map.tail.value, reader.map.head.value
    return (0, tail - 1, tail - SIZES[OPEN], tail - (1 << 63), head + 1,
            head + SIZES[OPEN], head + (1 << 32), head + (1 << 63), 2**64 - 1)


@case("a position before the tail or after the head frees nothing: LOST")
def wrong():
    with MappedReader(OPEN, size=SMALL) as reader:
        syns.send(8)
        reader.take_all()
        for place in wrong_positions(reader):
            tail, before = reader.map.tail.value, reader.info()
            reader.map.tail.value = place
            syns.send(ROOM + 3)
            info = reader.info()
            equal((info.waiting, info.delivered), (ROOM, before.delivered),
                  f"waiting, delivered at {place}")
            equal(info.lost_position - before.lost_position, 3, "lost")
            equal(info.lost_full, before.lost_full, "lost, as full")
            reader.map.tail.value = tail
            records = reader.take_all()
            equal(check_sequence(records, before.produced), 3, "lost by LOST records")
            equal(records[-1].causes, LOST_POSITION, "cause")


@case("a position inside a record frees the records before it")
def inside():
    with MappedReader(OPEN, size=SMALL) as reader:
        for offset in 1, 8, 24, SIZES[OPEN] - 1:
            before = reader.info()
            syns.send(ROOM)
            third = reader.take(release=False)[2].place
            reader.map.tail.value = third + offset
            info = reader.info()
            equal(info.delivered - before.delivered, 2, "delivered")
            equal(info.waiting + info.lost, before.lost + ROOM - 2, "waiting")
            reader.map.tail.value = third
            equal(check_sequence(reader.take_all(), before.produced + 2),
                  info.lost - before.lost, "lost")


def scribble(channel, reader):
    """Run in a child: without a pause, write random positions and positions
    near the head, and fill the consumer page with random bytes."""
    rng = random.Random(os.getpid())
    mapping = reader.map
    channel.setblocking(False)
    while True:
        for _ in range(200):
            head = mapping.head.value
            mapping.tail.value = rng.getrandbits(64)
            mapping.tail.value = head - rng.randrange(SMALL * 2)
            mapping.tail.value = head + rng.randrange(-999, 999)
            mapping.tail.value = head - SIZES[OPEN] * rng.randrange(ROOM)
        ctypes.memmove(mapping.consumer, rng.randbytes(PAGE), PAGE)
        try:
            channel.recv(1)
            return
        except BlockingIOError:
            pass


@case("random positions at full speed: produced = delivered + lost + waiting")
def scribbler():
    rng = random.Random(1)
    with MappedReader(OPEN, size=SMALL) as reader, \
            Child(scribble, reader) as one, Child(scribble, reader) as two:
        before, sent = reader.info(), 0
        for _ in range(1500):
            count = rng.choice((0, 1, 3, 7, 2 * ROOM))
            sent += count
            syns.send(count)
            if rng.randrange(4) == 0:
                reader.poll()
            info = reader.info()
            equal(info.produced, sent, "produced")
            if not 0 <= info.waiting <= ROOM or \
                    info.delivered < before.delivered or \
                    info.lost_full < before.lost_full or \
                    info.lost_position < before.lost_position:
                raise AssertionError((vars(before), vars(info)))
            before = info
        one.end(b"."), two.end(b".")
        info = reader.info()
        note(f"{info.produced} produced, {info.delivered} delivered, "
             f"{info.lost_full} and {info.lost_position} lost")
        equal(info.delivered > 100 and info.lost_position > 20, True, "mixture")
        reader.map.tail.value = 0	# from here on, no position changes
        waiting = reader.info().waiting
        reader.map.close()
        rest = reader.drain()
        kept = [record for record in rest if record.type != LOST]
        equal((len(kept), reader.info().waiting), (waiting, 0), "waiting")
        check_sequence(rest, rest[0].seq if rest else 0)
        syns.send(1)
        equal(numbers(reader.drain()), [sent], "the next")


run(r"\S+\[\d+\]: segfault at |Code: ")
