#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Create the causes of several findings, and check that the module reports
exactly these findings."""
import contextlib
import socket

import module
from case import case, run
from check import PATIENCE, equal, until
from expected import Trace
from netns import row
from proc import command
from raw import inject
from records import FINDING, FINDINGS, MASK_DEFAULT, SYN, check_sequence
from sockets import close_both, connect, exchange, listener, new_socket, ports

module.load()
client, router, server = row("crs", 27)
ADDR, FROM = "10.27.2.2", "10.27.1.2"
client.reach(ADDR)
trace = Trace(MASK_DEFAULT)


def found(ns, port):
    """Return: a host's findings about a port's connections, as {(name, end):
    record}."""
    return {(FINDINGS[r.finding], ("orig", "resp", None)[min(r.end, 2)]): r
            for r in trace.all() if r.type == FINDING and
            r.netns == ns.inum and port in (r.orig_port, r.resp_port)}


def wait_found(port, *wanted, hosts=(client, router, server)):
    """Wait until each host has reported exactly these findings."""
    for ns in hosts:
        with contextlib.suppress(AssertionError):
            until(lambda ns=ns: set(wanted) <= set(found(ns, port)),
                  "the findings", 2 * PATIENCE)
        equal(sorted(found(ns, port)), sorted(wanted), f"findings, {ns.name}")


def opened(port, **options):
    """Open a connection, and exchange a request and an answer."""
    waiting = listener(ADDR, port, ns=server, **options)
    one = new_socket(client, ADDR)
    one.connect((ADDR, port))
    two = waiting.accept()[0]
    waiting.close()
    exchange(one, two, 100, 100)
    return one, two


@contextlib.contextmanager
def dropped(ns, hook, match):
    """Drop the matching packets at a host, after the module's hooks."""
    ns.nft(f"""
table ip drop_{hook} {{
	chain c {{
		type filter hook {hook} priority 200;
		{match} drop
	}}
}}""")
    try:
        yield
    finally:
        ns.nft(f"delete table ip drop_{hook}")


@case("a server that accepts no connection without data: SYN,ACK repeated")
def _():
    port = next(ports)
    with listener(ADDR, port, ns=server) as waiting, \
            new_socket(client, ADDR) as one:
        waiting.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
        one.connect((ADDR, port))
        wait_found(port, ("synack_repeated", "resp"))


@case("data in the SYN that no server accepts")
def _():
    port = next(ports)
    with listener(ADDR, port, ns=server):
        inject(client, (FROM, 30001), (ADDR, port), SYN, 1000, data=b"0123")
        wait_found(port, ("tfo_not_taken", "resp"))
        equal(found(server, port)["tfo_not_taken", "resp"].value, 4)


@case("a finding is counted, and the table and list have it")
def _():
    port = next(ports)
    name, before = "finding_tfo_not_taken", server.stats()
    with listener(ADDR, port, ns=server):
        inject(client, (FROM, 30002), (ADDR, port), SYN, 1000, data=b"0123")
        wait_found(port, ("tfo_not_taken", "resp"))
        equal(server.stats()[name] - before[name], 1, name)
        line, = (line for line in server.table()
                 if line["resp"] == f"{ADDR}:{port}")
        equal(int(line["findings"]), 1 << FINDINGS.index("tfo_not_taken"))
        with server:
            for wanted, number in ("tfo_not_taken", 1), ("zero_window", 0):
                ids = command("tcptracectl", "list", "--no-header", "-o",
                              "id", "--finding", wanted, f"dport = :{port}")
                equal(ids.split(), number * [line["id"]], wanted)


@case("a program that does not read: its window is 0")
def _():
    port = next(ports)
    one, two = opened(port, buffer=4096)
    with one, two:
        one.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                one.send(bytes(10000))
        wait_found(port, ("zero_window", "resp"))
        equal(found(client, port)["zero_window", "resp"].value >= 1000, True)


@case("a host that has vanished: keep-alives, data, FIN without an answer")
def _():
    def alive(one):
        for option, value in ((socket.TCP_KEEPIDLE, 1),
                              (socket.TCP_KEEPINTVL, 1)):
            one.setsockopt(socket.IPPROTO_TCP, option, value)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    for act, finding in (
            (alive, "keep_alives_unanswered"),
            (lambda one: one.send(b"0"), "data_unanswered"),
            (lambda one: one.shutdown(socket.SHUT_WR), "fin_unanswered")):
        port = next(ports)
        one, two = opened(port)
        with one, two, dropped(server, "input", f"tcp dport {port}"):
            act(one)
            wait_found(port, (finding, "resp"))


@case("an unreported path MTU: large segments are never acknowledged")
def _():
    port = next(ports)
    router.ip("link set rs mtu 1280")
    try:
        one, two = opened(port)
        # drop the router's "too big" messages
        with one, two, dropped(router, "output", "ip protocol icmp"):
            one.send(bytes(1400))
            # the router's kernel rejects a packet that is too big, and the
            # module's hook there does not see the packet
            wait_found(port, ("path_mtu", "orig"), hosts=[client])
            equal(1280 < found(client, port)["path_mtu", "orig"].value < 1448,
                  True, "its size")
    finally:
        router.ip("link set rs mtu 1500")


@case("one direction: the answers take another path")
def _():
    port = next(ports)
    server.veth("sc", client, "cs")
    server.address("sc", "10.27.3.2/24")
    client.address("cs", "10.27.3.1/24")
    server.ip(f"route add {FROM}/32 via 10.27.3.1 dev sc")
    client.sysctl("ipv4/conf/all/rp_filter", 0)
    client.sysctl("ipv4/conf/cs/rp_filter", 0)
    one, two = connect(server, client, ADDR, port)
    exchange(one, two, 100, 100)
    close_both(one, two)
    here, there = found(client, port), found(server, port)
    equal((set(here), set(there)),
          ({("asymmetric", "orig")}, {("asymmetric", "resp")}), "ends")
    # the SYN,ACK is the evidence
    equal([r.segment() for r in (*here.values(), *there.values())],
          2 * ["r.SA 0:1"], "segments")
    # the one-way connection is reported when the router's namespace ends
    inum = router.inum
    router.delete()
    until(lambda: any(r.type == FINDING and r.netns == inum and
                      r.resp_port == port and
                      FINDINGS[r.finding] == "one_way" and r.end == 0
                      for r in trace.all()), "the finding")


@case("no record was lost")
def _():
    equal(check_sequence(trace.all()), 0, "lost records")
    trace.reader.close()


run()
