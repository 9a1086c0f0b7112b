#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a reader asks for beside types: packets, failures, a clock.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import errno
import json
import select
import signal
import subprocess
import time

import load
import readers
from events import IOC_FILTER
from load import RST, ip4, tcp
from readers import (CLOSE, OPEN, SUSPECTED, Reader, case, equal, fails,
                     parameter, until)

FAILURES = 1 << 31
ALL = 0xfe
TAKE_ALL = [(0x06, 0, 0, 0xffffffff)]	# ret #-1
TAKE_ALL_2 = [(0x80, 0, 0, 0), *TAKE_ALL]	# ld len; ret #-1

readers.load(ring_kib=16384)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
syns = load.Syns()
web, mail = load.listener(port=5000), load.listener(port=5001)


def reset(server):
    """A connection that the client resets."""
    client, peer = load.pair(server)
    load.abort(client)
    peer.close()


def about(record):
    """What it says, without its number."""
    return record.data[:8] + record.data[16:]


def told(reader):
    return [about(record) for record in reader.drain()]


def told_since(reader, moment):
    """By connection: those of two CPUs may come to two readers in another
    order."""
    got = {}
    for record in reader.drain():
        if record.time >= moment:
            key = record.conn, record.sport, record.dport
            got.setdefault(key, []).append(about(record))
    return got


def both(make, mask=ALL):
    """Two readers, one after make(); what each was told of some traffic."""
    with Reader() as plain, Reader() as picky:
        make(picky)
        for reader in plain, picky:
            reader.set_mask(mask)
        load.whole_connection(web)
        reset(mail)
        load.whole_connection(mail)
        records, found = plain.drain(), picky.drain()
        equal(picky.info().produced, len(found), "produced")
        equal([r.seq for r in found], list(range(len(found))), "numbers")
        return records, found


def same(found, wanted):
    equal([r.data[:8] + r.data[16:] for r in found],
          [r.data[:8] + r.data[16:] for r in wanted], "records")


@case("a filter takes the records of its packets, and no others")
def ports():
    for text, take in (
            ("port 5000", lambda r: 5000 in (r.sport, r.dport)),
            ("port 5002", lambda r: False), ("ip6", lambda r: False),
            ("dst port 5001", lambda r: r.seg_from == 0 and r.dport == 5001),
            ("tcp[tcpflags] & tcp-rst != 0", lambda r: r.tcp_flags & RST),
            ("tcp[tcpflags] & tcp-fin != 0", lambda r: r.tcp_flags & 1)):
        records, found = both(lambda reader, text=text: reader.filter(text))
        for record in records:
            record.seg_from = readers.events.Record(record.data).seg.from_
        wanted = [record for record in records if take(record)]
        readers.note(f"{text}: {len(wanted)} of {len(records)}")
        same(found, wanted)


@case("what no packet causes is told whatever the filter is")
def no_packet():
    with parameter("timeout_syn_sent", 1), Reader(OPEN, CLOSE) as reader:
        reader.filter("port 5000")
        syns.send(3)
        records = reader.collect(lambda found: len(found) == 3, "CLOSE")
        equal({(r.type, r.reason) for r in records},
              {(CLOSE, readers.UNANSWERED)}, "records")


@case("a filter is removed by one of length 0, and by the end of its reader")
def remove():
    with Reader(OPEN) as reader:
        reader.filter("port 5000")
        load.whole_connection(mail)
        equal(reader.drain(), [], "records")
        reader.set_filter([], address=1)
        load.whole_connection(mail)
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


@case("a filter that is none: an error, and the one before stays")
def refused():
    with Reader(OPEN) as reader:
        reader.filter("port 5000")
        for name, program in BAD.items():
            readers.note(name)
            fails(errno.EINVAL, reader.set_filter, program)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL * 4097)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 0, 0x10001)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 0, 0xffffffff)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 1)
        fails(errno.EINVAL, reader.set_filter, TAKE_ALL, 0, 1, 0)
        for address in 8, 1 << 63, (1 << 64) - 8:
            fails(errno.EFAULT, reader.set_filter, TAKE_ALL, 0, 4096, address)
        fails(errno.EFAULT, readers.fcntl.ioctl, reader.fd, IOC_FILTER, 8)
        load.whole_connection(mail)
        equal(reader.drain(), [], "records")
        reader.set_filter(TAKE_ALL * 4096)
        load.whole_connection(mail)
        equal(len(reader.drain()), 1, "records")


