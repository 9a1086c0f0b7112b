# SPDX-License-Identifier: GPL-2.0
"""Compare the records of connections with expected records, which are lines
written by hand."""
import contextlib
import itertools
import select

import netns
from check import equal, until
from device import Reader
from records import (CLOSE, DROP, ESTABLISHED, F_SELF, FINDING, FINDINGS, ICMP,
                     LOST, MASK_DEFAULT, OWNER, SEGMENT, STATE, SUSPECTED,
                     TYPES, check_sequence, flags_name)

# RFC 9293 figure 6 (basic three-way handshake). "o" is the originator, "r" is
# the responder. After a transition and its reason, a line has the segment:
# sender.FLAGS SEQ:ACK+LENGTH, with SEQ and ACK relative to the ISNs.
HANDSHAKE = """
open o.S 0:-
o CLOSED>SYN_SENT active_open o.S 0:-
r CLOSED>SYN_RECEIVED passive_open r.SA 0:1
o SYN_SENT>ESTABLISHED synack_received r.SA 0:1
r SYN_RECEIVED>ESTABLISHED syn_acked o.A 1:1
established o.A 1:1
"""


def closing(x, y, sent, received):
    """Return: the expected records of a normal close in which x closes first
    (RFC 9293 figure 12). sent, received: bytes that x has sent and received."""
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


def matches(line, want):
    """Check whether a line is as expected. An expected word may have
    alternatives: r.A|r.FA"""
    got, want = line.split(), want.split()
    return len(got) == len(want) and all(
        g in w.split("|") for g, w in zip(got, want))


class Trace:
    """Read the records of all namespaces, and check those of connections."""

    def __init__(self, mask=MASK_DEFAULT):
        self.reader = Reader()
        self.reader.set_mask(mask)
        self.reader.all_netns()
        self.read = []
        self.checked = []

    def all(self):
        self.read += self.reader.drain()
        return self.read

    def records(self, ns, port):
        """Return: the records of a port's connections, as {conn: records}. Only
        records of the types that expected lines show are included."""
        found = {}
        for record in self.all():
            if record.type == LOST:
                raise AssertionError("records were lost")
            if (record.type not in (SEGMENT, SUSPECTED, FINDING, ICMP,
                                    DROP, OWNER) and
                    record.netns == ns.inum and
                    port in (record.orig_port, record.resp_port)):
                found.setdefault(record.conn, []).append(record)
        return found

    def of_conn(self, kind, ns, conn):
        return [r for r in self.all() if (r.type, r.netns, r.conn) ==
                (kind, ns.inum, conn)]

    def segments(self, ns, conn):
        """Return: the SEGMENT records of a connection."""
        return self.of_conn(SEGMENT, ns, conn)

    def suspected(self, ns, conn):
        """Return: the SUSPECTED records of a connection, as lines."""
        return [r.line() for r in self.of_conn(SUSPECTED, ns, conn)]

    def wait(self, condition, what):
        """Wait until condition() is true. A new record ends a pause early."""
        return until(lambda: condition() or
                     select.select([self.reader.fd], [], [], 0.05)[0] and None,
                     what)

    def until(self, ns, port, text):
        """Wait for a record whose line contains a text."""
        self.wait(lambda: any(text in record.line() for records in
                              self.records(ns, port).values()
                              for record in records),
                  f"'{text}' of port {port}")

    def expect(self, ns, port, *sequences):
        """Check that the connections of a port have exactly these records, in
        this order. Return: the records of each connection."""
        wanted = [[x for x in s.splitlines() if x] for s in sequences]

        def enough():
            found = list(self.records(ns, port).values())
            return (len(found) >= len(wanted) and
                    all(len(f) >= len(w) for f, w in zip(found, wanted)))

        with contextlib.suppress(AssertionError):
            self.wait(enough, "the records")
        self.checked.append((ns, port, wanted))
        return self.compare(ns, port, wanted)

    def compare(self, ns, port, wanted, drop=None):
        found = list(self.records(ns, port).values())
        lines = [[x.line() for x in f] for f in found]
        if drop:
            lines = [[x for x in f if drop not in x] for f in lines]
        good = len(lines) == len(wanted) and all(
            len(f) == len(w) and all(map(matches, f, w))
            for f, w in zip(lines, wanted))
        if not good:
            raise AssertionError("\n".join(
                [f"the records of port {port}:", *show(lines, wanted)]))
        for records in found:
            check_transitions(records)
        return found

    def check_silence(self, *findings):
        """Check at the end of a trace that no record was lost, that exactly
        these findings were reported, and that the checked connections have no
        further records except for the end of TIME_WAIT. Findings in other
        namespaces are ignored, because sockets of an earlier script may still
        send there."""
        mine = {netns.inode(), *(ns.inum for ns in netns.Netns.all)}
        for ns, port, wanted in self.checked:
            self.compare(ns, port, wanted, drop=" 2msl ")
        equal(check_sequence(self.all()), 0, "lost records")
        equal({FINDINGS[r.finding] for r in self.read
               if r.type == FINDING and r.netns in mine},
              set(findings), "findings")
        self.reader.close()


