# SPDX-License-Identifier: GPL-2.0
"""Account for each record of a reader: it is delivered to one of several
processes, lost, or waiting. The logs are shared memory into which read()
writes, so a record is in a log as soon as it is delivered, even if the process
is killed."""
import contextlib
import errno
import mmap
import os
import select
import time

from check import PATIENCE, equal, until
from proc import Child
from raw import Bursts
from records import (CLOSE, LOST, OPEN, SHORTEST, STATE, Record, content,
                     parse, split)

LIFECYCLE = OPEN, STATE, CLOSE
RECORDS = 4	# records of these types for each connection of Bursts
BATCH = 40	# connections
BEGIN = 64	# offset of a log's first record; word 0 has the end offset


def check_account(found, produced):
    """Check that each produced record was either read once, or counted by a
    LOST record in its place. Return: the numbers of records read and lost."""
    left = set(produced)
    number = lost = 0
    equal(len(left), len(produced), "records that differ")
    for seq, kind, data in found:
        equal(seq, number, "number of the next record")
        if kind == LOST:
            count = Record(data).count
            lost += count
            number += count
        else:
            equal(content(data) in left, True, f"{seq} was produced, comes once")
            left.remove(content(data))
            number += 1
    equal((number, len(left)), (len(produced), lost), "read or lost")
    return number - lost, lost


class Log:
    """The log of all records that one process has read."""

    def __init__(self, size=1 << 22):
        self.view = memoryview(mmap.mmap(-1, size))
        self.words = self.view.cast("Q")
        self.end = self.walked = BEGIN
        self.delivered = 0

    def touch(self):
        """Populate the pages, so that no page fault interrupts a copy."""
        for at in range(4096, len(self.view), 4096):
            self.view[at] = 0

    def read(self, fd, size):
        """Append the records of one read(). Return: the number of bytes."""
        equal(self.end + size <= len(self.view), True, "room in the log")
        size = os.readv(fd, [self.view[self.end:self.end + size]])
        self.end += size
        self.words[0] = self.end
        return size

    def drain(self, fd):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.read(fd, 1 << 16)

    def count(self):
        """Return: how many records have been delivered so far."""
        for _, kind, data in split(self.view[self.walked:self.words[0]]):
            self.delivered += kind != LOST
            self.walked += len(data)
        return self.delivered

    def close(self):
        """Find the end of the records, because a killed process may not have
        stored it."""
        self.words[0] = BEGIN + sum(len(data) for _, _, data in
                                    split(self.view[BEGIN:]))

    def entries(self):
        return list(split(self.view[BEGIN:self.words[0]]))

    def records(self):
        return parse(self.view[BEGIN:self.words[0]])


def read_loop(control, fd, log, sizes):
    """Run in a child: read with these sizes in turn until the parent sends a
    message."""
    log.touch()
    turn = 0
    while True:
        ready = select.select([fd, control], [], [])[0]
        if control in ready:
            return
        turn += 1
        try:
            log.read(fd, sizes[turn % len(sizes)])
        except OSError as error:
            # a different process has read the record, or the size is too small
            if error.errno not in (errno.EAGAIN, errno.EINVAL):
                raise


def produce(control, words, cpu):
    sender = Bursts(cpu << 20)
    while control.recv(1) == b"+":
        # the call fails while the CPU is offline
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {cpu})
        for _ in range(BATCH):
            sender.send(1)
            words[cpu] += 1


class Producers:
    """Two processes on different CPUs, which open connections on request."""

    def __init__(self):
        self.words = memoryview(mmap.mmap(-1, 4096)).cast("Q")
        self.asked = 0
        self.children = [Child(produce, self.words, cpu) for cpu in (0, 1)]

    def send(self, batches=1):
        for child in self.children:
            child.say(b"+" * batches)
        self.asked += len(self.children) * batches * BATCH

    def sent(self):
        """Return: how many connections have been opened."""
        return sum(self.words[cpu] for cpu in (0, 1))

    def are_busy(self):
        return self.sent() < self.asked

    def wait(self):
        until(lambda: not self.are_busy(), "end of the traffic")

    def end(self):
        for child in self.children:
            child.end(b"x")


class Account:
    """The account of one reader, of all processes that read from it, and of a
    witness, which is a second reader that loses no record."""

    def __init__(self, witness, reader, producers, longest=1 << 16):
        self.reader, self.producers, self.logs = reader, producers, []
        self.witness, self.whole = witness, Log(1 << 26)
        producers.wait()
        self.begin = producers.sent()
        self.slack = longest // SHORTEST	# records that a read() may hold
        self.readers = 0	# processes that may be in read()
        self.checks, self.last = 0, reader.info()

    def log(self, size=1 << 22):
        self.logs.append(Log(size))
        return self.logs[-1]

    def check(self):
        """Read the counts of the producers and of the logs twice, and INFO in
        between. INFO's numbers of produced and delivered records must lie
        between the two readings; the upper bounds allow for what a process has
        not counted yet. Return: INFO."""
        sent, read = self.producers.sent(), sum(x.count() for x in self.logs)
        now = self.reader.info()
        read_since = sum(log.count() for log in self.logs)
        sent_since = self.producers.sent()
        low, high = ((n - self.begin) * RECORDS for n in (sent, sent_since))
        read_since += self.readers * self.slack
        if not (low <= now.produced <= high + 2 * RECORDS and
                read <= now.delivered <= read_since and
                self.last.lost <= now.lost and
                0 <= now.waiting <= now.ring_size // SHORTEST):
            raise AssertionError((low, high, read, read_since, vars(now)))
        self.last = now
        self.checks += 1
        return now

    def watch(self, condition=lambda: False):
        """Check the account repeatedly until the traffic ends or a condition
        holds."""
        end = time.monotonic() + PATIENCE
        while self.producers.are_busy() and not condition():
            self.check()
            equal(time.monotonic() < end, True, "end of the traffic")
        self.check()
        self.whole.drain(self.witness.fd)

    def reach(self, condition, what):
        """Send traffic and check the account until a condition holds."""
        def more():
            self.producers.send()
            self.watch(condition)
            return condition()
        until(more, what)
        self.watch()

    def settle(self):
        """Wait for the end of the traffic, and drain the ring. Check that each
        record was delivered once or is counted as lost. Return: INFO."""
        self.watch()
        rest, waiting = self.log(), self.reader.info().waiting
        rest.drain(self.reader.fd)
        equal(rest.count(), waiting, "records that waited")
        equal(self.witness.info().lost, 0, "lost by the witness")
        produced = [content(data) for _, _, data in self.whole.entries()]
        equal(len(produced), (self.producers.sent() - self.begin) * RECORDS,
              "records of the connections that were sent")
        info = self.reader.info()
        equal((info.produced, info.delivered, info.lost),
              (len(produced), *check_account(self.entries(), produced)),
              "the account")
        return info

    def entries(self):
        """Return: the records of all logs, sorted by sequence number. Check
        that each single log is in order."""
        found = []
        for log in self.logs:
            part = log.entries()
            equal(part, sorted(part), "order")
            found += part
        return sorted(found)
