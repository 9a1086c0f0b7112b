#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check how packets in tunnels, packets above 64 KiB, and fragments are
counted: each is counted once, and none is counted for a different
connection."""
import contextlib
import fcntl
import os
import select
import socket
import struct
import threading

import module
from case import by_family, case, run
from check import equal, until
from device import Reader
from expected import HANDSHAKE, Trace, check_close, closing
from kernel import ALL_IP, want_conntrack, want_ipv6
from netns import Netns
from proc import Child, command
from procfs import grown
from raw import ip4, ip6, tcp
from records import ACK, CLOSE, SEGMENT
from sockets import (close_both, connect, exchange, family_of, ports,
                     receive)
from ss import retransmitted

module.load()
left, middle, right = Netns("l"), Netns("m"), Netns("r")
left.veth("lm", middle, "ml")
middle.veth("mr", right, "rm")
left.address("lm", "10.35.1.1/24", "fd35:1::1/64")
middle.address("ml", "10.35.1.2/24", "fd35:1::2/64")
middle.address("mr", "10.35.2.1/24", "fd35:2::1/64")
right.address("rm", "10.35.2.2/24", "fd35:2::2/64")
left.default_route("10.35.1.2", "fd35:1::2")
right.default_route("10.35.2.1", "fd35:2::1")
middle.forward()
left.reach("10.35.2.2", "fd35:2::2")
PLACES = left, middle, right
trace = Trace()
SENT, RECEIVED = 50000, 70000


def talk(there, port, places, sent=SENT, server=right):
    """Open, use and close a connection, and check its records in several
    namespaces. Return: the CLOSE record of each namespace."""
    one, two = connect(server, left, there, port)
    sender = threading.Thread(target=one.sendall, args=(bytes(sent),))
    sender.start()
    receive(two, sent)
    sender.join()
    exchange(one, two, 0, RECEIVED)
    rexmit = retransmitted(one, two)
    close_both(one, two)
    closes = []
    for ns in places:
        records, = trace.expect(ns, port, HANDSHAKE +
                                closing("o", "r", sent, RECEIVED))
        closes.append(check_close(records, sent, RECEIVED, "SFPA SFPA",
                                  rexmit))
    return closes


def packets(close):
    return sum(d.packets for d in close.dir)


def packets_of(ns, port, rexmit):
    """Wait until the only connection of a port is closed. Return: its number of
    packets. rexmit: the bytes that each end's kernel has retransmitted."""
    def found():
        return [r for records in trace.records(ns, port).values()
                for r in records if r.type == CLOSE]
    trace.wait(found, f"CLOSE of port {port}")
    close, = found()
    equal([d.rexmit_bytes for d in close.dir], rexmit, "retransmissions")
    return packets(close)


def device(name, kind, here, there, address):
    """Create a tunnel from left to right, with an address at each end."""
    for ns, own, peer, n in ((left, here, there, 1), (right, there, here, 2)):
        ns.ip(f"link add {name} mtu 1400 {kind.format(own=own, peer=peer)}",
              f"link set {name} up")
        ns.address(name, f"{address}{n}/24" if "." in address else
                   f"{address}{n}/64")


def through(name, address, outer):
    """Check that the two ends of a tunnel count the inner packets, and that the
    router between them counts only outer packets."""
    left.reach(address + "2")
    port = next(ports)
    before = [ns.stats() for ns in (left, middle, right)]
    closes = talk(address + "2", port, (left, right))
    moved = [grown(b, ns.stats()) for b, ns in
             zip(before, (left, middle, right))]
    equal([m["tracked"] for m in moved],
          [packets(closes[0]), 0, packets(closes[1])], f"packets in {name}")
    equal([m["copy"] for m in moved], [0, 0, 0], "copies")
    equal([m["not_tcp"] > 9 for m in moved], [True] * 3, outer)


@case("VXLAN")
def _():
    device("vx", "type vxlan id 5 local {own} remote {peer} dstport 4789",
           "10.35.1.1", "10.35.2.2", "10.35.11.")
    through("VXLAN", "10.35.11.", "UDP")


@case("GRE")
def _():
    device("gr", "type gre local {own} remote {peer}",
           "10.35.1.1", "10.35.2.2", "10.35.12.")
    through("GRE", "10.35.12.", "GRE")


@case("IPv4 in IPv6")
def _():
    want_ipv6()
    device("t6", "type ip6tnl mode ipip6 local {own} remote {peer}",
           "fd35:1::1", "fd35:2::2", "10.35.13.")
    through("ip6tnl", "10.35.13.", "IPv6")


@case("WireGuard")
def _():
    keys = []
    for ns in left, right:
        secret = command("wg", "genkey")
        keys.append((secret, command("wg", "pubkey", input=secret).strip()))
    for ns, me, peer, port, n in ((left, 0, 1, 51821, 1),
                                  (right, 1, 0, 51820, 2)):
        path = f"/tmp/{ns.name}.key"
        with open(path, "w") as file:
            file.write(keys[me][0])
        ns.ip("link add wg type wireguard")
        with ns:
            command("wg", "set", "wg", "private-key", path, "listen-port",
                    str(51822 - n), "peer", keys[peer][1], "allowed-ips",
                    "10.35.14.0/24", "endpoint",
                    ("10.35.2.2:51820", "10.35.1.1:51821")[me])
        ns.address("wg", f"10.35.14.{n}/24")
    through("WireGuard", "10.35.14.", "UDP")


TUNSETIFF, IFF_TUN_NO_PI = 0x400454ca, 0x1001


