# SPDX-License-Identifier: GPL-2.0
"""Parse the records of /dev/tcptrace. The layouts and names are copied from
include/uapi/linux/tcptrace.h by hand, so that the tests need no client."""
import ipaddress
import struct

from check import equal

TYPES = ["pad", "open", "state", "established", "segment", "close", "lost",
         "suspected", "limit", "finding", "icmp", "drop", "owner"]
(OPEN, STATE, ESTABLISHED, SEGMENT, CLOSE, LOST, SUSPECTED, LIMIT,
 FINDING, ICMP, DROP, OWNER) = range(1, 13)
MASK_ALL = (1 << OWNER + 1) - (1 << OPEN)
MASK_DEFAULT = MASK_ALL & ~(1 << SEGMENT | 1 << DROP | 1 << OWNER)
MASK_FATE, MASK_FAILURES = 1 << 30, 1 << 31

STATES = ["CLOSED", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1",
          "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"]
REASONS = ["none", "active_open", "passive_open", "simultaneous_open",
           "synack_received", "syn_acked", "synack_implied", "syn_implied",
           "fin_sent", "fin_received", "fin_acked", "rst_sent",
           "rst_received", "refused", "midstream", "2msl",
           "syn_repeated", "synack_repeated", "fin_not_received"]
CLOSE_REASONS = ["none", "fin", "reset", "refused", "unanswered", "timeout",
                 "evicted", "reused", "shutdown", "end-of-capture",
                 "one_way", "unreachable"]
HOOKS = ["none", "in", "forward", "out", "ingress"]
ERRORS = ["none", "unreachable", "too_big", "time_exceeded", "parameter",
          "redirect"]
FATES = ["none", "answered", "refused", "no_socket", "rejected",
         "unreachable", "dropped", "left", "delivered", "not_seen"]
SUSPICIONS = ["none", "rst", "syn", "data", "ack", "synack", "rst_ttl",
              "after_rst", "isn_reuse", "challenged", "data_ttl"]
FINDINGS = ["none", "old_connection", "syn_repeated", "synack_repeated",
            "synack_unanswered", "two_synacks", "tfo_not_taken",
            "old_timestamp", "wscale_lost", "window_shrunk", "window_overrun",
            "zero_window", "probes_unanswered", "keep_alives_unanswered",
            "data_unanswered", "fin_unanswered", "path_mtu", "sack_outside",
            "ack_loop", "one_way", "seen_twice", "stray_rst", "syn_timestamp",
            "too_big", "route_moved", "asymmetric", "listener_full"]
KNOWN = ["nothing", "remote", "socket", "inode", "task"]
FITS = ["unknown", "exact", "in_window", "out_of_window", "old"]

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = (1 << i for i in range(9))
FLAGS = [(AE, "N"), (CWR, "C"), (ECE, "E"), (URG, "U"), (SYN, "S"),
         (FIN, "F"), (RST, "R"), (PSH, "P"), (ACK, "A")]
(OPT_MSS, OPT_WSCALE, OPT_SACK_PERM, OPT_SACK, OPT_TIMESTAMP,
 OPT_TFO) = (1 << i for i in range(6))
F_MIDSTREAM, F_GUESSED, F_SELF, F_ONE_WAY = 1, 2, 4, 64
NOBODY = 255

# reasons of CLOSE and of STATE
UNANSWERED, TIMEOUT, EVICTED, SHUTDOWN = map(CLOSE_REASONS.index, (
    "unanswered", "timeout", "evicted", "shutdown"))
REASON_2MSL = REASONS.index("2msl")
CLOSED, TIME_WAIT = map(STATES.index, ("CLOSED", "TIME_WAIT"))


class Layout:
    """The layout of a C struct, and the names of its fields."""

    def __init__(self, layout, names):
        self.struct = struct.Struct("=" + layout)
        self.names = names.split()
        self.size = self.struct.size

    def fields(self, data, at=0):
        return zip(self.names, self.struct.unpack_from(data, at))


class Fields:
    """A C struct whose fields are attributes."""

    def __init__(self, layout, data, at=0):
        self.__dict__.update(layout.fields(data, at))

    def __repr__(self):
        return repr(vars(self))


HEADER = Layout("IHHQQ", "len type flags seq time")
FLOW = Layout("QIIHHHH16s16s",
              "conn netns zone orig_port resp_port family pad orig_addr "
              "resp_addr")
SEG = Layout("IIIIIHHHBBI",
             "seq ack rel_seq rel_ack len flags window wire_segs sender "
             "hook pad")
