#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check mappings during concurrent calls, after fork(), kill and close(), at
the end of the namespace, and with wake-ups. Also run the example readers."""
import array
import errno
import os
import select
import signal
import socket
import subprocess

import module
import wakeups
from case import case, run
from check import PATIENCE, equal, fails, until
from device import Reader
from mapping import (CONSUMER, DATA, PAGE, MappedReader, Mapping, map_pages,
                     unmap)
from module import parameter
from netns import Netns, isolate
from proc import Child, read_file, state_of
from programs import Traffic
from raw import Syns
from records import (CLOSE, ESTABLISHED, LOST, OPEN, SEGMENT, SIZES, STATE,
                     SUSPECTED, check_sequence, numbers)
from sockets import listener, whole_connection

IN, HUP = select.POLLIN, select.POLLHUP | select.POLLERR
SINGLES = 500

module.load(ring_kib=64, max_connections=1 << 17, max_half_open=1 << 17)
isolate()
syns = Syns()
server = listener()


@case("while any page is mapped, read() and a new size fail with EBUSY")
def busy():
    with Reader(OPEN, flags=os.O_RDWR | os.O_NONBLOCK) as reader:
        syns.send(3)
        for first, count in (CONSUMER, 1), (DATA, 1), (DATA, 16), (1, 17):
            address = map_pages(reader.fd, first, count)
            fails(errno.EBUSY, reader.read)
            fails(errno.EBUSY, reader.resize, 1 << 20)
            os.set_blocking(reader.fd, True)
            fails(errno.EBUSY, reader.read)
            os.set_blocking(reader.fd, False)
            equal(os.read(reader.fd, 0), b"", "read() of 0 bytes")
            if count > 2:	# a hole in the middle: two mappings
                unmap(address + PAGE, 1)
                fails(errno.EBUSY, reader.read)
                unmap(address, 1)
                fails(errno.EBUSY, reader.resize, 1 << 20)
                unmap(address + 2 * PAGE, count - 2)
            else:
                unmap(address, count)
            equal(reader.info().waiting, 3, "waiting")
            reader.resize(65536)
        equal(numbers(reader.read()), [0, 1, 2], "records")


@case("a read() that sleeps returns EBUSY when the ring is mapped")
def asleep():
    def sleep(channel, reader):
        os.set_blocking(reader.fd, True)
        fails(errno.EBUSY, reader.read)
    with Reader(OPEN, flags=os.O_RDWR) as reader, Child(sleep, reader) as child:
        child.until_asleep()
        mapping = Mapping(reader.fd)
        child.end()
        mapping.close()


@case("after munmap() read() continues at the consumer position")
def goes_on():
    with MappedReader(OPEN) as reader:
        syns.send(100)
        equal(numbers(reader.take(most=30)), [*range(30)], "records")
        reader.map.close()
        equal(reader.info().delivered, 30, "delivered")
        equal(numbers(reader.read(10 * SIZES[OPEN])), [*range(30, 40)], "records")
        equal(reader.resize(1 << 17), 1 << 17, "size")
        reader.map = Mapping(reader.fd)
        equal(reader.map.size, 1 << 17, "size in the producer page")
        equal(numbers(reader.take(most=10)), [*range(40, 50)], "records")
        place = reader.take(release=False)[5].place
        reader.map.tail.value = place + 8	# inside record 55
        reader.map.close()
        equal(numbers(reader.drain()), [*range(55, 100)], "records")
        reader.map = Mapping(reader.fd)
        syns.send(1)
        reader.map.tail.value = 0
        reader.map.close()
        equal(numbers(reader.drain()), [100], "records despite the position")
        info = reader.info()
        equal((info.delivered, info.lost), (101, 0), "delivered, lost")


@case("fork(): two processes share a mapping; read() works after both munmap()")
def forked():
    def take(channel, reader):
        equal(numbers(reader.take(most=5)), [*range(5)], "records")
        channel.sendall(b"t")
        channel.recv(1)
        equal(reader.map.tail.value, reader.map.head.value, "position")
        unmap(*reader.map.areas[1])
        channel.sendall(b"t")
        channel.recv(1)
    with MappedReader(OPEN) as reader:
        syns.send(20)
        with Child(take, reader) as child:
            child.hear()
            equal(numbers(reader.take()), [*range(5, 20)], "records")
            reader.map.close()
            fails(errno.EBUSY, reader.read)
            child.say()
            child.hear()
            fails(errno.EBUSY, reader.read)
            child.end(b".")
        fails(errno.EAGAIN, reader.read)
        equal(reader.info().delivered, 20, "delivered")
        syns.send(2)
        equal(numbers(reader.read()), [20, 21], "records")


@case("after kill -9 of the mapper, another process resumes at its tail")
def killed():
    def take(channel, fd):
        mapping = Mapping(fd)
        mapping.take(most=7)
        channel.sendall(b"t")
        channel.recv(1)
    for again in range(3):
        with Reader(OPEN, flags=os.O_RDWR | os.O_NONBLOCK) as reader:
            syns.send(50)
            for turn in range(3):
                with Child(take, reader.fd) as child:
                    child.hear()
                    fails(errno.EBUSY, reader.read)
                    child.kill()
                equal(reader.info().delivered, 7 * (turn + 1), "delivered")
            equal(numbers(reader.drain()), [*range(21, 50)], "records")


@case("a file passed over a unix socket can be mapped after the sender closed it")
def passed():
    def receive(control):
        _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4))
        fd, = array.array("i", ancillary[0][2])
        mapping = Mapping(fd)
        os.close(fd)
        equal(numbers(mapping.take()), [1, 2], "records")
        control.sendall(b".")
        control.recv(1)
        equal(numbers(mapping.take()), [3], "records")
    with Child(receive) as child:
        reader = Reader(OPEN, flags=os.O_RDWR)
        syns.send(3)
        equal(numbers(reader.read(SIZES[OPEN])), [0], "records")
        socket.send_fds(child.ours, [b"f"], [reader.fd])
        reader.close()
        child.hear()
        syns.send(1)
        child.end(b".")


@case("a mapping outlives close(), and keeps the module as an open file does")
def outlives():
    with parameter("max_readers", 1):
        reader = MappedReader(OPEN)
        os.close(reader.fd)
        syns.send(3)
        equal(numbers(reader.take()), [0, 1, 2], "records")
        fails(errno.EBUSY, Reader)
        done = subprocess.run(["rmmod", "tcptrace"], capture_output=True)
        equal(done.returncode, 1, "rmmod")
        reader.map.close()
        with Reader(OPEN) as other:
            syns.send(1)
            equal(len(other.read()), 1, "records")


@case("the reader's namespace is deleted: all records, then POLLHUP alone")
def hang_up():
    doomed = Netns("d")
    with doomed:
        reader = MappedReader()
        whole_connection(listener())
    with reader:
        doomed.delete()
        until(lambda: reader.poll() & select.POLLHUP, "POLLHUP")
        equal(reader.poll(), IN | HUP, "poll")
        records = reader.take()
        equal(check_sequence(records), 0, "lost")
        equal(records[-1].type, CLOSE, "the last record")
        equal(reader.poll(), HUP, "poll when all was read")
        equal(reader.info().waiting, 0, "waiting")


def wake_ups(wait, count):
    with MappedReader(OPEN) as reader:
        wakeups.check_wakeups(reader, wait, reader.take, count, syns)


for name, wait, count in (("poll", wakeups.wait_poll, SINGLES),
                          ("epoll", wakeups.wait_registered, 100),
                          ("edge", wakeups.wait_edge, 100)):
    case(f"{name} wakes on each of {count} single events")(
        lambda wait=wait, count=count: wake_ups(wait, count))


@case("wake-up when enough bytes wait after the consumer position")
def enough():
    with MappedReader(OPEN) as reader:
        reader.wake(5 * SIZES[OPEN])
        for _ in range(300):	# the ring wraps several times
            syns.send(4)
            equal(reader.poll(), 0, "poll")
            syns.send(1)
            equal(reader.poll(), IN, "poll")
            equal(len(reader.take()), 5, "records")
            syns.send(3)
            equal(len(reader.take()), 3, "records taken without poll()")
        syns.send(5)
        reader.take(most=1)
        equal(reader.poll(), IN, "poll until all is read")
        reader.take()
        equal(reader.poll(), 0, "poll")


def line_of(record):
    """Return: a record in the form in which the examples print it."""
    words = {
        OPEN: lambda r: f"open port {r.resp_port}",
        STATE: lambda r: f"state end {r.end} {r.before} to {r.after}",
        ESTABLISHED: lambda r: f"established ns {r.handshake_ns}",
        SEGMENT: lambda r: f"segment flags {r.seg.flags:#x}",
        CLOSE: lambda r: f"close reason {r.reason} bytes "
                         f"{r.dir[0].bytes} {r.dir[1].bytes}",
        SUSPECTED: lambda r: f"suspected {r.suspicion}",
    }
    if record.type == LOST:
        return f"{record.seq} lost {record.count} causes {record.causes}"
    return f"{record.seq} {words[record.type](record)} conn {record.conn}"


def by_connection(lines):
    """Group lines by connection, because two readers may get the records of two
    connections in a different order."""
    got = {}
    for line in lines:
        text, _, conn = line.partition(" ")[2].rpartition(" conn ")
        got.setdefault(conn, []).append(text)
    return got


class Example:
    """Run an example, and wait until it has opened the device, which raises the
    module's use count."""

    def __init__(self, name, *arguments):
        before = self.open_ones()
        self.process = subprocess.Popen(
            [name, *arguments], stdout=subprocess.PIPE, text=True)
        until(lambda: self.open_ones() > before, name)

    @staticmethod
    def open_ones():
        return int(read_file("/sys/module/tcptrace/refcnt"))

    def end(self, number=None):
        if number:
            self.process.send_signal(number)
        lines = self.process.stdout.read().splitlines()
        equal(self.process.wait(PATIENCE), 0, "exit")
        return lines


