#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the interfaces that a connection passes in both directions, and its
mark. In some cases the directions use different interfaces, or the route
changes."""
import socket

import module
from case import case, run
from check import equal
from expected import Trace
from netns import Netns
from records import CLOSE, FINDING, FINDINGS, MASK_DEFAULT, OPEN
from sockets import close_both, connect, ports, receive

SO_MARK = 36

module.load()
host, peer = Netns("h"), Netns("p")
for link in (1, 2):
    host.veth(f"hp{link}", peer, f"ph{link}")
    host.address(f"hp{link}", f"10.39.{link}.1/24")
    peer.address(f"ph{link}", f"10.39.{link}.2/24")
for ns in (host, peer):
    # accept an answer that arrives by the link that the request has not used
    ns.sysctl("ipv4/conf/all/rp_filter", 0)
    for device in ("hp1", "hp2") if ns is host else ("ph1", "ph2"):
        ns.sysctl(f"ipv4/conf/{device}/rp_filter", 0)
host.reach("10.39.1.2", "10.39.2.2")
PEER = "10.39.1.2"
trace = Trace(MASK_DEFAULT)


def names(path, ns):
    with ns:
        known = dict(socket.if_nameindex())
    return known.get(path.in_, ""), known.get(path.out, "")


def records(ns, port, kind):
    return [r for r in trace.all() if r.type == kind and
            r.netns == ns.inum and port in (r.orig_port, r.resp_port)]


def found(ns, port):
    """Return: the name, the end and the interface of each finding."""
    with ns:
        known = dict(socket.if_nameindex())
    return [(FINDINGS[r.finding], r.end, known.get(r.value, ""))
            for r in records(ns, port, FINDING)]


def closing(ns, port):
    trace.wait(lambda: records(ns, port, CLOSE), "CLOSE")
    return records(ns, port, CLOSE)[0]


def exchange(one, two, times):
    for _ in range(times):
        one.sendall(b"x")
        receive(two, 1)
        two.sendall(b"y")
        receive(one, 1)


@case("both directions pass one interface; the mark of the first packet")
def _():
    port = next(ports)
    with host:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, SO_MARK, 0x1234)
    one, two = connect(peer, host, PEER, port, client=client)
    close_both(one, two)
    first, close = records(host, port, OPEN)[0], closing(host, port)
    equal((names(first.paths[0], host), first.paths[0].mark),
          (("", "hp1"), 0x1234), "OPEN")
    equal([names(p, host) for p in close.paths], [("", "hp1"), ("hp1", "")])
    equal([names(p, peer) for p in closing(peer, port).paths],
          [("ph1", ""), ("", "ph1")])
    equal(found(host, port) + found(peer, port), [], "findings")


@case("loopback: both directions leave by lo")
def _():
    port = next(ports)
    close_both(*connect(host, host, "127.0.0.1", port))
    equal([names(p, host) for p in closing(host, port).paths],
          [("", "lo"), ("", "lo")])
    equal(found(host, port), [], "findings")


@case("asymmetric: the answers come by another interface")
def _():
    port = next(ports)
    peer.ip("route add 10.39.1.1/32 via 10.39.2.1 dev ph2 src 10.39.1.2")
    one, two = connect(peer, host, PEER, port)
    exchange(one, two, 3)
    close_both(one, two)
    equal([names(p, host) for p in closing(host, port).paths],
          [("", "hp1"), ("hp2", "")])
    closing(peer, port)
    equal(found(host, port), [("asymmetric", 0, "hp1")], "in the host")
    equal(found(peer, port), [("asymmetric", 1, "ph2")], "in the peer")
    peer.ip("route del 10.39.1.1/32")


@case("route_moved: the segments pass by another interface")
def _():
    port = next(ports)
    one, two = connect(peer, host, PEER, port)
    exchange(one, two, 3)
    host.ip("route add 10.39.1.2/32 via 10.39.2.2 dev hp2 src 10.39.1.1")
    exchange(one, two, 300)
    trace.wait(lambda: len(found(host, port)) == 2, "findings in the host")
    equal(found(host, port), [("route_moved", 0, "hp2"),
                              ("asymmetric", 0, "hp2")], "in the host")
    close_both(one, two)
    equal([names(p, host) for p in closing(host, port).paths],
          [("", "hp2"), ("hp1", "")])
    equal(found(peer, port)[0], ("route_moved", 0, "ph2"), "in the peer")
    host.ip("route del 10.39.1.2/32")


case("no record was lost")(
    lambda: trace.check_silence("asymmetric", "route_moved"))


run()
