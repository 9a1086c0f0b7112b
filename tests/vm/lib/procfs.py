# SPDX-License-Identifier: GPL-2.0
"""Read the module's table and counters, and the kernel's counters, in
/proc."""
import collections

from check import until
from proc import read_file

NET = "/proc/thread-self/net/"
TABLE, STATS = NET + "tcptrace", NET + "stat/tcptrace"
# files with counters that reveal connections, so only root can read them
PRIVATE = [STATS + name for name in ("_odd", "_fate", "_finding")]
ODD = PRIVATE[0]
SINK = "dummy0"	# see netns.py

# Each time a hook sees a packet, exactly one of these counters grows.
FIRST_GROUP = """tracked late copy loopback l3mdev not_tcp fragment truncated ip_version
    ip_hdrlen ip_length ext_length ext_limit tcp_length tcp_doff bad_flags
    stray_self table_full chain_full no_memory""".split()


def rows_of(path, text=""):
    """Return: the lines of a file that contain a text, as {name: word}. The
    first line of the file has the names."""
    names, *lines = read_file(path).splitlines()
    return [dict(zip(names.split(), line.split(), strict=True))
            for line in lines if text in line]


def table(path=TABLE):
    """Return: the rows of a namespace's connection table."""
    return rows_of(path)


def counters_by_cpu(path=STATS):
    return [{name: int(word, 16) for name, word in row.items()}
            for row in rows_of(path)]


def stats_of(path):
    """Return: the counters of a file, summed over the CPUs. The counter
    'entries' is not summed, because each CPU shows the same total."""
    rows = counters_by_cpu(path)
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    return total | {"entries": rows[0]["entries"]} \
        if "entries" in total else total


def stats(path=STATS):
    """Return: the counters of a namespace, from all counter files."""
    total = stats_of(path)
    for private in PRIVATE:
        total |= stats_of(path + private.removeprefix(STATS))
    return total


def entries():
    """Return: how many connections take memory, across all namespaces."""
    return counters_by_cpu("/proc/1/net/stat/tcptrace_odd")[0]["entries"]


def grown(before, after=None):
    """Return: how much each counter has grown, except 'entries' and the
    counters of records. A counter that has not grown reads as 0."""
    after = after or stats()
    return collections.Counter({
        name: after[name] - before[name] for name in after
        if after[name] != before[name] and
        name not in ("entries", "events", "lost")})


def first_group(counters=None):
    """Return: how many packets the hooks have seen; a packet that passes two
    hooks counts twice."""
    counters = counters or stats()
    return sum(counters[name] for name in FIRST_GROUP)


def device_packets(device):
    """Return: the numbers of packets that a device has received and sent."""
    words, = (line.split() for line in read_file(NET + "dev").splitlines()
              if line.split()[0] == device + ":")
    return int(words[2]), int(words[10])


def check_conserved():
    """Check that the hooks have counted all packets of this namespace. The
    module must have been loaded before the namespace was created. A packet on
    loopback passes two hooks."""
    until(lambda: first_group() == device_packets(SINK)[1] +
          2 * device_packets("lo")[1], "equal numbers of packets")


def snmp(name):
    """Return: the counters of /proc/net/snmp or /proc/net/netstat, such as
    {"Tcp.InSegs": count}."""
    lines = [line.split() for line in read_file(NET + name).splitlines()]
    return {f"{names[0][:-1]}.{name}": int(value)
            for names, values in zip(lines[::2], lines[1::2])
            for name, value in zip(names[1:], values[1:])}


def snmp6():
    return {name: int(value) for name, value in
            map(str.split, read_file(NET + "snmp6").splitlines())}


def meminfo():
    """Return: the values of /proc/meminfo in KiB, by name."""
    return {line.split(":")[0]: int(line.split()[1])
            for line in read_file("/proc/meminfo").splitlines()}
