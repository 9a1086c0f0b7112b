#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Make files of records from the description of the ABI alone.

records.py NAME writes the records of the function make_NAME to standard output.
The script shares no code with the client: it defines the layouts a second
time, so that a mistake in either definition is found."""
import ipaddress
import struct
import sys

(OPEN, STATE, ESTABLISHED, SEGMENT, CLOSE, LOST, SUSPECTED, LIMIT,
 FINDING, ICMP, DROP, OWNER) = range(1, 13)
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = (1 << i for i in range(9))
NONE, IN, FORWARD, OUT, INGRESS = range(5)
ORIG_ISN, RESP_ISN = 4294967000, 7000
T0 = 1000 * 10**9


# Size in bytes of each record type in the first layout, see tests/uapi/v1
FIRST = {OPEN: 112, STATE: 120, ESTABLISHED: 152, SEGMENT: 184, CLOSE: 968,
         LOST: 56, SUSPECTED: 144, LIMIT: 88, FINDING: 120, ICMP: 136,
         DROP: 216, OWNER: 160}


class Stream:
    """Builds records with consecutive sequence numbers, and with times one
    microsecond apart."""

    def __init__(self):
        self.out = b""
        self.seq = 0
        self.time = T0

    def raw(self, data):
        self.out += data

    def record(self, kind, body, flags=0, longer=b"", count=1, known=None):
        if kind in (OPEN, ESTABLISHED, CLOSE):
            body += known or context()
        length = 24 + len(body) + len(longer)
        self.out += struct.pack("=IHHQQ", length, kind, flags, self.seq,
                                self.time) + body + longer
        self.seq += count
        self.time += 1000


def addr(text):
    packed = ipaddress.ip_address(text).packed
    return packed.ljust(16, b"\0")


def flow(conn=1, orig="10.0.0.2", oport=40000, resp="10.0.0.1", rport=80,
         zone=0, family=None, netns=4026531840):
    if family is None:
        family = 10 if ":" in orig else 2
    return struct.pack("=QIIHHHH", conn, netns, zone, oport, rport, family,
                       0) + addr(orig) + addr(resp)


def seg(flags, sender, rel_seq, rel_ack=0, length=0, hook=OUT, window=64240,
        wire=1):
    mine, other = (RESP_ISN, ORIG_ISN) if sender else (ORIG_ISN, RESP_ISN)
    seq = (mine + rel_seq) & 0xffffffff
    ack = (other + rel_ack) & 0xffffffff if flags & ACK else 0
    return struct.pack("=IIIIIHHHBBI", seq, ack, rel_seq, rel_ack, length,
                       flags, window, wire, sender, hook, 0)


NO_SEG = bytes(32)


def state(number, end, before, after, reason):
    return struct.pack("=IBBBB", number, end, before, after, reason)


def established(a=12300000, b=40000, total=12340000, syn=0, synack=0,
                options=0x17, mss=(1460, 1400), wscale=(7, 8)):
    return struct.pack("=QQQBBHHHBB6x", a, b, total, syn, synack, options,
                       *mss, *wscale)


def segment(options=0, mss=0, urgent=0, wscale=0, blocks=(), tfo=0, mptcp=0,
            hdr_len=20, ttl=64, tos=0, tsval=0, tsecr=0, nblocks=None,
            analysis=0, rtt=0, dup=0, rexmit=0):
    edges = [edge & 0xffffffff for block in blocks for edge in block]
    edges += [0] * (8 - len(edges))
    return struct.pack("=HHHBBBBBBBxHQIII8II", options, mss, urgent, wscale,
                       len(blocks) if nblocks is None else nblocks, tfo,
                       mptcp, hdr_len, ttl, tos, analysis, rtt, dup, tsval,
                       tsecr, *edges, rexmit)


# The 32-bit counters between the histogram and the flags, in order.
COUNTERS = """data_packets rexmit_packets out_of_order acks pure_acks dup_acks
triple_dup_acks sack_packets sack_blocks dsacks zero_windows
zero_window_probes window_full keep_alives pushes urgent_packets urgent_bytes
syns fins rsts window_min window_max initial_bytes initial_packets
segment_min segment_max ect0 ect1 ce ece cwr""".split()


def direction(packets, nbytes, flags, final, rexmit=0, rexmit_packets=0,
              segments=None, unique=None, missed=0, spans=(0, 0),
              rtt=(0, 0, 0, 0, 0), hist=(0,) * 20, mss=0, wscale=0,
              ttl=(0, 0, 0), sack_max=0, **counters):
    """spans: (idle, data); rtt: (samples, min, last, smoothed, variation)."""
    counters["rexmit_packets"] = rexmit_packets
    return struct.pack(
        "=12Q I 20I 31I HH 6B 6x", packets,
        packets if segments is None else segments, nbytes,
        nbytes - rexmit if unique is None else unique, rexmit, missed, *spans,
        *rtt[1:], rtt[0], *hist, *(counters.get(c, 0) for c in COUNTERS),
        flags, mss, wscale, final, *ttl, sack_max)


def close(reason, by, duration, est, a, b, transitions, start=T0,
          handshake_ns=(0, 0, 0), suspicions=0, conn_state=0, end_reason=4,
          completeness=0, history=b"", found=(), findings=0, opening=None,
          times=None, limited_by=0):
    return struct.pack("=6Q", start, duration, est, *handshake_ns) + a + b + \
        struct.pack("=IIBBBBB3x32s", transitions, suspicions, reason, by,
                    conn_state, end_reason, completeness, history) + \
        b"".join(finding(*one) for one in found).ljust(48, b"\0") + \
        struct.pack("=I4x", findings) + (opening or fate(0)) + \
        (times or bytes(336)) + struct.pack("=B7x", limited_by)


def times(*numbers, responses=0, hist=(0,) * 20):
    """Pack a struct tcptrace_time; numbers: its ten times, in order."""
    return struct.pack("=10QI20I4x", *numbers, responses, *hist)


def fate(what, hook=0, drops=0, ifindex=0, reason=b"", problem=None):
    return struct.pack("=BBHI32s", what, hook, drops, ifindex, reason) + \
        (problem or bytes(24))


def error(sender, kind, icmp_type, code, fit, mtu=0):
    return addr(sender) + struct.pack("=IBBBB", mtu, kind, icmp_type, code,
                                      fit)


def drop(ifindex, reason, function, listener_drops=0, queued=0, limit=0):
    return struct.pack("=II32s64sII", ifindex, listener_drops, reason,
                       function, queued, limit)


def owner(known=0, pid=0, comm=b"", uid=0, inode=0, cookie=0, cgroup=0):
    return struct.pack("=QQIIIB3x16s", cookie, cgroup, inode, uid, pid, known,
                       comm)


def path(came_by=0, leaves_by=0, vrf=0, mark=0):
    return struct.pack("=IIII", came_by, leaves_by, vrf, mark)


def context(owners=(), paths=(), nat=(None, None)):
    """nat: for each end, the address and port after NAT, or None."""
    none = [("0.0.0.0", 0) if one is None else one for one in nat]
    return b"".join(owners).ljust(96, b"\0") + \
        b"".join(paths).ljust(32, b"\0") + \
        b"".join(addr(a) for a, _ in none) + \
        struct.pack("=HHBB2x", *(p for _, p in none),
                    *(one is not None for one in nat))


def finding(what, end, count, value):
    return struct.pack("=BBHI", what, end, count, value)


def suspected(what, fit=0, distance=0, since=0, expected=0, ttl=64,
              ttl_min=0, ttl_max=0):
    return struct.pack("=qQIBBBBB7x", distance, since, expected, what, fit,
                       ttl, ttl_min, ttl_max)


def handshake(s, f, hook=(OUT, IN)):
    s.record(OPEN, f + seg(SYN, 0, 0, hook=hook[0]))
    s.record(STATE, f + seg(SYN, 0, 0, hook=hook[0]) + state(1, 0, 0, 1, 1))
    s.record(STATE, f + seg(SYN | ACK, 1, 0, 1, hook=hook[1]) +
             state(2, 1, 0, 2, 2))
    s.record(STATE, f + seg(SYN | ACK, 1, 0, 1, hook=hook[1]) +
             state(3, 0, 1, 3, 4))
    s.record(STATE, f + seg(ACK, 0, 1, 1, hook=hook[0]) +
             state(4, 1, 2, 3, 5))
    s.record(ESTABLISHED, f + seg(ACK, 0, 1, 1, hook=hook[0]) + established())


def make_session():
    """Make the records of a download: OPEN, STATE, ESTABLISHED, SEGMENT and
    CLOSE."""
    s, f = Stream(), flow()
    handshake(s, f)
    s.record(SEGMENT, f + seg(PSH | ACK, 0, 1, 1, 100) +
             segment(0x10, tsval=5, tsecr=6, hdr_len=32))
    s.record(SEGMENT, f + seg(ACK, 1, 1, 101, 2800, hook=IN, wire=2) +
             segment(0x18, blocks=((ORIG_ISN + 201, ORIG_ISN + 296),
                                   (5, 105)), tsval=7, tsecr=5, hdr_len=40,
                     ttl=63, tos=2))
    s.record(STATE, f + seg(FIN | ACK, 0, 101, 2801) + state(5, 0, 3, 4, 8))
    s.record(STATE, f + seg(FIN | ACK, 0, 101, 2801) + state(6, 1, 3, 6, 9))
    s.record(STATE, f + seg(FIN | ACK, 1, 2801, 102, hook=IN) +
             state(7, 1, 6, 8, 8))
    s.record(STATE, f + seg(FIN | ACK, 1, 2801, 102, hook=IN) +
             state(8, 0, 4, 9, 9))
    s.record(STATE, f + seg(ACK, 0, 102, 2802) + state(9, 1, 8, 0, 10))
    s.record(STATE, f + NO_SEG + state(10, 0, 9, 0, 15))
    s.record(CLOSE, f + NO_SEG +
             close(1, 0, 2314000000, 2301660000,
                   direction(5, 100, FIN | SYN | PSH | ACK, 0),
                   direction(4, 2800, FIN | SYN | ACK, 0, 1400, 1, 5), 10,
                   conn_state=3, end_reason=3, history=b"ShADadFf"))
    return s.out


def make_analysis():
    """Segments with Wireshark's classes."""
    s, f = Stream(), flow()
    s.record(SEGMENT, f + seg(ACK, 1, 1, 101) + segment(analysis=0x10, dup=3))
    s.record(SEGMENT, f + seg(ACK, 0, 1, 1, 9) +
             segment(analysis=0x401, rtt=2**63 + 1, rexmit=9))
    s.record(SEGMENT, f + seg(SYN, 0, 0) + segment(analysis=0xffff, dup=7))
    return s.out


