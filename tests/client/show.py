# SPDX-License-Identifier: GPL-2.0
"""Test show, which prints a page about one connection."""
import json
import os
import pty
import re
import subprocess

import captures
from captures import ACK, MS, PSH, SYN, Talk
from owners import one_row
from tables import WITH_CONTEXT
from tap import TIMEOUT, case, cases, contains, equal, one_line, until

TABLE = """\
id orig resp orig_state resp_state marks orig_iss orig_nxt orig_ack \
resp_iss resp_nxt resp_ack orig_packets orig_segments orig_bytes orig_rexmit \
orig_flags resp_packets resp_segments resp_bytes resp_rexmit resp_flags age \
left orig_uid orig_inode resp_uid resp_inode findings
7 10.0.0.2:40000 10.0.0.1:80 ESTABLISHED FIN_WAIT_1 - 1000 1101 7001 5000 \
7001 1101 6 6 100 0 SPA 4 4 2000 500 SFPA 1.500 119.250 1000 4711 - - 2048
8 [2001:db8::2]:5 [2001:db8::1]:80 SYN_SENT CLOSED - 1 2 0 0 0 0 1 1 0 0 S \
0 0 0 0 - 0.100 129.900 - - - - 0
"""


def conversation():
    talk = Talk()
    return talk.handshake() + [
        talk(0, PSH | ACK, 1, 1, 1000), talk(1, ACK, 1, 1001),
        talk(1, PSH | ACK, 1, 1001, 500), talk(1, PSH | ACK, 1, 1001, 500),
        talk(0, ACK, 1001, 501), *talk.close(1001, 501)]


PAGE = """\
Connection 1   10.0.0.2:40000 -> 10.0.0.1:80   1:wiztte4BBo/nz6LuCKq48Eb9IM8=
  opened     2023-11-14T22:13:20.000000000Z
  handshake  2.00 ms: to the responder and back 1.00 ms, to the originator 1.00 ms
  ended      after 10.0 ms: fin by orig, frame 11   SF ShADadtFf
  states     +0.000000  orig CLOSED -> SYN_SENT             sent SYN (frame 1)
             +0.001000  resp CLOSED -> SYN_RECEIVED         answered SYN with SYN,ACK (frame 2)
             +0.001000  orig SYN_SENT -> ESTABLISHED        received SYN,ACK (frame 2)
             +0.002000  resp SYN_RECEIVED -> ESTABLISHED    its SYN was acknowledged (frame 3)
             +0.008000  orig ESTABLISHED -> FIN_WAIT_1      sent FIN (frame 9)
             +0.008000  resp ESTABLISHED -> CLOSE_WAIT      received FIN (frame 9)
             +0.009000  orig FIN_WAIT_1 -> FIN_WAIT_2       its FIN was acknowledged (frame 10)
             +0.009000  resp CLOSE_WAIT -> LAST_ACK         sent FIN (frame 10)
             +0.009000  orig FIN_WAIT_2 -> TIME_WAIT        received FIN (frame 10)
             +0.010000  resp LAST_ACK -> CLOSED             its FIN was acknowledged (frame 11)
"""


@case("show: by number, from a capture")
def number(client):
    path = client.path("capture", captures.pcap(conversation()))
    out, err = client.run("show", "-r", path, "1")
    equal(err, "")
    equal(out[:len(PAGE)], PAGE)
    rows = {line[:13].strip(): re.split("  +", line[13:].strip())
            for line in out[len(PAGE):].splitlines()}
    equal({label: rows[label] for label in (
        "state", "packets", "bytes", "loss", "window", "segments")}, {
            "state": ["TIME_WAIT, sent SFPA", "CLOSED, sent SFPA"],
            "packets": ["6 (1 with data)", "5 (2 with data)"],
            "bytes": ["1,000", "500 new, 500 again (50.0 %)"],
            "loss": ["none", "1 again"],
            "window": ["64,240 to 64,240, not scaled"] * 2,
            "segments": ["no MSS seen, largest 1000",
                         "no MSS seen, largest 500"]})
    # the histogram has a column for each end
    equal(rows["RTT from"], ["samples"] * 2)


