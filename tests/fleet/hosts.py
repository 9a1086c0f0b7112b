#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Simulate three hosts in a VM: each host is a network namespace with its own
tcptracectl watch and with TCP connections to the other hosts. Prints TAP and,
in its last case, the output of each watch."""
import collections
import contextlib
import itertools
import json
import os
import signal
import subprocess

import module
from case import case, run
from check import PATIENCE, equal, until
from device import is_reading
from netns import Netns
from proc import command, read_file
from sockets import abort, close_both, exchange, listener, new_socket, pair

HOSTS = ("host-a", "host-b", "host-c")
LOSSY, CLOSED, DROPPED, UNREAD = 8080, 25, 23, 9000
# client, server, port
SERVICES = ((0, 2, 80), (1, 2, 80), (2, 1, 5432), (0, 1, 22), (1, 0, 443))

module.load(timeout_time_wait=2, timeout_syn_sent=4, timeout_closed=2)
router = Netns("r")
spaces = [Netns(letter) for letter in "abc"]
router.between(*spaces)
command("tc", "-n", router.name, "qdisc", "add", "dev", "veth3", "root",
        "netem", "delay", "3ms")
addresses = [f"10.{n}.0.2" for n in (1, 2, 3)]
for space, address in itertools.product(spaces, addresses):
    space.reach(address)
router.nft(f"""
table ip loss {{
	chain forward {{
		type filter hook forward priority 0;
		tcp dport {LOSSY} ip length > 100 numgen inc mod 20 == 7 drop
	}}
}}""")
spaces[2].nft(f"""
table ip closed {{
	chain input {{
		type filter hook input priority 0;
		tcp dport {DROPPED} drop
	}}
}}""")
client_ports = itertools.count(30000)
expected = collections.defaultdict(collections.Counter)	# by host


class Watch:
    def __init__(self, number):
        self.path = f"/run/{HOSTS[number]}.json"
        with spaces[number], open(self.path, "w", encoding="ascii") as file:
            self.process = subprocess.Popen(
                ["tcptracectl", "watch", "--json", "--events",
                 "close,findings", "--host", HOSTS[number]], stdout=file)
        until(lambda: is_reading(self.process.pid), "reader")

    def records(self):
        """Return the records, except an incomplete last line."""
        return [json.loads(line) for line in
                read_file(self.path).splitlines(keepends=True)
                if line.endswith("\n")]

    def closed(self):
        return collections.Counter(
            (e["orig"], e["orig_port"], e["resp"], e["resp_port"], e["reason"])
            for e in self.records() if e["event"] == "close")

    def end(self):
        self.process.send_signal(signal.SIGINT)
        equal(self.process.wait(timeout=PATIENCE), 0, "exit")


watches = [Watch(number) for number in range(3)]


def new_client(client, server, port, reason):
    """Return a client socket with a new port, and note that both hosts must
    report its connection."""
    own = next(client_ports)
    for host in (client, server):
        expected[host][addresses[client], own, addresses[server], port,
                       reason] += 1
    return new_socket(spaces[client], addresses[client], own)


def open_pair(client, server, port, reason, **options):
    sock = new_client(client, server, port, reason)
    with listener(addresses[server], port, ns=spaces[server],
                  **options) as waiting:
        return pair(waiting, client=sock)


def as_expected(number):
    until(lambda: watches[number].closed().total() >=
          expected[number].total(), "closing records")
    equal(watches[number].closed(), expected[number], HOSTS[number])


@case("connections that end with FIN, and with RST")
def _():
    for client, server, port in SERVICES:
        for size in range(6):
            one, two = open_pair(client, server, port, "fin")
            exchange(one, two, 100 + size, 3000 * size + 1)
            close_both(one, two)
        for size in range(3):
            one, two = open_pair(client, server, port, "reset")
            exchange(one, two, 100 + size, 200)
            abort(one)
            two.close()


@case("segments are lost")
def _():
    for _ in range(3):
        one, two = open_pair(0, 2, LOSSY, "fin")
        exchange(one, two, 100000, 10)
        close_both(one, two)


@case("no server, and a server behind a firewall")
def _():
    for client, server, port, reason in (
            (0, 2, CLOSED, "refused"), (1, 2, CLOSED, "refused"),
            (0, 2, DROPPED, "unanswered"), (1, 2, DROPPED, "unanswered")):
        for _ in range(2):
            with new_client(client, server, port, reason) as sock:
                sock.settimeout(0.5)
                with contextlib.suppress(OSError):
                    sock.connect((addresses[server], port))


@case("a program that does not read: its window is 0")
def _():
    one, two = open_pair(1, 2, UNREAD, "reset", buffer=4096)
    one.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            one.send(bytes(10000))
    until(lambda: any(e.get("finding") == "zero_window"
                      for e in watches[1].records()), "the finding")
    abort(one, two)


for index, name in enumerate(HOSTS):
    case(f"{name} has a closing record of each connection, and no other")(
        lambda index=index: as_expected(index))


@case("the records of all three hosts")
def _():
    for watch in watches:
        watch.end()
        print(read_file(watch.path), end="")
        os.unlink(watch.path)


run()
