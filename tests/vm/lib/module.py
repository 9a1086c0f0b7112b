# SPDX-License-Identifier: GPL-2.0
"""Load and unload the module, and set its parameters."""
import contextlib
import functools
import os

from proc import command, read_file

KO = os.environ["TCPTRACE_KO"]
BIN = os.path.dirname(KO) + "/bin/"	# programs and other modules
PARAMETERS = "/sys/module/tcptrace/parameters/"
TIMEOUTS = [f"timeout_{name}" for name in (
    "syn_sent", "syn_received", "unreplied", "established", "half_closed",
    "closing", "time_wait", "closed", "unreachable")]


def is_loaded():
    return os.path.exists("/sys/module/tcptrace")


@functools.cache
def load_dependencies():
    for name in command("modinfo", "-F", "depends", KO).strip().split(","):
        if name:
            command("modprobe", name)


def load(ko=KO, **parameters):
    """Unload the module if it is loaded, and load it."""
    unload()
    load_dependencies()
    command("insmod", ko,
            *(f"{key}={value}" for key, value in parameters.items()))


def unload():
    if is_loaded():
        command("rmmod", "tcptrace")


def get_parameter(name):
    return int(read_file(PARAMETERS + name))


def set_parameter(name, value):
    # Unbuffered, so that write() fails instead of close(). "w" would create the
    # file if it has vanished.
    with open(PARAMETERS + name, "r+b", buffering=0) as file:
        file.write(str(value).encode() or b"\n")


@contextlib.contextmanager
def parameter(name, value):
    """Set a parameter as long as the context is open."""
    before = get_parameter(name)
    set_parameter(name, value)
    try:
        yield
    finally:
        set_parameter(name, before)
