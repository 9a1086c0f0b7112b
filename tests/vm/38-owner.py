#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the owner of an end: the user, inode, cgroup and process must be those
that other kernel interfaces report. A process that only handles packets of
other processes must never be the owner."""
import collections
import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile

import module
from case import case, run
from check import at_scale, equal
from device import Reader
from expected import Trace
from kernel import ALL_IP
from netns import row
from nfqueue import Queue
from proc import command, read_file, write_file
from records import CLOSE, KNOWN, MASK_DEFAULT, OWNER, text
from sockets import close_both, connect, listener, pair, ports, receive
from tracefs import Kernel

CGROUPS = "/sys/fs/cgroup"
N = at_scale(2500, 50)	# connections of each of two programs, in two cases
FEW = at_scale(250, 20)	# the same, with softirqs that never end
RING = 16 << 20		# room for their closing records
NAMES = ("first", "second")

# a program that serves n connections, or that connects n times and prints its
# ports
PROGRAM = """
import os, socket, sys
what, host, port, n = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
if what == "serve":
    with socket.create_server((host, port), backlog=1024) as server:
        print("ready", flush=True)
        for _ in range(n):
            with server.accept()[0] as s:
                if s.recv(100):
                    s.sendall(b"answer")
                s.recv(100)
else:
    print("ready", flush=True)
    for _ in range(n):
        with socket.create_connection((host, port)) as s:
            s.sendall(b"question")
            s.recv(100)
            print(s.getsockname()[1], flush=False)
