#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the fates of packets, above all of SYNs. Each case determines the fate
by its configuration. The hosts on the path must report what they see of this
fate."""
import contextlib
import ctypes
import errno
import os
import re
import select
import socket
import struct
import subprocess

import module
from case import case, run
from check import PATIENCE, at_scale, equal, fails, until
from device import Reader
from kernel import HAS_IPV6
from module import parameter
from netns import Netns
from nfqueue import Queue
from proc import command, read_file, write_file
from raw import icmp, ip4, ip6, raw4, tcp
from records import (ACK, CLOSE, CLOSE_REASONS, DROP, ERRORS, ESTABLISHED,
                     FATES, FINDING, FINDINGS, FITS, HOOKS, ICMP, KNOWN, LOST,
                     MASK_ALL, MASK_DEFAULT, MASK_FATE, OPEN, SEGMENT, STATE,
                     SYN, check_sequence, error_sender, text)
from sockets import (close_both, connect, listener, new_socket, ports,
                     receive)
from tracefs import Functions

module.load(timeout_syn_sent=2, timeout_unreachable=2)
client, router, server = (Netns(letter) for letter in "crs")
client.veth("cr", router, "rc")
router.veth("rs", server, "sr")
client.address("cr", "10.35.1.2/24", "fd35:1::2/64")
router.address("rc", "10.35.1.1/24", "fd35:1::1/64")
router.address("rs", "10.35.2.1/24", "fd35:2::1/64")
server.address("sr", "10.35.2.2/24", "fd35:2::2/64")
client.default_route("10.35.1.1", "fd35:1::1")
server.default_route("10.35.2.1", "fd35:2::1")
router.forward()
SO_ATTACH_FILTER, SO_ATTACH_REUSEPORT_CBPF = 26, 51
ADDR, ADDR6 = "10.35.2.2", "fd35:2::2"
ROUTER = "10.35.1.1"
ETH_P_IP = 0x0800
# the second SYN is the last one: a third SYN would open a new connection
for host in client, server:
    host.sysctl("ipv4/tcp_syn_retries", 1)
# without a rate limit, the router sends an ICMP error for each SYN
router.sysctl("ipv4/icmp_ratelimit", 0)
client.reach(ADDR, ADDR6)

reader = Reader(ring_kib=16384)
reader.all_netns()
reader.set_mask(MASK_ALL & ~(1 << SEGMENT) | MASK_FATE)
seen = []


def records(kind, ns, port):
    seen.extend(reader.drain())
    return [r for r in seen if r.type == kind and r.netns == ns.inum and
            port in (r.orig_port, r.resp_port)]


def device(ns, name):
    with ns:
        return socket.if_nametoindex(name)


def fate(ns, port):
    """Return: in words, why the only connection of a port was closed, and where
    its SYNs went."""
    close, = until(lambda: records(CLOSE, ns, port),
                   f"CLOSE of port {port} in {ns.name}", 2 * PATIENCE)
    words = [CLOSE_REASONS[close.reason], FATES[close.fate]]
    if close.drop_hook:
        words.append(HOOKS[close.drop_hook])
    if text(close.drop_reason):
        words.append(text(close.drop_reason))
    if close.fate_ifindex:
        with ns:
            words.append(socket.if_indextoname(close.fate_ifindex))
    if close.error:
        words.append(f"{ERRORS[close.error]} {close.error_type}/"
                     f"{close.error_code} {error_sender(close)}")
    return " ".join(words)


def attempt(addr=ADDR, port=None, ns=client, options=()):
    """Start to connect, and do not wait for the handshake. Return: the server's
    port, and the socket."""
    port = port or next(ports)
    sock = new_socket(ns, addr)
    for option in options:
        sock.setsockopt(*option)
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError, ConnectionRefusedError,
                             PermissionError):
        sock.connect((addr, port))
    return port, sock


@contextlib.contextmanager
def rules(ns, hook, *body, family="ip", kind="filter", priority=0, dev=""):
    ns.nft("\n".join([
        f"table {family} fate {{", "chain c {",
        f"type {kind} hook {hook} {dev} priority {priority}", *body, "}", "}"]))
    try:
        yield
    finally:
        ns.nft(f"delete table {family} fate")


def expect(fates, addr=ADDR, port=None, options=()):
    """Try to connect, and check the fate that each host reports."""
    port, sock = attempt(addr, port, options=options)
    with sock:
        for ns, want in fates.items():
            equal(fate(ns, port), want, f"fate in {ns.name}")
    return port


def drops(ns, port):
    """Return: the hook and the reason of each DROP record about a port."""
    found = until(lambda: records(DROP, ns, port), "the DROP record")
    return {(HOOKS[r.seg.hook], text(r.reason)) for r in found}


def expect_drop(ns, port, hook, reason, dev=None, conn=True):
    drop = until(lambda: records(DROP, ns, port), "the DROP record")[0]
    equal((HOOKS[drop.seg.hook], text(drop.reason), drop.conn != 0),
          (hook, reason, conn), "DROP")
    if dev:
        equal(drop.ifindex, device(ns, dev), "interface of DROP")
    if not re.fullmatch(r"[\w.]+( \[\w+])?", text(drop.function)):
        raise AssertionError(f"function {drop.function}")
    equal((drop.seg.flags, drop.seg.rel_seq if conn else 0), (SYN, 0),
          "the segment of DROP")
    return drop


# a router's ip_error() names no reason for a route of type unreachable,
# prohibit or blackhole
NO_ROUTE = "NOT_SPECIFIED"
LEFT_CLIENT, LEFT_ROUTER = "unanswered left cr", "unanswered left rs"


@case("a rule drops the SYN: in forward, input, output and postrouting")
def _():
    with rules(router, "forward", "tcp flags syn drop"):
        port = expect({client: LEFT_CLIENT,
                       router: "unanswered dropped forward NETFILTER_DROP rc"})
        expect_drop(router, port, "forward", "NETFILTER_DROP", "rc")
        equal(records(DROP, client, port), [], "DROP records of the client")
    with rules(server, "input", "tcp flags syn drop"):
        expect({client: LEFT_CLIENT, router: LEFT_ROUTER,
                server: "unanswered dropped in NETFILTER_DROP sr"})
    with rules(client, "output", "tcp flags syn drop"):
        port = expect({client: "unanswered dropped out NETFILTER_DROP cr"})
        equal(records(CLOSE, router, port), [], "connections of the router")
    with rules(router, "postrouting", "tcp flags syn drop", priority=200):
        expect({client: LEFT_CLIENT,
                router: "unanswered dropped forward NETFILTER_DROP rs"})


@case("a SYN dropped before routing: only DROP shows the drop")
def _():
    with rules(router, "prerouting", "tcp flags syn drop", priority=-300):
        port = expect({client: LEFT_CLIENT})
        expect_drop(router, port, "ingress", "NETFILTER_DROP", "rc",
                    conn=False)
    with rules(router, "ingress", "tcp flags syn drop", family="netdev",
               dev="device rc"):
        port = expect({client: LEFT_CLIENT})
        expect_drop(router, port, "ingress", "NETFILTER_DROP", "rc",
                    conn=False)
    router.sysctl("ipv4/conf/rc/rp_filter", 1)
    router.ip("route replace 10.35.1.2/32 dev rs")
    port = expect({client: LEFT_CLIENT})
    equal(records(CLOSE, router, port), [], "connections of the router")
    expect_drop(router, port, "ingress", "IP_RPFILTER", "rc", conn=False)
    router.ip("route del 10.35.1.2/32 dev rs")
    router.sysctl("ipv4/conf/rc/rp_filter", 0)


RESET = "tcp flags syn reject with tcp reset"
PROHIBIT = "tcp flags syn reject with icmp type admin-prohibited"


@case("a rule rejects the SYN: with a RST, and with an ICMP error")
def _():
    with rules(router, "forward", RESET):
        port = expect({client: "refused refused",
                       router: "refused rejected"})
        expect_drop(router, port, "forward", "NETFILTER_DROP")
    with rules(server, "input", RESET):
        expect({client: "refused refused", router: "refused refused",
                server: "refused rejected"})
    with rules(router, "forward", PROHIBIT):
        error = f"unreachable 3/13 {ROUTER}"
        expect({client: f"unreachable unreachable {error}",
                router: f"unreachable rejected NETFILTER_DROP {error}"})


@case("a rule of output, input or prerouting rejects the SYN")
def _():
    with rules(client, "output", RESET):
        expect({client: "refused rejected"})
    with rules(client, "output", PROHIBIT):
        expect({client: "unreachable rejected NETFILTER_DROP "
                        "unreachable 3/13 10.35.1.2"})
    with rules(server, "input", PROHIBIT):
        error = f"unreachable 3/13 {ADDR}"
        expect({client: f"unreachable unreachable {error}",
                router: f"unreachable unreachable {error}",
                server: f"unreachable rejected NETFILTER_DROP {error}"})
    # The tracer's hooks in the router do not see the SYN, only the router's
    # answer. Debian's kernels cannot reject in the netdev hooks.
    with rules(router, "prerouting", RESET):
        port = expect({client: "refused refused"})
        equal(drops(router, port), {("forward", "NETFILTER_DROP")}, "DROP")
    with rules(router, "prerouting", PROHIBIT):
        port = expect({client: "unreachable unreachable unreachable 3/13 "
                               f"{ROUTER}"})
        equal(drops(router, port), {("forward", "NETFILTER_DROP")}, "DROP")
        equal(records(CLOSE, router, port), [], "connections of the router")


@case("a program keeps the SYN in NFQUEUE: it was not seen again")
def _():
    with Queue(7, router) as queue, rules(router, "forward",
                                          "tcp flags syn queue num 7"):
        expect({client: LEFT_CLIENT, router: "unanswered not_seen"})
        for _ in range(2):	# the SYN and its repetition
            queue.accept()


@contextlib.contextmanager
def iptables(ns, chain, *words):
    program = ["iptables", "-w"]
    with ns:
        command(*program, "-A", chain, "-p", "tcp", "--syn", "-j", *words)
    try:
        yield
    finally:
        with ns:
            command(*program, "-F", chain)


@case("iptables drops and rejects SYNs")
def _():
    with iptables(router, "FORWARD", "DROP"):
        expect({client: LEFT_CLIENT,
                router: "unanswered dropped forward NETFILTER_DROP rc"})
    with iptables(server, "INPUT", "REJECT", "--reject-with", "tcp-reset"):
        expect({client: "refused refused", server: "refused rejected"})
    with iptables(router, "FORWARD", "REJECT"):
        error = f"unreachable 3/3 {ROUTER}"
        expect({client: f"unreachable unreachable {error}",
                router: f"unreachable rejected NETFILTER_DROP {error}"})


@case("the table of conntrack is full")
def _():
    maximum = "/proc/sys/net/netfilter/nf_conntrack_max"
    with rules(router, "forward", "ct state established accept"):
        one, two = connect(server, client, ADDR, next(ports))
        before = read_file(maximum)
        write_file(maximum, 1)
        try:
            port = expect({client: LEFT_CLIENT})
            expect_drop(router, port, "ingress", "NETFILTER_DROP", "rc",
                        conn=False)
        finally:
            write_file(maximum, before)
            close_both(one, two)


@contextlib.contextmanager
def tc_drops(device, direction):
    tc = ["tc", "-n", router.name]
    command(*tc, "qdisc", "add", "dev", device, "clsact")
    try:
        command(*tc, "filter", "add", "dev", device, direction,
                "protocol", "ip", "matchall", "action", "drop")
        yield
    finally:
        command(*tc, "qdisc", "del", "dev", device, "clsact")


@case("tc drops the SYN: on the way in, and on the way out")
def _():
    with tc_drops("rs", "egress"):
        expect({client: LEFT_CLIENT,
                router: "unanswered dropped forward TC_EGRESS rs"})
    with tc_drops("rc", "ingress"):
        port = expect({client: LEFT_CLIENT})
        expect_drop(router, port, "ingress", "TC_INGRESS", "rc", conn=False)


@case("no listener: the host refuses the SYN; on loopback, too")
def _():
    expect({client: "refused refused", router: "refused refused",
            server: "refused no_socket"})
    port, sock = attempt("127.0.0.1", ns=server)
    with sock:
        equal(fate(server, port), "refused no_socket", "fate on loopback")


@case("no route: blackhole, unreachable and prohibit")
def _():
    for kind, code in ("unreachable", 1), ("prohibit", 13):
        router.ip(f"route add {kind} 10.35.3.0/24")
        port = expect({client: f"unreachable unreachable unreachable 3/{code} "
                               f"{ROUTER}"}, addr="10.35.3.3")
        router.ip("route del 10.35.3.0/24")
        equal(drops(router, port), {("forward", NO_ROUTE)}, kind)
        error = records(ICMP, router, port)[0]
        equal((error.conn, error.icmp_type, error.code), (0, 3, code),
              "ICMP of a connection that was not routed")
    router.ip("route add blackhole 10.35.3.0/24")
    port = expect({client: LEFT_CLIENT}, addr="10.35.3.3")
    expect_drop(router, port, "forward", NO_ROUTE, conn=False)
    router.ip("route del 10.35.3.0/24")


@case("the neighbour does not answer: host unreachable")
def _():
    error = f"unreachable 3/1 {ROUTER}"
    # the kernel sends the ICMP error after 3 s
    with parameter("timeout_syn_sent", 4):
        port = expect({client: f"unreachable unreachable {error}",
                       router: f"unreachable unreachable {error}"},
                      addr="10.35.2.9")
    equal(drops(router, port), {("forward", "NEIGH_FAILED")}, "DROP")


@case("the TTL of the SYN expires")
def _():
    port = expect({client: "unreachable unreachable time_exceeded 11/0 "
                           f"{ROUTER}"},
                  options=[(socket.IPPROTO_IP, socket.IP_TTL, 1)])
    equal(drops(router, port), {("forward", "IP_INHDR")}, "DROP")
    equal({(r.conn, ERRORS[r.kind]) for r in records(ICMP, router, port)},
          {(0, "time_exceeded")}, "ICMP")


@case("a queue on the way out drops the SYN")
def _():
    command("tc", "-n", router.name, "qdisc", "add", "dev", "rs", "root",
            "netem", "loss", "100%")
    expect({router: "unanswered dropped forward QDISC_DROP rs"})
    command("tc", "-n", router.name, "qdisc", "del", "dev", "rs", "root")


@case("a queue of the way out is deleted while it delays the SYN,ACK")
def _():
    command("tc", "-n", server.name, "qdisc", "add", "dev", "sr", "root",
            "netem", "delay", "60s")
    with listener(ADDR, ns=server) as waiting:
        port, sock = attempt(port=waiting.getsockname()[1])
        with sock:
            until(lambda: records(STATE, server, port), "the SYN")
            command("tc", "-n", server.name, "qdisc", "del", "dev", "sr",
                    "root")
            drop = until(lambda: records(DROP, server, port), "DROP")[0]
    equal((HOOKS[drop.seg.hook], drop.seg.flags), ("out", SYN | ACK), "DROP")


RETURN_0 = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
PROGRAM = struct.pack("HxxxxxxQ", 1, ctypes.addressof(RETURN_0))


@case("a filter of the socket drops the SYN, even if the accept queue is full")
def _():
    with listener(ADDR, ns=server) as waiting:
        waiting.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, PROGRAM)
        expect({client: LEFT_CLIENT,
                server: "unanswered dropped in SOCKET_FILTER sr"},
               port=waiting.getsockname()[1])
    with full() as waiting:
        waiting.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, PROGRAM)
        own, sock = attempt_from("10.35.1.2", waiting.getsockname()[1])
        with sock:
            equal(fate(server, own), "unanswered dropped in SOCKET_FILTER sr",
                  "fate with a full queue")
        equal({row[0] for row in queue_drops(own, SYN)}, {"SOCKET_FILTER"},
              "reasons")


@contextlib.contextmanager
def full(addr=ADDR, ns=client):
    """Create a listener, and fill its accept queue. Yields the listener."""
    with listener(addr, backlog=0, ns=server) as waiting, \
            new_socket(ns, addr) as first:
        first.connect(waiting.getsockname()[:2])
        select.select([waiting], [], [], PATIENCE)
        yield waiting


def attempt_from(addr, port, target=ADDR):
    """Start to connect from an address, and do not wait for the handshake.
    Return: the client's port, and the socket."""
    sock = new_socket(client, target)
    sock.bind((addr, 0))
    sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        sock.connect((target, port))
    return sock.getsockname()[1], sock


