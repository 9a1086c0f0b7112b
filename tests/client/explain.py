# SPDX-License-Identifier: GPL-2.0
"""Test explain: its sums, its options and the quiz. explain must not claim
anything about a SYN that was not seen."""
import json
import pathlib
import re

import arithmetic
import captures
from captures import ACK, PSH, SYN, Talk
from tap import case, cases, contains, equal

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"
FILES = sorted(path.name for path in FOLDER.glob("*.pcap*"))


@cases("explain, sums of a case", [(name, name) for name in FILES])
def sums(client, name):
    arithmetic.check(client, FOLDER / name)


@case("explain, sums of the seed")
def seed_sums(client):
    # the output has 3 sums for SEQ, 4 for ACK, and so on: at least 18 sums
    if arithmetic.check(client, FOLDER / "00-seed-arithmetic.pcap") < 18:
        raise AssertionError("sums are missing")


@cases("explain, sums of all scenes", [("as written", False),
                                       ("at each ISN, both ways", True)])
def scene_sums(client, wrap):
    path = pathlib.Path(client.path(f"scenes-{wrap}.pcap"))
    arithmetic.write_scenes(path, wrap)
    if arithmetic.check(client, path) < 1000:
        raise AssertionError("sums are missing")


def explained(client, name, *args):
    out, _ = client.run("explain", "-r", FOLDER / (name + ".pcap"), "--json",
                        *args)
    return [json.loads(line) for line in out.splitlines()]


@cases("explain, JSON sums", [(name, name) for name in FILES])
def json_sums(client, name):
    """Check the sums, which have raw sequence numbers, and the next sequence
    number of each segment."""
    out, _ = client.run("explain", "-r", FOLDER / name, "--json")
    segments = {}
    for row in map(json.loads, out.splitlines()):
        if "label" not in row:
            continue
        segments[row["conn"], row["label"]] = row
        for item in row["sums"]:
            equal(item["value"], (item["base"] + item["plus"]) % 2**32)
            if "segment" in item:
                other = segments[row["conn"], item["segment"]]
                equal(item["base"], other["seq"])
        equal(row["next"], (row["seq"] + row["len"] + ("S" in row["flags"]) +
                            ("F" in row["flags"])) % 2**32)


@case("explain: the numbers of a handshake")
def handshake(client):
    data = captures.pcap(Talk().handshake() + [Talk()(0, PSH | ACK, 1, 1, 100),
                                               Talk()(1, ACK, 1, 101)])
    out, err = client.run("explain", "-r", client.path("capture", data),
                          "--width", "500")
    equal(err, "")
    contains(out, "client 1000, server 5000",
             "SEQ 0 stands for the ISN (initial sequence number) that the "
             "client has chosen. On the wire it is 1000.",
             "ACK 1 = 0 (the ISN of the client) + 1 (the SYN counts as one)",
             "SEQ 1 and ACK 1 as in #3, which took no number.",
             "100 bytes of data, 1 to 100: NEXT 101 = 1 + 100 bytes.",
             "ACK 101 = 1 + 100 bytes (the data of #4)",
             "client: SYN_SENT -> ESTABLISHED: ",
             "[RFC 9293 3.10.7.3, fourth]")


@case("explain: one object a segment, and a summary")
def objects(client):
    rows = explained(client, "00-seed-arithmetic")
    equal([row["event"] for row in rows],
          ["explain"] * 9 + ["explain_summary"])
    equal([row["frame"] for row in rows[:9]], list(range(1, 10)))
    equal([(s["end"], s["from"], s["to"], s["reason"])
           for s in rows[1]["states"]],
          [("resp", "CLOSED", "SYN_RECEIVED", "passive_open"),
           ("orig", "SYN_SENT", "ESTABLISHED", "synack_received")])
    equal(rows[4]["sums"][0], {"of": "seq", "value": 2001, "base": 2000,
                               "plus": 1, "segment": 2})


@case("explain: a finding has its cause")
def finding(client):
    rows = explained(client, "01-min")
    found = [f for row in rows for f in row.get("findings", [])]
    equal([f["finding"] for f in found], ["old_connection"])
    kinds = [n["kind"] for row in rows for n in row["notes"]]
    equal(kinds[kinds.index("finding") + 1], "cause")


