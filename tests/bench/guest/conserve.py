#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""B12: check that every lost record is counted; count wake-ups of readers."""
import contextlib

from guest import ALL, SEGMENT, Reader, bench, figure, prepare, tcptrace

LOG2 = 14
SIZES = {"4k": 4 << 10, "64k": 64 << 10, "1m": 1 << 20, "4m": 4 << 20,
         "16m": 16 << 20}
SMALL = {"hashsize": 65536, "max_connections": 131072,
         "max_half_open": 131072, "max_readers": 32}


def wakes(name, threshold):
    with tcptrace(**SMALL), \
            Reader("follow", SEGMENT, 4 << 20, threshold) as reader:
        bench("fill", path="tcptrace", log2=LOG2)
        counts = reader.end()
    figure(f"wakes.{name}", counts["wakes"] * 1000 / counts["delivered"])
    figure(f"wakes.{name}.lost", counts["lost"])


def conservation():
    """Run all readers at once, so that each event goes to all their rings."""
    readers = {}
    with tcptrace(**SMALL), contextlib.ExitStack() as stack:
        for size, ring in SIZES.items():
            for style in "slow", "stopped", "killed":
                readers[f"{style}.{size}"] = stack.enter_context(
                    Reader(style, ALL, ring))
        bench("fill", path="tcptrace", log2=LOG2)
        for name, reader in readers.items():
            counts = reader.end()
            figure(f"conserve.{name}.exact", counts["exact"])
            figure(f"conserve.{name}.produced", counts["produced"])
            figure(f"conserve.{name}.lost", counts["lost"])


def main():
    prepare()
    wakes("at_once", 0)
    wakes("threshold", 32768)
    wakes("large_threshold", 131072)
    conservation()


main()
