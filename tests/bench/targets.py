# SPDX-License-Identifier: GPL-2.0
"""Define the metrics: each has a figure, and may have a peer's figure and a
target."""
import dataclasses


@dataclasses.dataclass
class Row:
    """A metric: (figure @of - figure @minus) * @scale / figure @over."""
    name: str
    of: str
    peer: str = ""
    target: float = None
    digits: int = 0
    unit: str = ""
    scale: float = 1
    over: str = ""
    minus: str = ""

    def value(self, figures):
        return self.combined(figures, self.of, self.over)

    def peer_value(self, figures):
        """Return: the peer's figure, @peer itself if @peer is a number, or None
        if there is no peer or no figure."""
        if not self.peer:
            return None
        if self.peer[0].isdigit():
            return float(self.peer)
        over = self.over.replace("tcptrace", "conntrack")
        return self.combined(figures, self.peer, over)

    def combined(self, figures, of, over):
        if any(name and name not in figures
               for name in (of, over, self.minus)):
            return None
        value = figures[of] - figures.get(self.minus, 0)
        return value * self.scale / figures.get(over, 1)


def pair(name, figure, target=None):
    return Row(name, figure, "1", target, 2, scale=0.01)


def footprint(name, packet, target_lines, target_locked):
    for what, target in (("lines", target_lines), ("locked", target_locked),
                         ("written", None)):
        yield Row(f"B3 {name}: {what}", f"footprint.{packet}.tcptrace.{what}",
                  f"footprint.{packet}.conntrack.{what}", target)


def event(what):
    reader = f"footprint.established.tcptrace_reader.{what}"
    return Row(f"B3 a SEGMENT more: {what}", reader,
               minus=f"footprint.established.tcptrace.{what}")


def loopback(name, phase, unit, peer, target=None):
    return Row("B10 " + name, f"loopback.{phase}.{unit}",
               peer and f"loopback.{peer}.{unit}", target, 1, "%")


