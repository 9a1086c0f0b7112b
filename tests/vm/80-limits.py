#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reach the limits: the caps, several timeouts, and the bounds of
parameters."""
import errno
import os

import module
from case import case, run
from check import at_scale, equal, fails, note, until
from device import Reader
from floods import Kept
from module import (PARAMETERS, TIMEOUTS, get_parameter, parameter,
                    set_parameter)
from netns import SINK, isolate
from procfs import device_packets, entries, grown, stats, table
from raw import Syns, ip4, raw4, tcp
from records import (ACK, CLOSE, CLOSED, EVICTED, FIN, OPEN, PSH, REASON_2MSL,
                     RST, STATE, TIMEOUT, TIME_WAIT, UNANSWERED,
                     select_records)
from sockets import abort, listener, pair, reset_connection, whole_connection

CAP, HALF_OPEN, OPENED = 512, 64, 50
FLOOD = at_scale(20000, 4000)
LATE_BY = 3	# seconds that a timeout may be late
NS = 10 ** 9

module.load(hashsize=256, max_connections=CAP, max_half_open=HALF_OPEN,
            ring_kib=16384)
isolate()
syns = Syns()
# a low port, because the end with the higher port is the originator of a
# connection that is picked up midstream
server = listener(port=5050)
kept = Kept(OPENED)


def check_kept():
    """Check that one read of the table returns all kept connections,
    unchanged."""
    equal(kept.read(), kept.rows, "connections in use")


def by_port():
    """Return: the rows of connections on loopback, by the originator's port.
    The rows of the SYNs into the sink are left out, because their ports may be
    the same."""
    return {int(row["orig"].rpartition(":")[2]): row for row in table()
            if row["orig"].startswith("127.")}


def half_open():
    return sum("H" in row["marks"] for row in table())


@case(f"{FLOOD} SYNs against {OPENED} connections in use: none is evicted")
def flood():
    before, sunk, most, closed = stats(), device_packets(SINK)[1], 0, []
    with Reader(CLOSE) as reader:
        for turn in range(FLOOD // 250):
            syns.send(250)
            closed += reader.drain()
            most = max(most, entries())
            if turn % 16 == 0:
                kept.use()
                check_kept()
        check_kept()
        moved = grown(before)
        closed += reader.drain()
        equal(reader.info().lost, 0, "lost")
    note(f"at most {most} entries, {moved}")
    equal(most <= CAP, True, f"{most} entries are within the cap")
    equal(device_packets(SINK)[1] - sunk, FLOOD, "SYNs that left the host")
    full = moved["table_full"]
    equal(moved["opened"] + full, FLOOD, "opened or refused by the cap")
    rest = half_open()
    equal(rest <= HALF_OPEN, True, f"{rest} half-open")
    equal(moved["evicted"], moved["opened"] - rest, "evicted")
    equal(len(closed), moved["evicted"], "CLOSE records")
    equal({record.reason for record in closed}, {EVICTED}, "reasons")
    # oldest first
    equal([record.conn for record in closed],
          sorted(record.conn for record in closed), "order of eviction")


@case("max_half_open applies from the next SYN on")
def change_half_open():
    for limit in 16, 100, HALF_OPEN:
        set_parameter("max_half_open", limit)
        # an evicted connection is counted until an RCU grace period is over
        until(lambda: entries() == len(table()), "room")
        syns.send(200)
        equal(half_open(), limit, "half-open")


@case("max_connections applies at once: entries stay, new ones are refused")
def change_cap():
    set_parameter("max_connections", OPENED)
    before = stats()
    client, peer = pair(server)	# not in the table
    moved = grown(before)
    equal(moved["table_full"] > 0, True, f"table_full in {moved}")
    equal(client.getsockname()[1] in by_port(), False, "in the table")
    check_kept()
    set_parameter("max_connections", CAP)
    until(lambda: entries() < CAP, "room")
    client.sendall(b"x")
    row = by_port()[client.getsockname()[1]]
    equal(row["marks"], "MG", "marks")
    abort(*(client, peer))
    check_kept()


@case("above 15/16 of the cap finished connections are evicted, open ones never")
def finished_first():
    with parameter("max_half_open", 16), parameter("max_connections", 120):
        for _ in range(100):
            whole_connection(server)
        check_kept()
        equal(entries() <= 120, True, "entries under the cap")
        before = stats()
        # an evicted connection is counted until an RCU grace period is over
        until(lambda: whole_connection(server) or
              grown(before)["opened"], "a connection that finds room")


BOUNDS = {
    "max_connections": (16, 1 << 24), "max_half_open": (16, 1 << 24),
    "max_readers": (1, 1024), "ring_kib": (4, 65536),
    **dict.fromkeys(TIMEOUTS, (1, 365 * 86400)),
}
NONSENSE = "", "x", "1x", "-1", "1.5", "0x", "1 2", "1e3", "4294967296"


@case("parameters: the bounds are valid, values beyond and nonsense are EINVAL")
def bounds():
    changeable = {name for name in os.listdir(PARAMETERS)
                  if os.stat(PARAMETERS + name).st_mode & 0o222}
    equal(changeable, set(BOUNDS), "parameters that can be changed")
    for name, (low, high) in BOUNDS.items():
        before = get_parameter(name)
        for value in low - 1, high + 1, *NONSENSE:
            fails((errno.EINVAL, errno.ERANGE) if value == NONSENSE[-1] else
                  errno.EINVAL, set_parameter, name, value)
            equal(get_parameter(name), before, name)
        for value in low, high, before:
            set_parameter(name, value)
            equal(get_parameter(name), value, name)
    fails((errno.EACCES, errno.EPERM), set_parameter, "hashsize", 1024)


def check_delay(begin, end, seconds):
    took = (end - begin) / NS
    note(f"timeout {seconds} s, took {took:.2f} s")
    equal(seconds <= took <= seconds + LATE_BY, True, f"{took} s")


def unanswered_syns():
    return [row for row in table() if row["orig_state"] == "SYN_SENT"]


@case("an unanswered SYN: CLOSE unanswered at its timeout")
def unanswered():
    with parameter("timeout_syn_sent", 2), Reader(OPEN, CLOSE) as reader:
        syns.send(3)
        records = reader.collect(
            lambda found: len(select_records(
                found, CLOSE, reason=UNANSWERED)) >= 3 and
            {r.conn for r in select_records(found, OPEN)} <=
            {r.conn for r in select_records(found, CLOSE)}, "CLOSE unanswered")
        for opened in select_records(records, OPEN):
            closed, = select_records(records, CLOSE, conn=opened.conn)
            equal(closed.reason, UNANSWERED, "reason")
            check_delay(opened.time, closed.time, 2)
        # the worker's next round ends the connections of earlier cases, too
        until(lambda: not unanswered_syns(), "end of the SYNs")


@case("late segments of a closed connection are counted and open nothing")
def ghost():
    sender = raw4()
    with parameter("timeout_closed", 3), \
            Reader(OPEN, STATE, CLOSE) as reader:
        sport, dport = reset_connection(server)
        records = reader.drain()
        equal(len(select_records(records, CLOSE)), 1, "CLOSE")
        before = stats()
        # leave out a SYN,ACK, which would prove that the module missed a SYN
        for flags in ACK, ACK | PSH, FIN | ACK, RST:
            # the kernel drops these packets after the hook, because their
            # checksum is wrong
            for ports in (sport, dport), (dport, sport):
                sender.sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
                    *ports, flags, 77, 78, b"late")), ("127.0.0.1", 0))
        equal(grown(before), {"late": 8, "loopback": 8}, "counters")
        equal(reader.drain(), [], "records")
        equal(by_port()[sport]["marks"], "C", "marks")
        until(lambda: sport not in by_port(), "removal of the entry")
        equal(reader.drain(), [], "records of the removal")
        sender.sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
            sport, dport, ACK, 77, 78)), ("127.0.0.1", 0))
        equal(len(select_records(reader.drain(), OPEN)), 1, "OPEN by a later segment")
    sender.close()


@case("TIME_WAIT ends at its timeout with the transition 2msl")
def two_msl():
    with parameter("timeout_time_wait", 2), Reader(OPEN, STATE) as reader:
        whole_connection(server)
        records = reader.drain()
        conn = select_records(records, OPEN)[0].conn
        records += reader.collect(lambda found: select_records(
            found, STATE, conn=conn, reason=REASON_2MSL), "2msl")
        begin, = select_records(records, STATE, conn=conn, after=TIME_WAIT)
        end, = select_records(records, STATE, conn=conn, reason=REASON_2MSL)
        equal((end.before, end.after), (TIME_WAIT, CLOSED),
              "transition")
        equal(end.number, len(select_records(records, STATE, conn=conn)), "number")
        check_delay(begin.time, end.time, 2)


@case("an idle open connection times out, but a used connection does not")
def idle():
    kept.close()
    with parameter("timeout_closed", 1):
        until(lambda: not kept.read(), "removal of the closed ones")
    fresh, closed = Kept(OPENED), []
    (used, peer), (unused, _), *_ = fresh.pairs

    def use():
        used.sendall(b"?")
        peer.recv(2)
        # check whether all unused connections and the witness are closed
        return len(closed) >= OPENED
    # open the reader before the parameter is set, because connections may end
    # immediately on a slow machine
    with Reader(CLOSE) as reader, parameter("timeout_established", 4):
        until(lambda: closed.extend(reader.drain()) or use(), "CLOSE")
        equal({record.reason for record in closed}, {TIMEOUT}, "reasons")
        equal(unused.getsockname()[1] in by_port(), False, "idle one")
        equal(used.getsockname()[1] in by_port(), True, "used one")
    fresh.close()


@case("loading fails with a parameter out of bounds")
def refused_at_load():
    module.unload()
    for word in ("max_half_open=15", "hashsize=255", "hashsize=4194305",
                 "max_readers=0", "ring_kib=3", "timeout_closed=0",
                 "max_connections=x"):
        key, value = word.split("=")
        try:
            module.load(**{key: value})
        except AssertionError as error:
            equal("nvalid" in str(error), True, str(error))
        equal(module.is_loaded(), False, f"loaded with {word}")
    module.load(hashsize=300)
    equal(get_parameter("hashsize"), 512, "hashsize, rounded up")
    equal(get_parameter("max_connections"), 512, "max_connections")
    equal(get_parameter("max_half_open"), 128, "max_half_open")


run(r"tcptrace: `\S+' invalid for parameter")
