# SPDX-License-Identifier: GPL-2.0
"""Programs that make traffic: an echo server, and clients of the server."""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from check import SLOW
from proc import state_of
from sockets import abort, listener

LIMIT = 5 * SLOW	# seconds; a later answer is taken as an error


def serve(server):
    """Serve many connections at once: echo the data of each connection until
    its other end has closed it."""
    def talk(sock):
        with sock:
            try:
                while data := sock.recv(4096):
                    sock.sendall(data)
            except OSError:
                pass
    server.settimeout(None)
    print("ready", flush=True)
    while True:
        threading.Thread(target=talk, args=(server.accept()[0],),
                         daemon=True).start()


def churn_once(address, turn):
    """Connect, send data, and end the connection in one of three ways."""
    with socket.create_connection(address, timeout=LIMIT) as sock:
        sock.sendall(b"x" * (1 + turn * 37 % 3000))
        if not sock.recv(4096):
            raise OSError("no echo")
        if turn % 3 == 0:
            abort(sock)
        elif turn % 3 == 1:
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(4096):
                pass


def churn(address):
    """Make connections until SIGTERM. After every tenth connection and at the
    end, print the numbers of connections and of errors."""
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    done = errors = 0
    print("ready", flush=True)
    while going:
        try:
            churn_once(address, done)
        except OSError as error:
            errors += 1
            print("#", error, file=sys.stderr, flush=True)
        done += 1
        time.sleep(0.02)	# leave the emulated CPUs to other programs
        if done % 10 == 0:
            print(done, errors, flush=True)
    print(done, errors, flush=True)


class Program:
    """Run this file as a program: programs.py serve|churn ADDRESS PORT."""

    def __init__(self, *words):
        self.process = subprocess.Popen(
            [sys.executable, __file__, *map(str, words)],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        if line != "ready":
            raise AssertionError(f"{words}: {line!r}")

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def is_stopped(self):
        return state_of(self.process.pid) == "T"

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        """Return: connections, errors."""
        self.process.terminate()
        lines = self.process.stdout.read().splitlines()
        self.process.wait()
        return tuple(map(int, lines[-1].split())) if lines else (0, 0)


class Traffic:
    """Run a server and its client on loopback."""

    def __init__(self, port=5003):
        self.server = Program("serve", "127.0.0.1", port)
        self.client = Program("churn", "127.0.0.1", port)

    def end(self):
        """Return: connections, errors."""
        found = self.client.end()
        self.server.end()
        return found


def main(what, address, port):
    os.nice(10)		# the test has priority
    if what == "churn":
        churn((address, int(port)))
    else:
        serve(listener(address, int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
