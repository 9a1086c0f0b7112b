# SPDX-License-Identifier: GPL-2.0
"""Read scenes/*.txt: short sequences of segments, written by hand, with the
classes that Wireshark must give each segment.

* the name of a scene
    @ isn=1000,5000 v6 ...	settings, see Scene
    # why
    OPEN			a handshake, see OPENINGS
    30  > PA 1 1 8000 100 mss=1460 | rtx

A line is a segment: milliseconds, direction, flags, seq, ack, window, payload
bytes, then options and oddities of the frame. The expected classes follow after
the bar: short names from NAMES, or "none" if the frame must not be treated as a
TCP segment. If tcptracectl intentionally gives other classes, these follow
after // (see Documentation/analysis.rst). Sequence numbers are relative to the
ISNs; =N is a raw number, and "-" is a raw 0."""
import decimal
import itertools
import pathlib
import re
import struct

import packets

NAMES = {
    "rtx": "retransmission", "fast": "fast_retransmission",
    "spur": "spurious_retransmission", "ooo": "out_of_order",
    "lost": "lost_segment", "acklost": "ack_lost_segment",
    "dup": "duplicate_ack", "ka": "keep_alive", "kaack": "keep_alive_ack",
    "zw": "zero_window", "zwp": "zero_window_probe",
    "zwpack": "zero_window_probe_ack", "wupd": "window_update",
    "full": "window_full", "reused": "reused_ports",
}

# Wireshark also classes a fast or spurious retransmission as a retransmission.
IMPLIED = {"fast": "rtx", "spur": "rtx"}

OPENINGS = {
    # the handshake takes 20 ms; no window scaling
    "OPEN": """
        0   > S  0 - 8000 0
        10  < SA 0 1 8000 0
        20  > A  1 1 8000 0""",
    # after the SYN and the SYN,ACK, the client's windows are scaled by 4, and
    # the server's by 8
    "OPEN-SCALED": """
        0   > S  0 - 8000 0 mss=1460 ws=2
        10  < SA 0 1 8000 0 mss=1460 ws=3
        20  > A  1 1 2000 0""",
    # the handshake takes 50 ms
    "OPEN-50": """
        0   > S  0 - 10000 0
        40  < SA 0 1 10000 0
        50  > A  1 1 10000 0""",
    # the client closes first; each end acknowledges the other's FIN
    "CLOSE": """
        100 > FA 1 1 8000 0
        110 < FA 1 2 8000 0
        120 > A  2 2 8000 0""",
}

MPTCP = {"capable": "1e0c0081", "join": "1e100000", "dss": "1e082001",
         "add": "1e083401", "remove": "1e044001", "prio": "1e045001",
         "fail": "1e0c6000", "fastclose": "1e0c7000"}


def fragments(segment):
    """Return two IPv4 fragments of the segment."""
    whole = segment.bytes()
    ends = segment.source[0], segment.target[0]
    return [packets.ip4(*ends, whole[:32], fragment=0x2000, ident=1),
            packets.ip4(*ends, whole[32:], fragment=4, ident=1)]


def headers6(kind, body):
    """Return a function that puts an IPv6 extension header before a segment."""
    def make(segment):
        return packets.ip6(segment.source[0], segment.target[0],
                           bytes([packets.TCP]) + body + segment.bytes(), kind)
    return make


def icmp(segment):
    """Return a router's ICMP error that quotes the segment."""
    router = "fd00::99" if ":" in segment.source[0] else "10.255.255.99"
    return packets.icmp_error(router, segment.source[0], segment.packet())


def tunnel(segment):
    """Return an IPv4 packet that contains the segment's packet."""
    return packets.ip4("10.255.255.1", "10.255.255.2", segment.packet(),
                       packets.IPIP)


# Functions that build an unusual packet around a segment.
FORMS = {
    "icmp": icmp,
    "ipip": tunnel,
    "frag1": lambda s: fragments(s)[0],
    "frag2": lambda s: fragments(s)[1],
    "hop": headers6(0, bytes([0, 1, 4, 0, 0, 0, 0])),
    "dest": headers6(60, bytes([0, 1, 4, 0, 0, 0, 0])),
    "route": headers6(43, bytes([0, 253, 0, 0, 0, 0, 0])),
    "atomic": headers6(44, bytes([0, 0, 0, 0, 0, 0, 7])),
    "auth": headers6(51, bytes([2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0])),
}


