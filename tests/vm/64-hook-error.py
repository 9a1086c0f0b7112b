#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Let the registration of a hook fail while the hooks that were registered
before it see packets. The module must not be loaded, and no connection may
remain. The delays of CONFIG_TCPTRACE_DELAY give the earlier hooks time to see
packets."""
import contextlib
import errno
import os
import struct
import subprocess
import time

import module
from case import case, run
from check import PATIENCE, equal, note, until
from netns import Netns, set_ipv6
from proc import Child
from raw import Syns

HOOKS_MAX = 1024	# the kernel's limit per kind and namespace; then E2BIG
REGISTER = 1 << 7	# see module/delay.h
WINDOW = 0.1		# seconds between two registrations
END = b"e"
# Drop all incoming packets, after the module's hook has seen them.
DROP = """
table ip deaf {
	chain input {
		type filter hook input priority -400; policy drop;
	}
}
"""

# The kernel patches its code for the first hook of each kind. QEMU sometimes
# misses such a patch (see vm.sh), so keep a hook of each kind registered.
KEYS = "table inet keys {" + "".join(
    f"chain {hook} {{ type filter hook {hook} priority 0; }}\n"
    for hook in ("input", "forward", "output")) + "}"

set_ipv6("conf/default/disable_ipv6", 1)
there = Netns.behind_link("h", "hook0")
there.nft(DROP)
module.load_dependencies()
Netns("k").nft(KEYS)


def flood(control):
    """Run in a child: send SYNs. Answer each message with the longest pause
    between two SYNs since the previous message."""
    os.sched_setaffinity(0, {1})
    control.setblocking(False)
    syns = Syns()
    longest, last = 0, time.monotonic()
    while True:
        syns.send()
        now = time.monotonic()
        longest, last = max(longest, now - last), now
        with contextlib.suppress(BlockingIOError):
            if control.recv(1) == END:
                return
            control.send(struct.pack("d", longest))
            longest = 0


@contextlib.contextmanager
def filled(hook, count):
    """Add @count base chains, each of which registers a hook, as long as the
    context is open."""
    there.nft("table ip full {" + "".join(
        f"chain c{n} {{ type filter hook {hook} priority 0; }}\n"
        for n in range(count)) + "}")
    try:
        yield
    finally:
        there.nft("delete table ip full")


def insert():
    """Try to load the module. Return: the error text of insmod."""
    done = subprocess.run(
        ["insmod", module.BIN + "tcptrace-delay.ko", "max_half_open=1000000",
         f"delay_at={REGISTER}", f"delay_us={WINDOW * 1e6:.0f}"],
        capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition(": ")[2]


def refused(hook, already):
    """Try to load the module while the registration of a hook fails, until the
    earlier hooks have certainly seen a packet. This is certain if the sender's
    longest pause was shorter than half of the time between two
    registrations."""
    errors = []
    with filled(hook, HOOKS_MAX - already), Child(flood) as child:
        os.sched_setaffinity(0, {0})

        def pause():
            child.say()
            return struct.unpack("d", child.hear(8))[0]

        def has_seen():
            pause()
            errors.append(insert())
            return pause() < WINDOW / 2
        until(has_seen, "a packet between two registrations", 2 * PATIENCE)
        child.end(END)
        note(f"{len(errors)} times refused at {hook}")
    equal(set(errors), {os.strerror(errno.E2BIG)}, "errors of insmod")
    equal(module.is_loaded(), False, "loaded")


for number, arguments in enumerate(
        (("input", 1), ("forward", 0), ("output", 0)), 1):
    case(f"hook {number}, {arguments[0]}, is refused under traffic: E2BIG, "
         "nothing left")(lambda arguments=arguments: refused(*arguments))


@case("the module can then be loaded, and sees the packets")
def loads():
    module.load()
    Syns().send(10)
    until(lambda: len(there.table()) == 10, "10 connections")


run()
