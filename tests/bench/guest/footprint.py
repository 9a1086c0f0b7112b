#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""B3: send marked packets, which QEMU's plugin measures, and print the
addresses of the functions."""
from guest import OPEN, SEGMENT, STATE, Reader, bench, prepare, tcptrace
from module import BIN
from proc import command

RING = 16 << 20


def symbols():
    """Print the addresses of all functions."""
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
            bench("footprint", reader=1)
        command("insmod", BIN + "tcptrace_bench.ko", "run=footprint")
        symbols()
        command("rmmod", "tcptrace_bench")


main()
