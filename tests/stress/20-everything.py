#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Stress the module with everything at once for TCPTRACE_SECONDS: routed, NATed
and local traffic in four namespaces, readers, changes of parameters, new and
deleted namespaces, and reads of procfs. For the first two thirds of the time,
also reload the module. Check that nothing is left at the end, and that all
counters add up."""
import contextlib
import os
import time

import module
import nft
import stress
from case import case, run
from check import equal, note, until
from device import DEVICE
from kernel import HAS_CONNTRACK
from netns import Netns
from procfs import entries
from programs import Program
from raw import Bursts, Syns
from slab import has_cache

SECONDS = int(os.environ["TCPTRACE_SECONDS"] or 60)
READERS = 8
PORT = 5000
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
# both addresses lead to the same server
SERVICES = [ROUTED, TRANSLATED] if HAS_CONNTRACK else [ROUTED]
work = stress.Workers()
services = []
client, router, server, lone = namespaces = [
    Netns(letter, sink=True) for letter in "crsl"]


def set_up():
    for number, ns in (1, client), (2, server):
        ns.veth("veth0", router, f"veth{number}")
        ns.address("veth0", f"10.7.{number}.1/24")
        router.address(f"veth{number}", f"10.7.{number}.9/24")
        ns.default_route(f"10.7.{number}.9")
    for ns in namespaces:
        ns.nft(nft.SEEN)
        ns.sysctl("ipv4/ip_forward", 1)
    if HAS_CONNTRACK:
        router.nft(NAT)
    for ns, address in (server, "10.7.2.1"), (lone, "127.0.0.1"):
        with ns:
            services.append(Program("serve", address, PORT))


def start_traffic(when, first):
    """Start clients that talk to the servers, and clients whose connections are
    unanswered or reset."""
    talks = [(client, address) for address in SERVICES]
    for ns, address in (*talks, (lone, ("127.0.0.1", PORT))):
        with ns:
            work.start(f"traffic{when}, {ns.name[-1]} to {address}",
                       stress.converse, address)
    with client:
        work.start(f"traffic{when}, abandoned", stress.abandon,
                   [Syns(first), Bursts(first + (1 << 24))])


def start():
    start_traffic("", 0)
    with router:
        work.start("traffic, refused", stress.converse, ("10.7.2.1", 1))
    work.start("namespaces", stress.come_and_go)
    work.start("procfs", stress.read_files, namespaces)
    work.start("parameters", stress.rewrite)
    start_readers()


def start_readers():
    for number in range(READERS):
        with namespaces[number % 4] if number % 2 else \
                contextlib.nullcontext():
            work.start(f"reader {len(work.names)}", stress.read)


def watch(seconds):
    """Check for this many seconds that all workers stay alive."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        work.check()
        time.sleep(0.2)


def all_counts():
    """Return the packet counts of nftables and of the module in each
    namespace."""
    found = {}
    for ns in namespaces:
        with ns:
            found[ns.name] = nft.both_counts()
    return found


@case(f"all at once, with reloads of the module, for {SECONDS * 2 // 3} s")
def everything():
    module.load()
    set_up()
    start()
    end, turns = time.monotonic() + SECONDS * 2 // 3, 0
    while time.monotonic() < end or turns < 2:
        before = work.done()
        until(lambda before=before: work.works_on(before), "work of all",
              90)
        work.end("reader")
        stress.reload()
        turns += 1
        start_readers()
    note(f"{turns} reloads")


@case(f"{SECONDS // 3} s more without a reload: each packet is in one counter")
def conserved():
    work.end("traffic")
    begin = all_counts()
    before = work.done()
    start_traffic(" again", 1 << 25)
    watch(SECONDS // 3)
    until(lambda: work.works_on(before), "work of all", 60)
    work.end()
    for name, (theirs, ours) in all_counts().items():
        note(f"{name[-1]}: {theirs - begin[name][0]} packets")
        equal(ours - begin[name][1], theirs - begin[name][0],
              f"packets in {name}")
        equal(theirs > begin[name][0], True, f"packets in {name}")


@case("each worker had turns")
def has_worked():
    done = work.done()
    note(done)
    equal([name for name, count in done.items() if not count], [], "idle")


@case("nothing is left")	# tests/debug/end.py checks kmemleak, too
def left_over():
    stress.restore()
    for service in services:
        service.end()
    Netns.delete_all()
    # wait until open connections expire or end with their namespace
    until(lambda: entries() == 0, "an empty table", 90)
    module.unload()
    equal(has_cache(), False, "slab")
    equal(os.path.exists(DEVICE), False, "device")


run()
