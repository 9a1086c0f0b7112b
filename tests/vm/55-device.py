#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check /dev/tcptrace as a file: its ioctls, event masks and permissions."""
import errno
import fcntl
import os
import subprocess

import module
from case import case, run
from check import equal, fails
from device import DEVICE, Reader
from libc import LIBC, check_libc
from module import parameter, set_parameter
from netns import isolate
from raw import Syns
from records import CLOSE, ESTABLISHED, LOST, OPEN, SEGMENT, STATE
from sockets import listener, whole_connection

module.load()
isolate()
syns = Syns()
server = listener()


@case("event mask: each type alone")
def one_type():
    for kind in OPEN, STATE, ESTABLISHED, SEGMENT, CLOSE, LOST:
        with Reader(kind) as reader:
            equal(reader.info().mask, 1 << kind | 1 << LOST, "mask")
            whole_connection(server)
            got = [record.type for record in reader.drain()]
            equal(set(got), set() if kind == LOST else {kind}, "types")
            equal(len(got), reader.info().produced, "produced")
            if kind in (OPEN, ESTABLISHED, CLOSE):
                equal(len(got), 1, "records")


@case("event mask: 0 selects nothing, unknown bits are EINVAL")
def odd_masks():
    with Reader() as reader:
        default = reader.info().mask
        equal(default, 0b11111101110, "default mask")
        for bit in 0, *range(13, 30):
            fails(errno.EINVAL, reader.set_mask, 1 << bit)
            fails(errno.EINVAL, reader.set_mask, default | 1 << bit)
        equal(reader.info().mask, default, "mask")
        reader.set_mask(0)
        whole_connection(server)
        equal(reader.drain(), [], "records")
        equal(reader.info().produced, 0, "produced")
        reader.set_mask(0b111111110)
        equal(reader.info().mask, 0b111111110, "mask")
        whole_connection(server)
        equal({r.type for r in reader.drain()}, {1, 2, 3, 4, 5}, "types")


@case("unknown ioctls: ENOTTY")
def unknown_ioctls():
    with Reader() as reader:
        for request in (0x5401, 0, 0x4004f903, 0x8028fa00, 0x8004f901,
                        0x4008f901, 0x8028f900, 0x0000f900, 0xffffffff):
            fails(errno.ENOTTY, fcntl.ioctl, reader.fd, request, bytes(64))
        for value in 2, 0xffffffff:
            fails(errno.EINVAL, reader.all_netns, value)


@case("SEGMENT only on request: options of the SYNs, every segment once")
def segments():
    with Reader() as plain, Reader(SEGMENT, CLOSE) as reader:
        whole_connection(server)
        got = reader.drain()
        both = [record for record in got if record.type == SEGMENT]
        for record, flags in zip(both, (0x02, 0x12)):
            equal(record.seg.flags, flags, "flags")
            equal(record.options, 0x17, "options")
            equal((record.mss, record.wscale > 0, record.tsval > 0),
                  (65495, True, True), "MSS, window scale, timestamp")
        for record in both[2:]:
            equal(record.options, 0x10, f"options of {record}")
        closing, = (record for record in got if record.type == CLOSE)
        packets = sum(end.packets for end in closing.dir)
        upto = got.index(closing)
        equal(sum(r.type == SEGMENT for r in got[:upto]), packets, "packets")
        if SEGMENT in {record.type for record in plain.drain()}:
            raise AssertionError("a SEGMENT that was not selected")


@case("max_readers: EBUSY, until another reader is closed")
def too_many():
    with parameter("max_readers", 3):
        open_ones = [Reader() for _ in range(3)]
        for _ in range(5):
            fails(errno.EBUSY, Reader)
        for _ in range(5):
            os.close(open_ones.pop().fd)
            open_ones.append(Reader())
            fails(errno.EBUSY, Reader)
        set_parameter("max_readers", 1)
        os.close(open_ones.pop().fd)
        fails(errno.EBUSY, Reader)
        syns.send(1)
        for reader in open_ones:
            equal(len(reader.drain()), 2, "records of an older reader")
            reader.close()
        with Reader():
            fails(errno.EBUSY, Reader)


def dd(*words):
    done = subprocess.run([*words, "dd", f"if={DEVICE}", "count=0",
                           "status=none"], capture_output=True, text=True)
    return done.stderr.strip().rpartition(": ")[2]


@case("open() needs CAP_NET_ADMIN and the permission of the file's mode")
def permission():
    drop = "setpriv", "--bounding-set"
    nobody = "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
    equal(dd(*nobody), "Permission denied", "nobody, mode 0600")
    equal(os.stat(DEVICE).st_mode & 0o7777, 0o600, "mode")
    os.chmod(DEVICE, 0o666)
    try:
        equal(dd(*nobody), "Operation not permitted", "nobody, mode 0666")
        equal(dd(*drop, "-net_admin"), "Operation not permitted",
              "root without CAP_NET_ADMIN")
        equal(dd(*drop, "-all,+net_admin"), "", "root without any capability")
        equal(dd(*nobody, "--inh-caps=+net_admin", "--ambient-caps=+net_admin"),
              "", "nobody with CAP_NET_ADMIN")
    finally:
        os.chmod(DEVICE, 0o600)


@case("no write(), no lseek()")
def only_read():
    fd = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK)
    try:
        fails(errno.EINVAL, os.write, fd, b"x")
        fails(errno.ESPIPE, os.lseek, fd, 0, os.SEEK_SET)
        fails(errno.ESPIPE, os.pread, fd, 100, 0)
        fails(errno.EAGAIN, os.read, fd, 100)
    finally:
        os.close(fd)
    with Reader() as reader:
        fails(errno.EBADF, os.write, reader.fd, b"x")


@case("an open reader keeps the module, and others can be opened")
def busy():
    with Reader(OPEN) as reader:
        for _ in range(3):
            done = subprocess.run(["rmmod", "tcptrace"], capture_output=True,
                                  text=True)
            equal((done.returncode, "in use" in done.stderr), (1, True),
                  f"rmmod: {done.stderr}")
            fails((errno.EBUSY, errno.EAGAIN), lambda: check_libc(
                LIBC.delete_module(b"tcptrace", os.O_NONBLOCK)))
            with Reader(OPEN) as second:
                syns.send(1)
                equal(len(second.drain()), 1, "records of a second reader")
        equal(len(reader.drain()), 3, "records of the first")


run()