def queue_drops(port, flags):
    """Return: for each DROP record about a segment of a port with these flags,
    the reason, the function, the length and limit of the queue, and the
    listener's count of drops. The rows are sorted by time, because the records
    of different CPUs may come in a different order."""
    return [(text(r.reason), text(r.function), r.queued, r.queue_limit,
             r.listener_drops)
            for r in sorted(records(DROP, server, port), key=lambda r: r.time)
            if r.seg.flags == flags]


def expect_syn_drops(port, queued, limit):
    """Check the DROP records of a SYN and of its repetition. The kernel counts
    the repeated SYNs of waiting connections as drops of the listener, too."""
    until(lambda: len(queue_drops(port, SYN)) == 2, "two DROP records")
    first, second = queue_drops(port, SYN)
    for drop in first, second:
        equal(drop[:-1], ("SYN_QUEUE_FULL", "tcp_conn_request", queued, limit),
              "DROP")
    equal(first[-1] < second[-1], True, "the listener's drops have grown")


OVERFLOW = "unanswered dropped in TCP_LISTEN_OVERFLOW"


@case("a full accept queue drops SYNs, and each DROP counts the drops before")
def _():
    with full() as waiting:
        own, sock = attempt_from("10.35.1.2", waiting.getsockname()[1])
        with sock:
            equal(fate(server, own), f"{OVERFLOW} sr", "fate of the server")
            equal(fate(client, own), LEFT_CLIENT, "fate of the client")
        drops = queue_drops(own, SYN)
        equal(drops, [("TCP_LISTEN_OVERFLOW", "tcp_conn_request", 1, 0, i)
                      for i in range(len(drops))], "DROP records")
        equal(len(drops) > 1, True, "the SYN was repeated")
        equal([(FINDINGS[r.finding], r.end, r.count, r.value)
               for r in records(FINDING, server, own)],
              [("listener_full", 1, 1, 0)], "findings")
        owner = records(CLOSE, server, own)[0].owners[1]
        inode = os.fstat(waiting.fileno()).st_ino
        equal((KNOWN[owner.known], owner.inode), ("socket", inode), "who")
    with full("127.0.0.1", server) as waiting, \
            attempt(*waiting.getsockname(), server)[1] as sock:
        equal(fate(server, sock.getsockname()[1]), f"{OVERFLOW} lo", "loopback")
    if HAS_IPV6:
        with full(ADDR6) as waiting:
            own, sock = attempt_from("fd35:1::2", waiting.getsockname()[1],
                                     ADDR6)
            with sock:
                equal(fate(server, own), f"{OVERFLOW} sr", "fate, IPv6")


