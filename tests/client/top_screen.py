# SPDX-License-Identifier: GPL-2.0
"""Test top on a terminal: its rows, keys and time slider, and its exit."""
import os
import random
import re
import signal
import time

import captures
import top
import tree
from captures import ACK, PSH, RST, SYN, Talk
from interface import Namespace
from tap import Skip, case, cases, contains, equal
from terminal import Terminal

BAR = "F1Help"


def human(n):
    """Format a number as top shows it: 999, 9.9k or 12k."""
    if n < 1000:
        return str(n)
    return f"{n / 1000:.1f}k" if n < 9950 else f"{n / 1000:.0f}k"


def rows_of(lines):
    """Return the rows below the column titles, each as {column title: cell}."""
    start = next((i for i, line in enumerate(lines)
                  if re.match(r" *(CONN|GROUP|ORIG) ", line)), None)
    if start is None:
        return []
    names = lines[start].split()
    rows = []
    for line in lines[start + 1:]:
        line = re.sub(r"(\d) (ns|us|ms|s)\b", r"\1\2", line)
        if not line.strip() or BAR in line:
            break
        rows.append(dict(zip(names, line.split())))
    return rows


def moment(screen, number, total=3):
    return screen.see(f"] {number} of {total} ")


@case("top screen: a time slider over a capture")
def slider(client):
    with Terminal(client, "top", "-r", top.capture(client)) as screen:
        for key, number in ((None, 1), ("Right", 2), ("Right", 3),
                            ("Right", 3), ("Left", 2), ("Home", 1),
                            ("End", 3)):
            if key:
                screen.keys(key)
            lines = moment(screen, number)
            want = top.sums(1000 * (number - 1), 1000 * number)
            equal({(int(row["CONN"]), sender): row[title]
                   for row in rows_of(lines) for sender, title in
                   enumerate(("BYTES>/S", "<BYTES/S"))},
                  {(conn, sender): human(want.get((conn, sender), 0))
                   for conn in (1, 2) for sender in (0, 1)})
            contains(lines[0], f"2 open  {2 if number == 1 else 0} new/s")
        screen.keys("Home")
        moment(screen, 1)
        # the test may miss the second moment on a busy machine
        screen.keys("Space")
        moment(screen, 3)
        screen.see_not("playing")
        screen.keys("q")
        equal(screen.status(), 0)


@case("top screen: --at, and a capture on standard input")
def at(client):
    path = top.capture(client)
    with Terminal(client, "top", "-r", path, "--at", "1") as screen:
        moment(screen, 2)
    with Terminal(client, "top", "-r", "-", stdin=path) as screen:
        moment(screen, 1)
        screen.keys("Enter")
        screen.see("standard input cannot be read again")


@case("top screen: Enter shows a connection, l its ladder")
def enter(client):
    path = top.capture(client)
    with Terminal(client, "top", "-r", path, width=120, height=30) as screen:
        moment(screen, 1)
        for key, command in (("Enter", ["show", "-r", path]),
                             ("l", ["ladder", "-r", path, "--unicode",
                                    "--width", "120", "-c"])):
            for number in "1", "2":
                out, _ = client.run(*command, number,
                                    env=client.env(LC_ALL="C.UTF-8"))
                want = [line[:120].rstrip() for line in out.split("\n")[:28]]
                screen.keys(key)
                screen.until(lambda lines, want=want: lines[1:29] == want or
                             [*want, ""] == lines[1:len(want) + 2],
                             f"{command} {number}")
                screen.keys("q" if number == "1" else "Escape")
                moment(screen, 1)
                screen.keys("Down")
            screen.keys("PPage")


