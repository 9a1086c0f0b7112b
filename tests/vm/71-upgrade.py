#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Replace the module while connections are open. A current reader, and a reader
that knows only the first layout of the records, must then report these
connections as Documentation/abi.rst describes."""
import json
import os
import subprocess
import time

import module
from case import case, run
from check import PATIENCE, equal, until
from device import DEVICE, Reader, is_reading
from netns import isolate
from records import CLOSE, OPEN
from sockets import close_both, exchange, listener, pair

F_MIDSTREAM = 1

module.load()
isolate()
server = listener(port=80)	# the port shows the originator
open_ones = []


def start(*words):
    process = subprocess.Popen(words, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    until(lambda: is_reading(process.pid), f"open of {words}")
    return process


def end(process, is_close):
    """Read a reader's output up to the last CLOSE, and end the reader. Return:
    the lines that report a CLOSE."""
    closes = []
    while len(closes) < len(open_ones):
        line = process.stdout.readline()
        equal(line != "", True, f"line of {process.args}")
        if is_close(line):
            closes.append(line)
    process.terminate()
    equal(process.wait(PATIENCE), 0, "exit")
    return closes


@case("the epoch is the time when the module was loaded, for each reader")
def epoch():
    with Reader() as first, Reader() as second:
        equal(first.epoch(), second.epoch(), "epoch")
        equal(0 < time.time_ns() - first.epoch() < 600 * 10**9, True,
              "time since then")


@case("a reader keeps the old module; a new module is loaded after its close")
def replaced():
    with Reader(OPEN) as reader:
        open_ones.extend(pair(server) for _ in range(3))
        before = reader.epoch()
        done = subprocess.run(["rmmod", "tcptrace"], capture_output=True,
                              text=True, check=False)
        equal((done.returncode, "in use" in done.stderr), (1, True), "rmmod")
        equal([record.conn for record in reader.drain()], [1, 2, 3],
              "connections")
    module.unload()
    equal(os.path.exists(DEVICE), False, "device")
    module.load()
    with Reader() as reader:
        equal(reader.epoch() > before, True, "epochs")


@case("open connections are picked up, by a reader of either version")
def picked_up():
    new = start("tcptracectl", "watch", "--json", "-e", "open,close")
    old = start("example-reader-v1")
    with Reader(OPEN, CLOSE) as reader:
        for client, peer in open_ones:
            exchange(client, peer, 100, 200)
            close_both(client, peer)
        found = reader.collect(lambda got: sum(
            record.type == CLOSE for record in got) == 3, "CLOSE")
    equal(sorted(record.conn for record in found if record.type == OPEN),
          [1, 2, 3], "ids begin at 1 again")
    equal({record.flags & F_MIDSTREAM for record in found}, {F_MIDSTREAM},
          "flags")
    bytes_of = [(record.dir[0].bytes, record.dir[1].bytes)
                for record in found if record.type == CLOSE]
    equal(bytes_of, [(100, 200)] * 3, "bytes")
    events = [json.loads(line) for line in
              end(new, lambda line: json.loads(line)["event"] == "close")]
    equal([(event["a2b"]["bytes"], event["b2a"]["bytes"])
           for event in events], bytes_of, "bytes by tcptracectl")
    equal([line.split(maxsplit=1)[1].strip() for line in
           end(old, lambda line: " close " in line)],
          [f"close reason {record.reason} bytes 100 200 conn {record.conn}"
           for record in found if record.type == CLOSE],
          "lines of the reader of the first version")


run()
