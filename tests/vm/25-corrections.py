#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that later evidence corrects tracked states that are wrong because of
full accept queues, stale entries and missed segments. The states of the
kernel's sockets are the reference."""
import contextlib
import socket

import module
from case import case, run
from check import PATIENCE, at_scale, equal, until
from expected import HANDSHAKE, Trace, closing
from netns import row
from procfs import grown
from records import CLOSE, MASK_DEFAULT, check_sequence
from sockets import (close_both, connect, exchange, listener, new_socket,
                     ports, receive, receive_end)
from ss import NAMES, TCP_REPAIR, sockets

MISSED = at_scale(1000, 50)	# connections with a missed request each
AT_ONCE = 50

module.load()
client, edge, router, server = row("ceos", 25)
ADDR, FROM = "10.25.3.2", "10.25.1.2"
client.reach(ADDR)
trace = Trace(MASK_DEFAULT)


def attempts(n, port):
    """Start to connect n clients, and do not wait for the handshakes."""
    got = []
    for _ in range(n):
        s = new_socket(client, ADDR)
        s.setblocking(False)
        s.connect_ex((ADDR, port))
        got.append(s)
    return got


def states(ns, port, end):
    """Return: the tracked states of one end of all connections to a port."""
    return [row[f"{end}_state"] for row in ns.table()
            if row["resp"].endswith(f":{port}")]


def kernel_states(ns, port, local):
    """Return: the states of the kernel's sockets with this local port (or with
    this peer port, if local is not set), as ss names them."""
    return [s.state for s in sockets(ns)
            if (s.local if local else s.peer)[1] == port]


def vanish(s):
    """Close a socket without sending a segment, as if the host had crashed."""
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    s.close()


def suspected(port):
    return [r.line() for r in trace.all() if "suspected" in r.line() and
            port in (r.orig_port, r.resp_port)]


@case("a full accept queue: SYN-RECEIVED, as ss reports")
def _():
    # 4 connections remain in SYN-RECV; if there were more, the kernel would
    # drop some of them silently
    port, n = next(ports), 9
    with contextlib.ExitStack() as stack:
        waiting = stack.enter_context(listener(ADDR, port, 64, server))
        # a full queue drops SYNs, so shrink it after all SYNs have arrived
        client.nft(f"""
table ip hold {{
	chain c {{
		type filter hook output priority 0;
		tcp dport {port} tcp flags & (syn | ack) == ack drop
	}}
}}""")
        for s in attempts(n, port):
            stack.enter_context(s)
        until(lambda: kernel_states(server, port, True) == ["SYN-RECV"] * n,
              "all connections in SYN-RECV")
        waiting.listen(4)
        client.nft("delete table ip hold")
        # 5 connections enter the accept queue; for the other 4, the server
        # repeats its SYN,ACK
        until(lambda: kernel_states(server, port, True).count("SYN-RECV") < n and
              sorted(states(server, port, "resp")) ==
              sorted(NAMES[s] for s in kernel_states(server, port, True)),
              "the table agrees with ss", 2 * PATIENCE)
        equal(kernel_states(server, port, True).count("SYN-RECV"), 4)
        # the clients do not notice
        equal(set(states(client, port, "orig")), {"ESTABLISHED"})
    equal(suspected(port), [])


@case("TCP_DEFER_ACCEPT: SYN-RECEIVED when the SYN,ACK is sent again")
def _():
    port = next(ports)
    with contextlib.ExitStack() as stack:
        waiting = stack.enter_context(listener(ADDR, port, 4, server))
        waiting.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 10)
        s = stack.enter_context(new_socket(client, ADDR))
        s.connect((ADDR, port))
        equal(kernel_states(server, port, True), ["SYN-RECV"])
        # Drop further ACKs after the client's hook. Otherwise an ACK without
        # data would complete the handshake after enough repeated SYN,ACKs.
        client.nft(f"""
table ip lose {{
	chain c {{
		type filter hook output priority 0;
		tcp dport {port} drop
	}}
}}""")
        until(lambda: states(server, port, "resp") == ["SYN_RECEIVED"],
              "the table agrees with ss", PATIENCE)
        equal(kernel_states(server, port, True), ["SYN-RECV"])
        equal(states(client, port, "resp"), ["SYN_RECEIVED"])
        client.nft("delete table ip lose")
        s.sendall(bytes(10))
        peer = stack.enter_context(waiting.accept()[0])
        receive(peer, 10)
        peer.sendall(bytes(10))
        receive(s, 10)
        for ns in client, router, server:
            until(lambda ns=ns: states(ns, port, "resp") == ["ESTABLISHED"],
                  "the table agrees with ss")
    equal(suspected(port), [])