@case("top screen: a narrow terminal wraps the lines of show")
def narrow(client):
    path = top.capture(client)
    out, _ = client.run("show", "-r", path, "1")
    with Terminal(client, "top", "-r", path, width=60, height=60) as screen:
        moment(screen, 1)
        screen.keys("Enter")
        lines = screen.see("q Esc back   arrows")
        equal(" ".join(lines[1:59]).split(), out.split())
        screen.resize(100, 50)
        lines = screen.until(lambda lines: len(lines) == 51 and
                             "Esc back" in lines[49], "100 x 50")
        equal(" ".join(lines[1:49]).split(), out.split())


def reused(client):
    """Make a capture of two connections between the same ends; the first one
    is never closed."""
    first, second = Talk(), Talk(isn=(500000, 700000))
    frames = [(0, frame) for frame in first.handshake()]
    frames += [(700, first(0, ACK | PSH, 1, 1, 100))]
    frames += [(1800 + i, frame) for i, frame in
               enumerate(second.handshake())]
    frames += [(2900, second(0, ACK | PSH, 1, 1, 300))]
    return client.path("reused", captures.header() + b"".join(
        captures.record(frame, captures.T0 + ms * captures.MS)
        for ms, frame in frames))


@cases("top screen: each moment has the rows of its page", [
    ("two connections", top.capture), ("ends that are used again", reused)])
def moments(client, capture):
    path = capture(client)
    out, _ = client.run("top", "-r", path, "-d", "0.5")
    want = [(first.split("  sort")[0], [row["CONN"] for row in rows],
             [row["STATES"] for row in rows])
            for first, rows in top.pages(out)]
    with Terminal(client, "top", "-r", path, "-d", "0.5", width=140) as screen:
        for i, (first, conns, states) in enumerate(want):
            lines = moment(screen, i + 1, len(want))
            equal(lines[0].split("  sort")[0], first)
            equal([row["CONN"] for row in rows_of(lines)], conns)
            equal([row["STATES"] for row in rows_of(lines)], states)
            screen.keys("Right")


@case("top screen: a filter, and the position of an error in a filter")
def filters(client):
    with Terminal(client, "top", "-r", top.capture(client)) as screen:
        moment(screen, 1)
        screen.keys("F4")
        screen.type("dport = :443")
        screen.keys("Enter")
        lines = screen.see("filter: dport = :443", BAR)
        equal([row["CONN"] for row in rows_of(lines)], ["2"])
        contains(lines[1], "1 connections")
        screen.keys("f")
        screen.keys("C-u")
        screen.type("state what")
        screen.keys("Enter")
        screen.see("at character 7, 'what': unknown TCP state",
                   "Filter: state what_")
        for _ in "what":
            screen.keys("BSpace")
        screen.type("established and not dport = :443")
        screen.keys("Enter")
        lines = screen.see("filter: state established and not", BAR)
        equal([row["CONN"] for row in rows_of(lines)], ["1"])
        screen.keys("Escape")
        lines = screen.see("2 connections")
        equal(len(rows_of(lines)), 2)


@case("top screen: groups, and the connections of a group")
def groups(client):
    with Terminal(client, "top", "-r", top.capture(client)) as screen:
        moment(screen, 1)
        screen.keys("g", "Down", "Down", "Down", "Enter")
        lines = screen.see("2 groups by port")
        want = top.sums(0, 1000)
        equal([(row["GROUP"], row["CONNS"], row["BYTES>/S"])
               for row in rows_of(lines)],
              [("80", "1", human(want[1, 0])), ("443", "1", "0")])
        screen.keys("Down", "Enter")
        lines = screen.see("1 connections  within port 443")
        equal([row["CONN"] for row in rows_of(lines)], ["2"])
        screen.keys("Escape")
        screen.see("2 groups by port")
        screen.keys("Escape")
        screen.see("2 connections")


