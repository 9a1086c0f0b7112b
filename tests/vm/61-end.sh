#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The end of a namespace under readers that do different things: each gets all
# that a reader of the initial namespace saw of it, then ENODEV.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import contextlib
import errno
import os
import select
import threading

import load
import readers
from kernel import set_ipv6
from ledger import BEGIN, LONGEST, TYPES, Book, nameless, reckon
from readers import (CLOSE, SHUTDOWN, Child, Reader, case, entered,
                     equal, fails, parameter, parse, until)

ROUNDS = 8
DOOMED, LINK = f"tt{os.getpid()}d", "doom0"
HUP = select.POLLHUP | select.POLLERR
BOTH = select.POLLIN | HUP

readers.load(ring_kib=16384)
set_ipv6("conf/default/disable_ipv6", 1)


def add_doomed():
    """It takes all that is sent to the sink's addresses, by a link."""
    load.ip(f"netns add {DOOMED}",
            f"link add {LINK} type veth peer name {LINK} netns {DOOMED}",
            f"addr add {load.SINK_FROM}/32 dev {LINK}", f"link set {LINK} up")
    load.ip("link set lo up", f"link set {LINK} up",
            "route add local 10.99.0.0/16 dev lo", netns=DOOMED)
    mac = load.read_mac(LINK, DOOMED)
    load.ip("neigh add 10.97.0.1 lladdr " + ":".join(
                f"{byte:02x}" for byte in bytes(mac)) + f" dev {LINK}",
            f"route add 10.99.0.0/16 via 10.97.0.1 dev {LINK} onlink")
    return readers.inode(f"/run/netns/{DOOMED}")


def reader_there(kib, flags=os.O_NONBLOCK):
    with entered(DOOMED), parameter("ring_kib", kib):
        return Reader(*TYPES, flags=flags)


class Witness:
    """Sees all namespaces; its home is not the one that ends."""

    def __init__(self):
        self.reader, self.book = Reader(*TYPES), Book(1 << 26)
        self.reader.all_netns()

    def drain(self):
        self.book.drain(self.reader.fd)

    def saw(self, inum):
        """What it was told of a namespace, without numbers."""
        self.drain()
        equal(self.reader.info().lost, 0, "lost by the witness")
        return {nameless(data) for _, _, data in self.book.entries()
                if parse(data)[0].netns == inum}

    def close(self):
        os.close(self.reader.fd)


def read_to_end(control, reader, book, wait):
    """A child: reads until its namespace is gone, and says when it reads."""
    book.touch()
    control.sendall(b"r")
    while True:
        wait(reader)
        try:
            book.read(reader.fd, 4 * LONGEST)
        except OSError as error:
            equal(error.errno, errno.ENODEV, "errno")
            return


def in_read(_):
    pass


def in_poll(reader):
    equal(bool(reader.poll(-1) & BOTH), True, "poll")


def in_epoll(reader):
    """EPOLLHUP is not asked for, and comes."""
    with select.epoll() as epoll:
        epoll.register(reader.fd, 0)
        equal(bool(epoll.poll()[0][1] & select.EPOLLHUP), True, "epoll")


def account(reader, book, saw):
    """All that the witness saw is in the book, or lost, and told so."""
    info = reader.info()
    equal((info.produced, info.delivered, info.lost),
          (len(saw), *reckon(book.entries(), saw)), "the account")


def check_end(reader):
    for _ in range(3):
        fails(errno.ENODEV, reader.read)
        equal(reader.poll(), HUP, "poll")


def fill(reader, sender):
    """Its ring has no room, and it has lost some."""
    while reader.info().lost < 10:
        sender.send(1)


@case("asleep in read(), in poll(), in epoll; a full ring: all get the same")
def different():
    witness, inum = Witness(), add_doomed()
    sender, stack = load.Bursts(1 << 20), contextlib.ExitStack()
    with stack:
        stack.callback(witness.close)
        asleep = [stack.enter_context(reader_there(1024, flags=0))
                  for _ in range(3)]
        full, idle = (stack.enter_context(reader_there(kib))
                      for kib in (4, 1024))
        books = [Book() for _ in asleep]
        for reader in *asleep, idle:
            reader.wake(1 << 20)	# what waits is no reason to wake up
        children = [stack.enter_context(Child(read_to_end, reader, book, wait))
                    for reader, book, wait in zip(
                        asleep, books, (in_read, in_poll, in_epoll))]
        for child in children:
            child.hear()
            child.sleeps()
        load.Syns(1 << 21).send(3)	# open until the end
        fill(full, sender)
        equal([book.words[0] for book in books], [0] * 3, "read by who sleeps")
        equal(idle.poll(), 0, "poll of one that waits for more")
        before = full.info()
        load.ip(f"netns delete {DOOMED}")
        for child in children:
            child.end()
        until(lambda: full.poll() == BOTH, "POLLHUP")
        saw = witness.saw(inum)
        equal(full.info().lost, before.lost + 3, "lost by a full ring")
        for reader in full, idle:
            equal(reader.poll(), BOTH, "poll")
            books.append(Book())
            with contextlib.suppress(OSError):
                while True:
                    books[-1].read(reader.fd, LONGEST)
        for reader, book in zip((*asleep, full, idle), books):
            account(reader, book, saw)
            check_end(reader)
        closed = [r for data in saw for r in parse(data[:8] + bytes(8) +
                                                   data[8:])
                  if r.type == CLOSE and r.reason == SHUTDOWN]
        equal(len(closed), 3, "CLOSE of what was open")


def one_end(sender):
    """
    Traffic goes on until there is nobody to send to. Return: how many records
    the reader got, and how many of them after the end had begun.
    """
    witness, inum = Witness(), add_doomed()
    reader, book = reader_there(64, flags=0), Book(1 << 23)
    with reader, Child(read_to_end, reader, book, in_read) as child:
        child.hear()
        until(lambda: sender.send(3) or book.words[0] > BEGIN, "reading")
        thread = threading.Thread(target=load.ip,
                                  args=(f"netns delete {DOOMED}",))
        before = reader.info().produced
        thread.start()

        def is_over():
            try:
                sender.send(5)
            except OSError as error:
                equal(error.errno, errno.ENETUNREACH, "errno")
                return True
            return witness.drain()
        until(is_over, "end of the link")
        thread.join()
        child.end()
        account(reader, book, witness.saw(inum))
        check_end(reader)
        witness.close()
        return reader.info().produced, reader.info().produced - before


@case(f"read() and traffic go on while it ends, {ROUNDS} times: all or ENODEV")
def under_traffic():
    sender = load.Bursts(1 << 22)
    found = [one_end(sender) for _ in range(ROUNDS)]
    readers.note(found)
    equal(max(late for _, late in found) > 0, True, "records at the end")


readers.run()
PYTHON
