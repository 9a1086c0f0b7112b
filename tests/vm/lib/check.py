# SPDX-License-Identifier: GPL-2.0
"""Assertions, and a way to wait for a condition instead of a fixed time."""
import errno
import os
import time

# A limit of S seconds becomes S * SLOW; vm.sh sets SLOW for slow kernels.
SLOW = int(os.environ.get("TCPTRACE_SLOW", "1"))
PATIENCE = 90 * SLOW	# seconds; emulated CPUs are slow
# make check must end within 20 minutes; make vmtest has no time limit
SHORT = os.environ.get("TCPTRACE_SHORT") == "1"


class Skip(Exception):
    """Raised with the reason if a case cannot run here."""


def note(*words):
    for line in " ".join(map(str, words)).splitlines():
        print("#", line, flush=True)


def at_scale(number, in_short):
    """Return: the size of a test. If make check runs all sections, it uses the
    smaller size."""
    return in_short if SHORT else number


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}: got {got!r}, want {want!r}")


def until(condition, what, patience=PATIENCE):
    """Wait until condition() is true. Return: its value."""
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
    """Check that a call raises OSError with one of these errnos."""
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
    """Compare two JSON objects. Yields the name and both values of each
    difference."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(first.keys() | second.keys()):
            yield from differences(first.get(key), second.get(key), key)
    elif first != second:
        yield name, first, second