def option(word, peer_isn):
    """Return the bytes of an option, or None if the word is not an option."""
    name, _, value = word.partition("=")
    if name == "mss":
        return struct.pack(">BBH", 2, 4, int(value))
    if name == "ws":
        return struct.pack(">BBBB", 1, 3, 3, int(value))
    if name == "sackok":
        return b"\4\2\1\1"
    if name == "ts":
        return struct.pack(">BBBBII", 1, 1, 8, 10, *map(int, value.split("/")))
    if name == "sack":
        edges = [(peer_isn + int(x)) & 0xffffffff for x in value.split("-")]
        return struct.pack(">BBBB", 1, 1, 5, 2 + 4 * len(edges)) + struct.pack(
            f">{len(edges)}I", *edges)
    if name == "mptcp":
        data = bytes.fromhex(MPTCP[value])
        # connections with different ISNs have different keys, so that tshark
        # does not join them
        return data + peer_isn.to_bytes(4, "big") * 3 if len(
            data) > data[1] else (data + peer_isn.to_bytes(8, "big") +
                                  bytes(16))[:data[1]]
    if name == "opt":
        return bytes.fromhex(value)
    return None


def number(text, isn):
    if text == "-":
        return 0
    return int(text[1:], 0) if text[0] == "=" else isn + int(text)


def expectation(text):
    """Parse expected classes. Return: Wireshark's names of the classes (None
    for "none"), and the number of the duplicate ACK (0 if there is none)."""
    if text == "none":
        return None, 0
    classes, dup = set(), 0
    for word in text.split():
        name, _, count = word.partition("#")
        classes.add(NAMES[name])
        if name in IMPLIED:
            classes.add(NAMES[IMPLIED[name]])
        if count:
            dup = int(count)
    return frozenset(classes), dup


class Line:
    """One frame of a scene, and its expected classes."""

    def __init__(self, scene, text):
        self.text = text
        words, _, expected = text.partition("|")
        theirs, differs, ours = expected.partition("//")
        self.classes, self.dup = expectation(theirs.strip())
        self.ours = expectation(ours.strip()) if differs else (self.classes,
                                                               self.dup)
        time, direction, flags, seq, ack, window, size, *rest = words.split()
        ends, isn = scene.ends, scene.isn
        if direction == "<":
            ends, isn = ends[::-1], isn[::-1]
        self.time = int(decimal.Decimal(time) * 10 ** 6)
        self.segment = packets.Segment(
            *ends, packets.flags_of(flags), number(seq, isn[0]),
            number(ack, isn[1]), int(window), int(size))
        self.snap = None
        self.cut = None
        self.ip = {}
        self.link = scene.link
        self.form = None
        for word in rest:
            self.apply(word, isn[1] & 0xffffffff)

    def apply(self, word, peer_isn):
        name, _, value = word.partition("=")
        data = option(word, peer_isn)
        if data is not None:
            self.segment.options += data
        elif name in ("snap", "cut"):
            setattr(self, name, int(value))
        elif name in ("length", "ihl", "version", "protocol", "fragment"):
            self.ip[name] = int(value, 0)
        elif name == "ipopt":
            self.ip["options"] = bytes.fromhex(value)
        elif name in ("doff", "urgent"):
            setattr(self.segment, name, int(value))
        elif name == "badsum":
            self.segment.sum = 0x1234
        elif name == "as":
            self.form = FORMS[value]
        elif name == "link":
            self.link = value.replace("_", " ")
        else:
            raise ValueError(f"what is {word!r}?")

    def frame(self, begin):
        """Return the frame; cut: its length on the wire, snap: its length in
        the capture."""
        self.segment.options = packets.padded(self.segment.options)
        data = (self.form(self.segment) if self.form else
                self.segment.packet(**self.ip))
        data = packets.LINKS[self.link][1](data)[:self.cut]
        return packets.Frame(begin + self.time, data, self.snap)


