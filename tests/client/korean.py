# SPDX-License-Identifier: GPL-2.0
"""Check the Korean messages of explain: no message is missing or unused, each
note has the same numbers as the English note, each line fits, and the installed
catalogue is found."""
import json
import os
import pathlib
import re
import subprocess

from tap import TOP, Skip, case, cases, contains, equal
from tools import make

USERSPACE = pathlib.Path(TOP) / "userspace"
PO = USERSPACE / "po" / "ko.po"
FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"
FILES = sorted(path.name for path in FOLDER.glob("*.pcap*"))
KEYWORDS = ("-k", "-k_", "-kmessage_plural:1,2", "-knotes_add:3",
            "-kadd_comparison:3", "-ksay:2")


def tool(*args):
    done = subprocess.run([str(arg) for arg in args], capture_output=True,
                          text=True, check=False,
                          env=dict(os.environ, LC_ALL="C"))
    equal(done.returncode, 0, done.stderr)
    return done


def ids(path):
    """Return: the messages of a catalogue, without its header."""
    text = tool("msgcat", "--no-wrap", path).stdout
    return set(re.findall(r'^msgid (".+")$', text, re.M)) - {'""'}


@case("Korean: no message is missing or obsolete")
def complete(client):
    if client.sanitized:
        raise Skip("testing one build is enough")
    pot = client.path("messages.pot")
    tool("xgettext", "--from-code=UTF-8", *KEYWORDS, "-o", pot,
         *sorted(USERSPACE.glob("explain_*.c")),
         *sorted(USERSPACE.glob("view_*.c")))
    # each string in sentences.c is a message
    tool("xgettext", "--from-code=UTF-8", "-a", "-j", "-o", pot,
         USERSPACE / "sentences.c")
    equal(sorted(ids(pot) ^ ids(PO)), [])


@case("Korean: nothing untranslated, nothing fuzzy, formats agree")
def translated(client):
    if client.sanitized:
        raise Skip("testing one build is enough")
    err = tool("msgfmt", "-c", "--statistics", "-o", client.path("ko.mo"),
               PO).stderr
    if not re.fullmatch(r"\d+ translated messages\.\n", err):
        raise AssertionError(err)


def notes(client, name, *args):
    out, _ = client.run("explain", "-r", FOLDER / name, "--json", *args)
    return [note for line in out.splitlines()
            for note in json.loads(line)["notes"]]


@cases("Korean: the numbers of the English sentences", [(n, n) for n in FILES])
def numbers(client, name):
    english = notes(client, name)
    korean = notes(client, name, "--lang", "ko")
    equal([n["kind"] for n in korean], [n["kind"] for n in english])
    for one, other in zip(english, korean):
        want, got = (set(re.findall(r"\d+", note["text"]))
                     for note in (one, other))
        if want != got:
            raise AssertionError(f"{one['text']}\n{other['text']}")


@cases("Korean: each line fits", [(str(n), n) for n in (60, 80, 100, 120)])
def widths(client, width):
    from ladder import columns
    for name in ("00-seed-arithmetic.pcap", "01-min.pcap"):
        out, _ = client.run("explain", "-r", FOLDER / name, "--lang", "ko",
                            "--width", str(width))
        contains(out, "클라이언트")
        for line in out.splitlines():
            if columns(line) > width:
                raise AssertionError(f"{columns(line)}: {line}")


@case("Korean: the catalogue is found where it is installed")
def installed(client):
    if client.sanitized:
        raise Skip("testing one build is enough")
    root = pathlib.Path(client.path("korean"))
    make(client, "install", f"DESTDIR={root}", "PREFIX=/usr")
    program = root / "usr/sbin/tcptracectl"
    words = [program, "explain", "-r", FOLDER / "00-seed-arithmetic.pcap",
             "--lang", "ko"]
    done = subprocess.run(words, capture_output=True, check=True,
                          env=client.env())
    contains(done.stdout.decode(), "요약")
    (root / "usr/share/locale/ko/LC_MESSAGES/tcptracectl.mo").unlink()
    done = subprocess.run(words, capture_output=True, check=False,
                          env=client.env())
    equal((done.returncode, done.stdout), (1, b""))
    contains(done.stderr.decode(), "no Korean messages")
