# SPDX-License-Identifier: GPL-2.0
"""What the VM tests share: named cases as TAP, network namespaces, TCP
sockets in them, and crafted segments.

Everything runs in one thread that enters one namespace after the other, so
what happens on the wire happens in the order in which it is written.
"""
import contextlib
import ctypes
import ipaddress
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import traceback

import events
import kmsg
from agree import wait_state
from events import TIMEOUT, equal, until
from kernel import (ALL_IP, HAS_CONNTRACK, HAS_IPV6, Skip, usable,
                    want_conntrack, want_ipv6)
from pace import SLOW
from story import Trace

CASES = []
CASE_LIMIT = 60 * SLOW	# seconds; a few are normal, the machine may be busy
PARAMETERS = "/sys/module/tcptrace/parameters/"

libc = ctypes.CDLL(None, use_errno=True)
ports = itertools.count(2000)


def diag(text):
    for line in str(text).splitlines():
        print("# " + line, flush=True)


# -- cases ------------------------------------------------------------------

def case(name):
    """Register a function under a name; it is called without arguments."""
    def register(function):
        CASES.append((name, function))
        return function
    return register


class Late(Exception):
    """A case took too long."""


def on_alarm(_signal, _frame):
    raise Late(f"the case took more than {CASE_LIMIT} s")


def run_case(number, name, function):
    signal.alarm(CASE_LIMIT)
    try:
        function()
    except Skip as reason:
        name += f" # SKIP {reason}"
    except Exception:
        signal.alarm(0)
        diag(traceback.format_exc())
        print(f"not ok {number} - {name}", flush=True)
        return 1
    signal.alarm(0)
    print(f"ok {number} - {name}", flush=True)
    return 0


