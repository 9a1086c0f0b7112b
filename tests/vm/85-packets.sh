#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Packets that are no good: each is counted, by its reason and only there.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import errno
import os
import socket
import struct

import load
import readers
from kernel import ALL_IP, HAS_IPV6, set_ipv6, usable, want_ipv6
from load import ACK, FIN, PSH, RST, SYN, URG, ip4, ip6, tcp
from readers import case, entered, equal, fails, grown, stats, until

BATCH = 10	# packets of each bad kind
NEAR, FAR = f"tt{os.getpid()}n", f"tt{os.getpid()}f"

readers.load()
load.ip(f"netns add {NEAR}", f"netns add {FAR}",
        f"link add veth0 netns {NEAR} mtu 9000 type veth peer name veth0"
        f" mtu 9000 netns {FAR}")
for name, host in (FAR, 2), (NEAR, 1):
    with entered(name):
        load.prepare_netns(
            f"addr add 10.4.0.{host}/24 dev veth0", "link set veth0 up")
        set_ipv6("conf/veth0/disable_ipv6", 0)
        set_ipv6("conf/veth0/accept_dad", 0)
        set_ipv6("conf/lo/disable_ipv6", 0)
        load.ip(*(f"addr add {address} dev veth0 nodad"
                  for address in usable(f"fd00:4::{host}/64")))
# for good: all that follows is in here
readers.setns(os.open(f"/run/netns/{NEAR}", os.O_RDONLY))
server = load.listener(port=5000)

RULES = f"""
table {ALL_IP} count {{
	counter in {{}}
	counter forward {{}}
	counter out {{}}
	chain i {{ type filter hook input priority 0; counter name in; }}
	chain f {{ type filter hook forward priority 0; counter name forward; }}
	chain o {{ type filter hook output priority 0; counter name out; }}
}}
"""


def nft_packets():
    return sum(load.nft_counters(ALL_IP, "count").values())


# Every packet is in exactly one of these.
GROUP_1 = """tracked late loopback not_tcp fragment truncated ip_version
ip_hdrlen ip_length ext_length ext_limit tcp_length tcp_doff bad_flags
stray_rst stray_fin stray_self table_full chain_full no_memory""".split()


def both_counts():
    """Of group 1 and of nftables, at a moment when nothing passes."""
    def total():
        now = stats()
        return sum(now[name] for name in GROUP_1)

    def still():
        before = total()
        packets = nft_packets()
        return (before, packets) if total() == before else None
    return until(still, "quiet moment")


def check_counts(begin):
    ours, theirs = (now - then for now, then in zip(both_counts(), begin))
    equal(ours, theirs, "packets that nftables counted")


HERE4, THERE4, HERE6, THERE6 = "10.4.0.1", "10.4.0.2", "fd00:4::1", "fd00:4::2"
SINK4 = "10.99.1.1"
GOOD = tcp(7000, 7001, ACK)


def options(data):
    return tcp(7100, 7101, SYN, options=data)


def out4(payload=GOOD, **fields):
    return ip4(load.SINK_FROM, SINK4, payload, **fields)


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
    """Destination options, one after another, then TCP."""
    return extension(60) * (count - 1) + extension(6) + GOOD


def fragment(offset, more=0):
    return struct.pack("!BBHI", 6, 0, offset << 3 | more, 9) + GOOD


# name, how, the packet, the counter or counters of group 1
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
    ("RST of nothing", "out4", out4(tcp(1, 2, RST)), "stray_rst"),
    ("FIN of nothing", "out4", out4(tcp(1, 2, FIN | ACK)), "stray_fin"),
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
# they open a connection or belong to one, so more than one counter moves
ODD = [
    ("8 extensions are walked", "out6", out6(chain(8), proto=60),
     {"tracked": BATCH, "opened": 1, "midstream": 1}),
    ("option of length 0", "out4", out4(options(b"\x02\0\5\xb4")),
     {"tracked": BATCH, "opened": 1, "opt_malformed": BATCH}),
    ("option that overruns", "out4", out4(options(b"\x08\x0a\0\0")),
     {"tracked": BATCH, "opt_malformed": BATCH}),
    ("MSS of length 3", "out4", out4(options(b"\x02\x03\5\1")),
     {"tracked": BATCH, "opt_malformed": BATCH}),
    ("option that nobody knows", "out4", out4(options(b"\xc8\x04\0\0")),
     {"tracked": BATCH, "opt_unknown": BATCH}),
    ("null in a connection", "out4", out4(tcp(7100, 7101, 0)),
     {"tracked": BATCH, "odd_flags": BATCH}),
]
VNET_HDR = 15	# PACKET_VNET_HDR: a packet that is not linear


