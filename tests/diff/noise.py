# SPDX-License-Identifier: GPL-2.0
"""Make captures of many connections. The connections of a capture follow a
model of TCP, follow the model with random changes or flipped bits, or are
noise. The fields of the noise have so few possible values that they are often
equal or differ by one."""
import random
import struct

import packets
from model import MS, SECOND, Link

# combinations of flags to choose from at random; one that is listed more often
# is chosen more often
FLAGS = ("A",) * 12 + ("PA",) * 4 + ("S", "SA", "FA", "RA", "R", "F", "-",
                                     "FPU", "SF", "U", "SFRPAUEC", "FRA")
STEPS = (0, 0, 1, MS, 2 * MS, 3 * MS - 1, 3 * MS, 10 * MS, 20 * MS - 1,
         20 * MS, 30 * MS, SECOND)
EDGES = (0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1)
WSCALES = [bytes((1, 3, 3, shift)) for shift in (0, 1, 2, 255)]
# options that can come alone: DSS, ADD_ADDR, REMOVE_ADDR, MP_PRIO
MPTCP = [bytes.fromhex(text) for text in
         ("1e08200100000001", "1e0834010a000001", "1e044001", "1e045001")]


def option_bytes(words, isn):
    data = b""
    for name, value in words:
        if name == "mss":
            data += struct.pack(">BBH", 2, 4, value)
        elif name == "ws":
            data += struct.pack(">BBBB", 1, 3, 3, value)
        elif name == "ts":
            data += struct.pack(">BBBBII", 1, 1, 8, 10,
                                value & 0xffffffff, 1)
        elif name == "sack":
            data += struct.pack(">BBBB", 1, 1, 5, 2 + 8 * len(value))
            for edges in value:
                data += struct.pack(">II", *((isn + x) & 0xffffffff
                                             for x in edges))
    return data[:40]


class Connection:
    """Adds addresses, ports and ISNs to the segments of a Link, which has
    none."""

    def __init__(self, rng, number, begin):
        self.rng = rng
        self.begin = begin
        high, low = divmod(number, 250)
        if number % 4:
            hosts = [f"10.{high}.{low}.{x}" for x in (1, 2)]
        else:
            hosts = [f"fd00:{high}:{low}::{x}" for x in (1, 2)]
        rng.shuffle(hosts)
        self.ends = [(host, rng.randrange(30000, 60000)) for host in hosts]
        self.snap = rng.choice((None,) * 60 + (96, 68, 60, 54, 50, 40))
        self.renew()

    def renew(self):
        """Choose new ISNs. With some of them, the sequence numbers soon wrap or
        become 0."""
        rng = self.rng
        self.isn = [rng.choice((rng.randrange(1 << 32),
                                (1 << 32) - rng.randrange(3000),
                                0xffffffff, 0)) for _ in range(2)]

    def frame(self, time, index, flags, seq, ack, window, size, options=b""):
        """Return the frame of a segment, without its payload, as in a capture
        with a short snap length. seq and ack are raw numbers."""
        segment = packets.Segment(self.ends[index], self.ends[1 - index],
                                  flags, seq, ack, window, 0, options, sum_=0)
        head = 40 if ":" in self.ends[0][0] else 20
        total = len(segment.bytes()) + size
        packet = segment.packet(length=total + (20 if head == 20 else 0))
        data = packets.ethernet(packet, pad=False)
        return packets.Frame(self.begin + time, data, self.snap,
                             len(data) + size)

    def of(self, segment):
        """Return the frame of a segment of the model."""
        time, index, flags, seq, ack, window, size, words = segment
        if flags & packets.ACK:
            ack += self.isn[1 - index]
        return self.frame(time, index, flags, seq + self.isn[index], ack,
                          window, size, option_bytes(words,
                                                     self.isn[1 - index]))


