#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that tshark can read a file that tcptracectl record has written: the
headers and the comments of connections that the module has seen."""
import os
import subprocess

import module
from case import case, run
from check import PATIENCE, equal, until
from netns import Netns
from proc import command
from sockets import close_both, exchange, local_connection

PATH = f"/dev/shm/record{os.getpid()}.pcapng"

module.load()
a = Netns("a")


@case("record: each segment with its comment")
def _():
    with a:
        recorder = subprocess.Popen(["tcptracectl", "record", "-n", "40", PATH])

    def one_more():
        _, client, server = local_connection(a)
        exchange(client, server, 100, 200)
        close_both(client, server)
        return recorder.poll() is not None

    until(one_more, "40 packets")
    equal(recorder.wait(PATIENCE), 0, "exit")
    out = command("tshark", "-r", PATH, "-T", "fields", "-e", "tcp.flags.str",
                  "-e", "tcp.len", "-e", "tcp.stream", "-e", "frame.comment")
    rows = [line.split("\t") for line in out.splitlines()]
    equal(len(rows), 40, "packets")
    # skip the first connection, which may have begun before the recording, and
    # the last connection, which may still be open
    last = rows[-1][2]
    comments = {}
    for flags, _, stream, text in rows:
        if stream not in ("0", last):
            comments.setdefault(stream, []).append((flags.strip("·"), text))
    for packets in comments.values():
        text = " ".join(text for _, text in packets)
        equal([word for word in (
            "CLOSED -> SYN_SENT", "CLOSED -> SYN_RECEIVED",
            "SYN_RECEIVED -> ESTABLISHED", "handshake complete",
            "ESTABLISHED -> FIN_WAIT_1", "-> TIME_WAIT", "closed: fin")
            if word not in text], [], "missing comments")
        equal((packets[0][0], "SYN_SENT" in packets[0][1]), ("S", True))
    equal(sum(int(row[1]) for row in rows if row[2] in comments),
          300 * len(comments), "bytes")
    os.unlink(PATH)


run()
