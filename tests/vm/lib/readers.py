# SPDX-License-Identifier: GPL-2.0
"""For tests of the device: TAP cases, readers, namespaces, proc files."""
import contextlib
import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback

import events
import kmsg
from events import (CLOSE, ESTABLISHED, IOC_ALL_NETNS, IOC_CLOCK, IOC_FILTER,
                    IOC_MASK, IOC_RING, IOC_WAKE, LIMIT, LOST, OPEN, SEGMENT,
                    STATE, SUSPECTED, equal)
from kernel import Skip
from pace import SLOW
from spaces import (CLONE_NEWNET, CLONE_NEWUSER, LIBC, check_libc, entered,
                    inode, leave_chroot, setns, unshare)
from told import Info, parse

DEVICE = "/dev/tcptrace"
PARAMETERS = "/sys/module/tcptrace/parameters/"
PATIENCE = 30 * SLOW	# seconds; emulated CPUs are slow
CASE_LIMIT = 150 * SLOW	# for what should have ended long before

CLOSED, SYN_SENT, TIME_WAIT = 0, 1, 9
REASON_2MSL = 15
UNANSWERED, TIMEOUT, EVICTED, SHUTDOWN = 4, 5, 6, 8
OPT_SYN = 0x0017	# MSS, window scale, SACK permitted, timestamps

CASES = []


def case(name):
    """Register a function under the name of what it shows."""
    def register(function):
        CASES.append((name, function))
        return function
    return register


def note(*words):
    print("#", *words, flush=True)


def until(condition, what, patience=PATIENCE):
    """Wait for a condition, not for a time. Return: what it returned."""
    end = time.monotonic() + patience
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError("no " + what)
        time.sleep(0.01)


def fails(code, function, *arguments):
    """It must raise OSError with this errno, or one of these."""
    codes = code if isinstance(code, tuple) else (code,)
    try:
        result = function(*arguments)
    except OSError as error:
        if error.errno not in codes:
            raise AssertionError(f"got {error}, want "
                                 f"{[errno.errorcode[c] for c in codes]}")
        return
    raise AssertionError(f"got {result!r}, want {errno.errorcode[codes[0]]}")


def too_long(*_):
    raise AssertionError("too long")


def run(also=r"\0"):
    """Run the cases; the last one is about what the kernel said."""
    log = kmsg.Kmsg()
    CASES.append(("nothing in dmesg but the load messages",
                  lambda: check_log(log, also)))
    failed = 0
    signal.signal(signal.SIGALRM, too_long)
    for number, (name, function) in enumerate(CASES, 1):
        begin = time.monotonic()
        signal.alarm(CASE_LIMIT)
        try:
            function()
            verdict = "ok"
        except Skip as reason:
            verdict, name = "ok", f"{name} # SKIP {reason}"
        except Exception:
            verdict = "not ok"
            failed += 1
            for line in traceback.format_exc().splitlines():
                note(line)
        signal.alarm(0)
        print(f"{verdict} {number} - {name}", flush=True)
        took = time.monotonic() - begin
        if took > 3:
            note(f"took {took:.1f} s")
    print(f"1..{len(CASES)}", flush=True)
    sys.exit(bool(failed))


def check_log(log, also):
    unload()
    equal(log.unexpected(also), [], "dmesg")


def command(*words, **options):
    """Run a program that must not fail. Return: what it printed."""
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode:
        raise AssertionError(f"{words}: {done.stderr or done.stdout}")
    return done.stdout


def is_loaded():
    return os.path.exists("/sys/module/tcptrace")


def load(**parameters):
    """Insert the module afresh."""
    unload()
    command("insmod", os.environ["TCPTRACE_KO"],
            *(f"{key}={value}" for key, value in parameters.items()))


def unload():
    if is_loaded():
        command("rmmod", "tcptrace")


def get_parameter(name):
    with open(PARAMETERS + name) as file:
        return int(file.read())


def set_parameter(name, value):
    # unbuffered: the error belongs to the write. "w" would create what has gone
    with open(PARAMETERS + name, "r+b", buffering=0) as file:
        file.write(str(value).encode() or b"\n")


@contextlib.contextmanager
def parameter(name, value):
    """Set it for a while."""
    before = get_parameter(name)
    set_parameter(name, value)
    try:
        yield
    finally:
        set_parameter(name, before)


def compiled(text):
    """An expression of tcpdump, which compiles it."""
    done = command("tcpdump", "-y", "RAW", "-ddd", *text.split())
    return [tuple(map(int, line.split())) for line in done.splitlines()[1:]]


