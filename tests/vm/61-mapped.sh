#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The life of a mapping: calls beside it, fork, kill, close, the end of a
# namespace, wake-ups; and the example readers.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'END'
import array
import errno
import os
import re
import select
import signal
import socket
import subprocess

import load
import mapped
import readers
from mapped import CONSUMER, DATA, PAGE, Mapped, Mapping, map_pages
from readers import (CLOSE, ESTABLISHED, LOST, OPEN, SEGMENT, STATE, SUSPECTED,
                     Child, Reader, case, check_sequence, equal, fails, until)

OPEN_LEN = 112
IN, HUP = select.POLLIN, select.POLLHUP | select.POLLERR
SINGLES = 500

readers.load(ring_kib=64, max_connections=1 << 17, max_half_open=1 << 17)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
syns = load.Syns()
server = load.listener()


def numbers(records):
    return [record.seq for record in records]


@case("while any page is mapped, read() and a new size are EBUSY")
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
            equal(os.read(reader.fd, 0), b"", "nothing asked, nothing given")
            if count > 2:	# a hole in the middle: two mappings of one
                mapped.unmap(address + PAGE, 1)
                fails(errno.EBUSY, reader.read)
                mapped.unmap(address, 1)
                fails(errno.EBUSY, reader.resize, 1 << 20)
                mapped.unmap(address + 2 * PAGE, count - 2)
            else:
                mapped.unmap(address, count)
            equal(reader.info().waiting, 3, "waiting")
            reader.resize(65536)
        equal(numbers(reader.read()), [0, 1, 2], "records")


@case("a read() that sleeps when the ring is mapped ends with EBUSY")
def asleep():
    def sleep(channel, reader):
        os.set_blocking(reader.fd, True)
        channel.sendall(b"r")
        fails(errno.EBUSY, reader.read)
    with Reader(OPEN, flags=os.O_RDWR) as reader, Child(sleep, reader) as child:
        child.hear()
        child.sleeps()
        mapping = Mapping(reader.fd)
        child.end()
        mapping.close()


@case("after munmap() read() goes on at the position, in the ring that it was")
def goes_on():
    with Mapped(OPEN) as reader:
        syns.send(100)
        equal(numbers(reader.look(most=30)), [*range(30)], "records")
        reader.map.close()
        equal(reader.info().delivered, 30, "delivered")
        equal(numbers(reader.read(10 * OPEN_LEN)), [*range(30, 40)], "records")
        equal(reader.resize(1 << 17), 1 << 17, "size")
        reader.map = Mapping(reader.fd)
        equal(reader.map.size, 1 << 17, "size in the producer page")
        equal(numbers(reader.look(most=10)), [*range(40, 50)], "records")
        place = reader.look(say=False)[5].place
        reader.map.tail.set(place + 8)	# inside of 55
        reader.map.close()
        equal(numbers(reader.drain()), [*range(55, 100)], "records")
        reader.map = Mapping(reader.fd)
        syns.send(1)
        reader.map.tail.set(0)
        reader.map.close()
        equal(numbers(reader.drain()), [100], "whatever was said")
        info = reader.info()
        equal((info.delivered, info.lost), (101, 0), "delivered, lost")


@case("fork: two processes share it; with the last mapping read() comes back")
def forked():
    def take(channel, reader):
        equal(numbers(reader.look(most=5)), [*range(5)], "records")
        channel.sendall(b"t")
        channel.recv(1)
        equal(reader.map.tail.get(), reader.map.head.get(), "position")
        mapped.unmap(*reader.map.areas[1])
        channel.sendall(b"t")
        channel.recv(1)
    with Mapped(OPEN) as reader:
        syns.send(20)
        with Child(take, reader) as child:
            child.hear()
            equal(numbers(reader.look()), [*range(5, 20)], "records")
            reader.map.close()
            fails(errno.EBUSY, reader.read)
            child.say()
            child.hear()
            fails(errno.EBUSY, reader.read)
            child.say()
            child.end()
        fails(errno.EAGAIN, reader.read)
        equal(reader.info().delivered, 20, "delivered")
        syns.send(2)
        equal(numbers(reader.read()), [20, 21], "records")


