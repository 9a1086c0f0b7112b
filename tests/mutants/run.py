#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""run.py [--short] [--list] [--jobs N] [PATTERN...]

Run the mutation tests. Each patch in this folder plants one bug and names the
test that must then fail. The patch is applied to a copy of the tree, in which
the test is built and run. Prints TAP: a case for each mutant, and a case for
each test on the unchanged tree, where the test must pass (one case for all VM
scripts). It is a failure if a patch does not apply, or if a mutant does not
build. With --short, run only the mutants with "Short: yes", and no test on the
unchanged tree. With --list, only print the names of the mutants and their
tests.

A patch begins with a sentence that describes the bug, followed by these fields:

Test:    kunit SUITES | client NAMES | diff | fuzz TARGET | vm SCRIPT
         SUITES is a glob; NAMES is a part of the names of the cases to run
Case:    a part of the name of a test case that must fail
Report:  a part of what the kernel or the test must print
Short:   yes: the mutant is a part of "make check"

If a test crashes or hangs before a case fails, it catches the mutant only if
the patch has no Case, and the output contains Report.
"""
import argparse
import fcntl
import fnmatch
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.join(TOP, "build", "mutants")
LOG = os.path.join(TOP, "build", "log", "mutants")
SERIES = "6.1"
FIELDS = ("Test", "Case", "Report", "Short")
# time limits in seconds; the tests are run in this order
LIMITS = {"kunit": 150, "client": 180, "diff": 120, "fuzz": 120, "vm": 420}
BUILD_LIMIT = 900	# seconds; a build from nothing takes less than 120
QUICK = {"LTO": "", "CFLAGS": "-O1"}
FUZZ_RUNS = "5000"


class Failure(Exception):
    """Says why a mutant or a test has failed."""


class Mutant:
    """A mutant: its patch, and the fields in the header of the patch."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-len(".patch")]
        self.fields = {}
        with open(path, encoding="utf-8") as file:
            header = file.read().partition("\n--- ")[0]
        for line in header.splitlines():
            word, colon, rest = line.partition(": ")
            if colon and word in FIELDS:
                self.fields[word] = rest.strip()
        self.test = tuple(self.fields.get("Test", "").split(None, 1))
        if not self.test or self.test[0] not in LIMITS:
            raise SystemExit(f"{path}: no test")

    def judge(self, status, output):
        """Raise a Failure if the test did not catch the mutant; @status: the
        test's exit status."""
        bad = re.findall(r"^\s*not ok .*", output, re.MULTILINE)
        case, report = self.fields.get("Case"), self.fields.get("Report")
        if status == 0:
            raise Failure("it survives: the test passes")
        if case and not any(case in line for line in bad):
            raise Failure(f"the test fails, but not in '{case}'")
        if report and report not in output:
            raise Failure(f"the test fails, but does not say '{report}'")
        if not (case or report or bad):
            raise Failure("the test fails without a failed case")


