# SPDX-License-Identifier: GPL-2.0
"""The stories that records tell: what became of each connection, in lines
that can be written by hand and compared."""
import contextlib
import itertools

from events import (CLOSE, ESTABLISHED, LOST, MASK_DEFAULT, SEGMENT, STATE,
                    SUSPECTED, TYPES, Reader, equal, flags_name)

# RFC 9293 figure 6 (basic three-way handshake). "o" is the originator, "r"
# the responder; after the transition and its reason comes the segment:
# sender.FLAGS SEQ:ACK+LENGTH, numbers relative to the ISNs.
HANDSHAKE = """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
r CLOSED>SYN_RECEIVED passive_open r.SA 0:1
o SYN_SENT>ESTABLISHED synack_received r.SA 0:1
r SYN_RECEIVED>ESTABLISHED syn_acked o.A 1:1
established o.A 1:1
"""


def closing(x, y, sent, received):
    """RFC 9293 figure 12 (normal close): x, who sent and received so many
    bytes, closes first."""
    fin, end = f"{sent + 1}:{received + 1}", f"{received + 1}:{sent + 2}"
    return f"""
{x} ESTABLISHED>FIN_WAIT_1 fin_sent {x}.FA {fin}
{y} ESTABLISHED>CLOSE_WAIT fin_received {x}.FA {fin}
{x} FIN_WAIT_1>FIN_WAIT_2 fin_acked {y}.A {end}
{y} CLOSE_WAIT>LAST_ACK fin_sent {y}.FA {end}
{x} FIN_WAIT_2>TIME_WAIT fin_received {y}.FA {end}
{y} LAST_ACK>CLOSED fin_acked {x}.A {sent + 2}:{received + 2}
close fin by {x} {x}.A {sent + 2}:{received + 2}
"""


def fits(line, want):
    """Is a line as expected? A word may name alternatives: r.A|r.FA"""
    got, want = line.split(), want.split()
    return len(got) == len(want) and all(
        g in w.split("|") for g, w in zip(got, want))


class Trace:
    """A reader of all namespaces, and the stories in what it reads."""

    opened = []

    def __init__(self, mask=MASK_DEFAULT):
        self.reader = Reader(mask, all_netns=True)
        Trace.opened.append(self)
        self.checked = []

    @classmethod
    def close_all(cls):
        while cls.opened:
            cls.opened.pop().reader.close()

    def records(self, ns, port):
        """What was told of a port's connections: {id: records}, in order."""
        told = {}
        for record in self.reader.records:
            if record.type == LOST:
                raise AssertionError("records were lost")
            if (record.type not in (SEGMENT, SUSPECTED) and
                    record.flow.netns == ns.inum and
                    port in (record.flow.orig_port, record.flow.resp_port)):
                told.setdefault(record.flow.conn, []).append(record)
        return told

    def segments(self, conn):
        """The SEGMENT records of a connection."""
        return [r for r in self.reader.records
                if r.type == SEGMENT and r.flow.conn == conn]

    def suspected(self, conn):
        """The lines of the SUSPECTED records of a connection."""
        return [r.line() for r in self.reader.records
                if r.type == SUSPECTED and r.flow.conn == conn]

    def until(self, ns, port, text):
        """Wait for a record whose line contains a text; return it."""
        def found():
            for records in self.records(ns, port).values():
                for record in records:
                    if text in record.line():
                        return record
            return None
        return self.reader.until(found, f"'{text}' of port {port}")

    def expect(self, ns, port, *stories):
        """The connections of a port have exactly these stories, in this
        order. Return: the records of each connection."""
        wanted = [[x for x in s.splitlines() if x] for s in stories]

        def enough():
            told = list(self.records(ns, port).values())
            return (len(told) >= len(wanted) and
                    all(len(t) >= len(w) for t, w in zip(told, wanted)))

        with contextlib.suppress(AssertionError):
            self.reader.until(enough, "the story")
        self.checked.append((ns, port, wanted))
        return self.compare(ns, port, wanted)

    def compare(self, ns, port, wanted, drop=None):
        told = list(self.records(ns, port).values())
        lines = [[x.line() for x in t] for t in told]
        if drop:
            lines = [[x for x in t if drop not in x] for t in lines]
        good = len(lines) == len(wanted) and all(
            len(t) == len(w) and all(map(fits, t, w))
            for t, w in zip(lines, wanted))
        if not good:
            raise AssertionError("\n".join(
                [f"the story of port {port}:", *show(lines, wanted)]))
        for records in told:
            check_numbers(records)
        return told

    def check_silence(self):
        """Nothing was told of a connection after its story was checked,
        except that its TIME_WAIT ended."""
        self.reader.read()
        for ns, port, wanted in self.checked:
            self.compare(ns, port, wanted, drop=" 2msl ")
        equal(self.reader.lost, 0, "lost records")
        got = [r.h.seq for r in self.reader.records]
        equal(got, list(range(len(got))), "numbers of the records")


def show(told, wanted):
    for got, want in itertools.zip_longest(told, wanted, fillvalue=[]):
        for g, w in itertools.zip_longest(got, want, fillvalue="nothing"):
            if fits(g, w):
                yield f"   {g}"
            else:
                yield f" ! got  {g}"
                yield f"   want {w}"


def check_numbers(records):
    """Transitions are numbered from 1 without a gap, each begins where the
    one before ended, and CLOSE has their number and the states."""
    state, number = [0, 0], 0
    for record in records:
        body = record.body
        if record.type == STATE:
            number += 1
            equal(body.number, number, "transition number")
            equal(body.from_, state[body.end], "state before")
            state[body.end] = body.to
        elif record.type == CLOSE:
            equal(body.transitions, number, "transitions in CLOSE")
            equal([d.state for d in record.dir], state, "states in CLOSE")


def record_of(records, kind):
    """The one record of a type."""
    got = [r for r in records if r.type == kind]
    equal(len(got), 1, TYPES[kind] + " records")
    return got[0]


def check_handshake(records):
    """Both halves are there, and make up the whole."""
    body = record_of(records, ESTABLISHED).body
    if not (body.syn_synack_ns > 0 and body.synack_ack_ns > 0):
        raise AssertionError(f"a half of the handshake is missing: {body}")
    equal(body.syn_synack_ns + body.synack_ack_ns, body.handshake_ns,
          "the halves of the handshake")
    equal((body.syn_rexmits, body.synack_rexmits), (0, 0), "retransmissions")
    return body


def check_close(records, sent, received, flags=None, again=0):
    """The CLOSE record counts what the programs sent, and once more what
    the sender's kernel says that it sent again."""
    close = record_of(records, CLOSE)
    equal([d.bytes for d in close.dir], [sent + again, received],
          "bytes in CLOSE")
    equal([d.rexmit_bytes for d in close.dir], [again, 0],
          "retransmitted bytes")
    equal([d.rexmit_packets > 0 for d in close.dir], [again > 0, False],
          "retransmitting packets")
    if flags:
        equal(" ".join(flags_name(d.flags) for d in close.dir), flags,
              "flags in CLOSE")
    for d in close.dir:
        if d.segments < d.packets:
            raise AssertionError(f"fewer segments than packets: {d}")
    return close
