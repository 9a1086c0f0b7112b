# SPDX-License-Identifier: GPL-2.0
"""Check that no figure has grown too much:
baseline.py [--record] BASELINE FIGURES

The script prints TAP, with a case for each recorded figure and for each figure
that must be 0. A recorded figure may grow by a few percent. The baseline has a
line "NAME VALUE" for each recorded figure. Instruction counts do not depend on
the machine. With --record, the script writes the baseline, and prints no TAP.
"""
import sys

GROWTH = 1.05
HEADER = """\
# Instructions, as the short form of the benchmark counts them: see
# Documentation/performance.rst. Written by make bench RECORD=1.
"""
RECORDED = (
    "established.v4.tcptrace", "established.v6.tcptrace",
    "new.v4.tcptrace", "new.v6.tcptrace", "event.segment", "event.new",
    "event.read", "flood.tcptrace", "dump.tcptrace.4096",
    "fate.established", "fate.new", "fate.freed.udp", "fate.freed.udp6",
    "fate.freed.tcp",
)
ZERO = (
    "established.v4.tcptrace.dropped", "established.v6.tcptrace.dropped",
    "flood.tcptrace.lost", "flood.tcptrace.dropped",
    "flood.tcptrace.kept_dropped", "flood.tcptrace.above_cap",
)


def read(path, prefix=()):
    figures = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if line.startswith("#") or len(words) != len(prefix) + 2:
                continue
            figures[words[-2]] = float(words[-1])
    return figures


def record(baseline, figures):
    with open(baseline, "w", encoding="ascii") as file:
        file.write(HEADER)
        for name in RECORDED:
            file.write(f"{name} {figures[name]:.0f}\n")


def judge(recorded, figures):
    """Print TAP. Return: whether all cases passed."""
    cases = []
    for name in RECORDED:
        was, now = recorded.get(name), figures.get(name)
        if was is None or now is None:
            cases.append((False, f"{name}: not "
                          f"{'recorded' if was is None else 'measured'}"))
            continue
        text = f"{name}: {now:.0f} instructions, recorded {was:.0f}"
        cases.append((now <= was * GROWTH, text))
    for name in ZERO:
        now = figures.get(name)
        cases.append((now == 0, f"{name}: {now}"))
    print(f"1..{len(cases)}")
    for number, (good, text) in enumerate(cases, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {text}")
    return all(good for good, _ in cases)


def main():
    arguments = sys.argv[1:]
    recording = arguments[0] == "--record"
    baseline, path = arguments[-2:]
    figures = read(path, ("bench",))
    if recording:
        record(baseline, figures)
        return 0
    return 0 if judge(read(baseline), figures) else 1


sys.exit(main())
