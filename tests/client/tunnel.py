# SPDX-License-Identifier: GPL-2.0
"""Test tunnels and fragments in captures, and the report of skipped packets.
Tunnel headers are in hexadecimal, byte by byte. If tshark is
installed, it must find the same segments as the client."""
import json
import shutil
import struct
import subprocess

import captures
from captures import ACK, RST, SYN, Talk, ether, ip4, ip6, tcp
from tap import Skip, case, cases, contains, equal

SEGMENT = tcp(40000, 80, SYN, seq=7)
INNER4 = ip4(SEGMENT, "192.168.7.2", "192.168.7.1")
INNER6 = ip6(SEGMENT, "2001:db8:7::2", "2001:db8:7::1")


def udp(port, payload, sport=50000):
    return struct.pack(">HHHH", sport, port, 8 + len(payload), 0) + payload


def over(proto, header, inner):
    """Return a frame with an outer IPv4 header, a tunnel header and the inner
    packet."""
    return ether(ip4(bytes.fromhex(header) + inner, proto=proto))


def over_udp(port, header, inner):
    return ether(ip4(udp(port, bytes.fromhex(header) + inner), proto=17))


ETHER = ether(INNER4)[:12]
GTP_LEN = f"{len(INNER4):04x}"
GTP_LONG = f"{len(INNER4) + 8:04x}"

