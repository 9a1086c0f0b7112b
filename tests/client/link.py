# SPDX-License-Identifier: GPL-2.0
"""Test link layers. Each header is in hexadecimal, byte by byte."""
import captures
from captures import ACK, SYN, ip4, ip6, tcp
from tap import case, cases, contains, equal, one_line

ETHER = "020000000002 020000000001 "
SLL = "0000 0001 0006 020000000001 0000 "
SLL2 = " 0000 00000002 0001 00 06 020000000001 0000"
SNAP = "aa aa 03 000000 0800"
MACS = "020000000001 020000000002 "
# IEEE 802.11 headers: to the distribution system (WLAN), with four addresses
# (WDS), with QoS (the others)
WLAN = "0801 0000" + MACS + "020000000003 1000"
WDS = "0803 0000" + MACS + "020000000003 1000 020000000004"
QOS = "8801 0000" + MACS + "020000000003 1000 0000"
QOS_HT = "8881 0000" + MACS + "020000000003 1000 0000 00000000"
AMSDU = "8801 0000" + MACS + "020000000003 1000 8000" + MACS + "0030"

# name, link type, link-layer header, IP version
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
    ("802.3 SNAP in a tag", 1, ETHER + "8100 0007 0030" + SNAP, 4),
    ("DSA", 284, MACS + "40000007 0800", 4),
    ("DSA, Ethertype", 285, MACS + "dada 0000 40000007 0800", 4),
    ("Broadcom tag", 281, MACS + "20000001 86dd", 6),
    ("Broadcom tag before Ethernet", 282, "20000001" + ETHER + "0800", 4),
    ("IPNET", 226, "01 02" + "00" * 22, 4),
    ("IPNET, IPv6", 226, "01 1a" + "00" * 22, 6),
    ("BSD null, IPv6 of Solaris", 0, "1a000000", 6),
    ("PPP, serial: Cisco HDLC", 50, "0f00 0800", 4),
    ("PPP, MPLS", 9, "ff03 0281 00011140", 4),
    ("PPP with direction", 204, "00 ff03 0021", 4),
    ("802.3, IP behind LLC", 1, ETHER + "002b 06 06 03", 4),
    ("802.3, SNAP of 802.1H", 1, ETHER + "0030 aa aa 03 0000f8 0800", 4),
    ("MPLS, two labels", 1, ETHER + "8847 00010040 00011140", 4),
    ("MPLS, upstream, IPv6", 1, ETHER + "8848 00011140", 6),
    ("MPLS in a tag", 1, ETHER + "8100 0007 8847 00011140", 4),
    ("MPLS alone", 219, "00010040" * 15 + "00011140", 6),
    ("cooked, Frame Relay", 113, "0000 0302 0006 020000000001 0000 0000"
     "1841 03 cc", 4),
    ("cooked, radiotap", 113, "0000 0323 0006 020000000001 0000 0000"
     "0000 0800 00000000" + WLAN + SNAP, 4),
    ("cooked v2, radiotap", 276, "0000 0000 00000002 0323 00 06"
     "020000000001 0000 0000 0800 00000000" + WLAN + SNAP, 4),
    ("802.11", 105, WLAN + SNAP, 4),
    ("802.11, IPv6", 105, WLAN + SNAP[:-4] + "86dd", 6),
    ("802.11, four addresses", 105, WDS + SNAP, 4),
    ("802.11, QoS", 105, QOS + SNAP, 4),
    ("802.11, QoS and HT control", 105, QOS_HT + SNAP, 4),
    ("802.11, A-MSDU", 105, AMSDU + SNAP, 4),
    ("radiotap", 127, "0000 0800 00000000" + QOS + SNAP, 4),
    ("radiotap, header padded", 127,
     "0000 0900 02000000 20" + QOS + "0000" + SNAP, 4),
    ("AVS", 163, "80211001 00000040" + "00" * 56 + WLAN + SNAP, 4),
    ("Prism", 119, "44000000 90000000" + "00" * 136 + WLAN + SNAP, 4),
    ("Prism that is AVS", 119, "80211002 00000040" + "00" * 56 + WLAN + SNAP,
     4),
    ("PPI, 802.11", 192, "00 00 0800 69000000" + WLAN + SNAP, 4),
    ("PPI, Ethernet", 192, "00 00 0c00 01000000 00000000" + ETHER + "0800", 4),
    ("PKTAP", 258, "6c000000 01000000 01000000" + "00" * 96 + ETHER + "0800",
     4),
    ("Frame Relay", 107, "1841 03 cc", 4),
    ("Frame Relay, IPv6", 107, "1841 03 8e", 6),
    ("Frame Relay, SNAP", 107, "1841 03 00 80 000000 0800", 4),
    ("Frame Relay, 4 bytes of address", 107, "18404041 03 cc", 4),
    ("Frame Relay of Cisco", 107, "1841 0800", 4),
    ("Frame Relay, bridged", 107, "1841 03 00 80 0080c2 0007" + ETHER + "0800",
     4),
    ("Frame Relay, PPP", 107, "1841 03 cf 0021", 4),
    ("Frame Relay with direction", 206, "00 1841 03 cc", 4),
    ("Cisco HDLC", 104, "0f00 0800", 4),
    ("Cisco HDLC, multicast, IPv6", 104, "8f00 86dd", 6),
    ("Cisco HDLC with direction", 205, "01 0f00 0800", 4),
    ("SLIP", 8, "00 40" + "00" * 14, 4), ("SLIP, IPv6", 8, "01" * 16, 6),
    ("FDDI", 10, "50" + MACS + SNAP, 4),
    ("FDDI, synchronous", 10, "d1" + MACS + SNAP, 4),
    ("Token Ring", 6, "1040" + MACS + SNAP, 4),
    ("Token Ring, source routed", 6, "1040 020000000001 820000000002"
     "0630 0011 0020" + SNAP, 4),
    ("IPoIB", 242, "00" * 40 + "0800 0000", 4),
    ("IPoIB, IPv6", 242, "00" * 40 + "86dd 0000", 6),
    ("IP over IEEE 1394", 138, "00" * 16 + "0800", 4),
    ("IP over Fibre Channel", 122, "00" * 16 + SNAP, 4),
    ("ATM, SNAP", 100, SNAP, 4), ("ATM, routed", 100, "fe fe 03 cc", 4),
    ("ATM, PPP", 100, "fe fe 03 cf 0021", 4),
    ("ATM, bridged", 100, "aa aa 03 0080c2 0007 0000" + ETHER + "0800", 4),
    ("SunATM, LLC", 123, "02 00 0020" + SNAP, 4),
    ("SunATM, LANE", 123, "81 00 0020 0000" + ETHER + "0800", 4),
    ("OpenBSD enc, little", 109, "02000000 00000000 00000000", 4),
    ("OpenBSD enc, big, IPv6", 109, "00000018 00000000 00000000", 6),
    ("PFLOG of FreeBSD", 117, "3d 02" + "00" * 62, 4),
    ("PFLOG of OpenBSD, IPv6", 117, "64 18" + "00" * 98, 6),
    ("NFLOG, little", 239, "02 00 0000 0800 0100 00000800"
     "0a00 0a00 666f6f626172 0000 2c00 0900", 4),
    ("NFLOG, big, IPv6", 239, "0a 00 0000 0008 0001 00000800 0040 0009", 6),
    ("Juniper Ethernet", 178, "4d4743 00" + ETHER + "0800", 4),
    ("Juniper Ethernet, extended", 178, "4d4743 80 0006 000000000000" + ETHER +
     "0800", 4),
    ("Juniper Ethernet, no link layer", 178, "4d4743 02 00000002", 4),
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
    ("an LLC header longer than its frame", 1, ETHER + "0002 aa aa 03 000000",
     4),
    ("PPP longer than PPPoE says", 1, ETHER + "8864 1100 0001 0001 0021", 4),
    ("17 labels", 219, "00010040" * 16 + "00011140", 4),
    ("802.11, beacon", 105, "80" + WLAN[2:] + SNAP, 4),
    ("802.11, no data", 105, "48" + WLAN[2:] + SNAP, 4),
    ("802.11, version 1", 105, "09" + WLAN[2:] + SNAP, 4),
    ("radiotap, version 1", 127, "0100 0800 00000000" + WLAN + SNAP, 4),
    ("radiotap of 7 bytes", 127, "0000 0700 00000000" + WLAN + SNAP, 4),
    ("AVS, no magic", 163, "80211101 00000040" + "00" * 56 + WLAN, 4),
    ("PPI in PPI", 192, "00 00 0800 c0000000" * 2 + WLAN + SNAP, 4),
    ("PPI, link type 2^32 - 1", 192, "00 00 0800 ffffffff" + WLAN, 4),
    ("Frame Relay, 5 bytes of address", 107, "1840404041 03 cc", 4),
    ("Frame Relay, 1 byte of address", 107, "19 03 cc", 4),
    ("Frame Relay, CLNP", 107, "1841 03 81", 4),
    ("ATM, bridged FDDI", 100, "aa aa 03 0080c2 000a 0000" + ETHER, 4),
    ("SunATM, signalling", 123, "06 00 0005" + SNAP, 4),
    ("FDDI, no LLC", 10, "41" + MACS + SNAP, 4),
    ("Token Ring, MAC", 6, "1000" + MACS + SNAP, 4),
    ("Token Ring, no route", 6, "1040 020000000001 820000000002 0000", 4),
    ("enc, no family", 109, "00000000 00000000 00000000", 4),
    ("PFLOG of 44 bytes", 117, "2c 02" + "00" * 42, 4),
    ("NFLOG, attribute of 3 bytes", 239, "02 00 0000 0300 0100", 4),
    ("NFLOG, 65 attributes", 239, "02 00 0000" + "0400 0100" * 64 +
     "2c00 0900", 4),
    ("Juniper Ethernet, no magic", 178, "4d4744 00" + ETHER + "0800", 4),
    ("cooked, netlink", 113, "0000 0338 0006 020000000001 0000 0800", 4),
])
def not_ip(client, link, head, version):
    frame = bytes.fromhex(head) + PACKETS[version]
    equal(client.counts(captures.pcap([frame], link)),
          {"packets": 1, "not_ip": 1})


