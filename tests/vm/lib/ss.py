# SPDX-License-Identifier: GPL-2.0
"""Compare the kernel's TCP sockets with the tracer's table."""
import collections
import ipaddress
import json
import re
import socket
import struct

from check import until
from proc import command

# how many bytes of struct tcp_info are read; the names of its states in ss
TCP_INFO_LEN = 216
TCP_STATES = ["", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
              "TIME-WAIT", "CLOSE", "CLOSE-WAIT", "LAST-ACK", "LISTEN",
              "CLOSING"]

# state names in ss and in RFC 9293; ss does not list a socket in CLOSED
NAMES = {"ESTAB": "ESTABLISHED", "SYN-RECV": "SYN_RECEIVED",
         **{name: name.replace("-", "_") for name in (
             "SYN-SENT", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING",
             "LAST-ACK", "TIME-WAIT")}}


def tcp_info(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_LEN)


def tcp_state(s):
    """Return: the state of a socket, as ss names it."""
    return TCP_STATES[tcp_info(s)[0]]


def wait_state(s, state):
    until(lambda: tcp_state(s) == state, f"{state} of the kernel's socket")


def socket_counters(s):
    info = tcp_info(s)
    segs_out, segs_in = struct.unpack_from("=II", info, 136)
    sent, rexmit = struct.unpack_from("=QQ", info, 200)
    return {"segs_out": segs_out, "segs_in": segs_in, "bytes_sent": sent,
            "bytes_retrans": rexmit}


def retransmitted(*socks):
    """Return: how many bytes each socket has retransmitted. On a slow host, the
    kernel may retransmit without a loss."""
    return [socket_counters(sock)["bytes_retrans"] for sock in socks]


def in_flight(s):
    """Return: the number of unacknowledged segments."""
    return struct.unpack_from("=I", tcp_info(s), 24)[0]


# TCP_REPAIR shows the kernel's own sequence numbers.
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
REPAIR_OFF_NO_WP = -1


def sequence_numbers(s):
    """Return: SND.NXT and RCV.NXT of a socket without data in flight."""
    level = socket.IPPROTO_TCP
    s.setsockopt(level, TCP_REPAIR, 1)
    got = []
    for queue in (2, 1):
        s.setsockopt(level, TCP_REPAIR_QUEUE, queue)
        got.append(s.getsockopt(level, TCP_QUEUE_SEQ) & 0xffffffff)
    s.setsockopt(level, TCP_REPAIR, REPAIR_OFF_NO_WP)
    return tuple(got)


Socket = collections.namedtuple("Socket", "state local peer uid inode")
End = collections.namedtuple("End", "state uid inode")


def endpoint(text):
    """Parse '1.2.3.4:5' or '[fe80::1%2]:5'. Return: (address, port)."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]").partition("%")[0]
    return str(ipaddress.ip_address(host)), int(port)


def sockets(ns):
    """Return: the sockets that ss lists in a namespace, except those in
    LISTEN."""
    with ns:
        lines = command("ss", "-tanHe").splitlines()
    got = set()
    for line in lines:
        state, _, _, local, peer, *_ = line.split()
        if state == "LISTEN":
            continue
        uid, inode = (re.search(rf"\b{name}:(\d+)", line)
                      for name in ("uid", "ino"))
        got.add(Socket(state, endpoint(local), endpoint(peer),
                       int(uid[1]) if uid else 0,
                       int(inode[1]) if inode else 0))
    return got


def ends(rows):
    """Return: the two ends of each row of the table, as {(endpoint, endpoint of
    its peer): End}."""
    got = {}
    for row in rows:
        orig, resp = endpoint(row["orig"]), endpoint(row["resp"])
        for key, name in (((resp, orig), "resp"), ((orig, resp), "orig")):
            got[key] = End(*(row[f"{name}_{field}"] for field in End._fields))
    return got


def addresses(ns):
    """Return: the IP addresses of a namespace."""
    with ns:
        listed = json.loads(command("ip", "-j", "addr", "show"))
    return {a["local"] for device in listed for a in device["addr_info"]}


def counts(found):
    return collections.Counter(s.state for s in found)


class Snapshot:
    """A consistent view of a namespace: ss has listed the same sockets before
    and after the table was read."""

    def __init__(self, ns):
        self.ns = ns
        self.local = addresses(ns)

        def take():
            before = sockets(ns)
            self.table = ends(ns.table())
            self.sockets = sockets(ns)
            return self.sockets == before

        until(take, "two equal answers of ss")

    def wrong_states(self, state):
        """Yields a line for each socket in this state whose state in the table
        differs."""
        for s in sorted(self.sockets):
            end = self.table.get((s.local, s.peer))
            said = end.state if end else "nothing"
            if s.state == state and said != NAMES[state]:
                yield f"{s.local} {s.peer}: ss {state}, table {said}"

    def without_socket(self):
        """Yields a line for each local end that has no socket, but is not
        CLOSED."""
        known = {(s.local, s.peer) for s in self.sockets}
        for key, end in sorted(self.table.items()):
            if (key[0][0] in self.local and end.state != "CLOSED" and
                    key not in known):
                yield f"{key[0]} {key[1]}: no socket, table {end.state}"

    def owners(self):
        """Yields (socket, end in the table) if both exist and ss shows an
        inode. ss shows no inode in SYN-RECV and TIME-WAIT, and for a socket
        without a process."""
        for s in sorted(self.sockets):
            end = self.table.get((s.local, s.peer))
            if end and s.inode:
                yield s, end

    def wrong_owners(self):
        for s, end in self.owners():
            if end.inode != "-" and (end.uid, end.inode) != (str(s.uid),
                                                             str(s.inode)):
                yield f"{s}: table uid {end.uid} inode {end.inode}"

    def clients_without_owner(self):
        """Return: the clients whose owner the table does not show. The tracer
        knows the owner of a client after connect(), but the owner of a server
        only from the first segment that the server sends after accept().
        All sockets of user 0 belong to servers."""
        return [s for s, end in self.owners() if end.inode == "-" and s.uid]
