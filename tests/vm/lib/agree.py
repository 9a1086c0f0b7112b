# SPDX-License-Identifier: GPL-2.0
"""What the kernel itself says of its TCP sockets, and whether the table of
the tracer agrees."""
import collections
import ipaddress
import re
import socket
import struct
import subprocess

import events
from events import until

# struct tcp_info; the states as ss names them
TCP_INFO_LEN = 216
TCP_STATES = ["", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",
              "TIME-WAIT", "CLOSE", "CLOSE-WAIT", "LAST-ACK", "LISTEN",
              "CLOSING"]

# ss's names and RFC 9293's; a socket in CLOSED is none
NAMES = {"ESTAB": "ESTABLISHED", "SYN-SENT": "SYN_SENT",
         "SYN-RECV": "SYN_RECEIVED", "FIN-WAIT-1": "FIN_WAIT_1",
         "FIN-WAIT-2": "FIN_WAIT_2", "CLOSE-WAIT": "CLOSE_WAIT",
         "CLOSING": "CLOSING", "LAST-ACK": "LAST_ACK",
         "TIME-WAIT": "TIME_WAIT"}


def tcp_info(s):
    return s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_LEN)


def tcp_state(s):
    """The state as ss names it."""
    return TCP_STATES[tcp_info(s)[0]]


def wait_state(s, state):
    until(lambda: tcp_state(s) == state, f"{state} of the kernel's socket")


def oracle(s):
    """What the kernel counted for a socket."""
    info = tcp_info(s)
    segs_out, segs_in = struct.unpack_from("=II", info, 136)
    sent, again = struct.unpack_from("=QQ", info, 200)
    return {"segs_out": segs_out, "segs_in": segs_in, "bytes_sent": sent,
            "bytes_retrans": again}


def in_flight(s):
    """Segments that are not acknowledged."""
    return struct.unpack_from("=I", tcp_info(s), 24)[0]


# TCP_REPAIR shows the kernel's own sequence numbers.
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
REPAIR_OFF_NO_WP = -1


def numbers(s):
    """SND.NXT and RCV.NXT of a quiet socket."""
    level = socket.IPPROTO_TCP
    s.setsockopt(level, TCP_REPAIR, 1)
    got = []
    for queue in (2, 1):
        s.setsockopt(level, TCP_REPAIR_QUEUE, queue)
        got.append(s.getsockopt(level, TCP_QUEUE_SEQ) & 0xffffffff)
    s.setsockopt(level, TCP_REPAIR, REPAIR_OFF_NO_WP)
    return tuple(got)


Socket = collections.namedtuple("Socket", "state local peer uid inode")
End = collections.namedtuple("End", "state uid inode id")


def point(text):
    """An address and port of ss or of the table."""
    return events.endpoint(text)[:2]


def sockets(ns):
    """The sockets that ss lists in a namespace, LISTEN excepted."""
    with ns:
        lines = subprocess.run(["ss", "-tanHe"], check=True, text=True,
                               capture_output=True).stdout.splitlines()
    got = set()
    for line in lines:
        state, _, _, local, peer, *rest = line.split()
        if state == "LISTEN":
            continue
        uid = re.search(r"\buid:(\d+)", line)
        inode = re.search(r"\bino:(\d+)", line)
        got.add(Socket(state, point(local), point(peer),
                       int(uid[1]) if uid else 0,
                       int(inode[1]) if inode else 0))
    return got


def ends(rows):
    """The table by end: {(its address, the other's): End}."""
    got = {}
    for row in rows:
        orig, resp = point(row["orig"]), point(row["resp"])
        for key, name in (((resp, orig), "resp"), ((orig, resp), "orig")):
            got[key] = End(row[name + "_state"], row[name + "_uid"],
                           row[name + "_inode"], row["id"])
    return got


def addresses(ns):
    """The addresses of a namespace."""
    text = ns.ip("-o", "addr", "show")
    return {str(ipaddress.ip_interface(a).ip)
            for a in re.findall(r"inet6? (\S+)", text)}


def counts(found):
    return collections.Counter(s.state for s in found)


class Picture:
    """One moment of a namespace: ss before and after the table, equal."""

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
        """Sockets in a state of which the table says something else."""
        for s in sorted(self.sockets):
            end = self.table.get((s.local, s.peer))
            said = end.state if end else "nothing"
            if s.state == state and said != NAMES[state]:
                yield f"{s.local} {s.peer}: ss {state}, table {said}"

    def ghosts(self):
        """Local ends in a state other than CLOSED that have no socket."""
        known = {(s.local, s.peer) for s in self.sockets}
        for key, end in sorted(self.table.items()):
            if (key[0][0] in self.local and end.state != "CLOSED" and
                    key not in known):
                yield f"{key[0]} {key[1]}: no socket, table {end.state}"

    def wrong_owners(self):
        """(how many owners agree, those that do not).

        ss has no inode for sockets in SYN-RECV and TIME-WAIT, nor for those
        that no process holds any more.
        """
        good, wrong = 0, []
        for s in sorted(self.sockets):
            end = self.table.get((s.local, s.peer))
            if not end or not s.inode or end.inode == "-":
                continue
            if (end.uid, end.inode) == (str(s.uid), str(s.inode)):
                good += 1
            else:
                wrong.append(f"{s}: table uid {end.uid} inode {end.inode}")
        return good, wrong

    def unowned(self):
        """Sockets with an inode that the table does not know."""
        for s in sorted(self.sockets):
            end = self.table.get((s.local, s.peer))
            if end and s.inode and end.inode == "-":
                yield s
