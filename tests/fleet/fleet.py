#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""fleet.py CLIENT RECORDS SECONDS [FILE]

Ship about RECORDS closing records and findings from three hosts to two shards,
and check that none is lost. During the test, one shard is down for at least
SECONDS, and shippers are killed. Prints TAP.

The hosts write the records of FILE, the output of hosts.py, again and again,
each time with new connection numbers. Without FILE, they write the records that
the client prints for tests/cases."""
import calendar
import collections
import glob
import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import servers
from servers import FLEET, TOP, Journal, Rsyslog, Shard, read, wait

EPOCH = 1700000000123456789
STEPS = 10	# records are written in this many parts
# lines that are not valid records: no JSON, a truncated record, a member of the
# wrong type, JSON of a different schema
NO_RECORDS = ("line {n}",
              '{{"event":"close","host":"{host}","conn":{n},"wall":"2023-11-1',
              '{{"event":"close","host":"{host}","conn":{n},"a2b":7}}',
              '{{"number":{n}}}')


class Records:
    """Makes an endless sequence of records for one host: repeats the
    connections of @texts, each time with a new number."""

    def __init__(self, host, texts):
        self.host = host
        self.groups = []
        for text in texts:
            self.groups += self.load(text)
        self.next = itertools.cycle(self.groups)
        self.conn = 0
        self.sum = 0
        self.bytes = 0
        self.events = collections.Counter()	# template: times used

    def load(self, text):
        conns = collections.defaultdict(list)
        name = f'"host":"{self.host}"'
        for line in text.splitlines(keepends=True):
            if '"conn":' not in line or name not in line:
                continue
            head, conn, tail = re.split(r'"conn":(\d+)', line, maxsplit=1)
            if '"epoch":' not in head:
                head = head.replace(name, f'{name},"epoch":{EPOCH}')
            conns[conn].append((head + '"conn":', tail, line))
        return list(conns.values())

    def make(self, n):
        """Make at least n new records; the last connection is complete.
        Return: their lines."""
        lines = []
        while len(lines) < n:
            self.conn += 1
            for head, tail, line in next(self.next):
                lines.append(f"{head}{self.conn}{tail}")
                self.sum += self.conn
                self.events[line] += 1
        self.bytes += sum(map(len, lines))
        return lines

    def total(self):
        return sum(self.events.values())


def of_captures(client, host):
    for path in sorted(glob.glob(TOP + "/tests/cases/*.pcap")):
        yield subprocess.run(
            [client, "watch", "--read", path, "--json", "--host", host,
             "--events", "close,finding"],
            capture_output=True, text=True, check=False).stdout


class Fleet:
    def __init__(self, client, work, path):
        servers.make_programs(work)
        self.work = work
        self.shards = [Shard(work, name) for name in servers.NAMES]
        self.daemons = list(self.shards)
        for shard in self.shards:
            wait(shard.is_up, "answer of a shard", 60)
            shard.load_schema()
            shard.query("SYSTEM STOP MERGES")
        self.hosts = {"host-a": Journal(work, "host-a"),
                      "host-b": Rsyslog(work, "host-b"),
                      "host-c": Journal(work, "host-c")}
        self.daemons += self.hosts.values()
        self.records = {
            host: Records(host, [read(path)] if path else
                          of_captures(client, host)) for host in self.hosts}
        self.refused = []	# host and line

    def query(self, sql):
        return self.shards[0].query(sql)

    def write(self, n):
        for host, shipper in self.hosts.items():
            shipper.add(self.records[host].make(n // len(self.hosts)))

    def write_refused(self):
        for host, shipper in self.hosts.items():
            for line in NO_RECORDS:
                line = line.format(host=host, n=len(self.refused))
                shipper.add([line + "\n"])
                self.refused.append((host, line))

    def set_aside(self):
        return self.query("SELECT host, line FROM tcptrace.refusals FINAL "
                          "ORDER BY host, line")

    def expected(self):
        return [(host, str(r.total()), str(r.conn), str(r.sum))
                for host, r in self.records.items()]

    def stored(self, final="FINAL"):
        return self.query(
            "SELECT host, count(), uniqExact(conn), sum(conn) FROM "
            f"tcptrace.records {final} GROUP BY host ORDER BY host")

    def trouble(self, n, seconds):
        """Kill a shard, write n records, kill shippers, and start the shard and
        the shippers again."""
        a, b, c = self.hosts.values()
        for host in ("host-b", "host-c"):
            wait(lambda h=host: self.query(
                "SELECT count() FROM tcptrace.records WHERE "
                f"host = '{h}'") != [("0",)], "record", 60)
        self.shards[1].end(signal.SIGKILL)
        self.write_refused()
        self.write(n)
        a.end()
        b.end()
        a.start()
        b.start()
        time.sleep(seconds)
        b.terminate()
        b.forget()
        b.start()
        c.end()
        c.forget()
        self.shards[1].start()
        wait(self.shards[1].is_up, "answer of the shard", 60)
        c.start()

    def run(self, total, seconds):
        for step in range(STEPS):
            if step == STEPS // 2:
                self.trouble(total // STEPS, seconds)
            else:
                self.write(total // STEPS)
        count = sum(r.total() for r in self.records.values())
        wait(lambda: self.uniq() >= count, f"{count} records",
             60 + total // 500)

    def uniq(self):
        return int(self.query("SELECT uniqExact(event, host, epoch, conn, time,"
                              " finding, text) FROM tcptrace.records")[0][0])

    def end(self):
        for shipper in self.hosts.values():
            shipper.close()
        for shard in self.shards:
            shard.end()


class Answers:
    """Computes the answers that the queries of questions.sql must give."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.rows = [(json.loads(line), n) for r in fleet.records.values()
                     for line, n in r.events.items()]
        self.questions = servers.statements(read(FLEET + "questions.sql"))

    def ask(self, number):
        return self.fleet.query(self.questions[number - 1])

    def closes(self):
        return [(e, n) for e, n in self.rows if e["event"] == "close"]

    def count(self, key, take=lambda e: True, value=lambda e: 1):
        """Sum up values by key, and return the 20 largest sums in the form of a
        query's rows."""
        counts = collections.Counter()
        for e, n in self.closes():
            if take(e):
                counts[key(e)] += n * value(e)
        rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [tuple(map(str, key)) + (str(n),) for key, n in rows][:20]

    def failing(self):
        want = self.count(
            lambda e: (e["resp"], e["resp_port"], e["reason"], e["fate"],
                       e.get("drop_reason", "")),
            lambda e: e["established_ns"] == 0 and e["reason"] in
            ("refused", "unanswered", "unreachable", "reset"))
        equal(self.ask(1), want)

    def both_ends(self):
        hosts, counts = collections.defaultdict(set), collections.Counter()
        for e, n in self.closes():
            hosts[e["community_id"]].add(e["host"])
            counts[e["community_id"]] += n
        equal([(name, sorted(re.findall("'(.*?)'", found)), n)
               for name, found, n in self.ask(2)],
              [(name, sorted(hosts[name]), str(counts[name]))
               for name in sorted(hosts) if len(hosts[name]) > 1][:20])

    def slowest(self):
        worst, counts = collections.Counter(), collections.Counter()
        for e, n in self.closes():
            ns = e["syn_synack_ns"]
            if ns:
                key = (e["resp"], str(e["resp_port"]))
                worst[key] = max(worst[key], ns)
                counts[key] += n
        got = self.ask(3)
        equal({row[:2]: row[3] for row in got},
              {key: str(counts[key]) for key in worst})
        for row in got:
            if not 0 < float(row[2]) * 1e6 <= worst[row[:2]] * 1.001:
                raise AssertionError(f"{row}, not over {worst[row[:2]]} ns")

    def retransmissions(self):
        want = self.count(
            lambda e: (e["host"], e.get("orig_path", {}).get("in", ""),
                       e.get("orig_path", {}).get("out", "")),
            value=lambda e: sum(e[d]["rexmit_packets"] for d in
                                ("a2b", "b2a")))
        equal([row[:4] for row in self.ask(4)], want)

    def connected(self):
        """Ask who was connected to a service when one of its connections
        began."""
        at = min((e for e, n in self.closes()),
                 key=lambda e: (e["resp"], e["resp_port"], e["wall"]))
        when = second(at) - at["duration_ns"] // 10**9
        text = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(when))
        question = re.sub("resp = '.*'", f"resp = '{at['resp']}'",
                          self.questions[4])
        question = re.sub(r"resp_port = \d+",
                          f"resp_port = {at['resp_port']}", question)
        question = re.sub("toDateTime\\('.*?'", f"toDateTime('{text}'",
                          question)

        def take(e):
            return (e["resp"], e["resp_port"]) == (at["resp"], at["resp_port"]) \
                and second(e) - e["duration_ns"] // 10**9 <= when <= second(e)
        found = self.count(lambda e: (e["host"], e["orig"], e["orig_port"],
                                      e["community_id"]), take)
        rows = sorted((row for *row, n in found for _ in range(int(n))),
                      key=lambda row: (row[:2], int(row[2]), row[3]))
        equal(self.fleet.query(question), list(map(tuple, rows[:20])))

    def findings(self):
        hosts, counts = collections.defaultdict(set), collections.Counter()
        for e, n in self.rows:
            if e["event"] == "finding":
                hosts[e["finding"]].add(e["host"])
                counts[e["finding"]] += n
        rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        equal(self.ask(6), [(name, str(n), str(len(hosts[name])))
                            for name, n in rows])

    def talkers(self):
        equal(self.ask(7), self.count(
            lambda e: (e["orig"], e["resp"], e["resp_port"]),
            value=lambda e: e["a2b"]["bytes"] + e["b2a"]["bytes"]))

    def limits(self):
        equal([row[:2] for row in self.ask(8)],
              self.count(lambda e: (e["limited_by"],)))

    def drops(self):
        equal(self.ask(9), self.count(
            lambda e: (e["host"], e.get("drop_hook", ""),
                       e.get("drop_reason", "")),
            lambda e: e["drops"] > 0, lambda e: e["drops"]))

    def minutes(self):
        want = self.count(lambda e: (e["wall"][:16].replace("T", " ") + ":00",
                                     e["reason"]))
        equal(sorted(self.ask(10)), sorted(want))


