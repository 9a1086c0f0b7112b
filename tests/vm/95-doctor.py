#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run tcptracectl doctor on real kernels, and check that its findings are true
and that its advice helps."""
import contextlib
import ctypes
import glob
import json
import os
import shutil
import socket
import struct
import subprocess
import time

import module
import nft
from case import case, run
from check import PATIENCE, Skip, equal, until
from device import Reader
from kernel import ALL_IP, want_conntrack
from libc import LIBC, check_libc
from module import KO, parameter
from netns import Netns, ip, isolate, sysctl
from proc import command, write_file
from procfs import grown, stats, table
from sockets import abort, connect, exchange, listener, pair, whole_connection

OK, WARNING, PROBLEM, UNKNOWN = "ok", "warning", "problem", "not known"
RELEASE = os.uname().release
MODULES = f"/lib/modules/{RELEASE}"
CONFIG = "/etc/modprobe.d/tcptrace-test.conf"
NOBODY = "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
NR_BPF, PROG_LOAD, TYPE_XDP = 321, 5, 6
RTM_SETLINK, IFLA_XDP, IFLA_XDP_FD = 19, 43, 1

module.load()
isolate()
server = listener()
left_ns, right_ns = (Netns(letter, sink=True) for letter in "lr")


def doctor(during=None, code=0, within=()):
    """Run the doctor, and call during() repeatedly until the doctor has ended.
    Return: the findings."""
    words = [*within, "tcptracectl", "doctor", "--json", "--seconds", "1"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + PATIENCE
    while during and process.poll() is None and time.monotonic() < end:
        during()
    out, err = process.communicate(timeout=PATIENCE)
    found = [json.loads(line) for line in out.splitlines()]
    equal((process.returncode, err), (code, ""), f"exit of doctor: {out}")
    equal(code, int(PROBLEM in [f["verdict"] for f in found]), "problems")
    return found


def check(found, name, verdict, *parts):
    """Check the verdict of a finding, and parts of its text or of its advice.
    Return: the text."""
    mine = [finding for finding in found if finding["check"] == name]
    for finding in mine:
        text = finding["text"] + "\n" + finding.get("advice", "")
        if finding["verdict"] == verdict and all(p in text for p in parts):
            return finding["text"]
    raise AssertionError(f"not {verdict} {parts}: {mine}")


def unseen(during, *parts):
    """Run the doctor until it warns that traffic is not seen. The first runs
    may still see packets of the setup. Return: the findings."""
    def look():
        found = doctor(during)
        with contextlib.suppress(AssertionError):
            check(found, "traffic", WARNING, "no packets were seen", *parts)
            return found
    return until(look, "traffic that is not seen")


def others_are_well(found, *names):
    equal([f for f in found if f["verdict"] != OK and
           f["check"] not in names], [], "other findings")


def connection():
    whole_connection(server)


@case("healthy: packets are seen, all findings are ok")
def healthy():
    found = doctor(connection)
    others_are_well(found)
    check(found, "traffic", OK, "packets were seen in 1 s")
    check(found, "namespace", OK,
          os.readlink("/proc/thread-self/ns/net"), "not that of process 1")
    found = doctor()
    check(found, "traffic", OK, "nothing to see")
    others_are_well(found)


@case("not root: doctor names the checks that need root")
def nobody():
    command("modprobe", "nf_tables")
    found = doctor(connection, 1, NOBODY)
    check(found, "device", PROBLEM, "Permission denied", "60-tcptrace.rules")
    check(found, "flowtable", UNKNOWN, "as root")
    check(found, "traffic", UNKNOWN, "Permission denied", "run it as root")
    others_are_well(found, "device", "flowtable", "traffic")
    found = doctor(None, 1, ("setpriv", "--bounding-set", "-net_admin"))
    check(found, "device", PROBLEM, "Operation not permitted", "CAP_NET_ADMIN")


@case("max_readers is reached: EBUSY, and the value")
def busy():
    with parameter("max_readers", 1), Reader():
        check(doctor(None, 1), "device", PROBLEM, "busy",
              "max_readers (now 1)")
    found = doctor()
    check(found, "limits", WARNING, "readers_full 1, 0 of them")
    others_are_well(found, "limits")


def hold():
    """Open a connection, and send data, because the table may have had no room
    for the connection during the handshake. Return: both sockets."""
    client, peer = pair(server)
    client.sendall(b"?")
    peer.recv(1)
    return client, peer


def full_of_open_ones(number):
    states = [(row["orig_state"], row["resp_state"])
              for row in table()]
    return states == [("ESTABLISHED", "ESTABLISHED")] * number


@case("the table is full: max_connections, until it is raised")
def full():
    held = []
    with parameter("max_connections", 16):
        until(lambda: full_of_open_ones(16) or held.append(hold()),
              "a table full of open connections")
        before = stats()
        found = doctor(connection, 1)
        moved = grown(before)["table_full"]
        check(found, "table", WARNING, "of 16 connections", "max_connections")
        text = check(found, "limits", PROBLEM, "table_full",
                     "max_connections (now 16)")
        now = int(text.split()[2])
        equal(0 < now <= moved, True, f"{now} of {moved}")
    for sockets in held:
        abort(*sockets)
    found = doctor(connection)
    check(found, "limits", WARNING, "table_full", ", 0 of them")
    others_are_well(found, "limits")


@case("a reader is too slow: records are lost, and then no more")
def loss():
    # only this reader loses records, because doctor's ring is larger
    reader = Reader(ring_kib=4)
    with reader:
        while not reader.info().lost:
            connection()
        check(doctor(connection, 1), "loss", PROBLEM, "ring_kib (now 1024)")
        lost = stats()["lost"]
        equal(lost, reader.info().lost, "lost, by the reader")
    found = doctor(connection)
    check(found, "loss", WARNING, f"{lost} records", " 0 of them")


class Wire:
    """A connection between two namespaces that are linked to this namespace."""

    def __init__(self, *more):
        ip(*(f"link add {name} type veth peer name eth0 netns {ns.name}"
             for name, ns in (("left", left_ns), ("right", right_ns))), *more)

    def connect(self, left, right, *routes):
        for ns, address in (left_ns, left), (right_ns, right):
            ns.address("eth0", address + "/24")
        for ns, route in zip((left_ns, right_ns), routes):
            ns.default_route(route)
        self.client, self.peer = connect(right_ns, left_ns, right, 5000)

    def talk(self):
        exchange(self.client, self.peer, 100, 100)

    def end(self, *devices):
        abort(self.client)
        self.peer.close()
        ip(*(f"link del {name}" for name in ("left", "right", *devices)))


def packets(during):
    """Return: how many packets of connections the module counts during a
    call."""
    before = stats()
    during()
    moved = grown(before)
    return moved["tracked"] + moved["late"]


@case("bridged traffic is not seen, until br_netfilter is on")
def bridged():
    wire = Wire("link add br0 type bridge", "link set br0 up",
                *(f"link set {name} master br0 up"
                  for name in ("left", "right")))
    wire.connect("10.5.0.1", "10.5.0.2")
    equal(packets(wire.talk), 0, "packets seen")
    found = unseen(wire.talk, "left", "right")
    check(found, "bridge", WARNING, "br0 (2 ports)", "br_netfilter")
    others_are_well(found, "traffic", "bridge", "limits", "loss")
    command("modprobe", "br_netfilter")
    for name in "iptables", "ip6tables":
        sysctl(f"bridge/bridge-nf-call-{name}", 1)
    found = doctor(wire.talk)
    check(found, "traffic", OK, "packets were seen")
    check(found, "bridge", OK, "br_netfilter is on")
    wire.end("br0")
    command("modprobe", "-r", "br_netfilter")


FLOWTABLE = f"""
table {ALL_IP} fast {{
	flowtable path {{ hook ingress priority 0; devices = {{ left, right }}; }}
	chain f {{
		type filter hook forward priority 0;
		meta l4proto tcp flow add @path
	}}
}}
"""


@case("a flow in a flowtable is not seen, until the rule is deleted")
def offloaded():
    want_conntrack()
    wire = Wire("addr add 10.6.1.1/24 dev left", "link set left up",
                "addr add 10.6.2.1/24 dev right", "link set right up")
    sysctl("ipv4/ip_forward", 1)
    nft.load(FLOWTABLE)
    wire.connect("10.6.1.2", "10.6.2.2", "10.6.1.1", "10.6.2.1")
    until(lambda: packets(wire.talk) == 0, "offload")
    equal("[OFFLOAD]" in command("conntrack", "-L"), True, "flag of conntrack")
    found = unseen(wire.talk, "left", "right")
    check(found, "flowtable", WARNING, "fast path", "flow add")
    others_are_well(found, "traffic", "flowtable", "limits", "loss")
    command("nft", "delete", "table", ALL_IP, "fast")
    until(lambda: packets(wire.talk) > 0, "packets seen")
    found = doctor(wire.talk)
    check(found, "traffic", OK, "packets were seen")
    check(found, "flowtable", OK, "none")
    wire.end()


def load_xdp():
    """Load the XDP program "r0 = XDP_PASS; exit". Return: its file
    descriptor."""
    code = ctypes.create_string_buffer(struct.pack("=BBhiBBhi", 0xb7, 0, 0, 2,
                                                   0x95, 0, 0, 0))
    license_name = ctypes.create_string_buffer(b"GPL")
    attr = ctypes.create_string_buffer(struct.pack(
        "=IIQQ", TYPE_XDP, 2, ctypes.addressof(code),
        ctypes.addressof(license_name)), 128)
    return check_libc(LIBC.syscall(NR_BPF, PROG_LOAD, attr,
                                                   128))


def attach_xdp(device, fd):
    """Attach an XDP program to a device by netlink, as ip(8) does; with fd -1,
    detach it."""
    inner = struct.pack("=HHi", 8, IFLA_XDP_FD, fd)
    body = struct.pack("=BxHiII", 0, 0, socket.if_nametoindex(device), 0, 0)
    body += struct.pack("=HH", 4 + len(inner), IFLA_XDP | 1 << 15) + inner
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as sock:
        sock.send(struct.pack("=IHHII", 16 + len(body), RTM_SETLINK, 5, 1, 0) +
                  body)
        answer = sock.recv(4096)
    equal(struct.unpack_from("=i", answer, 16)[0], 0, "netlink's answer")


@case("an XDP program and a clsact qdisc are reported")
def programs():
    ip("link add px type veth peer name py", "link set px up")
    fd = load_xdp()
    attach_xdp("px", fd)
    listed, = json.loads(command("ip", "-j", "-d", "link", "show", "px"))
    number = listed["xdp"]["prog"]["id"]
    command("tc", "qdisc", "add", "dev", "py", "clsact")
    found = doctor()
    check(found, "xdp", WARNING, f"px (program {number})")
    check(found, "tc", WARNING, "on py:")
    others_are_well(found, "xdp", "tc", "limits", "loss")
    attach_xdp("px", -1)
    os.close(fd)
    command("tc", "qdisc", "del", "dev", "py", "clsact")
    others_are_well(doctor(), "limits", "loss")
    ip("link del px")


@contextlib.contextmanager
def installed(path):
    """Let modprobe find only the module at this path (None: no module)."""
    command("mount", "-t", "tmpfs", "tmpfs", MODULES)
    try:
        os.mkdir(MODULES + "/updates")
        for name in "order", "builtin", "builtin.modinfo":
            write_file(f"{MODULES}/modules.{name}", "")
        if path:
            shutil.copy(path, MODULES + "/updates/tcptrace.ko")
        command("depmod", RELEASE)
        yield
    finally:
        command("umount", MODULES)


def modprobe():
    return subprocess.run(["modprobe", "tcptrace"], capture_output=True,
                          text=True)


@case("not loaded: not installed, then installed, then loaded as advised")
def unloaded():
    module.unload()
    # load the dependencies, which modprobe does not find within installed()
    module.load_dependencies()
    with installed(None):
        found = doctor(None, 1)
        check(found, "module", PROBLEM, "modprobe tcptrace")
        check(found, "file", PROBLEM, "neither installed", RELEASE)
        check(found, "headers", PROBLEM, f"linux-headers-{RELEASE}")
        others_are_well(found, "module", "file", "headers")
        equal(modprobe().returncode, 1, "modprobe")
    with installed(KO):
        found = doctor(None, 1)
        check(found, "file", OK, MODULES + "/updates/tcptrace.ko")
        check(found, "signature", OK, "no signature is required")
        others_are_well(found, "module")
        write_file(CONFIG, "install tcptrace /bin/false\n")
        found = doctor(None, 1)
        check(found, "modprobe", PROBLEM, "/bin/false")
        equal(modprobe().returncode, 1, "modprobe")
        os.unlink(CONFIG)
        equal(modprobe().returncode, 0, "modprobe")
        check(doctor(), "module", OK, "loaded")
        module.unload()


@case("the module of another kernel: wrong vermagic, as modprobe reports")
def other_kernel():
    others = [path for path in glob.glob(os.environ["TCPTRACE_SRC"] +
                                         "/build/*/module/tcptrace.ko")
              if path.split("/")[-3] != RELEASE]
    others = [path for path in others if command(
        "modinfo", "-F", "vermagic", path).split()[0] != RELEASE]
    if not others:
        raise Skip("the other kernel's module is not built")
    magic = command("modinfo", "-F", "vermagic", others[0]).strip()
    with installed(others[0]):
        found = doctor(None, 1)
        check(found, "file", PROBLEM, f"built for '{magic}", RELEASE)
        done = modprobe()
        equal((done.returncode, "Exec format" in done.stderr), (1, True),
              f"modprobe: {done.stderr}")


# Some of these messages are about words on the kernel's command line that begin
# with the module's name.
run(r"tcptrace: (disagrees about|version magic |module_layout: )|"
    r"Disabling lock debugging due to kernel taint|"
    r"module tcptrace: \.gnu\.linkonce\.|"
    r"tcptrace: unknown parameter '(job|src|modules)' ignored|"
    r"Bridge firewalling registered|bridge: |br0: |"
    r"(left|right)( \(unregistering\))?: (entered|left) |"
    r"device (left|right) (entered|left) ")