def show(found, wanted):
    for got, want in itertools.zip_longest(found, wanted, fillvalue=[]):
        for g, w in itertools.zip_longest(got, want, fillvalue="nothing"):
            if matches(g, w):
                yield f"   {g}"
            else:
                yield f" ! got  {g}"
                yield f"   want {w}"


def check_transitions(records):
    """Check that the transitions are numbered from 1 without a gap, that each
    transition of an end starts in the state in which the previous one ended,
    and that CLOSE has the number of transitions and the final states."""
    state, number = [0, 0], 0
    for record in records:
        if record.type == STATE:
            number += 1
            equal(record.number, number, "transition number")
            equal(record.before, state[record.end], "state before")
            state[record.end] = record.after
        elif record.type == CLOSE:
            equal(record.transitions, number, "transitions in CLOSE")
            # one socket is both ends of a self-connection
            if record.flags & F_SELF:
                state[1] = state[0]
            equal([d.state for d in record.dir], state, "states in CLOSE")


def record_of(records, kind):
    """Check that there is exactly one record of a type. Return: that record."""
    got = [r for r in records if r.type == kind]
    equal(len(got), 1, TYPES[kind] + " records")
    return got[0]


def check_handshake(records):
    """Check that ESTABLISHED has the times of both halves of the handshake,
    that they add up to the time of the whole handshake, and that no segment of
    the handshake was repeated. Return: ESTABLISHED."""
    body = record_of(records, ESTABLISHED)
    if not (body.syn_synack_ns > 0 and body.synack_ack_ns > 0):
        raise AssertionError(f"a half of the handshake is missing: {body}")
    equal(body.syn_synack_ns + body.synack_ack_ns, body.handshake_ns,
          "the halves of the handshake")
    equal((body.syn_rexmits, body.synack_rexmits), (0, 0), "retransmissions")
    return body


def check_close(records, sent, received, flags=None, rexmit=(0, 0)):
    """Check that the CLOSE record counts the bytes that the programs have sent,
    and the bytes that the kernels of both ends have retransmitted. Return:
    CLOSE."""
    close = record_of(records, CLOSE)
    equal([d.bytes for d in close.dir], [sent + rexmit[0],
                                         received + rexmit[1]],
          "bytes in CLOSE")
    equal([d.rexmit_bytes for d in close.dir], list(rexmit),
          "retransmitted bytes")
    equal([d.rexmit_packets > 0 for d in close.dir], [n > 0 for n in rexmit],
          "retransmitting packets")
    if flags:
        equal(" ".join(flags_name(d.flags) for d in close.dir), flags,
              "flags in CLOSE")
    for d in close.dir:
        if d.segments < d.packets:
            raise AssertionError(f"fewer segments than packets: {d}")
    return close