ROWS = [
    Row("B1 established, IPv4", "established.v4.tcptrace",
        "established.v4.conntrack", 560),
    Row("B1 established, IPv6", "established.v6.tcptrace",
        "established.v6.conntrack", 650),
    Row("B1 a hook that does nothing", "established.v4.noop"),
    Row("B1 nf_conntrack_in, called directly",
        "established.v4.nf_conntrack_in"),
    Row("B1 rhashtable, a lookup", "lookup.rhashtable"),
    pair("B2 time, 1 connection", "pair.established.1.p50", .55),
    pair("B2 time, 1,024", "pair.established.1024.p50", .58),
    pair("B2 time, 65,536", "pair.established.65536.p50", .60),
    pair("B2 time, 1,048,576", "pair.established.1048576.p50", .48),
    pair("B2 time, 65,536, shuffled", "pair.shuffled.65536.p50"),
    pair("B2 time, 1,048,576, shuffled", "pair.shuffled.1048576.p50"),
    pair("B2 of that the clock, 1,024", "pair.established.1024.clock"),
    *footprint("established", "established", 28, 1),
    *footprint("new", "new", 54, 2),
    event("lines"),
    event("locked"),
    Row("B4 bytes, 262,144 connections", "bytes.tcptrace.262144",
        "bytes.conntrack.262144", 464),
    Row("B4 bytes, 1,048,576", "bytes.tcptrace.1048576",
        "bytes.conntrack.1048576", 464),
    Row("B4 bytes, 262,144 idle", "bytes.tcptrace.idle.262144", target=464),
    Row("B4 bytes, half-open", "bytes.tcptrace.half_open.1048576",
        target=176),
    Row("B4 peer with an extension", "bytes.conntrack_extended.1048576"),
    Row("B5 new connection, IPv4", "new.v4.tcptrace", "new.v4.conntrack",
        1050),
    Row("B5 new connection, IPv6", "new.v6.tcptrace", "new.v6.conntrack"),
    pair("B5 time", "pair.new.p50", .27),
    Row("B6 SYN of a flood", "flood.tcptrace", "flood.conntrack", 1200),
    Row("B6 established lost", "flood.tcptrace.lost", "flood.conntrack.lost",
        0),
    Row("B6 packets dropped", "flood.tcptrace.dropped",
        "flood.conntrack.dropped", 0),
    Row("B6 lines of the kernel's log", "flood.tcptrace.log_lines",
        "flood.conntrack.log_lines"),
    Row("B7 SEGMENT emitted", "event.segment", target=215),
    Row("B7 OPEN or STATE emitted", "event.new", target=190),
    Row("B7 consumed by read()", "event.read", target=52),
    Row("B7 consumed by mmap()", "event.mmap", target=22),
    Row("B8 no reader", "idle.none", target=3),
    Row("B8 a reader, no event", "idle.reader"),
    Row("B9 a million connections", "scaling", target=0.8, digits=2),
    Row("B9 longest chain at load 1", "scaling.chain.longest", target=10),
    Row("B9 mean search at load 1", "scaling.chain.mean", digits=2),
    loopback("request, response", "tcptrace", "rr", "conntrack", 7.3),
    loopback("connection, read", "tcptrace_read", "crr", "conntrack_events",
             16),
    loopback("stream", "tcptrace", "stream", "conntrack", 6),
    loopback("connection, no reader", "tcptrace", "crr", "conntrack"),
    loopback("request: no-op hooks", "noop", "rr", ""),
    loopback("request: tcp:tcp_probe", "tcp_probe", "rr", ""),
    loopback("connection: inet_sock_set_state", "inet_sock_set_state", "crr",
             ""),
    loopback("request: AF_PACKET tap", "tap", "rr", ""),
    loopback("request: NFLOG", "nflog", "rr", ""),
    Row("B11 line of 32,768", "dump.tcptrace.32768", "dump.conntrack.32768",
        2700),
    Row("B11 line of 262,144", "dump.tcptrace.262144"),
    Row("B11 262,144 against 1,024", "dump.tcptrace.262144", target=1.1,
        digits=2, over="dump.tcptrace.1024"),
    Row("B11 32,768 against 1,024", "dump.tcptrace.32768",
        "dump.conntrack.32768", 1.1, 2, over="dump.tcptrace.1024"),
    Row("B11 longest read()", "dump.tcptrace.32768.longest",
        "dump.conntrack.32768.longest"),
    Row("B12 wake-ups by 1,000, 128 KiB", "wakes.large_threshold", target=2,
        digits=1),
    Row("B12 wake-ups by 1,000, 32 KiB", "wakes.threshold", digits=1),
    Row("B12 wake-ups by 1,000, at once", "wakes.at_once", digits=1),
    Row("B13 opened and closed, 2 CPUs", "churn.tcptrace.2",
        "churn.conntrack.2", digits=2, over="churn.tcptrace.1"),
    Row("B13 opened and closed, 4 CPUs", "churn.tcptrace.4",
        "churn.conntrack.4", digits=2, over="churn.tcptrace.1"),
    Row("B14 established, more", "fate.established"),
    Row("B14 new, more", "fate.new"),
    Row("B14 dropped, not TCP, more", "fate.freed.udp", target=40),
    Row("B14 dropped, not TCP, IPv6, more", "fate.freed.udp6", target=40),
    Row("B14 dropped, TCP, more", "fate.freed.tcp"),
]

# Figures that no optimization may change.
EXACT = {
    "established.v4.tcptrace.dropped": 0,
    "established.v6.tcptrace.dropped": 0,
    "new.v4.tcptrace.dropped": 0,
    "new.v6.tcptrace.dropped": 0,
    "flood.tcptrace.dropped": 0,
    "flood.tcptrace.kept_dropped": 0,
    "flood.tcptrace.lost": 0,
    "flood.tcptrace.above_cap": 0,
    "flood.tcptrace.log_lines": 1,	# one a minute
}
