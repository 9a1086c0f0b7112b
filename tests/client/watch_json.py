# SPDX-License-Identifier: GPL-2.0
"""Test the events that watch prints as JSON: names, types, and all digits of
the numbers."""
import base64
import datetime
import hashlib
import json
import time

import records
import schema
from tap import case, cases, equal


def load(client, name, *args):
    out, _ = client.watch(name, "--json", "-e", "all", *args)
    return [json.loads(line) for line in out.splitlines()]


def community_id(flow):
    digest = hashlib.sha1(bytes.fromhex("0000" + flow)).digest()
    return base64.b64encode(digest).decode()


def common(event, index, **more):
    return {"event": event, "time": records.T0 + 1000 * index,
            "seq_no": index, "conn": 1, "netns": 4026531840,
            "orig": "10.0.0.2", "orig_port": 40000, "resp": "10.0.0.1",
            "resp_port": 80, **more}


def segment(flags, sender, rel_seq, rel_ack=None, length=0, hook="out",
            wire=1):
    """Return the expected JSON of the segment that caused an event."""
    mine, other = records.ORIG_ISN, records.RESP_ISN
    if sender == "resp":
        mine, other = other, mine
    ack = 0 if rel_ack is None else (other + rel_ack) % 2**32
    return {"from": sender, "hook": hook, "flags": flags,
            "seq": (mine + rel_seq) % 2**32, "ack": ack, "rel_seq": rel_seq,
            "rel_ack": rel_ack or 0, "win": 64240, "len": length,
            "wire_segments": wire}


NO_TIME = {**dict.fromkeys("""busy_ns window_ns rto_ns fast_ns delayed_ns
path_ns idle_ns own_ns responses response_min_ns response_max_ns
response_mean_ns goodput""".split(), 0), "response_hist": [0] * 20}


def direction(packets, nbytes, flags, **more):
    """Return the expected JSON of one direction in a CLOSE event. Unless @more
    says otherwise, each packet is one segment, the state is CLOSED, and the
    other numbers are 0."""
    names = """unique_bytes rexmit_bytes missed_bytes idle_max_ns data_ns
    rtt_min_ns rtt_last_ns srtt_ns rttvar_ns rtt_samples mss wscale ttl_first
    ttl_min ttl_max sack_blocks_max throughput segment_size_avg""".split()
    return {**dict.fromkeys(names + records.COUNTERS, 0), "packets": packets,
            "segments": packets, "bytes": nbytes, "flags": flags,
            "state": "CLOSED", "rtt_hist": [0] * 20, "time": NO_TIME,
            **more}


def flat(event, index, cause, **more):
    """Return the expected JSON of a SEGMENT event. The event itself has the
    members of the segment, and it has a source and a destination in place of
    the originator and the responder."""
    ends = [("10.0.0.2", 40000), ("10.0.0.1", 80)]
    src, dst = ends if cause["from"] == "orig" else reversed(ends)
    return {"event": event, "time": records.T0 + 1000 * index,
            "seq_no": index, "conn": 1, "netns": 4026531840,
            "src": src[0], "sport": src[1], "dst": dst[0], "dport": dst[1],
            **cause, "analysis": [], "urgent": 0, **more}


SYN = segment("S", "orig", 0)
SYNACK = segment("SA", "resp", 0, 1, hook="in")
ACK = segment("A", "orig", 1, 1)
STATE_8 = segment("FA", "resp", 2801, 102, hook="in")

