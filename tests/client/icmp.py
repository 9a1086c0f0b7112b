# SPDX-License-Identifier: GPL-2.0
"""Test ICMP errors in captures. Each error quotes a TCP segment."""
import struct

import captures
from captures import ACK, PSH, SYN, Talk, ether, ip4, ip6
from tap import cases, equal

UNREACHABLE, TOO_BIG = "unreachable", "too_big"


class V4:
    """ICMP types and codes from RFC 792 and RFC 1191."""

    ends = ("10.0.0.2", "10.0.0.1")
    router = "10.0.0.254"
    numbers = {UNREACHABLE: (3, 1), TOO_BIG: (3, 4)}
    # an error quotes the IP header and 8 bytes: RFC 792
    quote = 20 + 8

    @staticmethod
    def error(body, src, dst):
        return ip4(body, src, dst, proto=1)


class V6:
    """ICMPv6 types and codes from RFC 4443."""

    ends = ("2001:db8::2", "2001:db8::1")
    router = "2001:db8::fe"
    numbers = {UNREACHABLE: (1, 3), TOO_BIG: (2, 0)}
    # an error quotes as much as fits into 1280 bytes: RFC 4443 section 2.4
    quote = 1280 - 40 - 8

    @staticmethod
    def error(body, src, dst):
        return ip6(body, src, dst, proto=58)


def talk_of(family):
    return Talk(client=family.ends[0], server=family.ends[1])


def error(family, kind, frame, to=0, mtu=0):
    """Return: a router's ICMP error that quotes @frame, sent to end @to."""
    number, code = family.numbers[kind]
    rest = struct.pack(">HH", 0, mtu) if family is V4 else \
        struct.pack(">I", mtu)
    body = struct.pack(">BBH", number, code, 0) + rest + \
        frame[14:][:family.quote]
    return ether(family.error(body, family.router, family.ends[to]))


def told(family, kind, fit, **more):
    """Return: the expected member "error" of the event."""
    number, code = family.numbers[kind]
    return {"kind": kind, "type": number, "code": code, "fit": fit,
            "from": family.router, **more}


FAMILIES = [("IPv4", V4), ("IPv6", V6)]


def only(events, kind):
    return [event for event in events if event["event"] == kind]


# A file has no timeouts, so the reason in CLOSE does not show that the host was
# unreachable; the fate does.
@cases("icmp: a SYN is unreachable", FAMILIES)
def unreachable(client, family):
    syn = talk_of(family)(0, SYN)
    got = client.replay(captures.pcap([syn, error(family, UNREACHABLE, syn)]))
    want = told(family, UNREACHABLE, "exact")
    equal([(e["frame"], e["segment"]["from"], e["segment"]["seq"], e["error"])
           for e in only(got, "icmp")], [(2, "orig", 1000, want)])
    equal([got[-1].get(name) for name in ("event", "reason", "fate", "error")],
          ["close", "end-of-capture", "unreachable", want])


@cases("icmp: an error with the number of no SYN changes nothing", FAMILIES)
def forged(client, family):
    talk = talk_of(family)
    got = client.replay(captures.pcap([
        talk(0, SYN), error(family, UNREACHABLE, talk(0, SYN, 9))]))
    equal([e["error"] for e in only(got, "icmp")],
          [told(family, UNREACHABLE, "out_of_window")])
    equal([got[-1].get(name) for name in ("event", "reason", "fate", "error")],
          ["close", "end-of-capture", "none", None])


@cases("icmp: the answer to a repeated SYN, after an error", FAMILIES)
def answered(client, family):
    talk = talk_of(family)
    syn = talk(0, SYN)
    got = client.replay(captures.pcap(
        [syn, error(family, UNREACHABLE, syn), *talk.handshake()]))
    equal([(e["fate"], e["error"]) for e in only(got, "close")],
          [("answered", told(family, UNREACHABLE, "exact"))])


@cases("icmp: a segment is too big for a link", FAMILIES)
def too_big(client, family):
    talk = talk_of(family)
    data = talk(0, PSH | ACK, 1, 1, 1400)
    frames = talk.handshake() + [data, error(family, TOO_BIG, data, mtu=1280)]
    got = client.replay(captures.pcap(frames))
    want = told(family, TOO_BIG, "exact", mtu=1280)
    equal([(e["frame"], e["segment"]["from"], e["segment"]["rel_seq"],
            e["error"]) for e in only(got, "icmp")], [(5, "orig", 1, want)])
    found = {"finding": "too_big", "end": "orig", "count": 1, "value": 1280}
    equal([{name: e[name] for name in found} for e in only(got, "finding")],
          [found])
    close = only(got, "close")[0]
    equal((close["fate"], close["error"], close["findings"]),
          ("answered", want, [found]))


@cases("icmp: too big, for a segment that was acknowledged", FAMILIES)
def too_late(client, family):
    talk = talk_of(family)
    data = talk(1, PSH | ACK, 1, 1, 1400)
    got = client.replay(captures.pcap(talk.handshake() + [
        data, talk(0, ACK, 1, 1401), error(family, TOO_BIG, data, 1, 1280)]))
    equal([(e["segment"]["from"], e["error"]) for e in only(got, "icmp")],
          [("resp", told(family, TOO_BIG, "old", mtu=1280))])
    equal(only(got, "finding"), [])
