#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that real traffic causes exactly the expected records. The expected
records were written by hand from RFC 9293, not copied from the tracer."""
import contextlib
import errno
import socket
import subprocess
import tempfile

import module
from case import by_family, case, run
from check import PATIENCE, equal, fails, until
from expected import HANDSHAKE, Trace, check_close, check_handshake, closing
from kernel import ALL_IP, want_ipv6
from module import parameter
from netns import Netns
from proc import command
from records import (HOOKS, MASK_ALL, OPT_MSS, OPT_SACK_PERM, OPT_TIMESTAMP,
                     OPT_WSCALE)
from sockets import (abort, close_both, connect, exchange, local_connection,
                     new_socket, ports, receive, receive_end)
from ss import in_flight, socket_counters, wait_state

module.load()
a, b = Netns("a"), Netns("b")
a.veth("va", b, "vb")
a.address("va", "10.10.0.1/24", "fd10::1/64", "fe80::a/64")
b.address("vb", "10.10.0.2/24", "fd10::2/64", "fe80::b/64")
a.reach("10.10.0.2", "fd10::2", "fe80::b%va")
trace = Trace(MASK_ALL)
LOCAL = "127.0.0.1"


def refused(addr):
    """Check a refused connection: the RST acknowledges the SYN (RFC 9293
    3.10.7.3, second)."""
    port = next(ports)
    with new_socket(a, addr) as client:
        fails(errno.ECONNREFUSED, client.connect, (addr, port))
    close = trace.expect(a, port, """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
o SYN_SENT>CLOSED refused r.RA 0:1
close refused by r r.RA 0:1
""")[0][-1]
    equal([d.packets for d in close.dir], [1, 1], "packets")
    check_close([close], 0, 0, "S RA")


UNANSWERED = """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
close unanswered by nobody -
"""


def send_dropped_syns(ns, hook, port, count):
    """Connect from namespace a, and let namespace ns drop the SYNs. Return: how
    many it has dropped, at least count."""
    ns.nft(f"""
