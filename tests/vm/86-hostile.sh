#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Hostile packets by the hundred thousand (tests/hostile), on all three hooks:
# each is counted once, by what it is; none is dropped; and the offline engine
# makes of the same bytes what the module made of them. TCPTRACE_PACKETS says
# how many, TCPTRACE_SEED where the random numbers begin.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'PYTHON'
import os

import hostile
import readers
from kernel import want_ipv6
from pace import SLOW
from readers import case, equal

PACKETS = int(os.environ["TCPTRACE_PACKETS"] or
              (200000 if SLOW > 1 else 100000))
SEED = int(os.environ["TCPTRACE_SEED"] or
           int.from_bytes(os.urandom(4), "little"))
ROUND = 50000	# packets
ROUNDS = -(-PACKETS // ROUND)
CLOSINGS = 4	# rounds; of one of them all closing records are compared

readers.note(f"TCPTRACE_SEED={SEED} TCPTRACE_PACKETS={PACKETS}")
total = hostile.Total()


@case("the kernel treats the same packets alike with and without the module")
def alike():
    want_ipv6()	# half of the packets
    readers.unload()
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
    readers.note(with_it.kernel)


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
    case(f"seed {SEED + number}: counted once, and as the offline engine does")(
        lambda number=number: one_round(number))


@case("all kinds of packets were sent, and all counters moved")
def all_kinds():
    want_ipv6()
    total.check()


readers.run()
PYTHON