def make_counters():
    """Make two CLOSE records: one in which all counters of the originator
    differ, and one with invalid values."""
    s, f = Stream(), flow()
    numbers = {name: 1000 + i for i, name in enumerate(COUNTERS)}
    numbers.update(rexmit_packets=7, data_packets=40)
    a = direction(50, 40000, ACK, 3, 6, segments=60, unique=30000, missed=8,
                  spans=(9, 10), rtt=(11, 12, 13, 14, 15),
                  hist=range(100, 120), mss=1460, wscale=7, ttl=(64, 63, 65),
                  sack_max=3, **numbers)
    s.record(CLOSE, f + NO_SEG +
             close(9, 255, 1500000001, 5, a, direction(0, 0, 0, 0), 2,
                   start=123, handshake_ns=(21, 22, 23), suspicions=0x112,
                   conn_state=7, completeness=47, history=b"^" + b"A" * 30))
    s.record(CLOSE, f + NO_SEG +
             close(2, 1, 0, 0, direction(3, 0, RST, 0, data_packets=9),
                   direction(1, 2**64 - 1, RST, 0, segments=0,
                             data_packets=2), 2, suspicions=2**32 - 1,
                   conn_state=99, history=b"\x1b[31mA\xff" + b"Z" * 25))
    return s.out