@case("a filter reads past the end of a packet: the packet is not taken")
def past_end():
    for offset in 4096, 0x7fffffff, 0xffefffff:
        program = [(0x20, 0, 0, offset), *TAKE_ALL]
        _, found = both(lambda reader, p=program: reader.set_filter(p))
        equal(found, [], "records")


@case("filters change while events flow: nothing is missed or told twice")
def replaced():
    service = load.Program("serve", "127.0.0.1", 5003)
    program = load.Program("churn", "127.0.0.1", 5003)
    with Reader() as plain, Reader() as picky:
        for reader in plain, picky:
            reader.set_mask(0)
        picky.set_filter(TAKE_ALL)
        for reader in plain, picky:
            reader.set_mask(ALL)
        both_listen = time.monotonic_ns()
        for turn in range(100):
            picky.set_filter(TAKE_ALL_2 if turn % 2 else TAKE_ALL)
        done, errors = program.end()
        service.end()
        readers.note(f"{done} connections")
        equal((done > 3, errors), (True, 0), "traffic")
        for reader in plain, picky:
            equal(reader.info().lost, 0, "lost")
        wanted = told_since(plain, both_listen)
        equal(len(wanted) > 3, True, "connections that were told of")
        equal(told_since(picky, both_listen), wanted, "records")


@case("failures only: what was refused, reset, unanswered, or is suspected")
def failures():
    with Reader() as reader, parameter("timeout_syn_sent", 1):
        reader.set_mask(FAILURES)
        equal(reader.info().mask, FAILURES | 1 << 6, "mask")
        load.whole_connection(web)
        reset(mail)
        fails(errno.ECONNREFUSED, load.socket.create_connection,
              ("127.0.0.1", 5009))
        syns.send(1)
        records = reader.collect(lambda found: len(found) == 3, "3 of them")
        equal([(r.type, r.reason) for r in records],
              [(CLOSE, 2), (CLOSE, 3), (CLOSE, readers.UNANSWERED)], "records")
        client, peer = load.pair(web)
        port = client.getsockname()[1]
        load.raw4().sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
            port, 5000, RST, 77)), ("127.0.0.1", 0))
        equal([r.type for r in reader.drain()], [SUSPECTED], "suspected")
        client.close()
        peer.close()
        # and others by their types
        reader.set_mask(FAILURES | 1 << OPEN)
        load.whole_connection(web)
        equal([r.type for r in reader.drain()], [OPEN], "records")


@case("the clock of the times is chosen: monotonic, boottime, realtime")
def clocks():
    for clock in (None, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME,
                  time.CLOCK_REALTIME):
        with Reader() as reader:
            if clock is not None:
                reader.clock(clock)
            name = time.CLOCK_MONOTONIC if clock is None else clock
            begin = time.clock_gettime_ns(name)
            load.whole_connection(web)
            end = time.clock_gettime_ns(name)
            records = reader.drain()
            closed = [r for r in records if r.type == CLOSE]
            equal(len(closed), 1, "CLOSE")
            # the realtime clock may be slewed a little meanwhile
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


@case("tcptracectl watch FILTER: packets by the kernel, the rest by itself")
def client():
    with parameter("timeout_syn_sent", 1), Reader(CLOSE) as reader:
        process = watch("-e", "all", "dst net 10.99.0.0/31 or port 5001")
        # once it shows something, it is set up
        until(lambda: load.whole_connection(mail) or
              select.select([process.stdout], [], [], 0)[0], "output")
        reader.drain()
        load.whole_connection(web)
        load.whole_connection(mail)
        # to 10.99.0.0 and the next three
        load.Syns().send(4)
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


readers.run()
EOF