class Scene:
    """A scene. Its settings can be isn=CLIENT,SERVER  v6  swap  link=NAME
    (_ for a blank)  ends=ADDRESS/PORT,ADDRESS/PORT"""

    def __init__(self, name, index):
        self.name = name
        self.isn = (1000, 5000)
        self.index = index
        self.ends = self.addresses("10.%d.%d.%d")
        self.link = "Ethernet"
        self.lines = []

    def addresses(self, pattern):
        at = divmod(self.index, 250)
        return ((pattern % (*at, 1), 40007), (pattern % (*at, 2), 50007))

    def set(self, words):
        for word in words:
            name, _, value = word.partition("=")
            if name == "isn":
                self.isn = tuple(int(x, 0) for x in value.split(","))
            elif name == "v6":
                self.ends = self.addresses("fd00:%d:%d::%d")
            elif name == "link":
                self.link = value.replace("_", " ")
            elif name == "swap":
                self.ends = self.ends[::-1]
            elif name == "ends":
                pairs = (x.split("/") for x in value.split(","))
                self.ends = tuple((a, int(p)) for a, p in pairs)
            else:
                raise ValueError(f"what is {word!r}?")

    def add(self, text):
        for line in OPENINGS.get(text, text).strip().splitlines():
            if line.split()[0] == "repeat":
                self.repeat(*line.split(maxsplit=3)[1:])
            else:
                self.lines.append(Line(self, line.strip()))

    def repeat(self, count, step, text):
        """Execute repeat COUNT STEP LINE: add COUNT segments of consecutive
        data, STEP ms apart."""
        time, direction, flags, seq, *rest = text.split()
        for i in range(int(count)):
            self.add(" ".join((
                str(decimal.Decimal(time) + i * decimal.Decimal(step)),
                direction, flags, str(int(seq) + i * int(rest[2])), *rest)))


def read_text(text, first=0):
    """Parse the scenes of a text; first: the number of the first scene."""
    scenes = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line[0] == "#":
            continue
        if line[0] == "*":
            scenes.append(Scene(line[1:].strip(), first + len(scenes)))
        elif line[0] == "@":
            scenes[-1].set(line[1:].split())
        else:
            scenes[-1].add(line)
    return scenes


# ISNs of both ends. With all pairs but the first, one end's sequence numbers
# wrap or flip their sign bit at the relative number 57, and the other end's at
# 50. The data of most scenes contains these numbers.
WRAPS = ((1000, 500000), (0xffffffc7, 0xffffffce), (0x7fffffc7, 0xffffffce),
         (0xffffffc7, 0x7fffffce))


def variants(text, first):
    """Return variants of each scene that has no settings, no raw numbers and no
    repetitions: for each pair of ISNs in WRAPS, one variant with each end as
    the originator. MPTCP scenes are omitted, because tshark would take the
    variants for subflows of one connection."""
    found = []
    for block in ("\n" + text).split("\n* ")[1:]:
        if re.search(r"^@|=0|^repeat|mptcp", block, re.MULTILINE):
            continue
        for isn, swap in itertools.product(WRAPS, (False, True)):
            found += read_text("* " + block.replace(
                "\n", f"\n@ isn={isn[0]},{isn[1]}" + " swap" * swap + "\n",
                1), first + len(found))
    return found


def read_all(folder=pathlib.Path(__file__).parent / "scenes", wrap=False):
    """Read the scenes of all files. If wrap is true, read the variants instead,
    without frame.txt."""
    scenes = []
    for path in sorted(folder.glob("*.txt")):
        if wrap and path.stem == "frame":
            continue
        read = variants if wrap else read_text
        found = read(path.read_text(encoding="ascii"), len(scenes))
        for scene in found:
            scene.name = f"{path.stem}: {scene.name}"
        scenes += found
    return scenes


def frames_of(scenes, begin=1_600_000_000):
    """Put all scenes into one capture, one after the other. Return: the frames,
    and the scene and line of each frame."""
    frames, places = [], []
    for scene in scenes:
        for line in scene.lines:
            frames.append(line.frame(begin * 10 ** 9))
            places.append((scene, line))
        begin = max(f.time for f in frames) // 10 ** 9 + 10
    return frames, places