def second(e):
    return calendar.timegm(time.strptime(e["wall"][:19], "%Y-%m-%dT%H:%M:%S"))


def equal(got, want):
    if got != want:
        raise AssertionError(f"{got}\nnot {want}")


def refusals(fleet):
    wait(lambda: len(fleet.set_aside()) >= len(fleet.refused), "refusals", 60)
    equal(fleet.set_aside(), sorted(fleet.refused))
    logged = [line.split()[:3] for line in
              read(fleet.work + "/logged").splitlines()]
    equal(sorted(set(map(tuple, logged))),
          [(host, "-p", "user.err") for host in fleet.hosts])


def merge(fleet):
    copies = sum(int(row[1]) for row in fleet.stored("")) - \
        sum(r.total() for r in fleet.records.values())
    print(f"# {copies} copies were stored before the merges")
    if copies <= 0:
        raise AssertionError("nothing was sent twice")
    for shard in fleet.shards:
        shard.query("SYSTEM START MERGES")
        shard.query("OPTIMIZE TABLE tcptrace.record FINAL")
    equal(fleet.stored(""), fleet.expected())


def expire(fleet):
    """Check that expire.sql deletes records and refusals after 30 days, and old
    counters of minutes."""
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() - n * 86400))
            for n in (1, 29, 31)]
    fleet.shards[0].query(
        "INSERT INTO tcptrace.record (event, host, conn, wall) VALUES " +
        ", ".join(f"('close', '{day}', 1, '{day} 12:00:00')" for day in days))
    fleet.shards[0].query(
        "INSERT INTO tcptrace.refusal (refused, host, line) VALUES " +
        ", ".join(f"('{day} 12:00:00', 'expire', '{day}')" for day in days))
    for shard in fleet.shards:
        for statement in servers.statements(
                "\n".join(row[0] for row in shard.query(
                    read(FLEET + "expire.sql")))):
            shard.query(statement)
    want = collections.Counter(days[:2])
    for host, r in fleet.records.items():
        for line, n in r.events.items():
            want[host] += n * (json.loads(line)["wall"][:10] >= days[1])
    equal(fleet.query("SELECT host, count() FROM tcptrace.records FINAL "
                      "GROUP BY host ORDER BY host"),
          [(host, str(n)) for host, n in sorted(want.items()) if n])
    equal(fleet.query("SELECT count() FROM tcptrace.minutes WHERE "
                      f"minute < '{days[2]} 00:00:00'"), [("0",)])
    # the DELETE of refusals returns before it has deleted the rows
    wait(lambda: fleet.query("SELECT line FROM tcptrace.refusals WHERE "
                             "host = 'expire' ORDER BY line") ==
         [(day,) for day in sorted(days[:2])], "refusals that are deleted", 60)


