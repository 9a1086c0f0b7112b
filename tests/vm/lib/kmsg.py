# SPDX-License-Identifier: GPL-2.0
"""Search the kernel log. Scripts in the guest fail if it has unknown lines.
vm.sh runs kmsg.py CONSOLE, which searches the console for the kernel's reports
since the tests began."""
import os
import re
import sys

# Lines that the kernel may write while the tests run.
QUIET = re.compile("|".join((
    r"tcptrace: \d+ buckets, up to \d+ connections, \d+ bytes each$",
    r"tcptrace: loading out-of-tree module taints kernel",
    r"tcptrace: module verification failed: signature",
    r"tcptrace: limits reached in network namespace \d+: ",
    r"IPv6: ADDRCONF\(NETDEV_CHANGE\): ", r"guest\.sh: ",
    r"netem: version \S+$", r"show_signal_msg: \d+ callbacks suppressed",
    # emulated CPUs may have to wait
    r"hrtimer: interrupt took", r"clocksource: ", r"CE: hpet increased min_delta",
    r"watchdog: BUG: soft lockup",
    r"rcu: INFO: rcu_\w+ detected (expedited )?stalls", r"sched: RT throttling",
    r"kmemleak: \d+ new suspected",	# tests/debug/end.py checks these
    # 6.12 prints this when a program writes a file in the guest's overlay
    r"evm: overlay not supported$",
    r"workqueue: \S+ hogged CPU", r"perf: interrupt took too long",
)))

TITLE = re.compile("|".join((
    r"WARNING: ", r"\bBUG\b", r"\bOops\b", r"Kernel panic", r"refcount_t:",
    r"protection fault", r"ODEBUG: ", r"INFO: task .* blocked",
    r"INFO: trying to register", r"kmemleak: (Cannot|Not enough)",
    r"pagealloc: ", r"unregister_netdevice: waiting", r"Call Trace:",
    r"FAULT_INJECTION: ", r"allocation failure", r"vmalloc error: ",
    r"failed with error -\d+", r"could not get directory: ",
)))
RULER = re.compile(r"={60,}$")
END = re.compile(r" *</TASK>$|---\[ end trace")
LONGEST = 150	# lines of a report

# These reports are no errors: soft lockups (see QUIET), injected faults, and the
# reports about a lack of memory that follow these faults.
FAULT = re.compile(r"FAULT_INJECTION: ")
SHORTAGE = re.compile(
    r"allocation failure|vmalloc error: |failed with error -12|"
    r"could not get directory: .* -12|kmemleak: Cannot allocate|"
    # the allocation of the cache's name failed
    r"kmem_cache_create\w*\(tcpt_\w+\) failed with error -22|"
    r"WARNING: .* at kernel/trace/trace_events\.c")
SOFT_LOCKUP = re.compile(r"watchdog: BUG: soft lockup")
KCSAN = re.compile(r"BUG: KCSAN: ")
OURS = re.compile(r"\btcpt_|\btcptrace\b|\[tcptrace\]")
ACCESS = re.compile(r"(read|write)\b.* to 0x")
INTERRUPT = re.compile(r" asm_(sysvec|common_interrupt|exc)")


class Report:
    """One report of the kernel: its title, and the lines up to its end."""

    def __init__(self, line, script, short):
        self.lines = [line]
        self.script = script
        self.short = short	# faults are injected
        # reports of KASAN and KCSAN continue after a trace
        self.end = RULER if re.search(r"BUG: K\w+: ", line) else END

    def add(self, line):
        """Add a line. Return: whether the report continues."""
        self.lines.append(line)
        return not self.end.match(line) and len(self.lines) < LONGEST

    def intended(self):
        title = self.lines[0]
        return (FAULT.search(title) or SOFT_LOCKUP.search(title) or
                (self.short and SHORTAGE.search(title)))

    def counts(self):
        return not self.intended() and not self.foreign()

    def is_ours(self):
        """Check whether the report of a data race mentions the module, except as
        the code that an interrupt has interrupted."""
        interrupted = False
        for line in self.lines:
            if ACCESS.match(line):
                interrupted = False
            if not interrupted and OURS.search(line):
                return True
            interrupted = interrupted or INTERRUPT.match(line)
        return False

    def foreign(self):
        """Check whether the report is about a data race outside the module."""
        return KCSAN.search(self.lines[0]) and not self.is_ours()


def split(lines):
    """Return: the reports, and the lines that belong to no report."""
    reports, rest, report, script, short = [], [], None, "", False
    for line in lines:
        begin = re.search(r"guest\.sh: begin (\S+)", line)
        if begin:
            report, script, short = None, begin[1], False
        if report:
            report = report if report.add(line) else None
        elif TITLE.search(line):
            short = short or bool(FAULT.search(line))
            report = Report(line, script, short)
            reports.append(report)
        elif not RULER.match(line):
            rest.append(line)
    return reports, rest


class Kmsg:
    """The lines of the kernel log that are added after __init__()."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)

    def lines(self):
        while True:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return
            except BrokenPipeError:	# the oldest lines were overwritten
                continue
            yield record.partition(";")[2].splitlines()[0]

    def unexpected(self, also=r"\0"):
        """Return: the lines of reports that are neither intended nor foreign,
        and other lines that neither QUIET nor @also matches."""
        reports, rest = split(self.lines())
        return [line for report in reports if report.counts()
                for line in report.lines] + [
                    line for line in rest
                    if not QUIET.match(line) and not re.match(also, line)]


def main():
    """Print the kernel's reports in a console log since the tests began, except
    intended and foreign reports. Exit 1 if any report was printed."""
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        lines = [re.sub(r"^\[ *[0-9.]+\] ", "", line.rstrip("\r\n"))
                 for line in file]
    begin = [n for n, line in enumerate(lines) if "tests begin" in line]
    reports, _ = split(lines[begin[0]:] if begin else [])
    foreign = sum(bool(report.foreign()) for report in reports)
    reports = [report for report in reports if report.counts()]
    if foreign:
        print(f"# {foreign} data races outside of the module, ignored")
    for report in reports:
        print(f"# report of the kernel in {report.script}:")
        print("\n".join("#   " + line for line in report.lines))
    sys.exit(bool(reports))


if __name__ == "__main__":
    main()
