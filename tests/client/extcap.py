# SPDX-License-Identifier: GPL-2.0
"""Test the client as an extcap program, run alone and by tshark."""
import os
import re
import shutil
import subprocess

from comments import comments, fields, stream
from tap import Skip, case, cases, contains, equal

INTERFACE = ("--extcap-interface", "tcptrace")


@case("extcap: interface, link type, options, versions of Wireshark")
def questions(client):
    for more in ((), ("--extcap-version=4.0",)):
        out, err = client.run("--extcap-interfaces", *more)
        contains(out, "{value=tcptrace}{display=tcptrace: this kernel}\n")
        equal(err, "")
    out, _ = client.run(*INTERFACE, "--extcap-dlts")
    equal(out, "dlt {number=12}{name=DLT_RAW}{display=Raw IP}\n")
    out, _ = client.run(*INTERFACE, "--extcap-config")
    equal(re.findall(r"^arg .*\{call=([^}]*)\}", out, re.M),
          ["--all-netns", "--events", "--device"])


@cases("extcap: a filter is checked", [
    ("right", "port 80", 0, ""), ("empty", "", 0, ""),
    ("wrong", "prt 80", 1, "syntax error")])
def checked(client, text, code, want):
    out, err = client.run(*INTERFACE, "--extcap-capture-filter", text,
                          code=code)
    contains(out, want)
    equal((bool(out), err), (bool(want), ""))


@cases("extcap, misuse", [
    ("an unknown option", ["--frob"], "--frob"),
    ("no FIFO", ["--capture"], "--fifo")])
def misuse(client, args, word):
    out, err = client.run(*INTERFACE, *args, code=2)
    equal(out, "")
    contains(err, word)


@case("extcap: a capture is like that of record, with the chosen events")
def capture(client):
    path = client.path("extcap.pcapng")
    source = client.path("in", stream())
    client.run(*INTERFACE, "--capture", "--fifo", path, "--device", source,
               env=client.shim_env())
    whole = client.path("record.pcapng")
    client.run("record", "--device", source, whole, env=client.shim_env())
    names = ("frame.time_delta", "tcp.flags", "tcp.seq_raw", "frame.comment")
    equal(fields(path, *names), fields(whole, *names))
    client.run(*INTERFACE, "--capture", "--fifo", path, "--device", source,
               "--events", "close", "--extcap-capture-filter", "tcp",
               env=client.shim_env())
    equal(comments(path), ["", "", "", "tcptrace 1: retransmission"])


def extcap_folder():
    if not shutil.which("tshark"):
        raise Skip("no tshark")
    if os.geteuid() != 0 or not shutil.which("unshare"):
        raise Skip("not root")
    out = subprocess.run(["tshark", "-G", "folders"], capture_output=True,
                         text=True, check=True).stdout
    found = re.search(r"^(?:Global )?Extcap path:\s+(\S+)", out, re.M)
    if not found or not os.path.isdir(found[1]):
        raise Skip("tshark has no folder for extcap")
    return found[1]


def tshark(client, *args):
    """Run tshark in a mount namespace where its only extcap is this client."""
    folder = extcap_folder()
    own = client.path("extcap")
    os.makedirs(own, exist_ok=True)
    program = os.path.join(own, "tcptrace")
    with open(program, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n"
                   f"export LD_PRELOAD='{client.shim}'\n"
                   f"exec '{client.program}' \"$@\"\n")
    os.chmod(program, 0o755)
    home = client.path("home")
    os.makedirs(home, exist_ok=True)
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c",
         'mount --bind "$1" "$2" && shift 2 && exec tshark "$@"', "sh", own,
         folder, *args], capture_output=True, text=True, check=False,
        timeout=60, env=client.env(HOME=home))
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        raise Skip(done.stderr.strip())
    equal(done.returncode, 0, done.stderr)
    return done.stdout


@case("tshark -D shows the kernel, tshark -i captures from it")
def in_tshark(client):
    if client.sanitized:
        raise Skip("the sanitizer must be the first library")
    contains(tshark(client, "-D"), "tcptrace (tcptrace: this kernel)")
    source = client.path("in", stream())
    out = tshark(client, "-i", "tcptrace", "-o",
                 f"extcap.tcptrace.device:{source}", "-T", "fields",
                 "-e", "tcp.seq_raw", "-e", "tcp.len")
    whole = client.path("record.pcapng")
    client.run("record", "--device", source, whole, env=client.shim_env())
    equal([line.split("\t") for line in out.splitlines()],
          fields(whole, "tcp.seq_raw", "tcp.len"))
