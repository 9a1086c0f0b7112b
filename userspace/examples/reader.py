#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""reader.py [FILE]: print a line for each record of the types in FORMATS.

The program reads /dev/tcptrace, or a file of records, and needs only the
standard library. The offsets are those of linux/tcptrace.h. Fields are never
moved, and records grow only at their end, so the program can read records of
older and newer modules.
"""
import fcntl
import ipaddress
import os
import struct
import sys

DEVICE = "/dev/tcptrace"
OPEN, STATE, ESTABLISHED, CLOSE, LOST, FINDING = 1, 2, 3, 5, 6, 9
IOC_MASK = 1 << 30 | 4 << 16 | 0xf9 << 8 | 1	# _IOW(0xf9, 1, __u32)

HEADER = struct.Struct("=IHHQQ")	# len, type, flags, seq, time
FLOW = struct.Struct("=QIIHHHH16s16s")
BODY = HEADER.size + FLOW.size + 32	# 32: size of struct tcptrace_seg
LOST_BODY = struct.Struct("=QQQII")
TRANSITION = struct.Struct("=IBBBB")
TIMES = struct.Struct("=QQQ")
CLOSE_TIMES = struct.Struct("=6Q")
DIRECTION = 320			# sizeof(struct tcptrace_dir)
SIDE = struct.Struct("=5Q")	# packets, segments, bytes, unique, rexmit
FOUND = struct.Struct("=BBHI")

STATES = ("CLOSED", "SYN_SENT", "SYN_RECEIVED", "ESTABLISHED", "FIN_WAIT_1",
          "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT")
REASONS = ("none", "fin", "reset", "refused", "unanswered", "timeout",
           "evicted", "reused", "shutdown", "capture", "one_way",
           "unreachable")


def name(names, number):
    """Return a value's name, or the value if a newer module added it."""
    return names[number] if number < len(names) else str(number)


def endpoint(family, raw, port):
    if family == 10:
        return f"[{ipaddress.IPv6Address(raw)}]:{port}"
    return f"{ipaddress.IPv4Address(raw[:4])}:{port}"


def ends(record):
    conn, _, _, orig_port, resp_port, family, _, orig, resp = \
        FLOW.unpack_from(record, HEADER.size)
    return (f"#{conn} {endpoint(family, orig, orig_port)} > "
            f"{endpoint(family, resp, resp_port)}")


def state(record):
    _, end, before, after, _ = TRANSITION.unpack_from(record, BODY)
    return (f"state {ends(record)} {'responder' if end else 'originator'} "
            f"{name(STATES, before)} > {name(STATES, after)}")


def established(record):
    _, _, handshake = TIMES.unpack_from(record, BODY)
    return f"established {ends(record)} in {handshake / 1e6:.3f} ms"


def close(record):
    _, duration, *_ = CLOSE_TIMES.unpack_from(record, BODY)
    sides = BODY + CLOSE_TIMES.size
    reason = record[sides + 2 * DIRECTION + 8]
    sent = [SIDE.unpack_from(record, sides + i * DIRECTION)
            for i in range(2)]
    return (f"close {ends(record)} {name(REASONS, reason)} after "
            f"{duration / 1e9:.3f} s, bytes {sent[0][2]} + {sent[1][2]}, "
            f"retransmitted {sent[0][4]} + {sent[1][4]}")


def lost(record):
    count, *_ = LOST_BODY.unpack_from(record, HEADER.size)
    return f"lost {count} records"


def finding(record):
    number, end, count, value = FOUND.unpack_from(record, BODY)
    return (f"finding {ends(record)} number {number} end {end} "
            f"count {count} value {value}")


FORMATS = {OPEN: lambda record: "open " + ends(record), STATE: state,
           ESTABLISHED: established, CLOSE: close, LOST: lost,
           FINDING: finding}


def records(file):
    """Yield each complete record; read() may return only part of a record."""
    data = b""
    while part := os.read(file, 1 << 18):
        data += part
        at = 0
        while at + HEADER.size <= len(data):
            length = HEADER.unpack_from(data, at)[0]
            if length < HEADER.size or length % 8:
                raise ValueError(f"no record: length {length}")
            if at + length > len(data):
                break
            yield data[at:at + length]
            at += length
        data = data[at:]


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else DEVICE
    file = os.open(path, os.O_RDONLY)
    if path == DEVICE:
        mask = sum(1 << kind for kind in FORMATS)
        fcntl.ioctl(file, IOC_MASK, struct.pack("=I", mask))
    for record in records(file):
        kind = HEADER.unpack_from(record)[1]
        if kind in FORMATS:
            print(FORMATS[kind](record), flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
    except (OSError, ValueError, struct.error) as error:
        sys.exit(f"reader.py: {error}")