SESSION = {
    0: common("open", 0, segment=SYN),
    1: common("state", 1, segment=SYN, number=1, end="orig", to="SYN_SENT",
              reason="active_open", **{"from": "CLOSED"}),
    2: common("state", 2, segment=SYNACK, number=2, end="resp",
              to="SYN_RECEIVED", reason="passive_open",
              **{"from": "CLOSED"}),
    5: common("established", 5, segment=ACK, syn_synack_ns=12300000,
              synack_ack_ns=40000, handshake_ns=12340000, syn_rexmits=0,
              synack_rexmits=0, mss=[1460, 1400], wscale=[7, 8],
              options=["mss", "wscale", "sack_perm", "timestamp"]),
    6: flat("segment", 6, segment("PA", "orig", 1, 1, 100), hdr_len=32,
            ttl=64, tos=0,
            options={"timestamp": True, "tsval": 5, "tsecr": 6}),
    7: flat("segment", 7, segment("A", "resp", 1, 101, 2800, "in", 2),
            hdr_len=40, ttl=63, tos=2,
            options={"sack": [[4294967201, 0], [5, 105]],
                     "timestamp": True, "tsval": 7, "tsecr": 5}),
    11: common("state", 11, segment=STATE_8, number=8, end="orig",
               to="TIME_WAIT", reason="fin_received",
               **{"from": "FIN_WAIT_1"}),
    13: common("state", 13, segment=None, number=10, end="orig", to="CLOSED",
               reason="2msl", **{"from": "TIME_WAIT"}),
    14: common("close", 14, segment=None, reason="fin", by="orig",
               duration_ns=2314000000, established_ns=2301660000,
               transitions=10, start=records.T0, duration=2.314,
               syn_synack_ns=0, synack_ack_ns=0, initial_rtt_ns=0,
               conn_state="SF", history="ShADadFf", end_reason=3,
               # 10.0.0.1:80 is the lower end
               community_id="1:" + community_id("0a0000010a000002"
                                                "060000509c40"),
               completeness=0, suspected=[], findings=[], fate="none",
               drops=0, limited_by="unknown",
               # throughput: unique bytes in 2.314 s, rounded down
               a2b=direction(5, 100, "SFPA", unique_bytes=100, throughput=43),
               b2a=direction(4, 2800, "SFA", segments=5, unique_bytes=1400,
                             rexmit_bytes=1400, rexmit_packets=1,
                             throughput=605, segment_size_avg=2800)),
}


@cases("json: session", [(f"record {n}", n) for n in SESSION])
def session(client, number):
    got = load(client, "session")
    equal(len(got), 15, "records")
    del got[number]["wall"]
    equal(got[number], SESSION[number])


@case("json: wall is RFC 3339 with nanoseconds")
def wall(client):
    offset = time.time_ns() - time.monotonic_ns()
    for event in load(client, "session"):
        date, fraction = event["wall"].rstrip("Z").split(".")
        equal(len(fraction), 9, "digits")
        seconds = datetime.datetime.fromisoformat(date + "+00:00").timestamp()
        got = int(seconds) * 10**9 + int(fraction)
        if abs(got - event["time"] - offset) > 10**9:
            raise AssertionError(event["wall"])


@case("json: lost")
def lost(client):
    got = load(client, "lost")
    for event in got:
        del event["wall"]
    t0 = records.T0
    equal(got[1], {"event": "lost", "time": t0 + 1000, "seq_no": 1,
                   "count": 41, "first": t0 + 500, "last": t0 + 3500,
                   "causes": ["full"]})
    equal(got[3]["causes"], ["full", "position", "?"])
    equal(got[2]["seq_no"], 42)


@case("json: marks are present when they are true")
def marks(client):
    got = load(client, "marks")
    names = ("midstream", "guessed", "self")
    equal([[n for n in names if n in event] for event in got],
          [["midstream", "guessed"], ["midstream", "guessed"], ["self"], [],
           [], [], ["midstream"]])
    equal(got[0]["midstream"], True)


@case("json: addresses, with a zone if an address is link-local")
def addresses(client):
    got = load(client, "marks")
    equal((got[0]["orig"], got[0]["resp"]), ("fe80::1%3", "fe80::2%3"))
    equal((got[3]["orig"], got[3]["resp_port"]), ("2001:db8::1", 443))


@case("json: link-local and other addresses")
def zone(client):
    equal([event["orig"] for event in load(client, "zone")],
          ["fe7f::1", "fe80::1%7", "febf::1%7", "fec0::1"])


@case("json: a segment of no connection has conn 0")
def stray(client):
    got = load(client, "stray")[0]
    equal((got["conn"], got["src"], got["rel_seq"]), (0, "10.0.0.2", 77))


@case("json: closed by neither end; numbers of 64 bits")
def big(client):
    got = load(client, "marks")[-1]
    equal((got["by"], got["reason"], got["a2b"]["bytes"], got["b2a"]["flags"]),
          (None, "timeout", 2**64 - 1, "-"))
    equal(got["a2b"]["state"], "ESTABLISHED")


@case("json: all options of a segment")
def options(client):
    got = load(client, "options")
    equal(got[0]["options"],
          {"mss": 1460, "wscale": 7, "sack_perm": True, "timestamp": True,
           "tsval": 2**32 - 1, "tsecr": 0, "tfo": True, "tfo_len": 8,
           "mptcp": True, "mptcp_subtype": 1, "md5": True, "ao": True,
           "unknown": True, "malformed": True})
    equal(got[0]["ttl"], 255)
    equal(len(got[1]["options"]["sack"]), 4, "blocks of a count of 200")
    equal(got[1]["urgent"], 1)


