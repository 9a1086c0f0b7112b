# SPDX-License-Identifier: GPL-2.0
"""Files of /proc/net: the module's table and counters, the kernel's
counters."""
import collections

from check import until
from proc import read_file

NET = "/proc/thread-self/net/"
TABLE, STATS = NET + "tcptrace", NET + "stat/tcptrace"
# files of counters that depend on connections; only root can read them
PRIVATE = [STATS + name for name in ("_odd", "_fate", "_finding")]
ODD = PRIVATE[0]
SINK = "dummy0"	# see netns.py

# Each packet that a hook sees is counted by exactly one of these.
FIRST_GROUP = """tracked late copy loopback l3mdev not_tcp fragment truncated ip_version
    ip_hdrlen ip_length ext_length ext_limit tcp_length tcp_doff bad_flags
    stray_self table_full chain_full no_memory""".split()


def rows_of(path, text=""):
    """The lines that contain a text, as dicts with the names of the first
    line."""
    names, *lines = read_file(path).splitlines()
    return [dict(zip(names.split(), line.split(), strict=True))
            for line in lines if text in line]


def table(path=TABLE):
    """The connections of a namespace."""
    return rows_of(path)


def counters_by_cpu(path=STATS):
    return [{name: int(word, 16) for name, word in row.items()}
            for row in rows_of(path)]


def stats_of(path):
    """The counters of a file, summed over the CPUs. All CPUs show the same
    entries, which are not summed."""
    rows = counters_by_cpu(path)
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    return total | {"entries": rows[0]["entries"]} \
        if "entries" in total else total


def stats(path=STATS):
    """The counters of a namespace. The counters are in several files."""
    total = stats_of(path)
    for private in PRIVATE:
        total |= stats_of(path + private.removeprefix(STATS))
    return total


def entries():
    """Return: how many connections take memory, over all namespaces."""
    return counters_by_cpu("/proc/1/net/stat/tcptrace_odd")[0]["entries"]


def grown(before, after=None):
    """How much each counter has grown, without the counters of records. A
    counter that has not grown reads as 0."""
    after = after or stats()
    return collections.Counter({
        name: after[name] - before[name] for name in after
        if after[name] != before[name] and
        name not in ("entries", "events", "lost")})


def first_group(counters=None):
    """Packets that the hooks have seen."""
    counters = counters or stats()
    return sum(counters[name] for name in FIRST_GROUP)


def device_packets(device):
    """Packets that a device has received and sent."""
    words, = (line.split() for line in read_file(NET + "dev").splitlines()
              if line.split()[0] == device + ":")
    return int(words[2]), int(words[10])


def check_conserved():
    """Check that the hooks have counted all packets of this namespace. Load the
    module before the namespace is made. A packet on loopback passes two
    hooks."""
    until(lambda: first_group() == device_packets(SINK)[1] +
          2 * device_packets("lo")[1], "equal numbers of packets")


def snmp(name):
    """The counters of /proc/net/snmp or netstat: {"Tcp.InSegs": count}."""
    lines = [line.split() for line in read_file(NET + name).splitlines()]
    return {f"{names[0][:-1]}.{name}": int(value)
            for names, values in zip(lines[::2], lines[1::2])
            for name, value in zip(names[1:], values[1:])}


def snmp6():
    return {name: int(value) for name, value in
            map(str.split, read_file(NET + "snmp6").splitlines())}


def meminfo():
    """KiB by name."""
    return {line.split(":")[0]: int(line.split()[1])
            for line in read_file("/proc/meminfo").splitlines()}
