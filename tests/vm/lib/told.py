# SPDX-License-Identifier: GPL-2.0
"""What the device tells: its records and its counters, as plain attributes."""
import fcntl
import struct

import events
from events import CLOSE, IOC_INFO, LIMIT, LOST, equal


class Record:
    """One record; the fields that these tests look at."""

    def __init__(self, data):
        self.data = data
        record = events.Record(data)
        vars(self).update(vars(record.h))
        body = vars(record.body)
        if self.type not in (LOST, LIMIT):
            self.conn, self.netns, self.zone, self.sport, self.dport, \
                self.family = list(vars(record.flow).values())[:6]
            self.tcp_flags = record.seg.flags
            self.before, self.after = body.get("from_"), body.get("to")
        if self.type == CLOSE:
            self.dir = record.dir
        vars(self).update(body)

    def __repr__(self):
        fields = vars(self).items()
        return str({key: value for key, value in fields if key != "data"})


def parse(data):
    """The records of what one read() returned; nothing may be left over."""
    records = []
    while data:
        size, = struct.unpack_from("=I", data)
        if size < 24 or size % 8 or size > len(data):
            raise AssertionError(f"length {size} of {len(data)} bytes")
        records.append(Record(data[:size]))
        data = data[size:]
    return records


class Info:
    """TCPTRACE_IOC_INFO."""

    def __init__(self, fd):
        data = fcntl.ioctl(fd, IOC_INFO, bytes(64))
        layout, names = events.INFO
        vars(self).update(zip(names.split(), struct.unpack("=" + layout, data)))
        equal(self.lost_full + self.lost_position, self.lost, "lost by cause")
        self.waiting = self.produced - self.delivered - self.lost