@case("json: retransmissions in the handshake")
def handshake(client):
    got = load(client, "handshake_rexmit")[0]
    equal((got["syn_rexmits"], got["synack_rexmits"], got["options"]),
          (2, 255, ["mss", "tfo", "ecn"]))


@case("json: numbers without a name")
def strange(client):
    got = load(client, "strange_values")
    equal((got[0]["orig"], got[0]["segment"]["hook"]), ("?", "?"))
    equal((got[1]["end"], got[1]["from"], got[1]["to"], got[1]["reason"]),
          (None, "?", "?", "?"))
    equal((got[2]["reason"], got[2]["by"], got[2]["segment"]["from"]),
          ("?", None, None))
    equal((got[2]["duration_ns"], got[3]["time"]), (2**64 - 1, 2**64 - 1))


@case("json: newer types and longer records")
def newer(client):
    got = load(client, "newer")
    equal([(event["event"], event["seq_no"]) for event in got],
          [("open", 1), ("close", 3), ("open", 4)])


@case("json: no colors, even if they are forced")
def no_color(client):
    out, _ = client.watch("session", "--json", "--color=always")
    equal("\x1b" in out, False)


@case("json: -n and --events")
def few(client):
    out, _ = client.watch("session", "--json", "-n2", "-e", "state")
    equal([json.loads(line)["number"] for line in out.splitlines()], [1, 2])


@case("json: the analysis")
def analysis(client):
    got = load(client, "analysis")
    equal([event["analysis"] for event in got[:2]],
          [["duplicate_ack"], ["retransmission", "fast_retransmission"]])
    equal([event.get("dup_ack_num") for event in got], [3, None, 7])
    equal([event.get("rtt_ns") for event in got], [None, 2**63 + 1, None])
    equal(len(got[2]["analysis"]), 15, "bits without a name are left out")


@case("json: each counter has its own number")
def counters(client):
    got = load(client, "counters")[0]
    want = {name: 1000 + i for i, name in enumerate(records.COUNTERS)}
    want.update(
        rexmit_packets=7, data_packets=40, packets=50, segments=60,
        bytes=40000, unique_bytes=30000, rexmit_bytes=6, missed_bytes=8,
        idle_max_ns=9, data_ns=10, rtt_samples=11, rtt_min_ns=12,
        rtt_last_ns=13, srtt_ns=14, rttvar_ns=15,
        rtt_hist=list(range(100, 120)), flags="A", mss=1460, wscale=7,
        state="ESTABLISHED", ttl_first=64, ttl_min=63, ttl_max=65,
        sack_blocks_max=3,
        # 30000 unique bytes in 1.500000001 s; 40000 bytes in 40 data packets,
        # which are 60 - 10 segments on the wire
        throughput=19999, segment_size_avg=800, time=NO_TIME)
    equal(got["a2b"], want)
    equal((got["start"], got["duration"], got["duration_ns"]),
          (123, 1.500000001, 1500000001))
    equal((got["syn_synack_ns"], got["synack_ack_ns"], got["initial_rtt_ns"]),
          (21, 22, 23))
    equal((got["reason"], got["conn_state"], got["end_reason"],
           got["completeness"], got["history"]),
          ("end-of-capture", "RSTO", 4, 47, "^" + "A" * 30))
    equal(got["suspected"], ["rst", "ack", "isn_reuse"])


@case("json: a closing record of nonsense")
def nonsense(client):
    got = load(client, "counters")[1]
    equal((got["conn_state"], got["history"]),
          ("?", "?[31mA?" + "Z" * 25))
    equal(len(got["suspected"]), 10)
    for side in ("a2b", "b2a"):
        equal((got[side]["throughput"], got[side]["segment_size_avg"]),
              (0, 0))


@case("json: suspected")
def suspected(client):
    got = load(client, "suspected")
    keys = ("suspicion", "fit", "expected", "distance", "since_ns", "ttl",
            "ttl_min", "ttl_max")
    equal([tuple(event[key] for key in keys) for event in got],
          [("rst", "out_of_window", 7100, 400, 0, 64, 0, 0),
           ("ack", "old", 0, -70000, 0, 64, 0, 0),
           ("rst_ttl", "exact", 1, 0, 0, 255, 60, 61),
           ("challenged", "unknown", 0, 0, 1500000, 64, 0, 0),
           ("?", "?", 0, 0, 0, 64, 0, 0)])
    equal(got[0]["segment"]["flags"], "R")