def kernel_thread(name):
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        if read_file(f"/proc/{pid}/comm").strip() == name:
            return int(pid)
    raise AssertionError(f"no thread {name}")


@contextlib.contextmanager
def softirqs_first(cpu):
    """Let a CPU's kernel workers wait while the CPU has softirqs to process."""
    thread = kernel_thread(f"ksoftirqd/{cpu}")
    os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(2))
    try:
        yield
    finally:
        os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


def flood(sent, target):
    """Send SYNs from one CPU. The CPU runs no other program until all SYNs are
    sent."""
    os.sched_setaffinity(0, {0})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    with client, raw4() as raw:
        for sport in range(3000, 3000 + sent):
            raw.sendto(ip4("10.35.1.2", target[0], tcp(
                sport, target[1], pseudo=("10.35.1.2", target[0]))), target)


@case("a flood of SYNs to a full accept queue: LOST is exact")
def _():
    sent = 600
    with full() as waiting:
        target = waiting.getsockname()[:2]
        seen.extend(reader.drain())
        begin = len(seen)
        with softirqs_first(0):
            pid = os.fork()
            if pid == 0:
                flood(sent, target)
                os._exit(0)
            equal(os.waitpid(pid, 0)[1], 0, "exit of the flood")

        def told():
            seen.extend(reader.drain())
            return (sum(r.type == DROP and r.netns == server.inum and
                        r.resp_port == target[1] and r.seg.flags == SYN
                        for r in seen[begin:]),
                    sum(r.count for r in seen[begin:] if r.type == LOST))
        until(lambda: sum(told()) >= sent, "the drops")
    equal(sum(told()), sent, f"DROP and LOST {told()}")
    equal(told()[1] > 0, True, "some were lost")