@case("kill -9 of who has mapped it: another goes on where it was")
def killed():
    def take(channel, fd):
        mapping = Mapping(fd)
        mapping.look(most=7)
        channel.sendall(b"t")
        channel.recv(1)
    for again in range(3):
        with Reader(OPEN, flags=os.O_RDWR | os.O_NONBLOCK) as reader:
            syns.send(50)
            for turn in range(3):
                with Child(take, reader.fd) as child:
                    child.hear()
                    fails(errno.EBUSY, reader.read)
                    os.kill(child.pid, signal.SIGKILL)
                    os.waitpid(child.pid, 0)
                    child.pid = 0
                equal(reader.info().delivered, 7 * (turn + 1), "delivered")
            equal(numbers(reader.drain()), [*range(21, 50)], "records")


@case("a file passed over a unix socket can be mapped, and outlives the sender")
def passed():
    def receive(control):
        _, ancillary, _, _ = control.recvmsg(1, socket.CMSG_SPACE(4))
        fd, = array.array("i", ancillary[0][2])
        mapping = Mapping(fd)
        os.close(fd)
        equal(numbers(mapping.look()), [1, 2], "records")
        control.sendall(b".")
        control.recv(1)
        equal(numbers(mapping.look()), [3], "records")
    with Child(receive) as child:
        reader = Reader(OPEN, flags=os.O_RDWR)
        syns.send(3)
        equal(numbers(reader.read(OPEN_LEN)), [0], "records")
        socket.send_fds(child.ours, [b"f"], [reader.fd])
        os.close(reader.fd)
        child.hear()
        syns.send(1)
        child.say()
        child.end()


@case("a mapping outlives close(), and holds the module as an open file does")
def outlives():
    with readers.parameter("max_readers", 1):
        reader = Mapped(OPEN)
        os.close(reader.fd)
        syns.send(3)
        equal(numbers(reader.look()), [0, 1, 2], "records")
        fails(errno.EBUSY, Reader)
        done = subprocess.run(["rmmod", "tcptrace"], capture_output=True)
        equal(done.returncode, 1, "rmmod")
        reader.map.close()
        with Reader(OPEN) as other:
            syns.send(1)
            equal(len(other.read()), 1, "records")


@case("its network namespace goes away: all that waits, then POLLHUP alone")
def hang_up():
    load.ip("netns add gone")
    with readers.entered("gone"):
        reader = Mapped()
        load.ip("link set lo up")
        load.whole_connection(load.listener())
    with reader:
        load.ip("netns del gone")
        until(lambda: reader.poll() & select.POLLHUP, "POLLHUP")
        equal(reader.poll(), IN | HUP, "poll")
        records = reader.look()
        equal(check_sequence(records), 0, "lost")
        equal(records[-1].type, CLOSE, "the last record")
        equal(reader.poll(), HUP, "poll when all was read")
        equal(reader.info().waiting, 0, "waiting")


def wait_poll(reader):
    equal(reader.poll(None), IN, "poll")


def wait_epoll(reader, edge=0):
    if not hasattr(reader, "epoll"):
        reader.epoll = select.epoll()
        reader.epoll.register(reader.fd, select.EPOLLIN | edge)
    equal(reader.epoll.poll(), [(reader.fd, select.EPOLLIN)], "epoll")


def wait_edge(reader):
    wait_epoll(reader, select.EPOLLET)


def wait_and_look(channel, reader, wait, count):
    channel.sendall(b"r")
    for number in range(count):
        wait(reader)
        equal(numbers(reader.look()), [number], "records")
        channel.sendall(b".")


def wake_ups(wait, count):
    with Mapped(OPEN) as reader, \
            Child(wait_and_look, reader, wait, count) as child:
        child.hear()
        for number in range(count):
            # asleep at first; later, at any moment on its way to sleep
            if number < 3:
                child.sleeps()
            syns.send(1)
            equal(child.hear(), b".", f"wake-up {number}")
        child.end()
        equal(reader.info().delivered, count, "delivered")


