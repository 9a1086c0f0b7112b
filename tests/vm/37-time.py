#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the times in CLOSE records, with programs of known response times, with
receivers that stall, with delay and with loss. The allowed range of each time
comes from the programs, the kernel's sockets and the configured delays."""
import collections
import concurrent.futures
import contextlib
import random
import socket
import struct
import subprocess
import sys
import time

import module
from case import case, run
from check import equal, note
from device import Reader
from expected import Trace
from netns import row
from proc import command
from records import CLOSE, SEGMENT, check_sequence
from sockets import (connect, listener, new_socket, ports, receive,
                     receive_end)
from ss import tcp_info, wait_state

module.load()
client, router, server = PLACES = row("crs", 37)
ADDR = "10.37.2.2"
client.reach(ADDR)
trace = Trace(1 << CLOSE)
trace.reader.resize(8 << 20)	# 200 connections in three places
WORDS = "unknown app peer window loss path handshake".split()
MS = 10**6
ORIG, RESP = 0, 1

# Two programs. After each request of 100 bytes, they wait, print how long they
# have waited, in ns, and answer in two parts.
PYTHON = """
import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen()
print("ready", flush=True)
c = s.accept()[0]
while c.recv(100, socket.MSG_WAITALL):
    begin = time.monotonic_ns()
    time.sleep(float(sys.argv[3]))
    print(time.monotonic_ns() - begin, flush=True)
    c.sendall(bytes(10))
    c.sendall(bytes(90))
"""
PERL = r"""
use IO::Socket::INET;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);
$| = 1;
my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => $ARGV[1],
			      Listen => 1, ReuseAddr => 1) or die;
print "ready\n";
my $c = $s->accept;
while (read($c, my $request, 100)) {
	my $begin = clock_gettime(CLOCK_MONOTONIC);
	sleep($ARGV[2]);
	printf "%d\n", (clock_gettime(CLOCK_MONOTONIC) - $begin) * 1e9;
	syswrite($c, "x" x $_) for 10, 90;
}
"""
PROGRAMS = {"python": [sys.executable, "-c", PYTHON],
            "perl": ["perl", "-e", PERL]}


def closes(port, *places):
    """Return: from each namespace, the CLOSE record of the only connection of a
    port."""
    def found(ns):
        return [r for records in trace.records(ns, port).values()
                for r in records if r.type == CLOSE]
    for ns in places:
        trace.wait(lambda ns=ns: found(ns), f"CLOSE of port {port}")
    return [found(ns)[0] for ns in places]


def finish(one, two):
    """Close both ends. Return: TCP_INFO of the first end after its FIN."""
    one.shutdown(socket.SHUT_WR)
    receive_end(two)
    wait_state(one, "FIN-WAIT-2")
    info = tcp_info(one)
    two.close()
    receive_end(one)
    one.close()
    return info


def delay(*netem):
    """Set the netem parameters at both ends; without parameters, remove the
    delay."""
    for ns, device in (client, "cr"), (server, "sr"):
        command("tc", "-n", ns.name, "qdisc", "replace", "dev", device,
                "root", "netem", *(netem or ["limit", "10000"]))


def split(close):
    """Return: the times of a CLOSE record, as text for the log."""
    return " ".join(
        f"{name} {sum(getattr(t, name) for t in close.times) / MS:.1f}"
        for name in "busy_ns window_ns rto_ns fast_ns delayed_ns own_ns "
        "response_sum_ns".split()) + f" {WORDS[close.limited_by]}"


def check_word(port, *words):
    for ns, close in zip(PLACES, closes(port, *PLACES)):
        if WORDS[close.limited_by] not in words:
            raise AssertionError(f"{ns.name}: {split(close)}")


def ask(program, port, think, turns=5):
    """Start a program, and send it requests over a connection. Return: the sum
    of the program's waits, and the sum of the client's waits, in ns."""
    with server:
        running = subprocess.Popen(
            [*PROGRAMS[program], ADDR, str(port), str(think)],
            stdout=subprocess.PIPE, text=True)
    equal(running.stdout.readline(), "ready\n")
    one = new_socket(client, ADDR)
    one.connect((ADDR, port))
    waited = 0
    for _ in range(turns):
        begin = time.monotonic_ns()
        one.sendall(bytes(100))
        receive(one, 10)
        waited += time.monotonic_ns() - begin
        receive(one, 90)
    one.shutdown(socket.SHUT_WR)
    receive_end(one)
    one.close()
    thought = sum(map(int, running.communicate()[0].split()))
    return thought, waited


def check_responses(port, turns, thought, waited, limits):
    """Check the number of responses, the sum of the response times, and what
    limited the connection. The sum must be at most the client's waits. It must
    be at least the program's waits, minus the shortest round trip to the server
    for each response."""
    for ns, close in zip(PLACES, closes(port, *PLACES)):
        found, request = close.times[RESP], close.dir[ORIG]
        equal(found.responses, turns, f"responses, {ns.name}")
        least = thought - turns * request.rtt_min
        if not least <= found.response_sum_ns <= waited:
            raise AssertionError(f"{ns.name}: {least} <= "
                                 f"{found.response_sum_ns} <= {waited}")
        if WORDS[close.limited_by] not in limits:
            raise AssertionError(f"{ns.name}: {split(close)}")