DIR = Layout(
    "12Q" "I80x" "31I" "HHBB4B6x",
    "packets segments bytes unique_bytes rexmit_bytes missed_bytes "
    "idle_max data_ns rtt_min rtt_last srtt rttvar rtt_samples "
    "data_packets rexmit_packets out_of_order acks pure_acks dup_acks "
    "triple_dup_acks sack_packets sack_blocks dsacks zero_windows "
    "zero_window_probes window_full keep_alives pushes urgent_packets "
    "urgent_bytes syns fins rsts window_min window_max initial_bytes "
    "initial_packets segment_min segment_max ect0 ect1 ce ece cwr "
    "flags mss wscale state ttl_first ttl_min ttl_max sack_blocks_max")
BODY = {
    OPEN: Layout("", ""),
    STATE: Layout("IBBBB", "number end before after reason"),
    ESTABLISHED: Layout(
        "QQQBBHHHBB6x", "syn_synack_ns synack_ack_ns handshake_ns syn_rexmits "
        "synack_rexmits options mss0 mss1 wscale0 wscale1"),
    SEGMENT: Layout(
        "HHHBBBBBBBxHQIII32xI", "options mss urgent wscale sack_blocks tfo_len "
        "mptcp_subtype hdr_len ttl tos analysis rtt_ns dup_ack_num tsval "
        "tsecr rexmit_bytes"),
    CLOSE: Layout(
        "QQQQQQ", "start duration_ns established_ns syn_synack_ns "
        "synack_ack_ns initial_rtt_ns"),
    LOST: Layout("QQQI4x", "count first last causes"),
    SUSPECTED: Layout("qQIBBBBB7x", "distance since_ns expected suspicion fit "
                      "ttl ttl_min ttl_max"),
    FINDING: Layout("BBHI", "finding end count value"),
    ICMP: Layout("16sIBBBB", "error_sender mtu kind icmp_type code fit"),
    DROP: Layout("II32s64sII", "ifindex listener_drops reason function queued "
                 "queue_limit"),
    OWNER: Layout("", ""),
    LIMIT: Layout(
        "II6III16sHH4x", "netns span_ms half_open table full chain memory "
        "readers opened unanswered addr family port"),
}
CLOSE_END = Layout("IIBBBBB3x32s48sI4xBBHI32s16sIBBBB",
                   "transitions suspected reason by conn_state end_reason "
                   "completeness history found findings fate drop_hook drops "
                   "fate_ifindex drop_reason error_sender mtu error error_type "
                   "error_code error_fit")
TIME = Layout("10Q I80x4x", "busy_ns window_ns rto_ns fast_ns delayed_ns "
              "idle_ns own_ns response_min_ns response_max_ns response_sum_ns "
              "responses")
CLOSE_TAIL = Layout("B7x", "limited_by")
OWNER_OF = Layout("QQIIIB3x16s", "cookie cgroup inode uid pid known comm")
PATH = Layout("IIII", "in_ out vrf mark")
NAT = Layout("32sHHBB2x", "addr port0 port1 translated0 translated1")
CONTEXT_SIZE = 2 * OWNER_OF.size + 2 * PATH.size + NAT.size
LIMITS = "half_open table full chain memory readers".split()
LOST_FULL, LOST_POSITION = 1, 2		# bits of causes

# sizes of the structs in the ABI header
SIZES = {OPEN: 280, STATE: 120, ESTABLISHED: 320, SEGMENT: 184, CLOSE: 1480,
         LOST: 56, SUSPECTED: 144, LIMIT: 88, FINDING: 120, ICMP: 136,
         DROP: 224, OWNER: 160}
SHORTEST, LONGEST = SIZES[STATE], SIZES[CLOSE]	# except LOST and LIMIT


def flags_name(flags):
    return "".join(letter for bit, letter in FLAGS if flags & bit)


def text(field):
    """Return: the text in a string field of the ABI."""
    return field.partition(b"\0")[0].decode()


def error_sender(record):
    """Return: the address that has sent the ICMP error in an ICMP or CLOSE
    record."""
    size = 4 if record.family == 2 else 16
    return str(ipaddress.ip_address(record.error_sender[:size]))


def content(data):
    """Return: a record without its sequence number, which may differ between
    two readers if two CPUs produce records."""
    return data[:8] + data[16:]