"""

module.load()
command("mount", "-t", "cgroup2", "none", CGROUPS)
os.mkdir(f"{CGROUPS}/web")
write_file(f"{CGROUPS}/web/cgroup.procs", "0")
client, router, server = row("crs", 38)
client.reach("10.38.2.2")
SERVER = "10.38.2.2"
trace = Trace(MASK_DEFAULT | 1 << OWNER)


class Program:
    """PROGRAM under a given name, running in a network namespace."""

    folder = tempfile.mkdtemp(prefix="owner")
    os.chmod(folder, 0o755)

    def __init__(self, name, ns, *words, uid=0):
        path = f"{self.folder}/{name}"
        if not os.path.exists(path):
            os.symlink(sys.executable, path)
        with ns:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                [path, "-c", PROGRAM, *map(str, words)], user=uid,
                stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        equal(self.process.stdout.readline(), "ready\n", name)

    def end(self):
        """Wait for the end of the program. Return: the words that it has
        printed."""
        lines = self.process.stdout.read().split()
        equal(self.process.wait(), 0, "exit status")
        return lines


def records(ns, port, kind):
    return [r for r in trace.all() if r.type == kind and r.netns == ns.inum and
            port in (r.orig_port, r.resp_port)]


def wait_records(ns, port, kind, n=1):
    trace.wait(lambda: len(records(ns, port, kind)) >= n, f"{n} records")
    return records(ns, port, kind)


def known(owner):
    return KNOWN[owner.known], owner.pid, text(owner.comm), owner.uid


def me():
    return os.getpid(), read_file("/proc/self/comm").strip(), 0


def fd_inode(sock):
    return os.fstat(sock.fileno()).st_ino


def cgroup_id():
    path = read_file("/proc/self/cgroup").strip().rpartition(":")[2]
    return os.stat(CGROUPS + path).st_ino


@case("connect(): the first record has the process of the originator")
def _():
    port = next(ports)
    one, two = connect(server, client, SERVER, port)
    inode = fd_inode(one)
    close_both(one, two)
    close, = wait_records(client, port, CLOSE)
    first = records(client, port, 1)[0]
    for owner in (first.owners[0], close.owners[0]):
        equal(known(owner), ("task", *me()), "owner of the originator")
        equal((owner.inode, owner.cgroup), (inode, cgroup_id()), "its socket")
    equal([known(r.owners[1]) for r in (first, close)],
          [("nothing", 0, "", 0), ("remote", 0, "", 0)],
          "the responder is on another host")
    equal(records(client, port, OWNER), [], "OPEN has reported all")


@case("accept(): OWNER, as soon as the server sends")
def _():
    port = next(ports)
    one, two = connect(server, client, SERVER, port)
    equal(records(server, port, OWNER), [], "before it sends")
    two.sendall(b"x")
    receive(one, 1)
    record, = wait_records(server, port, OWNER)
    equal((record.seg.sender, known(record.owner), record.owner.inode),
          (1, ("task", *me()), fd_inode(two)), "owner of the responder")
    close_both(one, two)
    close, = wait_records(server, port, CLOSE)
    equal([known(o) for o in close.owners],
          [("remote", 0, "", 0), ("task", *me())], "owners in CLOSE")
    equal(len(records(server, port, OWNER)), 1, "reported once")


@case("a forwarded connection has no owner here")
def _():
    port = next(ports)
    close_both(*connect(server, client, SERVER, port))
    close, = wait_records(router, port, CLOSE)
    equal([known(o) for o in close.owners], 2 * [("remote", 0, "", 0)])


@case("SO_COOKIE, after a program has asked for it")
def _():
    port, so_cookie = next(ports), 57
    with client, listener(SERVER, port, ns=server) as backlog:
        sock = socket.socket()
        cookie, = struct.unpack("=Q", sock.getsockopt(socket.SOL_SOCKET,
                                                      so_cookie, 8))
        one, two = pair(backlog, client=sock)
    close_both(one, two)
    close, = wait_records(client, port, CLOSE)
    equal(close.owners[0].cookie, cookie)


@case("/proc/net/tcptrace: the process, for administrators only")
def _():
    port = next(ports)
    one, two = connect(server, client, SERVER, port)
    entry, = (r for r in client.table() if r["resp"].endswith(f":{port}"))
    equal((entry["orig_pid"], entry["orig_comm"], entry["orig_uid"],
           entry["orig_inode"], entry["orig_cgroup"]),
          (*map(str, me()[:2]), "0", str(fd_inode(one)), str(cgroup_id())))
    equal((entry["resp_pid"], entry["resp_uid"]), ("-", "-"))
    with client:
        lines = command("setpriv", "--reuid=1000", "--clear-groups",
                        "--inh-caps=-all", "cat",
                        "/proc/net/tcptrace").splitlines()
    row_of = dict(zip(lines[0].split(), next(
        line for line in lines[1:] if f":{port} " in line).split()))
    equal([row_of[name] for name in ("orig_pid", "orig_comm", "orig_cgroup",
                                     "orig_cookie", "orig_uid")],
          ["-", "-", "-", "-", "0"], "for another user")
    close_both(one, two)


@case("a name with any bytes is one word in /proc")
def _():
    port = next(ports)
    odd = "a b\\\n\x7f"
    write_file("/proc/self/comm", odd)
    try:
        one, two = connect(server, client, SERVER, port)
    finally:
        write_file("/proc/self/comm", "python3")
    entry, = (r for r in client.table() if r["resp"].endswith(f":{port}"))
    equal(entry["orig_comm"].encode().decode("unicode_escape"), odd)
    close_both(one, two)


@case("NFQUEUE: the program that accepts a packet is not its sender")
def _():
    port = next(ports)
    with Queue(7, client) as queue, \
            listener(SERVER, port, ns=server) as backlog:
        client.nft(f"""
