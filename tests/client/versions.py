# SPDX-License-Identifier: GPL-2.0
"""Check that export, watch, explain, ladder and the reader in Python can read
the records of an older module and of a newer module, and that the examples in C
compile with the header of the first layout."""
import os
import re
import struct
import subprocess
import sys

import records
from tap import TIMEOUT, TOP, Skip, case, cases, contains, equal, one_line

FIXTURES = ("session", "analysis", "counters", "suspected", "finding", "lost",
            "limit", "marks", "fate", "time", "owner")
EXAMPLES = os.path.join(TOP, "userspace", "examples")
V1 = os.path.join(TOP, "tests", "uapi", "v1")


def split(data):
    at = 0
    while at < len(data):
        length = struct.unpack_from("=I", data, at)[0]
        yield data[at:at + length]
        at += length


def sized(record, size, fill=b"\0"):
    """Return the record, truncated or padded to this size."""
    return struct.pack("=I", size) + record[4:size].ljust(size - 4, fill)


def kind_of(record):
    return struct.unpack_from("=H", record, 4)[0]


def all_records():
    found = [record for name in FIXTURES
             for record in split(getattr(records, "make_" + name)())]
    equal({kind_of(record) for record in found}, set(records.FIRST), "types")
    return found


def older(record):
    return sized(record, records.FIRST[kind_of(record)])


def with_zeros(record):
    """Return the record in this version's layout, with zeros in the fields that
    the first layout does not have."""
    return sized(older(record), len(record))


def newer(record):
    return sized(record, len(record) + 80, b"\xa5")


def seen_by(client, found):
    """Run export, watch, explain and ladder on the records. Return: their
    output."""
    path = client.path("records", b"".join(found))
    prom = client.path("out.prom")
    client.run("export", "--textfile", prom, "--device", path)
    with open(prom, encoding="utf-8") as file:
        metrics = file.read()
    shown = [client.run("watch", "-e", "all", "--device", path, *args)
             for args in (("--json",), ("--time=mono",), ("--one-line",))]
    shown += [client.run(command, "--device", path)
              for command in ("explain", "ladder")]
    # remove the wall clock times, because they differ between runs
    return [(re.sub('"wall":"[^"]*",', "", out), err)
            for out, err in shown] + [metrics]


@case("versions: fields that an older module lacks read as zero")
def shorter(client):
    found = all_records()
    grown = [kind_of(record) for record in found
             if len(record) > records.FIRST[kind_of(record)]]
    equal(set(grown) >= {records.OPEN, records.ESTABLISHED, records.CLOSE,
                         records.DROP}, True, f"types that have grown: {grown}")
    equal(seen_by(client, map(older, found)),
          seen_by(client, map(with_zeros, found)))


@case("versions: data that only a newer module reports is ignored")
def longer(client):
    found = all_records()
    equal(seen_by(client, map(newer, found)), seen_by(client, found))


@cases("versions: a record shorter than in the first layout is refused", (
    (f"type {kind}", kind) for kind in records.FIRST))
def too_short(client, kind):
    size = records.FIRST[kind] - 8
    record = next(record for record in all_records()
                  if kind_of(record) == kind)
    path = client.path("records", sized(record, size))
    _, err = client.run("watch", "-e", "all", "--device", path, code=1)
    one_line(err)
    contains(err, f"no record at byte 0: length {size}, type {kind}")


@case("versions: the sizes are those of the recorded header")
def recorded(client):
    if client.label != "gcc":
        raise Skip("testing one build is enough")
    done = subprocess.run(
        [sys.executable, "tests/uapi/layout.py",
         "tests/uapi/v1/linux/tcptrace.h", "gcc", "-Itests/uapi/v1"],
        cwd=TOP, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    equal((done.returncode, done.stderr), (0, ""))
    sizes = dict(re.findall(r"^struct tcptrace_(\w+) size (\d+)$", done.stdout,
                            re.MULTILINE))
    names = {"transition": records.STATE, "finding_record": records.FINDING}
    names |= {name.lower(): getattr(records, name) for name in (
        "OPEN", "ESTABLISHED", "SEGMENT", "CLOSE", "LOST", "SUSPECTED",
        "LIMIT", "ICMP", "DROP")}
    equal({kind: int(sizes[name]) for name, kind in names.items()},
          {kind: size for kind, size in records.FIRST.items()
           if kind != records.OWNER})


@case("versions: the reader in Python reads records of any version")
def python_reader(client):
    if client.label != "gcc":
        raise Skip("testing one build is enough")
    found, lines = all_records(), []
    for change in (older, with_zeros, newer):
        path = client.path("records", b"".join(map(change, found)))
        done = subprocess.run(
            [sys.executable, "-I", os.path.join(EXAMPLES, "reader.py"), path],
            capture_output=True, text=True, check=False, timeout=TIMEOUT)
        equal((done.returncode, done.stderr), (0, ""))
        lines.append(done.stdout)
    equal((lines[0], lines[2]), (lines[1], lines[1]))


@case("versions: examples compile with the header of the first layout")
def old_examples(client):
    if client.label != "gcc":
        raise Skip("testing one build is enough")
    for name in "reader", "mmap":
        done = subprocess.run(
            ["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-isystem", V1,
             "-o", client.path(name), os.path.join(EXAMPLES, name + ".c")],
            capture_output=True, text=True, check=False, timeout=TIMEOUT)
        equal((done.returncode, done.stderr), (0, ""), name)