def relay(talk_to_us, ns, outer, name):
    """Create a device, and relay its packets over a TCP connection. This
    process stays in the device's namespace."""
    ns.__enter__()
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name, IFF_TUN_NO_PI))
    talk_to_us.sendall(b"t")
    while True:
        ready, _, _ = select.select([tun, outer, talk_to_us], [], [])
        if tun in ready:
            packet = os.read(tun, 1 << 16)
            outer.sendall(struct.pack("!H", len(packet)) + packet)
        if outer in ready:
            size, = struct.unpack("!H", outer.recv(2, socket.MSG_WAITALL))
            # the device may be down
            with contextlib.suppress(OSError):
                os.write(tun, outer.recv(size, socket.MSG_WAITALL))
        if talk_to_us in ready:
            return


@case("a tunnel over TCP: inner connection and outer connection, each once")
def _():
    command("modprobe", "tun")
    inner, carrier = next(ports), next(ports)
    before = [ns.stats() for ns in PLACES]
    one, two = connect(right, left, "10.35.2.2", carrier)
    for s in one, two:
        s.settimeout(None)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with Child(relay, left, one, b"tt") as a, Child(relay, right, two,
                                                    b"tt") as b:
        for child, ns, n in (a, left, 1), (b, right, 2):
            equal(child.hear(), b"t", "a device of the tunnel")
            ns.ip("link set tt mtu 1300")
            ns.address("tt", f"10.35.15.{n}/24")
        closes = talk("10.35.15.2", inner, (left, right))
        a.end(b".")
        b.end(b".")
    rexmit = retransmitted(one, two)
    one.close()
    two.close()
    outer = [packets_of(ns, carrier, rexmit) for ns in PLACES]
    moved = [grown(b, ns.stats()) for b, ns in zip(before, PLACES)]
    equal([m["tracked"] for m in moved],
          [outer[0] + packets(closes[0]), outer[1],
           outer[2] + packets(closes[1])],
          "packets")
    equal([m["copy"] for m in moved], [0, 0, 0], "copies")


def segments_of(ns):
    with ns:
        return Reader(SEGMENT, ring_kib=4096)


@case("BIG TCP: packets above 64 KiB, with a payload length of 0")
def _():
    want_ipv6()
    # middle is an end, because Linux 6.1 does not forward such large packets
    places = left, middle
    for ns, end in (left, "lm"), (middle, "ml"):
        ns.ip(f"link set {end} gso_max_size 190000 gro_max_size 190000")
    # by default, TCP sends smaller packets if a slow host makes the RTT long
    left.sysctl("ipv4/tcp_tso_rtt_log", 20)
    port = next(ports)
    before = [ns.stats() for ns in places]
    with segments_of(left) as one, segments_of(middle) as two:
        closes = talk("fd35:1::2", port, places, 8 << 20, middle)
        longest = [max(record.seg.len for record in reader.drain())
                   for reader in (one, two)]
    equal([n > 1 << 16 for n in longest], [True] * 2, f"{longest} above 64 KiB")
    moved = [grown(b, ns.stats()) for b, ns in zip(before, places)]
    equal([m["tracked"] for m in moved], [packets(c) for c in closes],
          "packets")
    equal([m["ip_length"] for m in moved], [0] * 2, "invalid lengths")


def fragments(source, target):
    """Return: the two IP fragments of a segment that opens a connection."""
    data = tcp(next(ports), 9, ACK, seq=1, ack=1, payload=bytes(1000),
               pseudo=(source, target))
    if ":" not in source:
        return (ip4(source, target, data[:800], fragment=0x2000),
                ip4(source, target, data[800:], fragment=100))
    return tuple(ip6(source, target, struct.pack("!BBHI", 6, 0, at | more, 7) +
                     data[at:end], proto=44)
                 for at, end, more in ((0, 800, 1), (800, 1020, 0)))


def send(target, *packets):
    with left, socket.socket(family_of(target), socket.SOCK_RAW,
                             socket.IPPROTO_RAW) as raw:
        for packet in packets:
            raw.sendto(packet, (target, 0))


def counts_fragments(source, target, ns, want):
    """Check which counters of a namespace the fragments of a segment raise."""
    before, arrived = ns.stats(), right.stats()
    send(target, *fragments(source, target))
    until(lambda: grown(arrived, right.stats()), "the fragments")

    def moved():
        # meanwhile, connections of earlier cases may expire, and the kernel
        # may probe a neighbour
        return {name: n for name, n in grown(before, ns.stats()).items()
                if name not in ("expired", "not_tcp")}
    until(lambda: moved() == want, f"{want} of {moved()}", 5)


OPENS = {"tracked": 1, "opened": 1, "midstream": 1}
LOST = {"fragment": 2}


# drop the RSTs that answer the segments, because they would be counted, too
right.nft(f"""
table {ALL_IP} quiet {{
	chain c {{
		type filter hook output priority raw;
		tcp flags rst drop
	}}
}}""")


@case("IPv4 fragments: reassembled for this host, counted in a router")
def _():
    counts_fragments("10.35.1.1", "10.35.2.2", middle, LOST)
    counts_fragments("10.35.1.1", "10.35.2.2", right, OPENS)


@case("IPv6 fragments: counted")
def _():
    want_ipv6()
    counts_fragments("fd35:1::1", "fd35:2::2", middle, LOST)
    counts_fragments("fd35:1::1", "fd35:2::2", right, LOST)


@by_family("fragments where conntrack has reassembled them",
           ("10.35.1.1", "10.35.2.2"), ("fd35:1::1", "fd35:2::2"))
def _(source, target):
    want_conntrack()
    middle.nft(f"""
table {ALL_IP} track {{
	chain c {{
		type filter hook prerouting priority 0;
		ct state established
	}}
}}""")
    counts_fragments(source, target, middle, OPENS)


case("no connection had further records, and no record was lost")(
    trace.check_silence)


run(also=r"gre: |ip_gre: |wireguard: |vxlan: |tun: ")
