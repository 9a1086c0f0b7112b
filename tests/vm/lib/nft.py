# SPDX-License-Identifier: GPL-2.0
"""nftables: rules, and counters to compare with the module's counters."""
import json

import procfs
from check import until
from kernel import ALL_IP
from proc import command

# Counts all packets immediately before or after the hooks of the module.
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
    """Packets of each named counter, of one table or of all."""
    words = ["table", *table] if table else []
    listed = json.loads(command("nft", "-j", "list", "counters", *words))
    return {entry["counter"]["name"]: entry["counter"]["packets"]
            for entry in listed["nftables"] if "counter" in entry}


def at_rest():
    """The counters of nftables and of the module, read while no packet passes
    between the two."""
    def read():
        before, ours = counters(), procfs.stats()
        return before == counters() and (before, ours)
    return until(read, "wait for a moment without packets")


def both_counts():
    """The number of packets that SEEN counted, and that the module counted."""
    theirs, ours = at_rest()
    return theirs["seen"], procfs.first_group(ours)
