#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All at once, for TCPTRACE_SECONDS: routed, NATed and local traffic in four
# namespaces, readers, parameters, namespaces that come and go, procfs, and the
# module out and in under it. Then nothing is left over, and all counters add
# up.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import contextlib
import os
import time

import load
import readers
import storm
from conserved import FIRST_GROUP
from kernel import ALL_IP, HAS_CONNTRACK
from readers import case, entered, equal, note, stats, until
from slab import has_cache

SECONDS = int(os.environ["TCPTRACE_SECONDS"] or 60)
CLIENT, ROUTER, SERVER, LONE = NAMES = [
    f"tt{os.getpid()}{letter}" for letter in "crsl"]
READERS = 8
PORT = 5000
# where the module looks; kept where it looks not, so that it may go
LOOK = f"""
table {ALL_IP} look {{
	counter seen {{}}
	chain i {{
		type filter hook input priority -2147483647
		counter name seen
	}}
	chain f {{
		type filter hook forward priority -2147483647
		counter name seen
	}}
	chain o {{
		type filter hook output priority -98
		counter name seen
	}}
}}
"""
NAT = """
table ip nat {
	chain in {
		type nat hook prerouting priority -100
		ip daddr 10.7.1.9 tcp dport 6000 dnat to 10.7.2.1:5000
	}
	chain post {
		type nat hook postrouting priority 100
		tcp dport 5000 ct status dnat masquerade
	}
}
"""
ROUTED, TRANSLATED = ("10.7.2.1", PORT), ("10.7.1.9", 6000)
# both are the same server
SERVICES = [ROUTED, TRANSLATED] if HAS_CONNTRACK else [ROUTED]
work = storm.Storm()
services = []


def set_up():
    load.ip(*(f"netns add {name}" for name in NAMES),
            f"link add veth0 netns {CLIENT} type veth peer name veth1"
            f" netns {ROUTER}",
            f"link add veth0 netns {SERVER} type veth peer name veth2"
            f" netns {ROUTER}")
    for name, lines in {
            CLIENT: ("addr add 10.7.1.1/24 dev veth0", "link set veth0 up",
                     "route add default via 10.7.1.9"),
            ROUTER: ("addr add 10.7.1.9/24 dev veth1", "link set veth1 up",
                     "addr add 10.7.2.9/24 dev veth2", "link set veth2 up"),
            SERVER: ("addr add 10.7.2.1/24 dev veth0", "link set veth0 up",
                     "route add default via 10.7.2.9"),
            LONE: ()}.items():
        with entered(name):
            load.prepare_netns(*lines)
            readers.command("nft", "-f", "-", input=LOOK)
            load.write_file("/proc/sys/net/ipv4/ip_forward", "1")
    if HAS_CONNTRACK:
        with entered(ROUTER):
            readers.command("nft", "-f", "-", input=NAT)
    readers.command("nft", "-f", "-", input=LOOK)
    for name, address in (SERVER, "10.7.2.1"), (LONE, "127.0.0.1"):
        services.append(load.Program("serve", address, PORT, netns=name))


def start():
    talks = [(CLIENT, address) for address in SERVICES]
    talks += (LONE, ("127.0.0.1", PORT)), (ROUTER, ("10.7.2.1", 1))
    for name, address in talks:
        with entered(name):
            work.start(f"traffic, {name[-1]} to {address}", storm.converse,
                       address)
    with entered(CLIENT):
        work.start("traffic, abandoned", storm.abandon,
                   [load.Syns(), load.Bursts(1 << 24)])
    work.start("namespaces", storm.come_and_go)
    work.start("procfs", storm.read_files, NAMES)
    work.start("parameters", storm.rewrite)
    start_readers()


def start_readers():
    for number in range(READERS):
        with entered(NAMES[number % 4]) if number % 2 else \
                contextlib.nullcontext():
            work.start(f"reader {len(work.names)}", storm.read)


def watch(seconds):
    """All workers live on so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work.check()
        time.sleep(0.2)


def seen():
    return sum(load.nft_counters(ALL_IP, "look").values())


def counts():
    """Of nftables and of the module, when nothing passes between the two."""
    before = seen()
    now = stats()
    return (before, sum(now[name] for name in FIRST_GROUP)) \
        if seen() == before else None


def all_counts():
    found = {}
    for name in NAMES:
        with entered(name):
            found[name] = until(counts, f"a quiet moment in {name}")
    return found


@case(f"all at once; the module out and in for {SECONDS * 2 // 3} s")
def everything():
    readers.load()
    set_up()
    start()
    end, turns = time.monotonic() + SECONDS * 2 // 3, 0
    while time.monotonic() < end or turns < 2:
        before = work.done()
        until(lambda before=before: work.works_on(before), "work of all",
              90)
        work.end("reader")
        storm.reload()
        turns += 1
        start_readers()
    note(f"{turns} times out and in")


@case(f"{SECONDS // 3} s more without a break: each packet is in one counter")
def conserved():
    work.end("traffic")
    begin = all_counts()
    before = work.done()
    for name, address in [(CLIENT, address) for address in SERVICES] + [
            (LONE, ("127.0.0.1", PORT))]:
        with entered(name):
            work.start(f"traffic, {name[-1]} to {address} once more",
                       storm.converse, address)
    with entered(CLIENT):
        work.start("traffic, abandoned once more", storm.abandon,
                   [load.Syns(1 << 25), load.Bursts(1 << 26)])
    watch(SECONDS // 3)
    until(lambda: work.works_on(before), "work of all", 60)
    work.end()
    for name, (theirs, ours) in all_counts().items():
        note(f"{name[-1]}: {theirs - begin[name][0]} packets")
        equal(ours - begin[name][1], theirs - begin[name][0],
              f"packets in {name}")
        equal(theirs > begin[name][0], True, f"packets in {name}")


@case("each worker has worked")
def has_worked():
    done = work.done()
    note(done)
    equal([name for name, count in done.items() if not count], [], "idle")


@case("nothing is left over")	# nor for kmemleak: tests/debug/end.sh
def left_over():
    storm.restore()
    for service in services:
        service.end()
    load.ip(*(f"netns delete {name}" for name in NAMES))
    # what is open expires, or ends with its namespace
    until(lambda: stats()["entries"] == 0, "an empty table", 90)
    readers.unload()
    equal(has_cache(), False, "slab")
    equal(os.path.exists(readers.DEVICE), False, "device")


readers.run()
PYTHON
