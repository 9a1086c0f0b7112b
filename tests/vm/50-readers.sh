#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Readers of /dev/tcptrace: loss, read(), poll(), and who shares one.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import array
import ctypes
import errno
import os
import select
import signal
import socket

import load
import readers
from readers import (ESTABLISHED, LOST, OPEN, Child, Reader, case,
                     check_sequence, equal, fails, parameter, parse, until)

OPEN_LEN = 112
SINGLES = 500

# room for every SYN of these tests: none is evicted, none refused
readers.load(max_connections=1 << 17, max_half_open=1 << 17)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
syns = load.Syns()
server = load.listener()


def read_log(path):
    with open(path, "rb") as file:
        return parse(file.read())


def copy_until(control, reader, path):
    """A child: all that it reads goes to a file, until it is told to end."""
    with open(path, "wb", buffering=0) as log:
        control.sendall(b"r")
        while True:
            ready = select.select([reader.fd, control], [], [])[0]
            try:
                while True:
                    log.write(os.read(reader.fd, 1 << 16))
            except BlockingIOError:
                if control in ready:
                    return


def same(record):
    """A record but for its number."""
    return record.data[:8] + record.data[16:]


@case("a reader that sleeps loses what it must, and one awake nothing")
def two_readers():
    with parameter("ring_kib", 4):
        sleeper = Reader()
    with sleeper, Reader() as awake, \
            Child(copy_until, sleeper, "/tmp/asleep") as asleep, \
            Child(copy_until, awake, "/tmp/awake") as other:
        equal(sleeper.info().ring_size, 4096, "ring")
        asleep.hear(), other.hear()
        for _ in range(3):
            asleep.stop()
            syns.send(200)
            load.whole_connection(server)
            now = sleeper.info()
            equal(now.produced, awake.info().produced, "produced")
            if not now.lost or now.waiting > 4096 // OPEN_LEN:
                raise AssertionError(vars(now))
            asleep.go_on()
            until(lambda: not sleeper.info().waiting, "reading on")
            syns.send(5)
            until(lambda: not sleeper.info().waiting, "reading on")
        until(lambda: not awake.info().waiting, "reading of the other")
        asleep.say(), other.say()
        asleep.end(), other.end()
        sleepy, total = sleeper.info(), awake.info()
    whole, holey = read_log("/tmp/awake"), read_log("/tmp/asleep")
    equal(total.lost, 0, "lost by the one awake")
    equal(check_sequence(whole), 0, "told as lost to the one awake")
    equal(check_sequence(holey), sleepy.lost, "told as lost")
    gaps = [record for record in holey if record.type == LOST]
    equal(len(gaps), 3, "LOST records")
    equal(len(holey) - 3, sleepy.delivered, "delivered")
    equal(sleepy.produced, len(whole), "produced")
    for record in holey:
        if record.type != LOST:
            equal(same(record), same(whole[record.seq]), "record")
    for gap in gaps:
        equal((gap.first, gap.last), (whole[gap.seq].time,
              whole[gap.seq + gap.count - 1].time), "times of the gap")


@case("produced = delivered + lost + waiting, whoever reads meanwhile")
def accounts():
    def consume(control, reader):
        size = 1
        while not select.select([control], [], [], 0)[0]:
            try:
                os.read(reader.fd, OPEN_LEN * size)
            except BlockingIOError:
                pass
            size = size % 30 + 1
    with parameter("ring_kib", 4):
        reader = Reader(OPEN)
    with reader, Child(consume, reader) as child:
        before = reader.info()
        for turn in range(400):
            syns.send(turn % 7)
            now = reader.info()
            if not 0 <= now.waiting <= 4096 // OPEN_LEN or \
                    now.produced - before.produced != turn % 7 or \
                    now.delivered < before.delivered or \
                    now.lost < before.lost:
                raise AssertionError((vars(before), vars(now)))
            before = now
        child.stop()
        syns.send(100)
        child.say()
        child.go_on()
        child.end()
        info = reader.info()
        rest = reader.drain()
        kept = [record for record in rest if record.type != LOST]
        equal(len(kept), info.waiting, "records that waited")
        equal(reader.info().waiting, 0, "waiting")


