# SPDX-License-Identifier: GPL-2.0
"""Build the frames of TCP segments, and write them to capture files."""
import ipaddress
import itertools
import struct

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = (1 << i for i in range(9))
LETTERS = dict(zip("FSRPAUECN", (FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE)))

# link types of pcap
NULL, ETHERNET, RAW, LOOP, SLL, SLL2 = 0, 1, 101, 108, 113, 276
TOKEN_RING, PPP, FDDI, PPP_SERIAL, ATM, C_HDLC = 6, 9, 10, 50, 100, 104
WLAN, FRELAY, ENC, PFLOG, PRISM, SUNATM = 105, 107, 109, 117, 119, 123
RADIOTAP, AVS, JUNIPER_ETHER, PPI, NFLOG, IPOIB = 127, 163, 178, 192, 239, 242

IP, IP6, VLAN, QINQ, PPPOE = 0x800, 0x86dd, 0x8100, 0x88a8, 0x8864
MPLS = 0x8847
ICMP, IPIP, TCP, ICMP6 = 1, 4, 6, 58


IDENTS = itertools.count(1)


def flags_of(text):
    """Convert flag letters to the bits of the flags; "-" means no flag."""
    return sum(LETTERS[letter] for letter in text if letter != "-")


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packed(address):
    return ipaddress.ip_address(address).packed


def padded(options):
    """Pad options to a multiple of 4 bytes with the end-of-list option."""
    return options + b"\0" * (-len(options) % 4)


class Segment:
    """One TCP segment; doff and sum_ replace the correct values."""

    def __init__(self, source, target, flags, seq, ack=0, window=8000, size=0,
                 options=b"", urgent=0, doff=None, sum_=None):
        self.source = source		# (address, port)
        self.target = target
        self.flags = flags
        self.seq = seq & 0xffffffff
        self.ack = ack & 0xffffffff
        self.window = window
        self.size = size
        self.options = padded(options)
        self.urgent = urgent
        self.doff = doff
        self.sum = sum_

    def bytes(self):
        doff = 5 + len(self.options) // 4 if self.doff is None else self.doff
        fields = [self.source[1], self.target[1], self.seq, self.ack,
                  doff << 12 | self.flags, self.window]
        body = self.options + b"U" * self.size
        head = struct.pack(">HHIIHHHH", *fields, 0, self.urgent)
        total = self.sum
        if total is None:
            source, target = packed(self.source[0]), packed(self.target[0])
            length = len(head) + len(body)
            total = checksum(source + target +
                             struct.pack(">II", length, TCP) + head + body)
        return struct.pack(">HHIIHHHH", *fields, total, self.urgent) + body

    def packet(self, **more):
        """Return an IP packet with the segment."""
        make = ip6 if ":" in self.source[0] else ip4
        return make(self.source[0], self.target[0], self.bytes(), **more)


def ip4(source, target, payload, protocol=TCP, options=b"", length=None,
        fragment=0, ident=None, version=4, ihl=None, ttl=64, tos=0):
    """Return an IPv4 packet; fragment: the 16 bits of flags and offset. By
    default, packets have consecutive identifications."""
    if ident is None:
        ident = next(IDENTS) & 0xffff
    options = padded(options)
    ihl = 5 + len(options) // 4 if ihl is None else ihl
    if length is None:
        length = 20 + len(options) + len(payload)
    head = struct.pack(">BBHHHBBH4s4s", version << 4 | ihl, tos, length,
                       ident, fragment, ttl, protocol, 0,
                       packed(source), packed(target)) + options
    return (head[:10] + struct.pack(">H", checksum(head)) + head[12:] +
            payload)


def ip6(source, target, payload, protocol=TCP, length=None, version=6,
        ttl=64, tos=0):
    """Return an IPv6 packet; the payload includes any extension headers."""
    if length is None:
        length = len(payload)
    return struct.pack(">IHBB16s16s", version << 28 | tos << 20, length,
                       protocol, ttl, packed(source),
                       packed(target)) + payload


def icmp_error(source, target, quoted, kind=None, value=0):
    """Return an ICMP error that quotes a whole packet; kind: (type, code), by
    default those of "port unreachable"."""
    if ":" in source:
        body = struct.pack(">BBHI", *(kind or (1, 4)), 0, value) + quoted
        pseudo = (packed(source) + packed(target) +
                  struct.pack(">II", len(body), ICMP6))
        body = body[:2] + struct.pack(">H", checksum(pseudo + body)) + body[4:]
        return ip6(source, target, body, ICMP6)
    body = struct.pack(">BBHI", *(kind or (3, 3)), 0, value) + quoted
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    return ip4(source, target, body, ICMP)


