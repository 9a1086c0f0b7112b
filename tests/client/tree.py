# SPDX-License-Identifier: GPL-2.0
"""Build the folder of a simulated machine: its files, its modules, and its
answers to netlink requests."""
import os
import shutil
import struct
import subprocess

from tap import VERSION

RELEASE = "6.1.0-56-amd64"
ROUTE, NETFILTER = 0, 12
NEWLINK, GETLINK, NEWQDISC, GETQDISC = 16, 18, 36, 38
NEWFLOWTABLE, GETFLOWTABLE = 10 << 8 | 22, 10 << 8 | 23
DONE, ERROR = 3, 2

# Names of the counters in each file. Every user may read the first file; only
# root may read the others.
STATS = "proc/net/stat/tcptrace"
COUNTERS = {
    STATS: """loopback not_tcp fragment truncated ip_version ip_hdrlen
ip_length ext_length ext_limit tcp_length tcp_doff""".split(),
    STATS + "_odd": """entries tracked late copy bad_flags stray_self table_full
chain_full no_memory opened midstream established closed expired evicted reused
insert_race events lost readers_full""".split(),
    STATS + "_fate": "icmp_error icmp_stray icmp_redirect drops "
                     "drops_lost".split(),
    STATS + "_finding": ["finding_" + name for name in """old_connection
syn_repeated synack_repeated synack_unanswered two_synacks tfo_not_taken
old_timestamp wscale_lost window_shrunk window_overrun zero_window
probes_unanswered keep_alives_unanswered data_unanswered fin_unanswered
path_mtu sack_outside ack_loop one_way seen_twice stray_rst syn_timestamp
too_big route_moved asymmetric listener_full""".split()],
}


def file_of(names, values):
    """Return the text of a counter file for two CPUs. Both lines have the value
    of "entries"; the other values are split between the lines."""
    rows = [[values.get(name, 0) if name == "entries" else
             values.get(name, 0) // 2 + cpu * (values.get(name, 0) % 2)
             for name in names] for cpu in range(2)]
    return "\n".join([" ".join(names), *(
        " ".join(f"{value:08x}" for value in row) for row in rows)]) + "\n"


def counters(folder="", **values):
    """All files of counters."""
    return {folder + path: file_of(names, values)
            for path, names in COUNTERS.items()}


def snmp(received, sent):
    return ("Ip: Forwarding InReceives\nIp: 1 7\n"
            "Tcp: RtoAlgorithm MaxConn InSegs OutSegs RetransSegs InErrs\n"
            f"Tcp: 1 -1 {received} {sent} 5 6\n")


def attribute(kind, data):
    if isinstance(data, str):
        data = data.encode() + b"\0"
    elif isinstance(data, int):
        data = struct.pack("=I", data)
    return struct.pack("=HH", 4 + len(data), kind) + data + \
        bytes(-len(data) % 4)


def message(kind, body):
    return struct.pack("=IHHII", 16 + len(body), kind, 2, 0, 0) + body


def answer(*messages):
    return b"".join(messages) + message(DONE, bytes(4))


def refusal(number):
    return message(ERROR, struct.pack("=i", -number) + bytes(16))


