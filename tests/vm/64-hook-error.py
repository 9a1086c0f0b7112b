#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A hook cannot be registered while those before it see packets: the module is
not loaded, and no connection that they opened remains. CONFIG_TCPTRACE_DELAY
gives them time to see some."""
import errno
import os
import subprocess

import module
from case import case, run
from check import equal, note
from netns import Netns, set_ipv6
from proc import Child
from raw import Syns

HOOKS_MAX = 1024	# of a hook in a namespace: then E2BIG
ATTEMPTS = 5
REGISTER = 1 << 7	# see module/delay.h
# The namespace drops what it receives, after the module's hook has seen it.
DROP = """
table ip deaf {
	chain input {
		type filter hook input priority -400; policy drop;
	}
}
"""

# While any hook of a kind is registered the kernel patches no code to
# register another, which QEMU misses now and then: see vm.sh.
KEYS = "table inet keys {" + "".join(
    f"chain {hook} {{ type filter hook {hook} priority 0; }}\n"
    for hook in ("input", "forward", "output")) + "}"

set_ipv6("conf/default/disable_ipv6", 1)
there = Netns.behind_link("h", "hook0")
there.nft(DROP)
module.load_dependencies()
Netns("k").nft(KEYS)


def flood(control):
    os.sched_setaffinity(0, {1})
    control.setblocking(False)
    syns = Syns()
    while True:
        syns.send(50)
        try:
            control.recv(1)
            return
        except BlockingIOError:
            pass


def fill(hook, count):
    """So many base chains: each registers a hook."""
    there.nft("table ip full {" + "".join(
        f"chain c{n} {{ type filter hook {hook} priority 0; }}\n"
        for n in range(count)) + "}")


def insert():
    """Return: the error text of insmod."""
    done = subprocess.run(
        ["insmod", module.BIN + "tcptrace-delay.ko", "max_half_open=1000000",
         f"delay_at={REGISTER}", "delay_us=1000"],
        capture_output=True, text=True, check=False)
    return done.stderr.strip().rpartition(": ")[2]


def refused(hook, already):
    fill(hook, HOOKS_MAX - already)
    with Child(flood) as child:
        os.sched_setaffinity(0, {0})
        errors = [insert() for _ in range(ATTEMPTS)]
        child.end(b".")
    note(f"{ATTEMPTS} times refused at {hook}")
    equal(set(errors), {os.strerror(errno.E2BIG)}, "errors of insmod")
    equal(module.is_loaded(), False, "loaded")
    there.nft("delete table ip full")


for number, (name, there_before) in enumerate(
        (("input", 1), ("forward", 0), ("output", 0)), 1):
    case(f"hook {number}, {name}, is refused under traffic: E2BIG, nothing left")(
        lambda name=name, before=there_before: refused(name, before))


@case("then it can be loaded, and sees the packets")
def loads():
    module.load()
    Syns().send(10)
    equal(len(there.table()), 10, "connections")


run()
