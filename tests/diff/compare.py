#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""compare.py CLIENT FILE...: compare the results of tshark and tcptracectl for
each TCP segment in capture files."""
import collections
import json
import os
import subprocess
import sys
import tempfile

import packets
import scenes

CLASSES = sorted(scenes.NAMES.values())
LEAST = 0.999		# share of segments that must have exactly tshark's set
SHOWN = 8		# differences that are printed
LIMIT = 300		# seconds for a program

FIELDS = ["frame.number", "frame.protocols", "tcp.stream", "tcp.len",
          "tcp.seq_raw", "tcp.ack_raw", "tcp.window_size_value", "tcp.flags",
          "tcp.analysis.duplicate_ack_num", "ip.fragments", "ipv6.fragments",
          "_ws.malformed"]

# header: (seq, ack, window, length, sorted flag letters); dup: the number of a
# duplicate ACK
Row = collections.namedtuple("Row", "classes dup header stream wrapping")


def letters(flags):
    return "".join(sorted(letter for letter, bit in packets.LETTERS.items()
                          if flags & bit))


def tshark_row(values):
    """Return: the row, and whether the frame is a TCP segment. tshark also
    prints tcp.len for the segment that an ICMP error quotes."""
    field = dict(zip(FIELDS, values))
    protocols = field["frame.protocols"]
    wrapping = protocols.partition(":tcp")[0]
    for name in ("ip.fragments", "ipv6.fragments", "_ws.malformed"):
        if field[name]:
            wrapping += f" [{name}]"
    classes = frozenset(name for name, value in zip(
        CLASSES, values[len(FIELDS):]) if value)
    is_segment = bool(field["tcp.len"]) and ":icmp" not in protocols
    header = None
    # tshark omits some fields of a broken header
    if is_segment and field["tcp.window_size_value"]:
        header = (int(field["tcp.seq_raw"]), int(field["tcp.ack_raw"]),
                  int(field["tcp.window_size_value"]), int(field["tcp.len"]),
                  letters(int(field["tcp.flags"], 0)))
    dup = field["tcp.analysis.duplicate_ack_num"]
    return Row(classes, int(dup or 0), header, field["tcp.stream"],
               wrapping), is_segment


def run_tshark(path, fields):
    """Run tshark. Return: the finished process; each line of its output has the
    fields of one frame."""
    words = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "occurrence=f"]
    for name in fields:
        words += ["-e", name]
    with tempfile.TemporaryDirectory() as empty:
        # use the default preferences
        env = dict(os.environ, WIRESHARK_CONFIG_DIR=empty, HOME=empty,
                   LC_ALL="C.UTF-8")
        return subprocess.run(words, capture_output=True, text=True, env=env,
                              check=False, timeout=LIMIT)


def tshark_times(path):
    """Return {frame: ns since 1970} for all packets in a file."""
    rows = {}
    for line in run_tshark(path, ["frame.number",
                                  "frame.time_epoch"]).stdout.splitlines():
        frame, time = line.split("\t")
        seconds, _, rest = time.partition(".")
        rows[int(frame)] = int(seconds) * 10 ** 9 + int(rest)
    return rows


def tracer_times(client, path):
    done = subprocess.run(
        [client, "watch", "-r", path, "--events", "segment", "--json"],
        capture_output=True, text=True, check=True, timeout=LIMIT)
    rows = map(json.loads, done.stdout.splitlines())
    return {row["frame"]: row["time"] for row in rows}


def tshark(path):
    """Return {frame: row} for the TCP segments that tshark finds in a file."""
    done = run_tshark(path, FIELDS + ["tcp.analysis." + name
                                      for name in CLASSES])
    rows = {}
    for line in done.stdout.splitlines():
        values = line.split("\t")
        row, is_segment = tshark_row(values)
        if is_segment:
            rows[int(values[0])] = row
    if not rows and done.returncode:
        raise AssertionError(f"tshark {path}: {done.stderr.strip()}")
    return rows


def tracer(client, path):
    """Return {frame: row} for the TCP segments that tcptracectl finds in a
    file."""
    done = subprocess.run(
        [client, "watch", "-r", path, "--events", "segment", "--json"],
        capture_output=True, text=True, check=False, timeout=LIMIT)
    if done.returncode not in (0, 1):
        raise AssertionError(f"{client} {path}: exit {done.returncode}\n"
                             f"{done.stderr[-2000:]}")
    rows = {}
    for line in done.stdout.splitlines():
        got = json.loads(line)
        if got["event"] != "segment":
            continue
        header = (got["seq"], got["ack"], got["win"], got["len"],
                  "".join(sorted(got["flags"].strip("-."))))
        if got["frame"] in rows:
            raise AssertionError(f"{path}: frame {got['frame']} came twice")
        rows[got["frame"]] = Row(frozenset(got["analysis"]),
                                 got.get("dup_ack_num", 0), header,
                                 got["conn"], "")
    if not rows and done.returncode:
        raise AssertionError(f"{client} {path}: {done.stderr.strip()}")
    return rows


def names(classes):
    return "+".join(sorted(classes)) or "nothing"


class Tally:
    """Counts equal and different results in one or more captures."""

    def __init__(self):
        self.segments = self.equal = 0
        self.both, self.theirs, self.ours = (collections.Counter()
                                             for _ in range(3))
        self.kinds = collections.Counter()
        self.missing = collections.Counter()
        self.differences = []	# (place, text)

    def differ(self, place, kind, text):
        self.kinds[kind] += 1
        self.differences.append((place, text))

    def add_file(self, place, theirs, ours):
        for frame in sorted(theirs.keys() | ours.keys()):
            self.add(f"{place} frame {frame}", theirs.get(frame),
                     ours.get(frame))

    def add(self, place, theirs, ours):
        self.segments += 1
        if not ours:
            self.missing[theirs.wrapping] += 1
            self.differ(place, "no segment in tcptrace",
                        f"tshark: a segment, {names(theirs.classes)}; "
                        f"tcptrace: none ({theirs.wrapping})")
            return
        if not theirs:
            self.differ(place, "no segment in tshark",
                        f"tshark: no segment; tcptrace: {ours.header}, "
                        f"{names(ours.classes)}")
            return
        self.both.update(theirs.classes & ours.classes)
        self.theirs.update(theirs.classes - ours.classes)
        self.ours.update(ours.classes - theirs.classes)
        if theirs.classes == ours.classes:
            self.equal += 1
        else:
            self.differ(place, "another set",
                        f"tshark {names(theirs.classes)}, "
                        f"tcptrace {names(ours.classes)}")
            return
        if theirs.header and theirs.header != ours.header:
            self.differ(place, "another header", f"tshark {theirs.header}, "
                        f"tcptrace {ours.header}")
        elif theirs.dup != ours.dup:
            self.differ(place, "another number of a duplicate ACK",
                        f"tshark {theirs.dup}, tcptrace {ours.dup}")

    def share(self):
        return self.equal / self.segments if self.segments else 0.0

    def is_good(self):
        return self.share() >= LEAST

    def table(self):
        yield f"{'class':24}{'both':>9}{'tshark':>9}{'tcptrace':>9}"
        for name in CLASSES:
            yield (f"{name:24}{self.both[name]:9}{self.theirs[name]:9}"
                   f"{self.ours[name]:9}")
        yield (f"{self.equal} of {self.segments} segments have the same set: "
               f"{100 * self.share():.4f} %")
        for kind, count in self.kinds.most_common():
            yield f"{count} x {kind}"
        for wrapping, count in self.missing.most_common():
            yield f"{count} segments only in tshark, in {wrapping}"

    def first(self, shown=SHOWN):
        for place, text in self.differences[:shown]:
            yield f"{place}: {text}"
        if len(self.differences) > shown:
            yield f"... and {len(self.differences) - shown} more"


def main(client, *paths):
    tally = Tally()
    for path in paths:
        tally.add_file(os.path.basename(path), tshark(path),
                       tracer(client, path))
    for line in (*tally.first(), *tally.table()):
        print(line)
    return 0 if tally.is_good() else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
