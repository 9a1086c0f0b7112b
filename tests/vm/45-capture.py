#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Capture connections over a bad network at both ends while the module runs.
tcptracectl and tshark must give at least 99.9 % of the captured segments the
same classes. The records that tcptracectl makes from a capture must equal the
module's records."""
# The path is a - r - b. Only the router r loses, delays and reorders packets,
# so tcpdump and the module's hooks see the same packets in the namespaces a and
# b. The hooks see an outgoing packet before tcpdump, and an incoming packet
# after tcpdump, so the order of two packets that cross may differ. Before
# records are compared, the captured packets therefore get the module's order
# and times.
import collections
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from concurrent import futures

import module
from case import case, run
from check import PATIENCE, Skip, differences, equal, note, until
from kernel import usable
from netns import row
from proc import command
from sockets import (abort, exchange, listener, new_socket, pair, ports,
                     receive_end)

sys.path.append(os.environ["TCPTRACE_SRC"] + "/tests/diff")
import compare

NETEM = ["delay", "2ms"]
FOLDER = f"/dev/shm/capture{os.getpid()}"
LAST = 65000	# port of the last connection

# fields that depend on the reader, not on the packets
OTHER = {"start", "wall", "seq_no", "frame", "conn", "netns", "netns_name",
         "epoch", "hook",
         # only the kernel knows fates, owners, paths and NAT
         "drops", "fate", "fate_ifindex", "drop_hook", "drop_reason",
         "orig_owner", "resp_owner", "orig_path", "resp_path", "nat"}

os.mkdir(FOLDER)
module.load()
a, r, b = row("arb", 45)
for ns, device in ((a, "ar"), (r, "ra"), (r, "rb"), (b, "br")):
    # The hooks must see packets as they are on the wire. Without this
    # gso_max_segs, TCP makes large packets that are segmented after the hook.
    ns.ip(f"link set dev {device} gso_max_segs 1")
    with ns:
        command("ethtool", "-K", device, "gro", "off", "gso", "off", "tso", "off")
SERVERS = usable("10.45.2.2", "fd45:2::2")
a.reach(*SERVERS)


class Tap:
    """Capture a device with tcpdump, and the module's records with
    tcptracectl."""

    all = []

    def __init__(self, ns, device):
        self.ns = ns
        self.name = ns.name[-1]
        self.path = f"{FOLDER}/{self.name}.pcap"
        self.records = f"{FOLDER}/{self.name}.json"
        with ns:
            self.dump = subprocess.Popen(
                ["tcpdump", "-p", "-i", device, "-s", "120", "-B", "8192", "-Z",
                 "root", "--time-stamp-precision=nano", "-U", "-w",
                 self.path, "tcp"], stderr=subprocess.PIPE, text=True)
            with open(self.records, "w", encoding="ascii") as file:
                self.watch = subprocess.Popen(
                    ["tcptracectl", "watch", "--events", "segment,close",
                     "--json"], stdout=file)
        while "listening on" not in self.dump.stderr.readline():
            equal(self.dump.poll(), None, "exit of tcpdump")
        until(self.is_watching, "the first event")
        Tap.all.append(self)

    def is_watching(self):
        """Check whether tcptracectl already records a refused connection on
        loopback, which tcpdump does not see."""
        with contextlib.closing(new_socket(self.ns, "127.0.0.1")) as s:
            s.connect_ex(("127.0.0.1", 1))
        return os.path.getsize(self.records)

    def has_all(self):
        """Check whether both files are complete: tcpdump has written the reply
        to the SYN of the last connection, and tcptracectl has written the CLOSE
        of that connection."""
        answer = struct.pack(">HH", LAST, LAST + 1)
        with open(self.path, "rb") as file, open(self.records, "rb") as records:
            return (answer in file.read() and
                    f'"orig_port":{LAST + 1}'.encode() in
                    records.read().rpartition(b'"event":"close"')[2])

    def stop(self):
        until(self.has_all, "the end of the capture")
        self.dump.send_signal(signal.SIGINT)
        said = self.dump.communicate(timeout=PATIENCE)[1]
        note(f"{self.name}: {' '.join(said.split())}")
        if "\n0 packets dropped" not in said:
            raise AssertionError("tcpdump dropped packets")
        self.watch.send_signal(signal.SIGINT)
        self.watch.wait(PATIENCE)

    def live(self):
        with open(self.records, encoding="ascii") as file:
            records = [json.loads(line) for line in file]
        return [record for record in records
                if "127.0.0.1" not in record.values()]

    def in_order(self):
        """Write the captured packets to a new file, in the order and with the
        times of the module's records. Return: the path of the file."""
        header, packets = read_pcap(self.path)
        places = collections.defaultdict(collections.deque)
        for record in offline(self.path):
            if record["event"] == "segment":
                places[packet_key(record)].append(packets[record["frame"] - 1])
        path = f"{FOLDER}/{self.name}-in-order.pcap"
        with open(path, "wb") as file:
            file.write(header)
            for record in self.live():
                if record["event"] == "segment":
                    sizes, packet = places[packet_key(record)].popleft()
                    file.write(struct.pack(
                        "=II", *divmod(record["time"], 10 ** 9)))
                    file.write(sizes + packet)
        equal(any(places.values()), False, "packets that the hooks missed")
        return path