@case("producers on all CPUs at once: nothing torn, doubled or forgotten")
def producers():
    def produce(control, begin):
        sender = load.Syns(begin << 20)
        control.recv(1)
        sender.send(1500)
    with Reader(OPEN) as big:
        with parameter("ring_kib", 4):
            small = Reader(OPEN)
        with small, Child(produce, 1) as one, Child(produce, 2) as two:
            records, holey = [], []
            for child in one, two:
                child.say()
            while big.info().produced < 3000:
                records += big.drain()
                holey += small.drain()
            one.end(), two.end()
            records += big.drain()
            holey += small.drain()
            equal(check_sequence(records), 0, "lost")
            equal(len({record.conn for record in records}), 3000, "ids")
            equal(check_sequence(holey), small.info().lost, "lost by small")
            equal({(record.type, record.len) for record in records},
                  {(OPEN, OPEN_LEN)}, "types and lengths")
            by_id = {record.conn: record.data[24:] for record in records}
            for record in holey:
                if record.type != LOST:
                    equal(record.data[24:], by_id[record.conn], "record")


@case("LOST comes when no further event does, and poll knows")
def lost_alone():
    with parameter("ring_kib", 4):
        reader = Reader(OPEN)
    with reader:
        syns.send(300)
        records = []
        while reader.poll() & select.POLLIN:
            records += reader.read(OPEN_LEN)
        fails(errno.EAGAIN, reader.read)
        info = reader.info()
        equal(check_sequence(records), info.lost, "told as lost")
        equal([record.type for record in records[-2:]], [OPEN, LOST], "end")
        equal(records[-1].count, 300 - len(records) + 1, "count")
        syns.send()
        equal(reader.read()[0].seq, 300, "seq after the gap")


@case("read() of every size from 1 byte: EINVAL until one fits, then whole ones")
def read_sizes():
    with Reader(OPEN) as reader:
        syns.send(1)
        for size in range(1, OPEN_LEN):
            fails(errno.EINVAL, os.read, reader.fd, size)
        equal(reader.info().delivered, 0, "delivered")
        records = reader.read(OPEN_LEN)
        for size in range(OPEN_LEN, 4 * OPEN_LEN + 2):
            syns.send(4 - reader.info().waiting)
            data = os.read(reader.fd, size)
            equal(len(data), size // OPEN_LEN * OPEN_LEN, f"read({size})")
            records += parse(data)
        records += reader.drain()
        equal(check_sequence(records), 0, "lost")
        equal(len(records), reader.info().produced, "records")
    with parameter("ring_kib", 4):
        reader = Reader(OPEN)
    with reader:	# where the ring wraps, a run ends but not the read
        for turn in range(100):
            syns.send(30)
            equal(len(reader.read(30 * OPEN_LEN)), 30, "records over the end")


@case("a record that does not fit leaves those before it to be read")
def next_too_large():
    with Reader(OPEN, ESTABLISHED) as reader:
        load.whole_connection(server)
        equal([r.type for r in reader.read(OPEN_LEN + 151)], [OPEN], "first")
        fails(errno.EINVAL, reader.read, 151)
        equal([r.type for r in reader.read(152)], [ESTABLISHED], "second")


@case("read() of 0 bytes is 0, whatever waits")
def read_nothing():
    with Reader(OPEN) as reader:
        equal(os.read(reader.fd, 0), b"", "of an empty ring")
        syns.send(1)
        equal(os.read(reader.fd, 0), b"", "of a full one")
        equal(len(reader.drain()), 1, "records")


def raw_read(fd, address, size):
    return readers.check_libc(readers.LIBC.read(
        fd, ctypes.c_void_p(address), ctypes.c_size_t(size)))


@case("a bad pointer: EFAULT, and nothing is consumed")
def bad_pointer():
    libc, page = readers.LIBC, 4096
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3,
                          ctypes.c_long]
    two = libc.mmap(None, 2 * page, 3, 0x22, -1, 0)
    readers.check_libc(libc.mprotect(ctypes.c_void_p(two + page), page, 0))
    with Reader(OPEN) as reader:
        syns.send(3)
        for address in 8, two + page, two + page - 8, 0xffff888000000000:
            fails(errno.EFAULT, raw_read, reader.fd, address, page)
            equal(reader.info().delivered, 0, "delivered")
        # the first record would fit, the three do not
        fails(errno.EFAULT, raw_read, reader.fd, two + page - OPEN_LEN, page)
        equal(reader.info().delivered, 0, "delivered")
        equal(raw_read(reader.fd, two + page - OPEN_LEN, OPEN_LEN), OPEN_LEN,
              "up to the end of the page")
        equal(check_sequence(reader.drain(), 1), 0, "lost")
        for request in readers.events.IOC_INFO, readers.IOC_MASK, \
                readers.IOC_ALL_NETNS, readers.IOC_FILTER, \
                readers.IOC_CLOCK, readers.IOC_RING, readers.IOC_WAKE:
            equal(libc.ioctl(reader.fd, ctypes.c_ulong(request),
                             ctypes.c_void_p(8)), -1, "ioctl")
            equal(ctypes.get_errno(), errno.EFAULT, "errno of ioctl")


