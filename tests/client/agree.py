# SPDX-License-Identifier: GPL-2.0
"""Check that records, list and stats report the same facts."""
import collections
import json
import pathlib
import sys

from tap import case, cases, equal

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "diff"))
import noise  # noqa: E402
import packets  # noqa: E402
import scenes  # noqa: E402

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"
CAPTURES = sorted(path.name for path in FOLDER.glob("*.pcap"))
FINDINGS = [
    "old_connection", "syn_repeated", "synack_repeated", "synack_unanswered",
    "two_synacks", "tfo_not_taken", "old_timestamp", "wscale_lost",
    "window_shrunk", "window_overrun", "zero_window", "probes_unanswered",
    "keep_alives_unanswered", "data_unanswered", "fin_unanswered", "path_mtu",
    "sack_outside", "ack_loop", "one_way", "seen_twice",
    "stray_rst", "syn_timestamp"]
ENDS = {"orig": "a2b", "resp": "b2a"}
TIMES = """responses response_min_ns response_mean_ns response_max_ns busy_ns
window_ns rto_ns fast_ns delayed_ns idle_ns response_hist goodput""".split()


class Story:
    """The records of one connection."""
    def __init__(self, conn):
        self.conn = conn
        self.of = collections.defaultdict(list)

    @property
    def close(self):
        close, = self.of["close"]
        return close

    def check_states(self):
        """Check that each transition of an end begins in the state that the
        previous one led to, and that the last one leads to the end's state in
        CLOSE."""
        last = {"orig": "CLOSED", "resp": "CLOSED"}
        for state in self.of["state"]:
            equal(state["from"], last[state["end"]], "a transition")
            last[state["end"]] = state["to"]
        if self.close.get("self"):
            last["resp"] = last["orig"]
        equal({end: self.close[ENDS[end]]["state"] for end in ENDS}, last,
              "states")
        equal(len(self.of["state"]), self.close["transitions"])

    def check_handshake(self):
        for established in self.of["established"]:
            for name in ("syn_synack_ns", "synack_ack_ns"):
                equal(established[name], self.close[name], name)
            for i, side in enumerate(("a2b", "b2a")):
                for name in ("mss", "wscale"):
                    equal(established[name][i], self.close[side][name], name)

    def check_suspicions(self):
        equal(sorted({e["suspicion"] for e in self.of["suspected"]
                      if e["seq_no"] < self.close["seq_no"]}),
              sorted(self.close["suspected"]), "suspicions")

    def check_findings(self):
        """Check that CLOSE has each finding, and that the finding's count and
        value in CLOSE are not lower than in its FINDING record."""
        found = {(e["finding"], e["end"]): e for e in self.of["finding"]}
        equal(len(found), len(self.of["finding"]), "each reported once")
        final = {(e["finding"], e.get("end")): e
                 for e in self.close["findings"] if "count" in e}
        for what, finding in found.items():
            equal(all(finding[name] <= final[what][name]
                      for name in ("count", "value")), True, what)
        equal(set(final), set(found), "findings")

    def check_segments(self):
        """Check that the counters equal the sums of the SEGMENT records."""
        for end, side in ENDS.items():
            sent = [e for e in self.of["segment"] if e["from"] == end and
                    e not in self.late(end)]
            want = {
                "packets": len(sent),
                "bytes": sum(e["len"] for e in sent),
                "rexmit_bytes": sum(e.get("rexmit_bytes", 0) for e in sent),
                "keep_alives": has([e for e in sent
                                    if "rexmit_bytes" not in e],
                                   "keep_alive"),
                "out_of_order": has(sent, "out_of_order"),
                "dup_acks": has(sent, "duplicate_ack"),
                "zero_window_probes": has(sent, "zero_window_probe"),
            }
            equal({name: self.close[side][name] for name in want}, want, side)
            other = {"orig": "resp", "resp": "orig"}[end]
            samples = [e for e in self.of["segment"]
                       if e["from"] == other and "rtt_ns" in e]
            # a round trip of 0 ns is a sample, but its segment has no rtt_ns
            if self.close[side]["rtt_min_ns"]:
                equal(self.close[side]["rtt_samples"], len(samples), "samples")

    def check_sums(self):
        for side in ("a2b", "b2a"):
            one = self.close[side]
            equal(one["unique_bytes"] + one["rexmit_bytes"] <= one["bytes"],
                  True, "bytes")
            equal(one["rexmit_packets"] + one["keep_alives"] <=
                  one["packets"], True, "packets")

    def late(self, end):
        """Return: the segments of an end that came after CLOSE."""
        return [e for e in self.of["segment"] if e["from"] == end and
                e["seq_no"] > self.close["seq_no"]]


