# SPDX-License-Identifier: GPL-2.0
"""The files that are built and installed with the client."""
import errno
import os
import re
import shutil
import subprocess

from tap import TIMEOUT, TOP, Skip, case, contains, equal

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
        raise Skip("of one build is enough")
    root = client.path("root")
    make(client, "install", "DESTDIR=" + root, "PREFIX=/usr")
    for path in ("sbin/tcptracectl", "share/man/man8/tcptracectl.8",
                 "share/bash-completion/completions/tcptracectl",
                 "share/doc/tcptrace/examples/reader.c",
                 "share/doc/tcptrace/examples/mmap.c"):
        if not os.path.exists(os.path.join(root, "usr", path)):
            raise AssertionError(path)


@case("version and the installed manual agree")
def manual_version(client):
    if client.sanitized:
        raise Skip("of one build is enough")
    root = client.path("root")
    make(client, "install", "DESTDIR=" + root, "PREFIX=/usr")
    with open(os.path.join(root, "usr/share/man/man8/tcptracectl.8"),
              encoding="utf-8") as file:
        title = re.search(r'^\.TH TCPTRACECTL 8 \S+ "(.+?)"', file.read(),
                          re.MULTILINE)
    out, _ = client.run("version")
    equal(title[1], "tcptrace " + out.split()[1])


def example(client, name, code, **shim):
    """Return: what it prints to stdout and stderr."""
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


@case("the manual has every option and every JSON name")
def manual_complete(client):
    text = manual().replace("\\-", "-")
    words = set(re.findall(r"[\w-]+", text))
    for command in ("watch", "list", "stats", "doctor", "version"):
        out, _ = client.run(command, "--help")
        for option in re.findall(r"--[a-z-]+", out):
            if option not in text:
                raise AssertionError(f"{command} {option}")
    names = set()
    for name in ("session", "lost", "marks", "options", "analysis",
                 "counters", "suspected", "limit", "finding", "fate"):
        out, _ = client.watch(name, "--json", "-e", "all")
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
          ["doctor", "help", "list", "stats", "version", "watch"])
    equal(complete(client, "tcptracectl", "watch", "--js"), ["--json"])
    equal(complete(client, "tcptracectl", "watch", "--events", "es"),
          ["established"])
    equal(complete(client, "tcptracectl", "watch", "--events", "open,es"),
          ["open,established"])
    equal(complete(client, "tcptracectl", "list", "--state", "syn"),
          ["syn-sent", "syn-received"])
    for command in ("watch", "list", "stats", "doctor", "version"):
        out, _ = client.run(command, "--help")
        have = complete(client, "tcptracectl", command, "--")
        for option in set(re.findall(r"--[a-z-]+", out)):
            if option not in have and option + "=" not in have:
                raise AssertionError(f"{command} {option} {have}")
