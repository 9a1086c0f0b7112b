# SPDX-License-Identifier: GPL-2.0
"""Run test cases, and print their results as TAP."""
import signal
import sys
import time
import traceback

import kmsg
import module
from check import SLOW, Skip, equal, note
from kernel import want_ipv6
from netns import Netns

CASE_LIMIT = 500 * SLOW	# seconds for a case
CASES = []


def case(name):
    """Register a function as the test case with this name."""
    def register(function):
        CASES.append((name, function))
        return function
    return register


def by_family(title, ipv4, ipv6):
    """Register a case for each address family. The function is called with the
    addresses of the family."""
    def register(function):
        def run_ipv6():
            want_ipv6()
            function(*ipv6)
        CASES.append((f"{title}, IPv4", lambda: function(*ipv4)))
        CASES.append((f"{title}, IPv6", run_ipv6))
        return function
    return register


def on_alarm(*_):
    raise AssertionError("the case takes too long")


def run_case(number, name, function, limit):
    """Run a case, and print its result. Return: whether it passed."""
    begin = time.monotonic()
    verdict = "ok"
    signal.alarm(limit)
    try:
        function()
    except Skip as reason:
        name += f" # SKIP {reason}"
    except Exception:
        verdict = "not ok"
        note(traceback.format_exc())
    signal.alarm(0)
    print(f"{verdict} {number} - {name}", flush=True)
    took = time.monotonic() - begin
    if took > 3:
        note(f"took {took:.1f} s")
    return verdict == "ok"


def run(also=r"\0", limit=CASE_LIMIT):
    """Run the cases, each with a time limit in seconds, and exit. The last case
    checks the kernel log, which may have lines that match @also."""
    log = kmsg.Kmsg()

    def check_log():
        Netns.delete_all()
        module.unload()
        equal(log.unexpected(also), [], "lines of the kernel log")
    CASES.append(("the kernel log has only the module's load messages",
                  check_log))
    signal.signal(signal.SIGALRM, on_alarm)
    print(f"1..{len(CASES)}", flush=True)
    passed = [run_case(number, *entry, limit)
              for number, entry in enumerate(CASES, 1)]
    sys.exit(not all(passed))