@case("explain: no statement about a SYN that was not seen")
def midstream(client):
    talk = Talk()
    data = captures.pcap([talk(0, PSH | ACK, 500, 900, 10),
                          talk(1, ACK, 900, 510), talk(0, ACK, 510, 900)])
    out, _ = client.run("explain", "-r", client.path("capture", data),
                        "--width", "500")
    contains(out, "which end is the client is a guess",
             "SEQ 1: the first number of the client that was seen",
             "its scale is unknown", "The start of the connection was not seen")
    for word in ("ISN)", "opened the connection with a SYN", "handshake is complete"):
        if word in out:
            raise AssertionError(word)


@case("explain: an ACK of data that was not captured")
def unseen(client):
    talk = Talk()
    data = captures.pcap(talk.handshake() + [talk(1, ACK, 1, 101)])
    out, _ = client.run("explain", "-r", client.path("capture", data),
                        "--width", "500")
    contains(out, "ACK 101 = 1 (the highest number seen of the client) + 100 "
             "that were not seen here.")


@case("explain: an ACK of data in a gap of the capture")
def gap(client):
    talk = Talk()
    data = captures.pcap(talk.handshake() + [
        talk(0, PSH | ACK, 1, 1, 100), talk(0, PSH | ACK, 201, 1, 100),
        talk(1, ACK, 1, 201), talk(1, ACK, 1, 301)])
    out, _ = client.run("explain", "-r", client.path("capture", data),
                        "--width", "500")
    contains(out, "ACK 201: the sender has all before 201; the segment that "
             "ends there was not seen here.")


@case("explain: each segment of a repeated series")
def series(client):
    talk = Talk()
    one, two = (talk(0, PSH | ACK, seq, 1, 100) for seq in (1, 101))
    data = captures.pcap(talk.handshake() +
                         [one, two, one, talk(1, ACK, 1, 101), two])
    out, _ = client.run("explain", "-r", client.path("capture", data),
                        "--width", "500")
    contains(out, "SEQ 1 comes before 201, the next number: #4 has sent it",
             "SEQ 101 comes before 201, the next number: #5 has sent it")


@case("explain: the window is scaled if both SYNs say so")
def windows(client):
    def shift(n):
        return bytes([3, 3, n, 0])

    talk = Talk()
    frames = [talk(0, SYN, options=shift(7)),
              talk(1, SYN | ACK, 0, 1, options=shift(3)),
              talk(0, ACK, 1, 1, window=502)]
    path = client.path("capture", captures.pcap(frames))
    out, _ = client.run("explain", "-r", path, "--width", "500")
    contains(out, "Window 64256 bytes = 502 x 2^7, the scale in its SYN.",
             "all before 64257 = 1 (ACK) + 64256",
             "Window scale: agreed, 2^7 for the client, 2^3 for the server.")
    path = client.path("capture", captures.pcap([frames[0], frames[2]]))
    out, _ = client.run("explain", "-r", path, "--width", "500")
    contains(out, "Window field 502: the SYN of the other end was not seen")
    path = client.path("capture", captures.pcap(
        [frames[0], talk(1, SYN | ACK, 0, 1), frames[2]]))
    out, _ = client.run("explain", "-r", path, "--width", "500")
    contains(out, "Window 502 bytes, not scaled.")


@case("explain: the comparison behind a class")
def comparison(client):
    rows = explained(client, "38-rexmit-called-out-of-order")
    texts = [n["text"] for row in rows for n in row["notes"]
             if n["kind"] == "class"]
    contains("\n".join(texts), "out_of_order: SEQ 1 is before 5841, which was "
             "reached only 19.7 ms ago: less than 50.1 ms")


def two():
    one, other = Talk(port=1), Talk(port=2)
    return captures.pcap([f for pair in zip(one.handshake() + one.close(),
                                            other.handshake() + other.close())
                          for f in pair])


