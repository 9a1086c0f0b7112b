#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that the tracepoints report the same values as the device's records,
and that tcptrace_close also works if no reader has opened the device."""
import errno
import os
import re
import socket

import module
from case import case, run
from check import equal, fails, until
from device import Reader
from kernel import HAS_IPV6
from module import parameter
from netns import isolate, set_ipv6
from proc import read_file, write_file
from procfs import grown, stats
from raw import Syns, icmp, ip4, raw4, tcp
from records import (CLOSE, CLOSE_REASONS, DROP, ERRORS, ESTABLISHED, FINDING,
                     FINDINGS, FITS, HOOKS, ICMP, OPEN, OWNER, REASONS, RST,
                     SEGMENT, STATE, STATES, SUSPECTED, SUSPICIONS, SYN,
                     TYPES, error_sender, flags_name, text)
from sockets import (abort, close_both, exchange, listener, pair,
                     whole_connection)
from tracefs import EVENTS, Traced

NAMES = {f"tcptrace_{name}": name for name in TYPES[1:]
         if name not in ("lost", "limit")}	# limit: 81-limit-records

module.load()
isolate()
set_ipv6("conf/lo/disable_ipv6", 0)
syns = Syns()
server = listener(port=5000)
server6 = listener("::1" if HAS_IPV6 else "127.0.0.1", 5006)


def everything():
    """Close, reset and refuse connections, and send a RST outside the window,
    an ICMP error, and data in a SYN."""
    whole_connection(server)
    client, peer = pair(server6)
    exchange(client, peer, 100, 0)
    abort(client)
    peer.close()
    fails(errno.ECONNREFUSED, socket.create_connection,
          ("127.0.0.1", 5009))
    client, peer = pair(server)
    raw4().sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
        client.getsockname()[1], 5000, RST, 77)), ("127.0.0.1", 0))
    raw4().sendto(ip4("127.0.0.1", "127.0.0.1", icmp(3, 1, ip4(
        "127.0.0.1", "127.0.0.1", tcp(client.getsockname()[1], 5000))),
        protocol=1), ("127.0.0.1", 0))
    close_both(client, peer)
    # the server ignores the data in this SYN; the kernel answers the SYN,ACK
    # with a RST
    raw4().sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
        5005, 5000, SYN, 77, payload=b"0123",
        pseudo=("127.0.0.1", "127.0.0.1"))), ("127.0.0.1", 0))


def address(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def line_of(record):
    """Return: a record of the device in the form in which the record's
    tracepoint prints it."""
    seg = record.seg
    words = {"conn": record.conn, "netns": record.netns,
             "orig": record.orig and address(record.orig, record.orig_port),
             "resp": address(record.resp, record.resp_port),
             "flags": flags_name(seg.flags)}
    if record.type == STATE:
        words |= {"number": record.number, "end": record.end,
                  "from": STATES[record.before], "to": STATES[record.after],
                  "reason": REASONS[record.reason]}
    elif record.type == ESTABLISHED:
        words |= {name: getattr(record, name) for name in (
            "syn_synack_ns", "synack_ack_ns", "handshake_ns")}
    elif record.type == SEGMENT:
        words |= {"sender": seg.sender, "seq": seg.seq, "ack": seg.ack,
                  "len": seg.len, "window": seg.window,
                  "analysis": f"0x{record.analysis:x}", "rtt_ns": record.rtt_ns}
    elif record.type == CLOSE:
        a, b = record.dir
        words |= {"reason": CLOSE_REASONS[record.reason], "by": record.by,
                  "duration_ns": record.duration_ns, "orig_bytes": a.bytes,
                  "resp_bytes": b.bytes, "orig_rexmits": a.rexmit_packets,
                  "resp_rexmits": b.rexmit_packets}
    elif record.type == SUSPECTED:
        words |= {"sender": seg.sender,
                  "suspicion": SUSPICIONS[record.suspicion],
                  "fit": FITS[record.fit], "distance": record.distance}
    elif record.type == FINDING:
        words |= {"finding": FINDINGS[record.finding], "end": record.end,
                  "count": record.count, "value": record.value}
    elif record.type == ICMP:
        words |= {"sender": seg.sender, "error": ERRORS[record.kind],
                  "type": record.icmp_type, "code": record.code,
                  "from": error_sender(record),
                  "mtu": record.mtu, "fit": FITS[record.fit]}
    elif record.type == OWNER:
        owner = record.owner
        words |= {"sender": seg.sender, "pid": owner.pid,
                  "comm": text(owner.comm), "uid": owner.uid,
                  "inode": owner.inode, "cookie": owner.cookie,
                  "cgroup": owner.cgroup}
    elif record.type == DROP:
        words |= {"sender": seg.sender, "hook": HOOKS[seg.hook],
                  "ifindex": record.ifindex, "reason": text(record.reason),
                  "function": text(record.function), "queued": record.queued,
                  "limit": record.queue_limit,
                  "listener_drops": record.listener_drops}
    return (f"tcptrace_{TYPES[record.type]}",
            {name: str(word) for name, word in words.items()})


@case("there is a tracepoint for each type, and its fields have a format")
def formats():
    equal({name for name in os.listdir(EVENTS) if name in NAMES},
          set(NAMES), "events")
    for name in NAMES:
        form = read_file(EVENTS + name + "/format")
        for field in "conn", "netns", "flags", "orig", "resp":
            equal(bool(re.search(rf"field:.*\b{field}\b", form)), True, field)


@case("numbers have the names of the ABI")
def names():
    for event, field, want in (
            ("state", "from", STATES), ("state", "to", STATES),
            ("state", "reason", REASONS), ("close", "reason", CLOSE_REASONS),
            ("suspected", "suspicion", [None, *SUSPICIONS[1:]]),
            ("finding", "finding", [None, *FINDINGS[1:]]),
            ("icmp", "kind", [None, *ERRORS[1:-1]]), ("icmp", "fit", FITS),
            ("drop", "hook", HOOKS),
            ("suspected", "fit", FITS)):
        shown = re.search(rf"__print_symbolic\(REC->{field}, (.*?)\)",
                          read_file(EVENTS + f"tcptrace_{event}/format"))[1]
        equal(re.findall(r'\{ (\d+), "([\w-]+)" \}', shown),
              [(str(number), name) for number, name in enumerate(want)
               if name], f"names of {field}")


@case("tracepoints have the same values as the device, in the same order")
def the_same():
    with Reader(OPEN, STATE, ESTABLISHED, SEGMENT, CLOSE,
                SUSPECTED, FINDING, ICMP, OWNER) as reader, Traced() as traced:
        everything()
        want = [line_of(record) for record in reader.drain()]
        equal({name for name, _ in want}, set(NAMES) - {"tcptrace_drop"},
              "types")
        got = traced.lines()
        for line, wanted in zip(got, want):
            equal(line, wanted, "line")
        equal(len(got), len(want), "lines")


@case("the tracepoint of DROP has the same values while a reader asks for DROP")
def drops():
    with Reader(DROP) as reader, Traced("tcptrace_drop") as traced:
        everything()
        want = reader.collect(lambda got: any(
            text(r.reason) == "NO_SOCKET" for r in got), "a dropped SYN")
        # the tracepoint fires before a reader can read the record
        until(lambda: want.extend(reader.drain()) or
              len(traced.lines()) == len(want), "as many records as lines")
        equal(sorted(map(str, traced.lines())),
              sorted(str(line_of(r)) for r in want), "lines")


@case("tracepoints need no reader; while they are off, no record is produced")
def alone():
    before = stats()
    with Traced("tcptrace_close") as traced:
        everything()
        names = [name for name, _ in traced.lines()]
        equal(names, ["tcptrace_close"] * 5, "lines")
    equal(grown(before)["opened"], 5, "opened")
    equal(stats()["events"], before["events"], "events")
    with Traced("tcptrace_open") as traced:
        write_file(EVENTS + "enable", "0")
        whole_connection(server)
        equal(traced.lines(), [], "lines")


@case("a filter of ftrace uses the fields")
def filtered():
    name = EVENTS + "tcptrace_close/"
    write_file(name + "filter", "reason == 3")
    with Traced("tcptrace_close") as traced:
        everything()
        equal([words["reason"] for _, words in traced.lines()], ["refused"],
              "reasons")
    write_file(name + "filter", "0")


@case("a record without a packet is traced")
def timeout():
    with parameter("timeout_syn_sent", 1), Traced() as traced:
        syns.send(1)
        until(lambda: any(name == "tcptrace_close"
                                  for name, _ in traced.lines()), "CLOSE")
        _, words = traced.lines()[-1]
        equal((words["reason"], words["flags"]), ("unanswered", ""), "CLOSE")


@case("the module is unloaded while tracepoints are on")
def unload():
    with Traced():
        whole_connection(server)
        module.unload()
        equal(os.path.isdir(EVENTS), False, "events")
        module.load()


run()