def big_table(number, seed):
    """Make a big table. Return: its text, and its connections in the order of
    their round trip times, longest first."""
    names = top.NAMES.split()
    values = random.Random(seed)
    rows = []
    for n in range(1, number + 1):
        cells = dict(zip(names, top.row(n % 20000, n).split()))
        cells.update(id=str(n), syn_synack_ns=str(values.randrange(10 ** 9)),
                     synack_ack_ns="1")
        rows.append(cells)
    names += ["syn_synack_ns", "synack_ack_ns"]
    text = "\n".join([" ".join(names)] +
                     [" ".join(row[name] for name in names) for row in rows])
    order = sorted(rows, key=lambda row: (-int(row["syn_synack_ns"]),
                                          int(row["id"])))
    return text + "\n", [row["id"] for row in order]


def cpu(pid):
    """Return the CPU time that a process has used, in seconds."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@cases("top screen: the order of all rows, page by page", [
    ("300 connections", 300), ("100,000 connections", 100000)])
def order(client, number):
    if number > 1000 and client.sanitized:
        raise Skip("sanitizers are slow")
    text, want = big_table(number, 1)
    path = client.path("table", text)
    with Terminal(client, "top", "--file", path, "-d", "3600", "-s", "rtt",
                  width=120, height=54) as screen:
        screen.see(f"{number} connections")
        for key, at in (("NPage", 0), ("NPage", 50), ("End", 100),
                        ("PPage", number - 50), ("Home", number - 100)):
            lines = screen.until(lambda lines, at=at: [
                row["CONN"] for row in rows_of(lines)] == want[at:at + 50],
                f"rows from {at}")
            contains(lines[0], f"{number} open")
            screen.keys(key)
        # each key shows other rows
        spent = cpu(screen.pid())
        for _ in range(50):
            screen.keys("End", "PPage", "Home", "NPage")
        screen.keys("Home")
        screen.until(lambda lines: [row["CONN"] for row in rows_of(lines)] ==
                     want[:50], "the first rows")
        spent = cpu(screen.pid()) - spent
        if spent > 5:
            raise AssertionError(f"{spent} s of CPU for 201 keys")


@case("top screen: keys that sort")
def sort(client):
    with Terminal(client, "top", "-r", top.capture(client)) as screen:
        moment(screen, 1)
        screen.keys("Right")
        for keys, first, text in ((["X"], "1", "sort: rexmit"),
                                  (["B"], "2", "sort: bytes"),
                                  (["I"], "1", "smallest first"),
                                  (["I"], "2", "sort: bytes"),
                                  (["s", "Down", "Enter"], "1",
                                   "sort: rexmit")):
            screen.keys(*keys)
            lines = screen.until(
                lambda lines, text=text, first=first:
                text in lines[0] and rows_of(lines)[0]["CONN"] == first, text)
            equal(len(rows_of(lines)), 2)


@case("top screen: another size of the terminal")
def resize(client):
    text, _ = big_table(100, 1)
    with Terminal(client, "top", "--file", client.path("table", text), "-d",
                  "3600") as screen:
        for width, height in (100, 24), (60, 12), (200, 50), (40, 8), (80, 24):
            screen.resize(width, height)
            lines = screen.until(
                lambda lines, height=height: len(lines) == height + 1 and
                lines[height - 1].startswith("F1Help") and
                len(rows_of(lines)) == height - 4, f"{width} x {height}")
            contains(lines[0], "100 open")
        screen.resize(10, 2)
        screen.resize(80, 24)
        screen.until(lambda lines: len(rows_of(lines)) == 20, "80 x 24 again")


@cases("top screen: at its end the terminal is as before", [
    ("q", None, 0), ("SIGINT", signal.SIGINT, 0),
    ("SIGTERM", signal.SIGTERM, 0), ("SIGHUP", signal.SIGHUP, 0),
    ("a crash, SIGSEGV", signal.SIGSEGV, 128 + signal.SIGSEGV),
    ("a crash, SIGABRT", signal.SIGABRT, 128 + signal.SIGABRT)])
def after(client, number, status):
    if status and client.sanitized:
        raise Skip("a sanitizer has exit codes of its own")
    with Terminal(client, "top", "-r", top.capture(client)) as screen:
        moment(screen, 1)
        equal([screen.ask(name) for name in ("alternate_on", "cursor_flag",
                                             "keypad_flag")], ["1", "0", "1"])
        begin = time.monotonic()
        if number:
            os.kill(screen.pid(), number)
        else:
            screen.keys("q")
        equal(screen.status(), status)
        if time.monotonic() - begin > 1 and not client.sanitized:
            raise AssertionError("it took more than a second")
        equal([screen.ask(name) for name in ("alternate_on", "cursor_flag",
                                             "keypad_flag")], ["0", "1", "0"])
        equal(screen.file("after"), screen.file("before"))


@case("top screen: SIGINT while a pipe has no more data")
def idle_pipe(client):
    with Terminal(client, "top", "-r", client.fifo()) as screen:
        with open(client.fifo(), "wb") as pipe:
            pipe.write(captures.header() + b"".join(
                captures.record(frame, captures.T0 + ms * captures.MS)
                for ms, frame, *_ in top.timed()))
            pipe.flush()
            moment(screen, 1, 2)
            begin = time.monotonic()
            screen.keys("C-c")
            equal(screen.status(), 0)
            if time.monotonic() - begin > 1 and not client.sanitized:
                raise AssertionError("it took more than a second")


@case("top screen: a hostile name of a process")
def hostile(client):
    text = top.NAMES + top.row(1, 1000)
    with Terminal(client, "top", "--file", client.path("table", text)) as \
            screen:
        lines = screen.see("1 connections")
        equal(rows_of(lines)[0]["PROCESS"], "?[2J?x[4711]")
        screen.keys("Enter")
        screen.see("Connection 1", "10.0.0.2:40001")
        screen.keys("q", "g", "Down", "Down", "Down", "Down", "Enter")
        screen.see("1 groups by process", "?[2J?x[4711]")


@case("top screen: refused and unanswered")
def refused(client):
    no, silent = Talk(), Talk(port=40001)
    path = client.path("capture", captures.pcap(
        [no(0, SYN), no(1, RST | ACK, 0, 1), silent(0, SYN)]))
    with Terminal(client, "top", "-r", path) as screen:
        lines = moment(screen, 1, 1)
        contains(lines[0], "1 open  2 new/s  1 refused/s")
        equal({row["CONN"]: row["ODD"] for row in rows_of(lines)},
              {"1": "-", "2": "U"})


@case("top screen: connections that the module could not track are LOST")
def lost(client):
    if client.sanitized:
        raise Skip("the sanitizer wants to be the first library")
    machine = tree.Tree(client)
    machine.put({"proc/net/tcptrace": top.NAMES + top.row(1, 1000),
                 **tree.counters(table_full=5)})
    env = {"TREE": machine.root, "LD_PRELOAD": os.path.join(
        os.path.dirname(client.shim), "tree.so")}
    with Terminal(client, "top", "-d", "0.2", env=env) as screen:
        screen.see("1 open", "0 lost")
        machine.put(tree.counters(table_full=8, no_memory=2))
        screen.see("5 lost")


@case("top screen: a live capture")
def live(client):
    with Namespace() as netns:
        with Terminal(client, "top", "-i", "v0", "-d", "0.3",
                      enter=netns.enter()) as screen:
            screen.see("0 open", "0 lost")
            netns.traffic("syn", 3)
            lines = screen.until(lambda lines: len(rows_of(lines)) == 3,
                                 "3 connections")
            equal([(row["CONN"], row["RESP"], row["ODD"])
                   for row in rows_of(lines)],
                  [(n, "10.9.0.2:9", "U") for n in "123"])
            contains(lines[0], "3 open")
            screen.keys("Down", "Enter")
            screen.see("Connection 2", "-> 10.9.0.2:9", "SYN_SENT")
            screen.keys("q", "l")
            screen.see("the segments are not kept")
