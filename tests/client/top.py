# SPDX-License-Identifier: GPL-2.0
"""Test top, which shows the busiest connections of a capture or of the
table."""
import os
import re
import subprocess

import captures
from captures import ACK, MS, PSH, RST, SYN, T0, Talk
from tap import case, cases, contains, equal
import pseudo_terminal

LENGTH = 700


def timed():
    """Return the segments of three seconds, each as (ms, frame, connection,
    sender, bytes)."""
    one, two = Talk(), Talk(client="10.0.0.3", port=41000, server="10.0.0.9",
                            service=443)
    rows = [(i, frame, 1, 0, 0) for i, frame in enumerate(one.handshake())]
    rows += [(5 + i, frame, 2, 0, 0)
             for i, frame in enumerate(two.handshake())]
    seq = 1
    for ms in range(100, 3000, 100):
        rows.append((ms, one(0, PSH | ACK, seq, 1, LENGTH), 1, 0, LENGTH))
        seq += LENGTH
        if ms % 300 == 0:
            # the same bytes again
            rows.append((ms + 40, one(0, PSH | ACK, seq - LENGTH, 1, LENGTH),
                         1, 0, LENGTH))
        rows.append((ms + 50, one(1, ACK, 1, seq), 1, 1, 0))
    sent = 1
    for ms in range(1010, 2000, 90):
        rows.append((ms, two(1, PSH | ACK, sent, 1, 1300), 2, 1, 1300))
        sent += 1300
        rows.append((ms + 1, two(0, ACK, 1, sent), 2, 0, 0))
    return sorted(rows, key=lambda row: row[0])


def capture(client):
    return client.path("capture", captures.header() + b"".join(
        captures.record(frame, T0 + ms * MS) for ms, frame, *_ in timed()))


def pages(out):
    """Return the first line of each page, and the rows of the page, each as
    {column title: cell}."""
    found = []
    for page in out.strip().split("\n\n"):
        first, titles, *rows = page.splitlines()
        names = titles.split()
        cells = [re.sub(r"(\d) (ns|us|ms|s)\b", r"\1\2", row).split()
                 for row in rows]
        found.append((first, [dict(zip(names, row)) for row in cells]))
    return found


def sums(begin, end):
    """Sum the bytes for each connection and sender, from @begin to @end in
    ms."""
    total = {}
    for ms, _, conn, sender, length in timed():
        if begin <= ms < end:
            total[conn, sender] = total.get((conn, sender), 0) + length
    return total


@cases("top: bytes per second are the sums of the segments", [
    (f"{seconds} s", seconds) for seconds in (1, 2, 3)])
def rates(client, seconds):
    out, err = client.run("top", "-r", capture(client), "-d", str(seconds))
    equal(err, "")
    begins = range(0, 3000, 1000 * seconds)
    found = pages(out)
    equal(len(found), len(begins))
    for begin, (_, rows) in zip(begins, found):
        want = sums(begin, begin + 1000 * seconds)
        equal({(int(row["CONN"]), sender): int(row[title])
               for row in rows
               for sender, title in enumerate(("BYTES>/S", "<BYTES/S"))},
              {(conn, sender): want.get((conn, sender), 0) // seconds
               for conn in (1, 2) for sender in (0, 1)})


@case("top: each page is sorted, and has the retransmitted part")
def order(client):
    out, _ = client.run("top", "-r", capture(client))
    found = pages(out)
    equal([[row["CONN"] for row in rows] for _, rows in found],
          [["1", "2"], ["2", "1"], ["1", "2"]])
    contains(found[0][0], "2 open  2 new/s  0 refused/s  sort: bytes")
    contains(found[1][0], "2 open  0 new/s  0 refused/s")
    # 9 segments, of which 3 are sent twice
    equal(found[0][1][0]["REXMIT"], "25.0%")
    out, _ = client.run("top", "-r", capture(client), "-s", "rexmit")
    equal([rows[0]["CONN"] for _, rows in pages(out)], ["1", "1", "1"])


@case("top: --at begins later, -n ends earlier")
def at(client):
    every, _ = client.run("top", "-r", capture(client))
    every = every.split("\n\n")
    out, _ = client.run("top", "-r", capture(client), "--at", "1", "-n", "1")
    equal(out.strip(), every[1].strip())
    out, _ = client.run("top", "-r", capture(client), "--at", "2")
    equal(out.strip(), every[2].strip())
    out, _ = client.run("top", "-r", capture(client), "-n", "2")
    equal(out.strip(), "\n\n".join(every[:2]).strip())
    out, _ = client.run("top", "-r", capture(client), "--at", "3")
    equal(out, "")


