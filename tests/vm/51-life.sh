#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The life of a reader: stopped, slow, killed, forked, passed on, closed. What
# is made for it is delivered, lost or waits, at every moment.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import errno
import os
import socket
import threading

import load
import readers
from ledger import LONGEST, SHORTEST, TYPES, Flow, Ledger, consumer, entries
from readers import (OPEN, SEGMENT, Child, Reader, case, equal, fails,
                     parameter, until)

ROUNDS = 10
VICTIMS = 12
SIZES = range(SHORTEST, 2 * LONGEST, 40)

# room for every SYN of these tests: none is evicted, none refused
readers.load(max_connections=1 << 17, max_half_open=1 << 17, ring_kib=16384)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
flow = Flow()


def pair(kib):
    """A witness that loses nothing, and a reader with a small ring."""
    witness = Reader(*TYPES)
    with parameter("ring_kib", kib):
        return witness, Reader(*TYPES)


@case("a reader that is slow and stopped: the account holds at every moment")
def stopped():
    witness, reader = pair(8)
    with witness, reader:
        ledger = Ledger(witness, reader, flow, max(SIZES))
        with consumer(reader, ledger.book(), SIZES) as child:
            ledger.readers = 1
            for _ in range(ROUNDS):
                flow.begin()
                ledger.watch(lambda: ledger.books[0].count())
                child.stop()
                lost, read = ledger.last.lost, reader.info().delivered
                flow.begin()
                ledger.watch()
                equal(reader.info().lost > lost, True, "it lost records")
                equal(reader.info().delivered, read, "read by one stopped")
                child.go_on()
                until(lambda: not reader.info().waiting, "reading on")
                ledger.check()
            child.say()
            child.end()
        ledger.readers = 0
        info = ledger.settle()
        readers.note(f"{ledger.moments} moments, {vars(info)}")


@case(f"{VICTIMS} are killed while they read, and the last one goes on")
def killed():
    witness, reader = pair(64)
    with witness, reader:
        ledger = Ledger(witness, reader, flow, max(SIZES))
        with consumer(reader, ledger.book(1 << 24), SIZES) as survivor:
            for turn in range(VICTIMS):
                book = ledger.book()
                with consumer(reader, book, SIZES[turn:]):
                    ledger.readers = 2
                    flow.begin()
                    ledger.reach(lambda: book.count() > turn, "reading of one")
                    flow.begin()
                    ledger.watch(lambda: flow.sent() % 7 == turn % 7)
                book.close()	# it was killed there
                ledger.readers = 1
                ledger.watch()
            until(lambda: not reader.info().waiting, "reading on")
            survivor.say()
            survivor.end()
        ledger.readers = 0
        info = ledger.settle()
        readers.note("read by each:", [b.count() for b in ledger.books])
        equal(info.delivered > 0, True, "delivered")


@case("the last one who has it is killed asleep: room for another")
def killed_asleep():
    def hold(control):
        reader = Reader(OPEN, flags=0)
        control.sendall(b"r")
        reader.read()
    with parameter("max_readers", 1), Child(hold) as child:
        child.hear()
        child.sleeps()
        fails(errno.EBUSY, Reader)
        os.kill(child.pid, readers.signal.SIGKILL)
        os.waitpid(child.pid, 0)
        child.pid = 0
        with Reader(OPEN) as reader:
            load.Syns(1 << 22).send(1)
            equal([r.seq for r in reader.drain()], [0], "its own numbers")


def one_at_a_time(control, reader, book):
    """A child: one record a word, and the word goes back."""
    book.touch()
    while control.recv(1) == b"+":
        book.read(reader.fd, LONGEST)
        control.sendall(b"+")


@case("a parent and its child read in turns: each record comes to one")
def forked():
    witness, reader = pair(16384)
    with witness, reader:
        ledger = Ledger(witness, reader, flow)
        mine, yours = ledger.book(), ledger.book()
        with Child(one_at_a_time, reader, yours) as child:
            flow.begin(4)
            while flow.flows() or reader.info().waiting > 40:
                if reader.info().waiting < 20:
                    continue	# each of the two is to find one
                child.say(b"+")
                child.hear()
                mine.read(reader.fd, LONGEST)
                ledger.check()
            child.say(b"x")
            child.end()
        equal(min(mine.count(), yours.count()) > 50, True, "both have read")
        ledger.settle()


