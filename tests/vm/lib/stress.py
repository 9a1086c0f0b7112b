# SPDX-License-Identifier: GPL-2.0
"""Run the workers of a stress test. Each worker is a process that has its own
random numbers, runs until SIGTERM, and counts its rounds."""
import contextlib
import errno
import mmap
import os
import random
import select
import signal
import socket
import subprocess
import time
import traceback

import module
from check import equal, note, until
from device import Reader
from mapping import Mapping
from module import TIMEOUTS
from netns import Netns
from raw import Syns
from records import MASK_ALL, MASK_FAILURES, MASK_FATE, OPEN
from sockets import abort, listener, pair

WORDS = 512
# Errors that occur if the module is not loaded, a limit is reached, the ring is
# mapped, or no record waits
GONE = (errno.ENOENT, errno.ENXIO, errno.ENODEV, errno.EBUSY, errno.EAGAIN,
        errno.ESRCH)
# Errors that occur if the other end closes, refuses or does not answer a
# connection, or if no port is free
UNLUCKY = (errno.ECONNRESET, errno.ECONNREFUSED, errno.EPIPE, errno.ETIMEDOUT,
           errno.EADDRNOTAVAIL, errno.ENOTCONN)
EVERY_MASK = MASK_ALL | MASK_FATE | MASK_FAILURES
FILTERS = (
    [(6, 0, 0, 0xffff)],					# all
    [(6, 0, 0, 0)],						# none
    [(0x30, 0, 0, 9), (0x15, 0, 1, 6), (6, 0, 0, 1), (6, 0, 0, 0)],
)
PARAMETERS = {
    "max_connections": (64, 1000, 1 << 16), "max_half_open": (16, 1 << 14),
    "max_readers": (2, 16, 1024), "ring_kib": (4, 64, 1024),
    **{name: (1, 2, 60) for name in TIMEOUTS},
}


class Workers:
    """All workers, and the counts of their rounds in shared memory."""

    def __init__(self):
        self.words = memoryview(mmap.mmap(-1, 4096)).cast("Q")
        self.names, self.pids = [], {}

    def start(self, name, function, *arguments):
        number = len(self.names)
        self.names.append(name)
        equal(number < WORDS, True, "room for a worker")
        pid = os.fork()
        if pid:
            self.pids[name] = pid
            return
        status = 1
        signal.alarm(0)
        try:
            going = [True]
            signal.signal(signal.SIGTERM, lambda *_: going.clear())
            rng = random.Random(number)
            while going:
                function(rng, *arguments)
                self.words[number] += 1
            status = 0
        except BaseException:
            note(f"{name}:", traceback.format_exc())
        os._exit(status)

    def done(self):
        return {name: self.words[i] for i, name in enumerate(self.names)}

    def check(self):
        """Check that all workers are alive."""
        for name, pid in self.pids.items():
            equal(os.waitpid(pid, os.WNOHANG), (0, 0), f"worker {name}")

    def works_on(self, before):
        """Check whether each worker has finished a round since the counts
        @before."""
        self.check()
        done = self.done()
        return all(done[name] > before.get(name, 0) for name in self.pids)

    def end(self, *wanted):
        """End the workers whose names start with one of these prefixes; without
        prefixes, end all workers. Each worker must end within a minute, and
        without an error."""
        ending = {name: pid for name, pid in self.pids.items()
                  if name.startswith(wanted or "")}
        for pid in ending.values():
            os.kill(pid, signal.SIGTERM)
        for name, pid in ending.items():
            ended = until(lambda pid=pid: self.status(pid), f"end of {name}", 60)
            # a new worker may not handle the signal yet
            equal(ended in ([0], [signal.SIGTERM]), True, f"status of {name}")
            del self.pids[name]

    @staticmethod
    def status(pid):
        """Return the wait status of a worker in a list, or an empty list if the
        worker has not ended. Send it the signal again, because a system call
        may have started just after the first signal."""
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return [status]
        os.kill(pid, signal.SIGTERM)
        return []


def pin(rng):
    """Move this process to a random CPU."""
    os.sched_setaffinity(0, {rng.choice(range(os.cpu_count()))})