def make_suspected():
    s, f = Stream(), flow()
    s.record(SUSPECTED, f + seg(RST, 1, 500) +
             suspected(1, 3, 400, 0, 7100))
    s.record(SUSPECTED, f + seg(ACK, 0, 1, 9) + suspected(4, 4, -70000))
    s.record(SUSPECTED, f + seg(RST, 1, 1) +
             suspected(6, 1, 0, 0, 1, 255, 60, 61))
    s.record(SUSPECTED, f + seg(ACK, 1, 1, 1) + suspected(9, since=1500000))
    s.record(SUSPECTED, f + seg(ACK, 1, 1, 1) + suspected(77, 78))
    return s.out


def make_finding():
    """Make a record of each finding, a record of an unknown finding, and a
    CLOSE record with findings."""
    s, f = Stream(), flow()
    for what in range(1, 27):
        s.record(FINDING, f + seg(ACK, what & 1, 1, 1) +
                 finding(what, what & 1, what + 100, what * 1000))
    s.record(FINDING, f + NO_SEG + finding(99, 255, 65535, 2**32 - 1))
    s.record(CLOSE, f + NO_SEG +
             close(1, 0, 1000, 0, direction(1, 0, ACK, 3),
                   direction(1, 0, ACK, 3), 2, findings=0x60c00,
                   found=((10, 1, 1, 5), (11, 0, 65535, 2**32 - 1))))
    return s.out


