#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every limit is hit: caps, timeouts, and what parameters take.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import errno
import os

import load
import readers
from load import ACK, FIN, PSH, RST, SYN, ip4, tcp
from readers import (CLOSE, OPEN, STATE, Reader, case, equal, fails,
                     grown, parameter, set_parameter, stats, table, until)

CAP, HALF_OPEN, OPENED, FLOOD = 512, 64, 50, 20000
LATE_BY = 3	# seconds that a timeout may be late
NS = 10 ** 9

readers.load(hashsize=256, max_connections=CAP, max_half_open=HALF_OPEN,
             ring_kib=16384)
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
syns = load.Syns()
server = load.listener(port=5000)
kept = []	# connections that stay in use


def keep(count):
    kept.extend(load.pair(server) for _ in range(count))
    use_all()


def use_all():
    for client, peer in kept:
        client.sendall(b"?")
        equal(peer.recv(2), b"?", "question")
        peer.sendall(b"!")
        equal(client.recv(2), b"!", "answer")


def drop_kept():
    for sockets in kept:
        for sock in sockets:
            load.abort(sock)
    kept.clear()


def by_port():
    return {int(row["orig"].rpartition(":")[2]): row for row in table()}


def check_kept(ids):
    rows = by_port()
    for client, _ in kept:
        port = client.getsockname()[1]
        row = rows.get(port) or {}
        equal((row.get("id"), row.get("orig_state"), row.get("resp_state"),
               row.get("marks")), (ids[port], "ESTABLISHED", "ESTABLISHED",
                                   "-"), f"entry of port {port}")


def sent_to_sink():
    with open("/proc/self/net/dev") as file:
        words, = (line.split() for line in file if load.SINK in line)
    return int(words[10])


def half_open():
    return sum("H" in row["marks"] for row in table())


@case(f"{FLOOD} SYNs against {OPENED} connections in use: none is lost")
def flood():
    keep(OPENED)
    ids = {port: row["id"] for port, row in by_port().items()}
    before, sunk, most, closed = stats(), sent_to_sink(), 0, []
    with Reader(CLOSE) as reader:
        for turn in range(FLOOD // 250):
            syns.send(250)
            closed += reader.drain()	# all of them are more than its ring
            most = max(most, stats()["entries"])
            if turn % 16 == 0:
                use_all()
                check_kept(ids)
        check_kept(ids)
        moved = grown(before, stats())
        closed += reader.drain()
        equal(reader.info().lost, 0, "lost")
    readers.note(f"at most {most} entries, {moved}")
    equal(most <= CAP, True, f"{most} entries under the cap")
    equal(sent_to_sink() - sunk, FLOOD, "SYNs that left the host")
    full = moved.get("table_full", 0)
    equal(moved["opened"] + full, FLOOD, "opened or refused by the cap")
    rest = half_open()
    equal(rest <= HALF_OPEN, True, f"{rest} half-open")
    equal(moved["evicted"], moved["opened"] - rest, "evicted")
    equal(len(closed), moved["evicted"], "CLOSE records")
    equal({record.reason for record in closed}, {readers.EVICTED}, "reasons")
    # the oldest went first
    equal([record.conn for record in closed],
          sorted(record.conn for record in closed), "order of eviction")


@case("max_half_open counts from the next SYN on when it is changed")
def change_half_open():
    for limit in 16, 100, HALF_OPEN:
        set_parameter("max_half_open", limit)
        # what was evicted counts until RCU lets it go, and the cap refuses
        until(lambda: stats()["entries"] == len(table()), "room")
        syns.send(200)
        equal(half_open(), limit, "half-open")


@case("max_connections counts at once: what is in stays, what is new waits")
def change_cap():
    ids = {port: row["id"] for port, row in by_port().items()}
    set_parameter("max_connections", OPENED)
    before = stats()
    client, peer = load.pair(server)	# the kernel does not care
    moved = grown(before, stats())
    equal(moved["table_full"] > 0, True, f"table_full in {moved}")
    equal(client.getsockname()[1] in by_port(), False, "in the table")
    check_kept(ids)
    set_parameter("max_connections", CAP)
    until(lambda: stats()["entries"] < CAP, "room")
    client.sendall(b"x")
    row = by_port()[client.getsockname()[1]]
    equal(row["marks"], "MG", "marks when there is room again")
    for sock in client, peer:
        load.abort(sock)
    check_kept(ids)


@case("above 15/16 of the cap finished connections make room, open ones never")
def finished_first():
    with parameter("max_half_open", 16), parameter("max_connections", 120):
        ids = {port: row["id"] for port, row in by_port().items()}
        for _ in range(100):
            load.whole_connection(server)
        check_kept(ids)
        equal(stats()["entries"] <= 120, True, "entries under the cap")
        before = stats()
        # what has gone counts until RCU lets go of it
        until(lambda: load.whole_connection(server) or
              grown(before, stats()).get("opened"), "one that finds room")


BOUNDS = {
    "max_connections": (16, 1 << 24), "max_half_open": (16, 1 << 24),
    "max_readers": (1, 1024), "ring_kib": (4, 65536),
    **{f"timeout_{name}": (1, 365 * 86400) for name in (
        "syn_sent", "syn_received", "unreplied", "established",
        "half_closed", "closing", "time_wait", "closed")},
}
NONSENSE = "", "x", "1x", "-1", "1.5", "0x", "1 2", "1e3", "4294967296"


@case("parameters: the bounds are taken, what is beyond or nonsense is EINVAL")
def bounds():
    changeable = {name for name in os.listdir(readers.PARAMETERS)
                  if os.stat(readers.PARAMETERS + name).st_mode & 0o222}
    equal(changeable, set(BOUNDS), "parameters that can be changed")
    for name, (low, high) in BOUNDS.items():
        before = readers.get_parameter(name)
        for value in low - 1, high + 1, *NONSENSE:
            fails((errno.EINVAL, errno.ERANGE) if value == NONSENSE[-1] else
                  errno.EINVAL, set_parameter, name, value)
            equal(readers.get_parameter(name), before, name)
        for value in low, high, before:
            set_parameter(name, value)
            equal(readers.get_parameter(name), value, name)
    fails((errno.EACCES, errno.EPERM), set_parameter, "hashsize", 1024)


def gone(records, kind, **wanted):
    return [record for record in records if record.type == kind and
            all(getattr(record, key) == value
                for key, value in wanted.items())]


def check_delay(begin, end, seconds):
    took = (end - begin) / NS
    readers.note(f"timeout {seconds} s, took {took:.2f} s")
    equal(seconds <= took <= seconds + LATE_BY, True, f"{took} s")


def unanswered_syns():
    return [row for row in table() if row["orig_state"] == "SYN_SENT"]


@case("a SYN that nobody answers: CLOSE unanswered at its timeout")
def unanswered():
    with parameter("timeout_syn_sent", 2), Reader(OPEN, CLOSE) as reader:
        syns.send(3)
        records = reader.collect(
            lambda found: len(gone(found, CLOSE,
                                   reason=readers.UNANSWERED)) >= 3 and
            {r.conn for r in gone(found, OPEN)} <=
            {r.conn for r in gone(found, CLOSE)}, "CLOSE unanswered")
        for opened in gone(records, OPEN):
            closed, = gone(records, CLOSE, conn=opened.conn)
            equal(closed.reason, readers.UNANSWERED, "reason")
            check_delay(opened.time, closed.time, 2)
        # those that the cases before left behind: the worker's next round
        until(lambda: not unanswered_syns(), "end of the SYNs")


def closed_connection():
    """One that ended by RST. Return: its ports."""
    client, peer = load.pair(server)
    ports = client.getsockname()[1], peer.getsockname()[1]
    load.abort(client)
    peer.close()
    return ports


@case("late segments of a closed connection are counted, and open nothing")
def ghost():
    sender = load.raw4()
    with parameter("timeout_closed", 3), \
            Reader(OPEN, STATE, CLOSE) as reader:
        sport, dport = closed_connection()
        records = reader.drain()
        equal(len(gone(records, CLOSE)), 1, "CLOSE")
        before = stats()
        for flags in ACK, ACK | PSH, FIN | ACK, RST, SYN | ACK:
            # a bad checksum: seen here, and by nobody else
            for ports in (sport, dport), (dport, sport):
                sender.sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
                    *ports, flags, 77, 78, b"late")), ("127.0.0.1", 0))
        equal(grown(before, stats()), {"late": 10, "loopback": 10}, "counters")
        equal(reader.drain(), [], "records")
        equal(by_port()[sport]["marks"], "C", "marks")
        until(lambda: sport not in by_port(), "end of the ghost")
        equal(reader.drain(), [], "records at its end")
        sender.sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
            sport, dport, ACK, 77, 78)), ("127.0.0.1", 0))
        equal(len(gone(reader.drain(), OPEN)), 1, "OPEN by one that is later")
    sender.close()


