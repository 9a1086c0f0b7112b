#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Load and unload the module under traffic, and check that the traffic is not
disturbed."""
import contextlib
import os

import module
import nft
from case import case, run
from check import at_scale, equal, note, until
from device import DEVICE, Reader
from kernel import ALL_IP
from netns import Netns, ip
from proc import command
from procfs import table
from programs import Program
from records import LOST, OPEN, check_sequence
from slab import has_cache
from sockets import close_both, listener, pair, receive

ROUNDS = at_scale(20, 6)
ENOUGH = 20	# events of a round
KEYS = f"""
table {ALL_IP} keys {{
	chain i {{ type filter hook input priority 0; }}
	chain f {{ type filter hook forward priority 0; }}
	chain o {{ type filter hook output priority 0; }}
}}
"""
programs, servers = [], []


def start_traffic():
    server, client = Netns("s", sink=True), Netns("c", sink=True)
    server.veth("veth0", client, "veth0")
    server.address("veth0", "10.3.0.1/24")
    client.address("veth0", "10.3.0.2/24")
    ip("link set lo up")
    nft.load(KEYS)
    servers.append(Program("serve", "127.0.0.1", 5001))
    with server:
        servers.append(Program("serve", "10.3.0.1", 5002))
    programs.append(Program("churn", "127.0.0.1", 5001))
    with client:
        programs.extend(Program("churn", "10.3.0.1", 5002) for _ in range(2))


@contextlib.contextmanager
def paused_traffic():
    """
    Pause the traffic while a reader opens or closes the device. The chains in
    KEYS keep the static keys of the hooks enabled: in QEMU 7.2, a CPU can loop
    on an int3 that a different CPU has just removed, so the patched code must
    not run while a key is switched.
    """
    for program in programs + servers:
        program.stop()
    until(lambda: all(program.is_stopped() for program in programs + servers),
          "stop of the traffic")
    yield
    for program in servers + programs:
        program.go_on()


def read_some(all_netns):
    """Read records with a new reader. Return: the namespaces of the records."""
    with paused_traffic():
        reader = Reader()
    if all_netns:
        reader.all_netns()
    records = reader.collect(
        lambda found: len(found) >= ENOUGH and any(
            record.type == OPEN for record in found), "events")
    with paused_traffic():
        equal(check_sequence(records + reader.drain()),
              reader.info().lost, "lost")
        reader.close()
    return {record.netns for record in records if record.type != LOST}


@case(f"loaded and unloaded {ROUNDS} times, with a reader each time")
def reload():
    start_traffic()
    seen = set()
    for turn in range(ROUNDS):
        module.load(hashsize=256 if turn % 2 else 4096)
        equal(has_cache(), True, "slab while loaded")
        seen |= read_some(turn % 2)
        module.unload()
        equal(has_cache(), False, "slab after unloading")
        equal(os.path.exists(DEVICE), False, "device")
        equal(os.path.exists("/proc/net/tcptrace"), False, "table")
        equal(os.path.exists("/proc/net/stat/tcptrace"), False, "counters")
    equal(len(seen) >= 3, True, f"namespaces in {seen}")


@case("unloaded at once after loading, without a reader")
def at_once():
    for _ in range(3):
        module.load()
        module.unload()
    equal(has_cache(), False, "slab")


@case("unloaded at once after the last reader is closed")
def right_after():
    for _ in range(3):
        module.load()
        with paused_traffic():
            with Reader():
                pass
        module.unload()


@case("a connection older than the module is picked up, and counted")
def picked_up():
    with listener(port=5003) as server:
        client, peer = pair(server)
        module.load()
        client.sendall(b"x")
        port = client.getsockname()[1]
        # the other end may delay its first ACK
        rows = until(lambda: [row for row in table() if
                              row["orig"] == f"127.0.0.1:{port}" and
                              row["resp_packets"] != "0"], "entry")
        equal((rows[0]["marks"], rows[0]["orig_bytes"]), ("MG", "1"),
              "marks and bytes")
        receive(peer, 1)
        close_both(client, peer)
    module.unload()


@case("the traffic had no errors")
def no_errors():
    results = [program.end() for program in programs]
    note("connections and errors of each:", results)
    equal([errors for _, errors in results], [0] * len(programs), "errors")
    equal(min(done for done, _ in results) > ROUNDS, True, "connections")
    command("nft", "delete", "table", ALL_IP, "keys")


run()
