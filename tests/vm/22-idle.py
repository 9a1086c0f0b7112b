#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that open connections become clean, and that idle connections are
packed: they take less memory, and nothing else changes."""
import collections

import module
import slab
from case import case, run
from check import PATIENCE, equal, until
from device import Reader
from kernel import FREES_AT_ONCE
from netns import isolate
from procfs import FIRST_GROUP, stats, table
from records import CLOSE, FINDING
from sockets import close_both, exchange, listener, pair

CONNECTIONS = 450
SENT, RECEIVED = 700, 300	# bytes of an exchange

module.load()
isolate()
server = listener(backlog=CONNECTIONS)
pairs = [pair(server) for _ in range(CONNECTIONS)]
again, once, kept = pairs[::3], pairs[1::3], pairs[2::3]
for one, two in pairs:
    exchange(one, two, SENT, RECEIVED)
server.close()


def rows():
    """Return: the rows of the table by connection, without the columns 'age'
    and 'left'."""
    return {row.pop("id"): {name: word for name, word in row.items()
                            if name not in ("age", "left")} for row in table()}


def packed():
    """Check whether the connections are packed. Their memory must shrink, too,
    unless this kernel keeps freed objects for a while."""
    full = slab.caches()[slab.FULL]
    return slab.used(slab.PACKED) >= CONNECTIONS and (
        full.bytes < CONNECTIONS * full.size / 2 or not FREES_AT_ONCE)


@case("open connections become clean")
def _():
    seen = rows()
    equal(len(seen), CONNECTIONS, "connections")
    until(lambda: slab.used(slab.CLEAN) >= CONNECTIONS, "clean connections")
    equal(rows(), seen, "the table")


@case("connections take less memory after a minute without a segment")
def _():
    seen = rows()
    equal(len(seen), CONNECTIONS, "connections")
    until(packed, "packed connections", 2 * PATIENCE)
    equal(rows(), seen, "the table")


@case("a connection that was packed goes on")
def _():
    before = stats()
    for one, two in again:
        exchange(one, two, SENT, RECEIVED)
    after = stats()
    equal({name for name in FIRST_GROUP if after[name] > before[name]} -
          {"loopback"}, {"tracked"}, "counters")


@case("CLOSE has the bytes from before and after the packing")
def _():
    with Reader(CLOSE, FINDING, ring_kib=2048) as reader:
        for one, two in again + once:
            close_both(one, two)
        closes = reader.collect(
            lambda records: len(records) >= len(again + once), "CLOSE")
    equal({record.type for record in closes}, {CLOSE}, "records")
    equal(collections.Counter((record.dir[0].bytes, record.dir[1].bytes)
                              for record in closes),
          {(2 * SENT, 2 * RECEIVED): len(again), (SENT, RECEIVED): len(once)},
          "bytes")


@case("the module is unloaded while connections are packed")
def _():
    module.unload()
    equal(slab.has_cache(), False, "slab")
    for one, two in kept:
        exchange(one, two, 1, 1)


run()
