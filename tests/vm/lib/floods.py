# SPDX-License-Identifier: GPL-2.0
"""A flood from another namespace: what is sent, what nftables counts in front
of the module and behind it, what is kept in use meanwhile, what must hold."""
import os
import resource
import socket
import subprocess
import time

import load
import readers
from conserved import FIRST_GROUP
from limits import hits, log_lines
from readers import (LIMIT, SEGMENT, Reader, compiled, entered, equal, note,
                     stats, until)
from slab import objects

FAR = f"tt{os.getpid()}f"
DEVICE, MAC = "veth0", "02:00:00:00:00:02"
VICTIM, PORT = "10.7.1.1", 443
ECHO, WITNESS = 5000, 5001	# ports
UNSURE = 512		# objects that SLUB takes for used, on all CPUs
SPARE_KIB = 32 << 10	# that others may take meanwhile
SECOND = 10 ** 9
SAME = """id resp orig_state resp_state marks orig_iss resp_iss orig_inode
    resp_inode""".split()
# The victim's firewall drops the flood after all hooks of the module.
RULES = """
table inet look {
	counter before {}
	counter behind {}
	counter seen {}
	chain p {
		type filter hook prerouting priority -300
		iifname "veth0" counter name before
	}
	chain i {
		type filter hook input priority -2147483647
		counter name seen
		iifname "veth0" counter name behind
	}
	chain o {
		type filter hook output priority -98
		counter name seen
	}
	chain d {
		type filter hook input priority 0
		iifname "veth0" drop
	}
}
"""


def set_up():
    """This process is the victim, from now on."""
    readers.unshare(readers.CLONE_NEWNET)
    load.prepare_netns()
    load.ip(f"netns add {FAR}")
    with entered(FAR):
        load.prepare_netns()
    load.ip(f"link add {DEVICE} address {MAC} type veth peer name {DEVICE}"
            f" netns {FAR}", f"addr add {VICTIM}/24 dev {DEVICE}",
            f"link set {DEVICE} up", "route add default via 10.7.1.9")
    load.ip(f"link set {DEVICE} up", netns=FAR)
    readers.command("nft", "-f", "-", input=RULES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 14, 1 << 14))


def received():
    with open("/proc/self/net/dev") as file:
        return next(int(line.split()[2]) for line in file if DEVICE in line)


def start(first, count, flags, *way):
    """Return: the program that sends."""
    words = ["flood", DEVICE, MAC, first, VICTIM, PORT, count,
             ",".join(map(str, flags)), *way]
    with entered(FAR):
        return subprocess.Popen([str(word) for word in words], text=True,
                                stdout=subprocess.PIPE)


def finish(sender):
    """Return: how many segments it has sent, in ms; none was refused."""
    sent, refused, took = map(int, sender.communicate()[0].split())
    equal((sender.returncode, refused), (0, 0), "exit of flood, refused")
    return sent, took


def rows():
    """How many connections the table shows."""
    with open("/proc/self/net/tcptrace") as file:
        return sum(1 for _ in file) - 1


class Kept:
    """Connections that stay in use, of two sockets each."""

    def __init__(self, count):
        self.server = load.listener(port=ECHO)
        self.pairs = [load.pair(self.server) for _ in range(count)]
        self.witness = load.pair(load.listener(port=WITNESS))
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
        """What stays the same of their rows, by the client's address."""
        with open("/proc/self/net/tcptrace") as file:
            names = file.readline().split()
            found = [dict(zip(names, line.split())) for line in file
                     if f" 127.0.0.1:{ECHO} " in line]
        return {row["orig"]: {name: row[name] for name in (*SAME, *more)}
                for row in found}

    def check(self):
        """All are there as they were. What stands behind one that goes is
        passed by if a reading is interrupted there."""
        left = set(self.rows)

        def found():
            now = self.read()
            for orig in left & set(now):
                equal(now[orig], self.rows[orig], f"row of {orig}")
            left.difference_update(now)
            return not left
        until(found, f"rows of all: {len(left)} are missing")

    def check_bytes(self):
        """When all is quiet: each byte that was sent was seen."""
        for row in self.read("orig_bytes", "resp_bytes", "orig_rexmit",
                             "resp_rexmit").values():
            for end in "orig", "resp":
                equal(int(row[f"{end}_bytes"]) - self.turns in
                      range(int(row[f"{end}_rexmit"]) + 1), True,
                      f"{self.turns} turns, {row}")
        sockets = readers.command("ss", "-Htn", "state", "established",
                                  "sport", "=", f":{ECHO}")
        equal(len(sockets.splitlines()), len(self.pairs), "sockets")

    def close(self):
        for sock in (sock for pair in (*self.pairs, self.witness)
                     for sock in pair):
            load.abort(sock)
        self.server.close()

    def ask_reader(self):
        """A new reader is told of a segment that is sent now."""
        client, peer = self.witness
        with Reader() as reader:
            reader.set_filter(self.program)
            reader.mask(SEGMENT)
            client.sendall(b"?")
            reader.collect(lambda found: [record for record in found if
                                          record.type == SEGMENT], "SEGMENT")
            equal(peer.recv(2), b"?", "question")


