# SPDX-License-Identifier: GPL-2.0
"""Open and close TCP connections whose two sockets are in one process."""
import contextlib
import itertools
import socket
import struct

from check import PATIENCE, equal
from ss import wait_state

ports = itertools.count(2000)	# a new port for each case
ABORT = struct.pack("ii", 1, 0)


def family_of(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def new_socket(ns, addr, port=0):
    """Create a TCP socket in a namespace (None: this one), and bind it if port
    is set."""
    with ns or contextlib.nullcontext():
        s = socket.socket(family_of(addr), socket.SOCK_STREAM)
    s.settimeout(PATIENCE)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if port:
        s.bind((addr, port))
    return s


def listener(addr="127.0.0.1", port=0, backlog=128, ns=None, buffer=0):
    """Create a listening socket. buffer: size of its receive buffer (0:
    default)."""
    s = new_socket(ns, addr)
    if buffer:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    s.bind((addr, port))
    s.listen(backlog)
    return s


def pair(server, target=None, client=None):
    """Connect a client to a listener. target: the address to connect to, if it
    is not the listener's. Return: both sockets."""
    target = target or server.getsockname()[:2]
    client = client or new_socket(None, target[0])
    client.connect(target)
    peer = server.accept()[0]
    peer.settimeout(PATIENCE)
    return client, peer


def connect(server_ns, client_ns, addr, port, client=None, target=None):
    """Open a connection between two namespaces. Return: both sockets."""
    with contextlib.closing(listener(addr, port, ns=server_ns)) as server:
        return pair(server, target or (addr, port),
                    client or new_socket(client_ns, addr))


def local_connection(ns):
    """Open a connection to a new port on loopback. Return: the port, and both
    sockets."""
    port = next(ports)
    return port, *connect(ns, ns, "127.0.0.1", port)


def receive(s, n):
    """Receive exactly n bytes."""
    left = n
    while left:
        data = s.recv(min(left, 1 << 16))
        if not data:
            raise AssertionError(f"end after {n - left} of {n} bytes")
        left -= len(data)


def receive_end(s):
    equal(s.recv(1), b"", "end of the stream")


def exchange(client, server, sent, received):
    """Send bytes from the client to the server, then from the server to the
    client."""
    client.sendall(bytes(sent))
    receive(server, sent)
    server.sendall(bytes(received))
    receive(client, received)


def close_both(first, second):
    """Close both ends with FINs, the first end first. Each step waits until the
    other end has processed the previous step."""
    first.shutdown(socket.SHUT_WR)
    receive_end(second)
    wait_state(first, "FIN-WAIT-2")
    second.close()
    receive_end(first)
    first.close()


def abort(*sockets):
    """Close sockets with a RST."""
    for sock in sockets:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        sock.close()


def whole_connection(server):
    client, peer = pair(server)
    client.sendall(b"ping")
    receive(peer, 4)
    close_both(client, peer)


def reset_connection(server):
    """Open a connection that the client resets. Return: its ports."""
    client, peer = pair(server)
    ports_of = client.getsockname()[1], peer.getsockname()[1]
    abort(client)
    peer.close()
    return ports_of
