#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the tracking of connections that are older than the module, of stray
segments, and of spoofed segments (RFC 5961). The states and sequence numbers of
the kernel's sockets are the reference."""
import contextlib
import socket

import module
from case import by_family, case, run
from check import equal, until
from expected import HANDSHAKE, Trace, check_close, closing
from kernel import ALL_IP, usable
from netns import Netns
from raw import inject
from procfs import grown, snmp
from records import ACK, FIN, F_GUESSED, F_MIDSTREAM, PSH, RST, SYN, URG
from sockets import (close_both, connect, exchange, new_socket, ports, receive,
                     receive_end)
from ss import endpoint, sequence_numbers, tcp_state, wait_state

# A raw socket in namespace a sends the spoofed segments, and namespace b
# receives them. The tracer must agree with b's kernel. In namespace a, the
# tracer's hook sees the spoofed segments as packets of a local socket.
module.unload()
a, b = Netns("a"), Netns("b")
a.veth("va", b, "vb")
a.address("va", "10.40.0.1/24", "fd40::1/64")
b.address("vb", "10.40.0.2/24", "fd40::2/64")
# by default, a socket sends at most one challenge ACK every half second
b.sysctl("ipv4/tcp_invalid_ratelimit", 0)
a.reach("10.40.0.2", "fd40::2")
V4, V6 = ("10.40.0.1", "10.40.0.2"), ("fd40::1", "fd40::2")
FAMILIES = [pair for pair in (V4, V6) if usable(*pair)]
LOCAL = "127.0.0.1"
LOW, HIGH = 5000, 50000

# by name: the namespaces of client and server, the server's address, the
# client's port, the server's port, and the client's role in the records
OLD = {
    "on loopback": (a, a, LOCAL, 40001, LOW, "o"),
    "over IPv4": (a, b, V4[1], 40002, LOW + 1, "o"),
    "over IPv6": (a, b, V6[1], 40003, LOW + 2, "o"),
    "whose server has the higher port": (a, b, V4[1], LOW + 3, HIGH, "r"),
}
OLD = {name: row for name, row in OLD.items() if usable(row[2])}
old = {}
for name, (c, s, addr, mine, its, _) in OLD.items():
    client = new_socket(c, addr)
    client.bind(("", mine))
    old[name] = connect(s, c, addr, its, client)
    old[name][0].sendall(bytes(1000))
    receive(old[name][1], 1000)
module.load()
trace = Trace()


def moved(ns, before):
    """Return: the counters that have grown, except those that any packet or a
    timeout may raise."""
    found = grown(before, ns.stats())
    return {k: found[k] for k in found
            if k not in ("tracked", "late", "not_tcp", "expired")}


def expect_stats(ns, before, **want):
    """Wait until the given counters have grown by the given amounts. No other
    counter may grow."""
    with contextlib.suppress(AssertionError):
        until(lambda: moved(ns, before) == want, "counters", 5)
    equal(moved(ns, before), want, "counters that moved")


def pickup(name):
    c, s, _, _, port, x = OLD[name]
    client, server = old[name]
    y = "r" if x == "o" else "o"
    exchange(client, server, 10, 20)
    close_both(client, server)
    for ns in {c, s}:
        records, = trace.expect(ns, port, f"""
open {x}.PA 1:1+10
{x} CLOSED>ESTABLISHED midstream {x}.PA 1:1+10
{y} CLOSED>ESTABLISHED midstream {x}.PA 1:1+10
""" + closing(x, y, 10, 20))
        equal({r.flags for r in records}, {F_MIDSTREAM | F_GUESSED},
              "header flags")
        # 1000 bytes were sent before the module was loaded
        close = check_close(records, *((10, 20) if x == "o" else (20, 10)))
        equal(close.established_ns, 0, "time since the handshake")


for name in OLD:
    case(f"picked up midstream: a connection {name}")(
        lambda name=name: pickup(name))


@case("a lone RST is a connection that is over at once")
def _():
    for mine, its in FAMILIES:
        port = next(ports)
        inject(a, (mine, 40000), (its, port), RST, 12345)
        for ns in a, b:
            trace.expect(ns, port, """
open o.R 1:-
o CLOSED>ESTABLISHED midstream o.R 1:-
r CLOSED>ESTABLISHED midstream o.R 1:-
o ESTABLISHED>CLOSED rst_sent o.R 1:-
r ESTABLISHED>CLOSED rst_received o.R 1:-
close reset by o o.R 1:-
""")


@case("a late FIN, and the RST that answers it, are one connection")
def _():
    for mine, its in FAMILIES:
        port = next(ports)
        inject(a, (mine, 40000), (its, port), FIN | ACK, 12345, 54321)
        for ns in a, b:
            trace.expect(ns, port, """
open o.FA 1:1
o CLOSED>ESTABLISHED midstream o.FA 1:1
r CLOSED>ESTABLISHED midstream o.FA 1:1
o ESTABLISHED>FIN_WAIT_1 fin_sent o.FA 1:1
r ESTABLISHED>CLOSE_WAIT fin_received o.FA 1:1
r CLOSE_WAIT>CLOSED rst_sent r.R 1:-
o FIN_WAIT_1>CLOSED rst_received r.R 1:-
close reset by r r.R 1:-
""")


