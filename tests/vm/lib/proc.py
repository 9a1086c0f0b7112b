# SPDX-License-Identifier: GPL-2.0
"""Run programs that must succeed, and children that receive messages."""
import contextlib
import os
import signal
import socket
import subprocess
import traceback

from check import PATIENCE, equal, note, until


def command(*words, **options):
    """Run a program, and check that it succeeds. Return: its output."""
    done = subprocess.run(words, capture_output=True, text=True, check=False,
                          **options)
    if done.returncode:
        raise AssertionError(f"{words}: exit {done.returncode}: "
                             f"{done.stderr or done.stdout}")
    return done.stdout


def read_file(path):
    with open(path) as file:
        return file.read()


def write_file(path, text):
    with open(path, "w") as file:
        file.write(str(text))


def state_of(pid):
    """Return: the letters of the threads' states (S: sleeping, T: stopped)."""
    letters = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/{pid}/task/{task}/stat") as file:
            letters.add(file.read().rsplit(")", 1)[1].split()[0])
    return "".join(sorted(letters))


class Child:
    """A child process that runs a function. __init__() starts the child."""

    def __init__(self, function, *arguments):
        self.ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            self.ours.close()
            status = 1
            try:
                theirs.sendall(b"r")
                function(theirs, *arguments)
                status = 0
            except BaseException:
                note(traceback.format_exc())
            os._exit(status)
        theirs.close()
        self.ours.settimeout(PATIENCE)
        self.hear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        if self.pid:
            self.kill()

    def hear(self, size=1):
        return self.ours.recv(size)

    def say(self, word=b"."):
        self.ours.sendall(word)

    def until_asleep(self):
        until(lambda: state_of(self.pid) == "S", "sleep of a child")

    def stop(self):
        os.kill(self.pid, signal.SIGSTOP)
        until(lambda: state_of(self.pid) == "T", "stop of a child")

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self.pid = 0

    def end(self, word=b""):
        """Send the child a last message, if word is set, and check that the
        child exits with 0."""
        if word:
            self.say(word)
        statuses = []

        def gone():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            statuses.append(status)
            return pid
        until(gone, "end of a child")
        self.pid = 0
        equal(statuses[-1], 0, "exit status of a child")
