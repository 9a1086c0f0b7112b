# SPDX-License-Identifier: GPL-2.0
"""Build packets by hand, and send them by raw sockets."""
import itertools
import socket
import struct

from netns import SINK_FROM
from records import RST, SYN
from sockets import family_of


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def packed(addr):
    return socket.inet_pton(family_of(addr), addr)


def tcp(sport, dport, flags=SYN, seq=1000, ack=0, payload=b"", options=b"",
        doff=None, window=8192, pseudo=None):
    """Return: a TCP header with its payload. The checksum is correct only if
    pseudo has the source and destination address."""
    options += bytes(-len(options) % 4)
    doff = 5 + len(options) // 4 if doff is None else doff
    segment = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff,
                          ack & 0xffffffff, doff << 4, flags, window, 0,
                          0) + options + payload
    if pseudo:
        addresses = b"".join(map(packed, pseudo))
        total = checksum(addresses + struct.pack(
            "!II", socket.IPPROTO_TCP, len(segment)) + segment)
        segment = segment[:16] + struct.pack("!H", total) + segment[18:]
    return segment


def ip4(src, dst, payload, version=4, ihl=5, length=None, fragment=0,
        protocol=6):
    """Return: an IPv4 packet whose header checksum is correct."""
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | ihl, 0,
                       20 + len(payload) if length is None else length, 1,
                       fragment, 64, protocol, 0, packed(src), packed(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src, dst, payload, proto=6, length=None, version=6):
    return struct.pack("!IHBB16s16s", version << 28,
                       len(payload) if length is None else length, proto, 64,
                       packed(src), packed(dst)) + payload


def icmp(kind, code, quoted):
    """Return: an ICMP error whose checksum is correct."""
    body = struct.pack("!BBHI", kind, code, 0, 0) + quoted
    return body[:2] + struct.pack("!H", checksum(body)) + body[4:]


def raw4():
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    return sock


def inject(ns, source, target, flags, seq, ack=0, data=b""):
    """Send a TCP segment from a namespace. source and target are (address,
    port)."""
    with ns, socket.socket(family_of(source[0]), socket.SOCK_RAW,
                           socket.IPPROTO_TCP) as raw:
        raw.bind((source[0], 0))
        raw.sendto(tcp(source[1], target[1], flags, seq, ack, data,
                       window=1000, pseudo=(source[0], target[0])),
                   (target[0], 0))


class Syns:
    """Send SYNs into the sink. Each SYN opens a connection and is never
    answered."""

    def __init__(self, begin=0):
        self.socket = raw4()
        self.number = itertools.count(begin)
        self.tails = [tcp(0, 0)[4:]]
        self.head = ip4(SINK_FROM, "0.0.0.0", bytes(20))[:16]

    def send(self, count=1):
        for number in itertools.islice(self.number, count):
            low = number & 0xFFFF
            to = bytes((10, 99, low >> 8, low & 255))
            ports = struct.pack("!HH", 1024 + (number >> 16) + low % 60000, 80)
            for tail in self.tails:
                self.socket.sendto(self.head + to + ports + tail,
                                   (socket.inet_ntoa(to), 0))


class Bursts(Syns):
    """Open connections that the originator resets immediately. Each connection
    causes 4 records."""

    def __init__(self, begin=0):
        super().__init__(begin)
        self.tails.append(tcp(0, 0, RST, 1001)[4:])
