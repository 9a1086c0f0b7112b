#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check readers of /dev/tcptrace: lost records, read(), poll(), and readers
that several processes share."""
import array
import ctypes
import errno
import os
import select
import signal
import socket

import mapping
import module
import wakeups
from accounting import Log, read_loop
from case import case, run
from check import equal, fails, note
from device import IOCTLS, Reader
from libc import LIBC, check_libc
from netns import isolate
from proc import Child
from raw import Syns
from records import (ESTABLISHED, LOST, OPEN, SHORTEST, SIZES, check_sequence,
                     parse)
from sockets import listener, whole_connection

SINGLES = 500

# the table has room for all SYNs, so no connection is evicted or refused
module.load(max_connections=1 << 17, max_half_open=1 << 17)
isolate()
syns = Syns()
server = listener()


def logging(reader, log):
    """Start a child that reads all records into a log."""
    return Child(read_loop, reader.fd, log, [1 << 16])


@case("a stopped reader loses records, a running reader loses none")
def two_readers():
    logs = Log(), Log()
    with Reader(ring_kib=4) as sleeper, Reader() as awake, \
            logging(sleeper, logs[0]) as asleep, \
            logging(awake, logs[1]) as other:
        equal(sleeper.info().ring_size, 4096, "ring")
        for _ in range(3):
            asleep.stop()
            syns.send(200)
            whole_connection(server)
            now = sleeper.info()
            equal(now.produced, awake.info().produced, "produced")
            if not now.lost or now.waiting > 4096 // SHORTEST:
                raise AssertionError(vars(now))
            asleep.go_on()
            sleeper.until_drained()
            syns.send(5)
            sleeper.until_drained()
        awake.until_drained()
        asleep.end(b"."), other.end(b".")
        sleepy, total = sleeper.info(), awake.info()
    holey, whole = (log.records() for log in logs)
    equal(total.lost, 0, "lost by the running one")
    equal(check_sequence(whole), 0, "LOST for the running one")
    equal(check_sequence(holey), sleepy.lost, "lost by LOST records")
    gaps = [record for record in holey if record.type == LOST]
    equal(len(gaps), 3, "LOST records")
    equal(len(holey) - 3, sleepy.delivered, "delivered")
    equal(sleepy.produced, len(whole), "produced")
    for record in holey:
        if record.type != LOST:
            equal(record.content(), whole[record.seq].content(), "record")
    for gap in gaps:
        equal((gap.first, gap.last), (whole[gap.seq].time,
              whole[gap.seq + gap.count - 1].time), "times of the gap")


@case("produced = delivered + lost + waiting, while a child reads")
def accounts():
    def consume(control, reader):
        size = 1
        while not select.select([control], [], [], 0)[0]:
            try:
                os.read(reader.fd, SIZES[OPEN] * size)
            except BlockingIOError:
                pass
            size = size % 30 + 1
    reader = Reader(OPEN, ring_kib=4)
    with reader, Child(consume, reader) as child:
        before = reader.info()
        for turn in range(400):
            syns.send(turn % 7)
            now = reader.info()
            if not 0 <= now.waiting <= 4096 // SIZES[OPEN] or \
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


@case("producers on all CPUs: no record is torn, duplicated or missing")
def producers():
    def produce(control, begin):
        sender = Syns(begin << 20)
        control.recv(1)
        sender.send(1500)
    with Reader(OPEN) as big:
        small = Reader(OPEN, ring_kib=4)
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
                  {(OPEN, SIZES[OPEN])}, "types and lengths")
            by_id = {record.conn: record.data[24:] for record in records}
            for record in holey:
                if record.type != LOST:
                    equal(record.data[24:], by_id[record.conn], "record")


@case("LOST is emitted when no other record follows, and poll() reports it")
def lost_alone():
    reader = Reader(OPEN, ring_kib=4)
    with reader:
        syns.send(300)
        records = []
        while reader.poll() & select.POLLIN:
            records += reader.read(SIZES[OPEN])
        fails(errno.EAGAIN, reader.read)
        info = reader.info()
        equal(check_sequence(records), info.lost, "lost by LOST records")
        equal([record.type for record in records[-2:]], [OPEN, LOST], "end")
        equal(records[-1].count, 300 - len(records) + 1, "count")
        syns.send()
        equal(reader.read()[0].seq, 300, "seq after the gap")


@case("read() of every size from 1 byte: EINVAL, or whole records if one fits")
def read_sizes():
    with Reader(OPEN) as reader:
        syns.send(1)
        for size in range(1, SIZES[OPEN]):
            fails(errno.EINVAL, os.read, reader.fd, size)
        equal(reader.info().delivered, 0, "delivered")
        records = reader.read(SIZES[OPEN])
        for size in range(SIZES[OPEN], 4 * SIZES[OPEN] + 2):
            syns.send(4 - reader.info().waiting)
            data = os.read(reader.fd, size)
            equal(len(data), size // SIZES[OPEN] * SIZES[OPEN], f"read({size})")
            records += parse(data)
        records += reader.drain()
        equal(check_sequence(records), 0, "lost")
        equal(len(records), reader.info().produced, "records")
    reader = Reader(OPEN, ring_kib=4)
    with reader:	# a read() must return every record, across the wrap
        room = 3500 // SIZES[OPEN]
        for turn in range(100):
            syns.send(room)
            equal(len(reader.read(room * SIZES[OPEN])), room,
                  "records over the end")


@case("the records before one that does not fit are read")
def next_too_large():
    with Reader(OPEN, ESTABLISHED) as reader:
        whole_connection(server)
        equal([r.type for r in reader.read(SIZES[OPEN] + SIZES[ESTABLISHED] - 1)], [OPEN], "first")
        fails(errno.EINVAL, reader.read, SIZES[ESTABLISHED] - 1)
        equal([r.type for r in reader.read(SIZES[ESTABLISHED])], [ESTABLISHED],
              "second")


@case("read() of 0 bytes returns 0")
def read_nothing():
    with Reader(OPEN) as reader:
        equal(os.read(reader.fd, 0), b"", "of an empty ring")
        syns.send(1)
        equal(os.read(reader.fd, 0), b"", "of a full one")
        equal(len(reader.drain()), 1, "records")


def raw_read(fd, address, size):
    return check_libc(LIBC.read(
        fd, ctypes.c_void_p(address), ctypes.c_size_t(size)))


@case("a bad pointer: EFAULT, and nothing is consumed")
def bad_pointer():
    page = mapping.PAGE
    two = mapping.map_pages(-1, 0, 2, mapping.READ | mapping.WRITE,
                            mapping.PRIVATE | mapping.ANONYMOUS)
    mapping.protect(two + page, 1, 0)
    with Reader(OPEN) as reader:
        syns.send(3)
        for address in 8, two + page, two + page - 8, 0xffff888000000000:
            fails(errno.EFAULT, raw_read, reader.fd, address, page)
            equal(reader.info().delivered, 0, "delivered")
        # there is room for the first record, but not for all three
        fails(errno.EFAULT, raw_read, reader.fd, two + page - SIZES[OPEN], page)
        equal(reader.info().delivered, 0, "delivered")
        equal(raw_read(reader.fd, two + page - SIZES[OPEN], SIZES[OPEN]),
              SIZES[OPEN], "up to the end of the page")
        equal(check_sequence(reader.drain(), 1), 0, "lost")
        for request in IOCTLS:
            equal(LIBC.ioctl(reader.fd, ctypes.c_ulong(request),
                             ctypes.c_void_p(8)), -1, "ioctl")
            equal(ctypes.get_errno(), errno.EFAULT, "errno of ioctl")


@case("O_NONBLOCK, set at open() or later: EAGAIN")
def nonblock():
    with Reader(OPEN) as reader:
        fails(errno.EAGAIN, reader.read)
        equal(reader.poll(), 0, "poll")
    with Reader(OPEN, flags=0) as reader:
        os.set_blocking(reader.fd, False)
        fails(errno.EAGAIN, reader.read)


def wake_ups(wait, count):
    flags = 0 if wait == wakeups.wait_read else os.O_NONBLOCK
    with Reader(OPEN, flags=flags) as reader:
        wakeups.check_wakeups(reader, wait, reader.read, count, syns)


for wait, count in (("read", SINGLES), ("poll", SINGLES), ("select", 50),
                    ("epoll", 50), ("edge", 100)):
    case(f"{wait} wakes on each of {count} single events")(
        lambda wait=getattr(wakeups, "wait_" + wait), count=count:
        wake_ups(wait, count))


@case("SIGINT interrupts read(), and the next read() works")
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
        child.until_asleep()
        os.kill(child.pid, signal.SIGINT)
        equal(child.hear(), b"i", "word of the child")
        syns.send(1)
        child.end()


@case("after fork() two processes share a reader: each record comes once")
def forked():
    logs = Log(), Log()
    with Reader(OPEN) as reader, logging(reader, logs[0]) as one, \
            logging(reader, logs[1]) as two:
        for _ in range(40):
            syns.send(10)
        reader.until_drained()
        one.end(b"."), two.end(b".")
        first, second = (log.records() for log in logs)
        note(f"{len(first)} and {len(second)} records")
        both = sorted(first + second, key=lambda record: record.seq)
        equal(check_sequence(both), 0, "lost")
        equal(len(both), 400, "records")
        for part in first, second:
            equal(part, sorted(part, key=lambda r: r.seq), "order")


@case("a reader passed over a unix socket continues at its position")
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
        equal(reader.read(SIZES[OPEN])[0].seq, 0, "seq")
        socket.send_fds(child.ours, [b"f"], [reader.fd])
        reader.close()
        child.hear()
        child.until_asleep()
        syns.send(1)
        child.end()


run()
