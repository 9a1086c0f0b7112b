# SPDX-License-Identifier: GPL-2.0
"""Test live captures in a network namespace that the test creates."""
import json
import os
import re
import signal
import subprocess

import schema
from tap import TIMEOUT, Skip, case, cases, contains, equal, one_line

# Script to run in the namespace: it makes connections that are accepted,
# refused or unanswered, or it sends a flood of SYNs or datagrams.
TRAFFIC = """
import socket, struct, sys
kind, n = sys.argv[1], int(sys.argv[2])
if kind == "connect":
    server = socket.create_server(("127.0.0.1", 0))
    for _ in range(n):
        client = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
        client.close()
        peer.close()
elif kind == "refuse":
    for _ in range(n):
        with socket.socket() as sock:
            sock.connect_ex(("127.0.0.1", 9))
elif kind == "syn":
    for _ in range(n):
        with socket.socket() as sock:
            sock.setblocking(False)
            sock.connect_ex(("10.9.0.2", 9))
elif kind == "flood":
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for i in range(70000):
        sock.sendto(struct.pack(">BBHHHBBHBBHBBBB", 0x45, 0, 40, 0, 0, 64, 6,
                                0, 10, 8, i & 0xffff, 10, 9, 0, 2) +
                    struct.pack(">HHIIHHHH", 1024 * n + (i >> 16), 80, i, 0,
                                0x5002, 64240, 0, 0), ("10.9.0.2", 0))
else:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for _ in range(n):
        sock.sendto(b"x" * 600, ("10.9.0.2", 9))
"""


SETUP = """
ip link set lo up
ip link add v0 type veth peer name v1
ip addr add 10.9.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:01 dev v0
echo up
exec cat
"""


