# SPDX-License-Identifier: GPL-2.0
"""Connect the client's standard output to a pseudo terminal."""
import fcntl
import os
import pty
import struct
import termios


def opened(columns, rows=40):
    """Open a pseudo terminal. Return: the descriptor for the test, and the
    descriptor for the client."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ,
                struct.pack("HHHH", rows, columns, 0, 0))
    return main, other


def finish(main, other):
    """Close both descriptors. Return: the client's whole output."""
    os.close(other)
    out = b""
    try:
        while data := os.read(main, 65536):
            out += data
    except OSError:	# EIO: nobody has the other side open
        pass
    os.close(main)
    return out.decode()
