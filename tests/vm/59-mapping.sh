#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ring in the memory of its reader: what may be mapped and what written,
# and that a wrong position costs records, which are counted, and nothing else.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'END'
import ctypes
import errno
import os
import random
import select
import signal

import load
import readers
from events import LOST_FULL, LOST_POSITION
from mapped import (CONSUMER, DATA, PAGE, PRIVATE, PRODUCER, READ, SHARED,
                    WRITE, Mapped, map_pages, protect, remap, unmap)
from readers import (LOST, OPEN, Child, Reader, case, check_sequence, equal,
                     fails, until)

OPEN_LEN = 112
SMALL = 4096
ROOM = SMALL // OPEN_LEN	# OPEN records in the smallest ring

readers.load(ring_kib=64, max_connections=1 << 17, max_half_open=1 << 17)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
syns = load.Syns()


def same(record):
    """A record but for its number."""
    return record.data[:8] + record.data[16:]


def numbers(records):
    return [record.seq for record in records]


def open_device(flags):
    return os.open(readers.DEVICE, flags | os.O_NONBLOCK | os.O_CLOEXEC)


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
          "nothing of it counts as a mapping")
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
    """Return: the signal that ends a process which does this."""
    pid = os.fork()
    if not pid:
        function(*arguments)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(pid, 0)[1])


def poke(address):
    ctypes.c_uint8.from_address(address).value = 1


@case("mprotect: EPERM for all but the consumer page")
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
    equal(dies(poke, address), signal.SIGSEGV, "write to it, mapped to read")
    protect(address, 1, READ | WRITE)
    poke(address)
    protect(address, 1, READ)
    equal(dies(poke, address), signal.SIGSEGV, "write to it, read-only again")
    os.close(fd)
    unmap(address, 1)


@case("mremap gives nothing more: SIGBUS past the ring, none of it writable")
def larger():
    fd = open_device(os.O_RDWR)
    pages = 65536 // PAGE
    address = remap(map_pages(fd, DATA, pages), pages, pages + 1)
    equal(dies(ctypes.string_at, address, pages * PAGE), 0, "the ring")
    equal(dies(ctypes.string_at, address + pages * PAGE, 1), signal.SIGBUS,
          "past it")
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
    equal(readers.Info(fd).waiting, 0, "and the reader is as it was")
    fails(errno.EAGAIN, os.read, fd, 4096)
    os.close(fd)


@case("no other way to write: /proc/self/mem, process_vm_writev, read()")
def other_ways():
    with Mapped(OPEN) as reader, open("/proc/self/mem", "r+b", 0) as memory, \
            open("/dev/zero", "rb", 0) as zero:
        syns.send(3)
        before = ctypes.string_at(reader.map.data, 4 * OPEN_LEN)
        byte = ctypes.c_char(b"x")
        local = (ctypes.c_size_t * 2)(ctypes.addressof(byte), 1)
        for address in reader.map.producer, reader.map.data:
            fails((errno.EIO, errno.EFAULT), os.pwrite, memory.fileno(), b"x",
                  address)
            remote = (ctypes.c_size_t * 2)(address, 1)
            fails(errno.EFAULT, lambda remote=remote: readers.check_libc(
                readers.LIBC.process_vm_writev(os.getpid(), local, 1, remote,
                                               1, 0)))
            fails(errno.EFAULT, lambda address=address: readers.check_libc(
                readers.LIBC.read(zero.fileno(), ctypes.c_void_p(address), 8)))
        equal(ctypes.string_at(reader.map.data, 4 * OPEN_LEN), before, "data")
        equal(numbers(reader.all()), [0, 1, 2], "records")


@case("it gets what a read() gets, record by record, while the ring goes round")
def honest():
    service = load.Program("serve", "127.0.0.1", 5004)
    with Reader() as plain, Mapped(size=16384) as reader:
        plain.resize(1 << 20)
        program = load.Program("churn", "127.0.0.1", 5004)
        mine, theirs = [], []

        def enough():
            for _ in range(20):
                reader.poll(50)
                mine.extend(reader.look())
            theirs.extend(plain.drain())
            return reader.map.head.get() > 10 * 16384
        until(enough, "ten times round")
        equal(program.end()[1], 0, "errors")
        service.end()
        mine += reader.all()
        theirs += plain.drain()
        info = reader.info()
        got = [record for record in mine if record.type != LOST]
        for record in got:
            equal(same(record), same(theirs[record.seq]), "record")
        equal(check_sequence(mine), info.lost, "told as lost")
        equal((info.delivered, info.waiting), (len(got), 0), "delivered")
        equal(len(got) + info.lost, len(theirs), "records")
        readers.note(f"{len(mine)} records, {info.lost} lost, "
                     f"{reader.map.head.get()} bytes")


