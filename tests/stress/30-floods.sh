#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Floods of TCPTRACE_PACKETS segments each against a full table and 1,024
# connections in use, hashes aimed at, one source that opens and abandons.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import os
import signal
import socket

import floods
import load
import readers
from floods import Flood, Kept
from limits import hits
from load import ACK, FIN, RST, SYN
from pace import SLOW
from readers import (CASE_LIMIT, LIMIT, Reader, case, equal, grown, note, stats,
                     until)

PACKETS = int(os.environ["TCPTRACE_PACKETS"] or
              (20000 if SLOW > 1 else 10 ** 6))
CAP, KEPT = 1 << 14, 1024
FULL = CAP - CAP // 16	# from here on one goes for each that comes
AIMED, BUCKETS, ALIKE = 4096, 1024, 1024
ABANDONED = PACKETS // 8
HELD = 1500	# handshakes of one source
# nothing is to end by its age
LIMITS = {f"timeout_{name}": 86400 for name in (
    "syn_sent", "syn_received", "unreplied", "closed")}
LIMITS |= {"max_connections": CAP, "max_half_open": CAP}
OTHERS = """stray_rst stray_fin bad_flags late established
    chain_full""".split()
state = {}


def flood(first, count, *words):
    """With its checks. Return: what has moved, but for the others' segments."""
    signal.alarm(CASE_LIMIT + count // 1000)
    one = Flood(state["kept"])
    one.run(first, count, *words)
    return one


@case(f"{KEPT} connections in use, and a table that is full of others")
def fill():
    readers.load(hashsize=CAP, **LIMITS)
    floods.set_up()
    state["kept"] = Kept(KEPT)
    before, told = stats(), []
    with Reader(LIMIT) as reader:
        sent, _ = floods.finish(floods.start("11.0.0.0", CAP, [SYN]))
        moved = grown(before, stats())
        # or the flood that follows is told of these
        until(lambda: told.extend(reader.drain()) or
              sum(hits(told).values()) >= moved["evicted"] +
              moved.get("table_full", 0), "all hits")
    equal((sent, moved["opened"] + moved.get("table_full", 0)), (CAP, CAP),
          "SYNs")
    # what is removed counts until RCU lets it go
    until(lambda: stats()["entries"] == floods.rows(), "quiet")
    note(f"{stats()['entries']} of {CAP}; one goes for each from {FULL} on")
    equal(moved["evicted"] > 0, True, "evicted")


def opening(first, flags, **wanted):
    """Each opens, and one goes for it, or the cap refuses it."""
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


@case(f"{PACKETS} SYN,ACKs: the SYN is taken for missed, they stay half-open")
def synacks():
    opening("13.0.0.0", SYN | ACK, midstream=True)


@case(f"{PACKETS} ACKs: picked up in the middle, they stay half-open")
def acks():
    opening("14.0.0.0", ACK, midstream=True)


def stray(first, count, flags, wanted):
    """They open nothing, and reach no limit."""
    one = flood(first, count, flags)
    moved = one.moved
    equal({name: moved[name] for name in (
        "stray_rst", "stray_fin", "bad_flags", "opened", "evicted",
        "table_full", "late") if moved[name]}, wanted, "counters")
    equal(one.records, [], "records")
    one.memory.check(CAP)


@case(f"{PACKETS} RSTs: strays, they open nothing")
def rsts():
    stray("15.0.0.0", PACKETS, [RST], {"stray_rst": PACKETS})


@case(f"{PACKETS} FINs, half of them with ACK: they open nothing")
def fins():
    stray("16.0.0.0", PACKETS // 2, [FIN | ACK, FIN],
          {"stray_fin": PACKETS // 2, "bad_flags": PACKETS // 2})


def unanswered():
    return sum("H" in row["marks"] for row in readers.table())


@case(f"one source: {ABANDONED} opened and reset; what is over goes first")
def abandoned():
    half_open = unanswered()
    one = flood("17.0.0.1", ABANDONED, [SYN, RST], "one")
    moved = one.moved
    lost = half_open - unanswered()
    note(f"{lost} of {half_open} half-open ones of others went")
    equal(moved["opened"] + moved["table_full"], ABANDONED, "SYNs")
    equal((moved["closed"], moved["stray_rst"]),
          (moved["opened"] + lost, moved["table_full"]), "RSTs")
    equal(lost <= 1, True, "half-open ones of others")
    one.memory.check(CAP)


def aim(*way):
    """Segments that would all be in one bucket if the key were known."""
    before = stats()
    sent, _ = floods.finish(floods.start("18.0.0.0", AIMED, [SYN], *way))
    equal(sent, AIMED, "sent")
    return grown(before, stats())


@case(f"{AIMED} that fall into one of {BUCKETS} buckets by keys known to all")
def aimed():
    for how in "zero", "jhash":
        readers.load(hashsize=BUCKETS, **LIMITS)
        equal(aim(how, readers.inode(), BUCKETS),
              {"tracked": AIMED, "opened": AIMED}, how)


@case(f"the same {ALIKE} lie elsewhere when the module is loaded again")
def rekeyed():
    orders = []
    for _ in range(2):
        readers.load(hashsize=BUCKETS, **LIMITS)
        floods.finish(floods.start("19.0.0.0", ALIKE, [SYN]))
        orders.append([row["orig"] for row in readers.table()])
    equal(set(orders[0]), set(orders[1]), "connections")
    equal(len(orders[0]), ALIKE, "connections")
    same = sum(one == two for one, two in zip(*orders))
    note(f"{same} of {ALIKE} at the same place in the table")
    equal(same < ALIKE // 16, True, "at the same place")


def held():
    """Handshakes of one source, which stay."""
    pairs = []
    for number in range(HELD):
        client = socket.socket()
        client.bind(("127.0.0.9", 1024 + number))
        client.connect(("127.0.0.1", floods.ECHO))
        pairs.append((client, state["kept"].server.accept()[0]))
    return pairs


@case(f"one source holds {HELD} handshakes: new ones wait, none that is open")
def handshakes():
    cap = 2 * KEPT
    state["kept"].close()
    readers.load(**LIMITS | {"max_connections": cap})
    kept = Kept(KEPT)
    state["kept"] = kept
    before = stats()
    pairs = held()
    moved = grown(before, stats())
    note(moved)
    equal((stats()["entries"], moved.get("evicted", 0)), (cap, 0), "entries")
    equal(moved["table_full"] > 0, True, "the cap refuses")
    kept.use()
    kept.check()
    for pair in pairs:
        for sock in pair:
            load.abort(sock)
    kept.use()
    kept.check()
    # what is over makes room, once RCU has let it go
    before = stats()
    until(lambda: load.whole_connection(kept.server) or
          "established" in grown(before, stats()), "a new connection")


readers.run()
PYTHON
