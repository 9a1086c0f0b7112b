# SPDX-License-Identifier: GPL-2.0
"""Recompute, from the fields of tshark, each sum that explain prints."""
import pathlib
import re
import sys

from tap import Skip

DIFF = pathlib.Path(__file__).resolve().parent.parent / "diff"
sys.path.append(str(DIFF))
FIELDS = ["frame.number", "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "tcp.flags",
          "tcp.window_size_value", "tcp.window_size", "tcp.stream",
          "tcp.options", "tcp.options.wscale.shift"]
SUM = re.compile(r"(SEQ|ACK|NEXT|before) (\d+) = (\d+)(?: \([^)]*\))?"
                 r"((?: [+-] \d+(?: bytes?)?(?: \([^)]*\))?)+)")
WINDOW = re.compile(r"Window (\d+) bytes = (\d+) x 2\^(\d+)")
PLUS = re.compile(r"([+-]) (\d+)")
LABEL = re.compile(r"#(\d+)")
CACHE, UNREAD = {}, {}


class Segment:
    """A row of tshark."""

    def __init__(self, values):
        field = dict(zip(FIELDS, values))
        self.seq, self.ack, self.len = (int(field["tcp." + name]) for name in
                                        ("seq_raw", "ack_raw", "len"))
        flags = int(field["tcp.flags"], 0)
        self.extra = bool(flags & 1) + bool(flags & 2)
        self.window = int(field["tcp.window_size_value"])
        self.scaled = int(field["tcp.window_size"])
        self.stream = field["tcp.stream"]
        # tshark stops at an option that it cannot read, see analysis.rst
        self.unread = "0303" in field["tcp.options"] and \
            not field["tcp.options.wscale.shift"]

    @property
    def end(self):
        return (self.seq + self.len + self.extra) % 2**32


def tshark(path):
    """Return: {frame: segment}"""
    import compare
    if path not in CACHE:
        try:
            out = compare.run_tshark(str(path), FIELDS).stdout
        except FileNotFoundError as why:
            raise Skip("no tshark") from why
        rows = (line.split("\t") for line in out.splitlines())
        CACHE[path] = {int(row[0]): Segment(row) for row in rows
                       if row[1] and row[3] and row[5]}
        UNREAD[id(CACHE[path])] = {row.stream for row in CACHE[path].values()
                                   if row.unread}
    return CACHE[path]


def blocks(out):
    """Yield each frame number and the lines that explain prints for the
    frame."""
    frame, lines = None, []
    for line in out.splitlines():
        if line.startswith(("#", "-", "Connection", "Summary")):
            if frame:
                yield frame, lines
            frame, lines = line.startswith("#") and int(line[1:].split()[0]), []
        elif line.startswith("      "):
            lines.append(line.strip())
    if frame:
        yield frame, lines


def check_window(rows, frame, line, match):
    row = rows[frame]
    value, field, shift = map(int, match.groups())
    if row.stream in UNREAD[id(rows)]:
        return
    if (value, field) != (row.scaled, row.window) or value != field << shift:
        raise AssertionError(f"#{frame}: {line}")


def check_sum(rows, frame, line, match):
    row = rows[frame]
    what, value, base = match[1], int(match[2]), int(match[3])
    terms = [int(sign + n) for sign, n in PLUS.findall(match[4])]
    label = LABEL.search(match[4] + line[match.end():]) \
        if what in ("SEQ", "ACK") else None
    want = {"SEQ": row.seq, "ACK": row.ack, "NEXT": row.end}.get(what, value)
    good = value == (base + sum(terms)) % 2**32 and value == want
    if what == "NEXT":
        good &= base == row.seq and sum(terms) == row.len + row.extra
    elif what == "before":
        good &= base == row.ack
    elif label:
        other = rows[int(label[1])]
        good &= base == other.seq
        if "but not" not in line:
            good &= sorted(terms) == sorted(
                [n for n in (other.len, other.extra) if n])
    if not good:
        raise AssertionError(f"#{frame}: {line}")


def check(client, path, *args):
    """Check the sums and the scaled windows that explain prints for a capture.
    Return: the number of checked sums and windows."""
    rows, count = tshark(path), 0
    out, _ = client.run("explain", "-r", path, "--raw", "--width", "500",
                        *args)
    for frame, lines in blocks(out):
        for line in lines:
            sums = list(SUM.finditer(line))
            windows = list(WINDOW.finditer(line))
            if len(sums) + len(windows) != line.count(" = "):
                raise AssertionError(f"not understood: {line}")
            for match in sums:
                check_sum(rows, frame, line, match)
            for match in windows:
                check_window(rows, frame, line, match)
            count += len(sums) + len(windows)
    return count


def write_scenes(path, wrap):
    """Write all scenes of the comparison with tshark to one capture."""
    import packets
    import scenes
    frames, _ = scenes.frames_of(scenes.read_all(wrap=wrap))
    packets.write_pcap(str(path), frames)
