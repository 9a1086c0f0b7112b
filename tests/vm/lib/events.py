# SPDX-License-Identifier: GPL-2.0
"""A reader of /dev/tcptrace, of the table and of the counters.

Written from include/uapi/linux/tcptrace.h alone: no client is needed. All of
it works in the network namespace that the process is in when it is called.
"""
import errno
import fcntl
import ipaddress
import os
import select
import struct
import time

from pace import SLOW

TIMEOUT = 20 * SLOW		# seconds to wait for what must come
DEVICE = "/dev/tcptrace"
TABLE = "/proc/net/tcptrace"
STATS = "/proc/net/stat/tcptrace"

TYPES = ["pad", "open", "state", "established", "segment", "close", "lost",
         "suspected", "limit"]
OPEN, STATE, ESTABLISHED, SEGMENT, CLOSE, LOST, SUSPECTED, LIMIT = range(1, 9)
MASK_ALL = sum(1 << t for t in range(OPEN, LIMIT + 1))
MASK_DEFAULT = MASK_ALL & ~(1 << SEGMENT)

STATES = ["CLOSED", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1",
          "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"]
REASONS = ["none", "active_open", "passive_open", "simultaneous_open",
           "synack_received", "syn_acked", "synack_implied", "syn_implied",
           "fin_sent", "fin_received", "fin_acked", "rst_sent",
           "rst_received", "refused", "midstream", "2msl"]
CLOSE_REASONS = ["none", "fin", "reset", "refused", "unanswered", "timeout",
                 "evicted", "reused", "shutdown"]
HOOKS = ["none", "in", "forward", "out"]
SUSPICIONS = ["none", "rst", "syn", "data", "ack", "synack", "rst_ttl",
              "after_rst", "isn_reuse", "challenged"]
FITS = ["unknown", "exact", "in_window", "out_of_window", "old"]

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = (1 << i for i in range(9))
FLAGS = [(AE, "N"), (CWR, "C"), (ECE, "E"), (URG, "U"), (SYN, "S"),
         (FIN, "F"), (RST, "R"), (PSH, "P"), (ACK, "A")]
(OPT_MSS, OPT_WSCALE, OPT_SACK_PERM, OPT_SACK, OPT_TIMESTAMP,
 OPT_TFO) = (1 << i for i in range(6))
OPT_ECN = 0x8000
F_MIDSTREAM, F_GUESSED, F_SELF = 1, 2, 4
NOBODY = 255

HEADER = ("IHHQQ", "len type flags seq time")
FLOW = ("QIIHHHH16s16s",
        "conn netns zone orig_port resp_port family pad orig_addr resp_addr")
SEG = ("IIIIIHHHBBI",
       "seq ack rel_seq rel_ack len flags window wire_segs from_ hook pad")
DIR = ("12Q" "I80x" "31I" "HHBB4B6x",
       "packets segments bytes unique_bytes rexmit_bytes missed_bytes "
       "idle_max data_ns rtt_min rtt_last srtt rttvar rtt_samples "
       "data_packets rexmit_packets out_of_order acks pure_acks dup_acks "
       "triple_dup_acks sack_packets sack_blocks dsacks zero_windows "
       "zero_window_probes window_full keep_alives pushes urgent_packets "
       "urgent_bytes syns fins rsts window_min window_max initial_bytes "
       "initial_packets segment_min segment_max ect0 ect1 ce ece cwr "
       "flags mss wscale state ttl_first ttl_min ttl_max sack_blocks_max")
