# SPDX-License-Identifier: GPL-2.0
"""Check that tshark reads the comments that annotate and record write."""
import glob
import os
import re
import shutil
import struct
import subprocess

import captures
import records
from captures import ACK, MS, PSH, SYN, T0, Talk
from tap import TOP, Skip, case, cases, contains, equal, one_line

CASES = os.path.join(TOP, "tests", "cases")
PACKET, OLD, SIMPLE, SECTION = 6, 2, 3, 0x0a0d0d0a


def tool(name, *args):
    if not shutil.which(name):
        raise Skip(f"no {name}")
    done = subprocess.run([name, *args], capture_output=True, text=True,
                          check=False)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


def fields(path, *names, options=()):
    """Return: the fields of each packet, as tshark prints them."""
    args = [word for name in names for word in ("-e", name)]
    out = tool("tshark", "-r", path, *options, "-T", "fields", *args)
    return [line.split("\t") for line in out.splitlines()]


def comments(path):
    return [row[0] for row in fields(path, "frame.comment")]


def annotate(client, data, *args, code=0):
    """Return: the path of the annotated capture, and standard error."""
    path = client.path("annotated")
    out, err = client.run("annotate", "-r", client.path("capture", data),
                          "-w", path, *args, code=code)
    equal(out, "")
    return path, err


def conversation():
    """Return: frames with a retransmission and two duplicate ACKs."""
    talk = Talk()
    data = talk(0, PSH | ACK, 1, 1, 100)
    return talk.handshake() + [data, talk(1, ACK, 1, 101)] + \
        [talk(1, ACK, 1, 101)] * 2 + [data, *talk.close(101, 1)]


def blocks(data):
    """Yield type, body and byte order of each block of a pcapng."""
    at, order = 0, "<"
    while at < len(data):
        if data[at:at + 4] == b"\n\r\r\n":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, size = struct.unpack_from(order + "II", data, at)
        equal(struct.unpack_from(order + "I", data, at + size - 4)[0], size)
        yield kind, data[at + 8:at + size - 4], order
        at += size


