# SPDX-License-Identifier: GPL-2.0
"""A round of hostile packets, and what must come of it.

far --- veth --- near --- sink: the generator sends from both; near is where
the module looks, and nftables beside it.
"""
import errno
import json
import os
import re
import time

import load as traffic
import readers
from conserved import FIRST_GROUP
from readers import CLOSE, Reader, entered, equal, note, stats, until

NEAR, FAR, DEVICE = f"tt{os.getpid()}n", f"tt{os.getpid()}f", "veth0"
TOLD = "/dev/shm/hostile.records"
ROOM = 1 << 17	# connections
TIMEOUTS = """syn_sent syn_received unreplied established half_closed closing
    time_wait closed""".split()
REJECTS = """fragment ip_version ip_hdrlen ip_length ext_length ext_limit
    tcp_length tcp_doff""".split()
STRAYS = "bad_flags stray_rst stray_fin".split()
CLASSES = """odd_flags rst_challenge rst_outside syn_challenge outside_window
    unseen_ack opt_unknown opt_malformed""".split()
SAME = ["tracked", "late", *STRAYS, "opened", "midstream", "established",
        "closed", "reused", *CLASSES]

# All that passes a hook is counted, and logged for the generator but for what
# it did not cause or what the module saw before.
RULES = """
table inet look {
	counter in {}
	counter forward {}
	counter out {}
	counter loop {}
	counter aside {}
	chain i {
		type filter hook input priority -2147483647
		iif lo counter name loop accept
		counter name in
		log group 5
	}
	chain f {
		type filter hook forward priority -2147483647
		counter name forward
		log group 5
	}
	chain o {
		type filter hook output priority -98
		ip6 saddr :: counter name aside accept
		counter name out
		log group 5
	}
}
# after the module; IPv6 tells of itself when it likes to
table inet after {
	counter in {}
	counter forward {}
	counter out {}
	chain i {
		type filter hook input priority 300
		counter name in
	}
	chain f {
		type filter hook forward priority 300
		counter name forward
	}
	chain p {
		type filter hook postrouting priority 300
		ip6 saddr :: accept
		counter name out
	}
}
"""
SYSCTLS = {
    "ipv4/ip_forward": 1, "ipv6/conf/all/forwarding": 1,
    # no address comes later, and what goes in may come from here
    "ipv6/conf/default/addr_gen_mode": 1,
    **{f"ipv4/conf/{device}/{name}": value for device in ("all", "default")
       for name, value in (("accept_local", 1), ("rp_filter", 0))},
    # one fragment may wait for the other as long as a round takes
    "ipv4/ipfrag_time": 3600, "ipv6/ip6frag_time": 3600,
    "ipv4/ipfrag_high_thresh": 1 << 26, "ipv6/ip6frag_high_thresh": 1 << 26,
    "ipv4/ipfrag_max_dist": 0,
    # what is answered must not hang on the time
    "ipv4/icmp_ratemask": 0, "ipv6/icmp/ratemask": 0,
}
# What of a closing record says when it was, where, and of which reader
TIMES = re.compile(r'"(?:\w*_ns|start|duration|throughput|rtt_hist|time|wall|'
                   r'seq_no|frame|conn|netns|hook)":'
                   r'(?:\[[^]]*\]|"[^"]*"|[-\d.]+),?')
LAST = re.compile(r'"reason":"(?:shutdown|end-of-capture)"')
# ... by how much later a segment came than another: within a round trip, or
# 10 s after what it answers, which on a busy machine happens
LATE = {"out_of_order", "rtt_samples"}
# ... or by when it was challenged (RFC 5961)
TIMED = "challenged"
# ... how many segments a packet stands for, which no capture says
SEGMENTS = {"segments", "wire_segments", "segment_min", "segment_max",
            "segment_size_avg"}
# ... what Wireshark makes of segments that belong to no connection; the
# module has none of them to remember, the client has
ANALYSIS = {"dup_acks", "triple_dup_acks", "zero_window_probes", "window_full",
            "keep_alives", "completeness"}


def load():
    """No limit and no timeout is to end anything."""
    readers.load(max_connections=ROOM, max_half_open=ROOM, ring_kib=65536,
                 hashsize=1 << 15,
                 **{f"timeout_{name}": 86400 for name in TIMEOUTS})


def set_up():
    """Both namespaces; afterwards this process is where it was."""
    traffic.write_file("/proc/sys/net/core/netdev_max_backlog", "100000")
    traffic.ip(f"netns add {NEAR}", f"netns add {FAR}")
    with entered(FAR):
        # it is to say nothing of its own accord
        traffic.write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1")
    with entered(NEAR):
        readers.command("nft", "-f", "-", input=RULES)
        for name, value in SYSCTLS.items():
            traffic.write_file(f"/proc/sys/net/{name}", str(value))
    traffic.ip(f"link add {DEVICE} netns {NEAR} mtu 65535 type veth peer name"
               f" {DEVICE} mtu 65535 netns {FAR}")
    traffic.ip("link set lo up", f"link set {DEVICE} up",
               f"addr add 10.5.0.2/24 dev {DEVICE}", netns=FAR)
    with entered(NEAR):
        set_up_near(bytes(traffic.read_mac(DEVICE, FAR)).hex(":"))
    mac = bytes(traffic.read_mac(DEVICE, NEAR)).hex(":")
    traffic.ip(f"neigh replace 10.5.0.1 lladdr {mac} dev {DEVICE} nud"
               " permanent", netns=FAR)


