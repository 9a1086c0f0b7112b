# SPDX-License-Identifier: GPL-2.0
"""Where each record of a reader went, whoever read it, and however it ended.

The books are memory that processes share: the kernel writes into them, so a
record is in one as soon as it is delivered, and stays when the process is
killed.
"""
import contextlib
import errno
import mmap
import os
import select
import struct
import time

import load
from readers import (CLOSE, LOST, OPEN, PATIENCE, STATE, Child, equal,
                     until)

TYPES = OPEN, STATE, CLOSE
SHORTEST, LONGEST = 112, 848	# bytes of OPEN, of CLOSE
RECORDS = 4	# of these types, that a connection of load.Bursts makes
BATCH = 40	# connections
BEGIN = 64	# of the records in a book; word 0 says where they end


def entries(data):
    """(seq, type, bytes) of each record, up to the end or to zeros."""
    at = 0
    while at + 24 <= len(data):
        size, kind, _, seq = struct.unpack_from("=IHHQ", data, at)
        if not size:
            return
        yield seq, kind, bytes(data[at:at + size])
        at += size


def lost_of(data):
    """The count of a LOST record."""
    return struct.unpack_from("=Q", data, 24)[0]


def nameless(data):
    """A record without its number: two CPUs may come in another order."""
    return data[:8] + data[16:]


def reckon(found, made):
    """Each is found once, or in a LOST at its place. Return: read, lost."""
    left = set(made)
    number = lost = 0
    equal(len(left), len(made), "records that are not alike")
    for seq, kind, data in found:
        equal(seq, number, "number of the next record")
        if kind == LOST:
            lost += lost_of(data)
            number += lost_of(data)
        else:
            equal(nameless(data) in left, True, f"{seq} was made, comes once")
            left.remove(nameless(data))
            number += 1
    equal((number, len(left)), (len(made), lost), "read or lost")
    return number - lost, lost


class Book:
    """What one process reads."""

    def __init__(self, size=1 << 22):
        self.view = memoryview(mmap.mmap(-1, size))
        self.words = self.view.cast("Q")
        self.end = self.walked = BEGIN
        self.delivered = 0

    def touch(self):
        """With its pages there, no fault ends a copy of the kernel halfway."""
        for at in range(4096, len(self.view), 4096):
            self.view[at] = 0

    def read(self, fd, size):
        """Return: bytes."""
        equal(self.end + size <= len(self.view), True, "room in the book")
        size = os.readv(fd, [self.view[self.end:self.end + size]])
        self.end += size
        self.words[0] = self.end	# its reader may look on
        return size

    def drain(self, fd):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.read(fd, 1 << 16)

    def count(self):
        """How many were delivered to it so far."""
        end = self.words[0]
        while self.walked < end:
            size, kind = struct.unpack_from("=IH", self.view, self.walked)
            self.delivered += kind != LOST
            self.walked += size
        return self.delivered

    def close(self):
        """Its process is dead; it may not have said how far it came."""
        self.words[0] = BEGIN + sum(len(data) for _, _, data in
                                    entries(self.view[BEGIN:]))

    def entries(self):
        return list(entries(self.view[BEGIN:self.words[0]]))


def read_loop(control, fd, book, sizes):
    """A child: reads with these sizes in turn until it is told to end."""
    book.touch()
    control.sendall(b"r")
    turn = 0
    while True:
        ready = select.select([fd, control], [], [])[0]
        if control in ready:
            return
        turn += 1
        try:
            book.read(fd, sizes[turn % len(sizes)])
        except OSError as error:
            # what another took meanwhile, or a size for a shorter one
            if error.errno not in (errno.EAGAIN, errno.EINVAL):
                raise


def consumer(reader, book, sizes):
    """Return: a child that has begun to read."""
    child = Child(read_loop, reader.fd, book, sizes)
    child.hear()
    return child


def produce(control, words, cpu):
    sender = load.Bursts(cpu << 20)
    while control.recv(1) == b"+":
        # a CPU that went away took this with it
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {cpu})
        for _ in range(BATCH):
            sender.send(1)
            words[cpu] += 1


class Flow:
    """A producer on each CPU, which sends when it is told to."""

    def __init__(self):
        self.words = memoryview(mmap.mmap(-1, 4096)).cast("Q")
        self.asked = 0
        self.children = [Child(produce, self.words, cpu) for cpu in (0, 1)]

    def begin(self, batches=1):
        for child in self.children:
            child.say(b"+" * batches)
        self.asked += len(self.children) * batches * BATCH

    def sent(self):
        """Connections."""
        return sum(self.words[cpu] for cpu in (0, 1))

    def flows(self):
        return self.sent() < self.asked

    def end(self):
        for child in self.children:
            child.say(b"x")
            child.end()


class Ledger:
    """One reader, all who read from it, and the account at every moment."""

    def __init__(self, witness, reader, flow, longest=1 << 16):
        self.reader, self.flow, self.books = reader, flow, []
        self.witness, self.whole = witness, Book(1 << 26)
        until(lambda: not flow.flows(), "end of earlier traffic")
        self.begin = flow.sent()
        self.slack = longest // SHORTEST	# what a read() may hold back
        self.readers = 0	# how many may be within a read()
        self.moments, self.last = 0, reader.info()

    def book(self, size=1 << 22):
        self.books.append(Book(size))
        return self.books[-1]

    def check(self):
        """produced by who sent, delivered by who read, lost at the end."""
        sent, read = self.flow.sent(), sum(b.count() for b in self.books)
        now = self.reader.info()
        read_since = sum(book.count() for book in self.books)
        sent_since = self.flow.sent()
        low, high = ((n - self.begin) * RECORDS for n in (sent, sent_since))
        read_since += self.readers * self.slack
        if not (low <= now.produced <= high + 2 * RECORDS and
                read <= now.delivered <= read_since and
                self.last.lost <= now.lost and
                0 <= now.waiting <= now.ring_size // SHORTEST):
            raise AssertionError((low, high, read, read_since, vars(now)))
        self.last = now
        self.moments += 1
        return now

    def watch(self, condition=lambda: False):
        """Check while traffic flows, or until a condition holds."""
        end = time.monotonic() + PATIENCE
        while self.flow.flows() and not condition():
            self.check()
            equal(time.monotonic() < end, True, "traffic comes to its end")
        self.check()
        self.whole.drain(self.witness.fd)

    def reach(self, condition, what):
        """More traffic, and checks, until a condition holds."""
        def more():
            self.flow.begin()
            self.watch(condition)
            return condition()
        until(more, what)
        self.watch()

    def settle(self):
        """No one else reads or sends: all is in one place, and only there."""
        self.watch()
        rest, waiting = self.book(), self.reader.info().waiting
        rest.drain(self.reader.fd)
        equal(rest.count(), waiting, "records that waited")
        equal(self.witness.info().lost, 0, "lost by the witness")
        made = [nameless(data) for _, _, data in self.whole.entries()]
        equal(len(made), (self.flow.sent() - self.begin) * RECORDS,
              "records made of what was sent")
        info = self.reader.info()
        equal((info.produced, info.delivered, info.lost),
              (len(made), *reckon(self.entries(), made)), "the account")
        return info

    def entries(self):
        """Of all books, by number; each book is in order by itself."""
        found = []
        for book in self.books:
            part = book.entries()
            equal(part, sorted(part), "order")
            found += part
        return sorted(found)