def make_lost():
    s, f = Stream(), flow()
    s.record(OPEN, f + seg(SYN, 0, 0))
    s.record(LOST, struct.pack("=QQQII", 41, s.time - 500, s.time + 2500, 1,
                               0), count=41)
    s.record(OPEN, flow(conn=2) + seg(SYN, 0, 0))
    s.record(LOST, struct.pack("=QQQII", 1, s.time, s.time, 0x80000003, 0))
    return s.out


def make_limit():
    s = Stream()
    for hits, opened, unanswered, to, family, port in (
            ((900, 100, 0, 0, 0, 0), 1024, 999, "192.0.2.1", 2, 443),
            ((0, 0, 1, 2, 3, 2**32 - 1), 0, 0, "2001:db8::1", 10, 0),
            ((2**32 - 1, 2**32 - 1, 0, 0, 0, 0), 2**32 - 1, 2**32 - 1, "::",
             0, 80),
            ((0, 0, 0, 0, 0, 4), 7, 0, "::", 0, 0)):
        s.record(LIMIT, struct.pack("=II6III", 4026531840, 1004, *hits, opened,
                                    unanswered) + addr(to) +
                 struct.pack("=HHI", family, port, 0))
    return s.out


def make_marks():
    """Make records with a guessed originator, a connection to itself, an IPv6
    zone, a timeout and a refused connection."""
    s = Stream()
    f = flow(2, "fe80::1", 50000, "fe80::2", 22, zone=3)
    s.record(OPEN, f + seg(PSH | ACK, 1, 1, 1, 36, hook=IN), flags=3)
    s.record(STATE, f + seg(PSH | ACK, 1, 1, 1, 36, hook=IN) +
             state(1, 0, 0, 3, 14), flags=3)
    f = flow(3, "127.0.0.1", 5555, "127.0.0.1", 5555)
    s.record(OPEN, f + seg(SYN, 0, 0), flags=4)
    f = flow(4, "2001:db8::1", 50001, "2001:db8:1:2:3:4:5:6", 443, zone=3)
    s.record(OPEN, f + seg(SYN | ECE | CWR | AE, 0, 0, hook=FORWARD))
    s.record(STATE, f + seg(RST | ACK, 1, 0, 1, hook=FORWARD) +
             state(2, 0, 1, 0, 13))
    s.record(CLOSE, f + seg(RST | ACK, 1, 0, 1, hook=FORWARD) +
             close(3, 1, 350, 0, direction(1, 0, SYN | ECE | CWR | AE, 0),
                   direction(1, 0, RST | ACK, 0), 2))
    f = flow(5)
    s.record(CLOSE, f + NO_SEG +
             close(5, 255, 125 * 10**9, 3600 * 10**9 + 62 * 10**9,
                   direction(1, 2**64 - 1, ACK, 3, 7, 2),
                   direction(0, 0, 0, 3), 4), flags=1)
    return s.out