@case("TIME_WAIT ends with a transition, 2msl, at its timeout")
def two_msl():
    with parameter("timeout_time_wait", 2), Reader(OPEN, STATE) as reader:
        load.whole_connection(server)
        records = reader.drain()
        conn = gone(records, OPEN)[0].conn
        records += reader.collect(lambda found: gone(
            found, STATE, conn=conn, reason=readers.REASON_2MSL), "2msl")
        begin, = gone(records, STATE, conn=conn, after=readers.TIME_WAIT)
        end, = gone(records, STATE, conn=conn, reason=readers.REASON_2MSL)
        equal((end.before, end.after), (readers.TIME_WAIT, readers.CLOSED),
              "transition")
        equal(end.number, len(gone(records, STATE, conn=conn)), "number")
        check_delay(begin.time, end.time, 2)


@case("an open connection that is idle times out, a used one does not")
def idle():
    drop_kept()
    keep(OPENED)
    client, peer = kept[0]
    port = kept[1][0].getsockname()[1]
    # the reader first: on a slow machine some are that old already
    with Reader(CLOSE) as reader, parameter("timeout_established", 4):
        def use():
            client.sendall(b"?")
            peer.recv(2)
            return len(closed) >= OPENED - 1
        closed = []
        until(lambda: closed.extend(reader.drain()) or use(), "CLOSE")
        equal({record.reason for record in closed}, {readers.TIMEOUT},
              "reasons")
        equal(port in by_port(), False, "idle one in the table")
        equal(client.getsockname()[1] in by_port(), True, "used one")
    drop_kept()


@case("what is out of bounds is refused when the module is loaded")
def refused_at_load():
    readers.unload()
    for word in ("max_half_open=15", "hashsize=255", "hashsize=4194305",
                 "max_readers=0", "ring_kib=3", "timeout_closed=0",
                 "max_connections=x"):
        key, value = word.split("=")
        try:
            readers.load(**{key: value})
        except AssertionError as error:
            equal("nvalid" in str(error), True, str(error))
        equal(readers.is_loaded(), False, f"loaded with {word}")
    readers.load(hashsize=300)
    equal(readers.get_parameter("hashsize"), 512, "hashsize, rounded up")
    equal(readers.get_parameter("max_connections"), 512, "max_connections")
    equal(readers.get_parameter("max_half_open"), 128, "max_half_open")


readers.run(r"tcptrace: `\S+' invalid for parameter")
EOF
