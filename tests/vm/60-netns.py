#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check the permissions in network and user namespaces, and what readers get
when a network namespace ends."""
import errno
import json
import os
import select
import socket
import time

import module
from case import case, run
from check import equal, fails, until
from device import DEVICE, Reader
from libc import (CLONE_NEWNET, CLONE_NEWUSER, LIBC, check_libc, leave_chroot,
                  unshare)
from netns import Netns, inode
from proc import Child, command, write_file
from procfs import grown, stats, stats_of, table
from raw import Syns
from records import CLOSE, OPEN, SHUTDOWN, check_sequence, select_records
from sockets import abort, listener, pair, whole_connection

ROUNDS = 10
HOME = inode()

module.load()
near, far = Netns("n", sink=True), Netns("f", sink=True)


def loopback_connection():
    with listener() as server:
        whole_connection(server)


def one_connection_in(*namespaces):
    """Open and close one connection in each of these namespaces, and one in the
    initial namespace."""
    for ns in namespaces:
        with ns:
            loopback_connection()
    loopback_connection()


@case("a reader sees only its own namespace")
def own_only():
    with near:
        reader = Reader()
    with far:
        other = Reader()
    with reader, other, Reader() as home:
        one_connection_in(near, near, far)
        for reader, own, count in ((home, HOME, 1), (reader, near.inum, 2),
                                   (other, far.inum, 1)):
            equal(reader.info().netns, own, "netns of the reader")
            records = reader.drain()
            equal({record.netns for record in records}, {own}, "netns")
            equal(sum(r.type == CLOSE for r in records), count, "closed")


@case("ALL_NETNS in the initial namespace sees all, with the inodes of lsns")
def all_netns():
    def stay(control):
        with near:
            control.sendall(b"r")
            control.recv(1)
    with Reader() as reader, Child(stay) as child:
        child.hear()
        listed = json.loads(command("lsns", "-J", "-t", "net", "-o",
                                            "NS,PID"))["namespaces"]
        child_ns = inode(f"/proc/{child.pid}/ns/net")
        if child_ns not in {int(entry["ns"]) for entry in listed}:
            raise AssertionError(f"{child_ns} not in {listed}")
        one_connection_in(near)
        equal({r.netns for r in reader.drain()}, {HOME}, "before")
        equal(reader.info().all_netns, 0, "all_netns")
        reader.all_netns()
        equal(reader.info().all_netns, 1, "all_netns")
        one_connection_in(near, far)
        equal({r.netns for r in reader.drain()},
              {HOME, child_ns, far.inum}, "after")
        reader.all_netns(0)
        one_connection_in(near, far)
        equal({r.netns for r in reader.drain()}, {HOME}, "at the end")


@case("ALL_NETNS: EPERM for a reader of another namespace, in any namespace")
def all_netns_refused():
    with near:
        reader = Reader()
        fails(errno.EPERM, reader.all_netns)
        reader.all_netns(0)
    with reader:
        fails(errno.EPERM, reader.all_netns)
        equal(reader.info().all_netns, 0, "all_netns")
        one_connection_in(far)
        equal(reader.drain(), [], "records")


@case("table and counters belong to the namespace")
def own_table():
    def ports():
        return {row["resp"].rpartition(":")[2] for row in table()}
    with near:
        server = listener()
        sockets = pair(server)
        port = str(server.getsockname()[1])
        equal(port in ports(), True, "in its own table")
        before = stats()
    with far:
        equal(port in ports(), False, "in another table")
    equal(port in ports(), False, "in the initial table")
    one_connection_in(far)
    with near:
        equal(grown(before), {}, "counters")
    for sock in *sockets, server:
        sock.close()


@case("ids and the number of entries show nothing of other namespaces")
def own_ids():
    quiet, busy = Netns("q", sink=True), Netns("b", sink=True)
    with quiet:
        syns = Syns()
        syns.send(1)
        reader = Reader(OPEN)
    before = quiet.stats()["entries"]
    with reader:
        for turn in range(1, 4):
            with busy:
                Syns().send(10 * turn)
            with quiet:
                syns.send(1)
            equal([r.conn for r in reader.drain()], [turn + 1], "ids")
            equal(quiet.stats()["entries"], before + turn, "entries")
    equal([row["id"] for row in quiet.table()], ["1", "2", "3", "4"],
          "ids in the table, the oldest first")
    # the initial namespace counts the connections of all namespaces
    equal(stats()["entries"] >= 34, True, "entries of all")
    for ns in quiet, busy:
        ns.delete()


@case("a namespace ends while its table is open: the file is closed")
def open_table():
    doomed = Netns("d", sink=True)
    with doomed:
        Syns().send(100)
        descriptors = [os.open("/proc/thread-self/net/tcptrace", os.O_RDONLY)
                       for _ in range(3)]
    for number, fd in enumerate(descriptors):
        for _ in range(number):
            equal(len(os.read(fd, 500)) > 0, True, "bytes")
    with Reader(CLOSE) as reader:
        reader.all_netns()
        doomed.delete()
        records = []
        until(lambda: records.extend(reader.drain()) or len(
            select_records(records, CLOSE, netns=doomed.inum)) == 100,
              "CLOSE of all")
    for fd in descriptors:
        fails(errno.EIO, lambda fd=fd: [os.read(fd, 4096) for _ in range(9)])
        os.close(fd)


def map_root(control):
    """Become root in a new user namespace. The parent writes the ID maps."""
    unshare(CLONE_NEWUSER)
    control.sendall(b"m")
    control.recv(1)


def write_map(child, uid):
    equal(child.hear(), b"m", "word of the child")
    write_file(f"/proc/{child.pid}/setgroups", "deny")
    for name in "uid_map", "gid_map":
        write_file(f"/proc/{child.pid}/{name}", f"0 {uid} 1")
    child.say()


def drop_to(uid):
    leave_chroot()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    # Set the dumpable flag. Without it, root would own the files in /proc/PID,
    # including the ID maps.
    check_libc(LIBC.prctl(4, 1, 0, 0, 0))


def user_child(control, uid):
    drop_to(uid)
    fails(errno.EPERM, Reader)
    map_root(control)
    # the new user namespace does not own this network namespace
    fails(errno.EPERM, Reader)
    unshare(CLONE_NEWNET)
    command("ip", "link", "set", "lo", "up")
    with Reader() as reader:
        fails(errno.EPERM, reader.all_netns)
        control.sendall(b"o")
        control.recv(1)
        loopback_connection()
        records = reader.drain()
        equal({r.netns for r in records}, {inode()}, "netns")
        equal(sum(record.type == CLOSE for record in records), 1, "closed")
        rows = table()
        equal([row["orig_uid"] for row in rows], ["0"], "uids in its table")


@case("root of a user namespace sees only its own network namespace")
def user_namespace():
    os.chmod(DEVICE, 0o666)
    try:
        with Child(user_child, 1000) as child:
            write_map(child, 1000)
            equal(child.hear(), b"o", "word of the child")
            one_connection_in(near)
            child.end(b".")
    finally:
        os.chmod(DEVICE, 0o600)


@case("reading a table needs CAP_NET_ADMIN in its namespace")
def other_tables():
    def look(control):
        drop_to(1000)
        fails(errno.EACCES, table)
        stats_of("/proc/self/net/stat/tcptrace")
        fails(errno.EACCES, stats)
    with Child(look) as child:
        child.end()


def has_veth(ns):
    with ns:
        return any(dev.startswith("veth") for _, dev in socket.if_nameindex())


def send_byte(client, peer):
    client.send(b"x")
    equal(peer.recv(1), b"x", "byte")


def one_round(reader, server, left, right):
    """Delete a namespace while connections through it are in use. Each
    connection that the namespace has tracked must get a CLOSE record."""
    middle = Netns("m", sink=True)
    middle.between(left, right)
    with left:
        pairs = [pair(server, ("10.2.0.2", 5000)) for _ in range(3)]
    for sockets in pairs:
        send_byte(*sockets)
    with middle:
        Syns().send(2)
        equal(len(table()), 5, "connections in the middle")
    middle.delete()
    records = []
    # the traffic continues until the devices are gone
    while has_veth(left) or has_veth(right):
        for client, peer in pairs:
            client.send(b"x")
            peer.send(b"y")
        time.sleep(0.001)
        records += reader.drain()
        if len(records) > 10000:
            raise AssertionError("the veths remain")

    def of_middle(kind):
        return select_records(records, kind, netns=middle.inum)
    until(lambda: records.extend(reader.drain()) or
          len(of_middle(CLOSE)) == len(of_middle(OPEN)), "CLOSE of all")
    equal(len(of_middle(OPEN)), 5, "connections opened in the middle")
    equal({record.reason for record in of_middle(CLOSE)}, {SHUTDOWN},
          "reasons of CLOSE")
    for sockets in pairs:
        abort(*sockets)


@case(f"namespaces are created and deleted under traffic, {ROUNDS} times")
def come_and_go():
    left, right = Netns("l", sink=True), Netns("r", sink=True)
    server = listener("0.0.0.0", 5000, ns=right)
    with Reader(OPEN, CLOSE) as reader:
        reader.all_netns()
        for _ in range(ROUNDS):
            one_round(reader, server, left, right)
    server.close()
    left.delete()
    right.delete()


@case("the table has no connection of the deleted namespaces")
def nothing_left():
    until(lambda: stats()["entries"] == len(
        table() + near.table() + far.table()), "equal numbers")


def check_hung_up(reader, wanted):
    """Read all remaining records, and check that read() and poll() then report
    the end of the namespace."""
    until(lambda: reader.poll() & select.POLLHUP, "POLLHUP")
    equal(reader.poll() & select.POLLIN, select.POLLIN, "POLLIN before it")
    records = reader.read()
    equal(check_sequence(records), 0, "lost")
    equal([r.reason for r in records if r.type == CLOSE],
          [SHUTDOWN] * wanted, "CLOSE")
    for _ in range(3):
        fails(errno.ENODEV, reader.read)
    equal(reader.poll(), select.POLLHUP | select.POLLERR, "poll at the end")
    equal(reader.info().waiting, 0, "waiting")
    reader.set_mask(2)
    fails(errno.EPERM, reader.all_netns)


@case("the namespace of a reader is deleted: all records, then POLLHUP and ENODEV")
def hang_up():
    doomed = Netns("d", sink=True)
    with doomed:
        reader = Reader(flags=0)
        Syns().send(4)
    with reader:
        doomed.delete()
        check_hung_up(reader, 4)
        one_connection_in(near)
        fails(errno.ENODEV, reader.read)


@case("the end wakes readers in read() and in poll()")
def wake_at_end():
    def in_read(_, reader):
        fails(errno.ENODEV, reader.read)

    def in_poll(_, reader):
        until(lambda: reader.poll(-1) & select.POLLHUP, "POLLHUP")
    doomed = Netns("d", sink=True)
    with doomed:
        reader = Reader(flags=0)
    with reader, Child(in_read, reader) as one, Child(in_poll, reader) as two:
        for child in one, two:
            child.until_asleep()
        doomed.delete()
        one.end()
        two.end()


@case("a reader stays in its namespace when the process leaves it")
def left_by_setns():
    doomed = Netns("d", sink=True)
    with doomed:
        reader, sender = Reader(OPEN), Syns()
    with reader:
        sender.send(1)
        loopback_connection()
        equal([r.netns for r in reader.read()],
              [doomed.inum], "netns of records")
        sender.socket.close()
        doomed.delete()
        until(lambda: reader.poll() & select.POLLHUP, "POLLHUP")
        fails(errno.ENODEV, reader.read)


@case("ALL_NETNS continues after the end of another namespace")
def all_goes_on():
    doomed = Netns("d", sink=True)
    with Reader(OPEN, CLOSE) as reader:
        reader.all_netns()
        with doomed:
            Syns().send(1)
        doomed.delete()
        reader.collect(lambda records: any(
            r.type == CLOSE and r.reason == SHUTDOWN
            for r in records), "CLOSE shutdown")
        one_connection_in(near)
        equal({r.netns for r in reader.drain()},
              {HOME, near.inum}, "netns")
        equal(reader.poll(), 0, "poll")


@case("the module is unloaded while other namespaces have open connections")
def unload_with_open():
    with near:
        server = listener()
        client, peer = pair(server)
    module.unload()
    send_byte(client, peer)
    module.load()
    with near:
        equal(table(), [], "connections after loading again")
        send_byte(client, peer)
        equal([row["marks"][:2] for row in table()], ["MG"], "marks")
    for sock in client, peer, server:
        sock.close()
    near.delete()
    far.delete()


run()
