# SPDX-License-Identifier: GPL-2.0
"""Assertions, and waiting for a condition instead of for a time."""
import errno
import os
import time

# A limit of S seconds becomes S * SLOW; vm.sh sets SLOW for slow kernels.
SLOW = int(os.environ.get("TCPTRACE_SLOW", "1"))
PATIENCE = 90 * SLOW	# seconds; emulated CPUs are slow
# make check must end within 20 minutes; make vmtest has no limit
SHORT = os.environ.get("TCPTRACE_SHORT") == "1"


class Skip(Exception):
    """The case cannot run here, for this reason."""


def note(*words):
    for line in " ".join(map(str, words)).splitlines():
        print("#", line, flush=True)


def at_scale(number, in_short):
    """Return: how many times to try for a rare event: fewer in make check."""
    return in_short if SHORT else number


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def until(condition, what, patience=PATIENCE):
    """Wait until a condition is true. Return: its value."""
    end = time.monotonic() + patience
    pause = 0.01
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s for {what}")
        time.sleep(pause)
        # a long wait must leave the CPU to the other processes
        pause = min(pause * 1.2, 0.1)


def fails(code, function, *arguments):
    """The call must raise OSError with one of these errnos."""
    codes = code if isinstance(code, tuple) else (code,)
    try:
        result = function(*arguments)
    except OSError as error:
        if error.errno not in codes:
            raise AssertionError(f"got {error}, want "
                                 f"{[errno.errorcode[c] for c in codes]}")
        return
    raise AssertionError(f"got {result!r}, want {errno.errorcode[codes[0]]}")


def differences(first, second, name=""):
    """Compare two JSON objects: the name of each difference, and both
    values."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys()):
            yield from differences(first.get(key), second.get(key), key)
    elif first != second:
        yield name, first, second