def reconnect(port, local):
    """Open a new connection with the addresses and ports of an old
    connection."""
    with contextlib.closing(listener(ADDR, port, ns=server)) as waiting:
        s = new_socket(client, FROM, local)
        s.connect((ADDR, port))
        return s, waiting.accept()[0]


@case("the port is reused after the server has forgotten the connection")
def _():
    port, local = next(ports), 30001
    server.sysctl("ipv4/tcp_fin_timeout", 1)
    one, two = connect(server, client, ADDR, port,
                       new_socket(client, FROM, local))
    exchange(one, two, 100, 500)
    two.close()
    receive_end(one)
    until(lambda: not kernel_states(server, port, True),
          "the orphan in FIN_WAIT_2 is gone")
    vanish(one)
    one, two = reconnect(port, local)
    exchange(one, two, 100, 500)
    close_both(one, two)
    for ns in client, router, server:
        records = trace.expect(ns, port, HANDSHAKE + """
r ESTABLISHED>FIN_WAIT_1 fin_sent r.FA 501:101
o ESTABLISHED>CLOSE_WAIT fin_received r.FA 501:101
r FIN_WAIT_1>FIN_WAIT_2 fin_acked o.A 101:502
close reused by r -
""", HANDSHAKE + closing("o", "r", 100, 500))
        old, new = (rs[-1] for rs in records)
        equal((old.type, old.dir[0].syns, new.dir[0].syns), (CLOSE, 1, 1))
        equal(new.syn_synack_ns > 0, True, "the handshake is timed")
    equal(suspected(port), [])


@case("a host reboots and connects from the same port")
def _():
    port, local = next(ports), 30002
    one, two = connect(server, client, ADDR, port,
                       new_socket(client, FROM, local))
    exchange(one, two, 100, 500)
    vanish(one)
    # the client answers the server's challenge ACK with a RST, and repeats its
    # SYN
    one, three = reconnect(port, local)
    two.close()
    exchange(one, three, 10, 20)
    close_both(one, three)
    for ns in client, router, server:
        trace.expect(ns, port, HANDSHAKE + """
o ESTABLISHED>CLOSED rst_sent o.R 101:-
r ESTABLISHED>CLOSED rst_received o.R 101:-
close reset by o o.R 101:-
""", HANDSHAKE + closing("o", "r", 10, 20))
    equal(suspected(port), [])


def request(pairs, size):
    for one, _ in pairs:
        one.sendall(bytes(size))
    for _, two in pairs:
        receive(two, size)


def answer(pairs, size):
    for _, two in pairs:
        two.sendall(bytes(size))
    for one, _ in pairs:
        receive(one, size)


@case(f"{MISSED} forwarded connections, each with a request in fragments")
def _():
    # edge fragments large segments, and the router does not track fragments
    client.sysctl("ipv4/ip_no_pmtu_disc", 1)
    edge.ip("link set eo mtu 600")
    port = next(ports)
    before = router.stats()
    with contextlib.closing(listener(ADDR, port, AT_ONCE, server)) as waiting:
        for _ in range(MISSED // AT_ONCE):
            pairs = []
            for _ in range(AT_ONCE):
                s = new_socket(client, ADDR)
                s.connect((ADDR, port))
                pairs.append((s, waiting.accept()[0]))
            for size in (10, 1200, 10):
                request(pairs, size)
                answer(pairs, 20)
            for one, two in pairs:
                one.close()
                receive_end(two)
                two.close()
            trace.all()
    count = grown(before, router.stats())
    equal((count["opened"], count["closed"]), (MISSED, MISSED))
    equal(count["fragment"] >= 2 * MISSED, True, "requests in fragments")
    equal("ESTABLISHED" in states(router, port, "orig") +
          states(router, port, "resp"), False, "open ones that are left")
    closes = [r for rs in trace.records(router, port).values() for r in rs
              if r.type == CLOSE]
    equal(len(closes), MISSED, "closing records")
    equal({r.dir[0].missed_bytes for r in closes}, {1200}, "missed bytes")
    lines = [r.line().split()[0] for r in closes]
    equal(len(lines), MISSED)
    equal(len(suspected(port)) <= MISSED, True, "one suspicion for a gap")


@case("no record was lost")
def _():
    equal(check_sequence(trace.all()), 0, "lost records")
    trace.reader.close()


run()