def set_up_near(mac):
    traffic.ip("link set lo up", "link add dummy0 mtu 65535 type dummy",
               "link set dummy0 up", f"link set {DEVICE} up",
               # one neighbour: no other is asked for, which would take time
               f"addr add 10.5.0.1 peer 10.5.0.2 dev {DEVICE}",
               f"addr add fd00:5::1 peer fd00:5::2 dev {DEVICE} nodad",
               *(f"route add {route} dev dummy0" for route in
                 ("10.5.98.0/24", "10.5.99.0/24", "fd00:5:62::/64",
                  "fd00:5:63::/64")),
               "route add local 10.5.1.0/24 dev lo",
               "route add local fd00:5:1::/64 dev lo",
               *(f"neigh replace {address} lladdr {mac} dev {DEVICE} nud"
                 " permanent" for address in ("10.5.0.2", "fd00:5::2")))


def nft(table):
    """Packets by counter."""
    return traffic.nft_counters("inet", table)


def words(text):
    return {line.split()[0]: int(line.split()[1])
            for line in text.splitlines()}


def snmp():
    """The stack's own counters; those of IPv6 that only packets move."""
    found = {}
    with open("/proc/self/net/snmp") as file:
        lines = file.read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        kind = names.split(":")[0]
        if kind in ("Ip", "Tcp"):
            found.update({f"{kind}.{name}": int(value) for name, value in
                          zip(names.split()[1:], values.split()[1:])})
    with open("/proc/self/net/snmp6") as file:
        found.update({name: value for name, value in
                      words(file.read()).items()
                      if name.startswith(("Ip6In", "Ip6Reasm", "Ip6OutForw"))})
    return found


class Round:
    """One seed: send, wait until all has come through, compare."""

    def __init__(self, seed, packets):
        self.seed, self.packets = seed, packets
        self.reader = self.capture = None
        self.closings = self.exact = 0

    def __enter__(self):
        set_up()
        return self

    def __exit__(self, *_):
        for name in os.listdir("/run/netns"):
            traffic.ip(f"netns delete {name}")
        if self.reader:
            os.close(self.reader.fd)

    def watch(self):
        """A ring with room for all closing records."""
        with entered(NEAR):
            self.reader = Reader(CLOSE, flags=0)

    def send(self, capture=None):
        self.capture = capture
        begin = time.monotonic()
        with entered(NEAR):
            text = readers.command("hostile", str(self.seed),
                                   str(self.packets), DEVICE,
                                   f"/run/netns/{FAR}",
                                   *([capture] if capture else []))
            took = time.monotonic() - begin
            until(self.is_quiet, "quiet")
            self.kernel = nft("after") | snmp()
            self.look = nft("look")
        self.out = words(text)
        self.sent = {name: self.out[name] for name in self.out
                     if name.startswith(("sent_", "refused_", "did_"))}
        note(f"{self.packets / took:.0f} packets/s, {took:.1f} s")

    @staticmethod
    def is_quiet():
        """What loops back comes late."""
        before = nft("look"), nft("after")
        time.sleep(0.05)
        return before == (nft("look"), nft("after"))

    def settle(self):
        """The module has counted as many packets as nftables."""
        with entered(NEAR):
            def equals():
                self.look, self.stats = nft("look"), stats()
                return sum(self.look.values()) == sum(
                    self.stats[name] for name in FIRST_GROUP)
            until(equals, "equal numbers of packets")
        equal(self.look["in"] + self.look["forward"] + self.look["out"] +
              self.look["aside"] + self.look["loop"] > self.packets / 3, True,
              "packets that came to a hook")

    def check_counters(self):
        """Each packet is what a second opinion says that it is."""
        out, now = self.out, self.stats
        equal(out["tap_lost"], 0, "packets that the log lost")
        equal(out["tap_seen"], sum(self.look[name] for name in
                                   ("in", "forward", "out")), "logged packets")
        equal(now["loopback"], self.look["loop"], "on loopback")
        made = {name: now[name] for name in REJECTS} | {
            "not_tcp": now["not_tcp"] - self.look["aside"],
            "tcp": sum(now[name] for name in ("tracked", "late", *STRAYS))}
        short = {name: out["judged_" + name] - made[name] for name in made}
        equal({name: count for name, count in short.items()
               if not 0 <= count <= out["deep_" + name]}, {}, "too few")
        equal(sum(short.values()), now["truncated"], "truncated")
        self.unread = short["tcp"]

    def check_offline(self):
        """
        The counters of the capture. What is lenient is not in the file: the
        client reads more of it than a receiver would, as Wireshark does.
        """
        offline = json.loads(readers.command(
            "tcptracectl", "stats", "-r", self.capture, "--json"))
        rejects = *REJECTS, "not_tcp"
        equal({name: offline[name] + self.out["lenient_" + name]
               for name in rejects},
              {name: self.out["judged_" + name] for name in rejects},
              "rejected offline")
        if self.unread:
            note(f"{self.unread} segments in the file that were truncated")
            return
        equal({name: offline[name] for name in SAME},
              {name: self.stats[name] for name in SAME}, "counters offline")

    def end(self):
        """Whatever is open ends with its namespace."""
        traffic.ip(f"netns delete {NEAR}", f"netns delete {FAR}")
        with open(TOLD, "wb") as file:
            try:
                while True:
                    file.write(os.read(self.reader.fd, 1 << 20))
            except OSError as error:
                equal(error.errno, errno.ENODEV, "errno")
        equal(self.reader.info().lost, 0, "records lost")
        equal(self.reader.info().delivered, self.stats["opened"],
              "a closing record for each connection")

    def check_closings(self):
        live = by_pair(client("close", "--device", TOLD))
        offline = by_pair(client("close", "-r", self.capture))
        equal({pair: len(live[pair]) for pair in live},
              {pair: len(offline[pair]) for pair in offline}, "records")
        pairs = [(pair, *both) for pair in live
                 for both in zip(live[pair], offline[pair])]
        unequal = [entry for entry in pairs if entry[1] != entry[2]]
        strays = find_strays(self.capture) if unequal else ()
        wrong = [found for pair, ours, theirs in unequal
                 for found in check_pair(pair, ours, theirs, pair in strays)]
        self.closings, self.exact = len(pairs), len(pairs) - len(unequal)
        note(f"{self.closings} closing records, {self.exact} equal in all;"
             f" {len(strays)} pairs of ends had strays")
        equal((len(wrong), wrong[:5]), (0, []), "what differs")


