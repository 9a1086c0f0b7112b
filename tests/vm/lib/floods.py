# SPDX-License-Identifier: GPL-2.0
"""Send a flood from a second namespace, while connections are kept in use.
Compare the counts of the sender, of the module, and of nftables, which counts
before and after the module's hooks."""
import resource
import socket
import subprocess
import time

import nft
from check import equal, note, until
from device import Reader, compiled
from netns import Netns, inode, ip, isolate
from proc import command, read_file
from procfs import (TABLE, device_packets, entries, first_group, meminfo,
                    rows_of, stats)
from records import LIMIT, SEGMENT, limit_hits
from slab import objects, pages_kib
from sockets import abort, listener, pair

DEVICE, MAC = "veth0", "02:00:00:00:00:02"
VICTIM, PORT = "10.7.1.1", 443
ECHO, WITNESS = 5000, 5001	# ports
SLUB_SLACK = 512	# free objects that SLUB counts as used
SPARE_KIB = 32 << 10	# other programs may allocate this much
SECOND = 10 ** 9
SAME = """id resp orig_state resp_state marks orig_iss resp_iss orig_inode
    resp_inode""".split()
# The victim's firewall drops the flood after the hooks of the module.
RULES = nft.SEEN + """
table inet flood {
	counter before {}
	counter behind {}
	chain p {
		type filter hook prerouting priority -300
		iifname "veth0" counter name before
	}
	chain i {
		type filter hook input priority -2147483647
		iifname "veth0" counter name behind
	}
	chain d {
		type filter hook input priority 0
		iifname "veth0" drop
	}
}
"""


def set_up():
    """Make this process the victim. Return: the namespace of the sender."""
    isolate()
    far = Netns("f", sink=True)
    ip(f"link add {DEVICE} address {MAC} type veth peer name {DEVICE}"
       f" netns {far.name}", f"addr add {VICTIM}/24 dev {DEVICE}",
       f"link set {DEVICE} up", "route add default via 10.7.1.9")
    far.ip(f"link set {DEVICE} up")
    nft.load(RULES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 14, 1 << 14))
    return far


def start(far, first, count, flags, *way):
    """Start the program that sends the flood. Return: its process."""
    words = ["flood", DEVICE, MAC, first, VICTIM, PORT, count,
             ",".join(map(str, flags)), *way]
    with far:
        return subprocess.Popen([str(word) for word in words], text=True,
                                stdout=subprocess.PIPE)


def finish(sender):
    """Wait for the sender, and check that the kernel refused no segment.
    Return: the number of segments sent, and the time in ms."""
    sent, refused, took = map(int, sender.communicate()[0].split())
    equal((sender.returncode, refused), (0, 0), "exit of flood, refused")
    return sent, took


def log_lines():
    return command("dmesg").count("tcptrace: limits reached")


def rows():
    """Return: the number of connections in the table."""
    return read_file(TABLE).count("\n") - 1


class Kept:
    """Connections that are in use during the floods."""

    def __init__(self, count):
        self.server = listener(port=ECHO)
        self.pairs = [pair(self.server) for _ in range(count)]
        self.witness = pair(listener(port=WITNESS))
        self.program = compiled(f"port {WITNESS}")
        self.turns = 0
        self.use()
        self.rows = self.read()
        equal(len(self.rows), count, "connections in the table")
        equal({row["orig_state"] + row["resp_state"] + row["marks"]
               for row in self.rows.values()}, {"ESTABLISHED" * 2 + "-"},
              "states and marks")

    def use(self):
        for client, peer in self.pairs:
            client.sendall(b"?")
            equal(peer.recv(2), b"?", "question")
            peer.sendall(b"!")
            equal(client.recv(2), b"!", "answer")
        self.turns += 1

    def read(self, *more):
        """Return: for each row, the columns that must not change, by the
        client's address and port."""
        return {row["orig"]: {name: row[name] for name in (*SAME, *more)}
                for row in rows_of(TABLE, f" 127.0.0.1:{ECHO} ")}

    def check(self):
        """Check that all rows are unchanged. Several reads may be needed: a
        read may skip rows after a row that is removed at the same time."""
        left = set(self.rows)

        def found():
            now = self.read()
            for orig in left & set(now):
                equal(now[orig], self.rows[orig], f"row of {orig}")
            left.difference_update(now)
            return not left
        until(found, f"all rows; {len(left)} are missing")

    def check_bytes(self):
        """Check that every byte was counted. No data may be in flight."""
        for row in self.read("orig_bytes", "resp_bytes", "orig_rexmit",
                             "resp_rexmit").values():
            for end in "orig", "resp":
                equal(int(row[f"{end}_bytes"]) - self.turns in
                      range(int(row[f"{end}_rexmit"]) + 1), True,
                      f"{self.turns} turns, {row}")
        sockets = command("ss", "-Htn", "state", "established",
                                  "sport", "=", f":{ECHO}")
        equal(len(sockets.splitlines()), len(self.pairs), "sockets")

    def close(self):
        for sockets in (*self.pairs, self.witness):
            abort(*sockets)
        self.server.close()

    def ask_reader(self):
        """Check that a new reader gets the record of a segment that is sent
        after the reader was opened."""
        client, peer = self.witness
        with Reader() as reader:
            reader.set_filter(self.program)
            reader.mask(SEGMENT)
            client.sendall(b"?")
            reader.collect(lambda found: [record for record in found if
                                          record.type == SEGMENT], "SEGMENT")
            equal(peer.recv(2), b"?", "question")