@case("segments with flags that no TCP sends open nothing")
def _():
    port, before = next(ports), b.stats()
    # drop the RSTs with which b answers some of these segments, because such a
    # RST would open a connection
    b.nft(f"""
table ip quiet {{
	chain c {{
		type filter hook output priority -300;
		tcp sport {port} drop
	}}
}}""")
    for i, flags in enumerate((0, FIN, SYN | FIN, SYN | RST,
                               FIN | PSH | URG)):
        inject(a, (V4[0], 40000 + i), (V4[1], port), flags, 12345)
    until(lambda: b.stats()["bad_flags"] - before["bad_flags"] == 5, "count")
    equal(b.stats()["opened"], before["opened"], "connections opened")
    equal(trace.records(b, port), {}, "records")


@case("a SYN,ACK comes first: it implies a SYN of the other end")
def _():
    port, before = next(ports), b.stats()
    inject(a, (V4[0], port), (V4[1], 40000), SYN | ACK, 5000, 7001)
    # b has sent no SYN, so it answers with <SEQ=SEG.ACK><CTL=RST>
    records, = trace.expect(b, port, """
open r.SA 0:1
o CLOSED>SYN_SENT syn_implied r.SA 0:1
r CLOSED>SYN_RECEIVED passive_open r.SA 0:1
o SYN_SENT>ESTABLISHED synack_received r.SA 0:1
o ESTABLISHED>CLOSED rst_sent o.R 1:-
r SYN_RECEIVED>CLOSED rst_received o.R 1:-
close reset by o o.R 1:-
""")
    equal(records[0].resp_port, port, "responder: sender of the SYN,ACK")
    equal({r.flags for r in records}, {F_MIDSTREAM}, "header flags")
    expect_stats(b, before, opened=1, midstream=1, closed=1)


@case("an ACK comes first, and the other end has no such connection")
def _():
    port = next(ports)
    inject(a, (V4[0], 40000), (V4[1], port), ACK, 5000, 7001)
    trace.expect(b, port, """
open o.A 1:1
o CLOSED>ESTABLISHED midstream o.A 1:1
r CLOSED>ESTABLISHED midstream o.A 1:1
r ESTABLISHED>CLOSED rst_sent r.R 1:-
o ESTABLISHED>CLOSED rst_received r.R 1:-
close reset by r r.R 1:-
""")


def challenge_acks():
    with b:
        return snmp("netstat")["TcpExt.TCPChallengeACK"]


class Victim:
    """A connection from namespace a to namespace b. Spoofed segments pretend to
    come from its client."""

    def __init__(self, addrs):
        self.port = next(ports)
        self.client, self.server = connect(b, a, addrs[1], self.port)
        self.source = (addrs[0], self.client.getsockname()[1])
        self.target = (addrs[1], self.port)
        self.talk()

    def talk(self):
        """Check that both directions work, and that the tracer's sequence
        numbers equal the kernel's."""
        self.client.sendall(bytes(5))
        receive(self.server, 5)
        self.server.sendall(bytes(7))
        receive(self.client, 7)
        until(self.agrees, "agreement on the numbers")

    def agrees(self):
        self.snd_nxt, self.rcv_nxt = sequence_numbers(self.server)
        row = self.row()
        return ((int(row["resp_nxt"]), int(row["resp_ack"])) ==
                (self.snd_nxt, self.rcv_nxt) ==
                (int(row["orig_ack"]), int(row["orig_nxt"])))

    def row(self):
        row, = [r for r in b.table()
                if endpoint(r["resp"]) == self.target]
        return row

    def inject(self, flags, seq, ack=0, **more):
        inject(a, self.source, self.target, flags, seq, ack, **more)

    def suspected(self):
        """Return: the kind, fit and distance in each SUSPECTED record."""
        conn, = trace.records(b, self.port)
        return [x.split()[1:4] for x in trace.suspected(b, conn)]

    def survives(self, challenges, flags, distance, what, fit, ack=0,
                 data=b"", **count):
        """Spoof a segment, and check that the connection survives and that the
        kernel sends the given number of challenge ACKs (None: the number
        differs between kernels). The tracer must count the segment, and must
        report it in a SUSPECTED record. If the segment is a RST, each challenge
        ACK must also have a SUSPECTED record."""
        seq = (self.rcv_nxt + (0 if what == "ack" else distance)) & 0xffffffff
        said = self.suspected()
        before, acks = b.stats(), challenge_acks()
        self.inject(flags, seq, ack, data=data)
        expect_stats(b, before, **count)
        # after talk(), b has processed all earlier segments
        self.talk()
        if challenges is not None:
            equal(challenge_acks() - acks, challenges,
                  "challenge ACKs of the kernel")
        equal(tcp_state(self.server), "ESTAB", "the kernel's state")
        row = self.row()
        equal((row["orig_state"], row["resp_state"]),
              ("ESTABLISHED", "ESTABLISHED"), "the tracer's states")
        equal(self.suspected()[len(said):],
              [[what, fit, str(distance)]] +
              [["challenged", "exact", "0"]] * (challenges if flags & RST
                                                else 0), "suspicions")


