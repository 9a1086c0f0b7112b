#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""capture.py FILE [PACKETS]: write a capture for measurements. The packets of
5,000 connections at a time are mixed; each connection has 8 to 84 packets of
requests and answers."""
import random
import struct
import sys

SNAPLEN = 128
OPEN = 5000
ROUNDS = range(2, 22)	# requests of a connection, 4 packets each
SYN, FIN, PSH, ACK = 2, 1, 8, 16
ETHERNET = bytes(12) + b"\x08\x00"


class Connection:
    """Makes the packets of a connection, one at a time."""

    def __init__(self, number, rng):
        client = struct.pack(">I", 0x0a000000 + number)
        server = struct.pack(">I", 0xc0a80001 + number % 200)
        self.sides = ((client, server, 1024 + number % 60000, 80),
                      (server, client, 80, 1024 + number % 60000))
        self.seq = [rng.getrandbits(32), rng.getrandbits(32)]
        self.echo = [0, 0]
        self.packets = self.story(rng)

    def story(self, rng):
        yield 0, SYN, 0
        yield 1, SYN | ACK, 0
        yield 0, ACK, 0
        for _ in range(rng.choice(ROUNDS)):
            yield 0, PSH | ACK, rng.randrange(100, 600)
            yield 1, ACK, 1448
            yield 1, PSH | ACK, 1000
            yield 0, ACK, 0
        yield 0, FIN | ACK, 0
        yield 1, FIN | ACK, 0
        yield 0, ACK, 0

    def packet(self, now_us, side, flags, length):
        src, dst, sport, dport = self.sides[side]
        stamp = now_us // 1000 & 0xffffffff
        options = b"\x01\x01\x08\x0a" + struct.pack(">II", stamp,
                                                  self.echo[side])
        if flags & SYN:
            options = b"\x02\x04\x05\xb4\x01\x03\x03\x07" + options
        ack = self.seq[not side] if flags & ACK else 0
        tcp = struct.pack(">HHIIBBHHH", sport, dport, self.seq[side], ack,
                          (20 + len(options)) << 2, flags, 502, 0, 0) + options
        total = 20 + len(tcp) + length
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, total, 1, 0x4000, 64, 6, 0,
                         src, dst)
        taken = length + bool(flags & (SYN | FIN))
        self.seq[side] = self.seq[side] + taken & 0xffffffff
        self.echo[not side] = stamp
        data = (ETHERNET + ip + tcp + bytes(length))[:SNAPLEN]
        return struct.pack("<IIII", now_us // 1000000, now_us % 1000000,
                           len(data), 14 + total) + data


def main():
    path, count = sys.argv[1], int((sys.argv[2:] or [1000000])[0])
    rng = random.Random(1)
    now_us, made = 1700000000 * 1000000, OPEN
    active = [Connection(n, rng) for n in range(OPEN)]
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, SNAPLEN, 1))
        while count:
            place = rng.randrange(OPEN)
            step = next(active[place].packets, None)
            if step is None:
                active[place] = Connection(made, rng)
                made += 1
                continue
            now_us += rng.randrange(5, 50)
            file.write(active[place].packet(now_us, *step))
            count -= 1
    print(f"{made} connections")


if __name__ == "__main__":
    main()
