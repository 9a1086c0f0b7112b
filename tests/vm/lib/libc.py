# SPDX-License-Identifier: GPL-2.0
"""System calls that Python 3.11 does not provide."""
import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
MS_MOVE, MS_REC_PRIVATE = 0x2000, 0x44000


def check_libc(result):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def unshare(flags):
    check_libc(LIBC.unshare(flags))


def setns(fd):
    check_libc(LIBC.setns(fd, CLONE_NEWNET))


def leave_chroot():
    """Leave the guest's chroot, because no user namespace can be created in a
    chroot. In a new mount namespace, mount the chroot's directory as the
    root."""
    os.chroot("/proc/1/root")
    unshare(CLONE_NEWNS)
    check_libc(LIBC.mount(None, b"/", None, MS_REC_PRIVATE, None))
    os.chdir("/new")
    check_libc(LIBC.mount(b".", b"/", None, MS_MOVE, None))
    os.chroot(".")