EXAMPLES = "example-reader", "example-mmap"


@case("the examples print the records that are read here, under traffic")
def examples():
    with Reader() as reader:
        both = [Example(name) for name in EXAMPLES]
        traffic = Traffic()
        records = reader.collect(lambda got: len(got) > 700, "traffic")
        equal(traffic.end()[1], 0, "errors")
        records += reader.drain()
        for example, number in zip(both, (signal.SIGINT, signal.SIGTERM)):
            lines = example.end(number)
            equal(lines[-1], f"{len(lines) - 1} records, 0 lost", "summary")
            wanted = [line_of(record) for record in records]
            equal([line.split()[0] for line in lines[:-1]],
                  [line.split()[0] for line in wanted], "numbers")
            equal(by_connection(lines[:-1]), by_connection(wanted), "lines")


@case("the examples exit after a number of records")
def examples_end():
    for name in EXAMPLES:
        example = Example(name, "7")
        syns.send(10)
        lines = example.end()
        equal((len(lines), lines[-1]), (8, "7 records, 0 lost"), name)


@case("the examples print a loss with its place and its cause")
def examples_lose():
    with parameter("ring_kib", 4):
        both = [Example(name) for name in EXAMPLES]
    for example in both:
        example.process.send_signal(signal.SIGSTOP)
        until(lambda: state_of(example.process.pid) == "T", "stop")
    syns.send(100)
    for example in both:
        example.process.send_signal(signal.SIGCONT)
        lines = [""]
        while " lost " not in lines[-1]:
            lines.append(example.process.stdout.readline())
        syns.send(1)
        lines = lines[1:] + [example.process.stdout.readline()]
        lines += example.end(signal.SIGTERM)
        lost = number = 0
        for line in lines[:-1]:
            words = line.split()
            equal(int(words[0]), number, f"number of {line}")
            if words[1] == "lost":
                lost += int(words[2])
                number += int(words[2])
                equal(words[3:], ["causes", "1"], "causes")
            else:
                number += 1
        equal(lost > 60, True, f"{lost} lost")
        equal(lines[-1], f"{number - lost} records, {lost} lost", "summary")


run()
