#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Forwarding and every kind of NAT: one connection, with both directions, at
# every place that it passes; and loopback, where each packet passes twice.
set -eu
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$(cd "$(dirname "$0")/lib" && pwd)
export PYTHONPATH
exec python3 - <<'PY'
import socket

from events import *
from story import *
from traffic import *

load()
client, router, server = Netns("c"), Netns("r"), Netns("s")
veth(router, "rc", client, "cr")
veth(router, "rs", server, "sr")
client.address("cr", "10.30.1.2/24", "fd30:1::2/64")
router.address("rc", "10.30.1.1/24", "fd30:1::1/64")
router.address("rs", "10.30.2.1/24", "fd30:2::1/64")
server.address("sr", "10.30.2.2/24", "fd30:2::2/64")
client.default_route("10.30.1.1", "fd30:1::1")
server.default_route("10.30.2.1", "fd30:2::1")
router.forward()
client.reach("10.30.2.2", "fd30:2::2")
trace = Trace()

# addresses: client, router on the client's side, on the server's, server, an
# address that nobody has; loopback; and nft's word for the family
V4 = ("10.30.1.2", "10.30.1.1", "10.30.2.1", "10.30.2.2", "10.30.9.9",
      "127.0.0.1", "ip")
V6 = ("fd30:1::2", "fd30:1::1", "fd30:2::1", "fd30:2::2", "fd30:9::9",
      "::1", "ip6")


def counting(ns, hook, port):
    """The oracle: nftables counts the packets of each direction, after us
    and, in INPUT, before the address of a local DNAT is turned back."""
    ns.nft(f"""
table {ALL_IP} count{port} {{
	counter o{port} {{}}
	counter r{port} {{}}
	chain {hook[0]} {{
		type filter hook {hook[0]} priority 0;
		tcp dport {port} counter name o{port}
	}}
	chain {hook[-1]} {{
		type filter hook {hook[-1]} priority 0;
		tcp sport {port} counter name r{port}
	}}
}}""")


def nat(ns, port, *chains):
    """Tables of their own for each case; hook: rule."""
    want_conntrack()
    text = "".join(f"""
	chain {hook} {{
		type nat hook {hook} priority {priority};
		{rule}
	}}""" for hook, priority, rule in chains)
    if "ip6" not in text:
        text = text.replace("[", "").replace("]", "")
    ns.nft(f"table {ALL_IP} nat{port} {{{text}\n}}")