# name, frame, IP version of the inner packet, tunnel type, tunnel identifier
TUNNELS = [
    ("VXLAN", over_udp(4789, "0800000000004800", ether(INNER4)), 4,
     "vxlan", 0x48),
    ("VXLAN, the port of Linux", over_udp(8472, "0800000000004800",
                                          ether(INNER6)), 6, "vxlan", 0x48),
    ("VXLAN-GPE", over_udp(4790, "0c00000100004800", INNER4), 4, "vxlan",
     0x48),
    ("Geneve", over_udp(6081, "0000655800004900", ether(INNER4)), 4,
     "geneve", 0x49),
    ("Geneve with options", over_udp(6081, "0200080000004900" + "0102000100000000",
                                     INNER4), 4, "geneve", 0x49),
    ("GRE", over(47, "00000800", INNER4), 4, "gre", 0),
    ("GRE, IPv6", over(47, "000086dd", INNER6), 6, "gre", 0),
    ("GRE with all fields", over(47, "b0000800" + "0" * 8 + "00000007" +
                                 "00000001", INNER4), 4, "gre", 7),
    ("GRE, bridged", over(47, "00006558", ether(INNER4)), 4, "gre", 0),
    ("GRE, MPLS", over(47, "00008847" + "00011140", INNER4), 4, "gre", 0),
    ("ERSPAN II", over(47, "100088be00000001" + "1000002500000000",
                       ether(INNER4)), 4, "erspan", 0x25),
    ("ERSPAN I", over(47, "000088be", ether(INNER4)), 4, "erspan", 0),
    ("ERSPAN III", over(47, "100022eb00000001" + "2000002500000000" + "00000000",
                        ether(INNER4)), 4, "erspan", 0x25),
    ("PPTP", over(47, f"3001880b{len(INNER4) + 4:04x}0009" + "00000001" +
                  "ff030021", INNER4), 4, "pptp", 9),
    ("IPIP", over(4, "", INNER4), 4, "ipip", 0),
    ("6in4", over(41, "", INNER6), 6, "6in4", 0),
    ("IPv4 in IPv6", ether(ip6(INNER4, proto=4)), 4, "ipip", 0),
    ("behind an extension header", ether(ip6(
        bytes.fromhex("0400010400000000") + INNER4, proto=60)), 4, "ipip", 0),
    ("Teredo", over_udp(3544, "", INNER6), 6, "teredo", 0),
    ("Teredo with its headers", over_udp(
        3544, "00010000" + "00" * 9 + "0000000000000000", INNER6), 6,
     "teredo", 0),
    ("GTP-U", over_udp(2152, "30ff" + GTP_LEN + "0000abcd", INNER4), 4, "gtp",
     0xabcd),
    ("GTP-U with an extension", over_udp(
        2152, "34ff" + GTP_LONG + "0000abcd" + "00000085" + "01000000",
        INNER4), 4, "gtp", 0xabcd),
    ("MPLS in UDP", over_udp(6635, "00011140", INNER4), 4, "mpls", 0x11),
    ("MPLS in IP", over(137, "00011140", INNER4), 4, "mpls", 0x11),
    ("EtherIP", over(97, "3000", ether(INNER4)), 4, "etherip", 0),
    ("VXLAN, the port of the sender", ether(ip4(udp(
        50000, bytes.fromhex("0800000000004800") + ether(INNER4), 4789),
        proto=17)), 4, "vxlan", 0x48),
    ("GTP-U, the port of the sender", ether(ip4(udp(
        50000, bytes.fromhex("30ff" + GTP_LEN + "0000abcd") + INNER4, 2152),
        proto=17)), 4, "gtp", 0xabcd),
    ("GRE, total length 0", ether(ip4(bytes.fromhex("00000800") + INNER4,
                                      proto=47, total=0)), 4, "gre", 0),
    ("GRE, no source route", over(47, "40000800" + "0" * 16, INNER4), 4, "gre",
     0),
    ("GRE with a source route", over(47, "60000800" + "0" * 8 + "00000007" +
                                     "08000404" + "0a000001" + "0" * 8,
                                     INNER4), 4, "gre", 7),
    ("GRE, PPP", over(47, "0000880b" + "ff030021", INNER4), 4, "gre", 0),
    ("behind an AH", over(51, "0404000000000001" + "00000001" + "0" * 24,
                          INNER4), 4, "ipip", 0),
    ("behind an AH of IPv6", ether(ip6(
        bytes.fromhex("0404000000000001" + "00000001" + "0" * 24) + INNER4,
        proto=51)), 4, "ipip", 0),
    ("MPLS", ETHER + bytes.fromhex("8847" "00010040" "00011140") + INNER4, 4,
     "mpls", 0x11),
    ("MPLS in PPP", ETHER + bytes.fromhex("8864" "11000000") +
     struct.pack(">H", 6 + len(INNER6)) + bytes.fromhex("0281" "00011140") +
     INNER6, 6, "mpls", 0x11),
    ("a backbone bridge", ETHER + bytes.fromhex("88a80005" "88e7" "00004567") +
     ether(INNER4), 4, "pbb", 0x4567),
    ("VN-Tag, to a virtual interface", ETHER +
     bytes.fromhex("8926" "c0220000" "0800") + INNER4, 4, "vn-tag", 0x22),
    ("VN-Tag, from a virtual interface", ETHER +
     bytes.fromhex("8926" "00000033" "0800") + INNER4, 4, "vn-tag", 0x33),
    ("in an atomic fragment", ether(ip6(
        bytes.fromhex("0400000000000063") + INNER4, proto=44)), 4, "ipip", 0),
]


@cases("tunnel", [(row[0], *row[1:]) for row in TUNNELS])
def tunnels(client, frame, version, kind, number):
    opened, close = client.replay(captures.pcap([frame]), "-e", "open,close")
    for event in opened, close:
        equal((event["orig"], event["tunnel"]),
              ("192.168.7.2" if version == 4 else "2001:db8:7::2",
               [{"type": kind, "id": number}]))
    equal(client.counts(captures.pcap([frame])),
          {"tracked": 1, "packets": 1, "open": 1, "opened": 1, "tunneled": 1})
    out, _ = client.run("watch", "-r", client.path("capture"))
    contains(out, f"in {kind} {number}\n")