BODY = {
    OPEN: ("", ""),
    STATE: ("IBBBB", "number end from_ to reason"),
    ESTABLISHED: ("QQQBBHHHBB6x",
                  "syn_synack_ns synack_ack_ns handshake_ns syn_rexmits "
                  "synack_rexmits options mss0 mss1 wscale0 wscale1"),
    SEGMENT: ("HHHBBBBBBBxHQIII36x",
              "options mss urgent wscale sack_blocks tfo_len mptcp_subtype "
              "hdr_len ttl tos analysis rtt_ns dup_ack_num tsval tsecr"),
    CLOSE: ("QQQQQQ", "start duration_ns established_ns syn_synack_ns "
            "synack_ack_ns initial_rtt_ns"),
    SUSPECTED: ("qQIBBBBB7x", "distance since_ns expected suspicion fit ttl "
                "ttl_min ttl_max"),
}
CLOSE_END = ("IIBBBBB3x32s", "transitions suspected reason by conn_state "
             "end_reason completeness history")
LIMIT_BODY = ("II6III16sHH4x", "netns span_ms half_open table full chain memory "
              "readers opened unanswered addr family port")
LOST_BODY = ("QQQI4x", "count first last causes")
INFO = ("IIIIQQQIIQQ", "ring_size mask all_netns netns produced delivered lost "
                       "ring_high clock lost_full lost_position")
LOST_FULL, LOST_POSITION = 1, 2		# bits of causes

# struct sizes that the header asserts by its layout
SIZES = {OPEN: 112, STATE: 120, ESTABLISHED: 152, SEGMENT: 184, CLOSE: 848,
         LOST: 56, SUSPECTED: 144, LIMIT: 88}

