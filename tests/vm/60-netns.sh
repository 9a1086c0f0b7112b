#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Network and user namespaces: who sees what, and the end of a namespace.
PYTHONPATH=$TCPTRACE_SRC/tests/vm/lib PYTHONDONTWRITEBYTECODE=1 \
	exec python3 - <<'EOF'
import errno
import json
import os
import select
import socket
import time

import load
import readers
from readers import (CLOSE, OPEN, Child, Reader, case, entered, equal,
                     fails, table, until)

ROUNDS = 20
HOME = readers.inode()
NEAR, FAR, LEFT, RIGHT, MIDDLE, DOOMED = (
    f"tt{os.getpid()}{letter}" for letter in "nflrmd")

readers.load()


def add_netns(*names):
    for name in names:
        load.ip(f"netns add {name}")
        with entered(name):
            load.prepare_netns()


def delete_netns(*names):
    load.ip(*(f"netns delete {name}" for name in names))


def loopback_connection():
    with load.listener() as server:
        load.whole_connection(server)


def one_connection_in(*names):
    """One in each, and one at home."""
    for name in names:
        with entered(name):
            loopback_connection()
    loopback_connection()


add_netns(NEAR, FAR)


@case("a reader sees its own namespace only")
def own_only():
    with entered(NEAR):
        near = Reader()
    with entered(FAR):
        far = Reader()
    with near, far, Reader() as home:
        one_connection_in(NEAR, NEAR, FAR)
        for reader, name, count in ((home, None, 1), (near, NEAR, 2),
                                    (far, FAR, 1)):
            own = readers.inode(f"/run/netns/{name}") if name else HOME
            equal(reader.info().netns, own, "netns of the reader")
            records = reader.drain()
            equal({record.netns for record in records}, {own}, "netns")
            equal(sum(r.type == CLOSE for r in records), count, "closed")


@case("ALL_NETNS from the initial one sees all, by the inode that lsns shows")
def all_netns():
    def stay(control):
        with entered(NEAR):
            control.sendall(b"r")
            control.recv(1)
    with Reader() as reader, Child(stay) as child:
        child.hear()
        listed = json.loads(readers.command("lsns", "-J", "-t", "net", "-o",
                                            "NS,PID"))["namespaces"]
        child_ns = readers.inode(f"/proc/{child.pid}/ns/net")
        if child_ns not in {int(entry["ns"]) for entry in listed}:
            raise AssertionError(f"{child_ns} not in {listed}")
        one_connection_in(NEAR)
        equal({r.netns for r in reader.drain()}, {HOME}, "before")
        equal(reader.info().all_netns, 0, "all_netns")
        reader.all_netns()
        equal(reader.info().all_netns, 1, "all_netns")
        one_connection_in(NEAR, FAR)
        equal({r.netns for r in reader.drain()},
              {HOME, child_ns, readers.inode(f"/run/netns/{FAR}")}, "after")
        reader.all_netns(0)
        one_connection_in(NEAR, FAR)
        equal({r.netns for r in reader.drain()}, {HOME}, "at the end")


@case("ALL_NETNS is EPERM for a reader of another namespace, wherever it is asked")
def all_netns_refused():
    with entered(NEAR):
        reader = Reader()
        fails(errno.EPERM, reader.all_netns)
        reader.all_netns(0)
    with reader:
        fails(errno.EPERM, reader.all_netns)
        equal(reader.info().all_netns, 0, "all_netns")
        one_connection_in(FAR)
        equal(reader.drain(), [], "records")


@case("the table and the counters are those of the namespace")
def own_table():
    def ports():
        return {row["resp"].rpartition(":")[2] for row in table()}
    with entered(NEAR):
        server = load.listener()
        sockets = load.pair(server)
        port = str(server.getsockname()[1])
        equal(port in ports(), True, "in its own table")
        before = readers.stats()
    with entered(FAR):
        equal(port in ports(), False, "in another table")
    equal(port in ports(), False, "in the table at home")
    one_connection_in(FAR)
    with entered(NEAR):
        equal(readers.grown(before, readers.stats()), {}, "counters")
    for sock in *sockets, server:
        sock.close()


def map_root(control):
    """Become root of a new user namespace: the parent writes the map."""
    readers.unshare(readers.CLONE_NEWUSER)
    control.sendall(b"m")
    control.recv(1)


