#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Open and close connections in unusual ways, and check the exact records. The
expected records were written by hand from RFC 9293."""
import contextlib
import socket

import module
from case import case, run
from check import PATIENCE, equal, until
from expected import HANDSHAKE, Trace, check_close, check_handshake, closing
from module import parameter
from netns import Netns
from proc import command
from records import F_SELF, MASK_ALL, OPT_TFO
from sockets import (close_both, connect, exchange, listener, local_connection,
                     new_socket, ports, receive)
from ss import tcp_state, wait_state

module.load()
a = Netns("a")
trace = Trace(MASK_ALL)
LOCAL = "127.0.0.1"


@contextlib.contextmanager
def slow_lo(ms):
    """Delay segments on loopback, so that segments of both ends can cross."""
    command("tc", "-n", a.name, "qdisc", "add", "dev", "lo", "root", "netem",
            "delay", f"{ms}ms")
    yield
    command("tc", "-n", a.name, "qdisc", "del", "dev", "lo", "root")


@case("simultaneous open (RFC 9293 figure 8)")
def _():
    first, second = next(ports), next(ports)
    one = new_socket(a, LOCAL, first)
    two = new_socket(a, LOCAL, second)
    with slow_lo(400):
        for s, port in ((one, second), (two, first)):
            s.setblocking(False)
            s.connect_ex((LOCAL, port))
        wait_state(one, "ESTAB")
        wait_state(two, "ESTAB")
        trace.until(a, first, "established")
    one.settimeout(PATIENCE)
    two.settimeout(PATIENCE)
    exchange(one, two, 5, 6)
    close_both(one, two)
    records, = trace.expect(a, first, """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
r CLOSED>SYN_SENT active_open r.S 0:-
o SYN_SENT>SYN_RECEIVED simultaneous_open r.S 0:-
r SYN_SENT>SYN_RECEIVED simultaneous_open r.S 0:-
o SYN_RECEIVED>ESTABLISHED syn_acked r.SA 0:1
r SYN_RECEIVED>ESTABLISHED syn_acked o.SA 0:1
established o.SA 0:1
""" + closing("o", "r", 5, 6))
    equal(records[0].orig_port, first, "originator: sender of the first SYN")
    check_close(records, 5, 6, "SFPA SFPA")


@case("a socket that connects to itself")
def _():
    port = next(ports)
    s = new_socket(a, LOCAL, port)
    s.connect((LOCAL, port))
    s.sendall(bytes(10))
    receive(s, 10)
    s.close()
    # one socket is both ends: it receives its own SYN and its own FIN
    records, = trace.expect(a, port, """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
o SYN_SENT>SYN_RECEIVED simultaneous_open o.S 0:-
o SYN_RECEIVED>ESTABLISHED syn_acked o.SA 0:1
established o.SA 0:1
o ESTABLISHED>FIN_WAIT_1 fin_sent o.FA 11:11
o FIN_WAIT_1>CLOSING fin_received o.FA 11:11
o CLOSING>TIME_WAIT fin_acked o.A 12:12
close fin by o o.A 12:12
""")
    equal({r.flags for r in records}, {F_SELF}, "header flags")
    check_close(records, 10, 0)


@case("simultaneous close (RFC 9293 figure 13)")
def _():
    port, one, two = local_connection(a)
    exchange(one, two, 5, 6)
    with slow_lo(400):
        one.shutdown(socket.SHUT_WR)
        two.shutdown(socket.SHUT_WR)
        equal((tcp_state(one), tcp_state(two)), ("FIN-WAIT-1", "FIN-WAIT-1"),
              "states of the kernel's sockets")
        trace.until(a, port, "close ")
        wait_state(one, "CLOSE")
        wait_state(two, "CLOSE")
    with a:
        equal(command("ss", "-Htan", f"sport = {port} or dport = {port}")
              .count("TIME-WAIT"), 2, "sockets of the kernel in TIME-WAIT")
    one.close()
    two.close()
    # The tracer assumes that a segment is delivered until a later segment
    # disproves this. Here, the responder's FIN disproves it, because that FIN
    # does not acknowledge the originator's FIN: the FINs cross.
    records, = trace.expect(a, port, HANDSHAKE + """
