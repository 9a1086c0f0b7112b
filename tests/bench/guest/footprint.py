# SPDX-License-Identifier: GPL-2.0
"""B3: packets between marks, under the plugin; and where the code is."""
from guest import (BIN, OPEN, SEGMENT, STATE, Reader, bench, prepare, run,
                   tcptrace)

RING = 16 << 20


def symbols():
    """Of all that can have run between marks."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        for line in file:
            address, kind, name = line.split()[:3]
            if kind in "tTwW":
                print("symbol", address, name)


def main():
    prepare()
    with tcptrace(hashsize=65536, max_connections=131072,
                  max_half_open=131072):
        with Reader("hold", OPEN | STATE | SEGMENT, RING):
            bench("footprint", told=1)
        run("insmod", BIN + "tcptrace_bench.ko", "run=footprint")
        symbols()
        run("rmmod", "tcptrace_bench")


main()
