# SPDX-License-Identifier: GPL-2.0
"""Compares the layout on stdin with a recorded layout: compare.py RECORD.
Prints the differences that break programs built with the recorded layout and
the differences that do not, and fails for both. "compare.py --older RECORD"
fails only for differences that break programs."""
import re
import sys


def read(file):
    """Each line has a kind, a name, and the recorded properties."""
    lines = (line.rstrip("\n") for line in file if not line.startswith("#"))
    return {" ".join(line.split(" ", 2)[:2]): line for line in lines}


def value(line):
    return int(line.split()[-1], 0)


def is_pad(key):
    return re.search(r"^struct .*\.pad\d*$", key)


def is_count(key):
    """enum tcptrace_state.TCPTRACE_STATES counts the states."""
    enum, _, name = key.partition(".")
    return enum.upper() + "S" == "ENUM " + name


def may_become(key, was, now):
    """Sizes, counts and masks may grow."""
    if " size " in was and " offset " not in was or is_count(key):
        return value(now) > value(was)
    if key.startswith("macro TCPTRACE_MASK_"):
        return value(now) & value(was) == value(was)
    return False


def is_taken(key, line, record):
    """Does a new constant of an enum have the value of a recorded constant?"""
    enum = key.partition(".")[0]
    return enum.startswith("enum ") and any(
        value(other) == value(line) for name, other in record.items()
        if name.startswith(enum + ".") and not is_count(name))


def differences(record, layout):
    """Yields for each difference: whether it breaks programs, the old line,
    the new line."""
    for key, was in record.items():
        now = layout.get(key)
        if now != was:
            yield (not is_pad(key) and
                   (not now or not may_become(key, was, now))), was, now
    for key, now in layout.items():
        if key not in record:
            yield is_taken(key, now, record), None, now


def show(title, found):
    if found:
        print(title)
    for _, was, now in found:
        if was:
            print(f"  -{was}")
        if now:
            print(f"  +{now}")


def main():
    with open(sys.argv[-1], encoding="ascii") as file:
        record = read(file)
    found = list(differences(record, read(sys.stdin)))
    if "--older" in sys.argv[1:-1]:
        found = [one for one in found if one[0]]
    show("breaks programs:", [one for one in found if one[0]])
    show("grows: record it:", [one for one in found if not one[0]])
    return 1 if found else 0


sys.exit(main())
