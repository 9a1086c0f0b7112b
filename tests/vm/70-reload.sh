#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module comes and goes under traffic that must not notice.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import contextlib
import os

import load
import readers
from kernel import ALL_IP
from readers import LOST, OPEN, Reader, case, entered, equal, until
from slab import has_cache

ROUNDS = 20
ENOUGH = 20	# events of a round
KEYS = f"""
table {ALL_IP} keys {{
	chain i {{ type filter hook input priority 0; }}
	chain f {{ type filter hook forward priority 0; }}
	chain o {{ type filter hook output priority 0; }}
}}
"""
SERVER, CLIENT = f"tt{os.getpid()}s", f"tt{os.getpid()}c"
programs, servers = [], []


def start_traffic():
    load.ip(f"netns add {SERVER}", f"netns add {CLIENT}",
            f"link add veth0 netns {SERVER} type veth peer name veth0"
            f" netns {CLIENT}")
    for name, address in (SERVER, "10.3.0.1"), (CLIENT, "10.3.0.2"):
        with entered(name):
            load.prepare_netns(f"addr add {address}/24 dev veth0",
                               "link set veth0 up")
    load.ip("link set lo up")
    readers.command("nft", "-f", "-", input=KEYS)
    servers.append(load.Program("serve", "127.0.0.1", 5001))
    servers.append(load.Program("serve", "10.3.0.1", 5002, netns=SERVER))
    programs.append(load.Program("churn", "127.0.0.1", 5001))
    for _ in range(2):
        programs.append(load.Program("churn", "10.3.0.1", 5002,
                                     netns=CLIENT))


@contextlib.contextmanager
def held_still():
    """
    The first reader and the last one switch a static key. QEMU 7.2, which
    emulates each CPU in a thread, may go on with an int3 that another CPU is
    taking away in just that moment, for ever: the code is not to run then.
    The keys of the hooks themselves are kept on by KEYS.
    """
    for program in programs + servers:
        program.stop()
    until(lambda: all(program.is_stopped() for program in programs + servers),
          "stop of the traffic")
    yield
    for program in servers + programs:
        program.go_on()


def read_some(all_netns):
    """Events of traffic that goes on. Return: the namespaces they are of."""
    with held_still():
        reader = Reader()
    if all_netns:
        reader.all_netns()
    records = reader.collect(
        lambda found: len(found) >= ENOUGH and any(
            record.type == OPEN for record in found), "events")
    with held_still():
        equal(readers.check_sequence(records + reader.drain()),
              reader.info().lost, "lost")
        os.close(reader.fd)
    return {record.netns for record in records if record.type != LOST}


@case(f"loaded and unloaded {ROUNDS} times, with a reader each time")
def reload():
    start_traffic()
    seen = set()
    for turn in range(ROUNDS):
        readers.load(hashsize=256 if turn % 2 else 4096)
        equal(has_cache(), True, "slab while loaded")
        seen |= read_some(turn % 2)
        readers.unload()
        equal(has_cache(), False, "slab after unloading")
        equal(os.path.exists(readers.DEVICE), False, "device")
        equal(os.path.exists("/proc/net/tcptrace"), False, "table")
        equal(os.path.exists("/proc/net/stat/tcptrace"), False, "counters")
    equal(len(seen) >= 3, True, f"namespaces in {seen}")


@case("unloaded with no reader ever, at once after loading")
def at_once():
    for _ in range(3):
        readers.load()
        readers.unload()
    equal(has_cache(), False, "slab")


@case("unloaded as soon as its last reader is closed")
def right_after():
    for _ in range(3):
        readers.load()
        with held_still():
            with Reader():
                pass
        readers.unload()


@case("what is open when the module comes is picked up, and the count goes on")
def picked_up():
    with load.listener(port=5003) as server:
        client, peer = load.pair(server)
        readers.load()
        client.sendall(b"x")
        port = client.getsockname()[1]
        rows = until(lambda: [row for row in readers.table() if
                              row["orig"] == f"127.0.0.1:{port}"], "entry")
        equal((rows[0]["marks"], rows[0]["orig_bytes"]), ("MG", "1"),
              "marks and bytes")
        load.finish(client, peer)
    readers.unload()


@case("the traffic never failed")
def no_errors():
    results = [program.end() for program in programs]
    readers.note("connections and errors of each:", results)
    equal([errors for _, errors in results], [0] * len(programs), "errors")
    equal(min(done for done, _ in results) > ROUNDS, True, "went on")
    readers.command("nft", "delete", "table", ALL_IP, "keys")
    load.ip(f"netns delete {SERVER}", f"netns delete {CLIENT}")


readers.run()
EOF
