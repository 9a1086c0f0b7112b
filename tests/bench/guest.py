# SPDX-License-Identifier: GPL-2.0
"""What is measured in a VM whose clock counts instructions.

Each figure is a line "bench NAME VALUE"; tests/bench/report.py reads them.
"""
import contextlib
import os
import re
import subprocess
import sys

KO = os.environ["TCPTRACE_KO"]
BENCH_KO = os.environ["TCPTRACE_BENCH_KO"]


def run(*command):
    subprocess.run(command, check=True)


def figure(name, value):
    print(f"bench {name} {value}", flush=True)


class KernelLog:
    """The lines that the benchmark module writes."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                record = os.read(self.fd, 8192).decode(errors="replace")
                yield record.split(";", 1)[1].splitlines()[0]


log = KernelLog()


def bench(what, prefix="", **parameters):
    """Run one measurement; its figures get a prefix."""
    run("insmod", BENCH_KO, f"run={what}",
        *(f"{key}={value}" for key, value in parameters.items()))
    run("rmmod", "tcptrace_bench")
    for line in log.lines():
        match = re.match(r".*\bbench (\S+) (\S+)$", line)
        if match:
            figure(prefix + match[1], match[2])


@contextlib.contextmanager
def tcptrace(**parameters):
    run("insmod", KO, *(f"{k}={v}" for k, v in parameters.items()))
    try:
        yield
    finally:
        run("rmmod", "tcptrace")


def main():
    run("modprobe", "nf_conntrack")
    big = {"hashsize": 65536, "max_connections": 131072,
           "max_half_open": 131072}
    with tcptrace(**big):
        bench("established")
        bench("peers")
    with tcptrace(**big):
        bench("new")


main()
