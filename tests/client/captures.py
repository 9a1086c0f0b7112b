# SPDX-License-Identifier: GPL-2.0
"""Build capture files byte by byte, from content that the caller gives."""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = (1 << i for i in range(5))
ETHERNET, RAW = 1, 101
# 2023-11-14T22:13:20Z
T0 = 1700000000 * 10**9
MS = 10**6


def packed(text):
    return ipaddress.ip_address(text).packed


def tcp(sport, dport, flags, seq=0, ack=0, length=0, options=b"", window=64240,
        doff=None):
    doff = 5 + len(options) // 4 if doff is None else doff
    return struct.pack(">HHIIHHHH", sport, dport, seq, ack,
                       doff << 12 | flags, window, 0, 0) + \
        options + b"\0" * length


def ip4(payload, src="10.0.0.2", dst="10.0.0.1", proto=6, total=None, ttl=64,
        fragment=0):
    total = 20 + len(payload) if total is None else total
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, total, 1, fragment, ttl,
                       proto, 0, packed(src), packed(dst)) + payload


def ip4_options(payload, options):
    """@options: IP options in hexadecimal, a multiple of 4 bytes."""
    options = bytes.fromhex(options)
    head = ip4(options + payload)
    return bytes([0x45 + len(options) // 4]) + head[1:]


def ip6(payload, src="2001:db8::2", dst="2001:db8::1", proto=6):
    return struct.pack(">IHBB16s16s", 6 << 28, len(payload), proto, 64,
                       packed(src), packed(dst)) + payload


def ether(packet):
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x800
    return bytes.fromhex("020000000002020000000001") + \
        struct.pack(">H", kind) + packet


class Talk:
    """The two ends of a connection. Each call returns a frame."""

    def __init__(self, client="10.0.0.2", port=40000, server="10.0.0.1",
                 service=80, isn=(1000, 5000)):
        self.ends = ((client, port), (server, service))
        self.isn = isn

    def __call__(self, sender, flags, seq=0, ack=0, length=0, **more):
        """@seq and @ack are relative to the ISNs."""
        (src, sport), (dst, dport) = (self.ends if sender == 0 else
                                      self.ends[::-1])
        make = ip6 if ":" in src else ip4
        return ether(make(tcp(
            sport, dport, flags, (self.isn[sender] + seq) % 2**32,
            (self.isn[1 - sender] + ack) % 2**32 if flags & ACK else 0,
            length, **more), src, dst))

    def handshake(self):
        return [self(0, SYN), self(1, SYN | ACK, 0, 1), self(0, ACK, 1, 1)]

    def close(self, seq=1, ack=1):
        return [self(0, FIN | ACK, seq, ack), self(1, FIN | ACK, ack, seq + 1),
                self(0, ACK, seq + 1, ack + 1)]


def header(link=ETHERNET, order="<", nano=False, snaplen=262144):
    return struct.pack(order + "IHHiIII", 0xa1b23c4d if nano else 0xa1b2c3d4,
                       2, 4, 0, 0, snaplen, link)


def record(frame, time, order="<", nano=False, snap=None, wire=None,
           caplen=None):
    """Return: a packet for a pcap. @snap: maximum number of captured bytes;
    @wire, @caplen: lengths to write instead of the correct lengths."""
    data = frame if snap is None else frame[:snap]
    return struct.pack(order + "IIII", time // 10**9,
                       time % 10**9 // (1 if nano else 1000),
                       len(data) if caplen is None else caplen,
                       len(frame) if wire is None else wire) + data


def pcap(frames, link=ETHERNET, order="<", nano=False, step=MS, **more):
    """Return: a pcap file with one packet per @step, by default one per ms."""
    return header(link, order, nano) + b"".join(
        record(frame, T0 + i * step, order, nano, **more)
        for i, frame in enumerate(frames))


def block(kind, body, order="<"):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order="<", version=1):
    return block(0x0a0d0d0a, struct.pack(order + "IHHq", 0x1a2b3c4d, version,
                                         0, -1), order)


def option(kind, value, order="<"):
    return struct.pack(order + "HH", kind, len(value)) + value + \
        b"\0" * (-len(value) % 4)


def interface(link=ETHERNET, order="<", digits=6, snaplen=0, offset=None):
    """Return: an interface block. The unit of its timestamps is 10^-digits s,
    or 2^-n s if digits is 128 + n."""
    options = option(9, bytes([digits]), order)
    if offset is not None:
        options += option(14, struct.pack(order + "q", offset), order)
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options +
                 option(0, b"", order), order)


def enhanced(frame, time, number=0, order="<", wire=None, caplen=None):
    """Return: an enhanced packet block. @time is in units of the interface."""
    return block(6, struct.pack(
        order + "IIIII", number, time >> 32, time & 0xffffffff,
        len(frame) if caplen is None else caplen,
        len(frame) if wire is None else wire) + frame, order)


def pcapng(frames, link=ETHERNET, order="<", digits=6, step=MS):
    return section(order) + interface(link, order, digits) + b"".join(
        enhanced(frame, (T0 + i * step) // 10 ** (9 - digits), 0, order)
        for i, frame in enumerate(frames))


def zstd(data):
    """Return: a zstd frame of uncompressed blocks (RFC 8878)."""
    out = bytes.fromhex("28b52ffd 00 38")	# a window of 128 KiB
    size = 1 << 17
    for at in range(0, len(data), size):
        part = data[at:at + size]
        head = (at + size >= len(data)) | len(part) << 3
        out += head.to_bytes(3, "little") + part
    return out


def lz4(data):
    """Return: an LZ4 frame of uncompressed blocks of at most 64 KiB."""
    out = bytes.fromhex("04224d18 60 40 82")
    size = 1 << 16
    for at in range(0, len(data), size):
        part = data[at:at + size]
        out += struct.pack("<I", 1 << 31 | len(part)) + part
    return out + bytes(4)