@cases("no tunnel", [
    ("another port", over_udp(4788, "0800000000004800", ether(INNER4))),
    ("VXLAN without an identifier", over_udp(4789, "0000000000004800",
                                             ether(INNER4))),
    ("VXLAN with ARP", over_udp(4789, "0800000000004800",
                                ether(INNER4)[:12] + b"\x08\x06" + INNER4)),
    ("Geneve of another version", over_udp(6081, "4000080000004900", INNER4)),
    ("GRE, too many source routes", over(
        47, "40000800" + "0" * 8 + "08000404" "0a000001" * 9 + "0" * 8,
        INNER4)),
    ("GTP-U, an echo", over_udp(2152, "3001" + GTP_LEN + "0000abcd", INNER4)),
    ("Teredo, a length past the end", over_udp(3544, "", INNER6[:-1])),
    ("IPIP with IPv6", over(4, "", INNER6)),
])
def no_tunnel(client, frame):
    equal(client.counts(captures.pcap([frame])),
          {"not_tcp": 1, "packets": 1})


@cases("a tunnel header that is truncated", [
    (name, over_udp(4789, "0800000000004800", ether(INNER4)), snap)
    for name, snap in (("in the header of VXLAN", 49),
                       ("in the Ethernet frame", 60),
                       ("before the IP header", 64))
] + [("in the header of GRE", over(47, "20000800" "00000007", INNER4), 40)])
def cut_tunnel(client, frame, snap):
    data = captures.pcap([frame], snap=snap)
    equal(client.counts(data), {"link_truncated": 1, "packets": 1})
    _, err = client.run("stats", "-r", client.path("capture"))
    contains(err, "1 of 1 packets were not understood: 1 truncated before "
             "the IP header")


ROUTE4 = "8307" "{:02x}" "0a090909" "00"
ROUTE6 = "0602{:02x}{:02x}00000000" "20010db8000000000000000000000099"


@cases("a source route", [
    (name, ether(captures.ip4_options(SEGMENT, ROUTE4.format(pointer))), dst)
    for name, pointer, dst in (("LSRR", 4, "10.9.9.9"),
                               ("LSRR, at its end", 8, "10.0.0.1"))
] + [
    (f"IPv6, type {kind}, {left} segments left",
     ether(ip6(bytes.fromhex(ROUTE6.format(kind, left)) + SEGMENT, proto=43)),
     "2001:db8::99" if left else "2001:db8::1")
    for kind in (0, 2, 4) for left in (0, 1)
])
def source_route(client, frame, dst):
    got, = client.replay(captures.pcap([frame]), "-e", "segment")
    equal(got["dst"], dst)
    if shutil.which("tshark"):
        out = subprocess.run(
            ["tshark", "-r", client.path("capture"), "-q", "-z", "conv,tcp"],
            capture_output=True, text=True, check=True).stdout
        contains(out, f"<-> {dst}:80 ")


@case("tunnel: two networks with the same addresses are two connections")
def apart(client):
    frames = [over_udp(4789, f"08000000{vni:06x}00", ether(INNER4))
              for vni in (1, 2, 1)] + [ether(INNER4)]
    got = client.replay(captures.pcap(frames), "-e", "segment")
    equal([(e["conn"], e.get("tunnel", [{"id": None}])[0]["id"]) for e in got],
          [(1, 1), (2, 2), (1, 1), (3, None)])


BACK4 = ip4(tcp(80, 40000, SYN | ACK, seq=9, ack=8), "192.168.7.1",
            "192.168.7.2")
PPTP = "3081880b" f"{len(INNER4) + 4:04x}" "{}" + "0" * 16 + "ff030021"


@cases("tunnel: one connection", [
    ("a TEID for each direction", (
        over_udp(2152, "30ff" + GTP_LEN + "00000001", INNER4),
        over_udp(2152, "30ff" + GTP_LEN + "00000002", BACK4)), "gtp", 1),
    ("a call for each direction", (over(47, PPTP.format("0007"), INNER4),
                                   over(47, PPTP.format("0008"), BACK4)),
     "pptp", 7),
    ("a label for each direction", (
        over_udp(6635, "00011140", INNER4), over_udp(6635, "00012140", BACK4)),
     "mpls", 0x11),
    ("a label in one direction", (
        ETHER + bytes.fromhex("8847" "00011140") + INNER4, ether(BACK4)),
     "mpls", 0x11),
    ("a VN-Tag in one direction", (
        ETHER + bytes.fromhex("8926" "00000033" "0800") + INNER4,
        ether(BACK4)), "vn-tag", 0x33),
])
def one_network(client, frames, kind, number):
    got = client.replay(captures.pcap(frames), "-e", "segment,close")
    equal([(e["conn"], e["tunnel"]) for e in got],
          [(1, [{"type": kind, "id": number}])] * 3)