@case("a program selects the socket of a group: the listener is unknown")
def _():
    with new_socket(server, ADDR) as waiting, \
            new_socket(client, ADDR) as first:
        waiting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        waiting.bind((ADDR, 0))
        waiting.setsockopt(socket.SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, PROGRAM)
        waiting.listen(0)
        port = waiting.getsockname()[1]
        first.connect((ADDR, port))
        select.select([waiting], [], [], PATIENCE)
        own, sock = attempt_from("10.35.1.2", port)
        with sock:
            equal(fate(server, own), "unanswered delivered sr", "fate")


@contextlib.contextmanager
def late_ack():
    """Open a connection so that the last ACK of its handshake finds the accept
    queue full. Yields the client's port and socket."""
    with listener(ADDR, backlog=0, ns=server) as waiting, \
            new_socket(client, ADDR) as late, \
            new_socket(client, ADDR) as first:
        target = waiting.getsockname()
        late.bind(("10.35.1.2", 0))
        own = late.getsockname()[1]
        with rules(router, "forward", f"tcp sport {own} tcp flags ack drop"):
            late.connect(target)
            first.connect(target)
            select.select([waiting], [], [], PATIENCE)
        # now the server repeats its SYN,ACK, and the client answers with an ACK
        yield own, late


@case("a full accept queue drops the ACK of a handshake, or sends a RST")
def _():
    for value in 0, 1:
        server.sysctl("ipv4/tcp_abort_on_overflow", value)
        with late_ack() as (own, late):
            until(lambda own=own: queue_drops(own, ACK), "DROP of the ACK",
                  2 * PATIENCE)
            equal(queue_drops(own, ACK)[0],
                  ("TCP_LISTEN_OVERFLOW", "tcp_v4_rcv", 1, 0, 0), "DROP")
            if value:
                equal(fate(server, own), "reset answered", "fate")
                equal(fate(client, own), "reset answered", "fate")
    server.sysctl("ipv4/tcp_abort_on_overflow", 0)


