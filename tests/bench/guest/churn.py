#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""B13: connections opened and closed per second, on several CPUs."""
import collections
import statistics

from guest import bench, prepare, publish, tcptrace

RUNS = 5
BIG = {"hashsize": 65536, "max_connections": 131072, "max_half_open": 131072}


def main():
    prepare()
    found = collections.defaultdict(list)
    for _ in range(RUNS):
        with tcptrace(**BIG):
            for name, value in bench("churn").items():
                found[name].append(value)
    publish({name: statistics.median(values)
             for name, values in found.items()})


main()
