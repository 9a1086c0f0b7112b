# SPDX-License-Identifier: GPL-2.0
"""Test ladder: arrows, states, folding, widths, and the SVG drawing."""
import json
import pathlib
import re
import unicodedata
import xml.etree.ElementTree

import captures
from captures import ACK, MS, PSH, Talk
from tap import case, cases, contains, equal
import pseudo_terminal

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"
SEED = FOLDER / "00-seed-arithmetic.pcap"
FILES = sorted(path.name for path in FOLDER.glob("*.pcap*"))
WIDTHS = (40, 60, 79, 80, 100, 120)
SVG = "{http://www.w3.org/2000/svg}"

GOLDEN = """\
Connection 1: client 10.0.0.1:1234, server 10.0.0.2:80
       time       client |                                        | server
   0.000000     SYN_SENT |-- SYN seq 0 -------------------------->|
   0.010000  ESTABLISHED |<- SYN,ACK seq 0 ack 1 -----------------| SYN_RECEIVED
   0.020000              |-- ACK seq 1 ack 1 -------------------->| ESTABLISHED
   0.030000              |== PSH,ACK seq 1 ack 1 len 100 ========>|
   0.040000              |<= PSH,ACK seq 1 ack 101 len 500 =======|
   0.050000              |-- ACK seq 101 ack 501 ---------------->|
   0.060000   FIN_WAIT_1 |-- FIN,ACK seq 101 ack 501 ------------>| CLOSE_WAIT
   0.070000   FIN_WAIT_2 |<- FIN,ACK seq 501 ack 102 -------------| LAST_ACK
               TIME_WAIT |                                        |
   0.080000              |-- ACK seq 102 ack 502 ---------------->| CLOSED
fin by client, 80.0 ms; bytes: client 100, server 500, sent again 0
"""

NARROW = """\
Connection 1: client 10.0.0.1:1234, server
  10.0.0.2:80
       time |client                server|
   0.000000 |-- SYN seq 0 -------------->|
            |SYN_SENT                    |
   0.010000 |<- SYN,ACK seq 0 ack 1 -----|
            |ESTABLISHED     SYN_RECEIVED|
   0.020000 |-- ACK seq 1 ack 1 -------->|
            |                 ESTABLISHED|
   0.030000 |== PSH,ACK 1/1 +100 =======>|
   0.040000 |<= PSH,ACK 1/101 +500 ======|
"""


@case("ladder: the seed")
def golden(client):
    out, err = client.run("ladder", "-r", SEED)
    equal((out, err), (GOLDEN, ""))


@case("ladder: if there is little room, states have their own rows")
def narrow(client):
    out, _ = client.run("ladder", "-r", SEED, "--width", "42")
    equal(out[:len(NARROW)], NARROW)


def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


@cases("ladder: each line fits", [(str(n), n) for n in WIDTHS])
def widths(client, width):
    for name in FILES:
        for kind in ("--ascii", "--unicode"):
            out, _ = client.run("ladder", "-r", FOLDER / name, kind,
                                "--width", str(width))
            for line in out.splitlines():
                # only a line of one word, the name of an end, may be too wide
                if columns(line) > width and " " in line.strip():
                    raise AssertionError(f"{name}: {columns(line)}: {line}")
                if kind == "--ascii" and not line.isascii():
                    raise AssertionError(line)


@cases("ladder: the width of the terminal", [(str(n), n) for n in
                                              (60, 80, 100, 120)])
def on_terminal(client, width):
    """Check that the right lifeline is at the right edge or, in wide output,
    directly before the column of the states."""
    main, other = pseudo_terminal.opened(width)
    process = client.start("ladder", "-r", SEED, "--ascii", "--color=never",
                           stdout=other)
    data = pseudo_terminal.finish(main, other)
    equal(process.wait(), 0)
    process.stderr.close()
    arrow = data.splitlines()[2]
    equal(arrow.rindex("|") + 1, width if width < 80 else width - 13)


ARROW = re.compile(r"\|[<!=-]+ ([A-Z,-]+) seq (\d+)(?: ack (\d+))?"
                   r"(?: len (\d+))? [!=-]+>?\|")


@cases("ladder: an arrow for each segment", [(name, name) for name in FILES])
def arrows(client, name):
    out, _ = client.run("watch", "-r", FOLDER / name, "-e", "segment",
                        "--json")
    want = sorted((s["conn"], s["frame"], s["rel_seq"],
                   s["rel_ack"] if "A" in s["flags"] else None,
                   s["len"] or None)
                  for s in map(json.loads, out.splitlines()) if s["conn"])
    out, _ = client.run("ladder", "-r", FOLDER / name, "--all", "--width",
                        "140")
    got = [tuple(int(n) if n else None for n in match.groups()[1:])
           for match in ARROW.finditer(out)]
    equal(got, [row[2:] for row in want])


def transfer(count):
    talk = Talk()
    return captures.pcap(talk.handshake() + [
        talk(0, ACK, 1 + 1000 * i, 1, 1000) for i in range(count)])