@case("show: the page agrees with the closing record")
def agrees(client):
    data = captures.pcap(conversation())
    path = client.path("capture", data)
    close = client.replay(data, "-e", "close")[0]
    out, _ = client.run("show", "-r", path, "--json", "1")
    got = json.loads(out)
    equal((got["conn"], got["orig"], got["resp_port"]), (1, "10.0.0.2", 80))
    equal(len(got["states"]), close["transitions"])
    for name, value in got["close"].items():
        equal(value, close[name], name)
    out, _ = client.run("show", "-r", path, "1")
    contains(out, f"  limited by {close['limited_by']}\n")
    bars = [sum(int(n) for n in re.findall("# ([0-9]+)", part))
            for part in zip(*[(line[13:48], line[48:])
                              for line in out.splitlines() if "#" in line])
            for part in [" ".join(part)]]
    equal(bars, [sum(close[end]["rtt_hist"]) for end in ("a2b", "b2a")])


@cases("show: a connection by its ends", [
    ("as they are", ["10.0.0.2:40000", "10.0.0.1:80"]),
    ("the other way", ["10.0.0.1:80", "10.0.0.2:40000"]),
])
def ends(client, words):
    again = Talk(isn=(900000, 800000))
    path = client.path("capture", captures.pcap(
        [Talk(port=9)(0, SYN), *conversation(), again(0, SYN)]))
    out, _ = client.run("show", "-r", path, *words)
    # two connections between the same ends get a page each
    equal(re.findall(r"^Connection (\d+)", out, re.M), ["2", "3"])
    contains(out, "\n\nConnection 3")


@case("show: findings and suspicions, with their frames")
def odd(client):
    talk = Talk()
    frames = [talk(0, SYN)] + [talk(1, SYN | ACK, 0, 1)] * 4
    path = client.path("capture", captures.pcap(frames, step=1000 * MS))
    out, _ = client.run("show", "-r", path, "1")
    contains(out, "  handshake  not complete\n", "  open       4.00 s so far",
             "  findings   the responder has sent its SYN,ACK 4 times")
    frames = conversation()[:8] + [talk(1, PSH | ACK, 999999, 1001, 5)] * 2
    path = client.path("capture", captures.pcap(frames))
    out, _ = client.run("show", "-r", path, "1")
    contains(out, "  suspected  data: ")


@case("show: from the table of the module")
def table(client):
    path = client.path("table", TABLE)
    out, _ = client.run("show", "--file", path, "7")
    equal(out.splitlines()[0], "Connection 7   10.0.0.2:40000 -> 10.0.0.1:80")
    rows = {line[:13].strip(): re.split("  +", line[13:].strip())
            for line in out.splitlines()[1:]}
    equal(rows["opened"], ["1.500 s ago, 119.250 s until it times out, "
                           "marks -"])
    equal(rows["finding"], ["zero_window"])
    equal((rows["state"], rows["bytes"], rows["again"], rows["uid"]),
          (["ESTABLISHED", "FIN_WAIT_1"], ["100", "2000"], ["0", "500"],
           ["1000", "-"]))
    out, _ = client.run("show", "--file", path, "[2001:db8::1]:80",
                        "[2001:db8::2]:5", "--json")
    equal(json.loads(out)["id"], 8)


@case("show: process, cgroup, interfaces and NAT, if the table has them")
def context(client):
    out, _ = client.run("show", "--file", client.path("table", WITH_CONTEXT),
                        "1")
    rows = {line[:13].strip(): re.split("  +", line[13:].strip())
            for line in out.splitlines()[1:]}
    equal((rows["process"], rows["cgroup"], rows["behind NAT"]),
          (["a b\\?[4000000001]", "remote"], ["-", "-"],
           ["192.0.2.1:40001", "192.0.2.2:8080"]))
    contains(rows["interfaces"][0], "out ")
    contains(rows["interfaces"][1], " in")


