# SPDX-License-Identifier: GPL-2.0
"""
Helpers for measurements in a VM: figures, modules, readers.

Each figure is a line "bench NAME VALUE"; tests/bench/report.py reads the lines.
"""
import contextlib
import re
import subprocess

import module
from kmsg import Kmsg
from module import BIN, KO
from proc import command, write_file

OPEN, STATE, SEGMENT, LOST, FATE = (1 << n for n in (1, 2, 4, 6, 30))
ALL = 0xfe

log = Kmsg()
heard = []	# keep all lines of the kernel log


def figure(name, value):
    if isinstance(value, float):
        value = f"{value:.4f}".rstrip("0").rstrip(".")
    print(f"bench {name} {value}", flush=True)


def pairs_of(text):
    """Parse lines that consist of a name and an integer."""
    return {name: int(value) for name, value in
            (line.split() for line in text.splitlines())}


def listen():
    """Add the new lines of the kernel log to heard. Return: these lines."""
    new = list(log.lines())
    heard.extend(new)
    return new


def bench(what, **parameters):
    """Run one measurement of the benchmark module. Return: figures by name."""
    listen()
    command("insmod", BIN + "tcptrace_bench.ko", f"run={what}",
            *(f"{key}={value}" for key, value in parameters.items()))
    command("rmmod", "tcptrace_bench")
    found = (re.match(r".*\bbench (\S+) (\S+)$", line) for line in listen())
    return {match[1]: float(match[2]) for match in found if match}


def publish(found):
    for name, value in found.items():
        figure(name, value)


@contextlib.contextmanager
def tcptrace(ko=KO, **parameters):
    module.load(ko, **parameters)
    try:
        yield
    finally:
        module.unload()


class Reader:
    """Runs tests/bench/reader.c; after .end(), .counts has the reader's
    counts."""

    def __init__(self, style, mask, ring=0, wake=0):
        self.process = subprocess.Popen(
            [BIN + "reader", style, str(mask), str(ring), str(wake)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the reader does not start")
        self.counts = None

    def end(self):
        out, _ = self.process.communicate()
        self.counts = pairs_of(out)
        return self.counts

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.counts is None:
            self.end()


def prepare():
    """Load conntrack with a cap that no measurement reaches; the flood sets a
    lower cap while it runs. Disable huge pages: earlier programs affect whether
    a program gets a huge page, and clearing the page takes time."""
    write_file("/sys/kernel/mm/transparent_hugepage/enabled", "never")
    command("modprobe", "nf_conntrack")
    command("sysctl", "-q", "-w",
            f"net.netfilter.nf_conntrack_max={1 << 22}")
