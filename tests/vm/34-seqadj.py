#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that the states of both ends are correct even if the kernel changes
sequence numbers on the way, as SYN proxies and the FTP helper of NAT do."""
import contextlib

import module
from case import by_family, case, run
from check import equal
from expected import HANDSHAKE, Trace, check_close, closing
from kernel import ALL_IP, want_conntrack
from netns import Netns
from proc import command
from procfs import grown
from records import MASK_ALL
from sockets import (close_both, connect, exchange, new_socket, ports,
                     receive)
from ss import retransmitted, wait_state

module.load()
client, router, server = Netns("c"), Netns("r"), Netns("s")
router.veth("rc", client, "cr")
router.veth("rs", server, "sr")
client.address("cr", "10.34.1.2/24", "fd34:1::2/64")
router.address("rc", "10.34.1.1/24", "fd34:1::1/64")
router.address("rs", "10.34.2.1/24", "fd34:2::1/64")
server.address("sr", "10.34.2.2/24", "fd34:2::2/64")
client.default_route("10.34.1.1", "fd34:1::1")
server.default_route("10.34.2.1", "fd34:2::1")
router.forward()
client.reach("10.34.2.2", "fd34:2::2")
server.reach("10.34.1.2", "fd34:1::2")
trace = Trace(MASK_ALL)
SENT, RECEIVED = 5000, 70000

# records of the connection between client and proxy; the tracer closes it as
# reused when the proxy contacts the server
PROXIED = HANDSHAKE + "close reused by nobody -\n"
# records of the proxy's SYN, which the server refuses
REFUSED = """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
o SYN_SENT>CLOSED refused r.RA 0:1
close refused by r r.RA 0:1
"""


def track_strictly(ns):
    """Configure connection tracking not to pick up connections midstream."""
    want_conntrack()
    command("modprobe", "nf_conntrack")
    ns.sysctl("netfilter/nf_conntrack_tcp_loose", 0)


@contextlib.contextmanager
def nft_proxy(ns, hook, port):
    """Let nftables answer SYNs at this hook with SYN cookies."""
    track_strictly(ns)
    ns.nft(fr"""
table {ALL_IP} proxy {{
	chain pre {{
		type filter hook prerouting priority raw;
		tcp dport {port} tcp flags syn / syn,ack notrack
	}}
	chain main {{
		type filter hook {hook} priority 0;
		tcp dport {port} ct state invalid,untracked \
			synproxy mss 1460 wscale 7 timestamp sack-perm
		ct state invalid drop
	}}
}}""")
    yield
    ns.nft(f"delete table {ALL_IP} proxy")


@contextlib.contextmanager
def xt_proxy(ns, hook, port, tool):
    """Let iptables or ip6tables answer SYNs with SYN cookies."""
    to_port = ("-p", "tcp", "--dport", port)
    proxy = ("SYNPROXY", "--mss", 1460, "--wscale", 7, "--timestamp",
             "--sack-perm")
    chain = {"forward": "FORWARD", "input": "INPUT"}[hook]

    def append(*words):
        command(tool, "-w", *map(str, words))

    track_strictly(ns)
    with ns:
        append("-t", "raw", "-A", "PREROUTING", *to_port, "--syn",
               "-j", "CT", "--notrack")
        append("-A", chain, *to_port, "-m", "conntrack",
               "--ctstate", "INVALID,UNTRACKED", "-j", *proxy)
        append("-A", chain, "-m", "conntrack", "--ctstate", "INVALID",
               "-j", "DROP")
        yield
        append("-t", "raw", "-F")
        append("-F")


def check_suspicions(ns, port):
    conns = trace.records(ns, port)
    equal([line for conn in conns for line in trace.suspected(ns, conn)], [],
          "suspicions")


def through(proxy, hook, ns, there, server_ns, *more):
    """Connect through a SYN proxy, and check the records: first those of the
    connection between client and proxy, then those of the connection between
    client and server."""
    port = next(ports)
    with proxy(ns, hook, port, *more):
        before = ns.stats()
        one, two = connect(server_ns, client, there, port)
        exchange(one, two, SENT, RECEIVED)
        rexmit = retransmitted(one, two)
        close_both(one, two)
        records = trace.expect(ns, port, PROXIED,
                               HANDSHAKE + closing("o", "r", SENT, RECEIVED))
        check_close(records[1], SENT, RECEIVED, "SFPA SFPA", rexmit)
        check_suspicions(ns, port)
        equal(grown(before, ns.stats())["copy"], 0, "copies")


@by_family("a SYN proxy in a router", ("10.34.2.2",), ("fd34:2::2",))
def _(there):
    through(nft_proxy, "forward", router, there, server)


@by_family("a SYN proxy in the server's host", ("10.34.1.1",), ("fd34:1::1",))
def _(there):
    through(nft_proxy, "input", router, there, router)


XT4, XT6 = ("10.34.2.2", "10.34.1.1", "iptables"), \
    ("fd34:2::2", "fd34:1::1", "ip6tables")


@by_family("SYNPROXY of iptables in a router", XT4, XT6)
def _(there, _here, tool):
    through(xt_proxy, "forward", router, there, server, tool)


@by_family("SYNPROXY of iptables in the server's host", XT4, XT6)
def _(_there, here, tool):
    through(xt_proxy, "input", router, here, router, tool)


@case("a SYN proxy without a server: the client is refused")
def _():
    port = next(ports)
    with nft_proxy(router, "forward", port):
        one = new_socket(client, "10.34.2.2")
        with contextlib.suppress(ConnectionResetError):
            one.connect(("10.34.2.2", port))
        wait_state(one, "CLOSE")
        one.close()
        trace.expect(router, port, PROXIED, REFUSED)


@case("NAT changes the length of FTP's PORT command")
def _():
    want_conntrack()
    command("modprobe", "nf_nat_ftp")
    router.nft("""
table ip nat {
	ct helper ftp { type "ftp" protocol tcp; }
	chain pre {
		type filter hook prerouting priority 0;
		tcp dport 21 ct helper set "ftp"
	}
	chain post {
		type nat hook postrouting priority 100;
		oifname "rs" snat to 10.34.200.200
	}
}""")
    one, two = connect(server, client, "10.34.2.2", 21)
    sent = received = 0
    for said, heard in ((b"USER anonymous", b"USER anonymous"),
                        (b"PORT 10,34,1,2,156,1", b"PORT 10,34,200,200,156,1"),
                        (b"LIST", b"LIST"),
                        (b"PORT 10,34,1,2,156,2", b"PORT 10,34,200,200,156,2"),
                        (b"QUIT", b"QUIT")):
        one.sendall(said + b"\r\n")
        equal(two.recv(100), heard + b"\r\n", "what the server gets")
        two.sendall(b"200 OK\r\n")
        receive(one, 8)
        sent += len(said) + 2
        received += 8
    close_both(one, two)
    records, = trace.expect(router, 21, HANDSHAKE +
                            closing("o", "r", sent, received))
    check_close(records, sent, received, "SFPA SFPA")
    check_suspicions(router, 21)


case("no connection had further records, and no record was lost")(
    trace.check_silence)


run()
