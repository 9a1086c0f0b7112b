#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check forwarding and several kinds of NAT: each namespace on the path tracks
both directions as one connection. On loopback, each packet passes two hooks and
is tracked once."""
import socket

import module
import nft
from case import by_family, case, run
from check import equal, until
from expected import HANDSHAKE, Trace, check_close, check_handshake, closing
from kernel import ALL_IP, HAS_CONNTRACK, want_conntrack
from netns import row
from proc import command
from procfs import grown
from records import ESTABLISHED, FINDING, FINDINGS, HOOKS
from sockets import abort, close_both, connect, family_of, ports, receive
from ss import retransmitted

module.load()
client, router, server = row("crs", 30)
client.reach("10.30.2.2", "fd30:2::2")
trace = Trace()

# addresses: the client, the router on the client's side, the router on the
# server's side, the server, an unused address, loopback; then nft's name of the
# address family
V4 = ("10.30.1.2", "10.30.1.1", "10.30.2.1", "10.30.2.2", "10.30.9.9",
      "127.0.0.1", "ip")
V6 = ("fd30:1::2", "fd30:1::1", "fd30:2::1", "fd30:2::2", "fd30:9::9",
      "::1", "ip6")


def counting(ns, hook, port):
    """Let nftables count the packets of each direction after the module has
    counted them. In INPUT, nftables counts before NAT restores the address that
    a local DNAT has changed."""
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
    """Load the NAT table of one case; each chain is (hook, priority, rule)."""
    want_conntrack()
    text = "".join(f"""
	chain {hook} {{
		type nat hook {hook} priority {priority};
		{rule}
	}}""" for hook, priority, rule in chains)
    if "ip6" not in text:
        text = text.replace("[", "").replace("]", "")
    ns.nft(f"table {ALL_IP} nat{port} {{{text}\n}}")


# bytes that each end of the last connection has retransmitted
rexmit = [0, 0]


def talk(*args, sent=50000, received=70000, **more):
    """Open a connection, send several segments in each direction, and close the
    connection. Return: the expected records."""
    one, two = connect(*args, **more)
    for sender, receiver, n in ((one, two, sent), (two, one, received)):
        for _ in range(10):
            sender.sendall(bytes(n // 10))
            receive(receiver, n // 10)
    rexmit[:] = retransmitted(one, two)
    close_both(one, two)
    return HANDSHAKE + closing("o", "r", sent, received)


def known_as(records):
    """Check the translated addresses in the records of a connection. Return:
    both ends' translated addresses (None: not translated), as CLOSE reports
    them."""
    first, close = records[0], records[-1]
    nat = close.translated()
    # the hook sees the first packet before SNAT changes it
    equal(first.translated(), [None, nat[1]], "NAT in OPEN")
    equal([r.translated() for r in records if r.type == ESTABLISHED], [nat],
          "NAT in ESTABLISHED")
    return nat


def check(ns, port, sequence, hooks, orig, resp, packets=None, nat=None):
    """Check that a namespace has tracked exactly one connection of a port, and
    check its records."""
    records, = trace.expect(ns, port, sequence)
    equal((records[0].orig, records[0].resp), (orig, resp), "addresses")
    equal({HOOKS[r.seg.hook] for r in records}, set(hooks.split()), "hooks")
    source, dest = nat or (None, None)
    equal(known_as(records), [source and (source, records[0].orig_port), dest],
          "the other addresses")
    close = check_close(records, 50000, 70000, "SFPA SFPA", rexmit)
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
    """Check that one connection was opened in each of these namespaces, and no
    connection elsewhere."""
    want = {name: n + [p.name for p in places].count(name)
            for name, n in before.items()}
    equal(opened(), want, "connections opened")


def each(title):
    return by_family(title, V4, V6)


def one_connection(count_in, hooks, addr, port, *seen, nat_in=None, chains=(),
                   server_in=server, target=None, source=None):
    """Open a connection from the client, and check its records. If nat_in is
    set, the NAT rules in chains are loaded in that namespace. If source is set,
    the rules change the client's address to source. target is an address and a
    port: if target is set, the client connects to target, and the rules change
    target to the server's address and port. Exactly the namespaces in seen must
    track the connection. Each entry of seen is (namespace, port, hooks, orig,
    resp)."""
    if nat_in:
        nat(nat_in, port, *chains)
    before = opened()
    counting(count_in, hooks, port)
    sequence = talk(server_in, client, addr, port, target=target)
    packets = counted(count_in, port)
    # no packet was lost, so all hosts have seen the same packets
    for ns, ns_port, *rest in seen:
        check(ns, ns_port, sequence, *rest, packets,
              nat=(source, target) if ns is nat_in else None)
    if target:
        equal(trace.records(nat_in, target[1]), {}, "records of the service")
    once(before, *(ns for ns, *_ in seen))
    if nat_in:
        nat_in.nft(f"delete table {ALL_IP} nat{port}")


@each("a routed connection is one connection, with both directions")
def _(c, _rc, _rs, s, _none, _lo, _ip):
    port = next(ports)
    one_connection(router, ["forward"], s, port,
                   (router, port, "forward", c, s),
                   (client, port, "in out", c, s),
                   (server, port, "in out", c, s))


@each("DNAT and masquerade in the router: client and backend, both directions")
def _(c, rc, rs, s, _none, _lo, ip):
    port, service = next(ports), next(ports)
    one_connection(
        router, ["forward"], s, port, (router, port, "forward", c, s),
        (client, service, "in out", c, rc), (server, port, "in out", rs, s),
        nat_in=router, target=(rc, service), source=rs, chains=[
            ("prerouting", -100, f"{ip} daddr {rc} tcp dport {service} "
                                 f"dnat {ip} to [{s}]:{port}"),
            ("postrouting", 100, f'oifname "rs" tcp dport {port} masquerade')])


@each("SNAT in the router: client and server, both directions")
def _(c, _rc, _rs, s, none, _lo, ip):
    port = next(ports)
    one_connection(
        router, ["forward"], s, port, (router, port, "forward", c, s),
        (client, port, "in out", c, s), (server, port, "in out", none, s),
        nat_in=router, source=none, chains=[
            ("postrouting", 100, f'oifname "rs" tcp dport {port} '
                                 f"snat {ip} to [{none}]")])


@each("DNAT of a local program: the backend, both directions")
def _(c, _rc, _rs, s, none, _lo, ip):
    port, service = next(ports), next(ports)
    one_connection(
        client, ["output", "input"], s, port, (client, port, "in out", c, s),
        (router, port, "forward", c, s), (server, port, "in out", c, s),
        nat_in=client, target=(none, service), chains=[
            ("output", -100, f"{ip} daddr {none} tcp dport {service} "
                             f"dnat {ip} to [{s}]:{port}")])


@each("an inbound redirect: the local port, both directions")
def _(c, _rc, _rs, s, _none, _lo, _ip):
    port, service = next(ports), next(ports)
    one_connection(
        server, ["input", "output"], s, port, (server, port, "in out", c, s),
        (client, service, "in out", c, s), (router, service, "forward", c, s),
        nat_in=server, target=(s, service), chains=[
            ("prerouting", -100, f"tcp dport {service} redirect to :{port}")])


@each("a redirect on loopback: the local port, both directions, once")
def _(_c, _rc, _rs, _s, _none, lo, _ip):
    port, service = next(ports), next(ports)
    one_connection(
        client, ["output"], lo, port, (client, port, "out", lo, lo),
        server_in=client, nat_in=client, target=(lo, service), chains=[
            ("output", -100, f"tcp dport {service} redirect to :{port}")])


@each("packets on loopback are counted once, and those that are skipped")
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
    with client:
        first, before = nft.at_rest()
    sequence = talk(client, client, lo, port)
    with client, socket.socket(family_of(lo), socket.SOCK_DGRAM) as udp:
        udp.bind((lo, 0))
        udp.sendto(b"not TCP", udp.getsockname())
        equal(udp.recv(100), b"not TCP", "datagram")
    packets = counted(client, port)
    check(client, port, sequence, "out", lo, lo, packets)
    with client:
        last, after = nft.at_rest()
    moved = grown(before, after)
    counters = {k: last[k] - first[k] for k in first}
    equal(counters["datagrams"], 1, "datagrams")
    equal(moved["loopback"], counters["skipped"], "packets skipped")
    equal(moved["loopback"], sum(packets) + 1, "packets on loopback")
    equal(moved["tracked"] + moved["late"], sum(packets), "packets tracked")
    equal(moved["not_tcp"], counters["others"], "packets that are not TCP")
    client.nft(f"delete table {ALL_IP} skip{port}")


@each("a NAT forgets a connection: its RST leaves with the inner address")
def _(c, _rc, _rs, s, _none, _lo, _ip):
    port = next(ports)
    nat(router, port, ("postrouting", 100,
                       f'oifname "rs" tcp dport {port} masquerade'))
    one, two = connect(server, client, s, port)
    own = one.getsockname()[1]
    with router:
        command("conntrack", "-D", "-f", f"ipv{4 if '.' in c else 6}",
                "-p", "tcp", "--dport", str(port))
    abort(one)
    finding, = until(lambda: [r for r in trace.all() if r.type == FINDING and
                              (r.netns, r.orig_port) == (router.inum, own)],
                     "the finding")
    equal((FINDINGS[finding.finding], finding.end, finding.value),
          ("stray_rst", 0, own), "finding")
    router.nft(f"delete table {ALL_IP} nat{port}")
    abort(two)	# nobody would answer a FIN


case("no connection had further records, and no record was lost")(
    lambda: trace.check_silence(*["stray_rst"] * HAS_CONNTRACK))


run()
