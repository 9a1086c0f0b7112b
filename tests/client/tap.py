# SPDX-License-Identifier: GPL-2.0
"""Run named test cases on each build of the client, and print TAP."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import records
import schema

CASES = []
TIMEOUT = 60	# seconds; the machine may be busy
TOP = os.path.join(os.path.dirname(__file__), "..", "..")


def version():
    """Return: the version in module/version.h."""
    with open(os.path.join(TOP, "module", "version.h"),
              encoding="ascii") as file:
        return re.search(r'TCPTRACE_VERSION\s+"(.+)"', file.read())[1]


VERSION = version()


class Skip(Exception):
    """Raised by a case that need not or cannot run here."""


def case(name):
    """Register a function(client) under a name."""
    def register(function):
        CASES.append((name, function))
        return function
    return register


def cases(name, rows):
    """Register a function(client, *values) once for each row (name,
    *values)."""
    def register(function):
        for row in rows:
            CASES.append((f"{name}: {row[0]}",
                          lambda client, row=row: function(client, *row[1:])))
        return function
    return register


def equal(got, want, what="value"):
    if got != want:
        raise AssertionError(f"{what}:\n got {got!r}\nwant {want!r}")


def contains(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"no {part!r} in {text!r}")


def one_line(text):
    equal(text.count("\n"), 1, f"lines of {text!r}")


def until(condition, what):
    """Wait for a condition, but no longer than TIMEOUT."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("no " + what)
        os.sched_yield()


class Client:
    """Runs one build of tcptracectl, and has a directory for its files."""

    def __init__(self, label, program, shim):
        self.label = label
        self.program = os.path.abspath(program)
        self.shim = os.path.abspath(shim)
        self.dir = tempfile.mkdtemp(prefix="tcptracectl.")
        os.chmod(self.dir, 0o755)
        self.sanitized = "asan" in label

    def env(self, **more):
        env = dict(os.environ, TZ="UTC", LC_ALL="C", TERM="xterm")
        env.pop("NO_COLOR", None)
        env.update(more)
        return env

    def shim_env(self, **more):
        """Return an environment that loads the fake device."""
        return self.env(LD_PRELOAD=self.shim,
                        ASAN_OPTIONS="verify_asan_link_order=0:detect_leaks=0",
                        **more)

    def path(self, name, data=None):
        path = os.path.join(self.dir, name)
        if data is not None:
            with open(path, "wb") as file:
                file.write(data if isinstance(data, bytes) else data.encode())
        return path

    def records(self, name):
        return self.path(name, getattr(records, "make_" + name)())

    def fifo(self):
        path = self.path("fifo")
        if not os.path.exists(path):
            os.mkfifo(path)
        return path

    def run(self, *args, code=0, env=None, **more):
        """Run the client until it exits, and check its exit status and its
        lines of JSON. Return: stdout and stderr."""
        more.setdefault("stdout", subprocess.PIPE)
        if "input" not in more:
            more.setdefault("stdin", subprocess.DEVNULL)
        done = subprocess.run([self.program, *args], stderr=subprocess.PIPE,
                              timeout=TIMEOUT, env=env or self.env(),
                              check=False, **more)
        out = (done.stdout or b"").decode()
        err = done.stderr.decode()
        if "Sanitizer" in err or "runtime error" in err:
            raise AssertionError(err)
        if done.returncode != code:
            raise AssertionError(f"exit {done.returncode}, not {code}\n"
                                 f"stdout {out[-500:]}\nstderr {err}")
        for line in out.splitlines():
            if line.startswith("{"):
                schema.check(line)
        return out, err

    def replay(self, data, *args, **more):
        """Return the events that watch prints for a capture, parsed from
        JSON."""
        out, _ = self.run("watch", "-r", self.path("capture", data), "--json",
                          *args, **more)
        return [json.loads(line) for line in out.splitlines()]

    def counts(self, data, *args, **more):
        """Return the nonzero counters that stats prints for a capture."""
        out, _ = self.run("stats", "-r", self.path("capture", data), "--json",
                          *args, **more)
        return {name: n for name, n in json.loads(out).items() if n}

    def watch(self, name, *args, code=0, **more):
        return self.run("watch", "--device", self.records(name), *args,
                        code=code, **more)

    def start(self, *args, env=None, **more):
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.Popen([self.program, *args], env=env or self.env(),
                                stderr=subprocess.PIPE, **more)


def too_long(*_):
    raise AssertionError("hangs")


def run_client(client, chosen, number):
    """Run the cases on one build. Return: how many failed."""
    signal.signal(signal.SIGALRM, too_long)
    failed = 0
    for name, function in chosen:
        number += 1
        title = f"{number} - {client.label}: {name}"
        signal.alarm(3 * TIMEOUT)
        try:
            function(client)
            print(f"ok {title}", flush=True)
        except Skip as reason:
            print(f"ok {title} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {title}")
            for line in traceback.format_exc().splitlines()[3:]:
                print("# " + line[:2000])
    signal.alarm(0)
    return failed


def start_client(client, chosen, number):
    """Start a process that runs the cases on one build. Return: its PID, and
    the file that gets its output."""
    out = tempfile.TemporaryFile("w+")
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        os.dup2(out.fileno(), 1)
        failed = run_client(client, chosen, number)
        sys.stdout.flush()
        os._exit(failed != 0)
    return pid, out


def run_all(clients, only=""):
    """Run the cases on all builds in parallel. Return: whether any case
    failed."""
    chosen = [(name, function) for name, function in CASES if only in name]
    print(f"1..{len(chosen) * len(clients)}", flush=True)
    failed = False
    for pid, out in [start_client(client, chosen, i * len(chosen))
                     for i, client in enumerate(clients)]:
        failed |= os.waitpid(pid, 0)[1] != 0
        with out:
            out.seek(0)
            sys.stdout.write(out.read())
    return failed
