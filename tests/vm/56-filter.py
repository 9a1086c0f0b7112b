#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check a reader's packet filter, its filter of failures, and its clock."""
import errno
import fcntl
import json
import select
import signal
import socket
import subprocess
import time

import module
from case import case, run
from check import equal, fails, note, until
from device import IOC_FILTER, Reader
from module import parameter
from netns import isolate
from programs import Traffic
from raw import Syns, ip4, raw4, tcp
from records import (CLOSE, MASK_FAILURES, OPEN, RST, SUSPECTED,
                     UNANSWERED)
from sockets import listener, pair, reset_connection, whole_connection

ALL = 0xfe
TAKE_ALL = [(0x06, 0, 0, 0xffffffff)]	# ret #-1
TAKE_ALL_2 = [(0x80, 0, 0, 0), *TAKE_ALL]	# ld len; ret #-1

module.load(ring_kib=16384)
isolate()
syns = Syns()
web, mail = listener(port=5000), listener(port=5001)


def by_connection(reader, moment):
    """Return: {connection: records since a moment}. If two CPUs produce the
    records of two connections, the order of these records may differ between
    two readers."""
    found = {}
    for record in reader.drain():
        if record.time >= moment:
            key = record.conn, record.orig_port, record.resp_port
            found.setdefault(key, []).append(record.content())
    return found


def both(make, mask=ALL):
    """Let two readers read the same traffic. make() configures the second
    reader. Return: the records of each reader."""
    with Reader() as plain, Reader() as picky:
        make(picky)
        for reader in plain, picky:
            reader.set_mask(mask)
        whole_connection(web)
        reset_connection(mail)
        whole_connection(mail)
        records, found = plain.drain(), picky.drain()
        equal(picky.info().produced, len(found), "produced")
        equal([r.seq for r in found], list(range(len(found))), "numbers")
        return records, found


def contents(records):
    return [record.content() for record in records]


@case("a filter selects the records of its packets, and no others")
def ports():
    for text, take in (
            ("port 5000", lambda r: 5000 in (r.orig_port, r.resp_port)),
            ("port 5002", lambda r: False), ("ip6", lambda r: False),
            ("dst port 5001", lambda r: r.seg.sender == 0 and r.resp_port == 5001),
            ("tcp[tcpflags] & tcp-rst != 0", lambda r: r.seg.flags & RST),
            ("tcp[tcpflags] & tcp-fin != 0", lambda r: r.seg.flags & 1)):
        records, found = both(lambda reader, text=text: reader.filter(text))
        wanted = [record for record in records if take(record)]
        note(f"{text}: {len(wanted)} of {len(records)}")
        equal(contents(found), contents(wanted), "records")


@case("a record without a packet passes every filter")
def no_packet():
    with parameter("timeout_syn_sent", 1), Reader(OPEN, CLOSE) as reader:
        reader.filter("port 5000")
        syns.send(3)
        records = reader.collect(lambda found: len(found) == 3, "CLOSE")
        equal({(r.type, r.reason) for r in records},
              {(CLOSE, UNANSWERED)}, "records")


@case("a filter is removed by one of length 0, and with its reader")
def remove():
    with Reader(OPEN) as reader:
        reader.filter("port 5000")
        whole_connection(mail)
        equal(reader.drain(), [], "records")
        reader.set_filter([], address=1)
        whole_connection(mail)
        equal(len(reader.drain()), 1, "records")
        reader.filter("port 5000")


BAD = {
    "no return": [(0x80, 0, 0, 0)],
    "a jump past the end": [(0x05, 0, 0, 7), *TAKE_ALL],
    "an unknown instruction": [(0xffff, 0, 0, 0), *TAKE_ALL],
    "a division by 0": [(0x34, 0, 0, 0), *TAKE_ALL],
    "memory that is not there": [(0x60, 0, 0, 16), *TAKE_ALL],
    "memory that was not written": [(0x60, 0, 0, 3), *TAKE_ALL],
}


@case("an invalid filter: an error, and the previous one stays")
def refused():
    with Reader(OPEN) as reader:
        reader.filter("port 5000")
        for name, program in BAD.items():
            note(name)
            fails(errno.EINVAL, reader.set_filter, program)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL * 4097)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 0, 0x10001)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 0, 0xffffffff)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 1)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 0, 1, 0)
        for address in 8, 1 << 63, (1 << 64) - 8:
            fails(errno.EFAULT, reader.set_filter, TAKE_ALL, 0, 4096, address)
        fails(errno.EFAULT, fcntl.ioctl, reader.fd, IOC_FILTER, 8)
        whole_connection(mail)
        equal(reader.drain(), [], "records")
        reader.set_filter(TAKE_ALL * 4096)
        whole_connection(mail)
        equal(len(reader.drain()), 1, "records")


