#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that ordinary programs raise no finding, even if their packets are
delayed, reordered or duplicated. Packets that netem drops may raise only
findings that loss causes, and old_timestamp if PAWS has dropped segments. Only
packets that netem or TCP itself drops may be reported as dropped."""
import contextlib
import os
import subprocess
import tempfile

import module
from case import case, run
from check import PATIENCE, at_scale, equal, note, until
from expected import Trace
from netns import row
from proc import command, read_file
from records import (DROP, ESTABLISHED, FINDING, FINDINGS, MASK_DEFAULT,
                     MASK_FATE, check_sequence, flags_name, text)

module.load()
client, router, server = PLACES = row("crs", 28)
ADDR = "10.28.2.2"
SSH, NGINX, PYTHON, IPERF = 22, 80, 8000, 5201
client.reach(ADDR)
trace = Trace(MASK_DEFAULT | MASK_FATE | 1 << DROP)
trace.reader.resize(4 << 20)
folder = tempfile.mkdtemp()
TOOLS = os.environ["TCPTRACE_TOOLS"]

# The findings that loss causes. The client repeats its SYN if the SYN,ACK is
# lost, and the server repeats its SYN,ACK if the ACK is lost. FINs and data can
# be lost several times.
BY_LOSS = {"syn_repeated", "synack_repeated", "data_unanswered",
           "fin_unanswered"}

SSHD = """
Port 22
HostKey {0}/host
AuthorizedKeysFile {0}/user.pub
PidFile none
StrictModes no
UsePAM no
"""
HTTPD = """
daemon off;
pid {0}/nginx.pid;
error_log {0}/nginx.log;
user root;
events {{ }}
http {{
	access_log off;
	client_body_temp_path {0};
	proxy_temp_path {0};
	fastcgi_temp_path {0};
	uwsgi_temp_path {0};
	scgi_temp_path {0};
	server {{ listen 80; root {0}; }}
}}
"""


def write(name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def add_user(name):
    """Add a user that a server needs, unless the user exists."""
    users = read_file("/etc/passwd")
    if f"\n{name}:" not in users:
        path = write("passwd", (users + f"{name}:x:65533:65534::/:/bin/false"
                                "\n").encode())
        command("mount", "--bind", path, "/etc/passwd")


def prepare():
    """Create the files of the servers. Return: the servers' commands."""
    for name in "host", "user":
        command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                os.path.join(folder, name))
    for name, size in ("small", 100), ("large", 300000):
        write(name, bytes(size))
    os.makedirs("/run/sshd", exist_ok=True)
    add_user("sshd")
    return {SSH: [f"{TOOLS}/openssh-server/usr/sbin/sshd", "-D", "-f",
                  write("sshd.conf", SSHD.format(folder).encode())],
            NGINX: [f"{TOOLS}/nginx/usr/sbin/nginx", "-c",
                    write("nginx.conf", HTTPD.format(folder).encode())],
            PYTHON: ["python3", "-m", "http.server", "-d", folder,
                     str(PYTHON)],
            IPERF: ["iperf3", "-s", "-p", str(IPERF)]}


def listens(port):
    with server:
        return f":{port} " in command("ss", "-tlnH")


