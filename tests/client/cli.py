# SPDX-License-Identifier: GPL-2.0
"""Test the command line: commands, help, misuse, a missing device."""
import errno
import os
import pty
import re
import signal
import subprocess

from tap import (VERSION, Skip, case, cases, contains, equal, one_line,
                 until)

FILTERED = ("watch", "explain", "ladder", "report")
COMMANDS = (*FILTERED, "top", "list", "stats", "show", "record", "annotate",
            "export", "doctor", "version")
# commands that can read a file or an interface
SOURCED = (*FILTERED, "list", "stats")


@case("no command: usage on stderr, exit 2")
def no_command(client):
    out, err = client.run(code=2)
    equal(out, "", "stdout")
    contains(err, "Usage: tcptracectl", *COMMANDS)


@cases("help on stdout, exit 0", [(w, w) for w in ("help", "--help", "-h")])
def help_word(client, word):
    out, err = client.run(word)
    equal(err, "", "stderr")
    contains(out, "Usage: tcptracectl", *COMMANDS)


@cases("help of a command", [(" ".join(args), args) for c in COMMANDS
                             for args in ([c, "--help"], [c, "-h"],
                                          ["help", c])])
def help_command(client, args):
    out, err = client.run(*args)
    equal(err, "", "stderr")
    name = [a for a in args if a in COMMANDS][0]
    contains(out, f"Usage: tcptracectl {name}", "--help")
    if max(map(len, out.splitlines())) > 80:
        raise AssertionError("help is wider than 80 columns")


@case("help of watch names all events, and those that are not the default")
def help_events(client):
    out, _ = client.run("watch", "--help")
    words = re.findall(r"\w+", re.search(r"show these events.*?-v, --verb", out,
                                         re.S)[0])
    default = words.index("default")
    equal(set("""open state established segment close suspected limit finding
icmp drop owner all failures""".split()) - set(words[:default]), set())
    equal(set("state segment drop owner".split()) - set(words[default:]), set())