@contextlib.contextmanager
def unlucky(*codes):
    try:
        yield
    except OSError as error:
        # TimeoutError of a socket has no errno
        if error.errno not in codes and not isinstance(error, TimeoutError):
            raise


def converse(rng, address):
    """Open a connection to an echo server, and end it in one of five ways."""
    pin(rng)
    with unlucky(*UNLUCKY), socket.create_connection(address, 2) as sock:
        for _ in range(rng.randrange(4)):
            data = bytes(1 + rng.randrange(5000))
            sock.sendall(data)
            while data:
                got = len(sock.recv(65536))
                if not got:
                    return
                data = data[got:]
        way = rng.randrange(5)
        if way == 0:
            abort(sock)
        elif way == 1:
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        elif way == 2:
            sock.shutdown(socket.SHUT_WR)	# leave further data unread
        elif way == 3:
            sock.sendall(bytes(3000))	# close() sends a RST for unread data


def abandon(rng, syns):
    """Send SYNs that nobody answers, or open connections and reset them
    immediately."""
    pin(rng)
    rng.choice(syns).send(10)


def read(rng):
    """Open a reader and make random calls."""
    with unlucky(*GONE):
        reader = Reader(flags=rng.choice((0, os.O_NONBLOCK)) | os.O_RDWR)
        mapping = None
        with reader:
            for _ in range(rng.randrange(12)):
                # EINVAL if the buffer is too small; EPERM if all_netns() is
                # called outside the initial namespace
                with unlucky(*GONE, errno.EINVAL, errno.EPERM):
                    mapping = act(rng, reader, mapping) or mapping
            if mapping:
                mapping.close()


def act(rng, reader, mapping):
    """Make one random call on a reader. Return: the mapping, if the call has
    created one."""
    kind = rng.randrange(8)
    if kind == 0:
        reader.set_mask(rng.getrandbits(32) & EVERY_MASK or 1 << OPEN)
    elif kind == 1:
        reader.set_filter(rng.choice(FILTERS))
    elif kind == 2:
        reader.resize(1 << rng.randrange(12, 21))
    elif kind == 3:
        reader.all_netns(rng.randrange(2))
    elif kind == 4 and not mapping:
        return Mapping(reader.fd)
    elif kind == 5 and mapping:
        mapping.take(most=rng.randrange(100))
    elif kind == 6:
        time.sleep(rng.random() / 5)	# slow readers lose records
    elif select.select([reader.fd], [], [], 0.1)[0]:
        os.read(reader.fd, 1 << rng.randrange(8, 17))
    return None


def rewrite(rng):
    """Change a random parameter of the module."""
    with unlucky(*GONE):
        name = rng.choice(list(PARAMETERS))
        module.set_parameter(name, rng.choice(PARAMETERS[name]))
    time.sleep(0.01)


def restore():
    for name, values in PARAMETERS.items():
        if name.startswith(("max", "ring")):
            module.set_parameter(name, values[-1])


def come_and_go(rng):
    """Create a namespace with connections, and delete it while some of them are
    half-open."""
    ns = Netns("x", sink=True)
    with ns:
        server = listener()
        pairs = [pair(server) for _ in range(rng.randrange(5))]
        Syns(rng.randrange(1 << 20)).send(20)
        server.close()
    for sockets in pairs:
        for sock in sockets:
            sock.close()
    ns.delete()


def read_files(rng, namespaces):
    """Read the table or a counter file of a namespace, either completely or in
    part."""
    # procfs returns EIO for an open file whose module was unloaded
    with rng.choice(namespaces), unlucky(*GONE, errno.EIO):
        path = "/proc/thread-self/net/" + rng.choice(
            ("tcptrace", "stat/tcptrace", "stat/tcptrace_odd",
             "stat/tcptrace_fate", "stat/tcptrace_finding"))
        with open(path, "rb", buffering=0) as file:
            while file.read(rng.choice((100, 4096, 1 << 16))):
                if rng.randrange(8) == 0:
                    break


def reload():
    """Unload the module as soon as its device is closed, and load it again."""
    def removed():
        return not subprocess.run(["rmmod", "tcptrace"], capture_output=True,
                                  check=False).returncode
    until(removed, "removal of the module", 60)
    module.load()
