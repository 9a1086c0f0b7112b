#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that the tracer and ss show the same state for every local end. More
than 300 connections are held at once, in every state that can be held."""
# The test drops segments to hold a state. The tracer assumes that each segment
# that its hook sees is delivered, so it matters where a segment is dropped:
#
# - Between the namespaces, a segment other than a SYN is dropped in the
#   sender's OUTPUT, after the tracer's hook, or in the receiver's PREROUTING,
#   before the tracer's hook. The sender's namespace sees the segment, as the
#   sender's state requires, but the receiver's namespace does not. The table of
#   the sender's namespace is therefore wrong about the receiver, so only local
#   ends are compared.
# - On loopback, both ends are local, so FINs and ACKs are dropped before the
#   tracer's hook, at a priority below -97.
# - A SYN changes only the state of its sender, so it may be dropped after the
#   tracer's hooks.
import contextlib
import os
import socket

import module
from case import case, run
from check import PATIENCE, equal, note, until
from kernel import ALL_IP, usable
from netns import Netns
from proc import command
from sockets import family_of, listener, ports, receive, receive_end
from ss import NAMES, Snapshot, counts, sockets, wait_state

N = 30		# connections in each group
LEAST = 20	# sockets in each state

module.load()
a, b = Netns("a"), Netns("b")
a.veth("va", b, "vb")
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
    """Create a client socket that belongs to a user."""
    with a:
        os.seteuid(uid)
        try:
            s = socket.socket(family_of(addr), socket.SOCK_STREAM)
        finally:
            os.seteuid(0)
    s.settimeout(PATIENCE)
    if port:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", port))
    kept.append(s)
    return s


def pairs(n, addrs, port, client_ports=None):
    """Open n connections from namespace a, alternately over IPv4 and IPv6."""
    global made
    ns = a if addrs is NEAR else b
    got = []
    listeners = [listener(addr, port, n, ns) for addr in addrs]
    for i in range(n):
        client = client_of(addrs[i % len(addrs)], 1000 + i % 3,
                           client_ports + i if client_ports else 0)
        client.connect((addrs[i % len(addrs)], port))
        server = listeners[i % len(addrs)].accept()[0]
        server.settimeout(PATIENCE)
        kept.append(server)
        got.append((client, server))
    for s in listeners:
        s.close()
    made += n
    return got


def attempts(n, addrs, port):
    """Start to connect n clients, and do not wait for the handshakes."""
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
    """Send a FIN. If orphan is set, no process owns the socket afterwards."""
    if orphan:
        s.close()
    else:
        s.shutdown(socket.SHUT_WR)


def estab():
    for client, server in pairs(N + 10, FAR, next(ports)):
        client.sendall(bytes(100))
        receive(server, 100)
        # the tracer learns the server's inode from the first segment that the
        # server sends after accept()
        server.sendall(bytes(100))
        receive(client, 100)


def syn_sent():
    port = next(ports)
    rules(b, "synsent", f"tcp dport {port} drop", hook="input")
    attempts(N, FAR, port)


def syn_recv():
    """Hold servers in SYN-RECV: half of the connections lose the SYN,ACK, the
    other half lose the ACK of the SYN,ACK."""
    port, other = next(ports), next(ports)
    # do not drop in b's OUTPUT: there, reqsk_timer_handler() would see the
    # error, and remove the request socket without a segment
    rules(a, "synack", f"tcp sport {port} drop", -300, "prerouting")
    rules(a, "synrecv", f"tcp dport {other} tcp flags & (syn|ack) == ack drop")
    # the backlog is large enough to avoid SYN cookies and early drops
    for p in (port, other):
        kept.extend(listener(addr, p, 256, b) for addr in FAR)
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
    """Hold the clients in FIN-WAIT-2 and the servers in CLOSE-WAIT."""
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
        # otherwise the server would acknowledge the client's FIN only with its
        # own FIN, which is dropped
        wait_state(client, "FIN-WAIT-2")
        finish(server, i % 4 > 1)


def crossing_rules(ns, port, priority):
    """Drop bare ACKs and retransmitted FINs. Only the first FIN of an end gets
    through, because a retransmitted FIN would acknowledge the other FIN."""
    for direction, once in (("dport", "sport"), ("sport", "dport")):
        key = f"tcp {direction} {port}"
        fin = f"{key} tcp flags & fin == fin"
        rules(ns, f"{direction}{port}", f"""
		{key} tcp flags & (fin|ack) == ack drop
		{fin} tcp {once} @once drop
		{fin} add @once {{ tcp {once} }}""", priority)


def crossing(addrs, port, client_ports, links, priority):
    """Hold both ends in CLOSING: their FINs cross, and the ACKs of the FINs are
    lost."""
    got = pairs(N, addrs, port, client_ports)
    for ns, device in links:
        crossing_rules(ns, port, priority)
        command("tc", "-n", ns.name, "qdisc", "add", "dev", device, "root",
                "netem", "delay", "600ms", "limit", "10000")
    for client, server in got:
        client.shutdown(socket.SHUT_WR)
        server.shutdown(socket.SHUT_WR)
    for pair in got:
        for s in pair:
            wait_state(s, "CLOSING")
    for ns, device in links:
        command("tc", "-n", ns.name, "qdisc", "del", "dev", device, "root")


def closing():
    crossing(FAR, next(ports), 20000, ((a, "va"), (b, "vb")), 0)


def closing_near():
    crossing(NEAR, next(ports), 20100, ((a, "lo"),), -150)


def time_wait():
    """Close one end first, and hold it in TIME-WAIT: the client of half of the
    connections, and the server of the other half."""
    for first in (0, 1):
        for pair in pairs(N // 2, FAR, next(ports)):
            pair[first].close()
            receive_end(pair[not first])
            pair[not first].close()


def near():
    """Hold states on loopback. Only SYNs are dropped, after the tracer's hook,
    to hold SYN-SENT."""
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


# number of sockets that ss must show in each namespace and state
WANTED = {
    (a.name, "ESTAB"): N + 10 + N // 2 + 2 * 10,
    (a.name, "SYN-SENT"): N + N // 2 + 10,
    (a.name, "FIN-WAIT-1"): N,
    (a.name, "FIN-WAIT-2"): N + N + 10,
    (a.name, "CLOSE-WAIT"): 10,
    (a.name, "CLOSING"): N + 2 * N,
    (a.name, "TIME-WAIT"): N // 2 + 10,
    (b.name, "ESTAB"): N + 10 + N,
    (b.name, "SYN-RECV"): N // 2 + N // 2,
    (b.name, "CLOSE-WAIT"): N,
    (b.name, "LAST-ACK"): N,
    (b.name, "CLOSING"): N,
    (b.name, "TIME-WAIT"): N // 2,
}
snapshots = {}


@case("connections are held in every state")
def _():
    # start with the states that last longest
    for group in (estab, fin_wait_2, near, closing, closing_near, syn_sent,
                  fin_wait_1, last_ack, time_wait, syn_recv):
        group()
    note(f"{made} connections")

    wrong = []	# for each attempt; some states end if they are held too long

    def held():
        found = {(ns.name, state): n for ns in (a, b)
                 for state, n in counts(sockets(ns)).items()}
        wrong.append(sorted(found.items() ^ WANTED.items()))
        return not wrong[-1]

    with contextlib.suppress(AssertionError):
        until(held, "the states of the kernel")
    equal(min(wrong, key=len), [], "numbers of sockets by state")
    if made < 300:
        raise AssertionError(f"only {made} connections")
    for ns in (a, b):
        snapshots[ns] = Snapshot(ns)


def none_wrong(function, what):
    """Check that function(snapshot) finds nothing wrong."""
    equal(len(snapshots), 2, "snapshots")
    wrong = [x for snapshot in snapshots.values() for x in function(snapshot)]
    equal((len(wrong), wrong[:10]), (0, []), what)


def agree(state):
    none_wrong(lambda snapshot: snapshot.wrong_states(state),
               "ends whose state differs in the table")
    found = sum(counts(s.sockets)[state] for s in snapshots.values())
    note(f"{state}: {found} sockets")
    equal(found >= LEAST, True, f"{found} sockets are enough")


for name in NAMES:
    case(f"the table agrees with ss on {name}")(lambda name=name: agree(name))


@case("every local end that is not CLOSED has a socket")
def _():
    none_wrong(Snapshot.without_socket, "ends without a socket")


@case("uid and inode equal those of ss -e")
def _():
    none_wrong(Snapshot.wrong_owners, "wrong owners")
    none_wrong(Snapshot.clients_without_owner, "clients without an owner")
    uids = {s.uid for s in snapshots[a].sockets}
    equal(uids, {0, 1000, 1001, 1002}, "users of the sockets")


run()
