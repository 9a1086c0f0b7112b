# SPDX-License-Identifier: GPL-2.0
"""A pseudo terminal as the standard output of the client."""
import fcntl
import os
import pty
import struct
import termios


def opened(columns, rows=40):
    """Open a terminal. Return: the test's descriptor and the client's."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ,
                struct.pack("HHHH", rows, columns, 0, 0))
    return main, other


def finish(main, other):
    """Close both descriptors. Return: all that the client has written."""
    os.close(other)
    out = b""
    try:
        while data := os.read(main, 65536):
            out += data
    except OSError:	# EIO: nobody has the other side open
        pass
    os.close(main)
    return out.decode()