class Record:
    """One record. The fields of its header, flow and body are attributes. seg
    has the segment, dir and times have both directions."""

    def __init__(self, data):
        self.data = data
        self.take(HEADER, 0)
        if len(data) < SIZES[self.type]:
            raise ValueError(f"{TYPES[self.type]}: {len(data)} bytes")
        at = HEADER.size
        if self.type not in (LOST, LIMIT):
            self.take(FLOW, at)
            self.orig, self.resp = (
                str(ipaddress.ip_address(a[:4] if self.family == 2 else a))
                for a in (self.orig_addr, self.resp_addr))
            self.seg = Fields(SEG, data, at + FLOW.size)
            at += FLOW.size + SEG.size
        self.take(BODY[self.type], at)
        if self.type == CLOSE:
            at += BODY[CLOSE].size
            self.dir = [Fields(DIR, data, at),
                        Fields(DIR, data, at + DIR.size)]
            at += 2 * DIR.size
            self.take(CLOSE_END, at)
            at += CLOSE_END.size
            self.times = [Fields(TIME, data, at),
                         Fields(TIME, data, at + TIME.size)]
            self.take(CLOSE_TAIL, at + 2 * TIME.size)
        if self.type in (OPEN, ESTABLISHED, CLOSE):
            self.take_context(SIZES[self.type] - CONTEXT_SIZE)
        if self.type == OWNER:
            self.owner = Fields(OWNER_OF, data, at)

    def take(self, layout, at):
        self.__dict__.update(layout.fields(self.data, at))

    def take_context(self, at):
        self.owners = [Fields(OWNER_OF, self.data, at + i * OWNER_OF.size)
                       for i in range(2)]
        at += 2 * OWNER_OF.size
        self.paths = [Fields(PATH, self.data, at + i * PATH.size)
                      for i in range(2)]
        self.nat = Fields(NAT, self.data, at + 2 * PATH.size)

    def translated(self):
        """Return: for each end, its translated address and port, or None."""
        size = 4 if self.family == 2 else 16
        nat = self.nat
        return [(str(ipaddress.ip_address(nat.addr[at:at + size])), port)
                if known else None
                for at, port, known in ((0, nat.port0, nat.translated0),
                                        (16, nat.port1, nat.translated1))]

    def __repr__(self):
        return repr({name: value for name, value in vars(self).items()
                     if name != "data"})

    def content(self):
        return content(self.data)

    def segment(self):
        """Return: the segment as text, with relative sequence numbers:
        sender.FLAGS seq:ack+length; "-" if the record has no segment."""
        seg = self.seg
        if seg.hook == 0:
            return "-"
        ack = seg.rel_ack if seg.flags & ACK else "-"
        text = f"{'or'[seg.sender]}.{flags_name(seg.flags) or '-'} " \
               f"{seg.rel_seq}:{ack}"
        return text + (f"+{seg.len}" if seg.len else "")

    def line(self):
        """Return: the record as text, to be compared with an expected line."""
        if self.type == STATE:
            return (f"{'or'[self.end]} {STATES[self.before]}>"
                    f"{STATES[self.after]} {REASONS[self.reason]} "
                    f"{self.segment()}")
        if self.type == CLOSE:
            by = {0: "o", 1: "r", NOBODY: "nobody"}[self.by]
            return (f"close {CLOSE_REASONS[self.reason]} by {by} "
                    f"{self.segment()}")
        if self.type == SUSPECTED:
            return (f"suspected {SUSPICIONS[self.suspicion]} "
                    f"{FITS[self.fit]} {self.distance} {self.segment()}")
        if self.type == ICMP:
            return (f"icmp {ERRORS[self.kind]} {self.icmp_type}/{self.code} "
                    f"{FITS[self.fit]}")
        if self.type == DROP:
            return f"drop {text(self.reason)} {self.segment()}"
        if self.type == FINDING:
            return (f"finding {FINDINGS[self.finding]} {self.end} "
                    f"{self.count} {self.value} {self.segment()}")
        return f"{TYPES[self.type]} {self.segment()}"


def split(data):
    """Yields (sequence number, type, bytes) of each record, up to the end of
    the data or a record length of 0."""
    at = 0
    while at + HEADER.size <= len(data):
        size, kind, _, seq, _ = HEADER.struct.unpack_from(data, at)
        if not size:
            return
        if size < HEADER.size or size % 8 or at + size > len(data):
            raise AssertionError(f"length {size} at {at} of {len(data)} bytes")
        yield seq, kind, bytes(data[at:at + size])
        at += size


def parse(data):
    """Parse the data of one read(), which must consist of whole records.
    Return: the records."""
    records = [Record(part) for _, _, part in split(data)]
    equal(sum(record.len for record in records), len(data), "bytes of records")
    return records


def check_sequence(records, begin=0):
    """Check that a LOST record explains each gap in the sequence numbers.
    Return: the number of lost records."""
    lost = 0
    for record in records:
        equal(record.seq, begin, f"seq of {record}")
        begin += 1
        if record.type == LOST:
            begin += record.count - 1
            lost += record.count
    return lost


def numbers(records):
    return [record.seq for record in records]


def select_records(records, kind, **wanted):
    """Return: the records of a type whose fields have these values."""
    return [record for record in records if record.type == kind and
            all(getattr(record, key) == value
                for key, value in wanted.items())]


def limit_hits(records):
    """Return: the hits of each limit, summed over LIMIT records. A limit that
    was never reached is left out."""
    total = {name: sum(getattr(record, name) for record in records)
             for name in LIMITS}
    return {name: count for name, count in total.items() if count}