@case("a filter that reads past the end of a packet does not select it")
def past_end():
    for offset in 4096, 0x7fffffff, 0xffefffff:
        program = [(0x20, 0, 0, offset), *TAKE_ALL]
        _, found = both(lambda reader, p=program: reader.set_filter(p))
        equal(found, [], "records")


@case("filters change under traffic: no record is missing or comes twice")
def replaced():
    traffic = Traffic()
    with Reader() as plain, Reader() as picky:
        for reader in plain, picky:
            reader.set_mask(0)
        picky.set_filter(TAKE_ALL)
        for reader in plain, picky:
            reader.set_mask(ALL)
        both_listen = time.monotonic_ns()
        for turn in range(100):
            picky.set_filter(TAKE_ALL_2 if turn % 2 else TAKE_ALL)
        done, errors = traffic.end()
        note(f"{done} connections")
        equal((done > 3, errors), (True, 0), "traffic")
        for reader in plain, picky:
            equal(reader.info().lost, 0, "lost")
        wanted = by_connection(plain, both_listen)
        equal(len(wanted) > 3, True, "connections with records")
        equal(by_connection(picky, both_listen), wanted, "records")


@case("failures only: refused, reset, unanswered, suspected")
def failures():
    with Reader() as reader, parameter("timeout_syn_sent", 1):
        reader.set_mask(MASK_FAILURES)
        equal(reader.info().mask, MASK_FAILURES | 1 << 6, "mask")
        whole_connection(web)
        reset_connection(mail)
        fails(errno.ECONNREFUSED, socket.create_connection,
              ("127.0.0.1", 5009))
        syns.send(1)
        records = reader.collect(lambda found: len(found) == 3, "3 of them")
        equal([(r.type, r.reason) for r in records],
              [(CLOSE, 2), (CLOSE, 3), (CLOSE, UNANSWERED)], "records")
        client, peer = pair(web)
        port = client.getsockname()[1]
        raw4().sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
            port, 5000, RST, 77)), ("127.0.0.1", 0))
        equal([r.type for r in reader.drain()], [SUSPECTED], "suspected")
        client.close()
        peer.close()
        # this mask enables the records of failures and all OPEN records
        reader.set_mask(MASK_FAILURES | 1 << OPEN)
        whole_connection(web)
        equal([r.type for r in reader.drain()], [OPEN], "records")


@case("the clock of the timestamps: monotonic, boottime, realtime")
def clocks():
    for clock in (None, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME,
                  time.CLOCK_REALTIME):
        with Reader() as reader:
            if clock is not None:
                reader.clock(clock)
            name = time.CLOCK_MONOTONIC if clock is None else clock
            begin = time.clock_gettime_ns(name)
            whole_connection(web)
            end = time.clock_gettime_ns(name)
            records = reader.drain()
            closed = [r for r in records if r.type == CLOSE]
            equal(len(closed), 1, "CLOSE")
            # tolerate a correction of the realtime clock
            for moment in [r.time for r in records] + [closed[0].start]:
                equal(begin - 10**6 <= moment <= end + 10**6, True,
                      f"{begin} <= {moment} <= {end}, clock {clock}")
            for other in 2, 3, 4, 5, 6, 8, 11, 0xffffffff:
                fails(errno.EINVAL, reader.clock, other)


def watch(*words):
    return subprocess.Popen(["tcptracectl", "watch", "--json", *words],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)


def interrupted(process):
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    equal(process.returncode, 0, err)
    return [json.loads(line) for line in out.splitlines()]


def ports_of(event):
    return {event[name] for name in ("orig_port", "resp_port", "sport",
                                     "dport") if name in event}


@case("tcptracectl watch FILTER: the kernel filters packets, the client the rest")
def client():
    with parameter("timeout_syn_sent", 1), Reader(CLOSE) as reader:
        process = watch("-e", "all", "dst net 10.99.0.0/31 or port 5001")
        # tcptracectl watch is ready when it prints its first line
        until(lambda: whole_connection(mail) or
              select.select([process.stdout], [], [], 0)[0], "output")
        reader.drain()
        whole_connection(web)
        whole_connection(mail)
        # send to 10.99.0.0, .1, .2 and .3
        Syns().send(4)
        reader.collect(lambda found: len(found) == 6, "CLOSE")
        found = interrupted(process)
        equal([e for e in found if not ports_of(e) & {80, 5001}], [], "ports")
        closed = [e["resp"] for e in found
                  if e["event"] == "close" and e["resp_port"] == 80]
        equal(sorted(closed), ["10.99.0.0", "10.99.0.1"], "closed")


@case("tcptracectl watch with a filter that the kernel cannot take")
def long_filter():
    words = " or ".join(f"tcp[4:4] = {i * 7919}" for i in range(2500))
    process = watch(words)
    out, err = process.communicate(timeout=60)
    equal((process.returncode, out, err.count("\n")), (1, "", 1), err[-200:])
    equal("the kernel refuses the filter" in err, True, err[-200:])


run()
