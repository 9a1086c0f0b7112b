#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that a local user learns nothing that helps a blind sender of forged
segments. No file of the tracer that the user may read shows whether a
connection exists, or whether a forged segment was inside the window."""
import json
import os
import traceback

import module
from case import case, run
from check import equal, note, until
from device import Reader
from netns import Netns
from procfs import table
from raw import inject
from records import ACK, FIN, PSH, RST, SYN
from sockets import abort, listener, pair

CLIENT, ROUTER, SERVER = "10.1.0.2", "10.1.0.1", "10.2.0.2"
FILES = "/proc/net/stat", "/proc/net/tcptrace", "/sys/module/tcptrace"
WINDOW = 1 << 30	# larger than any window of these sockets

module.load()
# sink=True disables IPv6, because the kernel's own IPv6 packets would be
# counted
client_ns, router, server_ns = (Netns(letter, sink=True) for letter in "cms")
router.between(client_ns, server_ns)
client_ns.reach(SERVER, ROUTER)
server_ns.reach(CLIENT)


def text_of(path):
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except OSError:
        return None


def readable():
    """Return: {path: text} of each tracer file that this user may read."""
    found = {}
    for top in FILES:
        paths = [top] if os.path.isfile(top) else [
            os.path.join(folder, name)
            for folder, _, names in os.walk(top) for name in names]
        for path in paths:
            text = text_of(path) if "tcptrace" in path else None
            if text is not None:
                found[path] = text
    return found


def as_user():
    """Return: {path: text} of each tracer file that an unprivileged user can
    read in the router's namespace."""
    read_end, write_end = os.pipe()
    with router:
        pid = os.fork()
        if not pid:
            try:
                os.setgroups([])
                os.setresgid(1000, 1000, 1000)
                os.setresuid(1000, 1000, 1000)
                with os.fdopen(write_end, "w") as file:
                    json.dump(readable(), file)
            except BaseException:
                note(traceback.format_exc())
            os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as file:
        found = json.load(file)
    os.waitpid(pid, 0)
    return found


def changed(before, after):
    """Return: each word that differs, as {file:position: (old, new)}, and each
    file whose number of words differs."""
    moved = {}
    for path in sorted(before.keys() | after.keys()):
        old, new = (found.get(path, "").split() for found in (before, after))
        for place, words in enumerate(zip(old, new)):
            if words[0] != words[1]:
                moved[f"{path}:{place}"] = words
        if len(old) != len(new):
            moved[path] = len(old), len(new)
    return moved


class Target:
    """A connection from the client to the router, or through the router."""

    def __init__(self, ns, address, port):
        self.server = listener(address, port, ns=ns)
        with client_ns:
            self.sockets = pair(self.server, (address, port))
        self.port = self.sockets[0].getsockname()[1]
        self.name = f"{CLIENT}:{self.port}"
        self.to = address, port

    def row(self):
        with router:
            row, = (row for row in table() if row["orig"] == self.name)
        return row

    def forge(self, flags, seq, ack, data=b"", port=None):
        inject(client_ns, (CLIENT, port or self.port), self.to, flags, seq,
               ack, data)

    def probes(self):
        """Return: for each probe, its name, the counters that it must raise
        (only root can read them), and its forged segment."""
        row = self.row()
        nxt, ack = int(row["orig_nxt"]), int(row["resp_nxt"])
        return [
            ("data in the window", {"tracked"},
             (ACK | PSH, nxt + 100, ack, b"x")),
            ("data outside the window", {"tracked", "outside_window"},
             (ACK | PSH, nxt + WINDOW, ack, b"x")),
            ("an ACK of data never sent", {"tracked", "unseen_ack"},
             (ACK, nxt, ack + WINDOW)),
            ("a RST in the window", {"rst_challenge"}, (RST, nxt + 100, 0)),
            ("a RST outside the window", {"rst_outside"},
             (RST, nxt + WINDOW, 0)),
            ("a SYN", {"syn_challenge"}, (SYN, nxt + WINDOW, 0)),
            ("odd flags", {"odd_flags"}, (SYN | FIN, nxt, 0)),
            ("odd flags, no connection", {"bad_flags"},
             (SYN | FIN, nxt, 0, b"", 9)),
            ("data, no connection", {"opened", "midstream"},
             (ACK | PSH, nxt, ack, b"x", 9)),
            ("a RST at the number", {"closed"}, (RST, nxt, 0)),
            ("data after the RST", {"late"}, (ACK | PSH, nxt, ack, b"x")),
        ]

    def close(self):
        abort(*self.sockets)
        self.server.close()


def reader():
    """Open a reader in the router, because no records are produced without a
    reader."""
    with router:
        return Reader()


def check_target(target):
    seen = {}
    for name, counters, segment in target.probes():
        before, secret = as_user(), router.stats()
        target.forge(*segment)
        until(lambda: all(router.stats()[counter] > secret[counter]
                          for counter in counters), f"{counters} of {name}")
        moved = changed(before, as_user())
        grown = router.stats()["events"] - secret["events"]
        note(f"{name}: {grown} events; a user sees {moved}")
        seen[name] = moved, grown
    equal({name: moved for name, (moved, _) in seen.items()},
          dict.fromkeys(seen, {}), "numbers that anybody can read")
    equal(len({grown for _, grown in seen.values()}) > 1, True,
          "numbers of events that differ")
    target.close()


@case("the files that a user without privileges can read")
def files():
    found = as_user()
    note(*sorted(found))
    for path in FILES[0] + "/tcptrace", FILES[2] + "/parameters/hashsize":
        equal(path in found, True, path)
    for path in *(FILES[0] + "/tcptrace" + name for name in (
            "_odd", "_fate", "_finding")), FILES[1]:
        equal(path in found, False, path)


@case("forged segments into a forwarded connection change no readable number")
def forwarded():
    with reader():
        check_target(Target(server_ns, SERVER, 5000))


@case("forged segments into a local connection change no readable number")
def local():
    with reader():
        check_target(Target(router, ROUTER, 5001))


run()
