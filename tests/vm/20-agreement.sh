#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tracked state of every local end equals what ss says, in every state
# that can be held, for more than 300 connections at once.
set -eu
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$(cd "$(dirname "$0")/lib" && pwd)
export PYTHONPATH
exec python3 - <<'PY'
# To hold a state, segments are dropped. The tracer takes a segment that it
# sees as delivered, so each drop has to be fair to it:
#
# - Between the namespaces a segment is dropped in the sender's OUTPUT, after
#   the hook: the sender's namespace has seen that it was sent, which is all
#   that its own end's state depends on, and the other namespace has not seen
#   it. Or in the receiver's PREROUTING, before the hook, which is the same.
#   What the sender's namespace thinks of the other end is wrong then, so each
#   namespace is asked about its own ends only.
# - On loopback both ends are local, so there it is dropped before the hook,
#   at a priority below -99: for the tracer it was never sent.
import os
import socket

from agree import NAMES, Picture, counts, sockets, wait_state
from traffic import *

N = 30		# connections in each group
LEAST = 20	# sockets in each state

load()
a, b = Netns("a"), Netns("b")
veth(a, "va", b, "vb")
a.address("va", "10.20.0.1/24", "fd20::1/64")
b.address("vb", "10.20.0.2/24", "fd20::2/64")
FAR = usable("10.20.0.2", "fd20::2")
NEAR = usable("127.0.0.1", "::1")
a.reach(*FAR)
kept = []	# sockets stay open until the end
made = 0


def rules(ns, name, text, priority=0, hook="output"):
    ns.nft(f"""
table {ALL_IP} {name} {{
	set once {{
		type inet_service
		flags dynamic
		size 256
	}}
	chain c {{
		type filter hook {hook} priority {priority};
		{text}
	}}
}}""")


def client_of(addr, uid, port=0):
    """A socket that belongs to a user."""
    with a:
        os.seteuid(uid)
        try:
            s = socket.socket(family_of(addr), socket.SOCK_STREAM)
        finally:
            os.seteuid(0)
    s.settimeout(TIMEOUT)
    if port:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", port))
    kept.append(s)
    return s


def pairs(n, addrs, port, client_ports=None):
    """n new connections from a, of each family in turn."""
    global made
    ns = a if addrs is NEAR else b
    got = []
    listeners = [listen(ns, addr, port, n) for addr in addrs]
    for i in range(n):
        client = client_of(addrs[i % len(addrs)], 1000 + i % 3,
                           client_ports + i if client_ports else 0)
        client.connect((addrs[i % len(addrs)], port))
        server = listeners[i % len(addrs)].accept()[0]
        server.settimeout(TIMEOUT)
        kept.append(server)
        got.append((client, server))
    for s in listeners:
        s.close()
    made += n
    return got


def attempts(n, addrs, port):
    """n clients that begin to connect."""
    global made
    got = []
    for i in range(n):
        client = client_of(addrs[i % len(addrs)], 1000)
        client.setblocking(False)
        client.connect_ex((addrs[i % len(addrs)], port))
        got.append(client)
    made += n
    return got


def finish(s, orphan):
    """Send a FIN; with close() no process holds the socket any more."""
    if orphan:
        s.close()
    else:
        s.shutdown(socket.SHUT_WR)


def estab():
    for client, server in pairs(N + 10, FAR, next(ports)):
        client.sendall(bytes(100))
        receive(server, 100)
        # the server's inode is known only after it sent something
        server.sendall(bytes(100))
        receive(client, 100)


def syn_sent():
    port = next(ports)
    rules(b, "synsent", f"tcp dport {port} drop", hook="input")
    attempts(N, FAR, port)


