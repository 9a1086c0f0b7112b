# SPDX-License-Identifier: GPL-2.0
"""Run other consumers of packets or connections. No program reads their data,
which makes them cheaper."""
import contextlib
import ctypes
import mmap
import socket
import struct
import subprocess

import nft
from proc import command

TRACEFS = "/sys/kernel/tracing"
RCVBUF = 256 << 20
SO_RCVBUFFORCE = 33
NETLINK_NETFILTER = 12
SOL_PACKET, PACKET_RX_RING, PACKET_VERSION, TPACKET_V3 = 263, 5, 10, 2
ETH_P_ALL = 3
SO_ATTACH_FILTER = 26
SNAP = 96
BLOCK, BLOCKS, FRAME = 1 << 20, 64, 2048
GROUP = 5
RULES = f"""
table inet bench {{
    chain out {{
        type filter hook output priority 0;
        log group {GROUP} snaplen 64
    }}
    chain in {{
        type filter hook input priority 0;
        log group {GROUP} snaplen 64
    }}
}}
"""


def netlink(groups=0):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                         NETLINK_NETFILTER)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RCVBUF)
    sock.bind((0, groups))
    return sock


@contextlib.contextmanager
def conntrack_events():
    """Run a ctnetlink listener for new, update and destroy events."""
    command("modprobe", "nf_conntrack_netlink")
    with netlink(7):
        yield


@contextlib.contextmanager
def tracepoint(name):
    switch = f"{TRACEFS}/events/{name}/enable"
    subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACEFS],
                   check=False, stderr=subprocess.DEVNULL)
    with open(switch, "w", encoding="ascii") as file:
        file.write("1")
    try:
        yield
    finally:
        with open(switch, "w", encoding="ascii") as file:
            file.write("0")
        with open(f"{TRACEFS}/trace", "w", encoding="ascii"):
            pass


@contextlib.contextmanager
def tap():
    """Run a TPACKET_V3 ring that captures at most 96 bytes of each packet, in
    both directions."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        # one instruction: return SNAP
        insn = struct.pack("HBBI", 6, 0, 0, SNAP)
        sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        attach(sock, insn)
        sock.setsockopt(SOL_PACKET, PACKET_RX_RING,
                        struct.pack("7I", BLOCK, BLOCKS, FRAME,
                                    BLOCK // FRAME * BLOCKS, 100, 0, 0))
        with mmap.mmap(sock.fileno(), BLOCK * BLOCKS):
            sock.bind(("lo", ETH_P_ALL))
            yield


def attach(sock, insn):
    """Attach a filter. SO_ATTACH_FILTER takes a struct sock_fprog, which
    contains the program's address."""
    code = ctypes.create_string_buffer(insn)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER,
                    struct.pack("HxxxxxxQ", 1, ctypes.addressof(code)))


def attribute(kind, payload):
    raw = struct.pack("HH", 4 + len(payload), kind) + payload
    return raw + bytes(-len(raw) % 4)


@contextlib.contextmanager
def nflog():
    """Log each packet to a group, and bind a socket to the group."""
    command("modprobe", "nfnetlink_log")
    with netlink() as sock:
        # nfgenmsg; NFULA_CFG_CMD: bind; NFULA_CFG_MODE: copy 64 bytes
        body = struct.pack(">BBH", 0, 0, GROUP)
        body += attribute(1, b"\x01") + attribute(2, struct.pack(">IBx", 64, 2))
        sock.send(struct.pack("IHHII", 16 + len(body), 4 << 8 | 1, 5, 1, 0) +
                  body)
        reply = sock.recv(4096)
        error = struct.unpack("i", reply[16:20])[0]
        if error:
            raise OSError(-error, "NFLOG")
        nft.load(RULES)
        try:
            yield
        finally:
            command("nft", "delete", "table", "inet", "bench")