def has_quarantine():
    """Check whether KASAN delays the freeing of objects. SLUB counts delayed
    objects as used."""
    return "kasan_quarantine_put" in read_file("/proc/kallsyms")


class Memory:
    """Sample the number of connections, the number of their objects and the
    memory that is available or used by connections, and keep the extremes."""

    def __init__(self):
        self.most_entries = self.most_objects = 0
        self.least_kib = self.begin_kib = self.available()
        self.sample()

    @staticmethod
    def available():
        return meminfo()["MemAvailable"] + pages_kib()

    def sample(self):
        self.most_objects = max(self.most_objects, objects())
        self.most_entries = max(self.most_entries, entries())
        self.least_kib = min(self.least_kib, self.available())

    def check(self, cap):
        note(f"at most {self.most_entries} entries, {self.most_objects} "
             f"objects; {self.begin_kib - self.least_kib} KiB less for others")
        equal(0 < self.most_entries <= cap, True, "entries under the cap")
        if has_quarantine():
            return
        equal(0 < self.most_objects <= cap + SLUB_SLACK, True, "objects")
        equal(self.least_kib > self.begin_kib - SPARE_KIB, True, "memory")


class Flood:
    """Run one flood, and check all counts."""

    def __init__(self, kept):
        self.kept = kept
        self.records, self.slowest, self.met = [], {}, 0
        self.memory = Memory()
        self.lines, self.begin = log_lines(), time.monotonic()
        self.nft, self.stats, self.rows = nft.counters(), stats(), rows()

    def timed(self, function):
        begin = time.monotonic()
        function()
        took = time.monotonic() - begin
        name = function.__name__
        self.slowest[name] = round(max(self.slowest.get(name, 0), took), 1)

    def turn(self, reader):
        """Use the kept connections, check them, and open a new reader."""
        before = device_packets(DEVICE)[0]
        self.timed(self.kept.use)
        self.met += device_packets(DEVICE)[0] > before
        for step in (self.kept.check, self.kept.ask_reader,
                     self.memory.sample):
            self.timed(step)
            self.records += reader.drain()

    def run(self, far, *arguments):
        with Reader(LIMIT) as reader:
            sender = start(far, *arguments)
            going = True
            while going:
                going = sender.poll() is None
                self.turn(reader)
            self.sent, took = finish(sender)
            self.settle(reader)
        note(f"{self.sent} in {took} ms, {self.sent * 1000 // took} a second;"
             f" {len(self.records)} records; {self.met} turns of the others,"
             f" at most {self.slowest} s")
        note({name: count for name, count in self.moved.items() if count})
        self.check()

    def settle(self, reader):
        """Wait until all packets are counted and all records are read."""
        def quiet():
            ours, theirs = stats(), nft.counters()
            self.moved = {name: ours[name] - self.stats[name] for name in ours}
            self.counted = {name: theirs[name] - self.nft[name]
                            for name in theirs}
            return self.counted["seen"] == first_group(self.moved)
        until(quiet, "equal numbers of packets, the module's and nftables'")
        until(lambda: self.records.extend(reader.drain()) or
              sum(limit_hits(self.records).values()) >= self.moved["evicted"] +
              self.moved["table_full"] + self.moved["chain_full"], "all hits")

    def check(self):
        """Check what must hold after every flood."""
        moved = self.moved
        equal((self.counted["before"], self.counted["behind"]),
              (self.sent, self.sent), "sent; before the module; after it")
        equal(self.met > 0, True, "turns during the flood")
        equal(rows() - self.rows, moved["opened"] - moved["evicted"],
              "rows of the table: opened, less evicted")
        equal([moved[name] for name in ("no_memory", "expired", "reused",
                                        "insert_race")], [0] * 4, "others")
        self.kept.check()
        self.kept.check_bytes()
        self.check_limits()
        seconds = time.monotonic() - self.begin
        equal(log_lines() - self.lines <= 1 + seconds // 60, True, "lines")

    def check_limits(self):
        """Check that the sums over the LIMIT records equal the counters, and
        that there is at most one LIMIT record per second."""
        moved, records = self.moved, self.records
        total = limit_hits(records)
        equal(total.get("half_open", 0) + total.get("table", 0),
              moved["evicted"], "evicted")
        equal((total.get("full", 0), total.get("chain", 0)),
              (moved["table_full"], moved["chain_full"]), "full")
        for one, two in zip(records, records[1:]):
            equal(two.time - one.time >= SECOND, True,
                  f"distance of {one} and {two}")
        for record in records:
            equal((record.netns, record.addr[:4], record.family),
                  (inode(), socket.inet_aton(VICTIM), socket.AF_INET),
                  "victim")
            equal(record.span_ms >= 1000, True, "span")

    def check_rate(self):
        """Check the LIMIT records of an unanswered flood to one port."""
        records = self.records
        equal({record.port for record in records}, {PORT}, "port")
        equal(sum(record.unanswered for record in records),
              self.moved["evicted"], "unanswered")
        # after a refusal, there may be room, so that a connection is opened
        # without a hit of the limit
        opened = sum(record.opened for record in records)
        equal(0 <= self.moved["opened"] - opened <=
              limit_hits(records).get("full", 0) + len(records) + 1, True,
              f"{opened} opened, by the records")