class Worker(threading.Thread):
    """Runs jobs in its copy of the tree, which keeps its objects."""

    groups = set()
    stop = False

    def __init__(self, number, jobs, report):
        super().__init__(daemon=True)
        self.jobs = jobs
        self.report = report
        self.tree = os.path.join(FOLDER, str(number))
        self.output = ""

    def run(self):
        while not self.stop:
            try:
                job = self.jobs.get_nowait()
            except queue.Empty:
                return
            begin = time.monotonic()
            self.output = ""
            try:
                job(self)
                why = None
            except Exception as failure:
                why = f"{type(failure).__name__}: {failure}" if not isinstance(
                    failure, Failure) else str(failure)
            if not self.stop:
                self.report(job, why, self.output, time.monotonic() - begin)

    def call(self, limit, *command, env=None):
        """Run a command, and add its output to self.output. Return: its exit
        status."""
        process = subprocess.Popen(
            command, cwd=self.tree, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, env={**os.environ, **(env or {})})
        self.groups.add(process.pid)
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            kill(process.pid, signal.SIGTERM)
            try:
                output, _ = process.communicate(timeout=15)
            except subprocess.TimeoutExpired:
                kill(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
            output += f"# stopped after {limit} s\n".encode()
        self.groups.discard(process.pid)
        self.output += output.decode(errors="replace")
        return process.returncode

    def must(self, what, *command, env=None):
        if self.call(BUILD_LIMIT, *command, env=env):
            raise Failure(what)

    def mirror(self, test):
        """Update the copy of the tree. Changed files get the current time, so
        that make rebuilds their objects."""
        os.makedirs(self.tree, exist_ok=True)
        if test[0] == "kunit":
            self.must("no kernel to begin with", TOP + "/tests/lib/umlcopy.sh",
                      SERIES, self.tree + "/build/cache")
        self.must("no copy of the tree", "rsync", "-rlp", "--checksum",
                  "--delete", "--exclude=/.git", "--exclude=/build",
                  "--exclude=__pycache__", TOP + "/", self.tree + "/")

    def apply(self, mutant):
        self.must("the patch does not apply", "patch", "-p1", "-F1", "-s",
                  "-N", "-r", "-", "--no-backup-if-mismatch", "-i",
                  mutant.path)

    def build(self, test):
        builders[test[0]](self, test)

    def try_test(self, test):
        """Run the test after build(). Return: its exit status."""
        command, env = commands[test[0]](self, *test[1:])
        limit = LIMITS[test[0]]
        if test[0] == "vm":
            limit *= len(test[1].split())
        return self.call(limit, *command, env=env)


def kill(group, number):
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        pass


def own_cache(worker):
    return {"TCPTRACE_CACHE": worker.tree + "/build/cache"}


def build_kunit(worker, _):
    worker.must("it does not build", "tests/lib/uml.sh", "--build", SERIES,
                env=own_cache(worker))


def build_client(worker, test):
    where = "userspace" if test[0] != "client" else "client-tests/gcc"
    worker.must("it does not build", "make", "-s", "-C", "userspace",
                "CC=gcc", f"BUILD={worker.tree}/build/{where}", env=QUICK)


def build_fuzz(worker, _):
    worker.must("it does not build", "make", "-s", "-C", "tests/fuzz", "-j2",
                f"BUILD={worker.tree}/build/fuzz")


def release():
    return subprocess.run([TOP + "/tests/lib/kernel.sh", "headers", SERIES],
                          check=True, stdout=subprocess.PIPE,
                          encoding="utf-8").stdout.strip()


def build_vm(worker, test):
    version = release()
    worker.must("it does not build", "tests/lib/module.sh", version)
    if "75-races" in test[1] or "64-hook-error" in test[1]:
        worker.must("it does not build", "tests/lib/module.sh", "--in",
                    version + "-delay", version, "CONFIG_TCPTRACE_DELAY=y")
    build_client(worker, test)
    for script in ("compat.sh", "hostile.sh"):
        worker.must("it does not build", "tests/lib/" + script)


def run_kunit(worker, suites):
    return ("tests/lib/uml.sh", SERIES, suites), own_cache(worker)


def run_client(_, names=""):
    return ("tests/client.sh", "--only", names), QUICK


def run_diff(_):
    return ("tests/diff.sh", "--scenes"), QUICK


def run_fuzz(worker, target):
    # delete the corpus of an earlier run, which would affect this run
    shutil.rmtree(worker.tree + "/build/fuzz/corpus", ignore_errors=True)
    return ("tests/fuzz/run.sh", "60", target), {"FUZZ_RUNS": FUZZ_RUNS,
                                                 "FUZZ_SHRINK": "n"}


def run_vm(worker, names):
    found = [f"tests/vm/{file}" for name in names.split()
             for file in sorted(os.listdir(worker.tree + "/tests/vm"))
             if os.path.splitext(file)[0] == name]
    if len(found) != len(names.split()):
        raise Failure(f"no script in tests/vm for {names}")
    return ("tests/lib/vm.sh", "run", SERIES, "--timeout", "300", *found), {}


builders = {"kunit": build_kunit, "client": build_client, "diff": build_client,
            "fuzz": build_fuzz, "vm": build_vm}
commands = {"kunit": run_kunit, "client": run_client, "diff": run_diff,
            "fuzz": run_fuzz, "vm": run_vm}


class Baseline:
    """Runs a test on the unchanged tree, where the test must pass."""

    def __init__(self, test):
        self.test = test
        self.name = "no-mutant-" + re.sub(r"\W+", "-", " ".join(test))
        self.title = "without a mutant: passes"

    def __call__(self, worker):
        worker.mirror(self.test)
        worker.build(self.test)
        if worker.try_test(self.test):
            raise Failure("the test fails")


class Attempt:
    """Runs a test on a mutant, which the test must catch."""

    def __init__(self, mutant):
        self.mutant = mutant
        self.test = mutant.test
        self.name = mutant.name
        self.title = f"{mutant.name}: fails"

    def __call__(self, worker):
        worker.mirror(self.test)
        worker.apply(self.mutant)
        worker.build(self.test)
        self.mutant.judge(worker.try_test(self.test), worker.output)


def read_mutants(args):
    names = sorted(n for n in os.listdir(HERE) if n.endswith(".patch"))
    mutants = [Mutant(os.path.join(HERE, name)) for name in names]
    patterns = args.pattern or ["*"]
    return [m for m in mutants
            if any(fnmatch.fnmatch(m.name, p) for p in patterns) and
            (not args.short or m.fields.get("Short") == "yes")]


def baselines(mutants):
    """Return a Baseline for each test; a single Baseline runs all VM scripts in
    one VM."""
    tests = {m.test for m in mutants}
    scripts = sorted({" ".join(t[1:]) for t in tests if t[0] == "vm"})
    tests = {t for t in tests if t[0] != "vm"}
    if scripts:
        tests.add(("vm", " ".join(scripts)))
    return [Baseline(t) for t in tests]


def jobs_of(mutants, short):
    """Return the jobs, with the baselines first. If @short, omit the baselines:
    other sections of make check run these tests."""
    def place(job):
        return list(LIMITS).index(job.test[0])

    first = [] if short else baselines(mutants)
    return (sorted(first, key=place) +
            sorted(map(Attempt, mutants), key=place))


class Tap:
    """Prints the result of each job when the job has ended."""

    def __init__(self):
        self.lock = threading.Lock()
        self.number = self.failed = 0

    def report(self, job, why, output, seconds):
        with self.lock:
            self.number += 1
            self.failed += why is not None
            with open(os.path.join(LOG, job.name), "w",
                      encoding="utf-8") as file:
                file.write(output)
            if why:
                print(f"# {why}; see {file.name}")
                for line in output.splitlines()[-12:]:
                    print("#   " + line)
            print("ok" if why is None else "not ok", self.number, "-",
                  job.title, " ".join(job.test), f"({seconds:.0f} s)",
                  flush=True)


def run_jobs(jobs, number):
    todo, tap = queue.Queue(), Tap()
    for job in jobs:
        todo.put(job)
    workers = [Worker(n, todo, tap.report) for n in range(number)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        Worker.stop = True
        for group in list(Worker.groups):
            kill(group, signal.SIGTERM)
    print(f"1..{tap.number}")
    return 1 if tap.failed else 0


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count(), 4))
    parser.add_argument("pattern", nargs="*")
    args = parser.parse_args()
    mutants = read_mutants(args)
    if args.list:
        for mutant in mutants:
            print(f"{mutant.name:40} {' '.join(mutant.test)}")
        return 0
    if not mutants:
        raise SystemExit("no mutant of that name")
    for folder in (FOLDER, LOG):
        os.makedirs(folder, exist_ok=True)
    signal.signal(signal.SIGTERM, interrupt)
    with open(os.path.join(FOLDER, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return run_jobs(jobs_of(mutants, args.short), args.jobs)


if __name__ == "__main__":
    sys.exit(main())
