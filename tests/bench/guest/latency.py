#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Measure the latency while one namespace has TCPTRACE_PACKETS connections. The
script measures the longest time without rescheduling while the table is aged,
while /proc/net/tcptrace is read, and while the namespace with the connections
ends. It also measures the module's work when other namespaces end. There is
only one CPU, whose clock counts instructions, so all times are instruction
counts."""
import collections
import contextlib
import os
import re
import subprocess
import time

import module
from case import case, run
from check import equal, note, until
from guest import figure
from libc import CLONE_NEWNET, leave_chroot, unshare
from netns import Netns
from proc import read_file, write_file
from procfs import TABLE
from records import SYN
from slab import objects
from tracefs import TRACING

CONNS = int(os.environ.get("TCPTRACE_PACKETS") or 10 ** 6)
FEW = 1000
ENDS = 1000 if CONNS == 10 ** 6 else 100	# namespaces that end
LIMIT = 10 ** 6	# instructions without rescheduling
BEAT = 1e-4	# s between two wake-ups
PATIENCE = 900
MAC, VICTIM, PORT = "02:00:00:00:00:02", "10.7.1.1", 443
# Without this policy, the kernel would answer with RST.
DROP = """
table ip deaf {
	chain input {
		type filter hook input priority 0; policy drop;
	}
}
"""
HEART = f"""
import os, time
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
print(flush=True)
while True:
    time.sleep({BEAT})
"""
SCHED = TRACING + "events/sched/"
# functions that the module runs when a namespace ends
TRACED = ("net_pre_exit", "net_exit", "tcpt_gc_namespace", "tcpt_walk_*",
          "tcpt_table_del_locked")
CALL = re.compile(r" ([\d.]+) us +\| +(?:\} /\* )?(\w+)")


@contextlib.contextmanager
def trigger(event, action):
    path = f"{SCHED}{event}/trigger"
    write_file(path, action)
    try:
        yield
    finally:
        write_file(path, "!" + action)


def heartbeat(name, whose, function):
    """Call @function while a real-time process wakes up again and again. The
    kernel measures the longest time that the process waits until a task whose
    name matches @whose leaves the CPU."""
    with subprocess.Popen(["python3", "-c", HEART],
                          stdout=subprocess.PIPE) as heart:
        heart.stdout.readline()
        try:
            with trigger("sched_waking", "hist:keys=pid:"
                         f"since=common_timestamp if pid=={heart.pid}"), \
                 trigger("sched_switch", "hist:keys=next_pid:"
                         "wait=common_timestamp-$since:"
                         "onmax($wait).save(prev_pid) "
                         f"if next_pid=={heart.pid} && "
                         f'prev_comm ~ "{whose}"'):
                function()
                text = read_file(SCHED + "sched_switch/hist")
        finally:
            heart.kill()
    # a reader may finish between two wake-ups
    waits = re.search(r"hitcount: +(\d+)\s+max: +(\d+)", text) or (0, 0, 0)
    note(f"{waits[1]} waits for {whose}")
    figure(f"latency.{name}", int(waits[2]))
    if int(waits[2]) >= LIMIT:
        raise AssertionError("too long without rescheduling")


def flood(far, first, count):
    with far:
        done = subprocess.run(
            ["flood", "veth0", MAC, first, VICTIM, str(PORT), str(count),
             str(SYN)], capture_output=True, text=True, check=True)
    equal(done.stdout.split()[:2], [str(count), "0"], "sent, refused")


def linked(letters):
    """Return: two linked namespaces, one for a sender, one for its victim."""
    far, near = (Netns(letter, sink=True) for letter in letters)
    near.ip(f"link add veth0 address {MAC} type veth peer name veth0 netns "
            f"{far.name}", f"addr add {VICTIM}/24 dev veth0",
            "link set veth0 up", "route add default via 10.7.1.9")
    far.ip("link set veth0 up")
    near.nft(DROP)
    return far, near


def read_table(rows, *prefix, **more):
    done = subprocess.run([*prefix, "wc", "-l", TABLE], check=True, text=True,
                          stdout=subprocess.PIPE, **more)
    equal(int(done.stdout.split()[0]), rows + 1, "lines")


def calls():
    """Return: for each traced function, the durations of its calls in us."""
    times = collections.defaultdict(list)
    for us, function in CALL.findall(read_file(TRACING + "trace")):
        times[function].append(float(us))
    return times


def ends(name):
    """Create and end namespaces. Return: how often each function was called."""
    write_file(TRACING + "trace", "")
    write_file(TRACING + "current_tracer", "function_graph")
    child = os.fork()
    if not child:
        for _ in range(ENDS):
            unshare(CLONE_NEWNET)
        os._exit(0)
    equal(os.waitpid(child, 0)[1], 0, "exit")
    until(lambda: len(calls()["net_exit"]) >= ENDS, "all ends", PATIENCE)
    write_file(TRACING + "tracing_on", 0)
    times = calls()
    write_file(TRACING + "current_tracer", "nop")
    write_file(TRACING + "tracing_on", 1)
    for function in "net_pre_exit", "net_exit":
        middle = sorted(times[function])[ENDS // 2]
        figure(f"latency.{name}.{function}", round(middle * 1000))
    return {function: len(each) for function, each in times.items()}


state = {}


@case(f"{ENDS} namespaces end beside {FEW} connections of another one")
def few():
    module.load(hashsize=CONNS, max_connections=2 * CONNS,
                max_half_open=2 * CONNS,
                **dict.fromkeys(module.TIMEOUTS, 86400))
    write_file(TRACING + "options/funcgraph-tail", 1)
    for mode, name in zip("waaaa", TRACED):
        with open(TRACING + "set_ftrace_filter", mode) as file:
            file.write(f"{name}:mod:tcptrace\n")
    state["spaces"] = linked("gm")
    flood(state["spaces"][0], "11.0.0.0", FEW)
    state["calls"] = ends("ends.few")
    note(state["calls"])
    equal(state["calls"]["net_exit"], ENDS, "ends")


@case(f"with {CONNS} connections in another namespace: the same function calls")
def many():
    flood(state["spaces"][0], "12.0.0.0", CONNS - FEW)
    equal(ends("ends.many"), state["calls"], "calls")


@case("the table is aged")
def age():
    heartbeat("ageing", "kworker/0*", lambda: time.sleep(3))


@case("the owner of a new user namespace reads an empty table")
def read_none():
    heartbeat("read.none", "wc", lambda: read_table(
        0, "unshare", "-Urn", preexec_fn=leave_chroot))


@case("root reads the table of the namespace with all connections")
def read_all():
    with state["spaces"][1]:
        heartbeat("read.all", "wc", lambda: read_table(CONNS))


@case("the namespace with all connections ends")
def end_all():
    def end():
        state["spaces"][1].delete()
        until(lambda: objects() < FEW, "its end", PATIENCE)
    heartbeat("end.all", "kworker*", end)


run(limit=PATIENCE)
