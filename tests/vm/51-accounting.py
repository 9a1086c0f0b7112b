#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the accounting of readers that are stopped, slow, killed, inherited by
fork(), passed through a socket, or closed. At every moment, each produced
record must be counted as delivered, lost or waiting."""
import errno
import os
import socket
import threading

import module
from accounting import LIFECYCLE, Account, Producers, read_loop
from case import case, run
from check import PATIENCE, equal, fails, note, until
from device import Reader
from module import parameter
from netns import isolate
from proc import Child, read_file
from raw import Bursts, Syns
from records import LONGEST, OPEN, SEGMENT, SHORTEST, split

ROUNDS = 10
VICTIMS = 12
SIZES = range(SHORTEST, 2 * LONGEST, 40)

# the table has room for all SYNs, so no connection is evicted or refused
module.load(max_connections=1 << 17, max_half_open=1 << 17, ring_kib=16384)
isolate()
producers = Producers()


def witness_and_reader(kib):
    """Open two readers: a witness, which loses no record, and a reader with a
    ring of this size."""
    return Reader(*LIFECYCLE), Reader(*LIFECYCLE, ring_kib=kib)


@case("a slow reader that is stopped: the account is correct at every moment")
def stopped():
    witness, reader = witness_and_reader(8)
    with witness, reader:
        account = Account(witness, reader, producers, max(SIZES))
        with Child(read_loop, reader.fd, account.log(), SIZES) as child:
            account.readers = 1
            for _ in range(ROUNDS):
                producers.send()
                account.watch(lambda: account.logs[0].count())
                child.stop()
                lost, read = account.last.lost, reader.info().delivered
                producers.send()
                account.watch()
                equal(reader.info().lost > lost, True, "it lost records")
                equal(reader.info().delivered, read, "read while stopped")
                child.go_on()
                reader.until_drained()
                account.check()
            child.end(b".")
        account.readers = 0
        info = account.settle()
        note(f"{account.checks} checks, {info}")


@case(f"{VICTIMS} processes are killed while they read, and another continues")
def killed():
    witness, reader = witness_and_reader(64)
    with witness, reader:
        account = Account(witness, reader, producers, max(SIZES))
        with Child(read_loop, reader.fd, account.log(1 << 24),
                   SIZES) as survivor:
            for turn in range(VICTIMS):
                log = account.log()
                with Child(read_loop, reader.fd, log, SIZES[turn:]):
                    account.readers = 2
                    producers.send()
                    account.reach(lambda: log.count() > turn, "reading of one")
                    producers.send()
                    account.watch(lambda: producers.sent() % 7 == turn % 7)
                log.close()
                account.readers = 1
                account.watch()
            reader.until_drained()
            survivor.end(b".")
        account.readers = 0
        info = account.settle()
        note("read by each:", [b.count() for b in account.logs])
        equal(info.delivered > 0, True, "delivered")


@case("the last process is killed while it sleeps: its reader is closed")
def killed_asleep():
    def hold(control):
        reader = Reader(OPEN, flags=0)
        control.sendall(b"r")
        reader.read()
    with parameter("max_readers", 1), Child(hold) as child:
        child.hear()
        child.until_asleep()
        fails(errno.EBUSY, Reader)
        child.kill()
        with Reader(OPEN) as reader:
            Syns(1 << 22).send(1)
            equal([r.seq for r in reader.drain()], [0], "its own numbers")


def one_at_a_time(control, reader, log):
    """Run in a child: for each message, call read() once, then answer."""
    log.touch()
    while control.recv(1) == b"+":
        log.read(reader.fd, LONGEST)
        control.sendall(b"+")


@case("a parent and its child read in turns: each record goes to one of them")
def forked():
    witness, reader = witness_and_reader(16384)
    with witness, reader:
        account = Account(witness, reader, producers)
        mine, yours = account.log(), account.log()
        with Child(one_at_a_time, reader, yours) as child:
            producers.send(4)
            while producers.are_busy() or reader.info().waiting > 40:
                if reader.info().waiting < 20:
                    continue	# too few records for both to find one
                child.say(b"+")
                child.hear()
                mine.read(reader.fd, LONGEST)
                account.check()
            child.end(b"x")
        equal(min(mine.count(), yours.count()) > 50, True, "both have read")
        account.settle()


def take_over(control, log):
    """Run in a child: receive a reader from the socket, read all its records,
    and send the reader back."""
    _, fds, _, _ = socket.recv_fds(control, 1, 1)
    control.sendall(b"r")
    log.touch()
    control.recv(1)
    log.drain(fds[0])
    control.sendall(b"d")
    control.recv(1)
    socket.send_fds(control, [b"f"], fds)


@case("passed over a socket and closed, then passed back: the account is correct")
def passed():
    witness, reader = witness_and_reader(64)
    with witness:
        account = Account(witness, reader, producers)
        log = account.log()
        with Child(take_over, log) as child:
            child.stop()
            producers.send()
            account.watch(lambda: reader.info().produced > 20)
            before = reader.info()
            socket.send_fds(child.ours, [b"f"], [reader.fd])
            reader.close()	# now only the socket holds the file
            producers.wait()
            child.go_on()
            child.hear()
            producers.send()
            child.say()
            child.hear()
            producers.wait()
            child.say()
            reader.fd = socket.recv_fds(child.ours, 1, 1)[1][0]
            child.end()
        with reader:
            equal(reader.info().produced > before.produced, True, "went on")
            account.settle()


@case("passed, but never received: the reader is closed with the socket")
def not_taken():
    ours, theirs = socket.socketpair()
    with parameter("max_readers", 1):
        reader = Reader()
        socket.send_fds(ours, [b"f"], [reader.fd])
        reader.close()
        fails(errno.EBUSY, Reader)
        ours.close()
        theirs.close()
        until(can_open, "room for a reader")


def can_open():
    try:
        with Reader():
            return True
    except OSError as error:
        equal(error.errno, errno.EBUSY, "errno")
        return False


@case("closed while a thread sleeps in read(): released after that read()")
def closed_below():
    got = []
    with parameter("max_readers", 1):
        reader = Reader(OPEN, flags=0)
        fd = reader.fd
        thread = threading.Thread(
            target=lambda: got.append(reader.read()), daemon=True)
        thread.start()
        path = f"/proc/self/task/{thread.native_id}/syscall"
        until(lambda: read_file(path).split()[:2] == ["0", hex(fd)], "read()")
        os.close(fd)
        fails(errno.EBUSY, Reader)
        Syns(1 << 23).send(1)
        thread.join(PATIENCE)
        equal([r.type for r in got[0]], [OPEN], "records that it slept for")
        until(can_open, "room for a reader")


def fit(data, size):
    """Return: the total length of the first whole records that fit into a
    buffer of a given size."""
    end = 0
    for _, _, record in split(data):
        if end + len(record) > size:
            break
        end += len(record)
    return end


@case("read() of each size up to two longest records, against another reader")
def sizes():
    sender, waits, short = Bursts(1 << 24), b"", 0
    twin = Reader(*LIFECYCLE, SEGMENT)
    reader = Reader(*LIFECYCLE, SEGMENT, ring_kib=8)
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
    note(f"{short} sizes were too small")
    equal(short > SHORTEST, True, "too small for more than the shortest")


@case("the producers exit with 0")
def end():
    producers.end()


run()
