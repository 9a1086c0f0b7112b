# SPDX-License-Identifier: GPL-2.0
"""What is told of limits that were reached: by LIMIT records, in the log."""
import readers

HITS = "half_open table full chain memory readers".split()


def hits(records):
    """All that the records tell of, by limit; none of what was not reached."""
    total = {name: sum(getattr(record, name) for record in records)
             for name in HITS}
    return {name: count for name, count in total.items() if count}


def log_lines():
    return readers.command("dmesg").count("tcptrace: limits reached")
