# SPDX-License-Identifier: GPL-2.0
"""Link layers: each header in hexadecimal, as its standard has it."""
import captures
from captures import SYN, ip4, ip6, tcp
from tap import case, cases, contains, equal, one_line

ETHER = "020000000002 020000000001 "
SLL = "0000 0001 0006 020000000001 0000 "
SLL2 = " 0000 00000002 0001 00 06 020000000001 0000"

# name, link type, header, version of IP
LINKS = [
    ("Ethernet", 1, ETHER + "0800", 4),
    ("Ethernet, IPv6", 1, ETHER + "86dd", 6),
    ("802.1Q", 1, ETHER + "8100 0007 0800", 4),
    ("802.1Q, IPv6", 1, ETHER + "8100 e007 86dd", 6),
    ("QinQ", 1, ETHER + "88a8 0007 8100 0008 0800", 4),
    ("QinQ before 802.1ad", 1, ETHER + "9100 0007 8100 0008 0800", 4),
    ("8 tags", 1, ETHER + "8100 0001" * 8 + "0800", 4),
    ("PPPoE", 1, ETHER + "8864 1100 0001 002a 0021", 4),
    ("PPPoE, IPv6", 1, ETHER + "8864 1100 0001 003e 0057", 6),
    ("PPPoE, short protocol", 1, ETHER + "8864 1100 0001 0029 21", 4),
    ("PPPoE in two tags", 1,
     ETHER + "88a8 0007 8100 0008 8864 1100 0001 002a 0021", 4),
    ("802.3 SNAP", 1, ETHER + "0030 aa aa 03 000000 0800", 4),
    ("802.3 SNAP with a tag", 1, ETHER + "0034 aa aa 03 000000 8100 0007 0800",
     4),
    ("cooked", 113, SLL + "0800", 4),
    ("cooked, IPv6", 113, SLL + "86dd", 6),
    ("cooked, tags behind", 113, SLL + "88a8 0007 8100 0008 0800", 4),
    ("cooked, SNAP", 113, SLL + "0004 aa aa 03 000000 0800", 4),
    ("cooked v2", 276, "0800" + SLL2, 4),
    ("cooked v2, IPv6", 276, "86dd" + SLL2, 6),
    ("cooked v2, tag behind", 276, "8100" + SLL2 + "0007 86dd", 6),
    ("raw", 101, "", 4), ("raw, IPv6", 101, "", 6),
    ("raw of libpcap", 12, "", 4), ("raw of BSD/OS", 14, "", 6),
    ("IPv4", 228, "", 4), ("IPv6", 229, "", 6),
    ("BSD null, little", 0, "02000000", 4),
    ("BSD null, big", 0, "00000002", 4),
    ("BSD null, IPv6 of Linux", 0, "0a000000", 6),
    ("BSD null, IPv6 of NetBSD", 0, "00000018", 6),
    ("BSD null, IPv6 of FreeBSD", 0, "1c000000", 6),
    ("BSD null, IPv6 of Darwin", 0, "1e000000", 6),
    ("BSD loop", 108, "00000002", 4),
    ("BSD loop, IPv6", 108, "00000018", 6),
    ("PPP", 9, "ff03 0021", 4), ("PPP, no HDLC", 9, "0057", 6),
    ("PPP, short protocol", 9, "21", 4),
    ("PPP, serial", 50, "ff03 0057", 6),
    ("PPP, Ethernet", 51, "1100 0001 002a 0021", 4),
]

SEGMENT = tcp(40000, 80, SYN, seq=7)
PACKETS = {4: ip4(SEGMENT), 6: ip6(SEGMENT)}
ENDS = {4: ("10.0.0.2", "10.0.0.1"), 6: ("2001:db8::2", "2001:db8::1")}


@cases("link", LINKS)
def links(client, link, head, version):
    frame = bytes.fromhex(head) + PACKETS[version]
    got = client.replay(captures.pcap([frame], link), "-e", "segment")
    equal([(e["src"], e["dst"], e["sport"], e["dport"], e["flags"], e["seq"],
            e["len"], e["frame"]) for e in got],
          [(*ENDS[version], 40000, 80, "S", 7, 0, 1)])


@cases("link, not IP", [
    ("ARP", 1, ETHER + "0806", 4), ("9 tags", 1, ETHER + "8100 0001" * 9 +
                                    "0800", 4),
    ("LLC, no SNAP", 1, ETHER + "0030 42 42 03 000000 0800", 4),
    ("SNAP of a vendor", 1, ETHER + "0030 aa aa 03 00000c 0800", 4),
    ("a tag behind a length", 1, ETHER + "05ff aa aa 03 000000 0805", 4),
    ("PPPoE discovery", 1, ETHER + "8863 1109 0000 0004", 4),
    ("PPP LCP", 1, ETHER + "8864 1100 0001 002a c021", 4),
    ("the type says IPv4, the header 6", 1, ETHER + "0800", 6),
    ("the type says IPv6, the header 4", 1, ETHER + "86dd", 4),
    ("cooked, ARP", 113, SLL + "0806", 4),
    ("cooked v2, ARP", 276, "0806" + SLL2, 4),
    ("BSD null, AppleTalk", 0, "10000000", 4),
    ("IPv4 is IPv6", 228, "", 6), ("IPv6 is IPv4", 229, "", 4),
])
def not_ip(client, link, head, version):
    frame = bytes.fromhex(head) + PACKETS[version]
    equal(client.counts(captures.pcap([frame], link)),
          {"packets": 1, "not_ip": 1})


@case("link, raw: neither IPv4 nor IPv6")
def raw_not_ip(client):
    equal(client.counts(captures.pcap([b"\x55" * 60], captures.RAW)),
          {"packets": 1, "not_ip": 1})


@cases("link, cut at every byte", LINKS)
def cut(client, link, head, version):
    """The header is not there: that is all there is to say, or not even it."""
    head = bytes.fromhex(head)
    frames = [head[:n] for n in range(len(head) + 1)]
    got = client.counts(captures.pcap(frames, link, wire=200))
    equal(set(got) - {"packets", "link_truncated", "not_ip"}, set())
    equal(got["packets"], len(frames))
    equal(got["link_truncated"] + got.get("not_ip", 0), len(frames))
    if got["link_truncated"] < len(frames) - 1:
        raise AssertionError(got)


@cases("link type that is not supported", [
    ("802.11", 105, "IEEE802_11"), ("USB", 189, "USB_LINUX"),
    ("nobody's", 65000, "65000"),
])
def unknown(client, link, name):
    data = captures.pcap([bytes(60)], link)
    for command in ("watch", "list", "stats"):
        out, err = client.run(command, "-r", client.path("capture", data),
                              code=1)
        equal(out, "")
        one_line(err)
        contains(err, "capture", f"link type {name} is not supported")