@case("a full ring: LOST with its cause, by poll() when nothing else comes")
def full():
    with Mapped(OPEN, size=SMALL) as reader:
        for turn in range(1, 4):
            syns.send(100)
            info = reader.info()
            equal((info.waiting, info.lost_full), (ROOM, turn * (100 - ROOM)),
                  "waiting, lost")
            equal(numbers(reader.look()), [*range(turn * 100 - 100,
                                                  turn * 100 - 100 + ROOM)],
                  "records")
            equal(reader.look(), [], "before poll()")
            equal(reader.poll() & select.POLLIN, select.POLLIN, "poll")
            gap, = reader.look()
            equal((gap.type, gap.count, gap.causes),
                  (LOST, 100 - ROOM, LOST_FULL), "LOST")
            equal(reader.poll(), 0, "poll after it")
            equal(reader.info().delivered, turn * ROOM, "delivered")
        # the next record brings it just as well
        syns.send(50)
        reader.look(most=10)
        syns.send(1)
        records = reader.look()
        equal([r.type for r in records[-2:]], [LOST, OPEN], "end")
        equal(reader.info().waiting, 0, "waiting")


@case("what is read and not said is not given away; what is said is")
def late():
    with Mapped(OPEN, size=SMALL) as reader:
        syns.send(ROOM)
        equal(len(reader.look(say=False)), ROOM, "records")
        syns.send(5)
        equal((reader.info().lost, reader.info().waiting), (5, ROOM), "lost")
        equal(len(reader.look(say=False)), ROOM, "records that are still there")
        reader.look(most=10)
        equal(reader.info().waiting, ROOM - 10, "waiting")
        reader.all()
        for turn in range(200):
            syns.send(7)
            equal(len(reader.look()), 7, "records")
        equal(reader.info().lost, 5, "lost")


def wrong_positions(reader):
    tail, head = reader.map.tail.get(), reader.map.head.get()
    return (0, tail - 1, tail - OPEN_LEN, tail - (1 << 63), head + 1,
            head + OPEN_LEN, head + (1 << 32), head + (1 << 63), 2**64 - 1)


@case("a position before the tail or after the head frees nothing: LOST says it")
def wrong():
    with Mapped(OPEN, size=SMALL) as reader:
        syns.send(8)
        reader.all()
        for place in wrong_positions(reader):
            tail, before = reader.map.tail.get(), reader.info()
            reader.map.tail.set(place)
            syns.send(ROOM + 3)
            info = reader.info()
            equal((info.waiting, info.delivered), (ROOM, before.delivered),
                  f"waiting, delivered at {place}")
            equal(info.lost_position - before.lost_position, 3, "lost")
            equal(info.lost_full, before.lost_full, "lost, as full")
            reader.map.tail.set(tail)
            records = reader.all()
            equal(check_sequence(records, before.produced), 3, "told as lost")
            equal(records[-1].causes, LOST_POSITION, "cause")


@case("a position inside a record frees those before it")
def inside():
    with Mapped(OPEN, size=SMALL) as reader:
        for offset in 1, 8, 24, OPEN_LEN - 1:
            before = reader.info()
            syns.send(ROOM)
            third = reader.look(say=False)[2].place
            reader.map.tail.set(third + offset)
            info = reader.info()
            equal(info.delivered - before.delivered, 2, "delivered")
            equal(info.waiting + info.lost, before.lost + ROOM - 2, "waiting")
            reader.map.tail.set(third)
            equal(check_sequence(reader.all(), before.produced + 2),
                  info.lost - before.lost, "lost")


def scribble(channel, reader):
    """At full speed: anything, what is nearly right, and the whole page."""
    rng = random.Random(os.getpid())
    mapping = reader.map
    channel.setblocking(False)
    channel.sendall(b"r")
    while True:
        for _ in range(200):
            head = mapping.head.get()
            mapping.tail.set(rng.getrandbits(64))
            mapping.tail.set(head - rng.randrange(SMALL * 2))
            mapping.tail.set(head + rng.randrange(-999, 999))
            mapping.tail.set(head - OPEN_LEN * rng.randrange(ROOM))
        ctypes.memmove(mapping.consumer, rng.randbytes(PAGE), PAGE)
        try:
            channel.recv(1)
            return
        except BlockingIOError:
            pass


@case("random positions at full speed: produced = delivered + lost + waiting")
def scribbler():
    rng = random.Random(1)
    with Mapped(OPEN, size=SMALL) as reader, \
            Child(scribble, reader) as one, Child(scribble, reader) as two:
        one.hear(), two.hear()
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
        one.say(), two.say()
        one.end(), two.end()
        info = reader.info()
        readers.note(f"{info.produced} produced, {info.delivered} delivered, "
                     f"{info.lost_full} and {info.lost_position} lost")
        equal(info.delivered > 100 and info.lost_position > 20, True, "mixture")
        reader.map.tail.set(0)	# from here on nothing moves
        waiting = reader.info().waiting
        reader.map.close()
        rest = reader.drain()
        kept = [record for record in rest if record.type != LOST]
        equal((len(kept), reader.info().waiting), (waiting, 0), "waiting")
        check_sequence(rest, rest[0].seq if rest else 0)
        syns.send(1)
        equal(numbers(reader.drain()), [sent], "the next")


readers.run(r"python3\[\d+\]: segfault at |Code: ")
END
