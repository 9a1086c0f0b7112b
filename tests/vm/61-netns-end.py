#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""End a namespace while its readers do different things. A witness, which is a
reader in the initial namespace, gets all records of the ended namespace. The
ended namespace's readers must get the same records, or count them as lost, and
must then get ENODEV."""
import contextlib
import errno
import os
import select
import threading

import module
from accounting import BEGIN, LIFECYCLE, Log, check_account
from case import case, run
from check import equal, fails, note, until
from device import Reader
from netns import Netns, set_ipv6
from proc import Child
from raw import Bursts, Syns
from records import CLOSE, LONGEST, SHUTDOWN, Record, content

ROUNDS = 8
HUP = select.POLLHUP | select.POLLERR
BOTH = select.POLLIN | HUP

module.load(ring_kib=16384)
set_ipv6("conf/default/disable_ipv6", 1)


def new_netns():
    return Netns.behind_link("d", "doom0")


def reader_in(doomed, kib, flags=os.O_NONBLOCK):
    with doomed:
        return Reader(*LIFECYCLE, flags=flags, ring_kib=kib)


class Witness:
    """A reader in the initial namespace that reads the records of all
    namespaces."""

    def __init__(self):
        self.reader, self.log = Reader(*LIFECYCLE), Log(1 << 26)
        self.reader.all_netns()

    def drain(self):
        self.log.drain(self.reader.fd)

    def saw(self, inum):
        """Return: the contents of all records of a namespace."""
        self.drain()
        equal(self.reader.info().lost, 0, "lost by the witness")
        return {content(data) for _, _, data in self.log.entries()
                if Record(data).netns == inum}

    def close(self):
        self.reader.close()


def read_to_end(_, reader, log, wait):
    """Run in a child: read until read() fails because the namespace has
    ended."""
    log.touch()
    while True:
        wait(reader)
        try:
            log.read(reader.fd, 4 * LONGEST)
        except OSError as error:
            equal(error.errno, errno.ENODEV, "errno")
            return


def in_read(_):
    pass


def in_poll(reader):
    equal(bool(reader.poll(-1) & BOTH), True, "poll")


def in_epoll(reader):
    """Wait for EPOLLHUP, which epoll reports even if it is not requested."""
    with select.epoll() as epoll:
        epoll.register(reader.fd, 0)
        equal(bool(epoll.poll()[0][1] & select.EPOLLHUP), True, "epoll")


def check_log(reader, log, saw):
    """Check that each record that the witness saw is in the log or counted as
    lost."""
    info = reader.info()
    equal((info.produced, info.delivered, info.lost),
          (len(saw), *check_account(log.entries(), saw)), "the account")


def check_end(reader):
    for _ in range(3):
        fails(errno.ENODEV, reader.read)
        equal(reader.poll(), HUP, "poll")


def fill(reader, sender):
    """Send until the ring has lost records."""
    while reader.info().lost < 10:
        sender.send(1)


@case("asleep in read(), poll(), epoll, a full ring: all get the same records")
def different():
    witness, doomed = Witness(), new_netns()
    sender, stack = Bursts(1 << 20), contextlib.ExitStack()
    with stack:
        stack.callback(witness.close)
        asleep = [stack.enter_context(reader_in(doomed, 1024, flags=0))
                  for _ in range(3)]
        full, idle = (stack.enter_context(reader_in(doomed, kib))
                      for kib in (4, 1024))
        logs = [Log() for _ in asleep]
        for reader in *asleep, idle:
            reader.wake(1 << 20)	# records alone do not wake the reader
        children = [stack.enter_context(Child(read_to_end, reader, log, wait))
                    for reader, log, wait in zip(
                        asleep, logs, (in_read, in_poll, in_epoll))]
        for child in children:
            child.until_asleep()
        Syns(1 << 21).send(3)	# these connections are open until the end
        fill(full, sender)
        equal([log.words[0] for log in logs], [0] * 3, "read while asleep")
        equal(idle.poll(), 0, "poll below the threshold")
        before = full.info()
        doomed.delete()
        for child in children:
            child.end()
        until(lambda: full.poll() == BOTH, "POLLHUP")
        saw = witness.saw(doomed.inum)
        equal(full.info().lost, before.lost + 3, "lost by the full ring")
        for reader in full, idle:
            equal(reader.poll(), BOTH, "poll")
            logs.append(Log())
            with contextlib.suppress(OSError):
                while True:
                    logs[-1].read(reader.fd, LONGEST)
        for reader, log in zip((*asleep, full, idle), logs):
            check_log(reader, log, saw)
            check_end(reader)
        records = [Record(data[:8] + bytes(8) + data[8:]) for data in saw]
        closed = [r for r in records
                  if r.type == CLOSE and r.reason == SHUTDOWN]
        equal(len(closed), 3, "CLOSE of what was open")


def one_end(sender):
    """Delete a namespace. Traffic goes on until the namespace's link is gone.
    Return: how many records the reader's ring got in total, and how many after
    the deletion started."""
    witness, doomed = Witness(), new_netns()
    reader, log = reader_in(doomed, 64, flags=0), Log(1 << 23)
    with reader, Child(read_to_end, reader, log, in_read) as child:
        until(lambda: sender.send(3) or log.words[0] > BEGIN, "reading")
        thread = threading.Thread(target=doomed.delete)
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
        check_log(reader, log, witness.saw(doomed.inum))
        check_end(reader)
        witness.close()
        return reader.info().produced, reader.info().produced - before


@case(f"read() and traffic during the end, {ROUNDS} times: all records, then ENODEV")
def under_traffic():
    sender = Bursts(1 << 22)
    found = [one_end(sender) for _ in range(ROUNDS)]
    note(found)
    equal(max(late for _, late in found) > 0, True, "records at the end")


run()