def read_pcap(path):
    """Return: the file header, and (lengths, bytes) of each packet."""
    packets = []
    with open(path, "rb") as file:
        header = file.read(24)
        while file.read(8):	# its time
            sizes = file.read(8)
            packets.append((sizes, file.read(struct.unpack("=II", sizes)[0])))
    return header, packets


def offline(path):
    text = command("tcptracectl", "watch", "-r", path, "--events",
                   "segment,close", "--json", "--as-module")
    return [json.loads(line) for line in text.splitlines()]


def packet_key(record):
    """Return: the fields by which a captured packet is matched to a record.
    Packets with equal fields are matched in their order."""
    return (*(record[name] for name in (
        "src", "sport", "dst", "dport", "flags", "seq", "ack", "win", "len")),
            record.get("tsval"), record.get("tsecr"), str(record.get("sack")))


def network(*netem):
    """Set the netem parameters of the router's devices, in both directions
    (default: NETEM)."""
    for device in ("ra", "rb"):
        command("tc", "-n", r.name, "qdisc", "replace", "dev", device, "root",
                "netem", *(netem or NETEM))


def open_one(index, buffer=0):
    """Connect a client in namespace a to a server in namespace b. buffer: size
    of the server's receive buffer (0: default)."""
    addr = SERVERS[index % len(SERVERS)]
    with contextlib.closing(listener(addr, next(ports), ns=b,
                                     buffer=buffer)) as server:
        return pair(server, client=new_socket(a, addr))


def drain(s, pause):
    """Read until the end of the stream, with a pause before each recv()."""
    while True:
        time.sleep(pause)
        if not s.recv(1 << 14):
            return


def transfer(pairs, up, down, pause=0.0, stall=0.0):
    """Send in both directions at once over all pairs, and close them. stall:
    seconds before the server starts to read."""
    def send(s, size):
        s.sendall(bytes(size))
        s.shutdown(socket.SHUT_WR)

    def read(s, wait):
        time.sleep(wait)
        drain(s, pause)

    with futures.ThreadPoolExecutor(4 * len(pairs)) as pool:
        jobs = [pool.submit(*job) for client, server in pairs for job in (
            (send, client, up), (send, server, down), (read, client, 0),
            (read, server, stall))]
        for job in jobs:
            job.result(PATIENCE)
    for client, server in pairs:
        client.close()
        server.close()


def bulk(n, up=60000, down=20000, **more):
    transfer([open_one(i) for i in range(n)], up, down, **more)


def keep_alives():
    pairs = [open_one(i) for i in range(2)]
    for client, _ in pairs:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL):
            client.setsockopt(socket.IPPROTO_TCP, name, 1)
        client.sendall(b"x")
    time.sleep(2.5)
    transfer(pairs, 10, 10)


def small_talk():
    """Exchange requests and answers. Reset or half-close some connections, and
    close the others."""
    pairs = [open_one(i) for i in range(12)]
    for i, (client, server) in enumerate(pairs):
        for size in (1, 200, 3000)[:1 + i % 3]:
            exchange(client, server, size, 2 * size)
        if i % 4 == 0:
            abort(client)
            server.close()
        elif i % 4 == 1:
            client.shutdown(socket.SHUT_WR)
            receive_end(server)
            server.sendall(bytes(5000))
            server.close()
            drain(client, 0)
            client.close()
        else:
            transfer([(client, server)], 0, 0)


