#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Use the tracepoints with bpftrace and perf: run the example script, and the
perf command that the documentation shows."""
import errno
import json
import os
import re
import socket
import sys

import module
from case import case, run
from check import equal, fails
from netns import isolate
from proc import command
from sockets import close_both, exchange, listener, pair
from tracefs import TRACING

SCRIPT = os.environ["TCPTRACE_SRC"] + "/userspace/examples/closes.bt"
DATA = f"/dev/shm/perf{os.getpid()}"
FIN, REFUSED = 1, 3


def traffic():
    """Make three connections of 300 bytes each, and a refused connection."""
    with listener() as server:
        for _ in range(3):
            client, peer = pair(server)
            exchange(client, peer, 100, 200)
            close_both(client, peer)
    fails(errno.ECONNREFUSED, socket.create_connection, ("127.0.0.1", 9))


if sys.argv[1:] == ["traffic"]:
    traffic()
    sys.exit()
module.load()
isolate()


@case("closes.bt: bpftrace counts the closes, their bytes and durations")
def bpftrace():
    # bpftrace attaches the probes, starts this command, and exits when the
    # command exits
    out = command("bpftrace", "-f", "json", "-c",
                  f"{sys.executable} {os.path.abspath(__file__)} traffic",
                  SCRIPT)
    maps = {}
    for line in map(json.loads, filter(None, out.splitlines())):
        if line["type"] in ("map", "hist"):
            maps |= line["data"]
    equal(maps["@closes"], {str(FIN): 3, str(REFUSED): 1}, "closes")
    equal(maps["@bytes"], 900, "bytes")
    equal(maps["@retransmitted_packets"], 0, "retransmitted packets")
    equal(sum(bucket["count"] for bucket in maps["@duration_us"]), 4,
          "durations")


@case("perf record with a filter: the refused connection alone")
def perf():
    equal(os.path.isdir(TRACING + "events/tcptrace"), True, "tracepoints")
    command("perf", "record", "--quiet", "--all-cpus", "--output", DATA,
            "--event", "tcptrace:tcptrace_close", "--filter",
            f"reason == {REFUSED}", "--", "bash", "-c",
            "</dev/tcp/127.0.0.1/9 || true")
    traffic()
    out = command("perf", "script", "--input", DATA, "--fields", "event,trace")
    os.unlink(DATA)
    lines = out.splitlines()
    equal(len(lines), 1, f"lines: {out}")
    equal(re.findall(r"reason=(\S+)", lines[0]), ["refused"], "reason")


run()