def take_over(control, book):
    """A child: a reader comes by the socket; it is read when told so."""
    _, fds, _, _ = socket.recv_fds(control, 1, 1)
    control.sendall(b"r")
    book.touch()
    control.recv(1)
    book.drain(fds[0])
    control.sendall(b"d")
    control.recv(1)
    socket.send_fds(control, [b"f"], fds)


@case("passed over a socket and closed: the account goes along, and back")
def passed():
    witness, reader = pair(64)
    with witness:
        ledger = Ledger(witness, reader, flow)
        book = ledger.book()
        with Child(take_over, book) as child:
            child.stop()
            flow.begin()
            ledger.watch(lambda: reader.info().produced > 20)
            before = reader.info()
            socket.send_fds(child.ours, [b"f"], [reader.fd])
            os.close(reader.fd)	# nobody has it but the socket
            until(lambda: not flow.flows(), "end of the traffic")
            child.go_on()
            child.hear()
            flow.begin()
            child.say()
            child.hear()
            until(lambda: not flow.flows(), "end of the traffic")
            child.say()
            reader.fd = socket.recv_fds(child.ours, 1, 1)[1][0]
            child.end()
        with reader:
            equal(reader.info().produced > before.produced, True, "went on")
            ledger.settle()


@case("passed, and never taken: it ends with the socket")
def not_taken():
    ours, theirs = socket.socketpair()
    with parameter("max_readers", 1):
        reader = Reader()
        socket.send_fds(ours, [b"f"], [reader.fd])
        os.close(reader.fd)
        fails(errno.EBUSY, Reader)
        ours.close()
        theirs.close()
        until(can_open, "room")


def can_open():
    try:
        with Reader():
            return True
    except OSError as error:
        equal(error.errno, errno.EBUSY, "errno")
        return False


@case("closed while a thread sleeps in read(): it ends with that read()")
def closed_below():
    got = []
    with parameter("max_readers", 1):
        reader = Reader(OPEN, flags=0)
        fd = reader.fd
        thread = threading.Thread(
            target=lambda: got.append(reader.read()), daemon=True)
        thread.start()
        path = f"/proc/self/task/{thread.native_id}/syscall"
        with open(path) as file:
            until(lambda: file.seek(0) or
                  file.read().split()[:2] == ["0", hex(fd)], "read()")
        os.close(fd)
        fails(errno.EBUSY, Reader)
        load.Syns(1 << 23).send(1)
        thread.join(readers.PATIENCE)
        equal([r.type for r in got[0]], [OPEN], "what it slept for")
        until(can_open, "room")


def fit(data, size):
    """The bytes of the whole records at the beginning that fit."""
    end = 0
    for _, _, record in entries(data):
        if end + len(record) > size:
            break
        end += len(record)
    return end


@case("read() of each size beyond the longest record, against another reader")
def sizes():
    sender, waits, short = load.Bursts(1 << 24), b"", 0
    twin = Reader(*TYPES, SEGMENT)
    with parameter("ring_kib", 8):
        reader = Reader(*TYPES, SEGMENT)
    with twin, reader:
        for size in range(1, 2 * LONGEST):
            while len(waits) < size + LONGEST:
                sender.send(1)
                waits += os.read(twin.fd, 1 << 16)
            want, before = fit(waits, size), reader.info().delivered
            if not want:
                fails(errno.EINVAL, os.read, reader.fd, size)
                equal(reader.info().delivered, before, "delivered")
                short += 1
                want = fit(waits, LONGEST)
                equal(os.read(reader.fd, want), waits[:want], "the record")
            else:
                equal(os.read(reader.fd, size), waits[:want], f"read({size})")
            waits = waits[want:]
        equal(reader.info().lost, 0, "lost")
        equal(b"".join(r.data for r in reader.drain()), waits, "the rest")
    readers.note(f"{short} sizes were too small")
    equal(short > SHORTEST, True, "too small for more than the shortest")


@case("the producers end well")
def end():
    flow.end()


readers.run()
PYTHON