@cases("misuse on stderr, exit 2", [
    ("unknown command", ["frobnicate"], "frobnicate"),
    ("help of unknown command", ["help", "frobnicate"], "frobnicate"),
    *[(f"{c} --frob", [c, "--frob"], "--frob") for c in COMMANDS],
    *[(f"{c} stray", [c, "stray"], "stray")
      for c in ("list", "stats", "doctor", "version")],
    *[(f"{c} -r without a file", [c, "-r"], "requires an argument")
      for c in SOURCED],
    *[(f"{c} -r with -i", [c, "-r", "x", "-i", "lo"], "exclude each other")
      for c in SOURCED],
    *[(f"{c} --seconds without -i", [c, "--seconds", "1"], "--interface")
      for c in ("list", "stats")],
    *[(f"{c} --seconds with -r", [c, "-r", "x", "--seconds", "1"],
       "--interface") for c in SOURCED],
    *[(f"{c} --seconds 0", [c, "-i", "lo", "--seconds", "0"], "'0'")
      for c in SOURCED],
    ("show nothing", ["show"], "which connection"),
    ("show a word", ["show", "x"], "'x'"),
    ("show 0", ["show", "0"], "'0'"),
    ("show a bad end", ["show", "10.0.0.1:80", "10.0.0.1"], "'10.0.0.1'"),
    ("show three ends", ["show", *["10.0.0.1:80"] * 3], "unexpected"),
    *[(f"{c} --file with -r", [c, "-r", "x", "--file", "y", *more],
       "--file does nothing")
      for c, more in (("list", []), ("stats", []), ("show", ["1"]))],
    *[(f"watch -r with {o}", ["watch", "-r", "x", o, *more], "does nothing")
      for o, more in (("--all-netns", []), ("--device", ["y"]),
                      ("--buffer", ["64"]))],
    *[(f"{c} -r with {o}", [c, "-r", "x", o, *more], f"{o} does nothing")
      for c, o, *more in (
          ("list", "--process", "x"), ("list", "--processes"),
          ("list", "--cgroup", "/"), ("list", "--netns", "x"),
          ("list", "--watch", "1"), ("stats", "--interval", "1"),
          ("explain", "--device", "y"), ("ladder", "--device", "y"))],
    *[(f"show --follow with {o}", ["show", "--follow", "1", o, "x"],
       "watch --follow") for o in ("-r", "-i")],
    ("report -r with --device", ["report", "-r", "x", "-o", "y", "--device",
                                 "z"], "--device does nothing"),
    *[(f"export -r with {o}", ["export", "--textfile", "y", "-r", "x", o,
                               *more], f"{o} does nothing")
      for o, *more in (("--all-netns",), ("--device", "y"),
                       ("--interval", "5"), ("--file", "y"))],
    ("list -i with --process", ["list", "-i", "lo", "--process", "x"],
     "--process does nothing"),
    ("list --netns with --file", ["list", "--netns", "x", "--file", "y"],
     "exclude each other"),
    *[(f"list --age {age}", ["list", "--age", age], f"'{age}'")
      for age in ("", "x", "5-", "-5", "5-4", "0-0", "1e3", "0x5", "5 s",
                  "1-2-3", "9999999999999999999")],
    ("watch -i with --device", ["watch", "-i", "lo", "--device", "y"],
     "--device does nothing"),
    ("follow 0", ["watch", "--follow", "0"], "'0'"),
    ("follow a word", ["watch", "--follow", "x"], "'x'"),
    ("host without --json", ["watch", "--host", "x"], "--host does nothing"),
    *[(f"top {' '.join(args)}", ["top", *args], named) for args, named in (
        (["-n", "0"], "'0'"), (["-d", "0"], "'0'"), (["-d", "1.2345"], "'1.2345'"),
        (["-d", "0.000"], "'0.000'"), (["-d", ".5"], "'.5'"),
        (["-s", "size"], "'size'"), (["-g", "net"], "'net'"),
        (["-r"], "requires an argument"), (["stray"], "'stray'"),
        (["--at", "1"], "--at does nothing"),
        (["--at", "x", "-r", "y"], "'x'"), (["--as-module"], "--as-module"),
        (["-r", "x", "--file", "y"], "--file does nothing"))],
    ("version -r", ["version", "-r", "x"], "'r'"),
    ("seconds 0", ["doctor", "-s", "0"], "'0'"),
    ("seconds 3601", ["doctor", "--seconds", "3601"], "'3601'"),
    ("seconds 2s", ["doctor", "--seconds=2s"], "'2s'"),
    ("seconds missing", ["doctor", "-s"], "requires an argument"),
    ("unknown event", ["watch", "--events", "open,opne"], "'opne'"),
    ("empty event", ["watch", "--events", "open,"], "''"),
    ("no event", ["watch", "--events", ""], "''"),
    ("part of an event", ["watch", "-e", "ope"], "'ope'"),
    ("event too many", ["watch", "-e", "all,x"], "'x'"),
    ("count 0", ["watch", "-n", "0"], "'0'"),
    ("count -1", ["watch", "-n", "-1"], "'-1'"),
    ("count 1x", ["watch", "-n", "1x"], "'1x'"),
    ("count blank", ["watch", "-n", " 1"], "' 1'"),
    ("count empty", ["watch", "-n", ""], "''"),
    ("count 2^64", ["watch", "-n", "18446744073709551616"], "1844674407370955"),
    ("count missing", ["watch", "-n"], "requires an argument"),
    ("buffer 3", ["watch", "-B", "3"], "'3'"),
    ("buffer 65537", ["watch", "--buffer=65537"], "'65537'"),
    ("buffer 8k", ["watch", "-B", "8k"], "'8k'"),
    ("color", ["watch", "--color=pink"], "'pink'"),
    ("time", ["watch", "--time=tea"], "'tea'"),
    ("state", ["list", "--state", "established,listen"], "'listen'"),
    ("state empty", ["list", "--state", ""], "''"),
    ("state long", ["list", "--state", "x" * 100], "'xxx"),
    ("port 65536", ["list", "--port", "65536"], "'65536'"),
    ("port http", ["list", "--port", "http"], "'http'"),
    ("addr", ["list", "--addr", "10.0.0"], "'10.0.0'"),
    ("addr /33", ["list", "--addr", "10.0.0.0/33"], "/33'"),
    ("addr /129", ["list", "--addr", "::/129"], "/129'"),
    ("addr /", ["list", "--addr", "10.0.0.0/"], "/'"),
    ("addr long", ["list", "--addr", "1" * 300], "'111"),
])
def misuse(client, args, named):
    out, err = client.run(*args, code=2)
    equal(out, "", "stdout")
    contains(err, "tcptracectl", named, "--help")
    equal(err.count("\n"), 2, "lines on stderr")


@cases("a command with a typo: did you mean", [
    (word, word, meant) for word, meant in (
        ("wach", "watch"), ("lst", "list"), ("sohw", "show"),
        ("status", "stats"), ("anotate", "annotate"), ("recrod", "record"))])
def typo(client, word, meant):
    _, err = client.run(word, code=2)
    contains(err, f"no command '{word}'; did you mean '{meant}'?\n")


@cases("a word that is far from any command: no guess", [
    (word or "empty", word) for word in (
        "", "x", "ps", "frobnicate", "w" * 1000)])
def no_guess(client, word):
    _, err = client.run(word, code=2)
    contains(err, f"no command '{word}'\n")


@case("version: the client's version, module not loaded")
def version(client):
    out, err = client.run("version", "--file", "/nonexistent")
    equal(out, f"tcptracectl {VERSION}\nmodule tcptrace not loaded\n")
    equal(err, "")


