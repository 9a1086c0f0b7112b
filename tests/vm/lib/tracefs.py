# SPDX-License-Identifier: GPL-2.0
"""Trace functions and tracepoints of the module, and tracepoints of the
kernel."""
import os
import re

from check import Skip
from proc import command, read_file, write_file

TRACING = "/sys/kernel/tracing/"
EVENTS = TRACING + "events/tcptrace/"
LINE = re.compile(r".* (tcptrace_\w+): (.*)")

if not os.path.isdir(TRACING + "events"):
    command("mount", "-t", "tracefs", "tracefs", TRACING)


class Functions:
    """Trace the calls of these functions of the module."""

    def __init__(self, *names):
        if "function" not in read_file(TRACING + "available_tracers").split():
            raise Skip("this kernel has no function tracer")
        self.names = names

    def __enter__(self):
        write_file(TRACING + "trace", "")
        write_file(TRACING + "set_ftrace_filter",
                   " ".join(f"{name}:mod:tcptrace" for name in self.names))
        write_file(TRACING + "current_tracer", "function")
        return self

    def __exit__(self, *_):
        write_file(TRACING + "current_tracer", "nop")
        write_file(TRACING + "set_ftrace_filter", "")

    def called(self):
        """Return: the names of the functions that were called."""
        return set(re.findall(r": (\w+) <-", read_file(TRACING + "trace")))


class Traced:
    """Enable tracepoints of the module by name, or all of them."""

    def __init__(self, *names):
        self.names = names or ("",)

    def __enter__(self):
        write_file(TRACING + "trace", "")
        for name in self.names:
            write_file(EVENTS + name + "/enable", "1")
        return self

    def __exit__(self, *_):
        write_file(EVENTS + "enable", "0")

    def lines(self):
        """Return: (tracepoint, {field: word}) of each trace line."""
        with open(TRACING + "trace") as file:
            found = [LINE.match(line) for line in file if line[0] != "#"]
        return [(m[1], dict(word.split("=") for word in m[2].split()))
                for m in found if m]


class Kernel:
    """Enable a tracepoint of the kernel with a filter."""

    def __init__(self, name, condition):
        self.event = f"{TRACING}events/{name}/"
        self.condition = condition

    def __enter__(self):
        write_file(TRACING + "trace", "")
        write_file(self.event + "filter", self.condition)
        write_file(self.event + "enable", "1")
        return self

    def __exit__(self, *_):
        write_file(self.event + "enable", "0")
        write_file(self.event + "filter", "0")

    def any(self):
        """Check whether the tracepoint has been hit."""
        with open(TRACING + "trace") as file:
            return any(line[0] != "#" for line in file)