def think(ms, *limits, path=0, program="python"):
    """Check the response times of a program, with or without a delay on the
    path."""
    delay(*(["delay", f"{path}ms"] if path else []))
    port = next(ports)
    thought, waited = ask(program, port, ms / 1000)
    note(f"program {thought / MS:.1f} ms, client {waited / MS:.1f} ms")
    check_responses(port, 5, thought, waited, limits)


for name in PROGRAMS:
    for milliseconds, wanted in (0, WORDS), (10, WORDS), (100, ["peer"]):
        case(f"a {name} program answers after {milliseconds} ms")(
            lambda name=name, ms=milliseconds, wanted=wanted: think(
                ms, *wanted, program=name))


@case("a program answers at once, and the path takes 50 ms")
def _():
    think(0, "path", path=25)


@case("a program answers after 300 ms, and the path takes 50 ms")
def _():
    think(300, "peer", path=25)


@case("the originator has nothing to send")
def _():
    delay()
    port = next(ports)
    one, two = connect(server, client, ADDR, port)
    for _ in range(5):
        one.sendall(bytes(100))
        receive(two, 100)
        two.sendall(bytes(100))
        receive(one, 100)
        time.sleep(0.3)
    finish(one, two)
    check_word(port, "app")


@case("the receiver stalls")
def _():
    port = next(ports)
    with contextlib.closing(listener(ADDR, port, ns=server,
                                     buffer=4096)) as waiting:
        one = new_socket(client, ADDR)
        one.connect((ADDR, port))
        two = waiting.accept()[0]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sent = pool.submit(one.sendall, bytes(100000))
        time.sleep(1)
        receive(two, 100000)
        sent.result()
    finish(one, two)
    check_word(port, "window")


@contextlib.contextmanager
def dropped(match):
    """Drop the matching packets in the router as long as the context is
    open."""
    router.nft(f"""
table ip lossy {{
	chain c {{
		type filter hook forward priority 200;
		{match} drop
	}}
}}""")
    try:
        yield
    finally:
        router.nft("delete table ip lossy")


@case("data is lost: a timeout")
def _():
    port = next(ports)
    one, two = connect(server, client, ADDR, port)
    with dropped(f"tcp dport {port}"):
        one.sendall(bytes(100))
        time.sleep(1.5)
    receive(two, 100)
    finish(one, two)
    # the server has not seen the lost packets
    for close in closes(port, client, router):
        found = close.times[ORIG]
        # on a busy machine, the program's own time may exceed the timeout
        word = "loss" if found.rto_ns > found.own_ns else "app"
        if not (found.rto_ns > 1500 * MS and found.fast_ns == 0 and
                WORDS[close.limited_by] == word):
            raise AssertionError(split(close))


@case("data is lost: fast recovery")
def _():
    delay("delay", "20ms", "limit", "10000")
    port = next(ports)
    one, two = connect(server, client, ADDR, port)
    # The first packet is lost, and later packets cause duplicate ACKs.
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with dropped(f"tcp dport {port} ip length 552 "
                 "limit rate 1/hour burst 1 packets"):
        one.sendall(bytes(500))
        for _ in range(6):
            one.sendall(bytes(100))
            time.sleep(0.001)
    receive(two, 1100)
    finish(one, two)
    # at least the time from the retransmission to its ACK: 40 ms at the client,
    # 20 ms at the router
    for close, least in zip(closes(port, client, router), (40, 20)):
        fast, rto = close.times[ORIG].fast_ns, close.times[ORIG].rto_ns
        if not (fast >= least * MS and rto == 0):
            raise AssertionError(split(close))


@case("the SYN is lost")
def _():
    delay()
    port = next(ports)
    with contextlib.closing(listener(ADDR, port, ns=server)) as waiting:
        one = new_socket(client, ADDR)
        one.setblocking(False)
        with dropped(f"tcp dport {port}"):
            one.connect_ex((ADDR, port))
            time.sleep(0.5)
        two = waiting.accept()[0]
    one.setblocking(True)
    finish(one, two)
    equal([WORDS[c.limited_by] for c in closes(port, client, router)],
          ["handshake"] * 2)


def joined(port):
    """Open a connection to a port; the server's receive buffer is small.
    Return: the port, and the two sockets."""
    with contextlib.closing(listener(ADDR, port, ns=server,
                                     buffer=16384)) as waiting:
        one = new_socket(client, ADDR)
        one.connect((ADDR, port))
        return port, one, waiting.accept()[0]


def transfer(connection):
    """Send data of a random size to a receiver that may start late. Return: the
    port, and TCP_INFO of the sender."""
    port, one, two = connection
    dice = random.Random(port)
    size = dice.randrange(1, 200000)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sent = pool.submit(one.sendall, bytes(size))
        time.sleep(dice.choice((0, 0.1, 0.2)))
        receive(two, size)
        sent.result()
    return port, finish(one, two)