o ESTABLISHED>FIN_WAIT_1 fin_sent o.FA 6:7
r ESTABLISHED>CLOSE_WAIT fin_received o.FA 6:7
r CLOSE_WAIT>CLOSING fin_sent r.FA 7:6
o FIN_WAIT_1>CLOSING fin_received r.FA 7:6
o CLOSING>TIME_WAIT fin_acked r.A 8:7
r CLOSING>TIME_WAIT fin_acked o.A 7:8
close fin by o o.A 7:8
""")
    check_close(records, 5, 6, "SFPA SFPA")


@case("TCP Fast Open: a cookie, then data in the SYN")
def _():
    port = next(ports)
    a.sysctl("ipv4/tcp_fastopen", 3)
    fast_open = 0x20000000	# MSG_FASTOPEN
    for n in (1, 2):
        with contextlib.closing(new_socket(a, LOCAL, port)) as listener:
            listener.setsockopt(socket.IPPROTO_TCP, 23, 5)  # TCP_FASTOPEN
            listener.listen()
            client = new_socket(a, LOCAL)
            client.setblocking(True)
            equal(client.sendto(bytes(10), fast_open, (LOCAL, port)), 10,
                  "bytes sent")
            server = listener.accept()[0]
        server.settimeout(PATIENCE)
        receive(server, 10)
        close_both(client, server)
        trace.until(a, port, "close ")
    fast = """
open o.S 0:-+10
o CLOSED>SYN_SENT active_open o.S 0:-+10
r CLOSED>SYN_RECEIVED passive_open r.SA 0:11
o SYN_SENT>ESTABLISHED synack_received r.SA 0:11
r SYN_RECEIVED>ESTABLISHED syn_acked o.A 11:1
established o.A 11:1
"""
    end = closing("o", "r", 10, 0)
    # without a cookie, the first data is in the handshake's ACK
    slow = HANDSHAKE.replace("o.A 1:1", "o.PA 1:1+10")
    first, second = trace.expect(a, port, slow + end, fast + end)
    for records in (first, second):
        check_close(records, 10, 0)
        check_handshake(records)
    # the first SYN requests a cookie, the first SYN,ACK carries it, the second
    # SYN uses it, and the second SYN,ACK carries no cookie
    cookies = [[r.tfo_len if r.options & OPT_TFO else None
                for r in trace.segments(a, found[0].conn)][:2]
               for found in (first, second)]
    equal(cookies[0][0], 0, "cookie of the first SYN")
    equal(cookies[0][1], cookies[1][0], "cookie given and used")
    equal(cookies[1][1], None, "cookie of the second SYN,ACK")
    a.sysctl("ipv4/tcp_fastopen", 1)


@case("port reuse out of the server's TIME_WAIT")
def _():
    port, client_port = next(ports), next(ports)
    for n in (10, 20):
        client, server = connect(a, a, LOCAL, port,
                                 new_socket(a, LOCAL, client_port))
        exchange(client, server, n, 0)
        close_both(server, client)
        trace.until(a, port, "close ")
    first, second = trace.expect(
        a, port, HANDSHAKE + closing("r", "o", 0, 10),
        HANDSHAKE + closing("r", "o", 0, 20))
    check_close(first, 10, 0)
    check_close(second, 20, 0)
    equal(second[0].orig_port, client_port, "the port of both")


@case("port reuse out of the client's own TIME_WAIT")
def _():
    port, client_port = next(ports), next(ports)
    server_socket = listener(LOCAL, port, ns=a)

    def connected():
        """Try to connect from the same port, which the kernel allows after a
        second. Return: the socket, or None."""
        s = new_socket(a, LOCAL, client_port)
        if s.connect_ex((LOCAL, port)) == 0:
            return s
        s.close()
        return None

    for n in (10, 20):
        client = until(connected, "a connection from the same port")
        server = server_socket.accept()[0]
        exchange(client, server, n, 0)
        close_both(client, server)
    server_socket.close()
    first, second = trace.expect(
        a, port, HANDSHAKE + closing("o", "r", 10, 0),
        HANDSHAKE + closing("o", "r", 20, 0))
    check_close(first, 10, 0)
    check_close(second, 20, 0)


@case("TIME_WAIT ends after its timeout")
def _():
    port, client, server = local_connection(a)
    close_both(client, server)
    trace.until(a, port, "close ")
    with parameter("timeout_time_wait", 1):
        records, = trace.expect(a, port, HANDSHAKE + closing("o", "r", 0, 0) +
                                "o TIME_WAIT>CLOSED 2msl -\n")
    trace.checked.pop()


case("no connection had further records, and no record was lost")(
    trace.check_silence)


run()