def has(segments, name):
    return len([e for e in segments if name in e["analysis"]])


def stories(client, path):
    out, _ = client.run("watch", "-r", path, "--json", "-e", "all")
    found = {}
    for line in out.splitlines():
        event = json.loads(line)
        if "conn" in event and event["conn"]:
            story = found.setdefault(event["conn"], Story(event["conn"]))
            story.of[event["event"]].append(event)
    return found


def check_list(client, path, found):
    out, _ = client.run("list", "-r", path, "--json")
    rows = {row["id"]: row for row in map(json.loads, out.splitlines())}
    # if several connections have the same ends, list shows only the last one
    for number, row in rows.items():
        close = found[number].close
        for end, side in ENDS.items():
            if found[number].late(end):
                continue
            equal((row[end + "_state"], row[end + "_bytes"],
                   row[end + "_packets"], row[end + "_rexmit"],
                   row[end + "_unique_bytes"]),
                  (close[side]["state"], close[side]["bytes"],
                   close[side]["packets"], close[side]["rexmit_bytes"],
                   close[side]["unique_bytes"]),
                  f"list {number} {end}")
            time = close[side]["time"]
            equal({name: row[f"{end}_{name}"] or 0 for name in TIMES},
                  {name: time[name] for name in TIMES},
                  f"times of list {number} {end}")
        if not any(map(found[number].late, ENDS)):
            equal((row["limited_by"], row["syn_synack_ns"] or 0,
                   row["synack_ack_ns"] or 0),
                  (close["limited_by"], close["syn_synack_ns"],
                   close["synack_ack_ns"]), f"list {number}")


def check_stats(client, path, found):
    out, _ = client.run("stats", "-r", path, "--json")
    got = json.loads(out)
    closes = [story.close for story in found.values()]
    suspected = sum(len(story.of["suspected"]) for story in found.values())
    want = {
        "opened": len(found),
        "closed": len([c for c in closes if c["reason"] != "end-of-capture"]),
        "open": len([c for c in closes if c["reason"] == "end-of-capture"]),
        "established": len([1 for story in found.values()
                            if story.of["established"]]),
        "suspected": suspected,
        "tracked": sum(c["a2b"]["packets"] + c["b2a"]["packets"]
                       for c in closes) - got["late"] +
        sum(len(story.late(end)) for story in found.values() for end in ENDS),
    }
    # if a SYN with data reuses the ports, both connections count the SYN
    if "reused" in {c["reason"] for c in closes}:
        del want["tracked"]
    want |= {"finding_" + name: len([
        1 for story in found.values() for e in story.of["finding"]
        if e["finding"] == name]) for name in FINDINGS}
    equal({name: got[name] for name in want}, want, "stats")


def check(client, path):
    found = stories(client, path)
    for story in found.values():
        story.check_states()
        story.check_handshake()
        story.check_suspicions()
        story.check_findings()
        story.check_sums()
        if all(s.close["reason"] != "reused" for s in found.values()):
            story.check_segments()
    check_list(client, path, found)
    check_stats(client, path, found)


@cases("statements agree", [(name, name) for name in CAPTURES])
def agree(client, name):
    check(client, FOLDER / name)


@case("statements agree: the scenes of tests/diff")
def agree_scenes(client):
    path = client.path("scenes.pcap", b"")
    packets.write_pcap(path, scenes.frames_of(scenes.read_all())[0])
    check(client, path)


@cases("statements agree: random segments", [
    (f"{kind}, seed {seed}", kind, seed)
    for kind in noise.MAKERS for seed in (1, 2)])
def agree_random(client, kind, seed):
    path = client.path("random.pcap", b"")
    packets.write_pcap(path, noise.capture(kind, seed, 2000))
    check(client, path)
