#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Flood a full table, in which 1,024 connections are in use, with
TCPTRACE_PACKETS segments. Other cases attack the hash, open and reset
connections from one source, or hold connections open."""
import os
import signal
import socket

import floods
import module
from case import CASE_LIMIT, case, run
from check import SLOW, equal, note, until
from device import Reader
from floods import Flood, Kept
from netns import inode
from procfs import entries, grown, stats, table
from records import ACK, FIN, LIMIT, RST, SYN, limit_hits
from sockets import abort, whole_connection

PACKETS = int(os.environ["TCPTRACE_PACKETS"] or
              (20000 if SLOW > 1 else 10 ** 6))
CAP, KEPT = 1 << 14, 1024
FULL = CAP - CAP // 16	# from here on, a new connection evicts an old one
AIMED, BUCKETS = 4096, 1024
ABANDONED = PACKETS // 8
HELD = 1500	# handshakes of one source
# no connection times out
LIMITS = dict.fromkeys((f"timeout_{name}" for name in (
    "syn_sent", "syn_received", "unreplied", "closed")), 86400)
LIMITS |= {"max_connections": CAP, "max_half_open": CAP}
OTHERS = """bad_flags late established
    chain_full""".split()
state = {}


def flood(first, count, *words):
    """Run one flood, and check that the connections in use survive it."""
    signal.alarm(CASE_LIMIT + count // 1000)
    one = Flood(state["kept"])
    one.run(state["far"], first, count, *words)
    return one


@case(f"{KEPT} connections in use, in a table full of others")
def fill():
    module.load(hashsize=CAP, **LIMITS)
    state["far"] = floods.set_up()
    state["kept"] = Kept(KEPT)
    before, records = stats(), []
    with Reader(LIMIT) as reader:
        sent, _ = floods.finish(floods.start(state["far"], "11.0.0.0", CAP, [SYN]))
        moved = grown(before)
        # otherwise the next flood's reader would get records of this flood
        until(lambda: records.extend(reader.drain()) or
              sum(limit_hits(records).values()) >= moved["evicted"] +
              moved["table_full"], "all hits")
    equal((sent, moved["opened"] + moved["table_full"]), (CAP, CAP),
          "SYNs")
    # a removed connection is counted until an RCU grace period is over
    until(lambda: entries() == floods.rows(), "a table at rest")
    note(f"{entries()} of {CAP}; eviction begins at {FULL}")
    equal(moved["evicted"] > 0, True, "evicted")


def opening(first, flags, **wanted):
    """Check that each segment of a flood opens a connection or is refused, and
    that only evictions close connections."""
    one = flood(first, PACKETS, [flags])
    moved = one.moved
    equal(moved["opened"] + moved["table_full"], PACKETS, "opened or refused")
    equal([name for name in OTHERS if moved[name]], [], "other counters")
    equal(moved["closed"], moved["evicted"], "closed by eviction")
    equal(moved["midstream"], moved["opened"] if wanted["midstream"] else 0,
          "midstream")
    one.memory.check(CAP)
    one.check_rate()


@case(f"{PACKETS} SYNs")
def syns():
    opening("12.0.0.0", SYN, midstream=False)


@case(f"{PACKETS} SYN,ACKs: connections open midstream and stay half-open")
def synacks():
    opening("13.0.0.0", SYN | ACK, midstream=True)


@case(f"{PACKETS} ACKs: connections open midstream and stay half-open")
def acks():
    opening("14.0.0.0", ACK, midstream=True)


def stray(first, count, flags, wanted):
    """Check that the segments of a flood open no connection and reach no
    limit."""
    one = flood(first, count, flags)
    moved = one.moved
    equal({name: moved[name] for name in (
        "bad_flags", "opened", "evicted",
        "table_full", "late") if moved[name]}, wanted, "counters")
    equal(one.records, [], "records")
    one.memory.check(CAP)


@case(f"{PACKETS} FINs: connections open midstream and stay half-open")
def fins():
    opening("15.0.0.0", FIN | ACK, midstream=True)


@case(f"{PACKETS} segments with flags that no TCP sends open nothing")
def no_tcp():
    stray("16.0.0.0", PACKETS, [FIN], {"bad_flags": PACKETS})


def unanswered():
    return sum("H" in row["marks"] for row in table())


@case(f"one source opens and resets {ABANDONED} connections: closed ones are "
      "evicted first")
def abandoned():
    half_open = unanswered()
    one = flood("17.0.0.1", ABANDONED, [SYN, RST], "one")
    moved = one.moved
    lost = half_open - unanswered()
    note(f"{lost} of {half_open} half-open ones of others were evicted")
    # a RST can find room in the table although its SYN found none
    equal(moved["opened"] + moved["table_full"] >= ABANDONED, True, "SYNs")
    equal(moved["closed"] >= moved["opened"] - half_open, True, "RSTs")
    equal(lost <= 1, True, "half-open ones of others")
    one.memory.check(CAP)


def aim(*way):
    """Send segments that would fall into one bucket if the hash were
    SipHash-1-3 with the key 0, or lookup3. Return: how much each counter has
    grown."""
    before = stats()
    sent, _ = floods.finish(floods.start(state["far"], "18.0.0.0", AIMED, [SYN], *way))
    equal(sent, AIMED, "sent")
    return grown(before)


@case(f"{AIMED} that fall into one of {BUCKETS} buckets by well-known keys")
def aimed():
    for how in "zero", "jhash":
        module.load(hashsize=BUCKETS, **LIMITS)
        equal(aim(how, inode(), BUCKETS),
              {"tracked": AIMED, "opened": AIMED}, how)


def held():
    """Open connections from one source, and leave them open."""
    pairs = []
    for number in range(HELD):
        client = socket.socket()
        client.bind(("127.0.0.9", 1024 + number))
        client.connect(("127.0.0.1", floods.ECHO))
        pairs.append((client, state["kept"].server.accept()[0]))
    return pairs


@case(f"one source holds {HELD} connections: the cap refuses new ones, open "
      "ones stay")
def handshakes():
    cap = 2 * KEPT
    state["kept"].close()
    module.load(**LIMITS | {"max_connections": cap})
    kept = Kept(KEPT)
    state["kept"] = kept
    before = stats()
    pairs = held()
    moved = grown(before)
    note(moved)
    equal((entries(), moved["evicted"]), (cap, 0), "entries")
    equal(moved["table_full"] > 0, True, "the cap refuses")
    kept.use()
    kept.check()
    for pair in pairs:
        abort(*(pair))
    kept.use()
    kept.check()
    # the memory of closed connections is free after an RCU grace period
    before = stats()
    until(lambda: whole_connection(kept.server) or
          grown(before)["established"], "a new connection")


run()
