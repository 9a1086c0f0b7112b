# SPDX-License-Identifier: GPL-2.0
"""Traffic for tests: sockets, packets made by hand, and programs that run."""
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import readers
from kernel import set_ipv6
from pace import SLOW

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
SINK = "dummy0"	# takes all and answers nothing
SINK_FROM = "10.98.0.1"
ABORT = struct.pack("ii", 1, 0)
MARGIN = 5 * SLOW	# seconds without a connection before it counts as an error


def ip(*lines, netns=None):
    """Several commands of ip, one process."""
    words = ["ip", *(["-n", netns] if netns else []), "-batch", "-"]
    done = subprocess.run(words, input="\n".join(lines), text=True,
                          capture_output=True)
    if done.returncode:
        raise AssertionError(f"ip {lines}: {done.stderr}")


def nft_counters(*table):
    """Packets by named counter, of a table by family and name or of all."""
    words = ["table", *table] if table else []
    text = readers.command("nft", "-j", "list", "counters", *words)
    return {entry["counter"]["name"]: entry["counter"]["packets"]
            for entry in json.loads(text)["nftables"] if "counter" in entry}


def write_file(path, text):
    with open(path, "w") as file:
        file.write(text)


def prepare_netns(*more):
    """The namespace of this process: loopback, and a sink behind a route."""
    set_ipv6("conf/default/disable_ipv6", 1)
    write_file("/proc/sys/net/ipv4/ip_local_port_range", "20000 60001")
    ip("link set lo up", f"link add {SINK} type dummy",
       f"addr add {SINK_FROM}/32 dev {SINK}", f"link set {SINK} up",
       f"route add 10.99.0.0/16 dev {SINK}", *more)


def read_mac(device, netns=None):
    """The address of a device, here or in a named namespace."""
    if netns:
        with readers.entered(netns):
            return read_mac(device)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((device, 0))
        return sock.getsockname()[4]


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) & ~1]))
    if len(data) & 1:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def tcp(sport, dport, flags=SYN, seq=1000, ack=0, payload=b"", options=b"",
        doff=None, pseudo=None):
    """A TCP header and its payload. The checksum is good only with pseudo."""
    options += bytes(-len(options) % 4)
    doff = 5 + len(options) // 4 if doff is None else doff
    segment = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, doff << 4,
                          flags, 8192, 0, 0) + options + payload
    if pseudo:
        addresses = b"".join(map(socket.inet_aton, pseudo))
        total = checksum(addresses + struct.pack("!HH", 6, len(segment)) +
                         segment)
        segment = segment[:16] + struct.pack("!H", total) + segment[18:]
    return segment


def ip4(src, dst, payload, version=4, ihl=5, length=None, fragment=0,
        protocol=6):
    """An IPv4 packet with a good checksum."""
    head = struct.pack("!BBHHHBBH4s4s", version << 4 | ihl, 0,
                       20 + len(payload) if length is None else length, 1,
                       fragment, 64, protocol, 0, socket.inet_aton(src),
                       socket.inet_aton(dst))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def ip6(src, dst, payload, proto=6, length=None, version=6):
    return struct.pack("!IHBB16s16s", version << 28,
                       len(payload) if length is None else length, proto, 64,
                       socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


def raw4():
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    return sock


class Syns:
    """SYNs into the sink: each a new connection that nobody answers."""

    def __init__(self, begin=0):
        self.socket = raw4()
        self.number = itertools.count(begin)
        self.tails = [tcp(0, 0)[4:]]
        self.head = ip4(SINK_FROM, "0.0.0.0", bytes(20))[:16]

    def send(self, count=1):
        for number in itertools.islice(self.number, count):
            low = number & 0xFFFF
            to = bytes((10, 99, low >> 8, low & 255))
            ports = struct.pack("!HH", 1024 + (number >> 16) + low % 60000, 80)
            for tail in self.tails:
                self.socket.sendto(self.head + to + ports + tail,
                                   (socket.inet_ntoa(to), 0))


class Bursts(Syns):
    """Connections that their originator resets at once."""

    def __init__(self, begin=0):
        super().__init__(begin)
        self.tails.append(tcp(0, 0, RST, 1001)[4:])


def listener(address="127.0.0.1", port=0, backlog=128):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.listen(backlog)
    return sock


def pair(server):
    """Both ends of a new connection."""
    client = socket.create_connection(server.getsockname())
    return client, server.accept()[0]


def finish(client, peer):
    """Both FINs, the client's first; nothing is on its way at the end."""
    client.shutdown(socket.SHUT_WR)
    while peer.recv(4096):
        pass
    peer.close()
    while client.recv(4096):
        pass
    client.close()


def abort(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    sock.close()


def whole_connection(server):
    client, peer = pair(server)
    client.sendall(b"ping")
    peer.recv(4)
    finish(client, peer)


def serve(server):
    """Echo until the other end is through; many at a time."""
    def talk(sock):
        with sock:
            try:
                while True:
                    data = sock.recv(4096)
                    if not data:
                        return
                    sock.sendall(data)
            except OSError:
                pass
    while True:
        sock, _ = server.accept()
        threading.Thread(target=talk, args=(sock,), daemon=True).start()


def churn_once(address, turn):
    """Connect, send, and end in one of three ways."""
    with socket.create_connection(address, timeout=MARGIN) as sock:
        sock.sendall(b"x" * (1 + turn * 37 % 3000))
        if not sock.recv(4096):
            raise OSError("no echo")
        if turn % 3 == 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        elif turn % 3 == 1:
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(4096):
                pass


def churn(address):
    """A program: connections until SIGTERM; prints how many went wrong."""
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    done = errors = 0
    print("ready", flush=True)
    while going:
        try:
            churn_once(address, done)
        except OSError as error:
            errors += 1
            print("#", error, file=sys.stderr, flush=True)
        done += 1
        time.sleep(0.02)	# two CPUs are emulated, others wait
        if done % 10 == 0:
            print(done, errors, flush=True)
    print(done, errors, flush=True)


class Program:
    """This file as a program in a namespace: load.py churn ADDRESS PORT."""

    def __init__(self, *words, netns=None):
        within = ["ip", "netns", "exec", netns] if netns else []
        self.process = subprocess.Popen(
            [*within, sys.executable, __file__, *map(str, words)],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        if line != "ready":
            raise AssertionError(f"{words}: {line!r}")

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def is_stopped(self):
        return readers.state_of(self.process.pid) == "T"

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        """Return: connections, errors."""
        self.process.terminate()
        lines = self.process.stdout.read().splitlines()
        self.process.wait()
        return tuple(map(int, lines[-1].split())) if lines else (0, 0)


def main(what, address, port):
    os.nice(10)		# the test is in a hurry, the traffic is not
    if what == "churn":
        churn((address, int(port)))
        return
    server = listener(address, int(port))
    print("ready", flush=True)
    serve(server)


if __name__ == "__main__":
    main(*sys.argv[1:])