table {ALL_IP} lossy {{
	counter dropped {{}}
	chain c {{
		type filter hook {hook} priority 0;
		tcp dport {port} counter name dropped drop
	}}
}}""")
    with new_socket(a, "10.10.0.2") as client:
        client.setblocking(False)
        client.connect_ex(("10.10.0.2", port))
        until(lambda: ns.counters()["dropped"] >= count, "retransmissions")
    # the socket is closed, so no more SYNs come
    dropped = ns.counters()["dropped"]
    ns.nft(f"delete table {ALL_IP} lossy")
    return dropped


@case("a connection on loopback: bytes, flags, handshake halves")
def _():
    port, client, server = local_connection(a)
    exchange(client, server, 1000, 2000)
    close_both(client, server)
    records, = trace.expect(a, port, HANDSHAKE + closing("o", "r", 1000, 2000))
    check_close(records, 1000, 2000, "SFPA SFPA")
    body = check_handshake(records)
    # lo has an MTU of 65536
    equal((body.mss0, body.mss1), (65495, 65495), "MSS")
    equal(body.options, OPT_MSS | OPT_WSCALE |
          OPT_SACK_PERM | OPT_TIMESTAMP, "options agreed")
    equal({r.seg.hook for r in records}, {HOOKS.index("out")}, "hooks")
    equal({r.flags for r in records}, {0}, "header flags")


@case("the responder closes first")
def _():
    port, client, server = local_connection(a)
    exchange(client, server, 0, 77)
    close_both(server, client)
    records, = trace.expect(a, port, HANDSHAKE + closing("r", "o", 77, 0))
    check_close(records, 0, 77, "SFA SFPA")


def transfer(sender, receiver, size):
    """Send size bytes and receive them in the same thread."""
    sender.setblocking(False)
    left = got = size
    while got:
        if left:
            with contextlib.suppress(BlockingIOError):
                left -= sender.send(bytes(min(left, 1 << 16)))
        got -= len(receiver.recv(1 << 16))
    sender.settimeout(PATIENCE)


@case("2 MB: segments and retransmissions as the kernel counts them")
def _():
    port, size = next(ports), 2 << 20
    client, server = connect(b, a, "10.10.0.2", port)
    transfer(client, server, size)
    until(lambda: in_flight(client) == 0, "the last ACK")
    kernel = socket_counters(client)
    row, = [r for r in a.table() if r["resp"].endswith(f":{port}")]
    equal({"segs_out": int(row["orig_segments"]),
           "segs_in": int(row["resp_segments"]),
           "bytes_sent": int(row["orig_bytes"]),
           "bytes_retrans": int(row["orig_rexmit"])}, kernel,
          "counters of the table and of the socket")
    close_both(client, server)
    records, = trace.expect(a, port, HANDSHAKE + closing("o", "r", size, 0))
    close = check_close(records, size, 0, "SFPA SFA",
                        rexmit=(kernel["bytes_retrans"], 0))
    # the MTU is 1500
    if close.dir[0].segments <= close.dir[0].packets:
        raise AssertionError("no packet stands for many segments")


@case("an HTTP download: python3 -m http.server and curl")
def _():
    port = next(ports)
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/file", "wb") as file:
            file.write(bytes(300000))
        with a:
            server = subprocess.Popen(
                ["python3", "-m", "http.server", "-b", LOCAL, "-d", folder,
                 # with 1.1 curl closes first
                 "-p", "HTTP/1.1", str(port)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                until(lambda: command("ss", "-Htln", f"sport = {port}"), "server")
                sizes = command("curl", "-sS", "-o", "/dev/null", "-w",
                                "%{size_request} %{size_header} %{size_download}",
                                f"http://{LOCAL}:{port}/file")
                request, header, body = map(int, sizes.split())
                equal(body, 300000, "bytes that curl got")
                trace.until(a, port, "close ")
            finally:
                server.kill()
                server.wait()
    sent, got = request, header + body
    # the segment that acknowledges curl's FIN may also be the server's FIN
    end = closing("o", "r", sent, got).replace("r.A ", "r.A|r.FA ")
    records, = trace.expect(a, port, HANDSHAKE + end)
    check_close(records, sent, got, "SFPA SFPA")
    check_handshake(records)


by_family("connection refused", [LOCAL], ["::1"])(refused)


@case("a SYN dropped in OUTPUT: seen, retransmitted, never answered")
def _():
    port = next(ports)
    dropped = send_dropped_syns(a, "output", port, 3)
    with parameter("timeout_syn_sent", 1):
        close = trace.expect(a, port, UNANSWERED)[0][-1]
    equal([d.packets for d in close.dir], [dropped, 0], "packets")
    equal(trace.records(b, port), {}, "records of the other namespace")


@case("a SYN dropped in INPUT of another namespace: seen in both")
def _():
    port = next(ports)
    dropped = send_dropped_syns(b, "input", port, 2)
    with parameter("timeout_syn_sent", 1):
        for ns, hook in ((a, "out"), (b, "in")):
            records, = trace.expect(ns, port, UNANSWERED)
            equal(HOOKS[records[0].seg.hook], hook, "hook")
            equal(records[-1].dir[0].packets, dropped, "packets")


@case("half-close: data after the first FIN")
def _():
    port, client, server = local_connection(a)
    client.sendall(bytes(100))
    client.shutdown(socket.SHUT_WR)
    receive(server, 100)
    receive_end(server)
    wait_state(client, "FIN-WAIT-2")
    for _ in range(5):
        server.sendall(bytes(1000))
        receive(client, 1000)
    server.close()
    receive_end(client)
    client.close()
    # the server acknowledged the FIN before it sent the data
    records, = trace.expect(a, port, HANDSHAKE + """
o ESTABLISHED>FIN_WAIT_1 fin_sent o.FA 101:1
r ESTABLISHED>CLOSE_WAIT fin_received o.FA 101:1
o FIN_WAIT_1>FIN_WAIT_2 fin_acked r.A 1:102
r CLOSE_WAIT>LAST_ACK fin_sent r.FA 5001:102
o FIN_WAIT_2>TIME_WAIT fin_received r.FA 5001:102
r LAST_ACK>CLOSED fin_acked o.A 102:5002
close fin by o o.A 102:5002
""")
    check_close(records, 100, 5000, "SFPA SFPA")


@case("RST from SO_LINGER 0")
def _():
    port, client, server = local_connection(a)
    client.sendall(bytes(10))
    receive(server, 10)
    abort(client)
    records, = trace.expect(a, port, HANDSHAKE + """
