# SPDX-License-Identifier: GPL-2.0
"""B3: report what the plugin measured: marks.py PLUGIN-LOG SYMBOLS PROFILE

The script prints the minimum and the mean of each figure. The script also
writes to PROFILE, for each mark, the functions that execute the most
instructions for a packet."""
import bisect
import collections
import sys

MARKS = {
    1: "established.noop", 2: "established.tcptrace",
    3: "established.conntrack", 4: "established.tcptrace_reader",
    10: "new.tcptrace", 11: "new.conntrack", 12: "new.tcptrace_reader",
}
PACKETS = 256   # number of packets with each mark, as in footprint.c
SHOWN = 40      # functions


def read_symbols(path):
    symbols = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.split()
            if len(words) == 3 and words[0] == "symbol":
                symbols.append((int(words[1], 16), words[2]))
    return sorted(symbols)


def read_plugin(path):
    """Return: the figures, and for each mark, how often each address ran."""
    figures, executed = {}, collections.defaultdict(collections.Counter)
    with open(path, encoding="ascii") as file:
        for line in file:
            words = line.split()
            if words[0] == "mark":
                name = MARKS[int(words[1])]
                figures[f"{name}.{words[2]}"] = words[3]
                figures[f"{name}.{words[2]}.mean"] = words[4]
            elif words[0] == "at":
                executed[int(words[1])][int(words[2], 16)] += int(words[3])
    return figures, executed


def by_function(counts, symbols):
    addresses = [address for address, _ in symbols]
    functions = collections.Counter()
    for address, times in counts.items():
        at = bisect.bisect_right(addresses, address) - 1
        functions[symbols[at][1] if at >= 0 else "?"] += times
    return functions


def write_profile(path, executed, symbols):
    with open(path, "w", encoding="utf-8") as file:
        for mark, counts in sorted(executed.items()):
            functions = by_function(counts, symbols)
            file.write(f"{MARKS[mark]}: instructions of a packet, the mean\n")
            for name, times in functions.most_common(SHOWN):
                file.write(f"{times / PACKETS:10.1f} {name}\n")
            file.write("\n")


def main():
    plugin, symbols, profile = sys.argv[1:]
    figures, executed = read_plugin(plugin)
    missing = [name for name in MARKS.values()
               if f"{name}.insns" not in figures]
    for name, value in figures.items():
        print("bench", "footprint." + name, value)
    write_profile(profile, executed, read_symbols(symbols))
    if missing:
        sys.exit("marks.py: nothing between marks: " + ", ".join(missing))


main()
