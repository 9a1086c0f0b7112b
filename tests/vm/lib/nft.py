# SPDX-License-Identifier: GPL-2.0
"""Load nftables rules, and read counters to compare with the module's."""
import json

import procfs
from check import until
from kernel import ALL_IP
from proc import command

# Count all packets immediately before or after the module's hooks.
SEEN = f"""
table {ALL_IP} look {{
	counter seen {{}}
	chain i {{
		type filter hook input priority -2147483647
		counter name seen
	}}
	chain f {{
		type filter hook forward priority -2147483647
		counter name seen
	}}
	chain o {{
		type filter hook output priority -98
		counter name seen
	}}
}}
"""


def load(rules):
    command("nft", "-f", "-", input=rules)


def counters(*table):
    """Return: the packet count of each named counter in one table (default: in
    all tables)."""
    words = ["table", *table] if table else []
    listed = json.loads(command("nft", "-j", "list", "counters", *words))
    return {entry["counter"]["name"]: entry["counter"]["packets"]
            for entry in listed["nftables"] if "counter" in entry}


def at_rest():
    """Return: the counters of nftables and of the module, for the same packets:
    no packet has passed between the two reads."""
    def read():
        before, ours = counters(), procfs.stats()
        return before == counters() and (before, ours)
    return until(read, "wait for a moment without packets")


def both_counts():
    """Return: the number of packets that SEEN has counted, and the number that
    the module has counted."""
    theirs, ours = at_rest()
    return theirs["seen"], procfs.first_group(ours)