def syn_recv():
    """Half: the SYN,ACK is lost; half: the ACK that answers it."""
    port, other = next(ports), next(ports)
    # not in b's OUTPUT: a request socket that cannot send its SYN,ACK again
    # is gone at once (reqsk_timer_handler), and no segment tells of that
    rules(a, "synack", f"tcp sport {port} drop", -300, "prerouting")
    rules(a, "synrecv", f"tcp dport {other} tcp flags & (syn|ack) == ack drop")
    # as many as may wait without SYN cookies and early drops
    for p in (port, other):
        kept.extend(listen(b, addr, p, 256) for addr in FAR)
    attempts(N // 2, FAR, port)
    for client in attempts(N // 2, FAR, other):
        wait_state(client, "ESTAB")


def fin_wait_1():
    port = next(ports)
    got = pairs(N, FAR, port)
    rules(a, "finwait1", f"tcp dport {port} tcp flags & fin == fin drop")
    for i, (client, _) in enumerate(got):
        finish(client, i % 4 > 1)


def fin_wait_2():
    """And CLOSE-WAIT at the other end."""
    for i, (client, server) in enumerate(pairs(N, FAR, next(ports))):
        finish(client, i % 4 > 1)
        receive_end(server)


def last_ack():
    port = next(ports)
    got = pairs(N, FAR, port)
    rules(b, "lastack", f"tcp sport {port} tcp flags & fin == fin drop")
    for i, (client, server) in enumerate(got):
        client.shutdown(socket.SHUT_WR)
        receive_end(server)
        # else the ACK of the client's FIN is lost together with the FIN
        wait_state(client, "FIN-WAIT-2")
        finish(server, i % 4 > 1)


def crossing_rules(ns, port, priority):
    """Bare ACKs are lost, and each FIN passes once: later ones acknowledge."""
    for direction, once in (("dport", "sport"), ("sport", "dport")):
        key = f"tcp {direction} {port}"
        fin = f"{key} tcp flags & fin == fin"
        rules(ns, f"{direction}{port}", f"""
		{key} tcp flags & (fin|ack) == ack drop
		{fin} tcp {once} @once drop
		{fin} add @once {{ tcp {once} }}""", priority)


def crossing(addrs, port, client_ports, links, priority):
    """FINs that cross, and no ACK of them arrives: CLOSING at both ends."""
    got = pairs(N, addrs, port, client_ports)
    for ns, device in links:
        crossing_rules(ns, port, priority)
        run("tc", "-n", ns.name, "qdisc", "add", "dev", device, "root",
            "netem", "delay", "600ms", "limit", "10000")
    for client, server in got:
        client.shutdown(socket.SHUT_WR)
        server.shutdown(socket.SHUT_WR)
    for pair in got:
        for s in pair:
            wait_state(s, "CLOSING")
    for ns, device in links:
        run("tc", "-n", ns.name, "qdisc", "del", "dev", device, "root")


def closing():
    crossing(FAR, next(ports), 20000, ((a, "va"), (b, "vb")), 0)


def closing_near():
    crossing(NEAR, next(ports), 20100, ((a, "lo"),), -150)


def time_wait():
    """The client closes first, then the server."""
    for first in (0, 1):
        for pair in pairs(N // 2, FAR, next(ports)):
            pair[first].close()
            receive_end(pair[not first])
            pair[not first].close()


def near():
    """What is held on loopback without loss, and a SYN that nobody sees."""
    port = next(ports)
    for client, server in pairs(10, NEAR, next(ports)):
        client.sendall(bytes(100))
        receive(server, 100)
    for client, server in pairs(10, NEAR, next(ports)):
        server.shutdown(socket.SHUT_WR)
        receive_end(client)
    for client, server in pairs(10, NEAR, next(ports)):
        client.close()
        receive_end(server)
        server.close()
    rules(a, "near", f"tcp dport {port} drop")
    attempts(10, NEAR, port)


# what ss has to show: (namespace, state): sockets
WANTED = {
    (a, "ESTAB"): N + 10 + N // 2 + 2 * 10,
    (a, "SYN-SENT"): N + N // 2 + 10,
    (a, "FIN-WAIT-1"): N,
    (a, "FIN-WAIT-2"): N + N + 10,
    (a, "CLOSE-WAIT"): 10,
    (a, "CLOSING"): N + 2 * N,
    (a, "TIME-WAIT"): N // 2 + 10,
    (b, "ESTAB"): N + 10 + N,
    (b, "SYN-RECV"): N // 2 + N // 2,
    (b, "CLOSE-WAIT"): N,
    (b, "LAST-ACK"): N,
    (b, "CLOSING"): N,
    (b, "TIME-WAIT"): N // 2,
}
pictures = {}


@case("connections are held in every state")
def _():
    # those whose states last longest come first
    for group in (estab, fin_wait_2, near, closing, closing_near, syn_sent,
                  fin_wait_1, last_ack, time_wait, syn_recv):
        group()
    diag(f"{made} connections")

    def held():
        nonlocal seen
        seen = {(ns, state): n for ns in (a, b)
                for state, n in counts(sockets(ns)).items()}
        return seen == WANTED

    seen = {}
    try:
        until(held, "the states of the kernel")
    except AssertionError:
        for key in sorted(set(seen) | set(WANTED),
                          key=lambda k: (k[0].name, k[1])):
            if seen.get(key, 0) != WANTED.get(key, 0):
                diag(f"{key[0].name} {key[1]}: {seen.get(key, 0)} sockets, "
                     f"{WANTED.get(key, 0)} wanted")
        raise
    if made < 300:
        raise AssertionError(f"only {made} connections")
    for ns in (a, b):
        pictures[ns] = Picture(ns)


def agree(state):
    equal(len(pictures), 2, "namespaces looked at")
    found, wrong = [], []
    for picture in pictures.values():
        n = counts(picture.sockets)[state]
        if n:
            found.append(n)
        wrong += picture.wrong_states(state)
    diag(f"{state}: {sum(found)} sockets in {len(found)} namespaces, "
         f"{len(wrong)} disagree")
    diag("\n".join(wrong[:10]))
    equal(len(wrong), 0, "ends of which the table says something else")
    if sum(found) < LEAST:
        raise AssertionError(f"only {sum(found)} sockets in {state}")


for name in NAMES:
    case(f"the table agrees with ss on {name}")(lambda name=name: agree(name))


@case("every local end that is not CLOSED has a socket")
def _():
    equal(len(pictures), 2, "namespaces looked at")
    wrong = [x for p in pictures.values() for x in p.ghosts()]
    diag("\n".join(wrong[:10]))
    equal(len(wrong), 0, "ends without a socket")


@case("uid and inode are those that ss -e shows")
def _():
    equal(len(pictures), 2, "namespaces looked at")
    good = 0
    for picture in pictures.values():
        n, wrong = picture.wrong_owners()
        diag("\n".join(wrong[:10]))
        equal(len(wrong), 0, "wrong owners")
        good += n
    diag(f"{good} owners agree")
    uids = {s.uid for s in pictures[a].sockets}
    equal(uids, {0, 1000, 1001, 1002}, "users of the sockets")
    # a server is known since its first segment after accept(), a client since
    # its connect(); every client is in a, and not the user 0's
    for picture in pictures.values():
        unknown = list(picture.unowned())
        diag(f"{len(unknown)} of {len(picture.sockets)} sockets unknown")
        equal([s for s in unknown if s.uid], [], "clients that are not known")


main()
PY