@contextlib.contextmanager
def half_open(count, backlog, cookies):
    """Put count connections into the SYN queue of a listener. Yields the
    listener's port."""
    server.sysctl("ipv4/tcp_syncookies", cookies)
    with listener(ADDR, backlog=backlog, ns=server) as waiting, \
            contextlib.ExitStack() as stack, \
            rules(router, "forward", "tcp flags & (syn | ack) == syn | ack "
                  "ip daddr 10.35.1.3 drop"):
        port = waiting.getsockname()[1]
        for _ in range(count):
            own, sock = attempt_from("10.35.1.3", port)
            stack.enter_context(sock)
            until(lambda own=own: records(STATE, server, own), "the SYN,ACK")
        yield port
    server.sysctl("ipv4/tcp_syncookies", 1)


@case("a full SYN queue drops SYNs, or answers them with cookies")
def _():
    client.ip("addr add 10.35.1.3/24 dev cr", "addr add 10.35.1.4/24 dev cr")
    with half_open(2, 1, 0) as port:
        own, sock = attempt_from("10.35.1.4", port)
        with sock:
            equal(fate(server, own), "unanswered dropped in SYN_QUEUE_FULL sr",
                  "fate without cookies")
        expect_syn_drops(own, 2, 1)
    server.sysctl("ipv4/tcp_max_syn_backlog", 8)
    with half_open(7, 128, 0) as port:
        own, sock = attempt_from("10.35.1.4", port)
        with sock:
            equal(fate(server, own), "unanswered dropped in SYN_QUEUE_FULL sr",
                  "fate in the last quarter")
        expect_syn_drops(own, 7, 8)
    server.sysctl("ipv4/tcp_max_syn_backlog", 128)
    with half_open(2, 1, 1) as port:
        own, sock = attempt_from("10.35.1.4", port)
        sock.settimeout(PATIENCE)
        with sock:
            until(lambda: records(ESTABLISHED, server, own), "the connection")
        equal(queue_drops(own, SYN), [], "DROP records")


