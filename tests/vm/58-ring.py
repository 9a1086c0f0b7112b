#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that a reader's ring can be resized without loss, and that a reader is
woken in time."""
import errno
import os
import random
import select
import subprocess
import threading
import time

import module
from case import case, run
from check import equal, fails, note, until
from device import Reader
from netns import isolate
from proc import Child
from programs import Traffic
from raw import Syns
from records import LOST, OPEN, SIZES, check_sequence
from sockets import listener, whole_connection

MIN, MAX, MOVE = 4096, 1 << 26, 1 << 16

module.load(ring_kib=64)
isolate()
syns = Syns()


@case("a size is rounded up and returned; EINVAL beyond the limits")
def sizes():
    with Reader(OPEN) as reader:
        equal(reader.info().ring_size, 65536, "initial size")
        for size, want in ((MIN, MIN), (MIN + 1, 8192), (100000, 131072),
                           (MAX - 1, MAX), (MAX, MAX), (5000, 8192)):
            equal((reader.resize(size), reader.info().ring_size),
                  (want, want), f"size of {size}")
        for size in 0, 1, MIN - 1, MAX + 1, 0xffffffff:
            fails(errno.EINVAL, reader.resize, size)
            equal(reader.info().ring_size, 8192, "size")


@case("waiting records and LOST stay; EBUSY if they do not fit")
def waiting():
    with Reader(OPEN) as reader:
        syns.send(10)
        equal(reader.resize(MIN), MIN, "size")
        syns.send(90)
        room = MIN // SIZES[OPEN]
        info = reader.info()
        equal((info.waiting, info.lost), (room, 100 - room), "waiting, lost")
        for size in 8192, 1 << 20, MIN:
            equal(reader.resize(size), size, "size")
            equal(reader.info().waiting, room, "waiting")
        syns.send(1)	# the ring has no room for the record and LOST
        reader.resize(8192)
        syns.send(1)	# now the ring has room
        fails(errno.EBUSY, reader.resize, MIN)
        records = reader.drain()
        equal([r.type for r in records], [OPEN] * room + [LOST, OPEN], "types")
        equal(check_sequence(records), 101 - room, "lost")
        equal(reader.resize(MIN), MIN, "size after reading")


@case(f"EBUSY if more than {MOVE} bytes wait, until they are read")
def much():
    with Reader(OPEN) as reader:
        reader.resize(1 << 20)
        syns.send(MOVE // SIZES[OPEN])
        equal(reader.resize(1 << 21), 1 << 21, "size")
        syns.send(1)
        fails(errno.EBUSY, reader.resize, 1 << 20)
        equal(reader.info().ring_size, 1 << 21, "size")
        equal(check_sequence(reader.drain()), 0, "lost")


@case("the high-water mark: the maximum of the bytes in use")
def high_water():
    with Reader(OPEN) as reader:
        equal(reader.info().ring_high, 0, "at first")
        for sent, want in (1, 1), (4, 4), (2, 4), (7, 7):
            syns.send(sent)
            reader.drain()
            equal(reader.info().ring_high, want * SIZES[OPEN], "high-water mark")
        syns.send(1000)
        high = reader.info().ring_high
        equal(65536 - SIZES[OPEN] < high <= 65536, True, f"full at {high}")


@case("the size changes under traffic, reads, poll(): no record lost or torn")
def busy():
    traffic = Traffic()
    rng, going, polled = random.Random(1), [True], [0]
    smallest = 1 << 18
    with Reader() as reader:
        reader.resize(smallest)

        def poll():
            while going:
                polled[0] += bool(select.select([reader.fd], [], [], 0.01)[0])

        thread = threading.Thread(target=poll)
        thread.start()
        records, resized = [], 0
        for _ in range(400):
            try:
                reader.resize(smallest << rng.randrange(5))
                resized += 1
            except OSError as error:
                equal(error.errno, errno.EBUSY, "errno")
            if rng.randrange(3) == 0:
                records += reader.drain()
        done, errors = traffic.end()
        going.clear()
        thread.join()
        equal((done > 3, errors), (True, 0), "traffic")

        def all_read():
            """Check whether all produced records have been read. The last
            connections may still be closing."""
            records.extend(reader.drain())
            return reader.info().produced == sum(
                record.count if record.type == LOST else 1
                for record in records)

        until(all_read, "all produced records are read")
        info = reader.info()
        equal(check_sequence(records), info.lost, "lost by LOST records")
        # on a busy host, a ring may be full before this loop reads
        if info.ring_high <= smallest - MIN:
            equal(info.lost, 0, "lost")
        note(f"{resized} of 400 times, {len(records)} records, {info.lost} "
             f"lost, polled {polled[0]} times")
        equal(resized > 100, True, f"{resized} times")


@case("the size changes while a reader sleeps in read()")
def asleep():
    def child(channel, reader):
        os.set_blocking(reader.fd, True)
        records = reader.read()
        equal([r.type for r in records], [OPEN], "types")

    with Reader(OPEN) as reader, Child(child, reader) as sleeper:
        sleeper.until_asleep()
        for size in 1 << 20, MIN:
            equal(reader.resize(size), size, "size")
        syns.send(1)
        sleeper.end()


@case("poll() and read() wake up when enough bytes wait, and not before")
def enough():
    def child(channel, reader):
        os.set_blocking(reader.fd, True)
        equal(len(reader.read()), 5, "records")

    with Reader(OPEN) as reader:
        reader.wake(5 * SIZES[OPEN])
        with Child(child, reader) as sleeper:
            sleeper.until_asleep()
            for _ in range(4):
                syns.send(1)
                equal(reader.poll(), 0, "poll")
            sleeper.until_asleep()
            syns.send(1)
            sleeper.end()
        os.set_blocking(reader.fd, False)
        syns.send(3)
        equal((reader.poll(), len(reader.read())), (0, 3), "read at once")
        syns.send(6)
        equal(reader.poll() != 0, True, "poll")
        reader.read(2 * SIZES[OPEN])
        equal(reader.poll() != 0, True, "poll until all is read")
        reader.drain()
        syns.send(1)
        equal(reader.poll(), 0, "poll")
        reader.wake(0)
        equal(reader.poll() != 0, True, "poll without a threshold")


@case("wake-up after a delay, not earlier, but at once after a loss")
def delay():
    with Reader(OPEN) as reader:
        reader.resize(MIN)
        # reader.wake() starts the delay; a record that is added to an empty
        # ring starts it again
        for wait, again in (100, 0), (100, 1), (400, 0), (400, 1):
            if not again:
                reader.wake(1 << 20, wait)
            begin = time.monotonic()
            syns.send(1)
            equal(reader.poll(20000) != 0, True, "poll")
            took = time.monotonic() - begin
            note(f"{wait} ms took {took * 1000:.0f} ms")
            equal(took >= wait / 1000, True, f"{took} s")
            reader.drain()
        reader.wake(1 << 20, 0)
        syns.send(1)
        equal(reader.poll(500), 0, "never")
        syns.send(100)
        reader.drain()	# empties the ring, and reads LOST
        for size, wait in (0, 1), (1, 60001), (9, 0xffffffff):
            fails(errno.EINVAL, reader.wake, size, wait)


@case("tcptracectl watch --buffer: the size is requested, and has limits")
def client():
    watch = ["tcptracectl", "watch", "--json", "-n", "1", "-e", "close"]
    process = subprocess.Popen([*watch, "--buffer", "1000"],
                               stdout=subprocess.PIPE, text=True)
    server = listener()
    until(lambda: whole_connection(server) or
                  process.poll() is not None, "client")
    equal(process.communicate()[0].count("\n"), 1, "lines")
    for size in "3", "65537", "0", "x":
        done = subprocess.run([*watch, "--buffer", size],
                              capture_output=True, text=True)
        equal((done.returncode > 0, done.stdout, size in done.stderr),
              (True, "", True), done.stderr)


run()
