# SPDX-License-Identifier: GPL-2.0
"""Test the names of network namespaces: the client runs in a mount namespace
with its own /run/netns, the folder of ip-netns(8)."""
import json
import subprocess

import records
import schema
from tap import TIMEOUT, Skip, case, equal, until

# Keep a namespace that has no name, and make the empty file that a failed
# 'ip netns add' leaves behind.
SETUP = """
mount -t tmpfs none /run
mkdir /run/netns
touch /run/kept /run/netns/stale
mount --bind /proc/self/ns/net /run/kept
stat -c %i /run/kept /run/netns/stale
"""
NAME = """
touch /run/netns/{0}
mount --bind /run/kept /run/netns/{0}
echo
"""
FORGET = """
umount /run/netns/{0}
rm /run/netns/{0}
"""


class Names:
    """Runs a shell in new namespaces, and the client in the shell's mount
    namespace; the shell adds and removes the names that the client sees."""

    def __init__(self, client):
        self.client = client
        self.shell = subprocess.Popen(
            ["unshare", "-Urmn", "sh", "-e"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.do(SETUP)
        lines = [self.shell.stdout.readline() for _ in range(2)]
        if not lines[-1]:
            self.shell.communicate()
            raise Skip("no network namespace with a name")
        self.inode, self.stale = map(int, lines)

    def do(self, commands):
        try:
            self.shell.stdin.write(commands.encode())
            self.shell.stdin.flush()
        except BrokenPipeError:
            pass

    def name(self, name):
        self.do(NAME.format(name))
        equal(self.shell.stdout.readline(), b"\n", "answer of mount")

    def command(self, *args):
        return ["nsenter", "-t", str(self.shell.pid), "-U", "-m",
                "--preserve-credentials", self.client.program, *args]

    def watch(self, data, *args):
        path = self.client.path("records", data)
        done = subprocess.run(
            self.command("watch", "--device", path, *args), check=True,
            capture_output=True, env=self.client.env(), timeout=TIMEOUT)
        return done.stdout.decode().splitlines()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shell.communicate()


def opened(*inodes):
    s = records.Stream()
    for inode in inodes:
        s.record(records.OPEN, records.flow(netns=inode) +
                 records.seg(records.SYN, 0, 0))
    return s.out


def limit(inode):
    s = records.Stream()
    s.record(records.LIMIT,
             records.make_limit()[24:].replace((4026531840).to_bytes(
                 4, "little"), inode.to_bytes(4, "little"))[:64])
    return s.out


@case("netns: the name beside the number in JSON, if the number has a name")
def in_json(client):
    with Names(client) as names:
        names.name("blue")
        lines = names.watch(opened(names.inode, names.stale, 0) +
                            limit(names.inode), "--json")
    for line in lines:
        schema.check(line)
    got = [json.loads(line) for line in lines]
    equal([(one["netns"], one.get("netns_name")) for one in got],
          [(names.inode, "blue"), (names.stale, None), (0, None),
           (names.inode, "blue")])


@case("netns: the name instead of the number in text, the number without one")
def in_text(client):
    with Names(client) as names:
        names.name("'blue\t'")
        data = opened(names.inode, names.stale)
        with_all = names.watch(data, "--all-netns")
        without = names.watch(data)
        last = names.watch(limit(names.inode))
        names.name("a-name-of-20-letters")
        names.do(FORGET.format("'blue\t'"))
        wide = names.watch(data, "--all-netns")
    equal([line.split()[1] for line in with_all], ["blue?", str(names.stale)])
    equal(len({line.index("OPEN") for line in with_all}), 1, "columns")
    equal([line.split()[1] for line in without], ["1", "1"])
    equal("LIMIT in netns blue?: 900 evicted" in last[0], True, last[0])
    equal(wide[0].split()[1], "a-name-of-20-letters")
    equal(len({line.index("OPEN") for line in wide}), 1, "wide columns")


@case("netns: a name that comes later, and another name for the number")
def later(client):
    fifo = client.fifo()
    with Names(client) as names, subprocess.Popen(
            names.command("watch", "--device", fifo, "--json"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=client.env()) as process, \
            open(fifo, "wb", buffering=0) as device:
        def shown():
            device.write(opened(names.inode))
            return json.loads(process.stdout.readline()).get("netns_name")
        try:
            equal(shown(), None)
            names.name("blue")
            until(lambda: shown() == "blue", "name of a known number")
            names.do(FORGET.format("blue"))
            names.name("green")
            until(lambda: shown() == "green", "new name of a number")
        finally:
            process.terminate()