def talk(*args, sent=50000, received=70000, **more):
    """Exchange more than one segment in each direction, then close."""
    one, two = connect(*args, **more)
    for sender, receiver, n in ((one, two, sent), (two, one, received)):
        for _ in range(10):
            sender.sendall(bytes(n // 10))
            receive(receiver, n // 10)
    close_both(one, two)
    return HANDSHAKE + closing("o", "r", sent, received)


def check(ns, port, story, hooks, orig, resp, packets=None):
    """Exactly one connection of a port is told of in a namespace."""
    records, = trace.expect(ns, port, story)
    equal((records[0].orig, records[0].resp), (orig, resp), "addresses")
    equal({HOOKS[r.seg.hook] for r in records}, set(hooks.split()), "hooks")
    close = check_close(records, 50000, 70000, "SFPA SFPA")
    check_handshake(records)
    if packets:
        equal([d.packets for d in close.dir], packets, "packets in CLOSE")
    return close


def counted(ns, port):
    counters = ns.counters()
    return [counters[f"o{port}"], counters[f"r{port}"]]


def opened():
    return {ns.name: ns.stats()["opened"] for ns in (client, router, server)}


def once(before, *places):
    """A connection was opened in these namespaces and nowhere else."""
    want = {name: n + [p.name for p in places].count(name)
            for name, n in before.items()}
    equal(opened(), want, "connections opened")


def of_family(function, addresses):
    if addresses is V6:
        want_ipv6()
    function(*addresses)


def each(title):
    """A case for IPv4 and one for IPv6."""
    def register(function):
        for name, addresses in (("IPv4", V4), ("IPv6", V6)):
            case(f"{title}, {name}")(
                lambda addresses=addresses: of_family(function, addresses))
    return register


@each("a routed connection is one connection, with both directions")
def _(c, _rc, _rs, s, _none, _lo, _ip):
    port, before = next(ports), opened()
    counting(router, ["forward"], port)
    story = talk(server, client, s, port)
    packets = counted(router, port)
    # no packet was lost, so all three saw the same ones
    check(router, port, story, "forward", c, s, packets)
    check(client, port, story, "in out", c, s, packets)
    check(server, port, story, "in out", c, s, packets)
    once(before, client, router, server)


@each("DNAT and masquerade in the router: client and backend, both ways")
def _(c, rc, rs, s, _none, _lo, ip):
    port, service, before = next(ports), next(ports), opened()
    nat(router, port,
        ("prerouting", -100, f"{ip} daddr {rc} tcp dport {service} "
                             f"dnat {ip} to [{s}]:{port}"),
        ("postrouting", 100, f'oifname "rs" tcp dport {port} masquerade'))
    counting(router, ["forward"], port)
    story = talk(server, client, s, port, target=(rc, service))
    packets = counted(router, port)
    check(router, port, story, "forward", c, s, packets)
    check(client, service, story, "in out", c, rc, packets)
    check(server, port, story, "in out", rs, s, packets)
    once(before, client, router, server)
    router.nft(f"delete table {ALL_IP} nat{port}")


@each("DNAT of a local program: the backend, both ways")
def _(c, _rc, _rs, s, none, _lo, ip):
    port, service, before = next(ports), next(ports), opened()
    nat(client, port,
        ("output", -100, f"{ip} daddr {none} tcp dport {service} "
                         f"dnat {ip} to [{s}]:{port}"))
    counting(client, ["output", "input"], port)
    story = talk(server, client, s, port, target=(none, service))
    check(client, port, story, "in out", c, s, counted(client, port))
    equal(trace.records(client, service), {}, "records of the service")
    once(before, client, router, server)
    client.nft(f"delete table {ALL_IP} nat{port}")


@each("an inbound redirect: the local port, both ways")
def _(c, _rc, _rs, s, _none, _lo, _ip):
    port, service, before = next(ports), next(ports), opened()
    nat(server, port, ("prerouting", -100,
                       f"tcp dport {service} redirect to :{port}"))
    counting(server, ["input", "output"], port)
    story = talk(server, client, s, port, target=(s, service))
    packets = counted(server, port)
    check(server, port, story, "in out", c, s, packets)
    equal(trace.records(server, service), {}, "records of the service")
    check(client, service, story, "in out", c, s, packets)
    check(router, service, story, "forward", c, s, packets)
    once(before, client, router, server)
    server.nft(f"delete table {ALL_IP} nat{port}")


@each("a redirect on loopback: the local port, both ways, once")
def _(_c, _rc, _rs, _s, _none, lo, _ip):
    port, service, before = next(ports), next(ports), opened()
    nat(client, port, ("output", -100,
                       f"tcp dport {service} redirect to :{port}"))
    counting(client, ["output"], port)
    story = talk(client, client, lo, port, target=(lo, service))
    check(client, port, story, "out", lo, lo, counted(client, port))
    equal(trace.records(client, service), {}, "records of the service")
    once(before, client)
    client.nft(f"delete table {ALL_IP} nat{port}")


def numbers():
    """The module's counters and nftables', with no packet between the two."""
    def quiet():
        before, ours, after = (client.counters(), client.stats(),
                               client.counters())
        return before == after and (ours, after)
    return until(quiet, "a moment without packets")


@each("loopback is counted once, and what is skipped is counted")
def _(_c, _rc, _rs, _s, _none, lo, _ip):
    port = next(ports)
    counting(client, ["output"], port)
    client.nft(f"""
table {ALL_IP} skip{port} {{
	counter skipped {{}}
	counter datagrams {{}}
	counter others {{}}
	chain c {{
		type filter hook input priority 200;
		iif lo counter name skipped
		iif lo meta l4proto udp counter name datagrams
		iif != lo meta l4proto != tcp counter name others
	}}
	chain o {{
		type filter hook output priority 0;
		meta l4proto != tcp counter name others
	}}
}}""")
    before, first = numbers()
    story = talk(client, client, lo, port)
    with client, socket.socket(family_of(lo), socket.SOCK_DGRAM) as udp:
        udp.bind((lo, 0))
        udp.sendto(b"not TCP", udp.getsockname())
        equal(udp.recv(100), b"not TCP", "datagram")
    packets = counted(client, port)
    check(client, port, story, "out", lo, lo, packets)
    after, last = numbers()
    grown = {k: after[k] - before[k] for k in after if k != "entries"}
    counters = {k: last[k] - first[k] for k in first}
    equal(counters["datagrams"], 1, "datagrams")
    equal(grown["loopback"], counters["skipped"], "packets skipped")
    equal(grown["loopback"], sum(packets) + 1, "packets on loopback")
    equal(grown["tracked"] + grown["late"], sum(packets), "packets tracked")
    equal(grown["not_tcp"], counters["others"], "packets that are not TCP")
    client.nft(f"delete table {ALL_IP} skip{port}")


@case("nothing more was told of any of them, and nothing was lost")
def _():
    trace.check_silence()


main()
PY
