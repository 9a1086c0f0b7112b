# SPDX-License-Identifier: GPL-2.0
"""Test the other files that are built or installed with the client."""
import errno
import os
import pty
import re
import select
import shutil
import subprocess
import time

import schema
from cli import COMMANDS
from tap import TIMEOUT, TOP, Skip, case, cases, contains, equal

USERSPACE = os.path.join(TOP, "userspace")


def make(client, *args, code=0):
    done = subprocess.run(["make", "-C", USERSPACE, "--no-print-directory",
                           "BUILD=" + os.path.dirname(client.program), *args],
                          capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(done.stdout + done.stderr)
    return done.stderr


@case("make install: program, manual, completion, examples")
def install(client):
    if client.sanitized:
        raise Skip("testing one build is enough")
    root = client.path("root")
    make(client, "install", "DESTDIR=" + root, "PREFIX=/usr")
    for path in ("sbin/tcptracectl", "share/man/man8/tcptracectl.8",
                 "share/bash-completion/completions/tcptracectl",
                 "share/zsh/site-functions/_tcptracectl",
                 "share/fish/vendor_completions.d/tcptracectl.fish",
                 "share/doc/tcptrace/examples/reader.c",
                 "share/doc/tcptrace/examples/mmap.c",
                 "share/doc/tcptrace/examples/closes.bt",
                 "share/doc/tcptrace/prometheus/tcptrace.rules.yml",
                 "share/doc/tcptrace/prometheus/dashboard.json",
                 "lib/systemd/system/tcptrace-export.service"):
        if not os.path.exists(os.path.join(root, "usr", path)):
            raise AssertionError(path)


@case("version and the installed manual agree")
def manual_version(client):
    if client.sanitized:
        raise Skip("testing one build is enough")
    root = client.path("root")
    make(client, "install", "DESTDIR=" + root, "PREFIX=/usr")
    with open(os.path.join(root, "usr/share/man/man8/tcptracectl.8"),
              encoding="utf-8") as file:
        title = re.search(r'^\.TH TCPTRACECTL 8 \S+ "(.+?)"', file.read(),
                          re.MULTILINE)
    out, _ = client.run("version")
    equal(title[1], "tcptrace " + out.split()[1])


def example(client, name, code, **shim):
    """Run an example program on the fake device. Return: stdout and stderr."""
    program = os.path.join(os.path.dirname(client.program), name)
    done = subprocess.run([program], env=client.shim_env(**{
        key: str(value) for key, value in shim.items()}), text=True,
        capture_output=True, check=False, timeout=TIMEOUT)
    equal(done.returncode, code, done.stderr)
    return done.stdout, done.stderr


@case("the examples: no device, and the end of its namespace")
def examples(client):
    for name in "example-reader", "example-mmap":
        out, err = example(client, name, 1, SHIM_OPEN=errno.EPERM)
        equal((out, err), ("", "/dev/tcptrace: Operation not permitted\n"))
    equal(example(client, "example-reader", 0, SHIM_READ=errno.ENODEV),
          ("0 records, 0 lost\n", ""))
    equal(example(client, "example-reader", 1, SHIM_READ=errno.EIO),
          ("0 records, 0 lost\n", "/dev/tcptrace: Input/output error\n"))


@case("make: a missing package in one line")
def missing(client):
    err = make(client, "PKG_CONFIG=false", code=2)
    contains(err, "libpcap is missing: apt-get install libpcap-dev")
    equal(err.count("\n"), 1)
    err = make(client, "PKG_CONFIG=none-such", code=2)
    contains(err, "none-such is missing: apt-get install pkg-config")
    equal(err.count("\n"), 1)


def manual():
    with open(os.path.join(USERSPACE, "tcptracectl.8"),
              encoding="utf-8") as file:
        return file.read()


@case("the manual has no warning")
def manual_warnings(client):
    if not shutil.which("man"):
        raise Skip("no man")
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8",
                           os.path.join(USERSPACE, "tcptracectl.8")],
                          capture_output=True, text=True, check=False,
                          env=client.env(MANWIDTH="80"))
    equal((done.returncode, done.stderr), (0, ""))


@case("the manual has every member of the JSON of list, in its section")
def manual_list(_client):
    section = re.search(r"^\.SH JSON OF list$(.*?)^\.SH", manual(),
                        re.M | re.S)[1]
    members = schema.SCHEMA["$defs"]["list"]["properties"]
    equal(sorted(set(members) - set(re.findall(r"\w+", section))), [])


@case("the manual has every option and every JSON name")
def manual_complete(client):
    text = manual().replace("\\-", "-")
    words = set(re.findall(r"[\w-]+", text))
    for command in COMMANDS:
        out, _ = client.run(command, "--help")
        for option in re.findall(r"--[a-z-]+", out):
            if option not in text:
                raise AssertionError(f"{command} {option}")
    names = set()
    for name in ("session", "lost", "marks", "options", "analysis",
                 "counters", "suspected", "limit", "finding", "fate"):
        out, _ = client.watch(name, "--json", "-e", "all")
        names |= set(re.findall(r'"(\w+)":', out))
    out, _ = client.run("show", "-r", os.path.join(
        USERSPACE, "..", "tests", "cases", "08-probes-unanswered.pcap"),
        "--json", "1")
    names |= set(re.findall(r'"(\w+)":', out))
    out, _ = client.run("explain", "--device", client.records("session"),
                        "--json")
    names |= set(re.findall(r'"(\w+)":', out))
    if names - words:
        raise AssertionError(names - words)


