# SPDX-License-Identifier: GPL-2.0
"""The module's tracepoints."""
import os
import re

from proc import command, write_file

TRACING = "/sys/kernel/tracing/"
EVENTS = TRACING + "events/tcptrace/"
LINE = re.compile(r".* (tcptrace_\w+): (.*)")

if not os.path.isdir(TRACING + "events"):
    command("mount", "-t", "tracefs", "tracefs", TRACING)


class Traced:
    """Enable some tracepoints, or all."""

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
        """(name, {field: word}) of each line."""
        with open(TRACING + "trace") as file:
            found = [LINE.match(line) for line in file if line[0] != "#"]
        return [(m[1], dict(word.split("=") for word in m[2].split()))
                for m in found if m]