@case("tunnel: list has a column for tunnels if there is one")
def listed(client):
    inner = ip4(bytes.fromhex("20000800") + struct.pack(">I", 2**32 - 1) +
                INNER4, proto=47)
    path = client.path("capture", captures.pcap(
        [over_udp(4789, "0800000000000100", ether(inner)), ether(INNER4)]))
    out, _ = client.run("list", "-r", path)
    equal([line.split()[-1] for line in out.splitlines()],
          ["TUNNEL", "vxlan:1,gre:4294967295", "-"])
    out, _ = client.run("list", "-r", path, "--json")
    equal([json.loads(line).get("tunnel") for line in out.splitlines()],
          [[{"type": "vxlan", "id": 1}, {"type": "gre", "id": 2**32 - 1}],
           None])
    path = client.path("capture", captures.pcap([ether(INNER4)]))
    out, _ = client.run("list", "-r", path)
    equal(out.splitlines()[0].split()[-1], "FINDINGS")
    table = ("orig resp orig_state resp_state tunnel\n"
             "10.0.0.2:1 10.0.0.1:2 CLOSED CLOSED ")
    for cell in ("gre", "gre:", ":1", "gre:1,", "gre:4294967296", "GRE:1",
                 "a234567890123456:1", "gre:1;gre:2"):
        path = client.path("table", (table + cell + "\n").encode())
        _, err = client.run("list", "--file", path, code=1)
        contains(err, "line 2: tunnel: ")


@case("tunnel: tunnels in tunnels, up to a limit")
def nested(client):
    packet, want = INNER4, []
    for depth in range(8):
        packet = ip4(bytes.fromhex("20000800") + struct.pack(">I", depth) +
                     packet, proto=47)
        want.insert(0, {"type": "gre", "id": depth})
    close, = client.replay(captures.pcap([ether(packet)]), "-e", "close")
    equal(close["tunnel"], want)
    deeper = ether(ip4(packet, proto=4))
    equal(client.counts(captures.pcap([deeper])),
          {"tunnel_limit": 1, "packets": 1})
    # nest 900 more tunnels
    for _ in range(900):
        packet = ip4(packet, proto=4)
    equal(client.counts(captures.pcap([ether(packet)])),
          {"tunnel_limit": 1, "packets": 1})


def pieces4(payload, *cuts, ident=1, **more):
    """An IPv4 packet in fragments."""
    ends = [*cuts, len(payload)]
    return [ether(ip4(payload[begin:end], fragment=begin // 8 |
                      (0x2000 if end != len(payload) else 0), **more))
            for begin, end in zip([0, *cuts], ends)]


def pieces6(payload, *cuts, before=b"", first=44):
    ends = [*cuts, len(payload)]
    return [ether(ip6(before + struct.pack(
        ">BBHI", 6, 0, begin | (end != len(payload)), 99) +
        payload[begin:end], proto=first))
        for begin, end in zip([0, *cuts], ends)]


DATA = tcp(40000, 80, ACK, seq=1001, ack=5001, length=1000)
OPTION = bytes.fromhex("2c00010400000000")	# then a fragment header
IN_ORDER = pieces4(DATA, 400, 800)


@cases("fragments", [
    ("in order", IN_ORDER), ("the last first", IN_ORDER[::-1]),
    ("one twice", [IN_ORDER[0], *IN_ORDER]),
    ("a first one of 8 bytes", pieces4(DATA, 8)),
    ("three for the header, the last first", pieces4(DATA, 8, 16)[::-1]),
    ("IPv6, a first one of 8 bytes", pieces6(DATA, 8, 16)),
    ("IPv6", pieces6(DATA, 400, 800)),
    ("IPv6 behind a header", pieces6(DATA, 400, before=OPTION, first=60)),
])
def joined(client, frames):
    got = client.replay(captures.pcap(frames), "-e", "segment")
    equal([(e["len"], e["seq"], e["frame"]) for e in got],
          [(1000, 1001, len(frames))])
    equal(client.counts(captures.pcap(frames)).get("fragment"), None)


