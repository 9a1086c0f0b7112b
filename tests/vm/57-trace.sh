#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tracepoints say what the device says, with the same words, also when
# nobody reads the device.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import errno
import os
import re

import load
import readers
from kernel import HAS_IPV6, set_ipv6
from events import (CLOSE, CLOSE_REASONS, ESTABLISHED, FITS, OPEN, REASONS,
                    SEGMENT, STATE, STATES, SUSPECTED, SUSPICIONS, TYPES,
                    Record)
from load import RST, ip4, tcp
from readers import Reader, case, equal, fails, parameter, stats

TRACING = "/sys/kernel/tracing/"
EVENTS = TRACING + "events/tcptrace/"
NAMES = {f"tcptrace_{name}": name for name in TYPES[1:]
         if name not in ("lost", "limit")}	# of limits: 81-limits-told
LINE = re.compile(r".* (tcptrace_\w+): (.*)")

if not os.path.isdir(TRACING + "events"):
    readers.command("mount", "-t", "tracefs", "tracefs", TRACING)
readers.load()
readers.unshare(readers.CLONE_NEWNET)
load.prepare_netns()
set_ipv6("conf/lo/disable_ipv6", 0)
syns = load.Syns()
server = load.listener(port=5000)
if HAS_IPV6:
    server6 = load.socket.create_server(("::1", 5006),
                                        family=load.socket.AF_INET6)
else:
    server6 = load.listener(port=5006)


def write(name, text):
    load.write_file(name, text)


class Traced:
    """What the tracepoints say while it is open."""

    def __init__(self, *names):
        self.names = names or ("",)

    def __enter__(self):
        write(TRACING + "trace", "")
        for name in self.names:
            write(EVENTS + name + "/enable", "1")
        return self

    def __exit__(self, *_):
        write(EVENTS + "enable", "0")

    def lines(self):
        with open(TRACING + "trace") as file:
            found = [LINE.match(line) for line in file if line[0] != "#"]
        return [(m[1], dict(word.split("=") for word in m[2].split()))
                for m in found if m]


def everything():
    """Connections that are closed, refused, reset; and a RST out of window."""
    load.whole_connection(server)
    client = load.socket.create_connection(server6.getsockname()[:2])
    peer = server6.accept()[0]
    client.sendall(b"x" * 100)
    peer.recv(100)
    load.abort(client)
    peer.close()
    fails(errno.ECONNREFUSED, load.socket.create_connection,
          ("127.0.0.1", 5009))
    client, peer = load.pair(server)
    load.raw4().sendto(ip4("127.0.0.1", "127.0.0.1", tcp(
        client.getsockname()[1], 5000, RST, 77)), ("127.0.0.1", 0))
    load.finish(client, peer)


def address(host, port):
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def said_by(data):
    """A record of the device in the words of its tracepoint."""
    record = Record(data)
    body, flow, seg = record.body, record.flow, record.seg
    words = {"conn": flow.conn, "netns": flow.netns,
             "orig": record.orig and address(record.orig, flow.orig_port),
             "resp": address(record.resp, flow.resp_port),
             "flags": "".join(letter for bit, letter in readers.events.FLAGS
                              if seg.flags & bit)}
    if record.type == STATE:
        words |= {"number": body.number, "end": body.end,
                  "from": STATES[body.from_], "to": STATES[body.to],
                  "reason": REASONS[body.reason]}
    elif record.type == ESTABLISHED:
        words |= {name: getattr(body, name) for name in (
            "syn_synack_ns", "synack_ack_ns", "handshake_ns")}
    elif record.type == SEGMENT:
        words |= {"sender": seg.from_, "seq": seg.seq, "ack": seg.ack,
                  "len": seg.len, "window": seg.window,
                  "analysis": f"0x{body.analysis:x}", "rtt_ns": body.rtt_ns}
    elif record.type == CLOSE:
        a, b = record.dir
        words |= {"reason": CLOSE_REASONS[body.reason], "by": body.by,
                  "duration_ns": body.duration_ns, "orig_bytes": a.bytes,
                  "resp_bytes": b.bytes, "orig_rexmits": a.rexmit_packets,
                  "resp_rexmits": b.rexmit_packets}
    elif record.type == SUSPECTED:
        words |= {"sender": seg.from_,
                  "suspicion": SUSPICIONS[body.suspicion],
                  "fit": FITS[body.fit], "distance": body.distance}
    return (f"tcptrace_{TYPES[record.type]}",
            {name: str(word) for name, word in words.items()})


@case("there is a tracepoint for each type, and its fields have a format")
def formats():
    equal({name for name in os.listdir(EVENTS) if name in NAMES},
          set(NAMES), "events")
    for name in NAMES:
        with open(EVENTS + name + "/format") as file:
            text = file.read()
        for field in "conn", "netns", "flags", "orig", "resp":
            equal(bool(re.search(rf"field:.*\b{field}\b", text)), True, field)


@case("each number has the name that the device's has")
def names():
    for event, field, want in (
            ("state", "from", STATES), ("state", "to", STATES),
            ("state", "reason", REASONS), ("close", "reason", CLOSE_REASONS),
            ("suspected", "suspicion", [None, *SUSPICIONS[1:]]),
            ("suspected", "fit", FITS)):
        with open(EVENTS + f"tcptrace_{event}/format") as file:
            shown = re.search(rf"__print_symbolic\(REC->{field}, (.*?)\)",
                              file.read())[1]
        equal(re.findall(r'\{ (\d+), "(\w+)" \}', shown),
              [(str(number), name) for number, name in enumerate(want)
               if name], f"names of {field}")


@case("what they say is what the device says, in the same order")
def the_same():
    with Reader(OPEN, STATE, ESTABLISHED, SEGMENT, CLOSE,
                SUSPECTED) as reader, Traced() as traced:
        everything()
        want = [said_by(record.data) for record in reader.drain()]
        equal({name for name, _ in want}, set(NAMES), "types")
        got = traced.lines()
        for told, wanted in zip(got, want):
            equal(told, wanted, "trace")
        equal(len(got), len(want), "lines")


@case("they need no reader, and without one of them nothing is made")
def alone():
    before = stats()
    with Traced("tcptrace_close") as traced:
        everything()
        names = [name for name, _ in traced.lines()]
        equal(names, ["tcptrace_close"] * 4, "lines")
    equal(readers.grown(before, stats()).get("opened"), 4, "opened")
    equal(stats()["events"], before["events"], "events")
    with Traced("tcptrace_open") as traced:
        write(EVENTS + "enable", "0")
        load.whole_connection(server)
        equal(traced.lines(), [], "lines")


@case("a filter of ftrace knows the fields")
def filtered():
    name = EVENTS + "tcptrace_close/"
    write(name + "filter", "reason == 3")
    with Traced("tcptrace_close") as traced:
        everything()
        equal([words["reason"] for _, words in traced.lines()], ["refused"],
              "reasons")
    write(name + "filter", "0")


@case("what no packet causes is traced, too")
def timeout():
    with parameter("timeout_syn_sent", 1), Traced() as traced:
        syns.send(1)
        readers.until(lambda: any(name == "tcptrace_close"
                                  for name, _ in traced.lines()), "CLOSE")
        _, words = traced.lines()[-1]
        equal((words["reason"], words["flags"]), ("unanswered", ""), "CLOSE")


@case("the module goes while they are on")
def unload():
    with Traced():
        load.whole_connection(server)
        readers.unload()
        equal(os.path.isdir(EVENTS), False, "events")
        readers.load()


readers.run()
EOF