def replicated(fleet):
    """Check the syntax and the macros of the replicated tables; any other check
    needs ZooKeeper."""
    fleet.query("CREATE DATABASE replicated")
    text = subprocess.run(
        ["sed", "-f", FLEET + "replicated.sed", FLEET + "schema.sql"],
        capture_output=True, text=True, check=True).stdout
    tables = [s.replace("EXISTS tcptrace.", "EXISTS replicated.")
              for s in servers.statements(text) if "MergeTree" in s]
    equal(len(tables), 3)
    for table in tables:
        done = fleet.shards[0].try_query(
            table, "--allow_experimental_low_cardinality_type=1")
        if "Can't create replicated table without ZooKeeper" not in \
                done.stderr:
            raise AssertionError(f"{table}\n{done.stderr}")


def measure(fleet, seconds):
    total = sum(r.total() for r in fleet.records.values())
    size = sum(r.bytes for r in fleet.records.values())
    print(f"# {total} records in {seconds:.0f} s: {total / seconds:.0f} a "
          f"second, {size / total:.0f} bytes of JSON a record")
    for shard in fleet.shards:
        rows, stored = shard.query(
            "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE "
            "active AND database = 'tcptrace' AND table = 'record'")[0]
        cpu = shard.cpu + shard.spent()
        print(f"# shard {shard.address}: {rows} rows, "
              f"{int(stored) / int(rows):.0f} bytes a row, "
              f"{cpu:.0f} s of CPU")
    for host, shipper in fleet.hosts.items():
        records = fleet.records[host].total()
        cpu = shipper.cpu + shipper.spent()
        print(f"# {host}: {records / cpu:.0f} records a second of its CPU, "
              f"{shipper.size() / records:.0f} bytes of journal a record")