def make_spans():
    """Make records with durations around each change of the unit, with a time
    that goes back, and with a FIN."""
    s, f = Stream(), flow()
    for a, b in ((9500000, 99940), (10000000, 99960), (1, 999999),
                 (10**9, 59990000000), (60 * 10**9, 3600 * 10**9 - 1)):
        s.record(ESTABLISHED, f + seg(ACK, 0, 1, 1) +
                 established(a, b, options=0))
    s.time -= 1500001000
    s.record(SEGMENT, f + seg(FIN | ACK, 0, 1, 1, 10) + segment())
    return s.out


def make_behind_nat():
    """Make records of a connection with addresses after NAT, then of another
    connection with the same number, and of an IPv6 connection."""
    s, f = Stream(), flow()
    there, back = ("192.0.2.1", 8080), ("198.51.100.1", 50000)
    s.record(OPEN, f + seg(SYN, 0, 0), known=context(nat=(None, there)))
    s.record(STATE, f + seg(SYN, 0, 0) + state(1, 0, 0, 1, 1))
    s.record(ESTABLISHED, f + seg(ACK, 0, 1, 1) + established(),
             known=context(nat=(back, there)))
    s.record(SEGMENT, f + seg(ACK, 1, 1, 1, hook=IN) + segment())
    s.record(CLOSE, f + NO_SEG +
             close(4, 255, 0, 0, direction(1, 0, ACK, 3),
                   direction(1, 0, ACK, 3), 4))
    s.record(OPEN, f + seg(SYN, 0, 0))
    s.record(STATE, f + seg(SYN, 0, 0) + state(1, 0, 0, 1, 1))
    six = flow(2, "2001:db8::2", 1, "2001:db8::1", 2)
    s.record(OPEN, six + seg(SYN, 0, 0),
             known=context(nat=(None, ("2001:db8::99", 443))))
    s.record(STATE, six + seg(SYN, 0, 0) + state(1, 0, 0, 1, 1))
    return s.out


def make_remote():
    """Make records of a forwarded connection, of a connection with a local
    socket, and of a connection with a remote end and an unknown end."""
    s, f, both = Stream(), flow(), direction(1, 0, ACK, 3)
    far, near = owner(1), owner(3, 0, b"", 4000000, 4294967295)
    end = f + NO_SEG + close(4, 255, 0, 0, both, both, 4)
    s.record(OPEN, f + seg(SYN, 0, 0, hook=FORWARD), known=context([far]))
    s.record(CLOSE, end, known=context([far, far]))
    s.record(OPEN, f + seg(SYN | ACK, 1, 0, hook=IN),
             known=context([owner(), far]))
    s.record(CLOSE, end, known=context([near, far]))
    s.record(CLOSE, end, known=context([far, owner()]))
    return s.out


def make_stray():
    """Make a SEGMENT record of a RST that belongs to no connection."""
    s = Stream()
    s.record(SEGMENT, flow(conn=0) + struct.pack(
        "=IIIIIHHHBBI", 77, 0, 77, 0, 0, RST, 0, 1, 0, IN, 0) + segment())
    return s.out


def make_zone():
    """Make OPEN records with addresses at both ends of the link-local range,
    inside and outside the range."""
    s = Stream()
    for orig in ("fe7f::1", "fe80::1", "febf::1", "fec0::1"):
        f = flow(1, orig, 1, "2001:db8::2", 2, zone=7)
        s.record(OPEN, f + seg(SYN, 0, 0))
    return s.out


def make_handshake_rexmit():
    s, f = Stream(), flow()
    s.record(ESTABLISHED, f + seg(ACK, 0, 1, 1) +
             established(0, 999, 3 * 10**9, 2, 255, 0x8000 | 0x1 | 0x20,
                         (1460, 0), (0, 0)))
    return s.out


def make_options():
    s, f = Stream(), flow()
    s.record(SEGMENT, f + seg(SYN, 0, 0) +
             segment(0x7f7, 1460, 0, 7, (), 8, 1, 60, 255, 3, 2**32 - 1, 0))
    s.record(SEGMENT, f + seg(URG | ACK, 0, 1, 1, 1) +
             segment(0x8, urgent=1, nblocks=200))
    return s.out


