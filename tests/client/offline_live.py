# SPDX-License-Identifier: GPL-2.0
"""Test prompt output and signals while the client reads a capture from a pipe,
and test large captures."""
import json
import os
import signal
import struct
import threading

import captures
import schema
from captures import ACK, RST, SYN, T0, Talk
from live import Live
from tap import TIMEOUT, Skip, case, cases, contains, equal

# Maximum memory of the client in bytes, for open connections and for those that
# it remembers after their end.
MEMORY_MAX = 192 << 20
PAIRS = 1000000
PORTS = 50000


class Pipe(Live):
    """Runs watch, and writes to its standard input."""

    def __init__(self, client, *args):
        self.process = client.start("watch", "-r", "-", "--json", *args,
                                    stdin=-1, stdout=-1)

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def event(self):
        line = self.process.stdout.readline()
        schema.check(line)
        return json.loads(line)


@cases("an event is written before the next packet comes", [
    ("pcap", captures.header(), captures.record),
    ("pcapng", captures.section() + captures.interface(), captures.enhanced),
])
def at_once(client, head, packet):
    talk = Talk()
    with Pipe(client, "-e", "segment,close") as pipe:
        pipe.write(head)
        for i, frame in enumerate(talk.handshake()):
            pipe.write(packet(frame, T0))
            equal(pipe.event()["frame"], i + 1)
        out, err = pipe.process.communicate(timeout=TIMEOUT)
        equal(json.loads(out)["reason"], "end-of-capture")
        equal((pipe.process.returncode, err), (0, b""))


@cases("a signal ends watch like the end of the file", [
    ("SIGINT", signal.SIGINT), ("SIGTERM", signal.SIGTERM),
])
def signals(client, number):
    with Pipe(client, "-e", "open,close") as pipe:
        pipe.write(captures.pcap([Talk()(0, SYN)]))
        equal(pipe.event()["event"], "open")
        pipe.process.send_signal(number)
        equal(pipe.event()["reason"], "end-of-capture")
        equal(pipe.process.wait(TIMEOUT), 0)
        equal(pipe.process.stderr.read(),
              b"tcptracectl: 2 events, 1 packets, 0 lost, 1 connections, "
              b"0 of them closed\n")


@case("a reader that exits ends watch quietly")
def epipe(client):
    frames = [Talk(port=port)(0, SYN) for port in range(1, 20000)]
    path = client.path("capture", captures.pcap(frames))
    process = client.start("watch", "-r", path, stdout=-1)
    process.stdout.readline()
    process.stdout.close()
    equal((process.wait(TIMEOUT), process.stderr.read()), (0, b""))


def pairs(writer):
    """Write PAIRS connections as fast as possible, each a SYN and a RST,ACK."""
    talk = Talk(port=0)
    one = (captures.record(talk(0, SYN), T0) +
           captures.record(talk(1, RST | ACK, 0, 1), T0))
    size, half = len(one), len(one) // 2
    # offsets of the source address and port in a pcap record
    ip, port = 16 + 14 + 12, 16 + 14 + 20
    block = bytearray(one * PORTS)
    for i in range(PORTS):
        struct.pack_into(">H", block, i * size + port, i + 1)
        struct.pack_into(">H", block, i * size + half + port + 2, i + 1)
    with writer:
        writer.write(captures.header())
        for i in range(PAIRS // PORTS):
            block[ip + 1::size] = bytes([i]) * PORTS
            block[half + ip + 5::size] = bytes([i]) * PORTS
            writer.write(block)


@case("memory has a bound: a million SYNs that a RST answers")
def memory(client):
    if client.sanitized:
        raise Skip("sanitizers use memory of their own")
    process = client.start("stats", "-r", "-", "--json", stdin=-1, stdout=-1)
    thread = threading.Thread(target=pairs, args=(process.stdin,))
    thread.start()
    out = process.stdout.read()
    thread.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    equal(process.returncode, 0)
    got = {name: n for name, n in json.loads(out).items() if n}
    equal(got, {"packets": 2 * PAIRS, "tracked": 2 * PAIRS, "opened": PAIRS,
                "closed": PAIRS, "forgotten": PAIRS - 65537})
    if usage.ru_maxrss * 1024 > MEMORY_MAX:
        raise AssertionError(f"{usage.ru_maxrss} KiB")


@case("--max-connections: the oldest half-open ones end, and are reported")
def at_most(client):
    old = Talk(client="10.8.0.1")
    frames = [old(0, SYN), old(1, SYN | ACK, 0, 1), old(0, ACK, 1, 1)]
    frames += [Talk(client=f"10.9.0.{i}")(0, SYN) for i in range(1, 41)]
    data = captures.pcap(frames)
    got = client.counts(data, "--max-connections", "20")
    equal((got["open"], got["opened"], got["closed"], got["evicted"]),
          (20, 41, 21, 21))
    ended = [rec["orig"] for rec in client.replay(
        data, "--max-connections", "20", "-e", "close")
             if rec["reason"] == "evicted"]
    equal(ended, [f"10.9.0.{i}" for i in range(1, 22)])
    for wrong in "15", "16777217", "x", "":
        contains(client.run("stats", "-r", "x", "--max-connections", wrong,
                            code=2)[1], "16 to 16777216")
    for command in "watch", "list", "stats":
        contains(client.run(command, "--max-connections", "16", code=2)[1],
                 "--read FILE")


@case("a segment of a forgotten connection opens a new one")
def forgotten(client):
    first = Talk(port=1, client="10.9.9.9")
    frames = [first(0, SYN), first(1, RST | ACK, 0, 1)]
    for i in range(65536):
        talk = Talk(client=f"10.1.{i >> 8}.{i & 255}")
        frames.append(talk(0, RST))
    frames.append(first(0, RST, 1))
    data = captures.pcap(frames)
    got = client.counts(data)
    equal((got["forgotten"], got["opened"], got.get("late")),
          (2, 65538, None))
    del frames[5]
    got = client.counts(captures.pcap(frames))
    equal((got.get("forgotten"), got["opened"], got["late"]),
          (None, 65536, 1))


@case("many connections that are open at once, and then end")
def many(client):
    talks = [Talk(client=f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}")
             for i in range(66000)]
    frames = [talk(0, SYN) for talk in talks]
    got = client.counts(captures.pcap(frames))
    equal((got["open"], got.get("forgotten")), (66000, None))
    frames += [talk(1, RST | ACK, 0, 1) for talk in talks]
    got = client.counts(captures.pcap(frames))
    equal((got.get("open"), got["closed"], got["forgotten"]),
          (None, 66000, 464))