def cases(fleet, total, seconds):
    begin = time.monotonic()

    def ship():
        fleet.run(total, seconds)
        measure(fleet, time.monotonic() - begin)

    yield f"about {total} records of three hosts arrive", ship
    yield "no record is lost or stored twice", \
        lambda: equal(fleet.stored(), fleet.expected())
    yield "each line that is not a record is set aside once, and logged", \
        lambda: refusals(fleet)
    yield "no copies are left after a merge of all parts", \
        lambda: merge(fleet)
    a = Answers(fleet)
    for name in ("failing", "both_ends", "slowest", "retransmissions",
                 "connected", "findings", "talkers", "limits", "drops",
                 "minutes"):
        yield "question: " + name, getattr(a, name)
    yield "expire.sql deletes old rows, and nothing else", \
        lambda: expire(fleet)
    yield "the server takes the schema of replicated tables", \
        lambda: replicated(fleet)


def main():
    client, total, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    path = sys.argv[4] if len(sys.argv) > 4 else None
    work = tempfile.mkdtemp(prefix="tcptrace-fleet.")
    failed = number = 0
    fleet = None
    try:
        fleet = Fleet(client, work, path)
        for number, (name, test) in enumerate(cases(fleet, total, seconds), 1):
            try:
                test()
                print(f"ok {number} - {name}", flush=True)
            except AssertionError as why:
                failed += 1
                print("# " + str(why)[:4000].replace("\n", "\n# "))
                print(f"not ok {number} - {name}", flush=True)
    finally:
        if fleet:
            fleet.end()
        shutil.rmtree(work)
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
