# SPDX-License-Identifier: GPL-2.0
"""For what is measured in a VM: figures, modules, readers.

Each figure is a line "bench NAME VALUE"; tests/bench/report.py reads them.
"""
import contextlib
import os
import re
import subprocess

KO = os.environ["TCPTRACE_KO"]
BIN = os.path.dirname(KO) + "/bin/"

OPEN, STATE, SEGMENT, LOST = (1 << n for n in (1, 2, 4, 6))
ALL = 0xfe


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


def figure(name, value):
    if isinstance(value, float):
        value = f"{value:.4f}".rstrip("0").rstrip(".")
    print(f"bench {name} {value}", flush=True)


def pairs_of(text):
    """Lines of a name and a whole number."""
    return {name: int(value) for name, value in
            (line.split() for line in text.splitlines())}


class KernelLog:
    """What the kernel says from now on; all of it stays in .heard."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)
        self.heard = []

    def lines(self):
        new = []
        with contextlib.suppress(BlockingIOError):
            while True:
                record = os.read(self.fd, 8192).decode(errors="replace")
                new.append(record.split(";", 1)[1].splitlines()[0])
        self.heard += new
        return new


log = KernelLog()


def bench(what, **parameters):
    """Run one measurement of the module: its figures by name."""
    log.lines()
    run("insmod", BIN + "tcptrace_bench.ko", f"run={what}",
        *(f"{key}={value}" for key, value in parameters.items()))
    run("rmmod", "tcptrace_bench")
    found = {}
    for line in log.lines():
        match = re.match(r".*\bbench (\S+) (\S+)$", line)
        if match:
            found[match[1]] = float(match[2])
    return found


def publish(found, prefix=""):
    for name, value in found.items():
        figure(prefix + name, value)


@contextlib.contextmanager
def tcptrace(ko=KO, **parameters):
    run("insmod", ko, *(f"{k}={v}" for k, v in parameters.items()))
    try:
        yield
    finally:
        run("rmmod", "tcptrace")


class Reader:
    """tests/bench/reader.c; what it counted is in .told after .end()."""

    def __init__(self, style, mask, ring=0, wake=0):
        self.process = subprocess.Popen(
            [BIN + "reader", style, str(mask), str(ring), str(wake)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the reader does not start")
        self.told = None

    def end(self):
        out, _ = self.process.communicate()
        self.told = pairs_of(out)
        return self.told

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.told is None:
            self.end()


def prepare():
    """Conntrack is there, and its cap is in nobody's way."""
    run("modprobe", "nf_conntrack")
    run("sysctl", "-q", "-w", f"net.netfilter.nf_conntrack_max={1 << 22}")