@case("version: the module's version")
def version_module(client):
    path = client.path("version", "1.2.3\n")
    out, _ = client.run("version", "--file", path)
    equal(out, f"tcptracectl {VERSION}\nmodule tcptrace 1.2.3\n")
    for word in "--version", "-V":
        out, _ = client.run(word)
        contains(out, f"tcptracectl {VERSION}\n")


@case("a full disk is an error, exit 1")
def full(client):
    with open("/dev/full", "w", encoding="ascii") as file:
        for args in (["help"], ["version"], ["watch", "--help"],
                     ["watch", "--device", client.records("session")],
                     ["watch", "--json", "--device",
                      client.records("session")]):
            _, err = client.run(*args, code=1, stdout=file)
            contains(err, "No space left")
            one_line(err)


@case("no device: one line that says how to load the module")
def no_device(client):
    out, err = client.run("watch", "--device", "/dev/nonexistent", code=1)
    equal(out, "")
    one_line(err)
    contains(err, "/dev/nonexistent", "modprobe tcptrace", "make load",
             "tcptracectl watch -i any")


@case("a directory is not a device")
def directory(client):
    _, err = client.run("watch", "--device", "/", code=1)
    one_line(err)


@case("no permission: one line that names CAP_NET_ADMIN")
def permission(client):
    if os.geteuid() != 0:
        raise Skip("needs root to become nobody")
    path = client.records("session")
    os.chmod(path, 0o600)
    # The build may be in a folder that the user nobody cannot read.
    with open(client.program, "rb") as file:
        program = client.path("client", file.read())
    os.chmod(program, 0o755)
    whole, client.program = client.program, program
    try:
        _, err = client.run("watch", "--device", path, code=1, user=65534)
        one_line(err)
        contains(err, "Permission denied", "CAP_NET_ADMIN")
        for command in ("list", "stats"):
            _, err = client.run(command, "--file", path, code=1, user=65534)
            one_line(err)
            contains(err, "Permission denied", "root")
    finally:
        client.program = whole


@cases("error of open()", [
    ("EBUSY", errno.EBUSY, "max_readers"),
    ("EPERM", errno.EPERM, "CAP_NET_ADMIN"),
    ("EACCES", errno.EACCES, "CAP_NET_ADMIN"),
    ("ENOENT", errno.ENOENT, "modprobe tcptrace"),
    ("ENODEV", errno.ENODEV, "modprobe tcptrace"),
    ("ENOMEM", errno.ENOMEM, "Cannot allocate memory"),
])
def open_error(client, number, text):
    env = client.shim_env(SHIM_OPEN=str(number))
    out, err = client.run("watch", code=1, env=env)
    equal(out, "")
    one_line(err)
    contains(err, "/dev/tcptrace", text)


@cases("error of read()", [
    ("ENODEV", errno.ENODEV, "network namespace is gone"),
    ("EIO", errno.EIO, "Input/output error"),
])
def read_error(client, number, text):
    env = client.shim_env(SHIM_READ=str(number))
    _, err = client.run("watch", code=1, env=env)
    one_line(err)
    contains(err, "/dev/tcptrace", text)


def ioctls(client, *args, code=0, **more):
    log = client.path("log", "")
    env = client.shim_env(SHIM_LOG=log, **more)
    _, err = client.run("watch", *args, code=code, env=env)
    with open(log, encoding="ascii") as file:
        return file.read(), err


# The ABI document defines these ioctls as _IOW(0xf9, 1, u32), _IOW(0xf9, 2,
# u32), _IOW(0xf9, 3, struct of 16 bytes), _IOR(0xf9, 0, struct of 64 bytes).
MASK, ALL_NETNS, FILTER = "4004f901", "4004f902", "4010f903"
RING = "c004f905"	# _IOWR(0xf9, 5, u32)
INFO = "8040f900 0\n"
EPOCH = "8008f907 0\n"	# _IOR(0xf9, 7, u64)


@cases("the event mask", [
    ("default", [], 0x400007ea),
    ("verbose", ["-v"], 0x400007ee),
    ("JSON", ["-j"], 0x400007ee),
    ("all", ["-e", "all"], 0x40001ffe),
    ("suspected", ["-e", "suspected"], 0xc0),
    ("limit", ["-e", "limit"], 0x140),
    ("finding", ["-e", "finding"], 0x240),
    ("findings", ["-e", "findings"], 0x240),
    ("icmp", ["-e", "icmp"], 0x440),
    ("drop", ["-e", "drop"], 0x840),
    ("owner", ["-e", "owner"], 0x1040),
    ("open", ["-e", "open"], 0x42),
    ("each", ["--events", "open,state,established,segment,close,suspected"],
     0x400000fe),
    ("state,close", ["--events=state,close"], 0x40000064),
    ("failures", ["-e", "failures"], 0xc0000040),
    ("open, failures", ["-e", "open,failures"], 0xc0000042),
])
def mask(client, args, want):
    log, _ = ioctls(client, *args)
    equal(log, f"{MASK} {want:x}\n{INFO}" + (EPOCH if "-j" in args else ""))