@case("fragments: the header ends in a fragment that was cut off")
def cut(client):
    data = captures.pcap(pieces4(DATA, 8), snap=14 + 20 + 6)
    _, err = client.run("stats", "-r", client.path("capture", data))
    contains(err, "1 truncated before the TCP window")


@cases("fragments that do not form a packet", [
    ("one is missing", IN_ORDER[:1] + IN_ORDER[2:]),
    ("they overlap", [IN_ORDER[0], ether(ip4(DATA[392:800], fragment=49 |
                                             0x2000)), IN_ORDER[2]]),
    ("longer than a packet", [ether(ip4(DATA[:800], fragment=0x2000)),
                              ether(ip4(DATA, fragment=8190))]),
    ("a length that is not a multiple of 8", [
        ether(ip4(DATA[:401], fragment=0x2000)),
        ether(ip4(DATA[401:], fragment=50))]),
])
def lost(client, frames):
    data = captures.pcap(frames)
    equal(client.counts(data), {"fragment": len(frames),
                                "packets": len(frames)})
    _, err = client.run("stats", "-r", client.path("capture"))
    contains(err, f"{len(frames)} of {len(frames)} packets were not "
             f"understood: {len(frames)} fragments without the rest")


@case("fragments: fragments of UDP are another protocol, complete or not")
def of_udp(client):
    frames = pieces4(b"\0" * 1000, 400, 800, proto=17)
    equal(client.counts(captures.pcap(frames[:2])),
          {"not_tcp": 2, "packets": 2})
    equal(client.counts(captures.pcap(frames)),
          {"reassembled": 2, "not_tcp": 1, "packets": 3})


@case("fragments: a VXLAN packet in fragments is opened")
def of_tunnel(client):
    whole = over_udp(4789, "0800000000004800", ether(ip4(DATA)))[34:]
    got = client.replay(captures.pcap(pieces4(whole, 400, 800, proto=17)),
                        "-e", "segment")
    equal([(e["len"], e["frame"], e["tunnel"]) for e in got],
          [(1000, 3, [{"type": "vxlan", "id": 0x48}])])


@case("fragments: times may go back")
def back(client):
    data = captures.header() + b"".join(
        captures.record(frame, captures.T0 - i * captures.MS)
        for i, frame in enumerate(IN_ORDER))
    equal(client.counts(data).get("tracked"), 1)


@case("fragments: they may come through a tunnel")
def in_tunnel(client):
    frames = [ether(ip4(bytes.fromhex("00000800") + frame[14:], proto=47))
              for frame in IN_ORDER]
    got = client.replay(captures.pcap(frames + IN_ORDER[:2]), "-e", "segment")
    equal([(e["len"], e["frame"], e["tunnel"]) for e in got],
          [(1000, 3, [{"type": "gre", "id": 0}])])


@case("fragments: they are forgotten after a minute")
def old_ones(client):
    data = captures.header() + b"".join(
        captures.record(frame, captures.T0 + i * 30 * 10**9)
        for i, frame in enumerate(IN_ORDER))
    equal(client.counts(data)["fragment"], 3)


def tshark(path):
    if not shutil.which("tshark"):
        raise Skip("no tshark")
    out = subprocess.run(
        ["tshark", "-r", path, "-Y", "tcp", "-T", "fields", "-e",
         "frame.number", "-e", "tcp.seq_raw", "-e", "tcp.len"],
        capture_output=True, text=True, check=True).stdout
    return [tuple(int(cell.split(",")[-1]) for cell in line.split("\t"))
            for line in out.splitlines()]


@cases("tshark finds the same segments in", [
    ("tunnels", [row[1] for row in TUNNELS
                 if row[0] not in ("VXLAN, the port of Linux",)]),
    ("fragments", [*IN_ORDER, *pieces6(DATA, 400, 800)]),
])
def as_tshark(client, frames):
    # all tunnels carry the same segment: if the frames were closer together,
    # the client would treat them as copies
    path = client.path("capture", captures.pcap(frames, step=3 * captures.MS))
    want = tshark(path)
    out, _ = client.run("watch", "-r", path, "--json", "-e", "segment")
    equal([(e["frame"], e["seq"], e["len"])
           for e in map(json.loads, out.splitlines())], want)