class Wire:
    """Packets by every way in: our own raw sockets, and the other end's."""

    def __init__(self):
        self.own4 = load.raw4()
        if HAS_IPV6:
            self.own6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                                      socket.IPPROTO_RAW)
        ours = load.read_mac("veth0")
        with entered(FAR):
            self.far = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self.far.bind(("veth0", 0))
            self.far.setsockopt(263, VNET_HDR, 1)
            self.ether = ours + load.read_mac("veth0")

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


# Moved by the kernel too: IPv6 looks for neighbours, old entries expire.
ASIDE = {"not_tcp", "expired", "closed"}


def icmp6_packets():
    if not HAS_IPV6:
        return 0
    with open("/proc/self/net/snmp6") as file:
        counts = dict(line.split() for line in file)
    return int(counts["Icmp6InMsgs"]) + int(counts["Icmp6OutMsgs"])


def our_stats():
    """The counters without what IPv6 says of itself, which is not TCP."""
    def still():
        before, now = icmp6_packets(), stats()
        now["not_tcp"] -= before
        return now if icmp6_packets() == before else None
    return until(still, "quiet moment")


def moved_by(wire, way, packet, wanted):
    """What a batch moves, but ASIDE; None if the kernel does not send it."""
    before = our_stats()
    try:
        for _ in range(BATCH):
            wire.send(way, packet)
    except OSError as error:
        equal(error.errno, errno.EINVAL, "errno of sending")
        return None
    until(lambda: sum(grown(before, our_stats()).get(name, 0)
                      for name in GROUP_1) >= BATCH, "packets")
    moved = grown(before, our_stats())
    return {name: moved[name] for name in moved
            if name not in ASIDE - set(wanted)}


def watch_all(rows):
    wire = Wire()
    begin, wrong = both_counts(), []
    for name, way, packet, wanted in rows:
        got = moved_by(wire, way, packet, wanted)
        if got is None and "header length" in name:
            readers.note(name + ": this kernel does not send it")
        elif got != wanted:
            wrong.append((name, got, wanted))
    equal(wrong, [], "counters")
    check_counts(begin)


def warm_up():
    """Neighbours are known, so that only our packets pass."""
    if not HAS_IPV6:
        return
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.sendto(b"x", (THERE6, 9))
    until(lambda: "lladdr" in readers.command(
        "ip", "-6", "neigh", "show", "nud", "all", THERE6), "neighbour")
    with entered(FAR):
        load.ip(f"neigh replace {HERE6} lladdr "
                + load.read_mac("veth0", NEAR).hex(":") +
                " dev veth0 nud permanent")
    load.ip(f"neigh replace {THERE6} lladdr "
            + load.read_mac("veth0", FAR).hex(":") +
            " dev veth0 nud permanent")


def of(version, rows):
    """Those of an IP version."""
    return [row for row in rows if row[1].endswith(version)]


readers.command("nft", "-f", "-", input=RULES)
warm_up()


@case(f"{len(of('4', BAD))} kinds of bad packets, IPv4: each moves its counter,"
      " no other")
def bad_packets():
    watch_all([(*row, {counter: BATCH}) for *row, counter in of("4", BAD)])


@case(f"{len(of('6', BAD))} kinds of bad packets, IPv6: each moves its counter,"
      " no other")
def bad_packets_6():
    want_ipv6()
    watch_all([(*row, {counter: BATCH}) for *row, counter in of("6", BAD)])


@case("odd options and flags are counted, and tracked all the same")
def odd_packets():
    watch_all(of("4", ODD))


@case("8 extension headers are walked")
def extensions():
    want_ipv6()
    watch_all(of("6", ODD))


@case("headers past what is looked at: truncated")
def truncated():
    want_ipv6()
    # 2 KiB of options before TCP, in a packet that is not linear
    packet = in6(extension(6, 255) + GOOD + bytes(3000), proto=60)
    watch_all([("far header", "in6", packet,
                {"truncated": BATCH, "headers_copied": BATCH})])


@case("group 1 and nftables count the same packets of real traffic")
def same_count():
    begin, before = both_counts(), stats()
    with entered(FAR):
        remote = load.listener("0.0.0.0", 5003)
    for _ in range(10):
        load.whole_connection(server)
        sock = socket.create_connection((THERE4, 5003))
        peer = remote.accept()[0]
        peer.sendall(bytes(100000))
        got = 0
        while got < 100000:
            got += len(sock.recv(65536))
        load.finish(sock, peer)
    fails(errno.ECONNREFUSED, socket.create_connection, (THERE4, 1))
    check_counts(begin)
    moved = grown(before, stats())
    equal(moved["loopback"] > 0, True, "packets of loopback")
    remote.close()
    load.ip(f"netns delete {NEAR}", f"netns delete {FAR}")


readers.run()
EOF