@case("a module that cannot follow SYNs gets the mask without that bit")
def mask_without_fate(client):
    log, _ = ioctls(client, SHIM_BITS=str(1 << 30))
    equal(log, f"{MASK} 400007ea\n{MASK} 7ea\n{INFO}")
    log, err = ioctls(client, code=1, SHIM_BITS=str(1 << 10))
    equal(log, f"{MASK} 400007ea\n{MASK} 7ea\n")
    contains(err, "Invalid argument")


@case("a module older than OWNER gets the mask without it, with a message")
def mask_without_owner(client):
    log, err = ioctls(client, "-e", "all", SHIM_BITS=str(1 << 12))
    equal(log, f"{MASK} 40001ffe\n{MASK} 40000ffe\n{INFO}")
    one_line(err)
    contains(err, "the module is older", "no owner events")


@case("--all-netns is asked for before the mask")
def all_netns(client):
    log, _ = ioctls(client, "--all-netns")
    equal(log, f"{ALL_NETNS} 1\n{MASK} 400007ea\n{INFO}")


@case("a filter is compiled, and given to the device before the mask")
def filter_first(client):
    log, _ = ioctls(client, "port", "80")
    name, length = log.partition("\n")[0].split()
    equal(name, FILTER)
    done = subprocess.run(["tcpdump", "-y", "RAW", "-ddd", "port", "80"],
                          check=True, capture_output=True)
    equal(int(length, 16), int(done.stdout.split()[0]), "instructions")
    equal(log.partition("\n")[2], f"{MASK} 400007ea\n{INFO}")


@case("--buffer is passed in bytes, before the mask")
def buffer(client):
    log, _ = ioctls(client, "--buffer", "65536")
    equal(log, f"{RING} 4000000\n{MASK} 400007ea\n{INFO}")


@case("a filter that the kernel refuses: one line, exit 1")
def filter_refused(client):
    _, err = ioctls(client, "port 80", code=1, SHIM_FILTER=str(errno.EINVAL))
    one_line(err)
    contains(err, "the kernel refuses the filter")


@cases("an invalid filter: one line, exit 1", [
    ("syntax", ["prot", "80"], "'prot 80'"), ("link layer", ["vlan 7"], "vlan"),
    ("of Wireshark", ["tcp.port == 443"], "display filter of Wireshark"),
])
def filter_wrong(client, words, named):
    log, err = ioctls(client, *words, code=1)
    equal(log, "")
    one_line(err)
    contains(err, "filter", named)


@case("--all-netns refused: one line, exit 1")
def all_netns_refused(client):
    _, err = ioctls(client, "-a", code=1, SHIM_NETNS=str(errno.EPERM))
    one_line(err)
    contains(err, "--all-netns", "initial network namespace")


def blocks(process, number):
    """Return: whether the process has blocked a signal, to receive it through a
    signalfd."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        blocked = re.search(r"^SigBlk:\s*(\w+)$", status.read(), re.M)[1]
    return bool(int(blocked, 16) >> (number - 1) & 1)


def hint(client, quiet):
    """Return: the standard error of a watch that runs on a terminal."""
    master, slave = pty.openpty()
    env = client.shim_env(SHIM_READ=str(errno.EAGAIN), SHIM_QUIET=quiet)
    process = client.start("watch", env=env, stdout=slave)
    until(lambda: blocks(process, signal.SIGTERM), "signalfd")
    line = process.stderr.readline() if quiet != "0" else b""
    process.terminate()
    _, err = process.communicate(timeout=20)
    os.close(master)
    os.close(slave)
    return (line + err).decode()


@case("no event for 10 s on a terminal: a hint, once")
def no_event(client):
    said = hint(client, "1")
    contains(said, "no event for 10 s", "tcptracectl doctor")
    equal(said.count("no event for"), 1)
    equal("no event for" in hint(client, "0"), False)


@case("the summary counts records lost after the last LOST record")
def info_lost(client):
    env = client.shim_env(SHIM_READ=str(errno.EAGAIN), SHIM_LOST="7",
                          SHIM_LOG=client.path("log", ""))
    process = client.start("watch", env=env)
    until(lambda: os.path.getsize(client.path("log")) > 0, "ioctl")
    until(lambda: blocks(process, signal.SIGTERM), "signalfd")
    process.terminate()
    _, err = process.communicate(timeout=20)
    equal(process.returncode, 0)
    if not re.search(r"\b0 events, 7 lost: position\n$", err.decode()):
        raise AssertionError(err)