@cases("skipped packets are reported once, on standard error", [
    ("nothing", [Talk()(0, SYN)], ""),
    ("no TCP at all", [ether(ip4(b"x" * 30, proto=17)), b"\0" * 60],
     ": no TCP in 2 packets: 1 not IP, 1 another protocol\n"),
    ("other protocols beside TCP", [Talk()(0, SYN),
                                    ether(ip4(b"x" * 30, proto=17))], ""),
    ("broken ones", [Talk()(0, SYN), ether(ip4(SEGMENT, total=15))],
     ": 1 of 2 packets were not understood: 1 with a wrong IP header length\n"),
])
def skipped(client, frames, want):
    path = client.path("capture", captures.pcap(frames))
    for command in ("watch", "list", "stats"):
        _, err = client.run(command, "-r", path)
        equal(err, f"tcptracectl: {path}{want}" if want else "")


@case("half-open connections to one endpoint are reported in a sentence")
def half_open(client):
    def syns(n):
        return [Talk(port=1000 + i)(0, SYN) for i in range(n)]
    path = client.path("capture", captures.pcap(syns(99)))
    equal(client.run("stats", "-r", path)[1], "")
    frames = syns(100)
    frames += [Talk(port=1000)(1, SYN | ACK, 0, 1)]
    frames += [Talk(port=5)(0, SYN), Talk(port=5)(1, RST | ACK, 0, 1)]
    path = client.path("capture", captures.pcap(frames))
    _, err = client.run("watch", "-r", path, "-e", "close")
    equal(err, f"tcptracectl: {path}: 100 half-open connections to "
          "10.0.0.1:80, opened within 99.0 ms, 1 answered\n")
    out, _ = client.run("watch", "-r", path, "--json", "--summary", "-e",
                        "suspected")
    got = json.loads(out)
    equal((got["event"], got["packets"], got["tcp"], got["opened"],
           got["closed"], got["open"], got["skipped"]),
          ("summary", 103, 103, 101, 1, 100, {}))
    equal(got["half_open"], {"addr": "10.0.0.1", "port": 80,
                             "connections": 100, "answered": 1,
                             "span_ns": 99000000})
    # a second endpoint gets more SYNs; stats names only the endpoint that gets
    # the most
    frames += [Talk(port=1000 + i, service=81)(0, SYN) for i in range(101)]
    path = client.path("capture", captures.pcap(frames))
    contains(client.run("stats", "-r", path)[1],
             "101 half-open connections to 10.0.0.1:81,")


@case("--summary is one line, and only of a capture")
def summary(client):
    path = client.path("capture", captures.pcap([Talk()(0, SYN)]))
    for command in "watch", "list", "stats":
        out, _ = client.run(command, "-r", path, "--summary")
        equal(out.splitlines()[-1],
              "1 packets, 1 of TCP; 1 connections, 0 of them closed")
        out, _ = client.run(command, "-r", path, "--summary", "--json")
        equal([json.loads(line).get("event") == "summary"
               for line in out.splitlines()][-2:], [False, True])
        _, err = client.run(command, "--summary", code=2)
        contains(err, "--summary needs a capture: add --read FILE or "
                 "--interface NAME")


@case("--as-module leaves tunnels and fragments alone")
def as_module(client):
    frames = [TUNNELS[0][1], *IN_ORDER]
    equal(client.counts(captures.pcap(frames), "--as-module"),
          {"not_tcp": 1, "fragment": 3, "packets": 4})
    path = client.path("capture")
    equal(client.run("watch", "-r", path, "--as-module")[0], "")
    equal(client.run("list", "-r", path, "--as-module")[0].count("\n"), 1)
    for command in ("watch", "list", "stats"):
        contains(client.run(command, "--as-module", code=2)[1], "--read FILE")