def is_ip6(packet):
    return bool(packet) and packet[0] >> 4 == 6


def ethernet(packet, tags=(), kind=None, pad=True):
    """Return an Ethernet frame; tags: (type, VLAN), outermost first."""
    frame = bytes.fromhex("020000000002020000000001")
    for tag, number in tags:
        frame += struct.pack(">HH", tag, number)
    frame += struct.pack(">H", kind or (IP6 if is_ip6(packet) else IP))
    frame += packet
    return frame + b"\0" * (60 - len(frame)) if pad else frame


def pppoe(packet):
    """Return an Ethernet frame with PPPoE and PPP headers."""
    inner = struct.pack(">H", 0x57 if is_ip6(packet) else 0x21) + packet
    return ethernet(struct.pack(">BBHH", 0x11, 0, 1, len(inner)) + inner,
                    kind=PPPOE)


def sll(packet):
    """Return a Linux cooked frame."""
    kind = IP6 if is_ip6(packet) else IP
    return struct.pack(">HHH8sH", 0, 1, 6, b"\2\0\0\0\0\1", kind) + packet


def sll2(packet):
    kind = IP6 if is_ip6(packet) else IP
    return struct.pack(">HHIHBB8s", kind, 0, 2, 1, 0, 6,
                       b"\2\0\0\0\0\1") + packet


def null(packet, order="<"):
    """Return a BSD loopback frame. The address family is in host byte order or,
    for the link type LOOP, in network byte order. Some BSDs use the number 24
    for IPv6."""
    return struct.pack(order + "I", 24 if is_ip6(packet) else 2) + packet


def kind_of(packet):
    return struct.pack(">H", IP6 if is_ip6(packet) else IP)


def behind(text):
    """Return a function that puts a header, given in hexadecimal, and an
    Ethernet type before a packet."""
    return lambda packet: bytes.fromhex(text) + kind_of(packet) + packet


def ppp(packet):
    return b"\xff\3\0" + (b"\x57" if is_ip6(packet) else b"\x21") + packet


def frame_relay(packet):
    return b"\x18\x41\3" + (b"\x8e" if is_ip6(packet) else b"\xcc") + packet


def pflog(packet):
    """Return a PFLOG frame with FreeBSD's header."""
    return struct.pack("BB62x", 61, 28 if is_ip6(packet) else 2) + packet


def nflog(packet):
    family = 10 if is_ip6(packet) else 2
    return struct.pack("<BBHHHIHH", family, 0, 0, 8, 1, 0x80000,
                       4 + len(packet), 9) + packet


SNAP = "aaaa03000000"
MACS = "020000000001020000000002"
WLAN_DATA = "08010000" + MACS + "0200000000031000"
WLAN_QOS = "88010000" + MACS + "02000000000310000000"