@case("O_NONBLOCK: EAGAIN, set at open or later")
def nonblock():
    with Reader(OPEN) as reader:
        fails(errno.EAGAIN, reader.read)
        equal(reader.poll(), 0, "poll")
    with Reader(OPEN, flags=0) as reader:
        os.set_blocking(reader.fd, False)
        fails(errno.EAGAIN, reader.read)


def wait_read(fd):
    return fd


def wait_poll(fd):
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    equal(poller.poll(), [(fd, select.POLLIN)], "poll")


def wait_select(fd):
    equal(select.select([fd], [], []), ([fd], [], []), "select")


def wait_epoll(fd):
    with select.epoll() as epoll:
        epoll.register(fd, select.EPOLLIN)
        equal(epoll.poll(), [(fd, select.EPOLLIN)], "epoll")


edge = select.epoll()


def wait_edge(fd):
    """Edge-triggered, one registration for all: no event, no wake-up."""
    try:
        edge.register(fd, select.EPOLLIN | select.EPOLLET)
    except FileExistsError:
        pass
    equal(edge.poll(), [(fd, select.EPOLLIN)], "epoll")


def wait_and_read(control, reader, wait, count):
    control.sendall(b"r")
    for _ in range(count):
        wait(reader.fd)
        equal(len(reader.read()), 1, "records")
        control.sendall(b".")


def wake_ups(wait, count):
    flags = 0 if wait == wait_read else os.O_NONBLOCK
    with Reader(OPEN, flags=flags) as reader, \
            Child(wait_and_read, reader, wait, count) as child:
        child.hear()
        for number in range(count):
            # asleep at first; later, at any moment on its way to sleep
            if number < 3:
                child.sleeps()
            syns.send(1)
            equal(child.hear(), b".", f"wake-up {number}")
        child.end()


for wait, count in ((wait_read, SINGLES), (wait_poll, SINGLES),
                    (wait_select, 50), (wait_epoll, 50), (wait_edge, 100)):
    case(f"{wait.__name__[5:]} wakes on each of {count} single events")(
        lambda wait=wait, count=count: wake_ups(wait, count))


@case("SIGINT ends a blocked read, and the reader goes on after it")
def interrupt():
    def blocked(control, reader):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        control.sendall(b"r")
        try:
            reader.read()
        except KeyboardInterrupt:
            control.sendall(b"i")
        equal(len(reader.read()), 1, "records")
    with Reader(OPEN, flags=0) as reader, Child(blocked, reader) as child:
        child.hear()
        child.sleeps()
        os.kill(child.pid, signal.SIGINT)
        equal(child.hear(), b"i", "word of the child")
        syns.send(1)
        child.end()


@case("after fork two processes share a reader: each record comes once")
def forked():
    with Reader(OPEN) as reader, \
            Child(copy_until, reader, "/tmp/one") as one, \
            Child(copy_until, reader, "/tmp/two") as two:
        one.hear(), two.hear()
        for _ in range(40):
            syns.send(10)
        until(lambda: not reader.info().waiting, "reading")
        one.say(), two.say()
        one.end(), two.end()
        first, second = read_log("/tmp/one"), read_log("/tmp/two")
        readers.note(f"{len(first)} and {len(second)} records")
        both = sorted(first + second, key=lambda record: record.seq)
        equal(check_sequence(both), 0, "lost")
        equal(len(both), 400, "records")
        for part in first, second:
            equal(part, sorted(part, key=lambda r: r.seq), "order")


@case("a reader passed over a unix socket goes on where it was")
def passed():
    def receive(control):
        _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4))
        fds = array.array("i", ancillary[0][2])
        equal([r.seq for r in parse(os.read(fds[0], 1 << 16))], [1, 2], "seq")
        control.sendall(b".")
        equal([r.seq for r in parse(os.read(fds[0], 1 << 16))], [3], "seq")
    with Child(receive) as child:
        reader = Reader(OPEN, flags=0)
        syns.send(3)
        equal(reader.read(OPEN_LEN)[0].seq, 0, "seq")
        socket.send_fds(child.ours, [b"f"], [reader.fd])
        os.close(reader.fd)
        child.hear()
        child.sleeps()
        syns.send(1)
        child.end()


readers.run()
EOF