o ESTABLISHED>CLOSED rst_sent o.RA 11:1
r ESTABLISHED>CLOSED rst_received o.RA 11:1
close reset by o o.RA 11:1
""")
    check_close(records, 10, 0, "SRPA SA")
    equal(server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), 104,
          "ECONNRESET of the server")
    server.close()


@case("RST because of unread data")
def _():
    port, client, server = local_connection(a)
    server.sendall(bytes(100))
    equal(len(client.recv(100, socket.MSG_PEEK)), 100,
          "unread bytes")
    client.close()
    records, = trace.expect(a, port, HANDSHAKE + """
o ESTABLISHED>CLOSED rst_sent o.RA 1:101
r ESTABLISHED>CLOSED rst_received o.RA 1:101
close reset by o o.RA 1:101
""")
    check_close(records, 0, 100, "SRA SPA")
    server.close()


@case("RST because data arrived for a closed socket")
def _():
    port, client, server = local_connection(a)
    client.close()
    receive_end(server)
    trace.until(a, port, "FIN_WAIT_1>FIN_WAIT_2")
    server.sendall(bytes(9))
    # RFC 9293 3.10.7.1: <SEQ=SEG.ACK><CTL=RST>
    records, = trace.expect(a, port, HANDSHAKE + """
o ESTABLISHED>FIN_WAIT_1 fin_sent o.FA 1:1
r ESTABLISHED>CLOSE_WAIT fin_received o.FA 1:1
o FIN_WAIT_1>FIN_WAIT_2 fin_acked r.A 1:2
o FIN_WAIT_2>CLOSED rst_sent o.R 2:-
r CLOSE_WAIT>CLOSED rst_received o.R 2:-
close reset by o o.R 2:-
""")
    check_close(records, 0, 9, "SFRA SPA")
    server.close()


def check_both(port, sent, received, orig, resp, zones=(0, 0)):
    """Check that a connection over the veth pair has the expected records in
    both namespaces."""
    hooks = []
    for ns, zone in zip((a, b), zones):
        records, = trace.expect(ns, port, HANDSHAKE +
                                closing("o", "r", sent, received))
        check_close(records, sent, received, "SFPA SFPA")
        check_handshake(records)
        equal({r.zone for r in records}, {zone}, "zone")
        equal((records[0].orig, records[0].resp), (orig, resp), "addresses")
        hooks.append([HOOKS[r.seg.hook] for r in records])
    swap = {"in": "out", "out": "in"}
    equal([swap[h] for h in hooks[0]], hooks[1], "hooks of the namespaces")


@by_family("to another namespace", ["10.10.0.1", "10.10.0.2"],
           ["fd10::1", "fd10::2"])
def _(orig, resp):
    port = next(ports)
    client, server = connect(b, a, resp, port)
    exchange(client, server, 10, 20)
    close_both(client, server)
    check_both(port, 10, 20, orig, resp)


@case("IPv6, link-local addresses: the zone is the interface")
def _():
    want_ipv6()
    zones = []
    for ns, device in ((a, "va"), (b, "vb")):
        with ns:
            zones.append(socket.if_nametoindex(device))
    port = next(ports)
    with contextlib.closing(new_socket(b, "::")) as listener:
        listener.bind(("fe80::b", port, 0, zones[1]))
        listener.listen()
        # bind the client, because va has two link-local addresses
        client = new_socket(a, "::")
        client.bind(("fe80::a", 0, 0, zones[0]))
        client.connect(("fe80::b", port, 0, zones[0]))
        server = listener.accept()[0]
    exchange(client, server, 10, 20)
    close_both(client, server)
    check_both(port, 10, 20, "fe80::a", "fe80::b", zones)


case("no connection had further records, and no record was lost")(
    trace.check_silence)


run()