def each(title):
    return by_family(title, [V4], [V6])


@each("RFC 5961: spoofed segments")
def _(addrs):
    v = Victim(addrs)
    far = "out_of_window"
    for offset in (1, 1000, 30000):
        v.survives(1, RST, offset, "rst", "in_window", rst_challenge=1)
    for offset, fit in ((-1, "old"), (-1000, "old"), (1 << 30, far),
                        (-1 << 31, "old")):
        v.survives(0, RST, offset, "rst", fit, rst_outside=1)
    for offset, fit in ((0, "exact"), (1000, "in_window"), (1 << 30, far)):
        v.survives(1, SYN, offset, "syn", fit, syn_challenge=1)
    v.survives(0, ACK, 1 << 30, "data", far, v.snd_nxt, b"evil",
               outside_window=1)
    # RFC 5961 5.2 demands a challenge ACK, but not every Linux sends it
    v.survives(None, ACK, 100000, "ack", far, v.snd_nxt + 100000, b"evil",
               unseen_ack=1)
    found, = trace.records(b, v.port).values()
    equal("\n".join(r.line() for r in found), HANDSHAKE.strip(), "the records")
    v.inject(RST, v.rcv_nxt)
    sent = v.row()["orig_bytes"]
    n = (v.rcv_nxt - int(v.row()["orig_iss"])) & 0xffffffff
    trace.expect(b, v.port, HANDSHAKE + f"""
o ESTABLISHED>CLOSED rst_sent o.R {n}:-
r ESTABLISHED>CLOSED rst_received o.R {n}:-
close reset by o o.R {n}:-
""")
    # the client has sent 13 segments of 5 bytes; 8 further bytes were spoofed
    equal((n, int(sent)), (1 + 13 * 5, 13 * 5 + 8), "bytes")
    equal(tcp_state(v.server), "CLOSE", "the kernel's state")
    equal(v.server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 104,
          "ECONNRESET")


@each("RFC 5961 5.2: data and FINs whose ACK is too old")
def _(addrs):
    v = Victim(addrs)
    for flags, data in ((ACK, b"evil"), (FIN | ACK, b"")):
        acks = challenge_acks()
        v.inject(flags, v.rcv_nxt, v.snd_nxt - (1 << 30), data=data)
        until(lambda: challenge_acks() > acks,
              "a challenge ACK of the kernel")
        equal(tcp_state(v.server), "ESTAB", "the kernel's state")
        row = v.row()
        equal((row["orig_state"], row["resp_state"]),
              ("ESTABLISHED", "ESTABLISHED"), "the tracer's states")
        equal(v.agrees(), True, "agreement on the numbers")
    v.talk()


@case("in CLOSE-WAIT Linux also accepts a RST with the number of the FIN")
def _():
    v = Victim(V4)
    v.client.shutdown(socket.SHUT_WR)
    receive_end(v.server)
    wait_state(v.client, "FIN-WAIT-2")
    fin = v.rcv_nxt
    before = b.stats()
    v.inject(RST, fin - 1)
    expect_stats(b, before, rst_outside=1)
    equal(tcp_state(v.server), "CLOSE-WAIT", "the kernel's state")
    v.inject(RST, fin)
    trace.expect(b, v.port, HANDSHAKE + """
o ESTABLISHED>FIN_WAIT_1 fin_sent o.FA 6:8
r ESTABLISHED>CLOSE_WAIT fin_received o.FA 6:8
o FIN_WAIT_1>FIN_WAIT_2 fin_acked r.A 8:7
o FIN_WAIT_2>CLOSED rst_sent o.R 6:-
r CLOSE_WAIT>CLOSED rst_received o.R 6:-
close reset by o o.R 6:-
""")
    wait_state(v.server, "CLOSE")


@case("a RST to SYN-SENT is valid only if it acknowledges the SYN")
def _():
    port = next(ports)
    # drop the SYN before namespace a can refuse the connection
    a.nft(f"""
table {ALL_IP} lose {{
	chain c {{
		type filter hook prerouting priority -300;
		tcp dport {port} drop
	}}
}}""")
    client = new_socket(b, V4[0])
    client.setblocking(False)
    client.connect_ex((V4[0], port))
    source, target = (V4[0], port), client.getsockname()
    snd_nxt, _ = sequence_numbers(client)
    for flags, ack in ((RST, 0), (RST | ACK, snd_nxt - 1),
                       (RST | ACK, snd_nxt + 1)):
        before = b.stats()
        inject(a, source, target, flags, 0, ack)
        expect_stats(b, before, rst_outside=1)
        equal(tcp_state(client), "SYN-SENT", "the kernel's state")
    inject(a, source, target, RST | ACK, 0, snd_nxt)
    trace.expect(b, port, """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
o SYN_SENT>CLOSED refused r.RA 0:1
close refused by r r.RA 0:1
""")
    wait_state(client, "CLOSE")
    equal(client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 111,
          "ECONNREFUSED")


case("no connection had further records, and no record was lost")(
    trace.check_silence)


run()
