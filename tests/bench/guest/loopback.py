#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""B10: measure the cost of the network stack with each consumer of packets, in
instructions."""
import contextlib
import itertools

import peers
from guest import Reader, bench, figure, prepare, tcptrace

SIZES = {"hashsize": 65536}
WAKE = 32768
UNITS = "rr", "crr", "stream"

servers = itertools.count(1)


def phase(path=""):
    """Run a phase with its own connections. Return: the ticks of each unit."""
    hooks = {"path": path} if path else {}
    return bench("loopback", server=next(servers), **hooks)


@contextlib.contextmanager
def tcptrace_read():
    """Run a reader with the default event mask. The reader wakes up when WAKE
    bytes wait, or after 100 ms, and then reads all waiting records."""
    with tcptrace(**SIZES), Reader("follow", 0, 1 << 20, WAKE) as reader:
        yield
    if reader.counts["lost"] or not reader.counts["events"]:
        raise RuntimeError(f"the reader: {reader.counts}")
    figure("loopback.tcptrace_read.events", reader.counts["events"])


def phases():
    """Yield each phase: its name, its consumer, and its hooks in the benchmark
    module."""
    nothing = contextlib.nullcontext()
    yield "noop", nothing, "noop"
    yield "tcptrace", tcptrace(**SIZES), ""
    yield "tcptrace_read", tcptrace_read(), ""
    yield "conntrack", nothing, "conntrack"
    yield "conntrack_events", peers.conntrack_events(), "conntrack"
    yield "tcp_probe", peers.tracepoint("tcp/tcp_probe"), ""
    yield ("inet_sock_set_state",
           peers.tracepoint("sock/inet_sock_set_state"), "")
    yield "tap", peers.tap(), ""
    yield "nflog", peers.nflog(), ""


def main():
    prepare()
    phase()
    base = phase()
    for name, there, path in phases():
        with there:
            cost = phase(path)
        for unit in UNITS:
            figure(f"loopback.{name}.{unit}",
                   100 * (cost[unit] / base[unit] - 1))
    again = phase()
    for unit in UNITS:
        figure(f"loopback.base.{unit}", base[unit])
        figure(f"loopback.again.{unit}", 100 * (again[unit] / base[unit] - 1))


main()
