#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""run.py [--scenes] [--seeds FIRST-LAST] [--keep FOLDER] [CLIENT]

Compare the classes of segments that tcptracectl and tshark print. Prints TAP:
a case for each scene, for each kind of capture file, and for each capture of
random connections. With --scenes, prints only the cases of the scenes. Without
CLIENT, compares only the output of tshark with the scenes."""
import argparse
import os
import sys
import tempfile
import traceback

import compare
import noise
import packets
import scenes

SEGMENTS = 30000	# in each random capture
SHORT = {name: word for word, name in scenes.NAMES.items()}


def files_of(scene_list):
    """Yield (name, writer) for each link type and file format; writer writes
    the scenes to a file."""
    for link in packets.LINKS:
        yield link, lambda path, link=link: packets.write_pcap(
            path, relinked(scene_list, link), packets.LINKS[link][0])
    yield ("pcapng, interfaces of different link types",
           lambda path: packets.write_mixed(path, mixed(scene_list)))
    for order, word in (("<", "little"), (">", "big")):
        for nano, unit in ((True, "ns"), (False, "us")):
            yield (f"pcap, {word} endian, {unit}",
                   lambda path, order=order, nano=nano: packets.write_pcap(
                       path, relinked(scene_list), order=order, nano=nano))
        for digits in (9, 6, 3):
            yield (f"pcapng, {word} endian, {digits} digits of seconds",
                   lambda path, order=order, digits=digits:
                   packets.write_pcapng(path, relinked(scene_list),
                                        order=order, digits=digits))


def relinked(scene_list, link="Ethernet"):
    for scene in scene_list:
        for line in scene.lines:
            line.link = link
    return scenes.frames_of(scene_list)[0]


def mixed(scene_list):
    """Return (name of the interface, frame) for each line of the scenes; the
    ends of a scene have different interfaces."""
    names = list(packets.MIXED)
    for scene in scene_list:
        # the frames of an end all have the same interface, because the client
        # may take a frame at another interface for a copy
        for line in scene.lines:
            first = line.segment.source == scene.ends[0]
            line.link = names[(scene.index + first) % len(names)]
    frames, places = scenes.frames_of(scene_list)
    return [(line.link, frame) for (_, line), frame in zip(places, frames)]


def headers_only(rows):
    return {frame: row._replace(classes=frozenset(), dup=0)
            for frame, row in rows.items()}


def short(classes):
    return " ".join(sorted(SHORT[c] for c in classes)) or "nothing"


def said(row):
    """Format a program's result for a frame as scene files write it."""
    if row is None:
        return "none"
    return short(row.classes) + (f" #{row.dup}" if row.dup else "")


def wanted(row, classes, dup):
    """Check whether the row has the classes that the scene expects and, if the
    scene gives one, the number of the duplicate ACK."""
    if row is None or classes is None:
        return row is None and classes is None
    return row.classes == classes and dup in (0, row.dup)


def is_good(line, theirs, ours):
    """Check whether both programs printed what the scene expects, and agree on
    the header. If their classes are equal, they must also agree on the number
    of the duplicate ACK."""
    if not (wanted(theirs, line.classes, line.dup) and
            wanted(ours, *line.ours)):
        return False
    if theirs is None or ours is None:
        return True
    return (theirs.header in (None, ours.header) and
            (theirs.dup == ours.dup or theirs.classes != ours.classes))