def write_map(child, uid):
    equal(child.hear(), b"m", "word of the child")
    load.write_file(f"/proc/{child.pid}/setgroups", "deny")
    for name in "uid_map", "gid_map":
        load.write_file(f"/proc/{child.pid}/{name}", f"0 {uid} 1")
    child.say()


def drop_to(uid):
    readers.leave_chroot()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # a change of ids takes /proc/PID from us; the map is written there
    readers.check_libc(readers.LIBC.prctl(4, 1, 0, 0, 0))


def user_child(control, uid):
    drop_to(uid)
    fails(errno.EPERM, Reader)
    map_root(control)
    fails(errno.EPERM, Reader)	# its network namespace is not its own yet
    readers.unshare(readers.CLONE_NEWNET)
    readers.command("ip", "link", "set", "lo", "up")
    with Reader() as reader:
        fails(errno.EPERM, reader.all_netns)
        control.sendall(b"o")
        control.recv(1)
        loopback_connection()
        records = reader.drain()
        equal({r.netns for r in records}, {readers.inode()}, "netns")
        equal(sum(record.type == CLOSE for record in records), 1, "closed")
        rows = table()
        equal([row["orig_uid"] for row in rows], ["0"], "uids in its table")


@case("root of a user namespace reads its own network namespace, no other")
def user_namespace():
    os.chmod(readers.DEVICE, 0o666)
    try:
        with Child(user_child, 1000) as child:
            write_map(child, 1000)
            equal(child.hear(), b"o", "word of the child")
            one_connection_in(NEAR)
            child.say()
            child.end()
    finally:
        os.chmod(readers.DEVICE, 0o600)


@case("without CAP_NET_ADMIN over it a table cannot be read")
def other_tables():
    def look(control):
        drop_to(1000)
        fails(errno.EACCES, table)
        readers.stats_of("/proc/self/net/stat/tcptrace")
        fails(errno.EACCES, readers.stats)
    with Child(look) as child:
        child.end()


def add_middle():
    """LEFT - MIDDLE - RIGHT; only MIDDLE is new."""
    load.ip(f"netns add {MIDDLE}",
            f"link add veth1 netns {MIDDLE} type veth peer name veth1"
            f" netns {LEFT}",
            f"link add veth2 netns {MIDDLE} type veth peer name veth2"
            f" netns {RIGHT}")
    for name, dev, net in (LEFT, "veth1", "10.1.0"), (RIGHT, "veth2", "10.2.0"):
        load.ip(f"addr add {net}.2/24 dev {dev}", f"link set {dev} up",
                f"route add default via {net}.1", netns=name)
    with entered(MIDDLE):
        load.prepare_netns(
            "addr add 10.1.0.1/24 dev veth1", "link set veth1 up",
            "addr add 10.2.0.1/24 dev veth2", "link set veth2 up")
        load.write_file("/proc/sys/net/ipv4/ip_forward", "1")


class Server:
    """The listener of RIGHT, by the address that LEFT knows."""

    def __init__(self, sock):
        self.accept = sock.accept

    @staticmethod
    def getsockname():
        return "10.2.0.2", 5000


def has_veth(name):
    with entered(name):
        return any(dev.startswith("veth") for _, dev in socket.if_nameindex())


def exchange(client, peer):
    client.send(b"x")
    equal(peer.recv(1), b"x", "byte")


def one_round(reader, server):
    """Connections through MIDDLE are open, and used, while it goes."""
    add_middle()
    inum = readers.inode(f"/run/netns/{MIDDLE}")
    with entered(LEFT):
        pairs = [load.pair(server) for _ in range(3)]
    for sockets in pairs:
        exchange(*sockets)
    with entered(MIDDLE):
        load.Syns().send(2)
        equal(len(table()), 5, "connections in the middle")
    delete_netns(MIDDLE)
    records = []
    # the traffic goes on until the last of it is gone
    while has_veth(LEFT) or has_veth(RIGHT):
        for client, peer in pairs:
            client.send(b"x")
            peer.send(b"y")
        time.sleep(0.001)
        records += reader.drain()
        if len(records) > 10000:
            raise AssertionError("the veths do not go")

    def ours(kind):
        return [r for r in records if r.netns == inum and r.type == kind]

    def closed():
        records.extend(reader.drain())
        return len(ours(CLOSE)) == len(ours(OPEN))
    until(closed, "CLOSE of all")
    equal(len(ours(OPEN)), 5, "connections opened in the middle")
    equal({record.reason for record in ours(CLOSE)}, {readers.SHUTDOWN},
          "reasons of CLOSE")
    for sockets in pairs:
        for sock in sockets:
            load.abort(sock)