@cases("show: an end is remote", [
    ("forwarded", {"orig_in": 1, "orig_out": 2, "resp_in": 2, "resp_out": 1},
     ["remote", "remote"]),
    ("its segments arrive", {"orig_out": 2, "resp_in": 2}, ["-", "remote"]),
    ("not with a user", {"orig_in": 2, "orig_uid": 4000000000}, ["-", "-"]),
    ("nothing seen", {}, ["-", "-"]),
])
def remote(client, cells, want):
    out, _ = client.run("show", "--file",
                        client.path("table", one_row(**cells)), "4444")
    line = [line for line in out.splitlines() if "process " in line][0]
    equal(line.split()[1:], want)


@case("show: no such connection: one line, exit 1")
def missing(client):
    path = client.path("capture", captures.pcap(conversation()))
    rows = client.path("table", TABLE)
    for source in ["-r", path], ["--file", rows]:
        for words in ["99"], ["10.0.0.9:1", "10.0.0.1:80"]:
            out, err = client.run("show", *source, *words, code=1)
            equal(out, "")
            one_line(err)
            contains(err, source[1], "no connection")


def replace(client, old, new):
    """Atomically replace the table with a changed one."""
    path = client.path("table.new", TABLE.replace(old, new))
    os.rename(path, client.path("table"))


def bytes_read(process):
    """Return the number of bytes that the process has read so far."""
    with open(f"/proc/{process.pid}/io", encoding="ascii") as file:
        return int(file.readline().split()[1])


@cases("show --follow: a page for each change, until the connection ends", [
    ("by number", ["7"], "closed"), ("gone", ["7"], "gone"),
    ("by its ends", ["10.0.0.1:80", "10.0.0.2:40000"], "closed")])
def follow(client, words, end):
    path = client.path("table", TABLE)
    one, _ = client.run("show", "--file", path, "7")
    with client.start("show", "--follow", "--file", path, *words,
                      stdout=subprocess.PIPE) as process:
        lines = [process.stdout.readline().decode()
                 for _ in one.splitlines()]
        equal("".join(lines), one)
        # show prints no new page if only the times have changed; wait until it
        # has read the table twice
        replace(client, " 1.500 119.250 ", " 2.500 118.250 ")
        begin = bytes_read(process)
        until(lambda: bytes_read(process) >= begin + 2 * len(TABLE),
              "reads of the table")
        replace(client, " SPA 4 4 2000 ", " SPA 5 5 3000 ")
        equal(process.stdout.readline(), b"\n")
        lines = [process.stdout.readline().decode()
                 for _ in one.splitlines()]
        equal("".join(lines), client.run("show", "--file", path, "7")[0])
        contains("".join(lines), "3000")
        if end == "gone":
            replace(client, "\n7 ", "\n9 ")
        else:
            replace(client, " FIN_WAIT_1 - ", " CLOSED C ")
        rest = process.stdout.read().decode()
        equal(process.wait(TIMEOUT), 0)
        equal(process.stderr.read(), b"")
    equal(rest, "" if end == "gone" else
          "\n" + client.run("show", "--file", path, "7")[0])


@case("show --follow --json: a line for each change")
def follow_json(client):
    path = client.path("table", TABLE)
    with client.start("show", "--follow", "--json", "--file", path, "7",
                      stdout=subprocess.PIPE) as process:
        equal(json.loads(process.stdout.readline())["resp_bytes"], 2000)
        replace(client, " SPA 4 4 2000 ", " SPA 5 5 3000 ")
        equal(json.loads(process.stdout.readline())["resp_bytes"], 3000)
        os.unlink(path)
        equal(process.wait(TIMEOUT), 1)
        contains(process.stderr.read().decode(), "No such file")
    _, err = client.run("show", "--follow", "--file",
                        client.path("table", TABLE), "77", code=1)
    contains(err, "no connection 77")


@case("show --follow: a terminal is redrawn every second")
def follow_terminal(client):
    path = client.path("table", TABLE)
    master, slave = pty.openpty()
    with client.start("show", "--follow", "--file", path, "7",
                      stdout=slave) as process:
        os.close(slave)
        out = b""
        while out.count(b"\x1b[H\x1b[2J") < 3:
            out += os.read(master, 65536)
        process.terminate()
        process.wait(TIMEOUT)
    os.close(master)
    equal(out.count(b"Connection 7   10.0.0.2:40000"), 3)
