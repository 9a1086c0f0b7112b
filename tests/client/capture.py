# SPDX-License-Identifier: GPL-2.0
"""Test capture files: formats, wrong lengths, and broken files."""
import bz2
import gzip
import lzma
import os
import random
import struct

import captures
from captures import (ACK, RAW, SYN, T0, Talk, block, enhanced, ether,
                      interface, ip4, ip6, section, tcp)
from tap import case, cases, contains, equal, one_line

FRAMES = Talk().handshake()
STEP = 1234567


@cases("format", [
    ("pcap", captures.pcap(FRAMES, step=STEP), 1000),
    ("pcap, big endian", captures.pcap(FRAMES, order=">", step=STEP), 1000),
    ("pcap, nanoseconds", captures.pcap(FRAMES, nano=True, step=STEP), 1),
    ("pcap, nanoseconds, big endian",
     captures.pcap(FRAMES, nano=True, order=">", step=STEP), 1),
    ("pcapng", captures.pcapng(FRAMES, step=STEP), 1000),
    ("pcapng, big endian", captures.pcapng(FRAMES, order=">", step=STEP),
     1000),
    ("pcapng, nanoseconds", captures.pcapng(FRAMES, digits=9, step=STEP), 1),
    ("pcapng, milliseconds", captures.pcapng(FRAMES, digits=3, step=STEP),
     1000000),
])
def formats(client, data, unit):
    got = client.replay(data, "-e", "segment")
    equal([event["time"] for event in got],
          [(T0 + i * STEP) // unit * unit for i in range(3)])
    equal([event["frame"] for event in got], [1, 2, 3])
    equal([event["flags"] for event in got], ["S", "SA", "A"])


@case("wall is the time of the file")
def wall(client):
    got = client.replay(captures.pcap(FRAMES, nano=True, step=STEP),
                        "-e", "segment")
    equal([event["wall"] for event in got],
          ["2023-11-14T22:13:20.000000000Z", "2023-11-14T22:13:20.001234567Z",
           "2023-11-14T22:13:20.002469134Z"])
    got = client.replay(captures.pcap(FRAMES, step=-86400 * 10**9),
                        "-e", "segment")
    equal([event["wall"][:19] for event in got],
          ["2023-11-14T22:13:20", "2023-11-13T22:13:20",
           "2023-11-12T22:13:20"])


@case("times past 2038: timestamps are unsigned 32-bit numbers")
def late(client):
    data = captures.header() + struct.pack("<IIII", 2**32 - 1, 5, 54, 54) + \
        FRAMES[0]
    got = client.replay(data, "-e", "segment")
    equal(got[0]["wall"], "2106-02-07T06:28:15.000005000Z")


@case("the padding of Ethernet is not payload")
def padding(client):
    frames = [frame.ljust(60, b"\0") for frame in FRAMES]
    got = client.replay(captures.pcap(frames), "-e", "segment")
    equal([event["len"] for event in got], [0, 0, 0])


@case("lengths come from the IP header, even if little was captured")
def snapped(client):
    talk = Talk()
    frames = talk.handshake() + [talk(0, ACK, 1, 1, 1400)]
    got = client.replay(captures.pcap(frames, snap=54), "-e", "segment")
    equal([event["len"] for event in got], [0, 0, 0, 1400])


@case("a packet above 64 KiB, before segmentation")
def offloaded(client):
    packet = ip4(tcp(40000, 80, ACK, 1, 1, 70000), total=0)
    got = client.replay(captures.pcap([ether(packet)], snap=100),
                        "-e", "segment")
    equal(got[0]["len"], 70000)


OPTIONS = bytes.fromhex("020405b4 0402 080a 00000001 00000000 01 030307")


@cases("cut at every byte", [("IPv4", ip4, 14 + 20), ("IPv6", ip6, 14 + 40)])
def every_cut(client, make, tcp_at):
    """Check that a segment is tracked if the capture has the first 16 bytes of
    its TCP header, which end with the window."""
    frame = ether(make(tcp(40000, 80, SYN, 7, length=30, options=OPTIONS)))
    for size in range(14, len(frame) + 1):
        data = captures.pcap([frame], snap=size)
        got = client.counts(data)
        equal(got.pop("packets"), 1)
        if size == 14:
            equal(got, {"link_truncated": 1}, size)
        elif size < tcp_at + 16:
            equal(got, {"truncated": 1}, size)
        else:
            cut = size < tcp_at + 20 + len(OPTIONS)
            equal((got["tracked"], got.get("tcp_cut", 0)), (1, cut), size)


@case("options that were cut off are absent, but earlier ones are present")
def cut_options(client):
    frame = ether(ip4(tcp(40000, 80, SYN, 7, length=30, options=OPTIONS)))
    at = 14 + 20 + 20
    some = {"mss": 1460}
    more = {"mss": 1460, "sack_perm": True}
    every = {**more, "timestamp": True, "tsval": 1, "tsecr": 0, "wscale": 7}
    for size, want in ((-4, {}), (0, {}), (3, {}), (4, some), (5, some),
                       (6, more), (15, more), (20, every)):
        got = client.replay(captures.pcap([frame], snap=at + size),
                            "-e", "segment")[0]
        equal((got["options"], got["len"], got["hdr_len"]), (want, 30, 40),
              size)


@case("a header that was cut off has no class, but the segment counts")
def cut_analysis(client):
    talk = Talk()
    frames = talk.handshake() + [talk(0, ACK, 1, 1, 100)] * 2
    for snap, want in ((14 + 20 + 19, []), (14 + 20 + 20, ["retransmission"])):
        data = captures.pcap(frames, snap=snap, step=100 * captures.MS)
        got = client.replay(data, "-e", "segment")
        equal([event["analysis"] for event in got], [[]] * 4 + [want])
    data = captures.pcap(frames[:4], snap=14 + 20 + 16) + \
        captures.record(frames[4], T0 + 10**9)
    got = client.replay(data, "-e", "segment,close")
    equal(got[4]["analysis"], ["retransmission"])
    equal(got[5]["a2b"]["rexmit_packets"], 1)


@case("a packet that is longer than its frame ends with the frame")
def longer(client):
    frame = ether(ip4(tcp(40000, 80, ACK, 7, length=30), total=2000))
    got = client.replay(captures.pcap([frame]), "-e", "segment")[0]
    equal(got["len"], 30)


@case("a header length below 20 bytes: analysed, but in no connection")
def short_header(client):
    talk = Talk()
    frames = talk.handshake() + [talk(0, ACK, 1, 1, 100, doff=4),
                                 talk(0, ACK, 1, 1, 104)]
    data = captures.pcap(frames, step=100 * captures.MS)
    got = client.replay(data, "-e", "segment,close")
    equal([(e["conn"], e.get("analysis")) for e in got[3:]],
          [(0, []), (1, ["retransmission"]), (1, None)])
    equal(got[5]["a2b"]["packets"], 3)
    equal(client.counts(data)["tcp_doff"], 1)


@case("fewer bytes on the wire than captured: the captured bytes count")
def wire_lies(client):
    for wire in (0, 1, 20, 40):
        got = client.replay(captures.pcap(FRAMES, wire=wire), "-e", "segment")
        equal([event["flags"] for event in got], ["S", "SA", "A"], wire)


@cases("no capture: one line, exit 1", [
    ("empty", b"", "truncated"), ("text", b"hello, world\n" * 9, "format"),
    ("half a header", captures.header()[:13], "truncated"),
    ("version 9", captures.header()[:4] + b"\t\0" + captures.header()[6:],
     "version"),
])
def no_capture(client, data, why):
    path = client.path("capture", data)
    for command in ("watch", "list", "stats"):
        out, err = client.run(command, "-r", path, code=1)
        equal(out, "")
        one_line(err)
        contains(err, path, why)


@cases("no file: one line, exit 1", [
    ("missing", "/nonexistent", "No such file"),
    ("a directory", "/", "directory"),
])
def no_file(client, path, why):
    _, err = client.run("watch", "-r", path, code=1)
    one_line(err)
    contains(err, path, why)


WHOLE = captures.pcap(FRAMES)


@cases("broken: the packets before are shown, one line, exit 1", [
    ("a packet is cut off", WHOLE[:-1], 2),
    ("a packet's header is cut off", WHOLE[:-60], 2),
    ("a pcapng is cut off", captures.pcapng(FRAMES)[:-9], 2),
    ("2^32 - 1 bytes captured", WHOLE + captures.record(
        FRAMES[0], T0, caplen=2**32 - 1, wire=2**32 - 1), 3),
    ("300000 bytes captured", WHOLE + captures.record(
        bytes(300000), T0), 3),
    ("a block of 2^32 - 4 bytes", captures.pcapng(FRAMES) +
     struct.pack("<II", 6, 2**32 - 4) + bytes(64), 3),
    ("a block of 3 bytes", captures.pcapng(FRAMES) +
     struct.pack("<II", 6, 3) + bytes(64), 3),
])
def broken(client, data, packets):
    path = client.path("capture", data)
    out, err = client.run("watch", "-r", path, "-e", "segment,close", "--json",
                          code=1)
    equal(out.count('"event":"segment"'), packets)
    equal(out.count('"reason":"end-of-capture"'), 1)
    one_line(err)
    contains(err, path, f"after packet {packets}: ")
    for command in ("list", "stats"):
        out, err = client.run(command, "-r", path, code=1)
        contains(out, {"list": "10.0.0.2:40000", "stats": "tracked"}[command])
        one_line(err)


def damage(data, seed):
    """Change a few bytes, some to 0 or 255, and perhaps cut off the end."""
    rand = random.Random(seed)
    data = bytearray(data)
    for _ in range(rand.randrange(1, 6)):
        data[rand.randrange(len(data))] = rand.choice(
            (0, 255, rand.randrange(256)))
    return bytes(data[:rand.randrange(len(data) // 2, len(data) + 1)])


@cases("damaged files end with or without a message", [
    ("pcap", captures.pcap(FRAMES * 3)),
    ("pcapng", captures.pcapng(FRAMES * 3)),
])
def damaged(client, data):
    for seed in range(40):
        path = client.path("capture", damage(data, seed))
        process = client.start("watch", "-r", path, "-e", "all", "--json",
                               stdout=-1)
        out, err = process.communicate(timeout=20)
        if process.returncode not in (0, 1) or b"Sanitizer" in err or \
                err.count(b"\n") != process.returncode:
            raise AssertionError((seed, process.returncode, err))


@case("a filter leaves packets out, and frames keep their numbers")
def filtered(client):
    one, two = Talk(port=1111), Talk(port=2222)
    frames = [frame for pair in zip(one.handshake(), two.handshake())
              for frame in pair]
    data = captures.pcap(frames)
    got = client.replay(data, "-e", "segment", "tcp", "port", "2222")
    equal([event["frame"] for event in got], [2, 4, 6])
    got = client.replay(data, "-e", "segment", "tcp port 2222 and",
                        "tcp[13] & 16 != 0")
    equal([event["frame"] for event in got], [4, 6])
    equal(client.counts(data, "port", "2222")["filtered"], 3)
    out, _ = client.run("list", "-r", client.path("capture", data), "port",
                        "1111", "--no-header")
    equal(out.split()[1], "10.0.0.2:1111")


@case("an invalid filter: one line, exit 1")
def bad_filter(client):
    path = client.path("capture", WHOLE)
    for command in ("watch", "list", "stats"):
        out, err = client.run(command, "-r", path, "tcp", "prot", "80", code=1)
        equal(out, "")
        one_line(err)
        contains(err, "filter 'tcp prot 80'", "syntax error")


@case("standard input")
def standard_input(client):
    for data in (WHOLE, captures.pcapng(FRAMES)):
        out, err = client.run("watch", "-r", "-", "-e", "segment", input=data)
        equal((out.count("SEGMENT"), err), (3, ""))
    _, err = client.run("watch", "-r", "-", input=WHOLE[:-1], code=1)
    contains(err, "standard input: after packet 2: ")


@case("standard input: a file is read from its position, not its beginning")
def standard_input_inside(client):
    for data in WHOLE, captures.pcapng(FRAMES), gzip.compress(WHOLE):
        with open(client.path("capture", b"before" + data), "rb") as file:
            os.lseek(file.fileno(), 6, os.SEEK_SET)
            out, err = client.run("watch", "-r", "-", "-e", "segment",
                                  stdin=file)
        equal((out.count("SEGMENT"), err), (3, ""))


COMPRESSIONS = [
    ("gzip", gzip.compress), ("zstd", captures.zstd), ("lz4", captures.lz4),
    ("xz", lzma.compress), ("bzip2", bz2.compress),
]


@cases("compressed", COMPRESSIONS)
def compressed(client, compress):
    for data in WHOLE, captures.pcapng(FRAMES):
        got = client.replay(compress(data), "-e", "segment")
        equal([(event["frame"], event["flags"]) for event in got],
              [(1, "S"), (2, "SA"), (3, "A")])
        out, err = client.run("watch", "-r", "-", "-e", "segment",
                              input=compress(data))
        equal((out.count("SEGMENT"), err), (3, ""))


@case("compressed: twice, and two files one after the other")
def compressed_twice(client):
    got = client.replay(gzip.compress(captures.lz4(WHOLE)), "-e", "segment")
    equal(len(got), 3)
    for pack in gzip.compress, captures.lz4, captures.zstd:
        got = client.replay(pack(WHOLE[:99]) + pack(WHOLE[99:]), "-e",
                            "segment")
        equal(len(got), 3)


def long_capture():
    """Return: a capture with payload that cannot be compressed."""
    rand, talk = random.Random(1), Talk()
    frames = talk.handshake() + [
        talk(0, ACK, 1 + i * 100, 1)[:54] + rand.randbytes(100)
        for i in range(12000)]
    return captures.pcap(frames)


@cases("compressed, cut off: the packets before are shown", COMPRESSIONS)
def compressed_cut(client, compress):
    data = compress(long_capture())
    path = client.path("capture", data[:len(data) * 9 // 10])
    out, err = client.run("list", "-r", path, code=1)
    contains(out, "10.0.0.2:40000")
    one_line(err)
    contains(err, f"{path}: after packet 1")
    path = client.path("capture", compress(WHOLE)[:-20])
    _, err = client.run("list", "-r", path, code=1)
    one_line(err)


@case("compressed, damaged: the packets before are shown")
def compressed_damaged(client):
    data = bytearray(gzip.compress(long_capture()))
    middle = len(data) // 2
    data[middle:middle + 99] = b"\xff" * 99
    path = client.path("capture", bytes(data))
    out, err = client.run("list", "-r", path, code=1)
    contains(out, "10.0.0.2:40000")
    one_line(err)
    contains(err, f"{path}: after packet ", ": gzip: ")


@cases("compressed, not a capture: one line, exit 1", [
    ("gzip", gzip.compress(b"")), ("zstd", captures.zstd(b"x")),
    ("text", bz2.compress(b"hello, world\n" * 9)),
])
def compressed_nothing(client, data):
    _, err = client.run("watch", "-r", client.path("capture", data), code=1)
    one_line(err)


def sent(client, *blocks):
    """Return: for each segment, its flags and its time in ns after T0."""
    return [(event["flags"], event["time"] - T0)
            for event in client.replay(b"".join(blocks), "-e", "segment")]


SECOND = T0 // 10**9
MIXED = [section(), interface(), interface(RAW, digits=9),
         interface(RAW, digits=128 + 10, offset=SECOND),
         enhanced(FRAMES[0], SECOND * 10**6 + 1),
         enhanced(FRAMES[1][14:], T0 + 2000, 1),
         enhanced(FRAMES[2][14:], 1, 2)]


@case("pcapng: interfaces of different link types and time resolutions")
def mixed(client):
    equal(sent(client, *MIXED), [("S", 1000), ("SA", 2000), ("A", 976562)])


@case("pcapng: an interface is described after a packet")
def late_interface(client):
    order = MIXED[:2] + MIXED[4:5] + MIXED[2:3] + MIXED[5:6] + MIXED[3:4] + \
        MIXED[6:]
    equal(len(sent(client, *order)), 3)


@case("pcapng: a filter has a program for each link type")
def mixed_filter(client):
    data = b"".join(MIXED)
    got = client.replay(data, "-e", "segment", "tcp[13] & 16 != 0")
    equal([event["frame"] for event in got], [2, 3])
    equal(client.counts(data, "dst port 80")["filtered"], 1)
    _, err = client.run("watch", "-r", client.path("capture", data),
                        "mpls", code=1)
    one_line(err)
    contains(err, "filter 'mpls'")


@case("pcapng: sections, each with its byte order and interfaces")
def sections(client):
    second = [section(">"), interface(RAW, ">", digits=0),
              enhanced(FRAMES[1][14:], SECOND, 0, ">")]
    equal(sent(client, *MIXED[:5], *second, *MIXED[:4], MIXED[6]),
          [("S", 1000), ("SA", 0), ("A", 976562)])


@cases("pcapng: time resolution", [
    ("10^-12", 12, 10**18 + 1999, 10**15 + 1), ("10^-19", 19, 12345678901, 1),
    ("seconds", 0, SECOND, T0), ("2^-1", 129, SECOND * 2 + 1, T0 + 5 * 10**8),
    ("2^-32", 160, (SECOND << 32) + (3 << 30), T0 + 75 * 10**7),
    ("2^-63", 191, 3 << 62, 15 * 10**8),
])
def resolution(client, digits, time, want):
    got = client.replay(section() + interface(digits=digits) +
                        enhanced(FRAMES[0], time), "-e", "segment")
    equal(got[0]["time"], want)


@case("pcapng: if_tsoffset, also negative")
def offset(client):
    for seconds in 1000, -1000:
        equal(sent(client, section(), interface(offset=seconds),
                   enhanced(FRAMES[0], (SECOND - seconds) * 10**6)),
              [("S", 0)])


@case("pcapng: simple and obsolete packet blocks, unknown blocks")
def old_blocks(client):
    talk = Talk()
    name = block(4, b"\0" * 4)
    custom = block(0xbad, struct.pack("<I", 32473) + b"x" * 99)
    simple = block(3, struct.pack("<I", 1000) + talk(0, ACK, 1, 1, 946)[:90])
    old = block(2, struct.pack("<HHIIII", 0, 7, SECOND * 10**6 >> 32,
                               SECOND * 10**6 & 0xffffffff, 54, 54) +
                FRAMES[0])
    got = client.replay(section() + interface(snaplen=90) + name + old +
                        custom + simple + name, "-e", "segment")
    equal([(e["frame"], e["time"], e["flags"], e["len"]) for e in got],
          [(1, T0, "S", 0), (2, 0, "A", 946)])


@case("pcapng: packets of a link type that is not supported are counted")
def mixed_unknown(client):
    data = section() + interface(249) + interface() + \
        enhanced(b"x" * 99, 1) + enhanced(FRAMES[0], 1, 1)
    for words in [], ["port", "80"]:
        got = client.counts(data, *words)
        equal((got["packets"], got["link_type"], got["tracked"]), (2, 1, 1))


@case("pcapng: no interface of a link type that is supported")
def only_unknown(client):
    for rest in enhanced(b"x" * 99, 1), b"":
        path = client.path("capture", section() + interface(249) + rest)
        _, err = client.run("watch", "-r", path, code=1)
        one_line(err)
        contains(err, path)


@cases("pcapng, broken: one line, exit 1", [
    ("no interface", [section()], "no interface"),
    ("a packet before its interface", [section(), MIXED[4]], "unknown interface: 0"),
    ("a packet of interface 3", MIXED[:5] + [enhanced(FRAMES[1], 1, 3)],
     "after packet 1: unknown interface: 3"),
    ("interfaces of another section", MIXED[:5] + [section(), MIXED[5]],
     "after packet 1: unknown interface: 1"),
    ("byte order", [section()[:8] + b"abcd" + section()[12:]], "byte-order magic: "),
    ("version 2", [section(version=2)], "version: 2.0"),
    ("lengths that differ", MIXED[:5] + [MIXED[5][:-4] + b"\x60\0\0\0"],
     "block lengths differ: 72 and 96"),
    ("a length of 13", MIXED[:5] + [struct.pack("<II", 6, 13) + b"x" * 99],
     "invalid block length: 13"),
    ("a packet longer than its block",
     MIXED[:5] + [enhanced(FRAMES[0], 1, caplen=57)], "packet too long: 57 bytes"),
    ("a simple packet longer than its block",
     MIXED[:5] + [block(3, struct.pack("<I", 61) + b"x" * 60)],
     "packet too long: 61 bytes"),
    ("an option longer than its block", [section(), block(
        1, struct.pack("<HHIHH", 1, 0, 0, 2, 5) + b"abcd")], "option 2"),
    ("10^-20 seconds", [section(), interface(digits=20)], "10^-20"),
    ("2^-64 seconds", [section(), interface(digits=192)], "2^-64"),
])
def broken_pcapng(client, blocks, why):
    path = client.path("capture", b"".join(blocks))
    out, err = client.run("watch", "-r", path, "-e", "segment", code=1)
    equal(out.count("SEGMENT"), blocks[1:5] == MIXED[1:5])
    one_line(err)
    contains(err, path, why)
