#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Send malformed and unusual packets, and check that each packet increments
exactly the expected counters."""
import errno
import socket
import struct

import module
import nft
from case import case, run
from check import equal, fails, note, until
from kernel import HAS_IPV6, want_ipv6
from netns import SINK_FROM, Netns, mac_of, prepare, set_ipv6
from proc import command
from procfs import first_group, grown, snmp6, stats
from raw import ip4, ip6, raw4, tcp
from records import ACK, FIN, PSH, RST, SYN, URG
from sockets import close_both, listener, pair, receive, whole_connection

BATCH = 10	# packets of each bad kind

module.load()
near, far = Netns("n"), Netns("f")
near.veth("veth0", far, "veth0", "mtu 9000")
for ns, host in (far, 2), (near, 1):
    with ns:
        prepare(f"addr add 10.4.0.{host}/24 dev veth0", "link set veth0 up")
        set_ipv6("conf/veth0/disable_ipv6", 0)
        set_ipv6("conf/veth0/accept_dad", 0)
        set_ipv6("conf/lo/disable_ipv6", 0)
    ns.address("veth0", f"fd00:4::{host}/64")
near.__enter__()	# for the rest of this script
server = listener(port=5000)


def check_counts(begin):
    theirs, ours = (now - then for now, then in zip(nft.both_counts(), begin))
    equal(ours, theirs, "packets that nftables counted")


HERE4, THERE4, HERE6, THERE6 = "10.4.0.1", "10.4.0.2", "fd00:4::1", "fd00:4::2"
SINK4 = "10.99.1.1"
GOOD = tcp(7000, 7001, ACK)


def options(data):
    return tcp(7100, 7101, SYN, options=data)


def out4(payload=GOOD, **fields):
    return ip4(SINK_FROM, SINK4, payload, **fields)


def out6(payload=GOOD, **fields):
    return ip6(HERE6, THERE6, payload, **fields)


def in4(payload):
    return ip4(THERE4, HERE4, payload)


def in6(payload, **fields):
    return ip6(THERE6, HERE6, payload, **fields)


def extension(after, units=0):
    return struct.pack("!BB", after, units) + b"\1\4" + bytes(4) + \
        bytes(8 * units)


def chain(count):
    """Return: a chain of destination options headers and a TCP header."""
    return extension(60) * (count - 1) + extension(6) + GOOD


def fragment(offset, more=0):
    return struct.pack("!BBHI", 6, 0, offset << 3 | more, 9) + GOOD


# name, way, packet, counter
BAD = [
    ("IPv4: first fragment", "out4", out4(fragment=0x2000), "fragment"),
    ("IPv4: last fragment", "out4", out4(fragment=100), "fragment"),
    ("IPv4: header length 4", "out4", out4(ihl=4), "ip_hdrlen"),
    ("IPv4: header length 0", "out4", out4(ihl=0), "ip_hdrlen"),
    ("IPv4: version 5", "out4", out4(version=5), "ip_version"),
    ("IPv4: no TCP header", "out4", out4(b""), "tcp_length"),
    ("IPv4: 19 bytes of TCP", "out4", out4(GOOD[:19]), "tcp_length"),
    ("IPv4: options to the end", "out4", out4(ihl=10), "tcp_length"),
    ("IPv4: UDP", "out4", out4(protocol=17), "not_tcp"),
    ("data offset 4", "out4", out4(tcp(1, 2, ACK, doff=4)), "tcp_doff"),
    ("data offset 0", "out4", out4(tcp(1, 2, ACK, doff=0)), "tcp_doff"),
    ("data offset past the end", "out4", out4(tcp(1, 2, ACK, doff=6)),
     "tcp_doff"),
    ("null", "out4", out4(tcp(1, 2, 0)), "bad_flags"),
    ("FIN alone", "out4", out4(tcp(1, 2, FIN)), "bad_flags"),
    ("xmas", "out4", out4(tcp(1, 2, FIN | PSH | URG)), "bad_flags"),
    ("SYN+FIN", "out4", out4(tcp(1, 2, SYN | FIN)), "bad_flags"),
    ("SYN+RST", "out4", out4(tcp(1, 2, SYN | RST)), "bad_flags"),
    ("all flags", "out4", out4(tcp(1, 2, 0xff)), "bad_flags"),
    ("IPv6: longer than it is", "out6", out6(length=len(GOOD) + 1),
     "ip_length"),
    ("IPv6: 19 bytes of TCP", "out6", out6(length=19), "tcp_length"),
    ("IPv6: first fragment", "out6", out6(fragment(0, 1), proto=44),
     "fragment"),
    ("IPv6: extension past the end", "out6",
     out6(struct.pack("!BBHI", 6, 255, 0, 0) + GOOD, proto=60), "ext_length"),
    ("IPv6: half an extension", "out6", out6(bytes(4), proto=60),
     "ext_length"),
    ("IPv6: 9 extensions", "out6", out6(chain(9), proto=60), "ext_limit"),
    ("IPv6: version 7", "out6", out6(version=7), "ip_version"),
    ("from the wire: null", "in4", in4(tcp(1, 2, 0)), "bad_flags"),
    ("from the wire: xmas", "in4", in4(tcp(1, 2, FIN | PSH | URG)),
     "bad_flags"),
    ("from the wire: SYN+FIN", "in4", in4(tcp(1, 2, SYN | FIN)), "bad_flags"),
    ("from the wire: data offset 4", "in4", in4(tcp(1, 2, ACK, doff=4)),
     "tcp_doff"),
    ("from the wire: data offset past the end", "in4",
     in4(tcp(1, 2, ACK, doff=15)), "tcp_doff"),
    ("from the wire: 19 bytes of TCP", "in4", in4(GOOD[:19]), "tcp_length"),
    ("from the wire: IPv6 null", "in6", in6(tcp(1, 2, 0)), "bad_flags"),
    ("from the wire: IPv6 fragment", "in6", in6(fragment(0, 1), proto=44),
     "fragment"),
    ("from the wire: IPv6 last fragment", "in6", in6(fragment(64), proto=44),
     "fragment"),
]
# packets that belong to connections; each row's packets raise several counters
ODD = [
    ("8 extensions are walked", "out6", out6(chain(8), proto=60),
     {"tracked": BATCH, "opened": 1, "midstream": 1}),
    ("option of length 0", "out4", out4(options(b"\x02\0\5\xb4")),
     {"tracked": BATCH, "opened": 1, "opt_malformed": BATCH}),
    ("option that overruns", "out4", out4(options(b"\x08\x0a\0\0")),
     {"tracked": BATCH, "opt_malformed": BATCH}),
    ("MSS of length 3", "out4", out4(options(b"\x02\x03\5\1")),
     {"tracked": BATCH, "opt_malformed": BATCH}),
    ("unknown option", "out4", out4(options(b"\xc8\x04\0\0")),
     {"tracked": BATCH, "opt_unknown": BATCH}),
    ("null in a connection", "out4", out4(tcp(7100, 7101, 0)),
     {"tracked": BATCH, "odd_flags": BATCH}),
]
VNET_HDR = 15	# PACKET_VNET_HDR: a packet that is not linear


class Wire:
    """Send packets from this namespace by raw sockets, or send packets to this
    namespace by a packet socket in the other namespace."""

    def __init__(self):
        self.own4 = raw4()
        if HAS_IPV6:
            self.own6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                                      socket.IPPROTO_RAW)
        ours = mac_of("veth0")
        with far:
            self.far = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.far.bind(("veth0", 0))
            self.far.setsockopt(263, VNET_HDR, 1)
            self.ether = ours + mac_of("veth0")

    def send(self, way, packet):
        if way == "out4":
            self.own4.sendto(packet, (SINK4, 0))
        elif way == "out6":
            self.own6.sendto(packet, (THERE6, 0))
        else:
            kind = b"\x08\0" if way == "in4" else b"\x86\xdd"
            frame = self.ether + kind + packet
            self.far.send(struct.pack("=BBHHHH", 0, 0, min(54, len(frame)),
                                      0, 0, 0) + frame)


# Neighbour discovery and timeouts also increment these counters.
ASIDE = {"not_tcp", "expired", "closed"}


def icmp6_packets():
    if not HAS_IPV6:
        return 0
    counts = snmp6()
    return counts["Icmp6InMsgs"] + counts["Icmp6OutMsgs"]


def our_stats():
    """Return: the module's counters, without the ICMPv6 packets that the kernel
    has sent and received on its own."""
    def still():
        before, now = icmp6_packets(), stats()
        now["not_tcp"] -= before
        return now if icmp6_packets() == before else None
    return until(still, "quiet moment")


def moved_by(wire, way, packet, wanted):
    """Send a batch of packets. Return: the counters that have grown, or None if
    the kernel refuses to send a packet. Unwanted counters in ASIDE are left
    out."""
    before = our_stats()
    try:
        for _ in range(BATCH):
            wire.send(way, packet)
    except OSError as error:
        equal(error.errno, errno.EINVAL, "errno of sending")
        return None
    until(lambda: first_group(grown(before, our_stats())) >= BATCH, "packets")
    moved = grown(before, our_stats())
    return {name: moved[name] for name in moved
            if name not in ASIDE - set(wanted)}


def watch_all(rows):
    wire = Wire()
    begin, wrong = nft.both_counts(), []
    for name, way, packet, wanted in rows:
        got = moved_by(wire, way, packet, wanted)
        if got is None and "header length" in name:
            note(name + ": this kernel does not send it")
        elif got != wanted:
            wrong.append((name, got, wanted))
    equal(wrong, [], "counters")
    check_counts(begin)


def warm_up():
    """Resolve the neighbours, so that no neighbour discovery disturbs the
    test."""
    if not HAS_IPV6:
        return
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.sendto(b"x", (THERE6, 9))
    until(lambda: "lladdr" in command(
        "ip", "-6", "neigh", "show", "nud", "all", THERE6), "neighbour")
    for ns, other, address in (far, near, HERE6), (near, far, THERE6):
        ns.ip(f"neigh replace {address} lladdr {other.mac('veth0').hex(':')}"
              " dev veth0 nud permanent")


def of(version, rows):
    """Return: the rows whose packets have this IP version."""
    return [row for row in rows if row[1].endswith(version)]


nft.load(nft.SEEN)
warm_up()


@case(f"{len(of('4', BAD))} kinds of malformed packets, IPv4: each moves only "
      "its own counter")
def bad_packets():
    watch_all([(*row, {counter: BATCH}) for *row, counter in of("4", BAD)])


@case(f"{len(of('6', BAD))} kinds of malformed packets, IPv6: each moves only "
      "its own counter")
def bad_packets_6():
    want_ipv6()
    watch_all([(*row, {counter: BATCH}) for *row, counter in of("6", BAD)])


@case("unusual options and flags are counted and tracked")
def odd_packets():
    watch_all(of("4", ODD))


@case("8 extension headers are walked")
def extensions():
    want_ipv6()
    watch_all(of("6", ODD))


@case("headers beyond the bytes that are read: truncated")
def truncated():
    want_ipv6()
    # a packet that is not linear, with 2 KiB of options before the TCP header
    packet = in6(extension(6, 255) + GOOD + bytes(3000), proto=60)
    watch_all([("far header", "in6", packet,
                {"truncated": BATCH, "headers_copied": BATCH})])


@case("the module and nftables count the same packets of real traffic")
def same_count():
    begin, before = nft.both_counts(), stats()
    with far:
        remote = listener("0.0.0.0", 5003)
    for _ in range(10):
        whole_connection(server)
        sock, peer = pair(remote, (THERE4, 5003))
        peer.sendall(bytes(100000))
        receive(sock, 100000)
        close_both(sock, peer)
    fails(errno.ECONNREFUSED, socket.create_connection, (THERE4, 1))
    check_counts(begin)
    moved = grown(before)
    equal(moved["loopback"] > 0, True, "packets of loopback")
    remote.close()


run()