def send_raw(family, packet, addr):
    with client, socket.socket(family, socket.SOCK_RAW,
                               socket.IPPROTO_RAW) as raw:
        raw.sendto(packet, (addr, 0))


@case("a wrong checksum of a segment, and of an IP header")
def _():
    port = next(ports)
    send_raw(socket.AF_INET, ip4("10.35.1.2", ADDR, tcp(777, port)), ADDR)
    equal(fate(server, port), "unanswered dropped in TCP_CSUM sr", "fate")
    if HAS_IPV6:
        port = next(ports)
        send_raw(socket.AF_INET6, ip6("fd35:1::2", ADDR6, tcp(777, port)),
                 ADDR6)
        equal(fate(server, port), "unanswered dropped in TCP_CSUM sr", "IPv6")
    port = next(ports)
    packet = bytearray(ip4("10.35.1.2", ADDR, tcp(777, port)))
    packet[10] ^= 1	# the header's checksum, which a raw socket corrects
    with client, socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as link:
        link.sendto(packet, ("cr", ETH_P_IP, 0, 0, router.mac("rc")))
    expect_drop(router, port, "ingress", "IP_CSUM", "rc", conn=False)


@case("NAT: the same connection behind the rules that translate it")
def _():
    with rules(router, "postrouting", "oifname rs masquerade", kind="nat",
               priority=100):
        with rules(server, "prerouting", "tcp flags syn drop", priority=-300):
            expect({client: LEFT_CLIENT, router: LEFT_ROUTER})
    with rules(router, "prerouting", f"ip daddr 10.35.9.9 dnat to {ADDR}",
               kind="nat", priority=-100):
        with rules(server, "input", "tcp flags syn drop"):
            expect({client: LEFT_CLIENT, router: LEFT_ROUTER,
                    server: "unanswered dropped in NETFILTER_DROP sr"},
                   addr="10.35.9.9")