@cases("explain --conn", [
    ("all", [], [1, 2]), ("one", ["--conn", "2"], [2]),
    ("two", ["-c", "2,1"], [1, 2]), ("none", ["-c", "9"], [])])
def conn(client, args, want):
    out, _ = client.run("explain", "-r", client.path("capture", two()), *args)
    equal([int(n) for n in re.findall(r"^Connection (\d+):", out, re.M)], want)


@case("explain: a filter like that of watch")
def expression(client):
    out, _ = client.run("explain", "-r", client.path("capture", two()),
                        "port", "2")
    equal(re.findall(r"client \S+:(\d+) ->", out), ["2"])


@case("explain --level basic: no window, no rule")
def basic(client):
    out, _ = client.run("explain", "-r", FOLDER / "00-seed-arithmetic.pcap",
                        "--level", "basic")
    for word in ("Window", "RFC 9293", "MSS"):
        if word in out:
            raise AssertionError(word)
    contains(out, "client: CLOSED -> SYN_SENT", "ACK 101 = 1 + 100 bytes")


@cases("explain: lines fit", [(str(n), n) for n in (40, 60, 80, 100, 120)])
def widths(client, width):
    for name in ("00-seed-arithmetic", "07-ack-loop-zero-window", "34-vxlan"):
        out, _ = client.run("explain", "-r", FOLDER / (name + ".pcap"),
                            "--width", str(width))
        widest = max(out.splitlines(), key=len)
        if len(widest) > width:
            raise AssertionError(f"{len(widest)}: {widest}")


@cases("explain, misuse", [
    ("level", ["--level", "all"], "'all'"),
    ("language", ["--lang", "xx"], "'xx'"),
    ("width 39", ["--width", "39"], "'39'"),
    ("width 501", ["--width", "501"], "'501'"),
    ("conn 0", ["--conn", "0"], "'0'"),
    ("conn 1,", ["--conn", "1,"], "''"),
    ("conn of 33", ["--conn", ",".join("1" * 33)], "takes 32"),
    ("as module", ["--as-module"], "--read"),
    ("color", ["--color=pink"], "'pink'"),
    ("quiz", ["--quiz", "--json"], "--json"),
    ("quiz of standard input", ["--quiz", "-r", "-"], "-r FILE"),
])
def misuse(client, args, word):
    out, err = client.run("explain", *args, code=2)
    equal(out, "")
    contains(err, word, "Try 'tcptracectl explain --help'.")


# SEQ and ACK of the segments after the SYN of 00-seed-arithmetic, worked out by
# hand
SEED = ([101] + [101, 2001] * 2 + [2001, 201] + [201, 2501] * 2 + [2501, 202] +
        [202, 2502])


def answer(client, answers, *args):
    path = client.path("answers", "".join(f"{a}\n" for a in answers).encode())
    with open(path, encoding="ascii") as file:
        out, _ = client.run("explain", "-r", FOLDER / "00-seed-arithmetic.pcap",
                            "--quiz", "--raw", *args, stdin=file)
    return out


@case("explain --quiz: each answer of the seed")
def quiz(client):
    out = answer(client, SEED)
    equal(out.count("Right."), 15)
    contains(out, "15 of 15 answers are right.", "Summary")


@case("explain --quiz: wrong, no number, skipped, and the end of the input")
def quiz_wrong(client):
    out = answer(client, [102, "a", "", "1" * 300])
    contains(out, "No: ACK 101.", "No: SEQ 101.", "No: SEQ 101.",
             "0 of 3 answers are right.")
    # a segment is not shown until the question about its ACK is answered
    equal((out.count("SEQ? "), out.count("LEN 100"), out.count("NEXT 201")),
          (2, 1, 0))
    if "Summary" in out:
        raise AssertionError(out)


@case("explain --quiz: in Korean")
def quiz_korean(client):
    contains(answer(client, SEED[:1], "--lang", "ko"), "맞습니다.", "1문제 중 1문제")


@case("explain: records of the device, with a loss at its place")
def device(client):
    out, _ = client.run("explain", "--device", client.records("session"),
                        "--width", "500")
    contains(out, "Connection ")