class Reader:
    """An open device. Closed by with."""

    def __init__(self, *types, flags=os.O_NONBLOCK):
        self.fd = os.open(DEVICE, os.O_RDONLY | os.O_CLOEXEC | flags)
        if types:
            self.mask(*types)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def mask(self, *types):
        self.set_mask(sum(1 << kind for kind in types))

    def set_mask(self, bits):
        fcntl.ioctl(self.fd, IOC_MASK, struct.pack("=I", bits))

    def all_netns(self, on=1):
        fcntl.ioctl(self.fd, IOC_ALL_NETNS, struct.pack("=I", on))

    def set_filter(self, program, pad=0, count=None, address=None):
        """A program of (code, jt, jf, k); its length and address may lie."""
        data = ctypes.create_string_buffer(b"".join(
            struct.pack("=HBBI", *insn) for insn in program))
        fcntl.ioctl(self.fd, IOC_FILTER, struct.pack(
            "=QII", ctypes.addressof(data) if address is None else address,
            len(program) if count is None else count, pad))

    def filter(self, text):
        self.set_filter(compiled(text))

    def clock(self, clock):
        fcntl.ioctl(self.fd, IOC_CLOCK, struct.pack("=I", clock))

    def wake(self, size, delay_ms=0):
        fcntl.ioctl(self.fd, IOC_WAKE, struct.pack("=II", size, delay_ms))

    def resize(self, size):
        """Return: the size that it became."""
        data = fcntl.ioctl(self.fd, IOC_RING, struct.pack("=I", size))
        return struct.unpack("=I", data)[0]

    def info(self):
        return Info(self.fd)

    def read(self, size=1 << 16):
        return parse(os.read(self.fd, size))

    def drain(self):
        """All that waits; or traffic may be faster than what is made of it."""
        data = b""
        while True:
            try:
                data += os.read(self.fd, 1 << 16)
            except BlockingIOError:
                return parse(data)

    def collect(self, condition, what, patience=PATIENCE):
        """Read until condition(records). Return: the records."""
        records = []

        def done():
            records.extend(self.drain())
            return condition(records)
        until(done, what, patience)
        return records

    def poll(self, timeout=0):
        poller = select.poll()
        poller.register(self.fd, select.POLLIN)
        events = poller.poll(timeout)
        return events[0][1] if events else 0


def check_sequence(records, begin=0):
    """Numbers without a hole but where a LOST says so. Return: what is lost."""
    lost = 0
    for record in records:
        equal(record.seq, begin, f"seq of {record}")
        step = record.count if record.type == LOST else 1
        lost += step if record.type == LOST else 0
        begin += step
    return lost


def state_of(pid):
    """S sleeps, T is stopped; all its threads."""
    letters = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/{pid}/task/{task}/stat") as file:
            letters.add(file.read().rsplit(")", 1)[1].split()[0])
    return "".join(sorted(letters))


class Child:
    """A function in a process of its own; its end and its words are awaited."""

    def __init__(self, function, *arguments):
        self.ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            self.ours.close()
            status = 1
            try:
                function(theirs, *arguments)
                status = 0
            except BaseException:
                for line in traceback.format_exc().splitlines():
                    note("child:", line)
            os._exit(status)
        theirs.close()
        self.ours.settimeout(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ours.close()
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def hear(self, size=1):
        return self.ours.recv(size)

    def say(self, word=b"."):
        self.ours.sendall(word)

    def sleeps(self):
        until(lambda: state_of(self.pid) == "S", "sleep of a child")

    def stop(self):
        os.kill(self.pid, signal.SIGSTOP)
        until(lambda: state_of(self.pid) == "T", "stop of a child")

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def end(self):
        """It must end well."""
        status = []

        def gone():
            pid, code = os.waitpid(self.pid, os.WNOHANG)
            status.append(code)
            return pid
        until(gone, "end of a child")
        self.pid = 0
        equal(status[-1], 0, "exit of a child")


def table(path="/proc/self/net/tcptrace"):
    """The connections, as dicts by the names of the first line."""
    with open(path) as file:
        names, *lines = [line.split() for line in file]
    return [dict(zip(names, line)) for line in lines]


def stats_of(path):
    """Counters of a file, all CPUs; entries is the same on each."""
    with open(path) as file:
        names, *lines = [line.split() for line in file]
    rows = [[int(word, 16) for word in line] for line in lines]
    total = dict(zip(names, map(sum, zip(*rows))))
    total["entries"] = rows[0][0]
    return total


def stats(path="/proc/self/net/stat/tcptrace"):
    """The counters of a namespace, which are in two files."""
    return stats_of(path) | stats_of(path + "_odd")


def grown(before, after):
    """Counters that moved. Events are another matter."""
    return {name: after[name] - before[name] for name in after
            if after[name] != before[name] and
            name not in ("entries", "events", "lost")}