for wait, count in (wait_poll, SINGLES), (wait_epoll, 100), (wait_edge, 100):
    case(f"{wait.__name__[5:]} wakes on each of {count} single events")(
        lambda wait=wait, count=count: wake_ups(wait, count))


@case("woken when enough waits, by what it says that it has read")
def enough():
    with Mapped(OPEN) as reader:
        reader.wake(5 * OPEN_LEN)
        for _ in range(300):	# several times round the ring
            syns.send(4)
            equal(reader.poll(), 0, "poll")
            syns.send(1)
            equal(reader.poll(), IN, "poll")
            equal(len(reader.look()), 5, "records")
            syns.send(3)
            equal(len(reader.look()), 3, "records taken without poll()")
        syns.send(5)
        reader.look(most=1)
        equal(reader.poll(), IN, "until all is read")
        reader.look()
        equal(reader.poll(), 0, "poll")


def line_of(record):
    """As the examples print it."""
    words = {
        OPEN: lambda r: f"open port {r.dport}",
        STATE: lambda r: f"state end {r.end} {r.before} to {r.after}",
        ESTABLISHED: lambda r: f"established ns {r.handshake_ns}",
        SEGMENT: lambda r: f"segment flags {r.tcp_flags:#x}",
        CLOSE: lambda r: f"close reason {r.reason} bytes "
                         f"{r.dir[0].bytes} {r.dir[1].bytes}",
        SUSPECTED: lambda r: f"suspected {r.suspicion}",
    }
    if record.type == LOST:
        return f"{record.seq} lost {record.count} causes {record.causes}"
    return f"{record.seq} {words[record.type](record)} conn {record.conn}"


def by_connection(lines):
    """Two CPUs may tell two readers of two connections in another order."""
    got = {}
    for line in lines:
        text, _, conn = line.partition(" ")[2].rpartition(" conn ")
        got.setdefault(conn, []).append(text)
    return got


class Example:
    """A running example; its open device can be counted."""

    def __init__(self, name, *arguments):
        before = self.open_ones()
        self.process = subprocess.Popen(
            [name, *arguments], stdout=subprocess.PIPE, text=True)
        until(lambda: self.open_ones() > before, name)

    @staticmethod
    def open_ones():
        with open("/proc/modules") as file:
            return int(re.search(r"^tcptrace \d+ (\d+)", file.read(),
                                 re.M).group(1))

    def end(self, number=None):
        if number:
            self.process.send_signal(number)
        lines = self.process.stdout.read().splitlines()
        equal(self.process.wait(readers.PATIENCE), 0, "exit")
        return lines


EXAMPLES = "example-reader", "example-mmap"


@case("the examples print what is read here, under traffic")
def examples():
    service = load.Program("serve", "127.0.0.1", 5005)
    with Reader() as reader:
        both = [Example(name) for name in EXAMPLES]
        program = load.Program("churn", "127.0.0.1", 5005)
        records = reader.collect(lambda got: len(got) > 700, "traffic")
        equal(program.end()[1], 0, "errors")
        service.end()
        records += reader.drain()
        for example, number in zip(both, (signal.SIGINT, signal.SIGTERM)):
            lines = example.end(number)
            equal(lines[-1], f"{len(lines) - 1} records, 0 lost", "summary")
            wanted = [line_of(record) for record in records]
            equal([line.split()[0] for line in lines[:-1]],
                  [line.split()[0] for line in wanted], "numbers")
            equal(by_connection(lines[:-1]), by_connection(wanted), "lines")


@case("they end after so many records")
def examples_end():
    for name in EXAMPLES:
        example = Example(name, "7")
        syns.send(10)
        lines = example.end()
        equal((len(lines), lines[-1]), (8, "7 records, 0 lost"), name)


@case("they tell of a loss, where it is and why")
def examples_lose():
    with readers.parameter("ring_kib", 4):
        both = [Example(name) for name in EXAMPLES]
    for example in both:
        example.process.send_signal(signal.SIGSTOP)
        until(lambda: readers.state_of(example.process.pid) == "T", "stop")
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


readers.run()
END