def small_link(addr, sender):
    """Send segments that are too large for a link, and check the ICMP error,
    its sender and the finding."""
    port = next(ports)
    one, two = connect(server, client, addr, port)
    one.sendall(bytes(4000))
    receive(two, 4000)
    for ns in client, router:
        error = until(lambda ns=ns: records(ICMP, ns, port), "ICMP")[0]
        equal((ERRORS[error.kind], error.mtu, error_sender(error),
               FITS[error.fit] in ("exact", "in_window")),
              ("too_big", 1280, sender, True), f"ICMP in {ns.name}")
        found = [r for r in records(FINDING, ns, port)]
        equal([(FINDINGS[r.finding], r.end, r.value) for r in found],
              [("too_big", 0, 1280)], f"findings in {ns.name}")
    close_both(one, two)


@case("a small link: the ICMP error, its MTU, and the finding")
def _():
    router.ip("link set rs mtu 1280")
    small_link(ADDR, ROUTER)
    if HAS_IPV6:
        small_link(ADDR6, "fd35:1::1")
    router.ip("link set rs mtu 1500")


@case("a segment with an old timestamp")
def _():
    port = next(ports)
    one, two = connect(server, client, ADDR, port)
    own = one.getsockname()[1]
    opened = until(lambda: records(OPEN, server, port), "OPEN")[0]
    with client, raw4() as raw:
        # one of the two values is older than the client's timestamps
        for tsval in 1, 1 << 31:
            stamp = struct.pack("!BBBBII", 1, 1, 8, 10, tsval, 0)
            raw.sendto(ip4("10.35.1.2", ADDR, tcp(
                own, port, ACK, opened.seg.seq + 1, 1, b"old", stamp,
                pseudo=("10.35.1.2", ADDR))), (ADDR, 0))
    until(lambda: ("in", "TCP_RFC7323_PAWS") in drops(server, port), "PAWS")
    close_both(one, two)


def forge(seq, sport, port, kind=3, code=1):
    """Send a forged ICMP error from the router about a segment of the
    client."""
    quoted = ip4("10.35.1.2", ADDR, struct.pack("!HHI", sport, port,
                                                seq & 0xffffffff))
    with router, socket.socket(socket.AF_INET, socket.SOCK_RAW,
                               socket.IPPROTO_ICMP) as raw:
        raw.sendto(icmp(kind, code, quoted), ("10.35.1.2", 0))


@case("a forged ICMP error is suspected, and changes nothing")
def _():
    port = next(ports)
    one, two = connect(server, client, ADDR, port)
    forge(12345, one.getsockname()[1], port)
    error = until(lambda: records(ICMP, client, port), "ICMP")[0]
    if FITS[error.fit] not in ("old", "out_of_window"):
        raise AssertionError(f"fit {FITS[error.fit]}")
    close_both(one, two)
    equal(fate(client, port), "fin answered", "fate")


@case("an ICMP error of another kind, and a redirect")
def _():
    before = client.stats()["icmp_redirect"]
    with rules(router, "forward", "tcp flags syn drop"):
        port, sock = attempt()
        with sock:
            opened = until(lambda: records(OPEN, client, port), "OPEN")[0]
            forge(opened.seg.seq, opened.orig_port, port, 12, 0)
            equal(fate(client, port), "unreachable unreachable "
                  f"parameter 12/0 {ROUTER}", "fate")
    forge(opened.seg.seq, opened.orig_port, port, 5, 1)
    until(lambda: client.stats()["icmp_redirect"] == before + 1, "the counter")


