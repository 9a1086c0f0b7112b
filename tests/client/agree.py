# SPDX-License-Identifier: GPL-2.0
"""What the records, list and stats say about one fact must agree."""
import collections
import json
import pathlib

from tap import cases, equal

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "cases"
CAPTURES = sorted(path.name for path in FOLDER.glob("*.pcap"))
ENDS = {"orig": "a2b", "resp": "b2a"}


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
        """The last transition of each end leads to its state in CLOSE."""
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
        equal(sorted({e["suspicion"] for e in self.of["suspected"]}),
              sorted(self.close["suspected"]), "suspicions")

    def check_segments(self):
        """Counters that SEGMENT records add up to."""
        for end, side in ENDS.items():
            sent = [e for e in self.of["segment"] if e["from"] == end]
            want = {
                "packets": len(sent),
                "bytes": sum(e["len"] for e in sent),
                "keep_alives": has(sent, "keep_alive"),
                "out_of_order": has(sent, "out_of_order"),
                "dup_acks": has(sent, "duplicate_ack"),
                "zero_window_probes": has(sent, "zero_window_probe"),
            }
            equal({name: self.close[side][name] for name in want}, want, side)
            other = {"orig": "resp", "resp": "orig"}[end]
            equal(self.close[side]["rtt_samples"],
                  len([e for e in self.of["segment"]
                       if e["from"] == other and "rtt_ns" in e]), "samples")

    def check_sums(self):
        for side in ("a2b", "b2a"):
            one = self.close[side]
            equal(one["unique_bytes"] + one["rexmit_bytes"] <= one["bytes"],
                  True, "bytes")
            # one byte of each keep-alive may be neither
            equal(one["rexmit_packets"] + one["keep_alives"] <=
                  one["data_packets"] + one["pure_acks"], True, "packets")


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
    # of connections between the same ends only the last one is listed
    for number, row in rows.items():
        close = found[number].close
        for end, side in ENDS.items():
            equal((row[end + "_state"], row[end + "_bytes"],
                   row[end + "_packets"], row[end + "_rexmit"]),
                  (close[side]["state"], close[side]["bytes"],
                   close[side]["packets"], close[side]["rexmit_bytes"]),
                  f"list {number} {end}")


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
                       for c in closes) - got["late"],
    }
    equal({name: got[name] for name in want}, want, "stats")


@cases("statements agree", [(name, name) for name in CAPTURES])
def agree(client, name):
    path = FOLDER / name
    found = stories(client, path)
    for story in found.values():
        story.check_states()
        story.check_handshake()
        story.check_suspicions()
        story.check_sums()
        if all(s.close["reason"] != "reused" for s in found.values()):
            story.check_segments()
    check_list(client, path, found)
    check_stats(client, path, found)