@case("link, raw: neither IPv4 nor IPv6")
def raw_not_ip(client):
    equal(client.counts(captures.pcap([b"\x55" * 60], captures.RAW)),
          {"packets": 1, "not_ip": 1})


@cases("link, counted, but not parsed", [
    ("802.11, protected", 105, "0841" + WLAN[4:] + "00000000 00000000",
     "encrypted"),
    ("802.11, fragments follow", 105, "0805" + WLAN[4:] + SNAP,
     "link_fragment"),
    ("802.11, second fragment", 105, WLAN[:-4] + "1100", "link_fragment"),
])
def counted(client, link, head, name):
    frame = bytes.fromhex(head) + PACKETS[4]
    equal(client.counts(captures.pcap([frame], link)),
          {"packets": 1, name: 1})


@case("link, A-MSDU: packets after the first are counted")
def amsdu(client):
    first = bytes.fromhex(AMSDU + SNAP) + PACKETS[4]
    second = bytes.fromhex(MACS + "0030" + SNAP) + PACKETS[4]
    for rest, more in ((b"", 0), (b"\0\0", 0), (second, 1), (second * 2, 1)):
        got = client.counts(captures.pcap([first + rest], 105))
        equal((got["tracked"], got.get("amsdu", 0)), (1, more))
    _, err = client.run("watch", "-r", client.path("capture", captures.pcap(
        [first + second], 105)))
    one_line(err)
    contains(err, "1 in an A-MSDU after the first")