def link(index, name, packets=0, kind=None, master=None, xdp=None):
    """Return the netlink message that describes an interface; half of @packets
    count as received, half as sent."""
    body = struct.pack("=BxHiII", 0, 1, index, 0x1043, 0)
    body += attribute(3, name)
    if master:
        body += attribute(10, master)
    body += attribute(23, struct.pack("=2Q", packets // 2,
                                      packets - packets // 2) + bytes(176))
    if xdp:
        body += attribute(43, attribute(2, b"\2") + attribute(4, xdp))
    if kind:
        body += attribute(18, attribute(1, kind))
    return message(NEWLINK, body)


def qdisc(index, kind):
    return message(NEWQDISC, struct.pack("=BxxxiIII", 0, index, 0, 0, 1) +
                   attribute(1, kind))


def flowtable(table, name):
    return message(NEWFLOWTABLE, struct.pack("=BBH", 1, 0, 0) +
                   attribute(1, table) + attribute(2, name))


def module(release=RELEASE, version=VERSION, signer=None):
    """Return an ELF file with two sections, .modinfo and the section names, and
    with a signature if @signer is given."""
    info = f"version={version}\0vermagic={release} SMP preempt mod_unload " \
        "modversions \0name=tcptrace\0license=GPL\0"
    names = b"\0.modinfo\0.shstrtab\0"
    info = info.encode()
    head = struct.pack("<4s5B7x2HI3QI6H", b"\x7fELF", 2, 1, 1, 0, 0, 1, 62, 1,
                       0, 0, 64 + len(info) + len(names), 0, 64, 0, 0, 64, 3,
                       2)

    def section(name, kind, offset, size):
        return struct.pack("<2I4Q2I2Q", name, kind, 0, 0, offset, size, 0, 0,
                           1, 0)
    data = head + info + names + section(0, 0, 0, 0) + \
        section(1, 1, 64, len(info)) + \
        section(10, 3, 64 + len(info), len(names))
    if signer:
        signer = signer.encode()
        data += signer + b"KEYID" + b"signature" + struct.pack(
            ">5B3xI", 1, 4, 1, len(signer), 5, 9) + \
            b"~Module signature appended~\n"
    return data


class Tree:
    """A simulated machine, at first healthy and with the module loaded; tests
    then change it."""

    def __init__(self, client):
        self.client = client
        self.root = client.path("tree")
        shutil.rmtree(self.root, ignore_errors=True)
        self.put({
            "proc/version": "Linux", "proc/modules": "tcptrace 1 0 - Live\n",
            "proc/misc": " 59 tcptrace\n",
            "proc/sys/kernel/osrelease": RELEASE + "\n",
            "proc/sys/kernel/modules_disabled": "0\n",
            "proc/net/dev": "", "proc/net/netfilter/nf_log": "",
            "proc/net/snmp": snmp(1000, 2000), "proc/cmdline": "quiet\n",
            **counters(entries=7, tracked=100),
            "sys/module/tcptrace/version": VERSION + "\n",
            "sys/module/module/parameters/sig_enforce": "N\n",
            "sys/kernel/security/lockdown":
                "[none] integrity confidentiality\n",
            "sys/firmware/acpi/x": "",
            f"netlink/{ROUTE}-{GETLINK}": answer(link(1, "lo", 10),
                                                 link(2, "eth0", 100)),
            **counters("later/", entries=8, tracked=150),
            "later/proc/net/snmp": snmp(1020, 2030),
        })
        for name, value in (("max_connections", 1000), ("max_readers", 16),
                            ("max_half_open", 250), ("hashsize", 1024),
                            ("ring_kib", 1024)):
            self.put({f"sys/module/tcptrace/parameters/{name}": f"{value}\n"})
        for number in "self", "1":
            os.makedirs(f"{self.root}/proc/{number}/ns")
            os.symlink("net:[4026531840]",
                       f"{self.root}/proc/{number}/ns/net")

    def put(self, files):
        for path, data in files.items():
            path = os.path.join(self.root, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data if isinstance(data, bytes) else data.encode())

    def forbid(self, path):
        """Make every fopen() of the file fail, even by root: see tree.c."""
        os.chmod(os.path.join(self.root, path), 0)

    def drop(self, *paths):
        for path in paths:
            path = os.path.join(self.root, path)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)

    def unload(self, *files):
        """Unload the module; @files: names and contents of files below
        /lib/modules."""
        self.drop("sys/module/tcptrace", *COUNTERS, "later", "proc/misc")
        self.put({"proc/modules": "nf_tables 1 0 - Live\n",
                  **{f"lib/modules/{RELEASE}/modules.{name}": "" for name in
                     ("order", "builtin", "builtin.modinfo")}})
        for path, data in files:
            self.put({"lib/modules/" + path: data})

    def depmod(self):
        """Run depmod on the simulated machine."""
        subprocess.run(["/sbin/depmod", "-b", self.root, RELEASE], check=True)