def start_servers():
    for port, words in prepare().items():
        with server:
            subprocess.Popen(words, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        until(lambda port=port: listens(port), f"{words[0]} listens")


def fetch(port, *files):
    """Return: a command that fetches all files with a single curl. nginx keeps
    the connection open between the files."""
    return "curl -sS --fail " + " ".join(
        f"-o /dev/null http://{ADDR}:{port}/{name}" for name in files)


BULK = f"iperf3 -c {ADDR} -p {IPERF} -n 300K -P 2 --bidir"
REMOTE = (f"ssh -i {folder}/user -o BatchMode=yes "
          "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
          f"root@{ADDR} 'sleep 0.5; head -c 50000 /dev/zero'")


def traffic(times):
    """Run web, ssh and bulk transfers at the same time. Only the bulk transfers
    send much data in both directions."""
    lines = [" && ".join([fetch(NGINX, "small", "large", "small")] * times),
             " && ".join([fetch(PYTHON, "small"),
                          fetch(PYTHON, "large")] * times),
             " && ".join([REMOTE] * times), " && ".join([BULK] * times)]
    with client:
        running = [subprocess.Popen(["sh", "-c", line], text=True,
                                    stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE) for line in lines]
    for line, process in zip(lines, running):
        _, errors = process.communicate(timeout=4 * PATIENCE)
        equal(process.returncode, 0, f"{line}: {errors} exit")


@contextlib.contextmanager
def netem(*words):
    devices = ((client, "cr"), (server, "sr"))
    for ns, device in devices:
        command("tc", "-n", ns.name, "qdisc", "add", "dev", device, "root",
                "netem", "limit", "10000", *words)
    try:
        yield
    finally:
        for ns, device in devices:
            note(command("tc", "-s", "-n", ns.name, "qdisc", "show", "dev",
                         device).splitlines()[1])
            command("tc", "-n", ns.name, "qdisc", "del", "dev", device, "root")


def dropped(records):
    """Return: each combination of reason, kernel function and TCP flags in DROP
    records, sorted."""
    return sorted({(text(r.reason), text(r.function), flags_name(r.seg.flags))
                   for r in records if r.type == DROP})


def found_after(times, *reasons):
    """Run the traffic, and check the reasons for drops. Return: the findings,
    as {(finding, host)}. TCP itself may drop copies, probes and late segments,
    for reasons that begin with TCP_. A segment to a closed socket is dropped
    for the reason NO_SOCKET. reasons: additional reasons that are allowed."""
    begin = len(trace.all())
    traffic(times)
    until(lambda: not any("ESTABLISHED" in row.values()
                          for ns in PLACES for row in ns.table()), "the ends")
    new = trace.all()[begin:]
    places = {ns.inum: ns for ns in PLACES}
    equal({r.netns for r in new if r.type == ESTABLISHED}, set(places),
          "who has seen connections")
    equal([row for row in dropped(new)
           if not row[0].startswith(("TCP_", "NO_SOCKET", *reasons))],
          [], "dropped packets")
    return {(FINDINGS[r.finding], places[r.netns]) for r in new
            if r.type == FINDING}


def named(found):
    return sorted((name, ns.name) for name, ns in found)


@case("ordinary programs raise no finding at delays of 0, 20 and 200 ms")
def _():
    start_servers()
    equal(named(found_after(at_scale(2, 1))), [], "findings")
    for ms in 20, 200:
        with netem("delay", f"{ms}ms"):
            equal(named(found_after(1)), [], f"findings with {ms} ms")


for title, *options in (("reordered", "reorder", "25%", "50%"),
                        ("duplicated", "duplicate", "5%")):
    @case(f"{title} packets raise no finding")
    def _(options=options):
        with netem("delay", "10ms", *options):
            equal(named(found_after(1)), [], "findings")


def rejected_by_paws():
    """Return: how many segments the client and the server have dropped because
    of an old timestamp (PAWS)."""
    count = 0
    for ns in client, server:
        with ns:
            row = command("nstat", "-asz", "TcpExtPAWSEstab").split()
        count += int(row[row.index("TcpExtPAWSEstab") + 1])
    return count


@case("lost packets raise only findings that their loss causes")
def _():
    for ms, percent in at_scale(((0, 1), (10, 3), (200, 1)), ((10, 3),)):
        before = rejected_by_paws()
        with netem("delay", f"{ms}ms", "loss", f"{percent}%"):
            found = found_after(2 if ms < 200 else 1, "QDISC_DROP")
        rejected = rejected_by_paws() - before
        note(f"{ms} ms: {named(found)}, {rejected} old timestamps")
        allowed = BY_LOSS | ({"old_timestamp"} if rejected else set())
        equal({name for name, _ in found} - allowed, set(), "other findings")


@case("no record was lost")
def _():
    equal(check_sequence(trace.all()), 0, "lost records")
    trace.reader.close()


run()