def without_comment(body, order):
    """Return: a packet block's body without its first option. If the body has
    an option, the first one must be a comment."""
    at = 20 + (struct.unpack_from(order + "I", body, 12)[0] + 3) // 4 * 4
    if at == len(body):
        return body
    kind, size = struct.unpack_from(order + "HH", body, at)
    equal(kind, 1, "first option")
    contains(body[at + 4:at + 4 + size].decode(), "tcptrace")
    rest = body[at + 4 + (size + 3) // 4 * 4:]
    return body[:at] + (rest if len(rest) > 4 else b"")


@case("annotate: the comment of each packet")
def each_packet(client):
    path, err = annotate(client, captures.pcap(conversation()))
    equal(err, "")
    equal(comments(path), [
        "tcptrace 1: opens the connection; orig CLOSED -> SYN_SENT (sent SYN)",
        "tcptrace 1: resp CLOSED -> SYN_RECEIVED (answered SYN with SYN,ACK); "
        "orig SYN_SENT -> ESTABLISHED (received SYN,ACK)",
        "tcptrace 1: resp SYN_RECEIVED -> ESTABLISHED (its SYN was "
        "acknowledged); handshake complete in 2.00 ms",
        "", "", "tcptrace 1: duplicate_ack #1", "tcptrace 1: duplicate_ack #2",
        "tcptrace 1: retransmission spurious_retransmission",
        "tcptrace 1: orig ESTABLISHED -> FIN_WAIT_1 (sent FIN); "
        "resp ESTABLISHED -> CLOSE_WAIT (received FIN)",
        "tcptrace 1: orig FIN_WAIT_1 -> FIN_WAIT_2 (its FIN was "
        "acknowledged); resp CLOSE_WAIT -> LAST_ACK (sent FIN); "
        "orig FIN_WAIT_2 -> TIME_WAIT (received FIN)",
        "tcptrace 1: resp LAST_ACK -> CLOSED (its FIN was acknowledged); "
        "closed: fin by orig, SF"])


@case("annotate: the classes are those of watch -r, in all tests/cases")
def classes(client):
    names = sorted(glob.glob(os.path.join(CASES, "*.pcap*")))
    if client.sanitized:
        names = names[:3]	# tshark is slow, and the builds agree
    for name in names:
        path = client.path("annotated")
        client.run("annotate", "-r", name, "-w", path)
        out, _ = client.run("watch", "-r", name, "--json", "-e", "segment")
        want = {int(frame): set(re.findall(r'"(\w+)"', found))
                for frame, found in re.findall(
                    r'"frame":(\d+),.*"analysis":\[(.*?)\]', out) if found}
        vocabulary = set().union(*want.values())
        got = {i + 1: vocabulary & set(re.findall(
            r"\w+", re.sub("FINDING [^;]*", "", text)))
               for i, text in enumerate(comments(path))}
        equal({i: found for i, found in got.items() if found}, want, name)


@case("annotate: a pcap becomes a pcapng with the same packets")
def converted(client):
    for nano in False, True:
        data = captures.pcap(conversation(), nano=nano, step=1234567)
        path, _ = annotate(client, data)
        names = ("frame.number", "frame.time_epoch", "frame.len",
                 "frame.cap_len", "tcp.analysis.flags", "tcp.payload")
        equal(fields(path, *names), fields(client.path("capture"), *names))
    info = tool("capinfos", "-M", path)
    contains(info, "pcapng", "Number of packets:   11\n",
             "Capture application: tcptracectl annotate")


@cases("annotate: a pcapng stays the same except for the comments", [
    ("little endian", "<"), ("big endian", ">")])
def untouched(client, order):
    frames = conversation()
    strange = captures.block(0x40001234, b"custom block", order)
    with_options = captures.block(6, struct.pack(
        order + "IIIII", 0, T0 // 1000 >> 32, T0 // 1000 & 0xffffffff,
        len(frames[0]), len(frames[0])) + frames[0] +
        b"\0" * (-len(frames[0]) % 4) +
        captures.option(1, b"tcptrace? no: mine", order) +
        captures.option(0, b"", order), order)
    simple = captures.block(3, struct.pack(order + "I", len(frames[1])) +
                            frames[1], order)
    old = captures.block(2, struct.pack(
        order + "HHIIII", 0, 7, T0 // 1000 >> 32, T0 // 1000 & 0xffffffff,
        len(frames[2]), len(frames[2])) + frames[2], order)
    data = (captures.section(order) + captures.interface(order=order) +
            strange + with_options + simple + old +
            b"".join(captures.enhanced(frame, T0 // 1000, 0, order)
                     for frame in frames[3:]) + strange)
    path, err = annotate(client, data)
    contains(err, "1 packets cannot have a comment")
    with open(path, "rb") as file:
        got = list(blocks(file.read()))
    equal(len(got), len(list(blocks(data))), "blocks")
    for (kind, body, _), (_, want, _) in zip(got, blocks(data)):
        commented = kind in (PACKET, OLD)
        equal(without_comment(body, order) if commented else body, want,
              f"block {kind}")
    # tshark shows both comments
    contains(comments(path)[0], "opens the connection", "no: mine")


@case("annotate: findings at the end belong to the last packet")
def at_end(client):
    talk = Talk()
    frames = [talk(0, SYN)] + [talk(1, SYN | ACK, 0, 1)] * 4
    path, _ = annotate(client, captures.pcap(frames, step=1000 * MS))
    contains(" ".join(comments(path)), "FINDING synack_unanswered: ")


@case("annotate: only packets of the filter get comments")
def filtered(client):
    frames = [Talk(port=1)(0, SYN), Talk(port=2)(0, SYN)]
    path, _ = annotate(client, captures.pcap(frames), "port 2")
    equal([bool(text) for text in comments(path)], [False, True])


@case("annotate: each failure is one line")
def refused(client):
    path = client.path("capture", captures.pcap(conversation()))
    for args, code, text in (
            (["-r", path], 2, "--write"), (["-w", path], 2, "--read"),
            (["-r", path, "-w", path], 1, "same file"),
            (["-r", "-", "-w", path], 1, "twice"),
            (["-r", path, "-w", "/nonexistent/x"], 1, "/nonexistent/x"),
            (["-r", path, "-w", "/dev/full"], 1, "No space left"),
            (["-r", "/nonexistent", "-w", path + "2"], 1, "/nonexistent")):
        out, err = client.run("annotate", *args, code=code)
        equal(out, "")
        contains(err, text)
        if code == 1:
            one_line(err)


@case("annotate: a broken file is copied up to the damage, exit 1")
def broken(client):
    data = captures.pcapng(conversation())
    path, err = annotate(client, data[:-10], code=1)
    contains(err, "after packet 10: truncated")
    equal(len(comments(path)), 10)


def stream():
    """Return: SEGMENT and other records of two connections, interleaved."""
    s = records.Stream()
    first, second = records.flow(1), records.flow(
        2, orig="2001:db8::2", resp="2001:db8::1")
    options = records.segment(options=0x17, mss=1460, wscale=7, hdr_len=40,
                              tsval=5, ttl=63)
    syn = records.seg(SYN, 0, 0)
    both = []
    for flow in first, second:
        both.append(s.time)
        s.record(records.SEGMENT, flow + syn + options)
    for flow, at in zip((first, second), both):
        now, s.time = s.time, at
        s.record(records.STATE, flow + syn + records.state(1, 0, 0, 1, 1))
        s.time = now
    s.record(records.LOST, struct.pack("=QQQII", 5, s.time, s.time, 1, 0),
             count=5)
    s.record(records.SEGMENT, first + records.seg(
        SYN | ACK, 1, 0, 1, hook=records.IN) + records.segment())
    s.record(records.SEGMENT, first + records.seg(
        ACK, 0, 1, 1, 100000, wire=70) + records.segment(
            options=0x18, blocks=[(7101, 7201)], hdr_len=44, analysis=1))
    return s.out


@case("record: headers, comments, directions and losses")
def recorded(client):
    path = client.path("recorded")
    out, err = client.run("record", "--device", client.path("in", stream()),
                          path)
    equal((out, err), ("", ""))
    names = ("ip.src", "ipv6.src", "tcp.srcport", "tcp.flags.str",
             "tcp.seq_raw", "tcp.ack_raw", "tcp.len", "frame.cap_len",
             "frame.len", "frame.packet_flags_direction", "frame.drop_count")
    got = fields(path, *names)
    isn = str(records.ORIG_ISN)
    equal(got[0], ["10.0.0.2", "", "40000", "··········S·", isn, "0", "0",
                   "60", "60", "0x00000002", ""])
    equal(got[1][:3] + got[1][7:9], ["", "2001:db8::2", "40000", "80", "80"])
    equal(got[2][3:], ["·······A··S·", str(records.RESP_ISN),
                       str(records.ORIG_ISN + 1), "0", "40", "40",
                       "0x00000001", "5"])
    equal(got[3][7:9], ["64", "100064"])
    equal(fields(path, "tcp.options.mss_val", "tcp.options.wscale.shift",
                 "tcp.options.timestamp.tsval", "ip.ttl")[0],
          ["1460", "7", "5", "63"])
    # by default, tshark shows sequence numbers relative to the ISN
    equal(fields(path, "tcp.options.sack_le",
                 options=("-o", "tcp.relative_sequence_numbers:FALSE"))[3],
          ["7101"])
    equal(fields(path, "ip.checksum.status",
                 options=("-o", "ip.check_checksum:TRUE"))[0], ["1"])
    equal(comments(path), [
        "tcptrace 1: orig CLOSED -> SYN_SENT (sent SYN)",
        "tcptrace 2: orig CLOSED -> SYN_SENT (sent SYN)", "",
        "tcptrace 1: retransmission"])
    info = tool("capinfos", path)
    contains(info, "Number of packets:   4\n", "Name = tcptrace",
             "Number of stat entries = 1")
    # isb_ifrecv and isb_ifdrop
    with open(path, "rb") as file:
        body = [body for kind, body, _ in blocks(file.read()) if kind == 5][0]
    equal((struct.unpack_from("<HHQ", body, 12),
           struct.unpack_from("<HHQ", body, 24)), ((4, 8, 4), (5, 8, 5)))


@case("record: -n, standard output, names")
def record_options(client):
    path = client.path("in", stream())
    done = subprocess.run([client.program, "record", "-n", "2", "--device",
                           path, "-"], capture_output=True, check=True,
                          env=client.env())
    equal([kind for kind, _, _ in blocks(done.stdout)],
          [SECTION, 1, PACKET, PACKET, 5])
    s = records.Stream()
    flow = records.flow(orig="127.0.0.1", resp="127.0.0.1")
    s.record(records.OPEN, flow + records.seg(SYN, 0, 0))
    s.record(records.SEGMENT, flow + records.seg(SYN, 0, 0) +
             records.segment())
    path = client.path("recorded")
    client.run("record", "--resolve", "--device", client.path("in", s.out),
               path)
    with open(path, "rb") as file:
        names = [body for kind, body, _ in blocks(file.read()) if kind == 4]
    contains(names[0], b"\x7f\0\0\x01localhost\0")


@cases("record: records of any type with any values", [
    (name, name) for name in (
        "session", "analysis", "counters", "suspected", "finding", "lost",
        "limit", "marks", "stray", "zone", "options", "strange_values",
        "fate", "newer", "many")])
def record_any(client, name):
    path = client.path("recorded")
    client.run("record", "--device", client.records(name), path)
    with open(path, "rb") as file:
        for kind, body, _ in blocks(file.read()):
            if kind == PACKET:
                captured, length = struct.unpack_from("<II", body, 12)
                if captured > length or captured > 100:
                    raise AssertionError((captured, length))


@case("record: each failure is one line")
def record_refused(client):
    path = client.path("in", stream())
    for args, code, text in (([], 2, "no file"), (["-n", "0", "x"], 2, "'0'"),
                             (["-B", "3", "x"], 2, "'3'"),
                             (["--device", path, "/nonexistent/x"], 1,
                              "/nonexistent/x"),
                             (["--device", path, "/dev/full"], 1,
                              "No space left")):
        _, err = client.run("record", *args, code=code)
        contains(err, text)
        if code == 1:
            one_line(err)