class Run:
    """Runs cases and prints TAP; captures are written to @folder."""

    def __init__(self, client, folder):
        self.client = client
        self.folder = folder
        self.number = self.failed = 0
        self.tally = compare.Tally()

    def diag(self, text):
        for line in str(text).splitlines():
            print("# " + line)

    def case(self, name, function, *args):
        self.number += 1
        try:
            good = function(*args)
        except Exception:
            self.diag(traceback.format_exc())
            good = False
        self.failed += not good
        print("ok" if good else "not ok", self.number, "-", name,
              flush=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def both(self, path):
        theirs = compare.tshark(path)
        if not self.client:
            return theirs, theirs
        return theirs, compare.tracer(self.client, path)

    def scenes(self, scene_list, suffix=""):
        frames, places = scenes.frames_of(scene_list)
        path = self.path("scenes.pcap")
        packets.write_pcap(path, frames)
        try:
            theirs, ours = self.both(path)
        except Exception:
            self.diag(traceback.format_exc())
            theirs, ours = {}, {}
        rows_of = {scene.name: [] for scene in scene_list}
        for frame, (scene, line) in enumerate(places, 1):
            if not self.client:
                line.ours = line.classes, line.dup
            rows_of[scene.name].append((line, theirs.get(frame),
                                        ours.get(frame)))
            if frame in theirs or frame in ours:
                self.tally.add(f"{scene.name}, '{line.text}'",
                               theirs.get(frame), ours.get(frame))
        for name, rows in rows_of.items():
            self.case(name + suffix, self.scene, rows)

    def scene(self, rows):
        """Check a scene. If it fails, print it or, if it is long, only its
        wrong lines."""
        good = [is_good(*row) for row in rows]
        if all(good):
            return True
        for this, (line, theirs, ours) in zip(good, rows):
            if len(rows) < 50 or not this:
                self.diag(f"{'  ' if this else '! '}{line.text}")
            if not this:
                self.diag(f"      tshark: {said(theirs)}, "
                          f"tcptrace: {said(ours)}")
                if ours and theirs and theirs.header not in (
                        None, ours.header):
                    self.diag(f"      {theirs.header} {ours.header}")
        return False

    def compared(self, name, path):
        """Run both programs on one file, and compare their results."""
        theirs, ours = self.both(path)
        if name in packets.BY_CIRCUIT:
            theirs, ours = headers_only(theirs), headers_only(ours)
        tally = compare.Tally()
        for each in (tally, self.tally):
            each.add_file(name, theirs, ours)
        for line in tally.first():
            self.diag(line)
        return tally.is_good()

    def file(self, name, writer):
        path = self.path("file.pcap")
        writer(path)
        return self.compared(name, path)

    def times(self, scene_list):
        path = self.path("mixed.pcapng")
        packets.write_mixed(path, mixed(scene_list))
        theirs = compare.tshark_times(path)
        ours = compare.tracer_times(self.client, path)
        wrong = [(frame, time, theirs.get(frame))
                 for frame, time in ours.items() if time != theirs.get(frame)]
        self.diag(f"{len(ours)} times; wrong: {wrong[:9]}")
        return len(ours) > 1000 and not wrong

    def random(self, kind, seed):
        path = self.path(f"{kind}-{seed}.pcap")
        packets.write_pcap(path, noise.capture(kind, seed, SEGMENTS))
        good = self.compared(f"{kind} {seed}", path)
        if good:
            os.remove(path)
        return good

    def all(self, seeds, only_scenes):
        found = scenes.read_all()
        self.scenes(found)
        self.scenes(scenes.read_all(wrap=True), ", at each ISN, both ways")
        if self.client and not only_scenes:
            # the scenes of frame.txt choose their own link types
            plain = [s for s in found if not s.name.startswith("frame") and
                     len(s.lines) < 100]
            for name, writer in files_of(plain):
                self.case(f"file: {name}", self.file, name, writer)
            self.case("times of several interfaces", self.times, plain)
            for seed in seeds:
                for kind in noise.MAKERS:
                    self.case(f"random: {kind}, seed {seed}", self.random,
                              kind, seed)
        for line in self.tally.table():
            self.diag(line)
        print(f"1..{self.number}")
        return 1 if self.failed else 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--scenes", action="store_true")
    parser.add_argument("--seeds", default="1-5")
    parser.add_argument("--keep")
    parser.add_argument("client", nargs="?")
    args = parser.parse_args()
    first, _, last = args.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    if args.keep:
        os.makedirs(args.keep, exist_ok=True)
        return Run(args.client, args.keep).all(seeds, args.scenes)
    with tempfile.TemporaryDirectory() as folder:
        return Run(args.client, folder).all(seeds, args.scenes)


if __name__ == "__main__":
    sys.exit(main())
