#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that a packet that leaves, enters or stays in a VRF is tracked once."""
import socket

import module
from case import case, run
from check import equal
from expected import HANDSHAKE, Trace, closing
from netns import Netns
from proc import command
from procfs import grown
from records import MASK_DEFAULT, OPEN, check_sequence
from sockets import close_both, exchange, listener, new_socket, pair, ports

command("modprobe", "vrf")
module.load()
host, peer = Netns("h"), Netns("p")
host.veth("hp", peer, "ph")
host.ip("link add red type vrf table 10", "link set red up",
        "link set hp master red")
host.address("hp", "10.32.1.1/24")
peer.address("ph", "10.32.1.2/24")
HOST, PEER = "10.32.1.1", "10.32.1.2"
peer.reach(HOST)
trace = Trace(MASK_DEFAULT)
SENT, RECEIVED = 5000, 70000


def way(ns, port):
    """Return: the interfaces and the VRF of a connection's first segment."""
    with ns:
        names = dict(socket.if_nameindex())
    first = next(r for r in trace.all() if r.type == OPEN and
                 r.netns == ns.inum and r.resp_port == port)
    path = first.paths[0]
    return tuple(names.get(index, "") for index in (path.in_, path.out,
                                                    path.vrf))


def in_vrf(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"red")
    return s


def server_in_vrf(port):
    s = in_vrf(new_socket(host, HOST))
    s.bind((HOST, port))
    s.listen()
    return s


def talk(server, client, port, *hosts):
    """Open, use and close a connection, and check the CLOSE record of each
    host. Return: the packet counts of these records."""
    with server:
        one, two = pair(server, client=client)
    exchange(one, two, SENT, RECEIVED)
    close_both(one, two)
    closes = []
    for ns in hosts:
        records, = trace.expect(ns, port, HANDSHAKE +
                                closing("o", "r", SENT, RECEIVED))
        close = records[-1]
        equal([(d.bytes, d.rexmit_packets, d.syns, d.fins)
               for d in close.dir],
              [(SENT, 0, 1, 1), (RECEIVED, 0, 1, 1)], ns.name)
        closes.append([d.packets for d in close.dir])
    return closes


@case("out of a VRF: the peer counts the same packets")
def _():
    port = next(ports)
    before = host.stats()
    here, there = talk(listener(PEER, port, ns=peer),
                       in_vrf(new_socket(host, PEER)), port, host, peer)
    # the host's kernel may have merged several packets of the peer into one
    equal((here[0], here[1] <= there[1]), (there[0], True))
    count = grown(before, host.stats())
    equal(count["l3mdev"], here[0], "passes of the VRF device")
    equal(count["tracked"], sum(here), "packets")
    equal(way(host, port), ("", "hp", "red"), "way out of the host")
    equal(way(peer, port), ("ph", "", ""), "way into the peer")


@case("into a VRF")
def _():
    port = next(ports)
    before = host.stats()
    here, there = talk(server_in_vrf(port), new_socket(peer, HOST), port,
                       host, peer)
    equal((here[1], here[0] <= there[0]), (there[1], True))
    equal(grown(before, host.stats())["tracked"], sum(here), "packets")
    equal(way(host, port), ("hp", "", "red"), "way into the host")


@case("within a VRF")
def _():
    port = next(ports)
    before = host.stats()
    here, = talk(server_in_vrf(port), in_vrf(new_socket(host, HOST)), port,
                 host)
    equal(grown(before, host.stats())["tracked"], sum(here), "packets")


@case("no record was lost")
def _():
    equal(check_sequence(trace.all()), 0, "lost records")
    trace.reader.close()


run()
