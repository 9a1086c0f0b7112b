# SPDX-License-Identifier: GPL-2.0
"""Wait for records in different ways, and check that a child wakes up for each
record."""
import select

from check import equal
from proc import Child


def wait_read(_reader):
    """Do nothing, because read() itself waits."""


def wait_poll(reader):
    equal(reader.poll(None), select.POLLIN, "poll")


def wait_select(reader):
    equal(select.select([reader.fd], [], []), ([reader.fd], [], []), "select")


def wait_epoll(reader):
    """Wait with epoll, and register the reader for each wait."""
    with select.epoll() as epoll:
        epoll.register(reader.fd, select.EPOLLIN)
        equal(epoll.poll(), [(reader.fd, select.EPOLLIN)], "epoll")


def wait_registered(reader, flags=0):
    """Wait with epoll, and register the reader only for the first wait."""
    if not hasattr(reader, "epoll"):
        reader.epoll = select.epoll()
        reader.epoll.register(reader.fd, select.EPOLLIN | flags)
    equal(reader.epoll.poll(), [(reader.fd, select.EPOLLIN)], "epoll")


def wait_edge(reader):
    wait_registered(reader, select.EPOLLET)


def read_each(control, reader, wait, read, count):
    """Run in a child: wait for each record, and read it."""
    for number in range(count):
        wait(reader)
        equal([record.seq for record in read()], [number], "records")
        control.sendall(b".")


def check_wakeups(reader, wait, read, count, syns):
    """Check that each SYN wakes a child that reads, even if the SYN comes while
    the child is about to sleep."""
    with Child(read_each, reader, wait, read, count) as child:
        for number in range(count):
            # let the child sleep before each of the first three records; later
            # records may come while it is about to sleep
            if number < 3:
                child.until_asleep()
            syns.send(1)
            equal(child.hear(), b".", f"wake-up {number}")
        child.end()
    equal(reader.info().delivered, count, "delivered")
