#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check /proc/net/tcptrace, /proc/net/stat/tcptrace and modinfo."""
import errno
import os
import re
import resource
import subprocess
import time

import module
from case import case, run
from check import equal, fails, note, until
from module import KO, PARAMETERS, parameter
from netns import isolate
from proc import command, read_file
from procfs import (ODD, PRIVATE, STATS, TABLE, counters_by_cpu, stats, stats_of,
                    table)
from raw import Syns
from sockets import (abort, exchange, listener, pair, reset_connection,
                     whole_connection)

FEW, MANY = 500, 4000

resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
module.load(hashsize=2048, max_connections=16384, max_half_open=16384)
isolate()
server = listener(port=5000, backlog=1024)
held = []


def hold(count):
    """Open connections until this many are held open."""
    held.extend(pair(server) for _ in range(count - len(held)))


def read_in_steps(size):
    fd = os.open(TABLE, os.O_RDONLY)
    text = b""
    while part := os.read(fd, size):
        equal(len(part) <= size, True, f"length of read({size})")
        text += part
    os.close(fd)
    return text.decode()


def fields_of(text):
    names, *lines = [line.split(" ") for line in text.splitlines()]
    return names, lines


@case("modes and owners of the files")
def modes():
    for path, mode in (TABLE, 0o440), (STATS, 0o444), *(
            (path, 0o440) for path in PRIVATE):
        status = os.stat(path)
        equal((status.st_mode & 0o7777, status.st_uid, status.st_gid),
              (mode, 0, 0), path)
        for flags in os.O_WRONLY, os.O_RDWR:
            fails((errno.EACCES, errno.EIO, errno.EINVAL),
                  lambda: os.write(os.open(path, flags), b"x"))


@case("the first line names the fields of every line")
def names():
    hold(20)
    whole_connection(server)	# TIME_WAIT
    reset_connection(server)	# closed
    Syns().send(3)
    text = read_in_steps(1 << 16)
    columns, lines = fields_of(text)
    equal(len(lines), 25, "lines")
    equal(len(set(columns)), len(columns), "names")
    for word in ("id", "orig", "resp", "orig_state", "resp_state", "age",
                 "left", "orig_uid", "orig_inode"):
        equal(word in columns, True, word)
    for line in lines:
        equal(len(line), len(columns), f"fields of {line}")
        equal("" in line, False, f"empty field in {line}")
    equal(text.endswith("\n"), True, "newline at the end")


@case("a line agrees with the sockets")
def one_line():
    client, peer = pair(server)
    exchange(client, peer, 100, 10)
    port = client.getsockname()[1]
    row, = (row for row in table() if row["orig"] == f"127.0.0.1:{port}")
    for name, want in (
            ("resp", "127.0.0.1:5000"), ("marks", "-"),
            ("orig_state", "ESTABLISHED"), ("resp_state", "ESTABLISHED"),
            ("orig_bytes", "100"), ("resp_bytes", "10"),
            ("orig_rexmit", "0"), ("orig_uid", "0"), ("resp_uid", "0"),
            ("orig_inode", str(os.fstat(client.fileno()).st_ino)),
            ("resp_inode", str(os.fstat(peer.fileno()).st_ino))):
        equal(row[name], want, name)
    for end, sent in ("orig", 100), ("resp", 10):
        iss, nxt = (int(row[f"{end}_{name}"]) for name in ("iss", "nxt"))
        other = "resp" if end == "orig" else "orig"
        equal((nxt - iss) % 2 ** 32, sent + 1, f"{end}: nxt - iss")
        equal(int(row[f"{other}_ack"]), nxt, f"{other}_ack")
    equal((row["orig_responses"], row["resp_responses"]), ("0", "1"),
          "responses")
    least, mean, most = (int(row[f"resp_response_{name}_ns"])
                         for name in ("min", "mean", "max"))
    equal(least == mean == most, True, "one response time")
    equal([row[f"orig_response_{name}_ns"] for name in ("min", "mean", "max")],
          ["-"] * 3, "no response time")
    counts = list(map(int, row["resp_response_hist"].split(",")))
    equal((len(counts), sum(counts)), (20, 1), "response times in buckets")
    equal([row[f"orig_{name}"] for name in ("response_hist", "unique_bytes")],
          ["-", "100"], "the originator")
    equal([row[f"{end}_idle_ns"] for end in ("orig", "resp")], ["0", "0"],
          "idle between data")
    equal(int(row["orig_delayed_ns"]) <= int(row["orig_busy_ns"]), True,
          "delayed")
    for name in "syn_synack_ns", "synack_ack_ns", "orig_busy_ns", \
            "resp_busy_ns":
        equal(int(row[name]) > 0, True, name)
    equal([row[f"{end}_{name}_ns"] for end in ("orig", "resp")
           for name in ("window", "rto", "fast")], ["0"] * 6, "no limits")
    equal(1 <= int(row["limited_by"]) <= 6, True, row["limited_by"])
    equal(0 <= float(row["age"]) < 60, True, f"age {row['age']}")
    equal(0 < float(row["left"]) <= 5 * 86400, True, f"left {row['left']}")
    abort(client)
    abort(peer)


@case("a full read gives each connection once, for every buffer size")
def steps():
    hold(FEW)
    until(lambda: stats()["entries"] == len(table()), "a table at rest")
    want = sorted(line[0] for line in fields_of(read_in_steps(1 << 20))[1])
    equal(len(set(want)), len(want), "ids")
    equal(len(want) >= FEW, True, "connections")
    for size in 100, 4096, 65536:
        got = [line[0] for line in fields_of(read_in_steps(size))[1]]
        equal(sorted(got), want, f"ids read {size} bytes at a time")