def last_full(records):
    """Return: how long the window had no room for a further segment after the
    client had sent its last data."""
    largest = sent = right = began = held = 0
    full = False
    for record in records:
        seg = record.seg
        if seg.sender == ORIG and seg.len:
            sent = max(sent, seg.rel_seq + seg.len)
            largest = max(largest, -(-seg.len // seg.wire_segs))
            began, held, full = record.time, 0, right - sent < largest
        elif full:
            held = record.time - began
        if seg.sender == RESP:
            right = max(right, seg.rel_ack + seg.window)
            full = full and right - sent < largest
    return held


def deferred(records):
    """Return: how long the window had room for a segment, but not for the
    packet that the client sent next. The kernel may wait for a larger window
    (tcp_tso_should_defer()), and counts that time as limited by the window."""
    largest = sent = right = since = total = 0
    waits = []	# (room, how long), since the client has sent data
    for record in records:
        seg, room = record.seg, right - sent
        if seg.sender == ORIG and seg.len:
            total += sum(long for less, long in waits
                         if largest <= less < seg.len)
            waits = []
            sent = max(sent, seg.rel_seq + seg.len)
            largest = max(largest, -(-seg.len // seg.wire_segs))
        elif seg.sender == RESP:
            waits.append((room, record.time - since))
            right = max(right, seg.rel_ack + seg.window)
        since = record.time
    return total


def differs(got, want, less=0):
    """Check whether two times differ. The tolerance is needed because the
    kernel counts in jiffies of up to 10 ms, and because the kernel's time runs
    from the program's send() until the socket has processed the ACK. less: got
    may be smaller by this much in addition to the tolerance."""
    tolerance = 20 * MS + want // 10
    return not want - less - tolerance <= got <= want + tolerance


def difference(close, records, info):
    """Compare a CLOSE record with TCP_INFO. Return: the difference as text, or
    None. The kernel knows whether more data waits for the window. The tracer
    does not know this after the last data, so its time includes last_full()."""
    found, sent = close.times[ORIG], close.dir[ORIG]
    min_rtt, = struct.unpack_from("=I", info, 148)
    full = last_full(records)
    busy, window, sndbuf = (1000 * n for n in
                            struct.unpack_from("=QQQ", info, 168))
    rexmit, = struct.unpack_from("=Q", info, 208)
    equal(sent.rexmit_bytes, rexmit, "bytes_retrans")
    equal(close.dir[RESP].wscale, 0, "scale of the window")
    if differs(found.busy_ns, busy) or sndbuf > busy or \
            differs(found.window_ns, window + full, deferred(records)) or \
            differs(sent.rtt_min, 1000 * min_rtt):
        return (f"{close.resp_port}: busy {found.busy_ns / MS:.1f} "
                f"{busy / MS:.1f} window {found.window_ns / MS:.1f} "
                f"{window / MS:.1f} + {full / MS:.1f} sndbuf "
                f"{sndbuf / MS:.1f} rtt {sent.rtt_min / MS:.2f} "
                f"{min_rtt / 1000:.2f}")
    return None


@case("200 connections agree with ss: busy, rwnd_limited, bytes_retrans, "
      "minrtt")
def _():
    delay("delay", "5ms", "limit", "10000")
    with client, Reader(SEGMENT) as reader:
        reader.resize(8 << 20)
        # only one thread at a time can enter a Netns object
        connections = [joined(next(ports)) for _ in range(200)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = list(pool.map(transfer, connections))
        segments = collections.defaultdict(list)
        for record in reader.drain():
            equal(record.type, SEGMENT, "type")
            segments[record.resp_port].append(record)
    found = {port: closes(port, client)[0] for port, _ in done}
    stalled = sum(close.times[ORIG].window_ns > 50 * MS
                  for close in found.values())
    equal(stalled > 50, True, "receivers that stalled")
    wrong = list(filter(None, (
        difference(found[port], segments[port], info)
        for port, info in done)))
    note("\n".join(wrong))
    # on a busy machine, an ACK may have to wait until a program unlocks the
    # socket
    if len(wrong) > 4:
        raise AssertionError(f"{len(wrong)} of 200 differ")


@case("packets are lost: bytes_retrans of 40 connections agrees with ss")
def _():
    delay("delay", "5ms", "loss", "2%", "limit", "10000")
    connections = [joined(next(ports)) for _ in range(40)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(transfer, connections))
    total = 0
    for port, info in done:
        want, = struct.unpack_from("=Q", info, 208)
        equal(closes(port, client)[0].dir[ORIG].rexmit_bytes, want,
              f"bytes_retrans of {port}")
        total += want
    equal(total > 0, True, "retransmissions")
    note(f"{total} bytes were retransmitted")


@case("no record was lost")
def _():
    equal(check_sequence(trace.all()), 0, "lost records")
    trace.reader.close()


run()