def complete(client, *words):
    script = os.path.join(USERSPACE, "tcptracectl.bash-completion")
    line = " ".join(words)
    command = f"""set -u
. '{script}'
COMP_WORDS=({' '.join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1}
COMP_LINE='{line}' COMP_POINT={len(line)}
_tcptracectl
printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", command], capture_output=True,
                          text=True, check=False, env=client.env())
    equal(done.stderr, "")
    return done.stdout.split()


@case("bash completion")
def completion(client):
    equal(sorted(complete(client, "tcptracectl", "")),
          sorted([*COMMANDS, "help"]))
    equal(complete(client, "tcptracectl", "watch", "--js"), ["--json"])
    equal(complete(client, "tcptracectl", "watch", "--events", "es"),
          ["established"])
    equal(complete(client, "tcptracectl", "watch", "--events", "open,es"),
          ["open,established"])
    equal(complete(client, "tcptracectl", "list", "--state", "syn"),
          ["syn-sent", "syn-received"])
    for command in COMMANDS:
        out, _ = client.run(command, "--help")
        have = complete(client, "tcptracectl", command, "--")
        for option in set(re.findall(r"--[a-z-]+", out)):
            if option not in have and option + "=" not in have:
                raise AssertionError(f"{command} {option} {have}")


# options whose values the shells complete
VALUED = [("watch", "--events"), ("record", "-e"), ("explain", "--level"),
          ("explain", "--lang"), ("ladder", "--color"), ("watch", "--time"),
          ("list", "--state"), ("list", "--finding"), ("show", "-i")]


def run_shell(client, shell, script):
    if not shutil.which(shell):
        raise Skip("no " + shell)
    path = os.path.dirname(client.program) + ":" + os.environ["PATH"]
    done = subprocess.run([shell, *{"zsh": ["-f"], "fish": ["-N"]}[shell],
                           "-c", script], capture_output=True, text=True,
                          check=False, timeout=TIMEOUT,
                          env=client.env(PATH=path, HOME=client.dir))
    equal(done.stderr, "")
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def zsh(client, *commands):
    script = os.path.join(USERSPACE, "tcptracectl.zsh-completion")
    return run_shell(client, "zsh", "\n".join(
        ["compdef() { }", f". '{script}'", *commands]))


def fish(client, *words):
    script = os.path.join(USERSPACE, "tcptracectl.fish")
    line = " ".join(["tcptracectl", *words])
    return run_shell(client, "fish", f"source '{script}'\ncomplete -C '{line}'")


@case("zsh and fish completion: the options and values of bash")
def other_shells(client):
    if client.sanitized:
        raise Skip("testing one build is enough")
    equal(sorted(fish(client, "")), sorted([*COMMANDS, "help"]))
    for command in COMMANDS:
        out, _ = client.run(command, "--help")
        want = set(re.findall(r"--[a-z-]+", out))
        for have in (zsh(client, f"_tcptracectl_options tcptracectl {command}"),
                     fish(client, command, "--")):
            equal({option.rstrip("=") for option in have}, want)
    for command, option in VALUED:
        want = sorted(complete(client, "tcptracectl", command, option, ""))
        equal(sorted(zsh(client, f"_tcptracectl_values {command} {option}",
                         "print -l $reply")), want)
        equal(sorted(fish(client, command, option, "")), want)
    equal(fish(client, "watch", "--events", "open,es"), ["open,established"])
    equal(fish(client, "watch", "--color=al"), ["--color=always"])


def type_into_zsh(client, keys, want):
    """Type keys into zsh, and wait until the terminal shows the wanted line."""
    os.makedirs(client.path("zsh"), exist_ok=True)
    shutil.copy(os.path.join(USERSPACE, "tcptracectl.zsh-completion"),
                os.path.join(client.path("zsh"), "_tcptracectl"))
    master, slave = pty.openpty()
    path = os.path.dirname(client.program) + ":" + os.environ["PATH"]
    with subprocess.Popen(
            ["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, cwd=client.path("zsh"),
            env=client.env(PATH=path, HOME=client.dir, TERM="dumb")) as shell:
        os.close(slave)
        os.write(master, b"fpath=($PWD $fpath); autoload -U compinit; "
                 b"compinit -u -D; PS1=; print re''ady\n")
        read_until(master, "ready\r\n")
        os.write(master, keys.encode())
        try:
            read_until(master, want)
        finally:
            shell.kill()
    os.close(master)


def read_until(fd, want):
    seen, end = "", time.monotonic() + TIMEOUT
    while want not in seen:
        if time.monotonic() > end:
            raise AssertionError(f"no {want!r} in {seen!r}")
        if select.select([fd], [], [], 1)[0]:
            seen += os.read(fd, 4096).decode(errors="replace")


@cases("zsh completion, typed", [
    ("a command", "tcptracectl lad\t", "tcptracectl ladder "),
    ("an option", "tcptracectl watch --js\t", "tcptracectl watch --json "),
    ("an option with a value", "tcptracectl watch --ti\t-",
     "tcptracectl watch --time=-"),
    ("a value", "tcptracectl list --state est\t",
     "tcptracectl list --state established"),
    ("the last of a list", "tcptracectl watch -e open,es\t",
     "tcptracectl watch -e open,established"),
    ("after =", "tcptracectl watch --color=al\t",
     "tcptracectl watch --color=always"),
])
def zsh_typed(client, keys, want):
    if client.sanitized:
        raise Skip("testing one build is enough")
    if not shutil.which("zsh"):
        raise Skip("no zsh")
    type_into_zsh(client, keys, want)
