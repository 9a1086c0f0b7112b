# SPDX-License-Identifier: GPL-2.0
"""The packets of a namespace: what its devices counted, and the module."""
import load
import readers

FIRST_GROUP = """tracked late loopback not_tcp fragment truncated ip_version
    ip_hdrlen ip_length ext_length ext_limit tcp_length tcp_doff bad_flags
    stray_rst stray_fin stray_self table_full chain_full no_memory""".split()


def sent():
    """Observations that must come of them: a loop passes two hooks."""
    with open("/proc/self/net/dev") as file:
        packets = {name.strip(): int(words.split()[9]) for name, _, words in
                   (line.partition(":") for line in file) if words}
    return packets[load.SINK] + 2 * packets["lo"]


def counted():
    """Each packet is counted by exactly one of the first group."""
    now = readers.stats()
    return sum(now[name] for name in FIRST_GROUP)


def check():
    """For a namespace that is as old as the module or younger."""
    readers.until(lambda: counted() == sent(), "equal numbers of packets")