def make_strange_values():
    """Make records that are valid except for unknown values."""
    s = Stream()
    f = flow(family=77)
    s.record(OPEN, f + seg(0, 9, 0, hook=200), flags=0xffff)
    s.record(STATE, f + seg(SYN, 0, 0) + state(1, 9, 200, 201, 202))
    s.record(CLOSE, f + seg(0xffff, 255, 2**32 - 1, hook=3) +
             close(99, 7, 2**64 - 1, 2**64 - 1,
                   direction(2**64 - 1, 2**64 - 1, 0xffff, 99, 2**64 - 1,
                             2**32 - 1),
                   direction(0, 0, 0, 255), 2**32 - 1))
    s.time = 2**64 - 1
    s.record(OPEN, f + seg(SYN, 0, 0))
    return s.out


def make_fate():
    """Make records of ICMP errors, of dropped packets, and of the fates of
    SYNs."""
    s, f = Stream(), flow()
    six = flow(orig="fd00::2", resp="fd00::1")
    unreachable = error("10.0.0.254", 1, 3, 1, 1)
    s.record(ICMP, f + seg(0, 0, 0, hook=IN, window=0, wire=0) + unreachable)
    s.record(ICMP, f + seg(0, 0, 101, hook=FORWARD, window=0, wire=0) +
             error("10.0.0.254", 2, 3, 4, 2, 1280))
    s.record(ICMP, six + seg(0, 1, 5, hook=OUT, window=0, wire=0) +
             error("fd00::ffff", 3, 3, 0, 4))
    s.record(ICMP, flow(conn=0) + seg(0, 0, 0, hook=IN, window=0, wire=0) +
             error("10.0.0.254", 4, 99, 98, 0))
    s.record(DROP, f + seg(SYN, 0, 0, hook=FORWARD) +
             drop(1, b"NETFILTER_DROP", b"nft_do_chain [nf_tables]"))
    s.record(DROP, flow(conn=0) + seg(ACK, 0, 1, 1, 9, hook=INGRESS) +
             drop(0, b"\x1b" * 32, b"f" * 64))
    s.record(DROP, f + seg(SYN, 0, 0, hook=IN) +
             drop(1, b"TCP_LISTEN_OVERFLOW", b"tcp_conn_request", 1, 129, 128))
    for reason, opening in [
            (4, fate(0)), (1, fate(1, drops=2)), (3, fate(2)), (3, fate(3)),
            (3, fate(4)), (11, fate(5, problem=unreachable)),
            (11, fate(4, reason=b"NETFILTER_DROP", problem=unreachable)),
            (4, fate(6, OUT, 1, 1, b"QDISC_DROP")),
            (4, fate(6, INGRESS, 65535, 4294967295, b"X" * 32)),
            (4, fate(7, ifindex=1)), (4, fate(8, ifindex=0)), (4, fate(9)),
            (4, fate(77, 88, 0, 0, b"\xff"))]:
        s.record(CLOSE, f + NO_SEG +
                 close(reason, 255, 0, 0, direction(1, 0, SYN, 1),
                       direction(0, 0, 0, 0), 1, opening=opening))
    return s.out


def make_time():
    """Make a CLOSE record with times for each value of limited_by, and for an
    unknown value."""
    s, f, ms = Stream(), flow(), 1000000
    one = times(40 * ms, 10 * ms, 5 * ms, 4 * ms, 3 * ms, 2 * ms, ms, 7, 9, 24,
                responses=3, hist=(3,) + (0,) * 19)
    other = times(*(2**64 - 1,) + (0,) * 6, 2**64 - 1, 2**64 - 1, 2**64 - 1,
                  responses=2**32 - 1, hist=(65535,) * 20)
    none = times(*(0,) * 10)
    for word, parts in [(1, none + one), (2, one + none), (3, one + one),
                        (4, other + none), (5, none + other), (6, none + none),
                        (0, one + one), (99, one + one)]:
        s.record(CLOSE, f + NO_SEG +
                 close(1, 0, 10**9, 10**9, direction(1, 2000, ACK, 0),
                       direction(1, 0, ACK, 0), 1, times=parts,
                       limited_by=word))
    return s.out


