#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Measure the figures that tests/bench/baseline.py checks, and a few others."""
from count import BIG, dumps, events, flood_tcptrace, followed
from guest import bench, prepare, publish, tcptrace


def main():
    prepare()
    for family in 4, 6:
        with tcptrace(**BIG):
            publish(bench("established", path="tcptrace", family=family))
        with tcptrace(**BIG):
            publish(bench("new", path="tcptrace", family=family))
    events()
    followed()
    flood_tcptrace(cap=16384, times=4)
    dumps((12,), ())


main()