LINKS = {
    "802.11": (WLAN, behind(WLAN_DATA + SNAP)),
    "802.11, QoS": (WLAN, behind(WLAN_QOS + SNAP)),
    "radiotap with FCS": (RADIOTAP, lambda p: behind(
        "000009000200000010" + WLAN_QOS + SNAP)(p) + bytes(4)),
    "radiotap, header padded": (RADIOTAP, behind(
        "000009000200000020" + WLAN_QOS + "0000" + SNAP)),
    "Prism": (PRISM, behind("44000000" "90000000" + 136 * "00" + WLAN_DATA +
                            SNAP)),
    "AVS": (AVS, behind("8021100100000040" + 56 * "00" + WLAN_DATA + SNAP)),
    "PPI": (PPI, behind("0000080069000000" + WLAN_DATA + SNAP)),
    "PPP": (PPP, ppp),
    "Cisco HDLC": (C_HDLC, behind("0f00")),
    "Cisco HDLC on a serial line": (PPP_SERIAL, behind("0f00")),
    "Frame Relay": (FRELAY, frame_relay),
    "Frame Relay, SNAP": (FRELAY, behind("1841030080000000")),
    "Frame Relay of Cisco": (FRELAY, behind("1841")),
    "FDDI": (FDDI, behind("50" + MACS + SNAP)),
    "Token Ring": (TOKEN_RING, behind("1040" + MACS + SNAP)),
    "Token Ring, source routed": (TOKEN_RING, behind(
        "1040020000000001820000000002063000110020" + SNAP)),
    "IPoIB": (IPOIB, lambda p: bytes(40) + kind_of(p) + bytes(2) + p),
    "ATM": (ATM, behind(SNAP)),
    "ATM, bridged": (ATM, lambda p: bytes.fromhex(
        "aaaa030080c200070000") + ethernet(p)),
    "SunATM": (SUNATM, behind("02000020" + SNAP)),
    "MPLS": (ETHERNET, lambda p: ethernet(bytes.fromhex(
        "0001004000011140") + p, kind=MPLS)),
    "OpenBSD enc": (ENC, lambda p: null(p)[:4] + bytes(8) + p),
    "PFLOG": (PFLOG, pflog),
    "NFLOG": (NFLOG, nflog),
    "802.3 SNAP in a tag": (ETHERNET, lambda p: ethernet(
        bytes.fromhex(SNAP) + kind_of(p) + p, [(VLAN, 7)], 8 + len(p))),
    "Juniper Ethernet": (JUNIPER_ETHER, lambda p: bytes.fromhex("4d474300") +
                         ethernet(p)),
    "Ethernet": (ETHERNET, ethernet),
    "802.1Q": (ETHERNET, lambda p: ethernet(p, [(VLAN, 7)])),
    "QinQ": (ETHERNET, lambda p: ethernet(p, [(QINQ, 7), (VLAN, 8)])),
    "802.1Q twice": (ETHERNET, lambda p: ethernet(p, [(VLAN, 7), (VLAN, 8)])),
    "PPPoE": (ETHERNET, pppoe),
    "raw IP": (RAW, lambda p: p),
    "cooked": (SLL, sll),
    "cooked v2": (SLL2, sll2),
    "BSD null": (NULL, null),
    "BSD null, big endian": (NULL, lambda p: null(p, ">")),
    "BSD loop": (LOOP, lambda p: null(p, ">")),
}

# link types with circuits: tshark tracks each circuit's connections separately,
# so its analysis differs
BY_CIRCUIT = {name for name, (link, _) in LINKS.items() if link == FRELAY}
# interfaces of a pcapng file: (resolution, offset in s) for each link type; a
# resolution of n means 10^-n s, 128 + n means 2^-n s
MIXED = {"Ethernet": (9, 0), "raw IP": (6, 10 ** 8), "cooked v2": (128 + 30, -5)}


class Frame:
    """A packet in a capture: its time, captured bytes and original length."""

    def __init__(self, time, data, snap=None, length=None):
        self.time = time		# ns
        self.data = data if snap is None else data[:snap]
        self.length = len(data) if length is None else length


def write_pcap(path, frames, link=ETHERNET, order="<", nano=True):
    magic, unit = (0xa1b23c4d, 1) if nano else (0xa1b2c3d4, 1000)
    with open(path, "wb") as file:
        file.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144,
                               link))
        for frame in frames:
            seconds, rest = divmod(frame.time, 10 ** 9)
            file.write(struct.pack(order + "IIII", seconds, rest // unit,
                                   len(frame.data), frame.length))
            file.write(frame.data)


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order):
    return block(order, 0x0a0d0d0a,
                 struct.pack(order + "IHHq", 0x1a2b3c4d, 1, 0, -1))


def interface(order, link, digits, offset=0):
    return block(order, 1, struct.pack(order + "HHI", link, 0, 0) +
                 struct.pack(order + "HHB3x", 9, 1, digits) +
                 struct.pack(order + "HHqHH", 14, 8, offset, 0, 0))


def enhanced(order, frame, number, digits, offset=0):
    units = 2 ** (digits - 128) if digits >= 128 else 10 ** digits
    time = (frame.time - offset * 10 ** 9) * units // 10 ** 9
    return block(order, 6, struct.pack(
        order + "IIIII", number, time >> 32, time & 0xffffffff,
        len(frame.data), frame.length) + frame.data)


def write_pcapng(path, frames, link=ETHERNET, order="<", digits=9):
    """Write a file with one section and one interface; timestamps have @digits
    decimal places."""
    with open(path, "wb") as file:
        file.write(section(order) + interface(order, link, digits))
        for frame in frames:
            file.write(enhanced(order, frame, 0, digits))


def write_mixed(path, frames):
    """Write a file with sections of both byte orders, each of which has the
    interfaces of MIXED; frames: (name of the interface, frame)."""
    names = list(MIXED)
    with open(path, "wb") as file:
        for i, (name, frame) in enumerate(frames):
            order = "<>"[i // 500 % 2]
            if i % 500 == 0:
                file.write(section(order))
                for each in names:
                    file.write(interface(order, LINKS[each][0], *MIXED[each]))
            file.write(enhanced(order, frame, names.index(name), *MIXED[name]))
