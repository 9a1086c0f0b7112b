# SPDX-License-Identifier: GPL-2.0
"""Decide about packets in user space, with NFQUEUE."""
import socket
import struct

from check import PATIENCE, Skip
from proc import command

NETLINK_NETFILTER, SUBSYS_QUEUE = 12, 3
MSG_VERDICT, MSG_CONFIG = 1, 2
CFG_CMD, CFG_PARAMS, VERDICT_HDR = 1, 2, 2


class Queue:
    """An NFQUEUE queue of a namespace, which this program reads."""

    def __init__(self, number, ns):
        try:
            command("modprobe", "nfnetlink_queue")
        except AssertionError as error:
            raise Skip("no NFQUEUE") from error
        with ns:
            self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                      NETLINK_NETFILTER)
        self.sock.settimeout(PATIENCE)
        self.number = number
        # bind; copy no packet
        self.send(MSG_CONFIG, CFG_CMD, struct.pack(">BxH", 1, socket.AF_INET))
        self.send(MSG_CONFIG, CFG_PARAMS, struct.pack(">IB", 0, 1))

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.sock.close()

    def send(self, kind, attribute, value):
        attr = struct.pack("=HH", 4 + len(value), attribute) + value
        body = struct.pack(">BBH", 0, 0, self.number) + \
            attr.ljust((len(attr) + 3) & ~3, b"\0")
        self.sock.send(struct.pack("=IHHII", 16 + len(body),
                                   SUBSYS_QUEUE << 8 | kind, 1, 0, 0) + body)

    def accept(self):
        """Wait for the next packet, and accept it."""
        data = self.sock.recv(65536)
        # the first attribute is NFQA_PACKET_HDR
        packet = struct.unpack_from(">I", data, 16 + 4 + 4)
        self.send(MSG_VERDICT, VERDICT_HDR, struct.pack(">II", 1, *packet))