@case("IPv6: dropped, rejected, refused")
def _():
    if not HAS_IPV6:
        return
    with rules(router, "forward", "tcp flags syn drop", family="ip6"):
        expect({client: LEFT_CLIENT,
                router: "unanswered dropped forward NETFILTER_DROP rc"},
               addr=ADDR6)
    with rules(router, "forward", "tcp flags syn reject", family="ip6"):
        error = "unreachable 1/4 fd35:1::1"
        expect({client: f"unreachable unreachable {error}",
                router: f"unreachable rejected NETFILTER_DROP {error}"},
               addr=ADDR6)
    expect({client: "refused refused", server: "refused no_socket"},
           addr=ADDR6)


@case("more packets are dropped than a queue holds: LOST is exact")
def _():
    count, port = 1000, next(ports)
    seen.extend(reader.drain())
    begin = len(seen)
    before = router.stats()
    router.sysctl("ipv4/neigh/rs/unres_qlen_bytes", 1 << 24)
    with client, socket.socket(socket.AF_INET, socket.SOCK_RAW,
                               socket.IPPROTO_RAW) as raw:
        # 10.35.2.8 does not answer ARP, so after 3 s the kernel drops all
        # packets at once
        for sport in range(1000, 1000 + count):
            raw.sendto(ip4("10.35.1.2", "10.35.2.8", tcp(sport, port)),
                       ("10.35.2.8", 0))

    def lost():
        return sum(r.count for r in seen[begin:] if r.type == LOST)

    def told():
        return len(records(DROP, router, port)) + lost()
    until(lambda: told() >= count, "all drops", 2 * PATIENCE)
    grown = {name: router.stats()[name] - before[name] for name in before}
    equal(told(), count, "drops in the records")
    equal(grown["drops"] + grown["drops_lost"], count, "drops in counters")
    if not grown["drops_lost"]:
        raise AssertionError("nothing was lost")
    equal(grown["drops_lost"], lost(), "what LOST says")


@case("a filter applies to dropped packets")
def _():
    port, other = next(ports), next(ports)
    with Reader(DROP) as filtered, rules(router, "forward",
                                         "tcp flags syn drop"):
        filtered.all_netns()
        filtered.filter(f"dst port {port}")
        for number in other, port:
            attempt(port=number)[1].close()
        got = filtered.collect(lambda got: got, "DROP")
        until(lambda: records(DROP, router, other), "DROP of the other port")
        equal({r.resp_port for r in got + filtered.drain()}, {port}, "ports")


CONNECT_FOREVER = """
import socket, time
while True:
    time.sleep(0.001)
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", 9))
"""


@case("readers come and go under traffic, and namespaces end")
def _():
    for _ in range(at_scale(5, 2)):
        ns = Netns("x")
        with rules(ns, "output", "tcp flags syn drop"), Reader() as other:
            other.all_netns()
            with ns:
                program = subprocess.Popen(
                    ["python3", "-c", CONNECT_FOREVER])
            for _ in range(4):
                other.set_mask(1 << DROP)
                other.collect(lambda got, ns=ns: any(r.netns == ns.inum
                                                     for r in got), "DROP")
                other.set_mask(MASK_DEFAULT)
            other.set_mask(1 << DROP)
        # the namespace exists until the program is killed
        ns.delete()
        program.kill()
        program.wait()
    fails(errno.EINVAL, reader.set_mask, 1 << 29)


def called_for_a_drop(at_client, at_router):
    """Drop a SYN, and check its fates. Return: which hooks have run, and
    whether the probe has run."""
    with rules(router, "forward", "tcp flags syn drop"), \
            Functions("observe", "follow", "probe") as functions:
        expect({client: at_client, router: at_router})
        return functions.called()


@case("no reader asks for fates: no fate, no DROP")
def _():
    reader.set_mask(MASK_DEFAULT)
    with rules(router, "forward", "tcp flags syn drop"):
        port = expect({client: "unanswered none", router: "unanswered none"})
    equal(records(DROP, router, port), [], "DROP records")


@case("after the last reader that asks for fates: neither hook nor probe runs")
def _():
    reader.set_mask(MASK_DEFAULT | 1 << DROP)
    equal(called_for_a_drop(LEFT_CLIENT,
                            "unanswered dropped forward NETFILTER_DROP rc"),
          {"observe", "follow", "probe"}, "with a reader")
    reader.set_mask(MASK_DEFAULT)
    equal(called_for_a_drop("unanswered none", "unanswered none"),
          {"observe"}, "without a reader")


@case("no record was lost")
def _():
    check_sequence(seen)
    reader.close()


run(also=".*(Possible SYN flooding|table full.*, dropping packet)|GACT ")