@case("json: fate")
def fate(client):
    *got, _ = load(client, "fate")
    icmp, drops, closes = got[:4], got[4:7], got[7:]
    first = {"kind": "unreachable", "type": 3, "code": 1,
             "from": "10.0.0.254", "fit": "exact"}
    equal([event["error"] for event in icmp], [
        first,
        {"kind": "too_big", "type": 3, "code": 4, "from": "10.0.0.254",
         "mtu": 1280, "fit": "in_window"},
        {"kind": "time_exceeded", "type": 3, "code": 0, "from": "fd00::ffff",
         "fit": "old"},
        {"kind": "parameter", "type": 99, "code": 98, "from": "10.0.0.254",
         "fit": "unknown"}])
    equal([(d["conn"], d["segment"]["hook"], d["drop_reason"], d["function"],
            d["ifindex"]) for d in drops], [
        (1, "forward", "NETFILTER_DROP", "nft_do_chain [nf_tables]", 1),
        (0, "ingress", "?" * 32, "f" * 64, 0),
        (1, "in", "TCP_LISTEN_OVERFLOW", "tcp_conn_request", 1)])
    equal([d.get("listener") for d in drops],
          [None, None, {"drops": 1, "queued": 129, "limit": 128}])
    names = "fate drops fate_ifindex drop_hook drop_reason error".split()
    equal([{name: c[name] for name in names if name in c} for c in closes], [
        {"fate": "none", "drops": 0}, {"fate": "answered", "drops": 2},
        {"fate": "refused", "drops": 0}, {"fate": "no_socket", "drops": 0},
        {"fate": "rejected", "drops": 0},
        {"fate": "unreachable", "drops": 0, "error": first},
        {"fate": "rejected", "drops": 0, "drop_reason": "NETFILTER_DROP",
         "error": first},
        {"fate": "dropped", "drops": 1, "fate_ifindex": 1, "drop_hook": "out",
         "drop_reason": "QDISC_DROP"},
        {"fate": "dropped", "drops": 65535, "fate_ifindex": 4294967295,
         "drop_hook": "ingress", "drop_reason": "X" * 32},
        {"fate": "left", "drops": 0, "fate_ifindex": 1},
        {"fate": "delivered", "drops": 0}, {"fate": "not_seen", "drops": 0}])


@case("json: time")
def times(client):
    got, ms = load(client, "time"), 1000000
    one = {"busy_ns": 40 * ms, "window_ns": 10 * ms, "rto_ns": 5 * ms,
           "fast_ns": 4 * ms, "delayed_ns": 3 * ms, "path_ns": 18 * ms,
           "idle_ns": 2 * ms, "own_ns": ms, "responses": 3,
           "response_min_ns": 7, "response_max_ns": 9, "response_mean_ns": 8,
           "response_hist": [3] + [0] * 19, "goodput": 0}
    equal([event["limited_by"] for event in got],
          ["app", "peer", "window", "loss", "path", "handshake", "unknown",
           "?"])
    equal((got[0]["a2b"]["time"], got[0]["b2a"]["time"]), (NO_TIME, one))
    # 2000 bytes in 40 ms
    equal(got[1]["a2b"]["time"], {**one, "goodput": 50000})
    equal(got[4]["b2a"]["time"],
          {**NO_TIME, "busy_ns": 2**64 - 1, "path_ns": 2**64 - 1,
           "responses": 2**32 - 1, "response_min_ns": 2**64 - 1,
           "response_max_ns": 2**64 - 1,
           "response_mean_ns": (2**64 - 1) // (2**32 - 1),
           "response_hist": [65535] * 20})


@case("json: owner")
def owner(client):
    first, est, record, close, six, odd, last = load(client, "owner")
    task = {"known": "task", "uid": 4000000, "user": "4000000", "inode": 77,
            "cookie": 2**64 - 1, "cgroup": 2**63, "pid": 4000000001,
            "comm": "curl"}
    there = {"known": "task", "uid": 4000000, "user": "4000000", "inode": 78,
             "cookie": 0, "cgroup": 0, "pid": 4000000002,
             "comm": "a?[31mxxxxxxxxx"}
    nat = {"orig": "10.2.0.1", "orig_port": 50000, "resp": "10.1.0.1",
           "resp_port": 80}
    names = "orig_owner resp_owner orig_path resp_path nat end owner".split()
    equal([{name: event[name] for name in names if name in event}
           for event in (first, est, record, close, six, odd, last)], [
        {"orig_owner": task, "nat": {"resp": "10.1.0.1", "resp_port": 80},
         "orig_path": {"out_ifindex": 1, "out": "lo",
                       "vrf_ifindex": 4000000003, "mark": 31}},
        {"nat": nat}, {"end": "resp", "owner": there},
        {"orig_owner": task, "resp_owner": there, "nat": nat,
         "orig_path": {"out_ifindex": 1, "out": "lo"},
         "resp_path": {"in_ifindex": 1, "in": "lo", "out_ifindex": 4000000003}},
        {"orig_owner": {"known": "remote"},
         "orig_path": {"in_ifindex": 1, "in": "lo", "out_ifindex": 4000000003},
         "nat": {"orig": "fd00::99", "orig_port": 1}},
        {"orig_owner": {"known": "?"},
         "resp_owner": {"known": "inode", "uid": 4000000, "user": "4000000",
                        "inode": 0, "cookie": 0, "cgroup": 0},
         "resp_path": {"in_ifindex": 1, "in": "lo"}},
        {"end": None, "owner": {"known": "socket", "uid": 4000000,
                                "user": "4000000", "inode": 0, "cookie": 0,
                                "cgroup": 0}}])