def refused():
    for addr in SERVERS:
        client = new_socket(a, addr)
        equal(client.connect_ex((addr, next(ports))) != 0, True, "refused")
        client.close()


@case("traffic: short exchanges, keep-alives, zero windows")
def _():
    Tap(a, "ar")
    Tap(b, "br")
    network()
    small_talk()
    refused()
    keep_alives()
    small = [open_one(i, 2304) for i in range(2)]
    transfer(small, 30000, 0, pause=0.02)
    transfer([open_one(i, 4096) for i in range(2)], 60000, 0, stall=1.5)


def bad_network(sack, timestamps):
    for ns in (a, b):
        ns.sysctl("ipv4/tcp_sack", sack)
        ns.sysctl("ipv4/tcp_timestamps", timestamps)
    network("delay", "5ms", "loss", "4%")
    bulk(2)
    if sack == timestamps:
        network("delay", "20ms", "6ms", "loss", "1%", "duplicate", "3%")
        bulk(2)
        network("delay", "10ms", "reorder", "25%", "50%")
        bulk(2)
        network("delay", "3ms", "rate", "2mbit", "limit", "12")
        bulk(2)


for values in ((1, 1), (0, 1), (1, 0), (0, 0)):
    case("traffic: a bad network, SACK %d, timestamps %d" % values)(
        lambda values=values: bad_network(*values))


@case("all connections end, and tcpdump drops no packet")
def _():
    network("delay", "1ms")
    for tap in Tap.all:
        until(lambda tap=tap: all(
            row["orig_state"] in ("CLOSED", "TIME_WAIT") and
            row["resp_state"] in ("CLOSED", "TIME_WAIT")
            for row in tap.ns.table()), "the end of all connections")
    with contextlib.closing(new_socket(a, "10.45.1.2", LAST + 1)) as s:
        s.connect_ex((SERVERS[0], LAST))
    for tap in Tap.all:
        tap.stop()


tallies = []


def classes(tap):
    if " 4.0." not in command("tshark", "--version").splitlines()[0]:
        raise Skip("the classes are those of Wireshark 4.0")
    tally = compare.Tally()
    tallies.append(tally)
    tally.add_file(tap.name, compare.tshark(tap.path),
                   compare.tracer("tcptracectl", tap.path))
    for line in (*tally.first(), *tally.table()):
        note(line)
    if not tally.is_good():
        raise AssertionError(f"only {tally.share()} of the segments")


for i, name in enumerate("ab"):
    case(f"tshark and tcptracectl agree on the capture in {name}")(
        lambda i=i: classes(Tap.all[i]))


@case("every class of segments was in the captures")
def _():
    if not tallies:
        raise Skip("nothing was compared")
    for name in ("retransmission", "fast_retransmission", "out_of_order",
                 "lost_segment", "duplicate_ack", "keep_alive",
                 "keep_alive_ack", "zero_window", "window_update",
                 "window_full"):
        if not sum(t.both[name] + t.theirs[name] for t in tallies):
            raise AssertionError(f"no {name} in the captures")


def without_other(record):
    if isinstance(record, dict):
        return {name: without_other(value) for name, value in record.items()
                if name not in OTHER}
    return record


def by_connection(records):
    """Return: {ends: records of the connection, in order}. The fields in OTHER
    are left out."""
    got = collections.defaultdict(list)
    for record in records:
        names = ("src", "sport", "dst", "dport") \
            if record["event"] == "segment" else \
            ("orig", "orig_port", "resp", "resp_port")
        ends = [record[name] for name in names]
        key = tuple(sorted([tuple(ends[:2]), tuple(ends[2:])]))
        got[key].append(without_other(record))
    return got


def same_records(tap):
    live = by_connection(tap.live())
    captured = by_connection(offline(tap.in_order()))
    equal(live.keys(), captured.keys(), "connections")
    different = 0
    for ends, records in live.items():
        equal(len(records), len(captured[ends]), f"records of {ends}")
        equal(sum(record["event"] == "close" for record in records), 1,
              f"CLOSE records of {ends}")
        for both in zip(records, captured[ends]):
            for found in differences(*both):
                note(ends, *found)
                different += 1
    note(f"{sum(map(len, live.values()))} records of {len(live)} connections")
    equal(different, 0, "values that differ")


for i, name in enumerate("ab"):
    case(f"the module's records in {name} equal those of the capture")(
        lambda i=i: same_records(Tap.all[i]))


run()