# The length in the IP header is 0. Check that the bytes after the packet are
# ignored.
@cases("link, no payload", [
    ("padding of PPPoE", 1, ETHER + "8864 1100 0001 0034 0021", 10),
    ("padding of 802.3 in a tag", 1, ETHER + "8100 0007 003a" + SNAP, 6),
    ("padding of 802.3", 1, ETHER + "003a" + SNAP, 6),
    ("padding of an A-MSDU", 105, AMSDU[:-4] + "003a" + SNAP, 9),
    ("FCS of radiotap", 127, "0000 0900 02000000 10" + WLAN + SNAP, 4),
    ("FCS of radiotap behind a time", 127,
     "0000 1100 03000000 0102030405060708 10" + WLAN + SNAP, 4),
    ("FCS of radiotap, two bitmaps", 127,
     "0000 0d00 02000080 00000000 10" + WLAN + SNAP, 4),
    ("no FCS of radiotap", 127, "0000 0900 02000000 40" + WLAN + SNAP, 0),
    ("FCS of Frame Relay, bridged", 107, "1841 03 00 80 0080c2 0001" + ETHER +
     "0800", 4),
    ("FCS of netANALYZER", 240, "00000000" + ETHER + "0800", 4),
    ("FCS of netANALYZER, transparent", 241, "00000000 55555555555555d5" +
     ETHER + "0800", 4),
    ("padding of NFLOG", 239, "02 00 0000 3600 0900", 2),
])
def no_payload(client, link, head, tail):
    packet = ip4(tcp(40000, 80, ACK, 7, 1, 10), total=0) + b"x" * tail
    frame = bytes.fromhex(head) + packet
    for more in {}, {"snap": len(frame) - tail - 8}:
        got = client.replay(captures.pcap([frame], link, **more),
                            "-e", "segment")
        equal([event["len"] for event in got], [10])


@cases("link, cut at every byte", LINKS)
def cut(client, link, head, version):
    """Check that a cut header is reported as truncated or as not IP."""
    head = bytes.fromhex(head)
    frames = [head[:n] for n in range(len(head) + 1)]
    got = client.counts(captures.pcap(frames, link, wire=200))
    equal(set(got) - {"packets", "link_truncated", "not_ip"}, set())
    equal(got["packets"], len(frames))
    equal(got["link_truncated"] + got.get("not_ip", 0), len(frames))
    if got["link_truncated"] < len(frames) - 1:
        raise AssertionError(got)


@cases("link type that is not supported", [
    ("USER0", 147, "USER0"), ("USER15", 162, "USER15"),
    ("USB", 189, "USB_LINUX"),
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