class Namespace:
    """A network namespace that ends with the test.

    Packets to 10.9.0.2 leave through the interface v0, and get no answer.
    """

    def __enter__(self):
        self.process = subprocess.Popen(
            ["unshare", "-Urn", "sh", "-e", "-c", SETUP], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.process.stdout.readline() != b"up\n":
            self.__exit__()
            raise Skip("no network namespace")
        return self

    def __exit__(self, *_):
        self.process.communicate()

    def enter(self, *command):
        return ["nsenter", "-t", str(self.process.pid), "-U", "-n",
                "--preserve-credentials", *command]

    def traffic(self, kind, n=1):
        subprocess.run(self.enter("python3", "-c", TRAFFIC, kind, str(n)),
                       check=True, timeout=TIMEOUT)

    def start(self, client, *args):
        """Start the client, and wait until it captures. Return: its process."""
        process = subprocess.Popen(self.enter(client.program, *args),
                                   stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=client.env())
        note = process.stderr.readline().decode()
        contains(note, "sees less than the module", "GRO", "NAT", "owners",
                 "fate")
        return process


def finish(process, number=signal.SIGINT):
    """Stop a client with a signal. Return: its stdout and stderr."""
    process.send_signal(number)
    out, err = process.communicate(timeout=TIMEOUT)
    equal(process.returncode, 0, err.decode())
    return out.decode(), err.decode()


def event(process):
    line = process.stdout.readline()
    schema.check(line)
    return json.loads(line)


@cases("interface: a connection, and the summary after a signal", [
    ("SIGINT", signal.SIGINT), ("SIGTERM", signal.SIGTERM),
])
def connection(client, number):
    with Namespace() as netns:
        watch = netns.start(client, "watch", "-i", "lo", "--json", "-e",
                            "established,close")
        netns.traffic("connect")
        equal(event(watch)["event"], "established")
        out, err = finish(watch, number)
    close = json.loads(out)
    equal((close["event"], close["reason"], close["conn_state"],
           "interface" in close), ("close", "fin", "SF", False))
    if not re.search(r": 2 events, \d+ packets, 0 lost\n$", err):
        raise AssertionError(err)


@case("interface: a closing record comes without another packet")
def close_comes(client):
    with Namespace() as netns:
        watch = netns.start(client, "watch", "-i", "lo", "--json", "-e",
                            "close", "-n", "1")
        netns.traffic("refuse")
        equal(event(watch)["reason"], "refused")
        equal(watch.wait(TIMEOUT), 0)
        watch.communicate()


@case("interface any: events have the interface")
def every_interface(client):
    with Namespace() as netns:
        watch = netns.start(client, "watch", "-i", "any", "--json", "-e",
                            "open", "-n", "1")
        text = netns.start(client, "watch", "-i", "any", "-e", "open",
                           "-n", "1")
        netns.traffic("refuse")
        equal(event(watch)["interface"], "lo")
        line = text.communicate(timeout=TIMEOUT)[0].decode()
        watch.communicate(timeout=TIMEOUT)
    contains(line, "OPEN", "  on lo\n")


@case("interface: packets that were lost are counted at their place")
def lost(client):
    with Namespace() as netns:
        watch = netns.start(client, "watch", "-i", "v0", "--buffer", "1024",
                            "--json", "-e", "open",
                            "dst port 9 and (tcp or udp)")
        netns.traffic("syn")
        equal(event(watch)["event"], "open")
        watch.send_signal(signal.SIGSTOP)
        netns.traffic("datagrams", 20000)
        watch.send_signal(signal.SIGCONT)
        got = event(watch)
        netns.traffic("syn")
        after = event(watch)
        _, err = finish(watch)
    equal((got["event"], got["causes"], after["event"]),
          ("lost", ["capture"], "open"))
    contains(err, f"{got['count']} packets lost: capture\n")
    packets, drops = re.search(r"(\d+) packets, (\d+) lost\n$", err).groups()
    equal(int(drops), got["count"])
    # the filter also matched the two SYNs
    equal(int(packets) + int(drops), 20000 + 2)


@case("interface: list and stats show everything up to their end")
def until_end(client):
    with Namespace() as netns:
        args = "-i", "lo", "--json"
        running = [netns.start(client, command, *args)
                   for command in ("list", "stats")]
        timed = netns.start(client, "stats", *args, "--seconds", "1")
        netns.traffic("connect", 3)
        # the kernel delivers captured packets at least every 100 ms
        timed.communicate(timeout=TIMEOUT)
        equal(timed.returncode, 0)
        rows, counts = [finish(process)[0] for process in running]
    equal([json.loads(row)["closed"] for row in rows.splitlines()], [True] * 3)
    equal((json.loads(counts)["opened"], json.loads(counts)["closed"]), (3, 3))


@case("interface, flood of SYNs: the number of open connections has a limit")
def limit(client):
    if client.sanitized:
        raise Skip("too slow to capture most of them")
    with Namespace() as netns:
        watch = netns.start(client, "watch", "-i", "v0", "--json", "-e",
                            "close", "-n", "1", "tcp")
        # the kernel may drop some packets on a busy machine
        for number in range(1, 9):
            netns.traffic("flood", number)
            if watch.poll() is not None:
                break
        out = watch.communicate(timeout=TIMEOUT)[0]
    # LOST records may come before the CLOSE record
    close = json.loads(out.splitlines()[-1])
    # the oldest half-open connection
    equal((close["reason"], close["conn"]), ("evicted", 1))


@cases("interface that cannot be captured on: one line, exit 1", [
    ("no such interface", ["-i", "nowhere"], "no such interface"),
    ("filter", ["-i", "lo", "prot 80"], "filter 'prot 80'"),
])
def refused(client, args, text):
    with Namespace() as netns:
        done = subprocess.run(netns.enter(client.program, "watch", *args),
                              capture_output=True, env=client.env(),
                              check=False, timeout=TIMEOUT)
    equal((done.returncode, done.stdout), (1, b""))
    one_line(done.stderr.decode())
    contains(done.stderr.decode(), text)


@case("interface without the right to capture: one line names CAP_NET_RAW")
def permission(client):
    if os.geteuid() != 0:
        raise Skip("needs root to become nobody")
    with open(client.program, "rb") as file:
        program = client.path("client", file.read())
    os.chmod(program, 0o755)
    done = subprocess.run([program, "watch", "-i", "lo"], user=65534,
                          capture_output=True, env=client.env(), check=False,
                          timeout=TIMEOUT)
    equal(done.returncode, 1)
    one_line(done.stderr.decode())
    contains(done.stderr.decode(), "CAP_NET_RAW")