@case(f"namespaces made and deleted under traffic, {ROUNDS} times")
def come_and_go():
    add_netns(LEFT, RIGHT)
    with entered(RIGHT):
        server = load.listener("0.0.0.0", 5000)
    with Reader(OPEN, CLOSE) as reader:
        reader.all_netns()
        for _ in range(ROUNDS):
            one_round(reader, Server(server))
    server.close()


@case("nothing of the deleted ones is left in the table")
def nothing_left():
    delete_netns(LEFT, RIGHT)
    here = [NEAR, FAR]

    def lines():
        count = len(table())
        for name in here:
            with entered(name):
                count += len(table())
        return count
    until(lambda: readers.stats()["entries"] == lines(), "equal numbers")


def check_hung_up(reader, wanted):
    """All that waits, then the end, for every way of asking."""
    until(lambda: reader.poll() & select.POLLHUP, "POLLHUP")
    equal(reader.poll() & select.POLLIN, select.POLLIN, "POLLIN before it")
    records = reader.read()
    equal(readers.check_sequence(records), 0, "lost")
    equal([r.reason for r in records if r.type == CLOSE],
          [readers.SHUTDOWN] * wanted, "CLOSE")
    for _ in range(3):
        fails(errno.ENODEV, reader.read)
    equal(reader.poll(), select.POLLHUP | select.POLLERR, "poll at the end")
    equal(reader.info().waiting, 0, "waiting")
    reader.set_mask(2)
    fails(errno.EPERM, reader.all_netns)


@case("a reader whose namespace is deleted: what waits, then HUP and ENODEV")
def hang_up():
    add_netns(DOOMED)
    with entered(DOOMED):
        reader = Reader(flags=0)
        load.Syns().send(4)
    with reader:
        delete_netns(DOOMED)
        check_hung_up(reader, 4)
        one_connection_in(NEAR)
        fails(errno.ENODEV, reader.read)


@case("a reader blocked in read() and one in poll() wake at the end")
def wake_at_end():
    def in_read(control, reader):
        control.sendall(b"r")
        fails(errno.ENODEV, reader.read)

    def in_poll(control, reader):
        control.sendall(b"r")
        until(lambda: reader.poll(-1) & select.POLLHUP, "POLLHUP")
    add_netns(DOOMED)
    with entered(DOOMED):
        reader = Reader(flags=0)
    with reader, Child(in_read, reader) as one, Child(in_poll, reader) as two:
        for child in one, two:
            child.hear()
            child.sleeps()
        delete_netns(DOOMED)
        one.end()
        two.end()


@case("a reader outlives its process's stay in the namespace")
def left_by_setns():
    add_netns(DOOMED)
    with entered(DOOMED):
        reader, sender = Reader(OPEN), load.Syns()
    with reader:
        sender.send(1)
        loopback_connection()
        equal([r.netns for r in reader.read()],
              [readers.inode(f"/run/netns/{DOOMED}")], "netns of records")
        sender.socket.close()
        delete_netns(DOOMED)
        until(lambda: reader.poll() & select.POLLHUP, "POLLHUP")
        fails(errno.ENODEV, reader.read)


@case("ALL_NETNS goes on when another namespace ends")
def all_goes_on():
    add_netns(DOOMED)
    with Reader(OPEN, CLOSE) as reader:
        reader.all_netns()
        with entered(DOOMED):
            load.Syns().send(1)
        delete_netns(DOOMED)
        reader.collect(lambda records: any(
            r.type == CLOSE and r.reason == readers.SHUTDOWN
            for r in records), "CLOSE shutdown")
        one_connection_in(NEAR)
        equal({r.netns for r in reader.drain()},
              {HOME, readers.inode(f"/run/netns/{NEAR}")}, "netns")
        equal(reader.poll(), 0, "poll")


@case("the module goes while other namespaces have open connections")
def unload_with_open():
    with entered(NEAR):
        server = load.listener()
        client, peer = load.pair(server)
    readers.unload()
    exchange(client, peer)
    readers.load()
    with entered(NEAR):
        equal(table(), [], "connections after loading again")
        exchange(client, peer)
        equal([row["marks"][:2] for row in table()], ["MG"], "marks")
    for sock in client, peer, server:
        sock.close()
    delete_netns(NEAR, FAR)


readers.run()
EOF
