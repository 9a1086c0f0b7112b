# SPDX-License-Identifier: GPL-2.0
"""Run watch, list and stats on capture files, and check what each command
prints about the connections."""
import json

import captures
from captures import ACK, FIN, MS, PSH, RST, SYN, T0, Talk
from tap import case, cases, contains, equal

# SHA-1 in base64, as specified. The ID of the first two rows is from the test
# vectors that the specification publishes; the other IDs were computed by hand
# with sha1sum.
COMMUNITY = [
    ("published", "128.232.110.120", 34855, "66.35.250.204", 80,
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    ("published, the other way", "66.35.250.204", 80, "128.232.110.120", 34855,
     "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
    ("IPv6", "2001:db8::2", 40000, "2001:db8::1", 80,
     "1:xxBXsRexdpQSgL1PGYgYIwayIeU="),
    ("ports decide", "10.0.0.1", 81, "10.0.0.1", 80,
     "1:tlfFsHe+E3VVycVoOYQhDlTTvRc="),
]


@cases("community ID", COMMUNITY)
def community(client, src, sport, dst, dport, want):
    talk = Talk(src, sport, dst, dport)
    got = client.replay(captures.pcap([talk(0, SYN)]), "-e", "close")
    equal((got[0]["orig"], got[0]["community_id"]), (src, want))


def whole():
    """Return the frames of a connection that lasts 7 ms: handshake, a request
    of 100 bytes, an answer of 2000 bytes, and FINs."""
    talk = Talk()
    return talk.handshake() + [
        talk(0, PSH | ACK, 1, 1, 100), talk(1, PSH | ACK, 1, 101, 2000),
        *talk.close(101, 2001)]


@case("a closing record")
def close(client):
    got = client.replay(captures.pcap(whole()), "-e", "close")
    equal(len(got), 1)
    event = got[0]
    a2b, b2a = event.pop("a2b"), event.pop("b2a")
    equal(event, {
        "event": "close", "frame": 8, "time": T0 + 7 * MS,
        "wall": "2023-11-14T22:13:20.007000000Z", "seq_no": 0, "conn": 1,
        "netns": 0, "orig": "10.0.0.2", "orig_port": 40000,
        "resp": "10.0.0.1", "resp_port": 80,
        "segment": {"from": "orig", "flags": "A", "seq": 1102, "ack": 7002,
                    "rel_seq": 102, "rel_ack": 2002, "win": 64240, "len": 0,
                    "wire_segments": 1},
        "reason": "fin", "by": "orig", "start": T0, "duration_ns": 7 * MS,
        "duration": 0.007, "established_ns": 5 * MS, "syn_synack_ns": MS,
        "synack_ack_ns": MS, "initial_rtt_ns": 2 * MS, "conn_state": "SF",
        # the responder never sent a pure ACK
        "history": "ShADdFf", "end_reason": 3, "completeness": 31,
        "transitions": event["transitions"], "suspected": [],
        "findings": [], "fate": "answered", "drops": 0,
        "limited_by": "path",
        "community_id": "1:wiztte4BBo/nz6LuCKq48Eb9IM8="})
    equal((a2b["packets"], a2b["bytes"], a2b["data_packets"], a2b["syns"],
           a2b["fins"], a2b["pure_acks"], a2b["pushes"], a2b["flags"],
           a2b["state"]), (5, 100, 1, 1, 1, 2, 1, "SFPA", "TIME_WAIT"))
    equal((b2a["packets"], b2a["bytes"], b2a["unique_bytes"], b2a["state"]),
          (3, 2000, 2000, "CLOSED"))
    # 100 bytes in 7 ms
    equal((a2b["throughput"], a2b["segment_size_avg"]), (14285, 100))


@case("every event of a file has the number of its frame")
def frames(client):
    got = client.replay(captures.pcap(whole()), "-e", "all")
    equal([event["seq_no"] for event in got], list(range(len(got))))
    equal([(e["event"], e["frame"]) for e in got if e["event"] != "state"],
          [("open", 1), ("segment", 1), ("segment", 2), ("segment", 3),
           ("established", 3), ("segment", 4), ("segment", 5), ("segment", 6),
           ("segment", 7), ("segment", 8), ("close", 8)])
    for event in got:
        if "hook" in event or "hook" in event.get("segment", {}):
            raise AssertionError(event)


@case("segments: a retransmission, duplicate ACKs, round trip times")
def segments(client):
    talk = Talk()
    data = talk(0, ACK, 1, 1, 100)
    frames = talk.handshake() + [data, talk(1, ACK, 1, 101)] + \
        [talk(1, ACK, 1, 101)] * 2 + [data]
    got = client.replay(captures.pcap(frames), "-e", "segment")
    equal([event["analysis"] for event in got[:7]],
          [[], [], [], [], [], ["duplicate_ack"], ["duplicate_ack"]])
    equal(got[7]["analysis"], ["retransmission", "spurious_retransmission"])
    equal([event.get("dup_ack_num") for event in got],
          [None] * 5 + [1, 2, None])
    equal([event.get("rtt_ns") for event in got],
          [None, MS, MS, None, MS, None, None, None])


@case("open connections end with the file, in the order in which they opened")
def still_open(client):
    talks = [Talk(port=port) for port in (3, 1, 2)]
    frames = [talk(0, SYN) for talk in talks]
    frames += [talks[0](1, SYN | ACK, 0, 1), talks[0](0, ACK, 1, 1)]
    frames += [talks[1](1, RST | ACK, 0, 1)]
    got = client.replay(captures.pcap(frames), "-e", "close")
    equal([(e["conn"], e["orig_port"], e["reason"], e["conn_state"],
            e["end_reason"], e.get("frame")) for e in got],
          [(2, 1, "refused", "REJ", 3, 6),
           (1, 3, "end-of-capture", "S1", 4, None),
           (3, 2, "end-of-capture", "S0", 4, None)])
    equal([(e["segment"], e["time"]) for e in got[1:]],
          [(None, T0 + 5 * MS)] * 2)


@case("ends are reused: another connection, but the analysis continues")
def reused(client):
    again = Talk(isn=(900000, 800000))
    frames = whole() + again.handshake()
    got = client.replay(captures.pcap(frames), "-e", "open,close,segment")
    equal([(e["event"], e["conn"]) for e in got if e["event"] != "segment"],
          [("open", 1), ("close", 1), ("open", 2), ("close", 2)])
    segments_ = [e for e in got if e["event"] == "segment"]
    equal(segments_[8]["analysis"], ["reused_ports"])
    equal((segments_[8]["conn"], segments_[8]["rel_seq"]), (2, 0))


@case("an unanswered SYN gives way to another")
def replaced(client):
    frames = [Talk()(0, SYN), Talk(isn=(77, 0))(0, SYN)]
    got = client.replay(captures.pcap(frames), "-e", "close")
    equal([(e["conn"], e["reason"]) for e in got],
          [(1, "reused"), (2, "end-of-capture")])
    counts = client.counts(captures.pcap(frames))
    equal([counts[name] for name in ("opened", "reused", "closed", "open")],
          [2, 1, 1, 1])


@case("late segments belong to the closed connection")
def late(client):
    talk = Talk()
    frames = whole() + [talk(1, FIN | ACK, 2001, 102)]
    got = client.replay(captures.pcap(frames), "-e", "segment,close")
    equal([(e["event"], e["conn"]) for e in got[-2:]],
          [("segment", 1), ("close", 1)])
    equal((got[-1]["b2a"]["packets"], got[-1]["b2a"]["fins"],
           got[-1]["frame"], got[-1]["time"]), (4, 2, 8, T0 + 7 * MS))
    equal(client.counts(captures.pcap(frames))["late"], 1)


@cases("the closing record waits 5 s of the capture for late segments", [
    ("a segment in time", 4998, 3), ("a segment too late", 5000, 2)])
def delayed(client, wait, packets):
    talk, other = Talk(), Talk(port=9)
    frames = [(talk(0, SYN), 0), (talk(1, RST | ACK, 0, 1), 1),
              (other(0, SYN), 1 + wait), (talk(1, ACK, 5, 1), 2 + wait)]
    data = captures.header(1, "<", False) + b"".join(
        captures.record(frame, T0 + ms * MS, "<", False)
        for frame, ms in frames)
    close = client.replay(data, "-e", "close")[0]
    equal((close["conn"], close["reason"], close["frame"],
           close["a2b"]["packets"] + close["b2a"]["packets"]),
          (1, "refused", 2, packets))


@case("--as-module does not wait for them")
def at_once(client):
    talk = Talk()
    data = captures.pcap(whole() + [talk(1, FIN | ACK, 2001, 102)])
    got = client.replay(data, "--as-module", "-e", "segment,close")
    equal([e["event"] for e in got[-2:]], ["close", "segment"])
    equal(got[-2]["b2a"]["packets"], 3)


@cases("a connection may begin with its end", [
    ("RST", [(1, RST, 5, 0)], "reset", 1, "CLOSED", "CLOSED"),
    ("FINs", [(1, FIN | ACK, 1, 1), (0, ACK, 1, 2), (0, FIN | ACK, 1, 2),
              (1, ACK, 2, 2)], "fin", 1, "CLOSED", "TIME_WAIT"),
])
def ends_first(client, segments, reason, by, orig, resp):
    talk = Talk()
    data = captures.pcap([talk(*segment) for segment in segments])
    close, = client.replay(data, "-e", "close")
    equal((close["conn"], close["reason"], close["by"], close["midstream"],
           close["a2b"]["state"], close["b2a"]["state"]),
          (1, reason, ["orig", "resp"][by], True, orig, resp))
    equal(client.counts(data)["tracked"], len(segments))


@cases("strays belong to no connection, but are analysed", [
    ("no flags", 0, "bad_flags", "-"),
])
def strays(client, flags, counter, letters):
    talk = Talk()
    data = captures.pcap([talk(1, flags, 5, 9), talk(1, flags, 1005, 9)])
    got = client.replay(data, "-e", "all")
    equal([(e["event"], e["conn"], e["src"], e["from"], e["flags"],
            e["rel_seq"]) for e in got],
          [("segment", 0, "10.0.0.1", "orig", letters, 5005),
           ("segment", 0, "10.0.0.1", "orig", letters, 6005)])
    equal(got[1]["analysis"], ["lost_segment"])
    equal(client.counts(data), {"packets": 2, counter: 2})


@case("the analysis of strays continues in the next connection")
def stray_first(client):
    talk = Talk()
    frames = [talk(0, FIN | ACK, 500, 9), *talk.handshake()]
    got = client.replay(captures.pcap(frames), "-e", "segment")
    equal(got[1]["analysis"], ["reused_ports"])
    # if the responder sent the stray segment, the new connection inherits the
    # responder's half of the analysis
    frames = [talk(1, FIN | ACK, 500, 1), *talk.handshake()]
    got = client.replay(captures.pcap(frames), "-e", "segment")
    equal(["reused_ports" in event["analysis"] for event in got],
          [False, False, True, False])


@case("times may go back")
def back(client):
    talk = Talk()
    got = client.replay(captures.pcap(
        talk.handshake() + [talk(0, ACK, 1, 1, 5)], step=-MS), "-e", "close")
    equal((got[0]["duration_ns"], got[0]["start"]), (0, T0))
    # a CLOSE at the end of the file has the latest packet time of the file
    got = client.replay(captures.pcap([Talk(port=port)(0, SYN)
                                       for port in (1, 2)], step=-MS),
                        "-e", "close")
    equal([(e["start"], e["time"]) for e in got],
          [(T0, T0), (T0 - MS, T0)])


@case("a connection to itself")
def self_connect(client):
    talk = Talk(server="10.0.0.2", service=40000)
    got = client.replay(captures.pcap([talk(0, SYN)]), "-e", "open")
    equal(got[0]["self"], True)


@case("-n ends it: no note about the rest")
def count(client):
    got = client.replay(captures.pcap(whole()), "-e", "all", "-n", "4")
    equal(len(got), 4)
    out, err = client.run("watch", "-r", client.path("capture"), "-n1")
    equal((out.count("\n"), err), (1, ""))


@case("text")
def text(client):
    path = client.path("capture", captures.pcap(whole()))
    out, err = client.run("watch", "-r", path, "-e", "open,segment,close")
    lines = out.splitlines()
    flow = "10.0.0.2:40000 -> 10.0.0.1:80  "
    equal(lines[0], "22:13:20.000000    1 OPEN     " + flow +
          "[S] seq 0 len 0")
    equal(lines[2], "22:13:20.001000    1 SEGMENT  " +
          flow.replace("->", "<-") +
          "[SA] seq 0 ack 1 len 0 next 1 win 64240 rtt 1.00 ms")
    equal(lines[-1], "22:13:20.007000    1 CLOSE    " + flow +
          "closed, first by originator after 7.00 ms (5.00 ms established)  "
          "-> 100 B in 5 pkt  <- 2000 B in 3 pkt  "
          "limited by path, response 0 ns mean (1), busy 4.00 ms  "
          "SF ShADdFf [SFPA] [SFPA]")
    equal(err, "")
    out, _ = client.run("watch", "-r", path, "-n1", "--time=mono")
    contains(out, "1700000000.000000 ")


@case("--one-line: one line per connection, with the first SYN's direction")
def one_line_each(client):
    talk = Talk(port=9)
    frames = whole() + [talk(0, SYN), talk(1, RST | ACK, 0, 1)]
    path = client.path("capture", captures.pcap(frames))
    out, err = client.run("watch", "-r", path, "--one-line")
    equal(out, """\
22:13:20.007000    1 10.0.0.2:40000 -> 10.0.0.1:80  \
fin            SF     7.00 ms  -> 100 B  <- 2000 B  rtt 1.00 ms
22:13:20.009000    2 10.0.0.2:9 -> 10.0.0.1:80      \
refused        REJ    1.00 ms  -> 0 B  <- 0 B
""")
    equal(err, "")
    equal([e["event"] for e in client.replay(captures.pcap(frames),
                                             "--one-line")], ["close"] * 2)


@case("--follow: one connection, and no more after its end")
def follow(client):
    first, second = Talk(port=1), Talk(port=2)
    frames = [first(0, SYN), second(0, SYN), first(1, SYN | ACK, 0, 1),
              second(1, RST | ACK, 0, 1)]
    got = client.replay(captures.pcap(frames), "--follow", "2")
    equal(({e["conn"] for e in got}, got[-1]["event"]), ({2}, "close"))
    got = client.replay(captures.pcap(frames), "--follow", "1", "-e", "open")
    equal([e["event"] for e in got], ["open", "close"])
    path = client.path("capture")
    out, err = client.run("watch", "-r", path, "--follow", "3", code=1)
    equal(out, "")
    contains(err, "no connection 3")
    # --follow also works on records that are read from the device
    out, _ = client.watch("many", "--follow", "2", "--json", "-e", "all")
    equal({json.loads(line)["conn"] for line in out.splitlines()}, {2})


@case("list: open and closed connections, by number")
def listing(client):
    talk = Talk(port=1111)
    data = captures.pcap([talk(0, SYN), *whole(), talk(1, SYN | ACK, 0, 1)])
    path = client.path("capture", data)
    out, _ = client.run("list", "-r", path)
    rows = [line.split() for line in out.splitlines()]
    equal(rows[1][:5] + rows[1][11:], [
        "1", "10.0.0.2:1111", "10.0.0.1:80", "ESTABLISHED", "SYN_RECEIVED",
        "0.009", "-", "H", "-"])
    equal(rows[2], [
        "2", "10.0.0.2:40000", "10.0.0.1:80", "TIME_WAIT", "CLOSED", "102",
        "2002", "2002", "102", "100", "2000", "0.008", "-", "C", "-"])
    equal(len(rows), 3)
    out, _ = client.run("list", "-r", path, "--json", "--state", "time-wait")
    got = json.loads(out)
    equal((got["id"], got["closed"], got["orig_bytes"], got["age"]),
          (2, True, 100, 0.008))
    equal("left" in got, False)
    path = client.path("capture", captures.pcap(whole() + [talk(0, SYN)]))
    out, _ = client.run("list", "-r", path, "--no-header")
    equal([line.split()[0] for line in out.splitlines()], ["1", "2"])


@cases("list -r: an expression of ss selects connections, others packets", [
    ("state", "state time-wait", ["2"]),
    ("not", "not state syn-sent", ["1", "2"]),
    ("dport", "dport = :80", ["1", "2", "3"]),
    ("sport or", "sport = 1111 or sport = 8888", ["1", "3"]),
    ("age", "age > 9ms", ["1"]),
    # a packet filter would match only one direction
    ("valid for both", "dst 10.0.0.1", ["1", "2", "3"]),
    ("valid for both, no such connection", "dst 10.0.0.2", []),
    ("tcpdump", "port 1111", ["1"]),
    ("tcpdump's dst", "dst port 80 and src port 8888", ["1"]),
])
def list_expression(client, text, want):
    talk, more = Talk(port=1111), Talk(port=8888)
    path = client.path("capture", captures.pcap(
        [talk(0, SYN), *whole(), talk(1, SYN | ACK, 0, 1), more(0, SYN)]))
    for words in (text,), text.split():
        out, _ = client.run("list", "-r", path, "--no-header", *words)
        equal([line.split()[0] for line in out.splitlines()], want)


@cases("list -r: the error about an expression names the wrong word", [
    ("of ss", "state foo", 2, ("character 7, 'foo'", "unknown TCP state")),
    ("of ss, later", "dst 10.0.0.1 and age > x", 2, ("'x'", "invalid time")),
    ("of tcpdump", "prot 80", 1, ("filter 'prot 80'", "syntax error")),
])
def list_wrong_expression(client, text, code, parts):
    path = client.path("capture", captures.pcap(whole()))
    out, err = client.run("list", "-r", path, text, code=code)
    equal(out, "")
    contains(err, *parts)


@case("stats: every packet is in one counter of the first group")
def stats(client):
    frames = whole() + [Talk(port=9)(0, RST, 5), b"\0" * 60,
                        captures.ether(captures.ip4(b"x" * 30, proto=17)),
                        captures.ether(captures.ip4(
                            captures.tcp(1, 2, SYN), fragment=0x2000))]
    path = client.path("capture", captures.pcap(frames))
    equal(client.counts(captures.pcap(frames)), {
        "tracked": 9, "not_ip": 1, "not_tcp": 1, "fragment": 1,
        "packets": 12, "opened": 2, "midstream": 1, "established": 1,
        "closed": 2})
    out, _ = client.run("stats", "-r", path, "--all")
    lines = out.splitlines()
    for line in lines:
        if len(line.split()) < 5:
            raise AssertionError("a counter without a sentence: " + line)
    names = [line.split()[0] for line in lines]
    group = lines[:names.index("bad_flags") + 1]
    equal(sum(int(line.split()[1]) for line in group), len(frames))
