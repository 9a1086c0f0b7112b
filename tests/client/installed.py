# SPDX-License-Identifier: GPL-2.0
"""Test the installed files for other programs: header, pkg-config file, JSON
Schema and examples."""
import json
import os
import shlex
import subprocess
import sys

from tap import TIMEOUT, VERSION, Skip, case, cases, equal
from tools import make


def installed(client):
    """Return: the folder of PREFIX, and a function that asks pkg-config."""
    if client.label != "gcc":
        raise Skip("testing one build is enough")
    root = client.path("installed")
    make(client, "install", "DESTDIR=" + root, "PREFIX=/usr/local")
    prefix = os.path.join(root, "usr/local")
    env = client.env(PKG_CONFIG_SYSROOT_DIR=root,
                     PKG_CONFIG_PATH=os.path.join(prefix, "share/pkgconfig"))

    def ask(what):
        done = subprocess.run(["pkg-config", what, "tcptrace"], env=env,
                              capture_output=True, text=True, check=True,
                              timeout=TIMEOUT)
        return done.stdout.strip()
    return prefix, ask


@case("installed: pkg-config knows header and version")
def pkg_config(client):
    prefix, ask = installed(client)
    equal(ask("--modversion"), VERSION)
    equal(ask("--cflags"), f"-I{prefix}/include")
    if not os.path.exists(os.path.join(prefix, "include/linux/tcptrace.h")):
        raise AssertionError("no header")


@case("installed: the JSON Schema")
def json_schema(client):
    prefix, _ = installed(client)
    path = os.path.join(prefix, "share/tcptracectl/tcptracectl.schema.json")
    with open(path, encoding="utf-8") as file:
        equal(json.load(file)["$schema"],
              "https://json-schema.org/draft/2020-12/schema")


@cases("installed: the example compiles with the installed header", (
    (name, name) for name in ("reader", "mmap")))
def compiles(client, name):
    prefix, ask = installed(client)
    source = os.path.join(prefix, f"share/doc/tcptrace/examples/{name}.c")
    done = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror",
                           *shlex.split(ask("--cflags")), "-o",
                           client.path(name), source], capture_output=True,
                          text=True, check=False, timeout=TIMEOUT,
                          cwd=client.dir)
    equal((done.returncode, done.stderr), (0, ""))


@case("installed: the reader in Python sees what watch sees")
def python_reader(client):
    prefix, _ = installed(client)
    program = os.path.join(prefix, "share/doc/tcptrace/examples/reader.py")
    for name in ("session", "lost", "finding", "marks", "newer"):
        path = client.records(name)
        done = subprocess.run([sys.executable, "-I", program, path],
                              capture_output=True, text=True, check=False,
                              timeout=TIMEOUT)
        equal((done.returncode, done.stderr), (0, ""), name)
        lines = [line.split() for line in done.stdout.splitlines()]
        out, _ = client.run("watch", "--json", "--device", path)
        events = [event for event in map(json.loads, out.splitlines())
                  if event["event"] in ("open", "state", "established",
                                        "close", "lost", "finding")]
        equal([line[0] for line in lines],
              [event["event"] for event in events], name)
        for line, event in zip(lines, events):
            if event["event"] == "lost":
                equal(line[1], str(event["count"]))
                continue
            equal(line[1], f"#{event['conn']}")
            if event["event"] == "state":
                equal(line[6:9:2], [event["from"], event["to"]])
            if event["event"] == "close":
                equal(line[5], event["reason"])
                at = line.index("bytes")
                equal([line[at + 1], line[at + 3].rstrip(",")],
                      [str(event[side]["bytes"]) for side in ("a2b", "b2a")])
                at = line.index("retransmitted")
                equal([line[at + 1], line[at + 3]],
                      [str(event[side]["rexmit_bytes"])
                       for side in ("a2b", "b2a")])


@case("installed: the Python reader gives the reason of a failure in one line")
def python_fails(client):
    prefix, _ = installed(client)
    program = os.path.join(prefix, "share/doc/tcptrace/examples/reader.py")
    for path, why in ((client.path("none"), "No such file or directory"),
                      (client.records("len_7"), "no record: length 7")):
        done = subprocess.run([sys.executable, "-I", program, path],
                              capture_output=True, text=True, check=False,
                              timeout=TIMEOUT)
        equal((done.returncode, done.stderr.count("\n")), (1, 1))
        if why not in done.stderr:
            raise AssertionError(done.stderr)