IOC_INFO = 2 << 30 | 64 << 16 | 0xf9 << 8 | 0
IOC_MASK = 1 << 30 | 4 << 16 | 0xf9 << 8 | 1
IOC_ALL_NETNS = 1 << 30 | 4 << 16 | 0xf9 << 8 | 2
IOC_FILTER = 1 << 30 | 16 << 16 | 0xf9 << 8 | 3
IOC_CLOCK = 1 << 30 | 4 << 16 | 0xf9 << 8 | 4
IOC_RING = 3 << 30 | 4 << 16 | 0xf9 << 8 | 5
IOC_WAKE = 1 << 30 | 8 << 16 | 0xf9 << 8 | 6


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def until(condition, what, timeout=TIMEOUT):
    """Wait for a condition, not for a time; return its value."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s for {what}")
        time.sleep(0.01)


class Fields:
    """A C struct: names as attributes."""

    def __init__(self, layout, data, offset=0):
        fmt = "=" + layout[0]
        values = struct.unpack_from(fmt, data, offset)
        self.__dict__.update(zip(layout[1].split(), values))
        self.end_ = offset + struct.calcsize(fmt)

    def __repr__(self):
        return repr({k: v for k, v in self.__dict__.items() if k != "end_"})


def flags_name(flags):
    return "".join(letter for bit, letter in FLAGS if flags & bit) or "-"


def address(raw, family):
    """Address bytes of a flow as text."""
    return str(ipaddress.ip_address(raw[:4] if family == 2 else raw))


class Record:
    """One record: h, and what its type has of flow, seg, body and dir."""

    def __init__(self, data):
        self.h = Fields(HEADER, data)
        self.type = self.h.type
        self.name = TYPES[self.type] if self.type < len(TYPES) else "?"
        if len(data) < SIZES.get(self.type, 0):
            raise ValueError(f"{self.name}: {len(data)} bytes")
        if self.type in (LOST, LIMIT):
            layout = LOST_BODY if self.type == LOST else LIMIT_BODY
            self.body = Fields(layout, data, self.h.end_)
            return
        self.flow = Fields(FLOW, data, self.h.end_)
        self.seg = Fields(SEG, data, self.flow.end_)
        self.body = Fields(BODY[self.type], data, self.seg.end_)
        if self.type == CLOSE:
            self.dir = [Fields(DIR, data, self.body.end_)]
            self.dir.append(Fields(DIR, data, self.dir[0].end_))
            rest = Fields(CLOSE_END, data, self.dir[1].end_)
            self.body.__dict__.update(rest.__dict__)
        self.orig = address(self.flow.orig_addr, self.flow.family)
        self.resp = address(self.flow.resp_addr, self.flow.family)

    def segment(self):
        """The segment in short: who.FLAGS seq:ack+length, relative."""
        seg = self.seg
        if seg.hook == 0:
            return "-"
        ack = seg.rel_ack if seg.flags & ACK else "-"
        text = f"{'or'[seg.from_]}.{flags_name(seg.flags)} {seg.rel_seq}:{ack}"
        return text + (f"+{seg.len}" if seg.len else "")

    def line(self):
        """The record in short, to compare with what is expected."""
        body = self.body
        if self.type == STATE:
            return (f"{'or'[body.end]} {STATES[body.from_]}>{STATES[body.to]} "
                    f"{REASONS[body.reason]} {self.segment()}")
        if self.type == CLOSE:
            by = {0: "o", 1: "r", NOBODY: "nobody"}[body.by]
            return (f"close {CLOSE_REASONS[body.reason]} by {by} "
                    f"{self.segment()}")
        if self.type == LOST:
            return f"lost {body.count}"
        if self.type == LIMIT:
            return f"limit {body}"
        if self.type == SUSPECTED:
            return (f"suspected {SUSPICIONS[body.suspicion]} "
                    f"{FITS[body.fit]} {body.distance} {self.segment()}")
        return f"{self.name} {self.segment()}"


def split(data):
    """The records in the bytes that one read() returned."""
    offset = 0
    while offset < len(data):
        length, kind = struct.unpack_from("=IH", data, offset)
        if length < 24 or length % 8 or offset + length > len(data):
            raise ValueError(f"record of {length} bytes at {offset} of "
                             f"{len(data)}")
        # a type that this reader does not know is skipped by its length
        if OPEN <= kind <= LIMIT:
            yield Record(data[offset:offset + length])
        offset += length


class Reader:
    """An open device; what it has read is in records."""

    def __init__(self, mask=MASK_DEFAULT, all_netns=False, buffer=1 << 18):
        self.fd = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.buffer = buffer
        self.records = []
        self.lost = 0
        if mask != MASK_DEFAULT:
            self.ioctl(IOC_MASK, mask)
        if all_netns:
            self.ioctl(IOC_ALL_NETNS, 1)

    def ioctl(self, request, value):
        fcntl.ioctl(self.fd, request, struct.pack("=I", value))

    def info(self):
        data = bytearray(64)
        fcntl.ioctl(self.fd, IOC_INFO, data)
        return Fields(INFO, data)

    def fileno(self):
        return self.fd

    def close(self):
        os.close(self.fd)

    def read(self):
        """Read all that waits. Return: how many records."""
        before = len(self.records)
        while True:
            try:
                data = os.read(self.fd, self.buffer)
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    raise
                return len(self.records) - before
            for record in split(data):
                self.records.append(record)
                if record.type == LOST:
                    self.lost += record.body.count

    def until(self, condition, what, timeout=TIMEOUT):
        """Read until condition() is true; return its value."""
        def read():
            # not every condition comes with a record: look again, too
            select.select([self.fd], [], [], 0.05)
            self.read()
            return condition()

        self.read()
        return condition() or until(read, what, timeout)


def endpoint(text):
    """'1.2.3.4:5' or '[fe80::1%2]:5' as (address, port, zone)."""
    host, _, port = text.rpartition(":")
    host, _, zone = host.strip("[]").partition("%")
    return str(ipaddress.ip_address(host)), int(port), zone


def table():
    """The table of this namespace: a dict of strings for each connection."""
    with open(TABLE, encoding="ascii") as file:
        lines = file.read().splitlines()
    names = lines[0].split()
    return [dict(zip(names, line.split(), strict=True)) for line in lines[1:]]


def stats_of(path):
    """The counters of a file, summed over the CPUs."""
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    names = lines[0].split()
    rows = [[int(x, 16) for x in line.split()] for line in lines[1:]]
    total = {name: sum(row[i] for row in rows)
             for i, name in enumerate(names)}
    total["entries"] = rows[0][0]
    return total


def stats():
    """The counters of this namespace, which are in two files."""
    return stats_of(STATS) | stats_of(STATS + "_odd")