@case("json: finding")
def finding(client):
    *got, close = load(client, "finding")
    equal([event["finding"] for event in got], [
        "old_connection", "syn_repeated", "synack_repeated",
        "synack_unanswered", "two_synacks", "tfo_not_taken", "old_timestamp",
        "wscale_lost", "window_shrunk", "window_overrun", "zero_window",
        "probes_unanswered", "keep_alives_unanswered", "data_unanswered",
        "fin_unanswered", "path_mtu", "sack_outside", "ack_loop", "one_way",
        "seen_twice", "stray_rst", "syn_timestamp", "too_big", "route_moved",
        "asymmetric", "listener_full", "?"])
    equal([(event["end"], event["count"], event["value"]) for event in got],
          [(("orig", "resp")[n & 1], n + 100, n * 1000)
           for n in range(1, 27)] + [(None, 65535, 2**32 - 1)])
    equal(got[10]["text"], "the window of the responder is 0 for 11.0 s")
    equal(close["findings"], [
        {"finding": "window_overrun", "end": "resp", "count": 1, "value": 5},
        {"finding": "zero_window", "end": "orig", "count": 65535,
         "value": 2**32 - 1},
        {"finding": "sack_outside"}, {"finding": "ack_loop"}])


@case("json: limit")
def limit(client):
    first, second, third, last = load(client, "limit")
    equal({key: first[key] for key in first
           if key not in ("event", "time", "wall", "seq_no")},
          {"netns": 4026531840, "span_ms": 1004,
           "hits": {"half_open": 900, "table": 100, "full": 0, "chain": 0,
                    "memory": 0, "readers": 0},
           "opened": 1024, "unanswered": 999, "addr": "192.0.2.1",
           "port": 443})
    equal(second["hits"], {"half_open": 0, "table": 0, "full": 1, "chain": 2,
                           "memory": 3, "readers": 2**32 - 1})
    equal((second["addr"], "port" in second), ("2001:db8::1", False))
    equal(("addr" in third, third["port"]), (False, 80))
    equal(("addr" in last, "port" in last), (False, False))


@case("json: the device has an epoch, and --host names the host")
def origin(client):
    path = client.records("session")
    env = client.shim_env(SHIM_FILE=path, SHIM_EPOCH="1234567")
    out, _ = client.run("watch", "--json", "--host", 'a"b', env=env)
    got = [json.loads(line) for line in out.splitlines()]
    equal({(event["host"], event["epoch"]) for event in got},
          {('a"b', 1234567)})
    out, _ = client.run("watch", "--json",
                        env=client.shim_env(SHIM_FILE=path))
    equal([name for name in json.loads(out.splitlines()[0])
           if name in ("host", "epoch")], [])


@cases("schema: a line that it must refuse", [
    ("another member", '"fate":', '"fates":'),
    ("another name", '"fate":"none"', '"fate":"gone"'),
    ("negative", '"drops":0', '"drops":-1'),
    ("too large", '"packets":5', f'"packets":{2**64}'),
    ("a string", '"transitions":10', '"transitions":"10"'),
    ("no connection", '"conn":1,', ""),
    ("another state", '"state":"CLOSED"', '"state":"closed"'),
    ("part of a histogram", '"rtt_hist":[0,', '"rtt_hist":['),
    ("local time", 'Z"', '+01:00"'),
    ("a flag", '"flags":"SFPA"', '"flags":"SX"'),
])
def refused(client, old, new):
    out, _ = client.watch("session", "--json", "-e", "close")
    line = out.splitlines()[0]
    equal(old in line, True, line)
    schema.check(line)
    try:
        schema.check(line.replace(old, new, 1))
    except AssertionError as error:
        equal("schema: " in str(error), True)
    else:
        raise AssertionError("no error")