def main():
    """Run the cases, then look at what the kernel said; exit."""
    log = kmsg.Kmsg()
    signal.signal(signal.SIGALRM, on_alarm)
    CASES.append(("the kernel said nothing but the load messages",
                  lambda: check_log(log)))
    print(f"1..{len(CASES)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(CASES, 1):
        failed += run_case(number, name, function)
    sys.stdout.flush()
    sys.exit(1 if failed else 0)


def check_log(log):
    clean_up()
    unload()
    equal(log.unexpected(), [], "messages of the kernel")


# -- the module and the namespaces --------------------------------------------

def run(*args, data=None):
    """Run a program; it must succeed. Return: its output."""
    done = subprocess.run(args, input=data, capture_output=True, text=True,
                          check=False, timeout=CASE_LIMIT)
    if done.returncode:
        raise AssertionError(f"{' '.join(args)}: exit {done.returncode}\n"
                             f"{done.stderr}")
    return done.stdout


def loaded():
    return os.path.isdir("/sys/module/tcptrace")


def load():
    """Load the module with its parameters as they are by default."""
    unload()
    ko = os.environ["TCPTRACE_KO"]
    for needed in run("modinfo", "-F", "depends", ko).strip().split(","):
        if needed:
            run("modprobe", needed)
    run("insmod", ko)


def unload():
    Trace.close_all()
    if loaded():
        run("rmmod", "tcptrace")


@contextlib.contextmanager
def parameter(name, value):
    """A parameter of the module for a while."""
    path = PARAMETERS + name
    with open(path, encoding="ascii") as file:
        before = file.read()
    write(path, value)
    try:
        yield
    finally:
        write(path, before)


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


class Netns:
    """A network namespace; "with" enters it."""

    all = []

    def __init__(self, letter):
        self.name = f"t{os.getpid()}{letter}"
        run("ip", "netns", "add", self.name)
        self.fd = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        self.inum = os.fstat(self.fd).st_ino
        self.outer = []
        Netns.all.append(self)
        self.ip("link", "set", "lo", "up")
        # A busy machine answers late, and no story has a tail loss probe.
        self.sysctl("net.ipv4.tcp_early_retrans", 0)

    def __enter__(self):
        self.outer.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY))
        self.set(self.fd)
        return self

    def __exit__(self, *error):
        fd = self.outer.pop()
        self.set(fd)
        os.close(fd)

    @staticmethod
    def set(fd):
        if libc.setns(fd, 0):
            raise OSError(ctypes.get_errno(), "setns")

    def ip(self, *args):
        return run("ip", "-n", self.name, *args)

    def address(self, device, *addresses):
        self.ip("link", "set", device, "up")
        for a in usable(*addresses):
            self.ip("addr", "add", a, "dev", device,
                    *(["nodad"] if ":" in a else []))

    def reach(self, *addresses):
        """Wait until a datagram is answered: the neighbours are known, and
        no SYN is held back or sent again for want of them."""
        for a in usable(*addresses):
            until(lambda a=a: self.answers(a), f"the way to {a}")

    def answers(self, addr):
        with self, socket.socket(family_of(addr), socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            try:
                s.connect(socket.getaddrinfo(addr, 9)[0][4])
                s.send(b"?")
                s.recv(1)
            except ConnectionRefusedError:
                return True
            except OSError:
                pass
        return False

    def nft(self, rules):
        with self:
            run("nft", "-f", "-", data=rules)

    def counters(self):
        """Packets of each named counter."""
        with self:
            listed = json.loads(run("nft", "-j", "list", "counters"))
        return {c["counter"]["name"]: c["counter"]["packets"]
                for c in listed["nftables"] if "counter" in c}

    def sysctl(self, name, value):
        with self:
            write("/proc/sys/" + name.replace(".", "/"), value)

    def forward(self):
        """Be a router."""
        self.sysctl("net.ipv4.ip_forward", 1)
        if HAS_IPV6:
            self.sysctl("net.ipv6.conf.all.forwarding", 1)

    def default_route(self, *addresses):
        """By the one router, of either family."""
        for a in usable(*addresses):
            self.ip("-6" if ":" in a else "-4", "route", "add", "default",
                    "via", a)

    def netstat(self, name):
        """A counter of /proc/net/netstat, as TcpExt.TCPChallengeACK."""
        group, _, name = name.partition(".")
        with self, open("/proc/net/netstat", encoding="ascii") as file:
            lines = [x.split() for x in file if x.startswith(group + ":")]
        return int(dict(zip(*lines))[name])

    def stats(self):
        with self:
            return events.stats()

    def table(self):
        with self:
            return events.table()


def veth(a, device_a, b, device_b):
    a.ip("link", "add", device_a, "type", "veth", "peer", "name", device_b,
         "netns", b.name)


def clean_up():
    while Netns.all:
        ns = Netns.all.pop()
        os.close(ns.fd)
        run("ip", "netns", "delete", ns.name)


# -- sockets ------------------------------------------------------------------

def family_of(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def new_socket(ns, addr, port=0):
    """A TCP socket of a namespace, bound if a port is given."""
    with ns:
        s = socket.socket(family_of(addr), socket.SOCK_STREAM)
    s.settimeout(TIMEOUT)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port:
        s.bind((addr, port))
    return s


def listen(ns, addr, port, backlog=16):
    s = new_socket(ns, addr, port)
    s.listen(backlog)
    return s


def connect(server_ns, client_ns, addr, port, client=None, target=None):
    """Return: client and server end of a new connection. The client may
    connect to another (address, port) than that of the server."""
    with contextlib.closing(listen(server_ns, addr, port)) as listener:
        client = client or new_socket(client_ns, addr)
        client.connect(target or (addr, port))
        server = listener.accept()[0]
    server.settimeout(TIMEOUT)
    return client, server


def receive(s, n):
    """Exactly n bytes."""
    left = n
    while left:
        data = s.recv(min(left, 1 << 16))
        if not data:
            raise AssertionError(f"end after {n - left} of {n} bytes")
        left -= len(data)


def receive_end(s):
    equal(s.recv(1), b"", "end of the stream")


def close_both(first, second):
    """Close in an orderly way, each step after the one before was seen."""
    first.shutdown(socket.SHUT_WR)
    receive_end(second)
    wait_state(first, "FIN-WAIT-2")
    second.close()
    receive_end(first)
    first.close()


# -- crafted segments ---------------------------------------------------------

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def craft(source, target, flags, seq, ack=0, window=1000, data=b""):
    """A TCP segment with its checksum; source and target: (address, port)."""
    pseudo = b"".join(ipaddress.ip_address(a).packed
                      for a in (source[0], target[0]))
    length = 20 + len(data)
    if ":" in source[0]:
        pseudo += struct.pack(">II", length, socket.IPPROTO_TCP)
    else:
        pseudo += struct.pack(">HH", socket.IPPROTO_TCP, length)
    fields = [source[1], target[1], seq & 0xffffffff, ack & 0xffffffff,
              5 << 12 | flags, window]
    header = struct.pack(">HHIIHHHH", *fields, 0, 0)
    check = checksum(pseudo + header + data)
    return struct.pack(">HHIIHHHH", *fields, check, 0) + data


def inject(ns, source, target, *args, **more):
    """Send a crafted segment from a namespace."""
    with ns:
        raw = socket.socket(family_of(source[0]), socket.SOCK_RAW,
                            socket.IPPROTO_TCP)
    with raw:
        raw.bind((source[0], 0))
        raw.sendto(craft(source, target, *args, **more), (target[0], 0))
