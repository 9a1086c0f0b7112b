# SPDX-License-Identifier: GPL-2.0
"""Test report: check the content and the safety of its page, and open the page
in a browser."""
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import captures
import records
from captures import ACK, PSH, RST, SYN, Talk
from records import (CLOSE, NO_SEG, Stream, context, direction, flow, owner,
                     seg)
from tap import Skip, case, cases, contains, equal

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"
SEED = FOLDER / "00-seed-arithmetic.pcap"
FILES = sorted(path.name for path in FOLDER.glob("*.pcap*"))
VOID = {"meta", "br"}
# HTML allows these elements without an end tag
IMPLIED = {"li", "td", "th", "tr", "p"}
LINKS = {"href", "src", "action", "data", "xlink:href", "srcset", "poster"}


class Page(html.parser.HTMLParser):
    """Parses a page, and checks that start and end tags match, and that no
    attribute loads or runs anything."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.scripts = [], [], [], 0
        self.rows, self.texts = {}, []
        self.table = None
        self.feed(text)
        self.close()
        equal([tag for tag in self.open if tag not in IMPLIED], [])

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        for name, value in attrs.items():
            if name.startswith("on"):
                raise AssertionError(f"<{tag} {name}>")
            if name in LINKS and not value.startswith("#"):
                raise AssertionError(f"<{tag} {name}={value}>")
        if tag in ("img", "iframe", "object", "link", "base", "form"):
            raise AssertionError(tag)
        self.scripts += tag == "script"
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs["href"][1:])
        if tag == "tr":
            self.table = attrs.get("id")
            self.rows[self.table] = []
        if tag == "td" and self.table:
            self.rows[self.table].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open[-1] != tag and self.open[-1] in IMPLIED:
            self.open.pop()
        equal(self.open.pop(), tag)
        if tag == "tbody":
            self.table = None

    def handle_data(self, data):
        if "script" not in self.open and "style" not in self.open:
            self.texts.append(data)
        if self.table and self.rows[self.table]:
            self.rows[self.table][-1] += data


def page_of(client, *args):
    out, _ = client.run("report", *args, "-o", "-")
    page = Page(out)
    equal(len(page.ids), len(set(page.ids)), "different ids")
    equal(set(page.links) - set(page.ids), set(), "links to nowhere")
    equal(page.scripts, 1, "scripts")
    return page, out


def cells(page, number):
    return [cell.strip() for cell in page.rows[f"c{number}"]]


@case("report: the seed")
def seed(client):
    page, out = page_of(client, "-r", SEED)
    equal(cells(page, 1), [
        "1", "10.0.0.1:1234", "10.0.0.2:80", "", "80.0 ms", "fin SF", "",
        "100", "500", "0", "20.0 ms", "10.0 ms", "", ""])
    contains(out, "from 2023-11-14T22:13:20.000000000Z on, for 80.0 ms",
             "FIN,ACK seq 101 ack 501", "ACK 101 = 1 + 100 bytes")


@cases("report of a case: tags, ids and links", [(n, n) for n in FILES])
def case_file(client, name):
    page_of(client, "-r", FOLDER / name)


def mixed(count):
    """Return a capture of @count connections: equal numbers of complete,
    refused, unanswered and lossy ones."""
    frames = []
    for i in range(count):
        talk = Talk(port=1024 + i)
        if i % 4 == 1:
            frames += [talk(0, SYN), talk(1, RST | ACK, 0, 1)]
        elif i % 4 == 2:
            frames += [talk(0, SYN)] * 2
        else:
            data = talk(1, PSH | ACK, 1, 11, 500 + i)
            frames += [*talk.handshake(), talk(0, PSH | ACK, 1, 1, 10), data,
                       *[data] * (i % 4 == 3), talk(0, ACK, 11, 501 + i),
                       *talk.close(11, 501 + i)]
    return captures.pcap(frames)


@case("report: failures, links, extremes; few similar ones are drawn")
def failures(client):
    path = client.path("mixed", mixed(80))
    page, out = page_of(client, "-r", path)
    contains(out, "<td class=\"words\">refused<td class=\"n\">20<td>",
             "<td class=\"words\">not answered so far<td class=\"n\">20<td>",
             "<b>80</b>connections", "<b>40</b>never established",
             "<h2>Most sent again</h2>")
    drawn = [int(i[1:]) for i in page.ids if i[0] == "d"]
    # the page draws three connections of each kind of failure, but no healthy
    # connection
    equal([sum(n % 4 == kind for n in drawn) for kind in range(4)],
          [3, 0, 3, 3])
    equal(cells(page, 80)[9], str(500 + 79))


@case("report: a long explanation lacks its middle, and names the command")
def long(client):
    talk = Talk()
    frames = talk.handshake()
    for i in range(400):
        frames += [talk(0, ACK, 1 + i, 1, 1), talk(1, ACK, 1, 2 + i)]
    path = client.path("long.pcap", captures.pcap(frames))
    _, out = page_of(client, "-r", path)
    contains(out, "lines are left out: tcptracectl explain -r "
             f"{path} -c 1", "#1 ", "Summary")
    if len(out) > 200000:
        raise AssertionError(len(out))


def hostile():
    s, f = Stream(), flow()
    names = (b"<script>x()</scr", b"'\"><img src=x>&\xff")
    for kind, more in ((records.OPEN, seg(SYN, 0, 0)), (CLOSE, NO_SEG +
                       records.close(1, 0, 1, 1, direction(1, 0, SYN, 0),
                                     direction(1, 0, ACK, 0), 1))):
        s.record(kind, f + more, known=context(
            [owner(4, 7, names[0]), owner(4, 8, names[1])]))
    return s.out


@case("report: names of processes and files are escaped")
def escaped(client):
    path = client.path("<b>&'\"" + "\x01\u202e.records", hostile())
    page, out = page_of(client, "--device", path)
    equal(cells(page, 1)[-1],
          "<script>x()</scr[7] '\"><img src=x>&?[8]")
    if "<img" in out or out.count("<script") != 1:
        raise AssertionError("a tag came through")
    name = client.path("<i>&'\"\x01.pcap", SEED.read_bytes())
    page, out = page_of(client, "-r", name)
    contains("".join(page.texts), "<i>&'\"?.pcap")


@case("report: losses are on the page")
def losses(client):
    _, out = page_of(client, "--device", client.records("lost"))
    contains(out, "records were lost.</p>")
    frames = [captures.ether(captures.ip4(b"x", proto=17))]
    out, err = client.run("report", "-r", client.path(
        "udp", captures.pcap(frames)), "-o", "-")
    contains(out, "no TCP in 1 packets", "<b>0</b>connections")
    contains(err, "no TCP in 1 packets")


@case("report: no --output, and one that cannot be written")
def output(client):
    _, err = client.run("report", "-r", SEED, code=2)
    contains(err, "--output FILE", "Try 'tcptracectl report --help'.")
    _, err = client.run("report", "-r", SEED, "-o", "/dev/full", code=1)
    contains(err, "/dev/full: No space left on device")
    _, err = client.run("report", "-r", SEED, "-o", "/no/such", code=1)
    contains(err, "/no/such: No such file")
    client.run("report", "-r", "/no/such", "-o", client.path("page"), code=1)


@case("report --seconds also ends reading of the device")
def seconds(client):
    fifo = client.fifo()
    hold = os.open(fifo, os.O_RDWR)
    try:
        page = client.path("page")
        client.run("report", "--device", fifo, "--seconds", "1", "-o", page,
                   env=client.shim_env())
        with open(page, encoding="utf-8") as file:
            contains(file.read(), "<b>0</b>connections")
    finally:
        os.close(hold)


CLICK = """<script>
var table = document.getElementById("connections"), out = [];
function column(i) {
  return Array.from(table.tBodies[0].rows).map(function (row) {
    return row.cells[i].textContent;
  }).join(" ");
}
[0, 8, 2].forEach(function (i) {
  [1, 2].forEach(function () {
    table.tHead.rows[0].cells[i].click();
    out.push(table.tHead.rows[0].cells[i].getAttribute("aria-sort") + " " +
             column(i));
  });
});
document.body.textContent = out.join("|");
</script>"""


def browse(path):
    """Return: the page after its script has run, and the output of the
    browser's console."""
    program = shutil.which("chromium")
    if not program:
        raise Skip("no chromium")
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [program, "--headless", "--disable-gpu", "--no-sandbox",
             f"--user-data-dir={home}", "--enable-logging=stderr",
             "--virtual-time-budget=2000", "--dump-dom", f"file://{path}"],
            capture_output=True, text=True, check=False, timeout=60,
            env=dict(os.environ, HOME=home))
    equal(done.returncode, 0, done.stderr)
    return done.stdout, [line for line in done.stderr.splitlines()
                         if "CONSOLE" in line]


@case("report in Chromium: no error on the console, and columns sort")
def browser(client):
    if client.label != "gcc":
        raise Skip("testing one build is enough")
    path = client.path("page.html")
    client.run("report", "-r", client.path("mixed", mixed(40)), "-o", path)
    dom, console = browse(path)
    equal(console, [])
    contains(dom, "class=\"n sortable\"")	# the policy allows the script
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub("<meta http-equiv[^>]*>", "", text)
    text = text.replace("</body>", CLICK + "</body>")
    dom, console = browse(client.path("click.html", text))
    equal(console, [])
    got = re.search("<body>(.*)</body>", dom, re.S)[1].split("|")
    for shown, order in zip(got, ("descending", "ascending") * 3):
        word, *values = shown.split()
        equal(word, order)
        key = int if values[0].isdigit() else str
        equal(values, sorted(values, key=key, reverse=order[0] == "d"))
    equal(got[1].split()[1:], [str(n) for n in range(1, 41)])
