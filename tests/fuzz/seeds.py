#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""seeds.py TARGET FOLDER: write the inputs with which the fuzzer begins.

A seed only has to reach some code; the fuzzer's mutations find the bugs in
it."""
import bz2
import gzip
import itertools
import lzma
import pathlib
import struct
import sys

TESTS = pathlib.Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "diff"), str(TESTS / "client")]
import captures  # noqa: E402
import packets  # noqa: E402
from packets import ACK, FIN, PSH, RST, SYN, URG  # noqa: E402

IP4 = (("192.0.2.1", 40000), ("198.51.100.2", 443))
IP6 = (("2001:db8::1", 40000), ("2001:db8::2", 443))
SYN_OPTIONS = bytes.fromhex("020405b4 0402 080a0000000100000000 01 030307")
SACK_OPTIONS = bytes.fromhex("0101 080a0000000100000002 0101 0512"
                             "00000001000000020000000300000004")
ODD_OPTIONS = bytes.fromhex("1e0c0081 1122334455667788 22063333 4444"
                            "fe08f9890102 0304 1d04aabb 0305 ff")

# --- seeds for the parser: segment.c describes the 5 bytes before the packet


def extensions(body):
    """Put one IPv6 extension header of each kind before a segment. Return: the
    type of the first header, and the bytes."""
    chain = [(0, 8), (43, 16), (44, 8), (51, 24), (60, 8), (135, 8)]
    kinds = [kind for kind, _ in chain] + [6]
    out = b""
    for (kind, size), following in zip(chain, kinds[1:]):
        length = 0 if kind == 44 else size // 4 - 2 if kind == 51 \
            else size // 8 - 1
        out += struct.pack(">BB", following, length) + b"\0" * (size - 2)
    return kinds[0], out + body


def segment_packets():
    for ends, options in itertools.product(
            (IP4, IP6), (b"", SYN_OPTIONS, SACK_OPTIONS, ODD_OPTIONS)):
        yield packets.Segment(*ends, PSH | ACK, 1000, 2000, size=20,
                              options=options).packet()
    body = packets.Segment(*IP6, SYN, 1, options=SYN_OPTIONS).bytes()
    kind, body = extensions(body)
    yield packets.ip6(IP6[0][0], IP6[1][0], body, kind)
    yield packets.ip6(IP6[0][0], IP6[1][0], body, kind, length=0)
    body = packets.Segment(*IP4, FIN | ACK, 1, 2).bytes()
    yield packets.ip4(IP4[0][0], IP4[1][0], body, options=b"\1" * 8)
    yield packets.ip4(IP4[0][0], IP4[1][0], body, length=0)
    yield packets.ip4(IP4[0][0], IP4[1][0], body, fragment=0x2000)
    yield from icmp_packets()


def icmp_packets():
    """Yield an ICMP error of each kind, and an ICMP message that is no error;
    kinds: type, code, and the 4 bytes after the checksum."""
    for ends, kinds in (
            (IP4, [(3, 1, 0), (3, 4, 1280), (5, 1, 0), (11, 0, 0),
                   (12, 0, 20 << 24), (0, 0, 0)]),
            (IP6, [(1, 4, 0), (2, 0, 1280), (3, 0, 0), (4, 0, 6),
                   (137, 0, 0), (128, 0, 0)])):
        quoted = packets.Segment(*ends, SYN, 1, options=SYN_OPTIONS).packet()
        hosts = ends[1][0], ends[0][0]
        for kind, code, value in kinds:
            yield packets.icmp_error(*hosts, quoted, (kind, code), value)
        # quote only 8 bytes of the segment, as in RFC 792, or 7 bytes
        head = 20 if ends is IP4 else 40
        yield packets.icmp_error(*hosts, quoted[:head + 8])
        yield packets.icmp_error(*hosts, quoted[:head + 7])


def segment():
    heads = [struct.pack(">BHH", kind, number, cut)
             for kind, number, cut in ((0, 0, 30), (2, 9, 60), (0x82, 1, 44),
                                       (3, 4, 52), (5, 1, 70), (0x84, 80, 50))]
    for head, packet in itertools.product(heads, segment_packets()):
        yield head + packet


# --- seeds for the engine: decode.c describes the 8 bytes of a step

FLAGS = [ACK, ACK | PSH, SYN, SYN | ACK, FIN | ACK, RST, RST | ACK]
NEAR = {"nxt": 0, "contig": 5, "iss": 6, "fin": 7, "ack": 8, "right": 9,
        "far": 10, "hole": 12, "hole_end": 14, "raw": 15}
FAR = {0: 0, 1: 4, -1: 5, 2: 6, -2: 7, 10: 8, -10: 9, 100: 10, -100: 11,
       1000: 12, -1000: 13, 100000: 14}
SIZES = {0: 0, 1: 4, 2: 5, 10: 6, 100: 7, 500: 8, 1448: 9, "huge": 11,
         "window": 12, "hole": 13}
WINDOWS = {10000: 0, 0: 1, 500: 2, 65535: 3, "same": 5}
TIMES = {0: 0, 10: 1, 1000: 2, 30000: 3, 2000000: 4, "back": 6}	# us


def number(near):
    where, _, far = near.partition("+")
    return NEAR[where] | FAR[int(far or 0)] << 4


def step(host, flags, seq="nxt", ack="nxt", size=0, window="same", after=1000,
         options=0, act=0, raw=0):
    return struct.pack(">BBBBBBH",
                       host | FLAGS.index(flags) << 1 | TIMES[after] << 5,
                       number(seq), number(ack),
                       SIZES[size] | WINDOWS[window] << 4, options, act << 4,
                       raw)


def begin(kind=0, isns=0):
    return struct.pack(">BBHHH", kind, isns, 0, 1000, 0)


def handshake(options=0):
    return [step(0, SYN, window=65535, options=options),
            step(1, SYN | ACK, window=65535, options=options),
            step(0, ACK, options=options & 1, window=10000)]


def close(first=0):
    return [step(first, FIN | ACK), step(not first, FIN | ACK),
            step(first, ACK)]


def data(host, size=100, **how):
    return step(host, ACK | PSH, size=size, **how)


def engine_scenes():
    both = [data(0), data(1), step(0, ACK)]
    yield both + close(1)
    yield both + [step(0, RST | ACK)]
    # a lost segment, duplicate ACKs, and the retransmission
    yield [data(0), data(0, seq="nxt+100"), step(1, ACK, ack="contig"),
           step(1, ACK, ack="contig"), step(1, ACK, ack="contig"),
           data(0, seq="hole"), step(1, ACK)] + close()
    # more gaps than the engine can store, then data in the lowest gap
    yield [data(0, seq="nxt+100") for _ in range(6)] + \
          [data(0, seq="hole+10", size=10), step(1, ACK), step(1, ACK)]
    yield [data(0, seq="nxt+100"), data(0, seq="hole_end+-10"),
           step(1, ACK)] + close()
    # the window closes, the sender probes it, and it opens again
    yield [step(1, ACK, window=0), data(0, size=1), step(1, ACK),
           data(0, size=1, seq="nxt+-1"), step(1, ACK, window=500),
           data(0, size="window"), step(1, ACK)]
    # keep-alives
    yield [data(0), step(1, ACK), step(0, ACK, seq="nxt+-1"), step(1, ACK)]
    # segments that must not be accepted
    yield [step(0, RST, seq="nxt+100"), step(1, ACK), step(0, SYN),
           step(1, ACK), data(0, ack="nxt+1000"), data(0, seq="right+100"),
           step(1, RST, seq="nxt"), step(0, ACK)]
    # outside the window, but acknowledged
    yield [data(0, seq="right+1000"), data(0, seq="right+1000"),
           step(0, FIN | ACK, seq="right+1000"), step(1, ACK, ack="right"),
           step(1, ACK, ack="nxt+1000")]
    # FINs that cross, and a second connection between the same ends
    yield [step(0, FIN | ACK), step(1, FIN | ACK, ack="fin"), step(0, ACK),
           step(1, ACK), step(0, SYN, raw=9, act=0)] + handshake()
    yield close() + [step(0, SYN, seq="iss"), step(0, SYN, seq="nxt+1000"),
                     step(1, SYN | ACK), step(0, ACK)]
    # a history that becomes full
    yield [step(i % 2, (RST, FIN | ACK)[i % 4 // 2], seq="raw", raw=1000 * i)
           for i in range(45)]
    yield [data(0, after="back", raw=500), step(1, ACK, after="back", raw=9)]
    yield both + [step(0, ACK, act=14), data(0), step(0, ACK, act=15)]


def engine():
    scenes = list(engine_scenes())
    for kind, isns, options in ((0, 0, 0), (8, 0x33, 1), (0, 0x12, 3),
                                (0, 0x54, 7), (7, 0x22, 0), (8, 0x21, 15)):
        for scene in scenes:
            yield begin(kind, isns) + b"".join(handshake(options) + scene)
            yield begin(kind, isns) + b"".join(scene)
    yield begin() + step(0, SYN) + step(0, SYN, seq="iss") + \
        step(1, RST | ACK)
    yield begin() + step(0, SYN) + step(1, SYN) + step(0, SYN | ACK) + \
        step(1, SYN | ACK)
    yield begin() + step(1, SYN | ACK) + step(0, ACK) + step(1, RST)
    # one direction only: a gap, then data that covers all sequence numbers
    yield begin() + step(0, ACK) + data(0, seq="nxt+10") + \
        5 * data(0, size="huge")
    # segments beyond the window, with an old segment between two of them
    yield begin() + step(0, SYN) + step(1, SYN | ACK, window=500) + \
        step(0, ACK) + data(0, size=500) + data(0) + data(0) + \
        data(0, seq="iss+1", size=1) + data(0, seq="far") + \
        step(1, ACK, ack="far")


# --- seeds for the reader of captures: capture files


def conversation(ends):
    there, here = ends, ends[::-1]
    return [packets.Segment(*there, SYN, 100, options=SYN_OPTIONS),
            packets.Segment(*here, SYN | ACK, 900, 101, options=SYN_OPTIONS),
            packets.Segment(*there, ACK, 101, 901),
            packets.Segment(*there, PSH | ACK, 101, 901, size=50),
            packets.Segment(*here, ACK, 901, 151, options=SACK_OPTIONS),
            packets.Segment(*there, PSH | ACK | URG, 201, 901, size=50),
            packets.Segment(*here, FIN | ACK, 901, 151),
            packets.Segment(*there, RST, 251)]


def errors(ends):
    """Return a SYN, a handshake, and a data segment that is too big. An ICMP
    error of a router follows the first SYN, and another follows the data."""
    router = "2001:db8::99" if ends is IP6 else "192.0.2.99"
    too_big = (2, 0) if ends is IP6 else (3, 4)
    host = ends[0][0]
    syn, data = (packets.Segment(*ends, SYN, 100).packet(),
                 packets.Segment(*ends, ACK, 101, 901, size=50).packet())
    return [syn, packets.icmp_error(router, host, syn),
            syn, *(s.packet() for s in conversation(ends)[1:3]),
            data, packets.icmp_error(router, host, data, too_big, 1280)]


def capture_file(write, link, frames, **how):
    path = pathlib.Path(sys.argv[2]) / "capture"
    write(path, frames, link, **how)
    content = path.read_bytes()
    path.unlink()
    return content


def captured(frame, ends, snap=None):
    """The conversation in frames."""
    return [packets.Frame(10 ** 18 + i * 10 ** 6, frame(s.packet()), snap)
            for i, s in enumerate(conversation(ends))]


def cut(frame, ends, first):
    """Return a SYN in many lengths: truncated after every second byte."""
    whole = frame(conversation(ends)[0].packet())
    return [packets.Frame(0, whole, snap) for snap in range(first, 90, 2)]


def snap(packet):
    """Return an 802.3 frame with LLC and SNAP headers."""
    kind = packets.IP6 if packets.is_ip6(packet) else packets.IP
    inner = bytes.fromhex("aaaa03000000") + struct.pack(">H", kind) + packet
    return packets.ethernet(inner, kind=len(inner))


def through(proto, head, packet):
    """Return an IPv4 packet that tunnels a packet."""
    return packets.ip4("10.0.0.1", "10.0.0.2", bytes.fromhex(head) + packet,
                       proto)


def through_udp(port, head, packet):
    inner = bytes.fromhex(head) + packet
    return through(17, "", struct.pack(">HHHH", 50000, port, 8 + len(inner),
                                       0) + inner)


def tunnels(packet):
    """Yield the packet in tunnels of many kinds, and in nested tunnels."""
    framed = packets.ethernet(packet, pad=False)
    proto = 41 if packets.is_ip6(packet) else 4
    kind = f"{packets.IP6 if proto == 41 else packets.IP:04x}"
    yield through(proto, "", packet)
    yield through(47, "0000" + kind, packet)
    yield through(47, "f000" + kind + "0" * 8 + "00000007" + "00000001" +
                  "08000404" "0a000001" + "0" * 8, packet)
    yield through(47, "100088be00000001" "1000002500000000", framed)
    yield through(47, "100022eb00000001" "2000002500000000" "00000001" +
                  "0" * 16, framed)
    yield through(47, f"3081880b{len(packet) + 3:04x}0009" "00000001"
                  "00000001" + ("57" if proto == 41 else "21"), packet)
    yield through(97, "3000", framed)
    yield through(137, "00011140", packet)
    yield through_udp(4789, "0800000000004800", framed)
    yield through_udp(4790, "0c000003" "00004800", framed)
    yield through_udp(6081, "02006558" "00004900" "0102000100000000", framed)
    yield through_udp(2152, f"34ff{len(packet) + 8:04x}0000abcd" "00000085"
                      "01000000", packet)
    yield through_udp(3544, "00010000" + "00" * 9 + "00" * 8, packet)
    yield through_udp(6635, "00011140", packet)
    yield through(4, "", through_udp(4789, "0800000000004800", framed))


def pieces(segment):
    """Split a segment into IPv4 or IPv6 fragments of 16 bytes."""
    body = segment.bytes()
    six = ":" in segment.source[0]
    ends = segment.source[0], segment.target[0]
    for begin in range(0, len(body), 16):
        more = begin + 16 < len(body)
        part = body[begin:begin + 16]
        if six:
            part = struct.pack(">BBHI", 6, 0, begin | more, 9) + part
            yield packets.ip6(*ends, part, 44)
        else:
            yield packets.ip4(*ends, part,
                              fragment=begin // 8 | more << 13)


def unwrapping():
    for ends in IP4, IP6:
        yield errors(ends)
        talk = conversation(ends)
        for i in range(len(list(tunnels(talk[0].packet())))):
            yield [list(tunnels(s.packet()))[i] for s in talk[:4]]
        yield [piece for s in talk for piece in pieces(s)]
        yield [through(47, "00000800" if ends is IP4 else "000086dd", piece)
               for s in talk[:4] for piece in reversed(list(pieces(s)))]


def capture():
    for found in unwrapping():
        yield capture_file(packets.write_pcap, packets.RAW, [
            packets.Frame(10 ** 18 + i * 10 ** 6, packet, None)
            for i, packet in enumerate(found)])
    links = [*packets.LINKS.values(), (packets.ETHERNET, snap)]
    for (link, frame), ends in itertools.product(links, (IP4, IP6)):
        for write in packets.write_pcap, packets.write_pcapng:
            yield capture_file(write, link, captured(frame, ends))
        for first in 0, 1:
            yield capture_file(packets.write_pcap, link,
                               cut(frame, ends, first))
    link, frame = packets.LINKS["Ethernet"]
    yield capture_file(packets.write_pcap, link, captured(frame, IP4, 60))
    yield capture_file(packets.write_pcap, link, captured(frame, IP4), order=">",
                       nano=False)
    yield capture_file(packets.write_pcapng, link, captured(frame, IP6),
                       order=">", digits=6)
    data = capture_file(packets.write_pcap, link, captured(frame, IP4))
    for compress in (gzip.compress, bz2.compress, lzma.compress,
                     captures.zstd, captures.lz4):
        yield compress(data)
    yield gzip.compress(captures.lz4(data))


# --- seeds for the reader of pcapng: pcapng files


def blocks(order):
    """Yield blocks of many kinds."""
    yield captures.section(order)
    yield captures.interface(packets.ETHERNET, order, 9, 60, 5)
    yield captures.interface(packets.RAW, order, 128 + 20)
    yield captures.enhanced(b"x" * 60, 10 ** 18, 0, order, wire=99)
    yield captures.enhanced(b"y" * 41, 10 ** 15, 1, order)
    yield captures.block(3, struct.pack(order + "I", 90) + b"z" * 60, order)
    yield captures.block(2, struct.pack(order + "HHIIII", 1, 2, 3, 4, 5, 6) +
                         b"12345", order)
    yield captures.block(4, b"\0" * 4, order)
    yield captures.block(0xbad, b"custom", order)


def pcapng():
    both = [list(blocks(order)) for order in "<>"]
    for these in both:
        yield b"".join(these)
        # with only one interface, so that libpcap accepts the file
        yield b"".join(these[:2] + these[3:4] + these[5:6] + these[7:])
        yield b"".join(these[:1] + these[2:3] + these[5:6] + these[3:4])
        yield b"".join(these[:2] * 2 + these[3:4] * 3)
        yield b"".join(these[:3])
    yield b"".join(both[0] + both[1] + both[0])
    for digits in 0, 3, 6, 9, 12, 19, 128, 129, 160, 191:
        yield captures.section() + captures.interface(digits=digits) + \
            captures.enhanced(b"x" * 9, 0x123456789abcdef)


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for i, seed in enumerate({"segment": segment, "engine": engine,
                              "capture": capture,
                              "pcapng": pcapng}[target]()):
        (folder / f"seed-{i:03}").write_bytes(seed)


main()