def make_foreign():
    """Make records in which names contain markup and control characters."""
    s, f = Stream(), flow()
    handshake(s, f)
    s.record(SEGMENT, f + seg(ACK, 0, 1, 1, 9) + segment())
    s.record(DROP, f + seg(ACK, 0, 1, 1, 9) +
             drop(0, b"<b>&\"\x1b[31m\x07\xff\r\n", b"\x00"))
    return s.out


def make_owner():
    """Make records with owners, interfaces and NAT. The IDs belong to no user
    and no cgroup of the machine; interface 1 is lo."""
    s, f = Stream(), flow(resp="10.2.0.2", rport=8080)
    six = flow(orig="fd00::2", resp="fd00::1")
    task = owner(4, 4000000001, b"curl", 4000000, 77, 2**64 - 1, 2**63)
    there = owner(4, 4000000002, b"a\x1b[31m" + b"x" * 11, 4000000, 78)
    alias = ("10.2.0.1", 50000), ("10.1.0.1", 80)
    s.record(OPEN, f + seg(SYN, 0, 0),
             known=context([task], [path(0, 1, 4000000003, 0x1f)],
                           [None, alias[1]]))
    s.record(ESTABLISHED, f + seg(ACK, 0, 1, 1) + established(),
             known=context(nat=alias))
    s.record(OWNER, f + seg(ACK, 1, 1, 1, 9) + there)
    s.record(CLOSE, f + NO_SEG +
             close(1, 0, 1, 1, direction(1, 0, SYN, 0),
                   direction(1, 0, ACK, 0), 1),
             known=context([task, there], [path(0, 1), path(1, 4000000003)],
                           alias))
    s.record(OPEN, six + seg(SYN, 0, 0, hook=FORWARD),
             known=context([owner(1)], [path(1, 4000000003)],
                           [("fd00::99", 1), None]))
    s.record(OPEN, six + seg(SYN, 1, 0, hook=IN),
             known=context([owner(255, 1, b"x"), owner(3, 0, b"", 4000000)],
                           [path(), path(1)]))
    s.record(OWNER, six + seg(ACK, 9, 1) + owner(2, uid=4000000))
    return s.out


def make_newer():
    """Make a record of an unknown type, longer records of known types, and a
    PAD record."""
    s, f = Stream(), flow()
    s.record(4711, b"\xff" * 64)
    s.record(OPEN, f + seg(SYN, 0, 0), longer=b"\xff" * 40)
    s.record(0, b"")
    s.record(CLOSE, f + NO_SEG +
             close(1, 0, 1, 1, direction(1, 0, SYN, 0),
                   direction(1, 0, ACK, 0), 1), longer=b"\xee" * 60000)
    s.record(OPEN, flow(conn=2) + seg(SYN, 0, 0))
    return s.out


def bad_header(length, kind=OPEN):
    s = Stream()
    s.record(OPEN, flow() + seg(SYN, 0, 0))
    s.raw(struct.pack("=IHHQQ", length, kind, 0, 1, T0))
    s.raw(flow() + seg(SYN, 0, 0) + context())
    return s.out


def make_len_0():
    return bad_header(0)


def make_len_7():
    return bad_header(7)


def make_len_16():
    return bad_header(16)


def make_len_odd():
    return bad_header(284)


def make_len_huge():
    return bad_header(2**32 - 8)


def make_len_64k():
    return bad_header(65544, 4711)


def make_short_known():
    """Make an OPEN record, and a CLOSE record that has only the size of an OPEN
    record."""
    return bad_header(280, CLOSE)


def make_cut():
    return make_session()[:-3]


def make_cut_header():
    return make_session()[:280 + 10]


def make_many():
    """Make more records than the client's buffer can hold."""
    s = Stream()
    for conn in range(1, 10001):
        s.record(OPEN, flow(conn=conn) + seg(SYN, 0, 0))
    return s.out


def make_empty():
    return b""


if __name__ == "__main__":
    sys.stdout.buffer.write(globals()["make_" + sys.argv[1]]())
