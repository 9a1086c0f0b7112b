# SPDX-License-Identifier: GPL-2.0
"""Run the commands of the README's ten questions, and check the answers."""
import os
import pathlib
import re
import shlex
import shutil
import subprocess

from tap import TOP, case, cases, contains, equal
from tables import NAMES, ROWS, TABLE

CASES = pathlib.Path(TOP) / "tests/cases"
TABLES = "list"	# without -r, list reads the table; others read the device

# question: (capture or None, patterns that the answer must match)
ANSWERS = {
    "Where did my SYN go?": (None, ["CLOSE", "refused by responder"]),
    "Who resets connections?": ("52-forged-rst-other-ttl",
                                ["reset by originator"]),
    "Who retransmits most?": (None, ["REXMIT>", r"\n +2 .*\n +1 "]),
    "Why is this transfer slow?": ("08-probes-unanswered", [
        "limited by window", "window of the responder is 0"]),
    "Which process is it?": (None, ["RESP-PROCESS", r"333 .*:443"]),
    "Is it the network or the server?": (None, ["<RESPONSE", "LIMITED-BY"]),
    "What does this number mean?": ("00-seed-arithmetic", [
        r"SEQ 101 = 1 \+ 100 bytes"]),
    "What happened at 14:03?": ("00-seed-arithmetic", [r"T14:03:20.*OPEN"]),
    "How do I see it in Wireshark?": ("00-seed-arithmetic", []),
    "What do I send to a colleague?": ("00-seed-arithmetic", []),
}


def questions():
    """{question: command} of the README."""
    text = (pathlib.Path(TOP) / "README.md").read_text(encoding="utf8")
    section = text.split("## Ten questions")[1].split("\n## ")[0]
    return {question: command.replace("\\|", "|") for question, command in
            re.findall(r"^\| ([^|]+?) +\| `(.+)` +\|$", section, re.M)}


@case("ten questions: all of them, each in less than ten words")
def ten(_client):
    equal(sorted(questions()), sorted(ANSWERS))
    for command in questions().values():
        if len(command.split("|")[0].split()) >= 10:
            raise AssertionError(command)


def table():
    """Return a table in which connection 2 retransmits more than
    connection 1."""
    row = ROWS[0].split()
    row[0] = "2"
    row[NAMES.index("orig_rexmit")] = "999"
    return TABLE + " ".join(row) + "\n"


@cases("ten questions", [(question, question) for question in ANSWERS])
def answer(client, question):
    capture, wanted = ANSWERS[question]
    folder = pathlib.Path(client.path("question"))
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/tcptracectl").symlink_to(client.program)
    command = questions()[question]
    if capture:
        shutil.copy(CASES / (capture + ".pcap"), folder / "trace.pcap")
    elif command.split()[1] == TABLES:
        (folder / "table").write_text(table(), encoding="ascii")
        command = command.replace(" list", " list --file table", 1)
    else:
        command += " --device " + shlex.quote(client.records("marks"))
    # use a time zone in which the capture begins at 14:03
    env = client.env(TZ="XXX+8:10", PATH=f"{folder}/bin:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], check=False,
                          cwd=folder, env=env, capture_output=True)
    equal((done.returncode, done.stderr), (0, b""))
    for pattern in wanted:
        if not re.search(pattern, done.stdout.decode()):
            raise AssertionError(f"no {pattern} in\n{done.stdout.decode()}")
    for name in re.findall(r"-[ow] (\S+)", command):
        contains(str((folder / name).stat().st_size > 500), "True")