def traffic(connection):
    rng = connection.rng
    frames = [connection.of(s) for s in Link(rng.random()).run()]
    while rng.random() < 0.15 and frames:
        # add a connection that reuses the addresses and ports
        connection.begin = frames[-1].time + rng.randrange(100 * SECOND)
        connection.renew()
        frames += [connection.of(s) for s in Link(rng.random()).run()]
    return frames


def near(rng, value):
    """Return @value plus a small or a large random difference."""
    return value + rng.choice((-1, 1, -2, 2, -100, 100, -1448, 1448,
                               *EDGES, rng.randrange(1 << 32)))


def change(rng, segment):
    time, index, flags, seq, ack, window, size, words = segment
    what = rng.randrange(8)
    if what == 0:
        seq = near(rng, seq)
    elif what == 1:
        ack = near(rng, ack)
    elif what == 2:
        flags ^= rng.choice((packets.SYN, packets.FIN, packets.RST,
                             packets.ACK, rng.randrange(256)))
    elif what == 3:
        window = rng.choice((0, 1, window // 2, rng.randrange(65536)))
    elif what == 4:
        size = rng.choice((0, 1, 2, size + 1, rng.randrange(1500)))
    elif what == 5:
        time += rng.choice((-1, 1)) * rng.randrange(50 * MS)
    elif what == 6:
        words = [("ws", rng.randrange(256))]
    else:
        index = 1 - index
    return (time, index, flags, seq, ack, window, size, words)


def hostile(connection):
    rng = connection.rng
    often = rng.choice((0.02, 0.1, 0.5))
    frames = []
    for segment in Link(rng.random()).run():
        if rng.random() < often:
            if rng.random() < 0.5:
                frames.append(connection.of(segment))
            segment = change(rng, segment)
        frames.append(connection.of(segment))
    return frames


def noise(connection):
    rng = connection.rng
    spans = rng.choices((1, 2, 4, 8), k=2)
    flags = rng.choices(FLAGS, k=rng.choice((2, 4, 20)))
    sizes = rng.choice(((0,), (0, 1), (0, 1, 2), (0, 1, 1, 2, 3)))
    windows = rng.choice(((8,), (0, 8), (0, 1, 2, 4)))
    jumps = rng.random() < 0.1
    some = rng.choice((WSCALES, WSCALES, MPTCP))
    time, frames = 0, []
    for _ in range(rng.randrange(2, 60)):
        time += rng.choice(STEPS) * rng.choice((1, 1, 1, 1, 1, -1))
        index = rng.randrange(2)
        seq, ack = (connection.isn[i] + rng.randrange(span)
                    for i, span in zip((index, 1 - index), spans))
        if jumps and rng.random() < 0.1:
            seq += rng.choice(EDGES)
        if jumps and rng.random() < 0.1:
            ack += rng.choice(EDGES)
        options = b""
        if rng.random() < 0.1:
            options = rng.choice(some)
        frames.append(connection.frame(
            max(0, time), index, packets.flags_of(rng.choice(flags)), seq,
            ack if rng.random() < 0.95 else 0, rng.choice(windows),
            rng.choice(sizes), options))
    return frames




def broken(connection):
    """Return traffic in which a few frames have flipped bits in a header."""
    rng = connection.rng
    frames = traffic(connection)
    for frame in frames:
        if rng.random() < 0.01:
            data = bytearray(frame.data)
            at = rng.randrange(12, min(len(data), 80))
            data[at] ^= rng.choice((255, 1 << rng.randrange(8)))
            frame.data = bytes(data)
    return frames


MAKERS = {"traffic": traffic, "hostile": hostile, "noise": noise,
          "broken": broken}


def capture(kind, seed, wanted):
    """Return at least @wanted frames of one kind of traffic."""
    rng = random.Random(f"{kind} {seed}")
    frames = []
    number, begin = 0, 1_600_000_000 * SECOND
    while len(frames) < wanted:
        frames += MAKERS[kind](Connection(rng, number, begin))
        number += 1
        begin += rng.randrange(20 * MS)
    if kind in ("traffic", "broken"):
        frames.sort(key=lambda frame: frame.time)
    return frames
