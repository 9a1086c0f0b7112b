# SPDX-License-Identifier: GPL-2.0
"""Check the analysis of the captures in ../cases, most of which were once
analysed wrongly. Each capture was made from a public description."""
import json
import pathlib

from tap import case, cases, contains, equal

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"


def events(client, name, *args):
    out, _ = client.run("watch", "-r", FOLDER / (name + ".pcap"), "--json",
                        *args)
    return [json.loads(line) for line in out.splitlines()]


def ends(close):
    """Return: how a connection ended: reason, closing end, both states."""
    return (close["reason"], close.get("by"), close["a2b"]["state"],
            close["b2a"]["state"])


END = "end-of-capture"
FIN_BY_ORIG = ("fin", "orig", "TIME_WAIT", "CLOSED")

# name; for each connection, how it ended; suspicions
ENDS = [
    ("00-seed-arithmetic", [FIN_BY_ORIG], []),
    # the RST answers the ACK of an old connection
    ("01-min", [(END, None, "SYN_SENT", "CLOSED")], []),
    # only SYN-RECEIVED sends a SYN,ACK
    ("03-min", [(END, None, "ESTABLISHED", "SYN_RECEIVED")], []),
    # only SYN-SENT sends a SYN
    ("18-syn-synack-repeat", [(END, None, "SYN_SENT", "SYN_RECEIVED")], []),
    # a FIN with an old timestamp
    ("04-min", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    # two SYN,ACKs: the ACK shows which one the client accepted
    ("05-min", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    # one direction
    ("14-min", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    ("14-synacks-dropped", [(END, None, "ESTABLISHED", "SYN_RECEIVED")], []),
    # a second connection with the same ports and ISN
    ("19-min", [("refused", "resp", "CLOSED", "CLOSED"), FIN_BY_ORIG], []),
    ("22-captured-twice", [FIN_BY_ORIG], []),
    ("19-same-isn-after-rst", [
        ("reset", "orig", "CLOSED", "CLOSED"),
        (END, None, "ESTABLISHED", "ESTABLISHED")], []),
    ("27-simultaneous-open", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    # a SYN to its own source address and port: a self-connection
    ("32-land", [(END, None, "SYN_RECEIVED", "SYN_RECEIVED")], []),
    ("35-min", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    # data beyond the window is not suspected if the real sender sent it
    ("37-min", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    ("37-wscale-lost-b", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    # seen as two connections: the client's packets carry the virtual address
    # before IPVS, and the real address after IPVS; the server's packets carry
    # the real address
    ("42-ipvs-as-seen", [
        (END, "orig", "FIN_WAIT_1", "CLOSE_WAIT"),
        ("fin", "resp", "CLOSED", "TIME_WAIT")], []),
    ("44-synproxy-client", [(END, None, "ESTABLISHED", "ESTABLISHED")], []),
    # The client's ACKs acknowledge the proxy's sequence numbers, so no ACK
    # acknowledges the server's FIN.
    ("45-synproxy-router", [
        ("reused", None, "ESTABLISHED", "ESTABLISHED"),
        (END, "orig", "TIME_WAIT", "LAST_ACK")], ["ack"]),
    ("50-port-reused-over-half-closed", [
        ("reused", "resp", "CLOSE_WAIT", "FIN_WAIT_2"), FIN_BY_ORIG], []),
    # one segment was missed
    ("51-one-request-missing", [FIN_BY_ORIG], ["ack"]),
    ("51-gap", [FIN_BY_ORIG], ["ack"]),
    ("52-forged-rst-other-ttl", [("reset", "orig", "CLOSED", "CLOSED")],
     ["rst_ttl", "after_rst"]),
    ("52-forged-data-other-ttl", [(END, None, "ESTABLISHED", "ESTABLISHED")],
     ["data_ttl"]),
    ("60-fin-first", [("fin", "resp", "CLOSED", "TIME_WAIT")], []),
    ("60-keepalive-first", [FIN_BY_ORIG], []),
    ("60-lastack-reordered", [FIN_BY_ORIG], ["ack"]),
    ("60-rst-at-ack", [("reset", "orig", "CLOSED", "CLOSED")], []),
    ("60-rst-then-data", [("reset", "orig", "CLOSED", "CLOSED")], []),
    ("60-syn-rst-retry", [("refused", "resp", "CLOSED", "CLOSED")] * 3, []),
]


@cases("case", [(row[0], *row) for row in ENDS])
def how_it_ends(client, name, closes, suspected):
    got = events(client, name)
    equal(sorted((e["conn"], *ends(e)) for e in got if e["event"] == "close"),
          [(i + 1, *end) for i, end in enumerate(closes)])
    equal([e["suspicion"] for e in got if e["event"] == "suspected"],
          suspected)


# name; for each finding: name, end, count, largest value
FINDINGS = [
    ("01-min", [("old_connection", "resp", 1, 0)]),
    ("03-min", [("synack_repeated", "resp", 2, 0)]),
    ("04-min", [("old_timestamp", "orig", 1, 1013)]),
    ("05-min", [("two_synacks", "resp", 1, 0)]),
    ("06-min", []),
    # the ACK loop is frames 10 to 69; one window is 0 from 0.102 s to 0.1335 s,
    # the other from 0.103 s to 0.1335 s
    ("07-ack-loop-zero-window", [
        ("window_shrunk", "orig", 1, 61320), ("ack_loop", None, 60, 0),
        ("zero_window", "orig", 1, 30), ("zero_window", "resp", 1, 31)]),
    # 6 probes from 0.32 to 12.7 s; the window is 0 from 0.12 to 14 s and from
    # 14.22 to 15.22 s
    ("08-probes-unanswered", [("probes_unanswered", "resp", 6, 12380),
                              ("zero_window", "resp", 2, 13880)]),
    # older_syn() tests the second connection
    ("04-syn-older-timestamp", []),
    ("12-nat-leak-rst", [("stray_rst", "resp", 1, 8443)]),
    ("14-min", [("one_way", "resp", 1, 2)]),
    ("14-synacks-dropped", [("synack_unanswered", "resp", 2, 4)]),
    # the FINs are sent from 1741.0 s to 1745.5 s
    ("15-fin-unanswered", [("fin_unanswered", "resp", 5, 4500)]),
    ("18-syn-synack-repeat", [("syn_repeated", "orig", 3, 0)]),
    ("22-captured-twice", [("seen_twice", None, 11, 0)]),
    # 1388 bytes are retransmitted six times, but the next 512 bytes are SACKed
    ("23-pmtu-blackhole", [("path_mtu", "orig", 6, 1388)]),
    ("24-tfo-stripped", [("tfo_not_taken", "resp", 1, 200)]),
    ("26-sack-not-rewritten", [("sack_outside", "resp", 2, 1999998540)]),
    # the right edge goes back from 1014601 to 1003921, and then to 1002921
    ("28-window-shrinks", [("window_shrunk", "resp", 2, 10680)]),
    ("37-min", [("window_shrunk", "resp", 1, 63240),
                ("window_overrun", "resp", 1, 150)]),
    ("37-wscale-lost-b", [("wscale_lost", "orig", 1, 7)]),
    ("00-seed-arithmetic", []), ("19-min", []), ("31-min", []),
    ("50-port-reused-over-half-closed", []), ("51-gap", []),
    ("60-lastack-reordered", []), ("60-rst-then-data", []),
]


@cases("case: findings of", [(row[0], *row) for row in FINDINGS])
def findings(client, name, want):
    got = close_of(client, name)["findings"]
    equal([(e["finding"], e["end"], e["count"], e["value"]) for e in got],
          want)


# FINDINGS gives the times of the first three captures. In
# 04-syn-older-timestamp, the SYNs are sent from 5 to 12 s; in
# 14-synacks-dropped, the SYN,ACKs from 0.02 to 7.02 s; in
# 18-syn-synack-repeat, the SYN,ACKs from 0.02 to 3.02 s.
@cases("case: CLOSE shows the end and the duration of a finding", [
    (name, name, *words) for name, *words in (
        ("07-ack-loop-zero-window", "  window_shrunk of originator  ",
         "  ack_loop x60  ", "  zero_window of originator for 30.0 ms  ",
         "  zero_window of responder for 31.0 ms  "),
        ("08-probes-unanswered",
         "  probes_unanswered of responder x6 for 12.4 s  ",
         "  zero_window of responder x2 for 13.9 s  "),
        ("15-fin-unanswered", "  fin_unanswered of responder x5 for 4.50 s  "),
        ("04-syn-older-timestamp", "  SYN unanswered for 7.00 s  "),
        ("14-synacks-dropped", "  SYN,ACK unanswered for 7.00 s  "),
        ("18-syn-synack-repeat", "  SYN,ACK unanswered for 3.00 s  "))])
def close_words(client, name, *words):
    path = FOLDER / (name + ".pcap")
    out, _ = client.run("watch", "-r", path, "-e", "close")
    contains(out.splitlines()[-1], *words)
    out, _ = client.run("watch", "-r", FOLDER / "00-seed-arithmetic.pcap")
    equal(out.count("unanswered"), 0)


@case("case: a repeated sequence number is a retransmission")
def rexmit(client):
    got = events(client, "38-rexmit-called-out-of-order", "-e", "segment")
    equal([(e["frame"], e["rexmit_bytes"], e["analysis"]) for e in got
           if "rexmit_bytes" in e], [(8, 1460, ["out_of_order"])])


@case("case: a packet that is captured twice counts once")
def twice(client):
    close = close_of(client, "22-captured-twice")
    equal([(close[side]["packets"], close[side]["rexmit_packets"],
            close[side]["rtt_samples"] > 0) for side in ("a2b", "b2a")],
          [(6, 0, True), (5, 0, True)])
    out, _ = client.run("stats", "-r", FOLDER / "22-captured-twice.pcap",
                        "--json")
    got = json.loads(out)
    equal((got["tracked"], got["copy"], got["packets"]), (11, 11, 22))


@case("case: an unanswered SYN, older than the connection before it")
def older_syn(client):
    # the last SYN has the timestamp 127000, the connection before it 5000101
    close = close_of(client, "04-syn-older-timestamp", 2)
    equal(close["findings"], [
        {"finding": "syn_timestamp", "end": "orig", "count": 1,
         "value": 5000101 - 127000}])


@case("case: midstream, the port of a service is the responder's")
def direction(client):
    close = close_of(client, "13-midstream-direction")
    equal((close["orig_port"], close["resp_port"], close["guessed"]),
          (700, 2049, True))


def close_of(client, name, conn=1):
    return [e for e in events(client, name, "-e", "close")
            if e["conn"] == conn][0]


@case("case: a keep-alive is not a retransmission")
def keep_alive(client):
    a2b = close_of(client, "06-min")["a2b"]
    equal((a2b["keep_alives"], a2b["rexmit_packets"], a2b["rexmit_bytes"],
           a2b["unique_bytes"]), (1, 0, 0, 10))


@case("case: one direction: data that acknowledges data proves the handshake")
def one_way(client):
    close = close_of(client, "14-min")
    equal((close["one_way"], close["midstream"]), (True, True))
    equal("one_way" in close_of(client, "14-synacks-dropped"), False)


@case("case: the SYN counts in the new connection, not in the old one")
def reused(client):
    old, new = (close_of(client, "50-port-reused-over-half-closed", conn)
                for conn in (1, 2))
    equal((old["a2b"]["packets"], old["b2a"]["packets"], old["duration"]),
          (5, 3, 65.02))
    equal((new["a2b"]["packets"], new["b2a"]["packets"], new["a2b"]["syns"],
           new["syn_synack_ns"], new["duration"]),
          (5, 3, 1, 20000000, 0.15))


@case("case: a SACK block for data that was never sent is not a D-SACK")
def dsack(client):
    close = close_of(client, "26-sack-not-rewritten")
    equal((close["b2a"]["sack_blocks"] > 0, close["b2a"]["dsacks"]),
          (True, 0))


@case("case: both ends of a simultaneous open pass SYN-RECEIVED")
def simultaneous(client):
    got = events(client, "27-simultaneous-open")
    equal([(e["end"], e["to"]) for e in got if e["event"] == "state"],
          [("orig", "SYN_SENT"), ("resp", "SYN_SENT"),
           ("orig", "SYN_RECEIVED"), ("resp", "SYN_RECEIVED"),
           ("resp", "ESTABLISHED"), ("orig", "ESTABLISHED")])
    established, = [e for e in got if e["event"] == "established"]
    equal((established["syn_synack_ns"], established["synack_ack_ns"]),
          (19100000, 900000))


@case("case: TSecr shows which SYN is answered, in each record")
def tsecr(client):
    got = events(client, "31-min", "-e", "established,segment,close")
    equal([e.get("syn_synack_ns", e.get("rtt_ns")) for e in got
           if e["event"] == "close" or e["event"] == "established" or
           e.get("flags") == "SA"], [1050000000] * 3)


@case("case: a SYN,ACK before its SYN is not midstream")
def synack_first(client):
    close = close_of(client, "35-min")
    equal(("midstream" in close, close["a2b"]["mss"], close["a2b"]["wscale"]),
          (False, 1460, 7))


@case("case: a window scale that one side offers")
def one_scale(client):
    established, close = events(client, "37-min", "-e", "established,close")
    equal((established["wscale"], close["a2b"]["wscale"],
           close["b2a"]["wscale"]), ([8, None], 8, None))
    out, _ = client.run("watch", "-r", FOLDER / "37-min.pcap")
    equal(out.count("wscale 8/none"), 1)
    out, _ = client.run("stats", "-r", FOLDER / "37-min.pcap", "--json")
    got = json.loads(out)
    equal((got["overrun"], got["outside_window"]), (1, 0))


@case("case: a gap is counted once, and has one letter")
def gap(client):
    for name, missed in (("51-one-request-missing", 27), ("51-gap", 27)):
        close = close_of(client, name)
        equal((close["a2b"]["missed_bytes"], close["b2a"]["missed_bytes"],
               close["history"].count("G"), close["history"].count("g")),
              (missed, 0, 1, 0), name)


@case("case: data and FIN after a RST are in the record")
def after_rst(client):
    b2a = close_of(client, "60-rst-then-data")["b2a"]
    equal((b2a["packets"], b2a["bytes"], b2a["unique_bytes"], b2a["fins"]),
          (5, 3000, 3000, 1))