table {ALL_IP} ask {{
	chain o {{
		type filter hook output priority -150;
		tcp dport {port} queue num 7
	}}
}}""")
        program = Program("sender", client, "connect", SERVER, port, 1,
                          uid=1000)
        for _ in range(2):	# SYN, ACK
            queue.accept()
        two, _ = backlog.accept()
        queue.accept()		# the question
        equal(two.recv(100), b"question")
        first = records(client, port, 1)[0]
        equal(known(first.owners[0]), ("inode", 0, "", 1000), "in OPEN")
        client.nft(f"delete table {ALL_IP} ask")
        two.sendall(b"answer")
        program.end()
        two.close()
    close, = wait_records(client, port, CLOSE)
    equal(text(close.owners[0].comm) in ("", "sender"), True, "in CLOSE")


case("no connection had further records, and no record was lost")(
    trace.check_silence)


def spin():
    while True:
        pass


def circle():
    """Send datagrams that the client and the router forward to each other until
    the TTL is 0. One softirq cannot handle all these packets, so ksoftirqd
    handles the rest."""
    with server, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
        while True:
            sock.sendto(b"", ("10.99.0.1", 9))


@contextlib.contextmanager
def busy(work=spin):
    """Keep each CPU busy with a program. The softirqs of other programs
    interrupt this program."""
    children = []
    for _ in range(os.cpu_count()):
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.nice(10)
            work()
        children.append(pid)
    try:
        yield
    finally:
        for pid in children:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)


def closes(reader, n):
    return reader.collect(lambda got: len(got) == n, "CLOSE of each")


def reader_in(ns):
    with ns:
        reader = Reader(CLOSE)
    reader.resize(RING)
    return reader


def names_of_many(ns, address, n=N):
    """Check the owners of both ends of the connections that two programs make
    to a third program."""
    port = next(ports)
    want = collections.Counter()	# connections may use the same port
    with reader_in(client) as clients, reader_in(ns) as servers:
        there = Program("there", ns, "serve", address, port, 2 * n)
        programs = [Program(name, client, "connect", address, port, n,
                            uid=1000 + i) for i, name in enumerate(NAMES)]
        for i, program in enumerate(programs):
            for line in program.end():
                want[int(line), ("task", program.pid, NAMES[i], 1000 + i)] += 1
        there.end()
        got = collections.Counter((r.orig_port, known(r.owners[0]))
                                  for r in closes(clients, 2 * n))
        of_server = {known(r.owners[1]) for r in closes(servers, 2 * n)}
    equal(list(got - want)[:3], [], "wrong owners of the originator")
    equal(of_server, {("task", there.pid, "there", 0)},
          "owners of the responder")


@case(f"loopback, busy CPUs: 0 wrong names in {2 * N} connections")
def _():
    with busy():
        names_of_many(client, "127.0.0.1")


def receive_elsewhere(device, *lines):
    """Let other CPUs receive the packets of a device of the client, but not
    with PREEMPT_RT: there, Linux 6.1 warns when RPS raises a softirq on another
    CPU."""
    cpus = 0 if os.path.exists("/sys/kernel/realtime") else 3
    # "ip netns exec" mounts sysfs again, which then shows the devices of the
    # namespace
    command("ip", "netns", "exec", client.name, "sh", "-ec", "; ".join((
        f"cd /sys/class/net/{device}",
        f"echo {cpus} >queues/rx-0/rps_cpus", *lines)))


@case(f"loopback, ksoftirqd: 0 wrong names in {2 * FEW} connections")
def _():
    receive_elsewhere("lo")
    client.forward()
    router.ip("route add 10.99.0.0/16 via 10.38.1.2")
    received = Kernel("net/netif_receive_skb",
                      'name == "lo" && comm ~ "ksoftirqd/*"')
    with received, busy(circle):
        names_of_many(client, "127.0.0.1", FEW)
        equal(received.any(), True, "ksoftirqd has received segments")


@case(f"threaded NAPI, RPS: 0 wrong names in {2 * N} connections")
def _():
    # a veth device uses NAPI for TCP only if it has GRO (or XDP) and its peer
    # has no TSO
    with router:
        command("ethtool", "-K", "rc", "tso", "off")
    with client:
        command("ethtool", "-K", "cr", "gro", "on")
    receive_elsewhere("cr", "echo 1 >threaded")
    polled = Kernel("napi/napi_poll", 'dev_name == "cr" && comm ~ "napi/*"')
    with polled, busy():
        names_of_many(server, SERVER)
        equal(polled.any(), True, "a thread has polled the device")


run()