@cases("ladder: long runs are folded", [
    ("9 segments: not folded", 9, [], None),
    ("10 segments: one is replaced", 10, [], None),
    ("57", 57, [], "... 52 segments, 52 kB ..."),
    ("57, all", 57, ["--all"], None)])
def folded(client, count, args, want):
    out, _ = client.run("ladder", "-r",
                        client.path("capture", transfer(count)), *args)
    folds = re.findall(r"\.\.\. .* \.\.\.", out)
    if want is None and count > 20:
        equal(folds, [])
        equal(out.count("len 1000"), count)
    elif want:
        equal(folds, [want])
        equal(out.count("len 1000"), 5)
    else:
        hidden = sum(int(re.search(r"\d+", fold)[0]) for fold in folds)
        equal(out.count("len 1000") + hidden, count)


@case("ladder: a retransmission, a loss and a pause are marked")
def marks(client):
    talk = Talk()
    data = talk(0, PSH | ACK, 1, 1, 100)
    frames = talk.handshake() + [data, data, talk(0, PSH | ACK, 301, 1, 100)]
    out, _ = client.run("ladder", "-r", client.path(
        "capture", captures.pcap(frames, step=2000 * MS)))
    contains(out, "|!= PSH,ACK seq 1 ack 1 len 100 ", "  retransmission ",
             "  x lost_segment ", ": ", "... 2.00 s idle ...")


@case("ladder: a finding")
def finding(client):
    out, _ = client.run("ladder", "-r", FOLDER / "01-min.pcap",
                        "--width", "160")
    contains(out, "! the SYN met an old connection: the server answered with "
             "an ACK of other numbers")


@case("ladder: connections one after another, --conn, a filter")
def several(client):
    one, other = Talk(port=1), Talk(port=2)
    path = client.path("capture", captures.pcap(
        [f for pair in zip(one.handshake(), other.handshake())
         for f in pair]))
    for args, want in (([], ["1", "2"]), (["--conn", "2"], ["2"]),
                       (["port", "1"], ["1"])):
        out, _ = client.run("ladder", "-r", path, *args)
        equal(re.findall(r"^Connection \d+: client \S+:(\d+),", out, re.M),
              want)


def drawn(client, *args):
    path = client.path("ladder.svg")
    out, _ = client.run("ladder", *args, "--svg", path)
    equal(out, "")
    return xml.etree.ElementTree.parse(path).getroot()


def texts(root):
    return [node.text for node in root.iter(SVG + "text")]


@case("ladder --svg: the seed")
def svg(client):
    root = drawn(client, "-r", SEED)
    equal(root.tag, SVG + "svg")
    kinds = [line.get("class") for line in root.iter(SVG + "line")]
    equal(kinds, ["syn", "syn", "ack", "data", "data", "ack", "fin", "fin",
                  "ack", "life", "life"])
    contains(texts(root), "client 10.0.0.1:1234", "server 10.0.0.2:80",
             "SYN seq 0", "PSH,ACK seq 1 ack 101 len 500", "SYN_SENT",
             "TIME_WAIT", "0.080000")


@cases("ladder --svg: well-formed, all inside", [(n, n) for n in FILES])
def svg_cases(client, name):
    root = drawn(client, "-r", FOLDER / name)
    height = int(root.get("height"))
    for node in root.iter():
        for key in ("y", "y1", "y2"):
            if int(node.get(key, "0").rstrip("%")) > height:
                raise AssertionError(node.attrib)


@case("ladder --svg -: on standard output")
def svg_stdout(client):
    out, _ = client.run("ladder", "-r", SEED, "--svg", "-")
    xml.etree.ElementTree.fromstring(out)


@case("ladder --svg: a file that cannot be written")
def svg_error(client):
    _, err = client.run("ladder", "-r", SEED, "--svg", "/dev/full", code=1)
    contains(err, "/dev/full: No space left on device")
    _, err = client.run("ladder", "-r", SEED, "--svg", "/no/such", code=1)
    contains(err, "/no/such: No such file")


@cases("foreign text has no control characters and is escaped", [
    (word, word) for word in ("explain", "ladder", "svg")])
def foreign(client, word):
    path = client.records("foreign")
    if word == "svg":
        root = drawn(client, "--device", path)
        out = "\n".join(texts(root))
        contains(out, "<b>&\"")
    else:
        out, _ = client.run(word, "--device", path, "--width", "200")
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f]", out):
        raise AssertionError(repr(out))
    contains(out, "<b>&\"")


@cases("ladder, misuse", [
    ("width", ["--width", "1"], "'1'"), ("conn", ["-c", "x"], "'x'"),
    ("as module", ["--as-module"], "--read"),
    ("color", ["--color=pink"], "'pink'"),
    ("svg", ["--svg"], "requires an argument"),
])
def misuse(client, args, word):
    out, err = client.run("ladder", *args, code=2)
    equal(out, "")
    contains(err, word, "Try 'tcptracectl ladder --help'.")