def client(kind, *words):
    text = readers.command("tcptracectl", "watch", "--events", kind, "--json",
                           *words)
    return text.splitlines()


PAIR = re.compile(r'"(?:orig|src)":"([^"]*)","(?:orig_port|sport)":(\d+),'
                  r'"(?:resp|dst)":"([^"]*)","(?:resp_port|dport)":(\d+)')


def pair_of(line):
    src, sport, dst, dport = PAIR.search(line).groups()
    return tuple(sorted([(src, sport), (dst, dport)]))


def by_pair(lines):
    """{ends: its closing records in order, without times}"""
    found = {}
    for line in lines:
        if '"event":"close"' not in line:
            raise AssertionError(line)
        text = TIMES.sub("", line).replace(",}", "}")
        found.setdefault(pair_of(line), []).append(
            LAST.sub('"reason":"last"', text))
    return found


def find_strays(capture):
    """The ends of segments that belonged to no connection."""
    return {pair_of(line) for line in client("segment", "-r", capture)
            if '"conn":0,' in line}


def unlike(ours, theirs, name=""):
    """The names of what differs, and both values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours.keys() | theirs.keys():
            yield from unlike(ours.get(key), theirs.get(key), key)
    elif name == "suspected":
        if (set(ours) ^ set(theirs)) - {TIMED}:
            yield name, ours, theirs
    elif ours != theirs:
        yield name, ours, theirs


def check_pair(pair, ours, theirs, had_strays):
    """What differs, but for what cannot be the same."""
    ours, theirs = json.loads(ours), json.loads(theirs)
    may = set(LATE)
    if had_strays:
        may |= ANALYSIS
    # a raw socket's packet is one segment
    if not any(host.startswith(("10.5.98.", "fd00:5:62:")) for host, _ in pair):
        may |= SEGMENTS
    if ours["reason"] == "last":
        may.add("end_reason")
    return [(pair, *found) for found in unlike(ours, theirs)
            if found[0] not in may]


class Total:
    """Of all rounds."""

    def __init__(self):
        self.moved, self.out = {}, {}
        self.compared = self.exact = self.closings = 0

    def add(self, one):
        for total, more in (self.moved, one.stats), (self.out, one.out):
            for name, value in more.items():
                total[name] = total.get(name, 0) + value
        self.exact += one.exact
        self.closings += one.closings

    def check(self):
        note("the module:", {k: v for k, v in self.moved.items() if v})
        note("the generator:", self.out)
        note(f"{self.closings} closing records, {self.exact} the same in all")
        quiet = {name for name in (*REJECTS, *SAME, "not_tcp", "loopback")
                 if not self.moved[name]}
        # these kernels let no such packet come to a hook
        equal(quiet - {"ip_hdrlen"}, set(), "counters that did not move")
        idle = {name for name, value in self.out.items()
                if name.startswith(("did_", "sent_")) and not value}
        equal(idle, set(), "kinds that were not sent")
        equal(self.exact > 0.8 * self.closings, True, "most are the same")