def has_quarantine():
    """KASAN keeps for a while what was freed, and SLUB takes that for used."""
    with open("/proc/kallsyms") as file:
        return any("kasan_quarantine_put" in line for line in file)


class Memory:
    """Samples: connections, their objects, memory that is available."""

    def __init__(self):
        self.most_entries = self.most_objects = 0
        self.least_kib = self.begin_kib = self.available()
        self.sample()

    @staticmethod
    def available():
        with open("/proc/meminfo") as file:
            return next(int(line.split()[1]) for line in file
                        if line.startswith("MemAvailable"))

    def sample(self):
        self.most_objects = max(self.most_objects, objects())
        self.most_entries = max(self.most_entries, stats()["entries"])
        self.least_kib = min(self.least_kib, self.available())

    def check(self, cap):
        note(f"at most {self.most_entries} entries, {self.most_objects} "
             f"objects; {self.begin_kib - self.least_kib} KiB less available")
        equal(0 < self.most_entries <= cap, True, "entries under the cap")
        if has_quarantine():
            return
        equal(0 < self.most_objects <= cap + UNSURE, True, "objects")
        equal(self.least_kib > self.begin_kib - SPARE_KIB, True, "memory")


class Flood:
    """One flood, from its first segment to the last count."""

    def __init__(self, kept):
        self.kept = kept
        self.records, self.slowest, self.met = [], {}, 0
        self.memory = Memory()
        self.lines, self.begin = log_lines(), time.monotonic()
        self.nft, self.stats, self.rows = load.nft_counters(), stats(), rows()

    def timed(self, function):
        begin = time.monotonic()
        function()
        took = time.monotonic() - begin
        name = function.__name__
        self.slowest[name] = round(max(self.slowest.get(name, 0), took), 1)

    def turn(self, reader):
        """All that must go on."""
        before = received()
        self.timed(self.kept.use)
        self.met += received() > before
        for step in (self.kept.check, self.kept.ask_reader,
                     self.memory.sample):
            self.timed(step)
            self.records += reader.drain()

    def run(self, *arguments):
        with Reader(LIMIT) as reader:
            sender = start(*arguments)
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
        """No packet is on its way, no record to come."""
        def quiet():
            ours = stats()
            theirs = load.nft_counters()
            self.moved = {name: ours[name] - self.stats[name] for name in ours}
            self.counted = {name: theirs[name] - self.nft[name]
                            for name in theirs}
            return self.counted["seen"] == sum(self.moved[name]
                                               for name in FIRST_GROUP)
        until(quiet, "equal numbers of packets, the module's and nftables'")
        until(lambda: self.records.extend(reader.drain()) or
              sum(hits(self.records).values()) >= self.moved["evicted"] +
              self.moved["table_full"] + self.moved["chain_full"], "all hits")

    def check(self):
        """What must hold whatever was sent."""
        moved = self.moved
        equal((self.counted["before"], self.counted["behind"]),
              (self.sent, self.sent), "sent, in front of the module, behind")
        equal(self.met > 0, True, "turns that met the flood")
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
        """The records of limits add up, and are one a second at most."""
        moved, records = self.moved, self.records
        total = hits(records)
        equal(total.get("half_open", 0) + total.get("table", 0),
              moved["evicted"], "evicted")
        equal((total.get("full", 0), total.get("chain", 0)),
              (moved["table_full"], moved["chain_full"]), "full")
        for one, two in zip(records, records[1:]):
            equal(two.time - one.time >= SECOND, True,
                  f"distance of {one} and {two}")
        for record in records:
            equal((record.netns, record.addr[:4], record.family),
                  (readers.inode(), socket.inet_aton(VICTIM), socket.AF_INET),
                  "victim")
            equal(record.span_ms >= 1000, True, "span")

    def check_rate(self):
        """Of a flood that nobody answers, to one port."""
        records = self.records
        equal({record.port for record in records}, {PORT}, "port")
        equal(sum(record.unanswered for record in records),
              self.moved["evicted"], "unanswered")
        # what a refusal has made room for comes in without a hit
        opened = sum(record.opened for record in records)
        equal(0 <= self.moved["opened"] - opened <=
              hits(records).get("full", 0) + len(records) + 1, True,
              f"{opened} opened, by the records")