@cases("top: groups add up", [
    ("orig", "orig", {"10.0.0.2", "10.0.0.3"}),
    ("resp", "resp", {"10.0.0.1", "10.0.0.9"}),
    ("port", "port", {"80", "443"}),
    ("process", "process", {"-"}),
])
def group(client, name, want):
    out, _ = client.run("top", "-r", capture(client), "-g", name, "-d", "3")
    (_, rows), = pages(out)
    equal({row["GROUP"] for row in rows}, want)
    total = sums(0, 3000)
    equal(sum(int(row["CONNS"]) for row in rows), 2)
    if len(want) == 1:
        equal([int(rows[0][t]) for t in ("BYTES>/S", "<BYTES/S")],
              [total[1, 0] // 3, total[2, 1] // 3])


@case("top: refused and unanswered")
def refused(client):
    no, silent = Talk(), Talk(port=40001)
    path = client.path("capture", captures.pcap(
        [no(0, SYN), no(1, RST | ACK, 0, 1), silent(0, SYN)]))
    out, _ = client.run("top", "-r", path)
    (first, rows), = pages(out)
    contains(first, "1 open  2 new/s  1 refused/s")
    equal({row["CONN"]: row["ODD"] for row in rows}, {"1": "-", "2": "U"})


NAMES = ("id orig resp orig_state resp_state marks orig_iss orig_nxt orig_ack "
         "resp_iss resp_nxt resp_ack orig_packets orig_segments orig_bytes "
         "orig_rexmit orig_flags resp_packets resp_segments resp_bytes "
         "resp_rexmit resp_flags age findings orig_pid orig_comm\n")


def row(number, sent):
    return (f"{number} 10.0.0.2:{40000 + number} 10.0.0.1:80 ESTABLISHED "
            f"ESTABLISHED - 1 2 2 1 2 2 9 9 {sent} 0 SPA 9 9 0 0 SA 1.0 0 "
            f"4711 \\033[2J\\007x\n")


def two_readings(client, first, later, *args, stdout=subprocess.PIPE):
    """Run top, and replace the first table by the later one while top reads
    the first."""
    path = client.path("table-fifo")
    os.mkfifo(path)
    with client.start("top", "-n", "1", "--file", path, *args,
                      stdout=stdout) as running:
        with open(path, "w", encoding="ascii") as fifo:
            os.rename(client.path("later", later), path)
            fifo.write(first)
        out, err = running.communicate(timeout=20)
    os.unlink(path)
    equal((running.returncode, err), (0, b""))
    return (out or b"").decode()


@case("top: the table, read twice; a hostile name")
def table(client):
    out = two_readings(client, NAMES + row(1, 1000) + row(2, 0),
                       NAMES + row(3, 70) + row(2, 500) + row(1, 1200))
    (first, rows), = pages(out)
    contains(first, "3 open  1 new/s  0 refused/s")
    equal([(r["CONN"], r["BYTES>/S"]) for r in rows],
          [("2", "500"), ("1", "200"), ("3", "70")])
    equal({r["PROCESS"] for r in rows}, {"?[2J?x[4711]"})
    equal([c for c in out if ord(c) < 32 and c != "\n"], [])


@cases("top: groups by columns that only the table has", [
    # 2048 is 1 << TCPTRACE_FINDING_ZERO_WINDOW, 4 is 1 << ..._SYN_REPEATED
    ("finding", "finding", "findings", ["2048", "2052", "0"],
     {"zero_window": (2, 300), "syn_repeated": (1, 200)}),
    ("container", "container", "orig_cgroup", ["4711", "4711", "-"],
     {"cgroup_4711": (2, 300), "-": (1, 300)}),
])
def table_groups(client, group, column, cells, want):
    def text(factor):
        lines = [row(n, n * factor).replace(" 1.0 0 ", f" 1.0 {cell} 0 ")
                 for n, cell in enumerate(cells, 1)]
        return NAMES.replace("findings", f"{column} unknown") + "".join(lines)

    out = two_readings(client, text(0), text(100), "-g", group)
    _, rows = pages(out.replace("cgroup ", "cgroup_"))[0]
    equal({r["GROUP"]: (int(r["CONNS"]), int(r["BYTES>/S"])) for r in rows},
          want)


@cases("top: cut to the terminal, but not with --batch", [
    ("cut", [], 9), ("batch", ["--batch"], 32)])
def on_terminal(client, args, lines):
    main, other = pseudo_terminal.opened(columns=50, rows=10)
    many = NAMES + "".join(row(n, n) for n in range(1, 31))
    two_readings(client, many, many, *args, stdout=other)
    text = pseudo_terminal.finish(main, other)
    clear = "\033[H\033[2J"
    equal(text.startswith(clear), not args)
    shown = text.replace(clear, "").splitlines()
    equal(len(shown), lines)
    equal(max(map(len, shown)) <= 50, not args)


@cases("top: expressions of list select connections", [
    ("age", "age > 5s", ["1"]), ("age, longer", "age <= 5s", ["2", "3"]),
    ("port", "sport = :40003", ["3"]),
    ("both", "age < 1m and not sport = :40003", ["1", "2"]),
])
def expression(client, words, want):
    text = NAMES + "".join(
        row(n, n).replace(" 1.0 0 ", f" {age} 0 ")
        for n, age in ((1, "5.001"), (2, "5.000"), (3, "0.000")))
    out, _ = client.run("top", "-n", "1", "-d", "0.001", "--file",
                        client.path("table", text), words)
    (first, rows), = pages(out)
    contains(first, "3 open")
    equal([r["CONN"] for r in rows], want)


@case("top: an expression of list with a capture, and one of tcpdump")
def two_filters(client):
    for words in "dport = :443", "port 443":
        out, _ = client.run("top", "-r", capture(client), "-d", "3", words)
        (first, rows), = pages(out)
        equal([r["RESP"] for r in rows], ["10.0.0.9:443"])
        contains(first, "1 open" if words == "port 443" else "2 open")


@case("top: no module, no such column")
def failures(client):
    _, err = client.run("top", "--file", "/proc/net/none", code=1)
    contains(err, "load the module")
    _, err = client.run("top", "--file", client.path("table", "id orig\n"),
                        code=1)
    contains(err, "resp")