@case("a read shows lasting connections once, in order, while others change")
def moving():
    # leave out connections of earlier cases, which are closing
    stay = {int(row["id"]) for row in table()
            if row["orig_state"] == row["resp_state"] == "ESTABLISHED"}
    equal(len(stay) >= FEW, True, f"{len(stay)} connections stay")
    fd, syns, text = os.open(TABLE, os.O_RDONLY), Syns(1 << 20), b""
    # once 16 connections are half-open, each SYN evicts the connection of an
    # earlier SYN
    with parameter("max_half_open", 16):
        while part := os.read(fd, 2000):
            text += part
            if len(text) < 200000:
                syns.send(5)
    os.close(fd)
    ids = [int(line[0]) for line in fields_of(text.decode())[1]]
    equal(ids, sorted(set(ids)), "each once, in order")
    equal(stay - set(ids), set(), "missing ones")


@case("dd with blocks of 1 byte, and reads at an offset")
def tiny():
    while len(held) > 20:
        abort(*held.pop())
    with parameter("timeout_closed", 1), parameter("timeout_time_wait", 1):
        until(lambda: not any("C" in row["marks"] for row in table()),
              "removal of the closed connections")

    def ids(text):
        columns, lines = fields_of(text)
        equal({len(line) for line in lines}, {len(columns)}, "fields")
        return sorted(line[0] for line in lines)
    want = ids(read_in_steps(1 << 20))
    for block in 1, 100:
        text = command("dd", f"if={TABLE}", f"bs={block}",
                       "status=none")
        equal(ids(text), want, f"ids in blocks of {block}")
    fd = os.open(TABLE, os.O_RDONLY)
    whole = os.read(fd, 1 << 16)
    # compare only the header line, because the lines of connections may change
    for offset in 0, 1, 10, 50:
        equal(os.pread(fd, 20, offset), whole[offset:offset + 20],
              f"bytes at {offset}")
    equal(os.lseek(fd, 0, os.SEEK_SET), 0, "lseek")
    with os.fdopen(fd) as file:
        equal(ids(file.read()), want, "ids after rewinding")


@case("entries is the number of connections, for each CPU")
def entries():
    def agree():
        return {row["entries"] for row in counters_by_cpu(ODD)} == {
            len(table())}
    until(agree, "agreement")


@case("one line of counters for each possible CPU, with all fields")
def cpus():
    last = int(re.split("[-,]", read_file("/sys/devices/system/cpu/possible")
                        )[-1])
    for path in STATS, *PRIVATE:
        columns, *rows = [line.split(" ") for line in
                          read_file(path).splitlines()]
        equal(len(rows), last + 1, "lines")
        equal({len(row) for row in rows}, {len(columns)}, "fields")
        equal(len(set(columns)), len(columns), "names")
        for row in rows:
            for word in row:
                int(word, 16)


@case("lnstat reads every counter")
def lnstat_reads():
    def lnstat(file, *words):
        # lnstat exits with 1 even if nothing is wrong
        done = subprocess.run(["nsenter", f"--net=/proc/{os.getpid()}/ns/net",
                              "lnstat", "-f", file, *words],
                             capture_output=True, text=True)
        equal(done.stderr, "", "lnstat's errors")
        return done.stdout
    # lnstat would read no field if a file had more than 32 fields
    for path in STATS, *PRIVATE:
        listed = re.findall(r"^\t\s*\d+: (\w+)",
                            lnstat(os.path.basename(path), "-d"), re.M)
        equal(listed, list(stats_of(path)), "names")
    rows = lnstat("tcptrace_odd", "-c", "1", "-k",
                  "entries,opened").splitlines()
    equal(len(re.findall(r"\d+\|", rows[-1])), 2, f"numbers in {rows}")


@case("the files of another process are those of its namespace")
def own_counters():
    other = stats("/proc/1/net/stat/tcptrace")
    equal((other["tracked"], other["opened"]), (0, 0), "tracked and opened")
    equal(table("/proc/1/net/tcptrace"), [], "connections")
    equal(stats()["tracked"] > 0, True, "tracked here")


@case(f"{MANY} connections are all in the table")
def many():
    for count in FEW, MANY:
        hold(count)
        begin = time.monotonic()
        rows = len(fields_of(read_in_steps(1 << 16))[1])
        took = time.monotonic() - begin
        equal(rows >= count, True, f"{rows} lines")
        note(f"{rows} lines in {took:.3f} s: {rows / took:.0f} lines/s")
    ids = {row["id"] for row in table()}
    ports = {row["orig"] for row in table()}
    mine = {"%s:%d" % client.getsockname() for client, _ in held}
    equal(mine - ports, set(), "missing connections")
    equal(len(ids), len(table()), "ids")


@case("modinfo: description, license, author, every parameter")
def modinfo():
    text = command("modinfo", KO)
    for field in "description", "license", "author", "version":
        equal(len(re.findall(rf"^{field}: +\S", text, re.M)), 1, field)
    equal("GPL" in re.search(r"^license: +(.*)", text, re.M)[1], True,
          "license")
    parameters = set(re.findall(r"^parm: +(\w+):\S", text, re.M))
    equal(parameters, set(os.listdir(PARAMETERS)), "parameters")


@case("the files are removed with the module, even if a file is open")
def gone():
    fd = os.open(TABLE, os.O_RDONLY)
    os.read(fd, 100)
    module.unload()
    fails((errno.EIO, errno.EINVAL, errno.ENOENT), os.read, fd, 100)
    os.close(fd)
    for path in TABLE, STATS, *PRIVATE:
        equal(os.path.exists(path), False, path)
    for sockets in held:
        abort(*sockets)


run()
