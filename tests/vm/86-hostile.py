#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Send many hostile packets (tests/hostile) to all three hooks. Each hook
must count each of its packets once, by the right counter, and the module must
drop no packet. The offline engine must have the same results for the same
bytes. TCPTRACE_PACKETS is the number of packets, rounded up to whole rounds.
TCPTRACE_SEED is the first random seed."""
import os

import hostile
import module
from case import case, run
from check import SLOW, at_scale, equal, note
from kernel import want_ipv6

PACKETS = int(os.environ["TCPTRACE_PACKETS"] or
              (200000 if SLOW > 1 else at_scale(100000, 50000)))
SEED = int(os.environ["TCPTRACE_SEED"] or
           int.from_bytes(os.urandom(4), "little"))
ROUND = 50000	# packets
ROUNDS = -(-PACKETS // ROUND)
CLOSINGS = 4	# the CLOSE records of every Nth round are compared

note(f"TCPTRACE_SEED={SEED} TCPTRACE_PACKETS={PACKETS}")
total = hostile.Total()


@case("the kernel treats the same packets equally with and without the module")
def alike():
    want_ipv6()	# for half of the packets
    module.unload()
    with hostile.Round(SEED, ROUND) as without:
        without.send()
    hostile.load()
    with hostile.Round(SEED, ROUND) as with_it:
        with_it.send()
        with_it.settle()
    for name in "kernel", "sent":
        got, want = vars(with_it)[name], vars(without)[name]
        equal(sorted(got.items() - want.items()),
              sorted(want.items() - got.items()), name)
    note(with_it.kernel)


def one_round(turn):
    want_ipv6()
    with hostile.Round(SEED + turn, ROUND) as one:
        one.watch()
        one.send("/dev/shm/hostile.pcap")
        one.settle()
        one.check_counters()
        one.check_offline()
        one.end()
        if turn >= total.compared * CLOSINGS and not one.unread:
            one.check_closings()
            total.compared += 1
        total.add(one)


for number in range(ROUNDS):
    case(f"seed {SEED + number}: each counted once, as by the offline engine")(
        lambda number=number: one_round(number))


@case("all kinds of packets were sent, and all counters moved")
def all_kinds():
    want_ipv6()
    total.check()


run()
