# SPDX-License-Identifier: GPL-2.0
"""Test export --prometheus and --textfile: metrics, labels and scrapes."""
import glob
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import urllib.error
import urllib.request

import records
from tap import TIMEOUT, TOP, Skip, case, cases, contains, equal, until

PROMETHEUS = os.path.join(TOP, "userspace", "prometheus")
OWN = str(os.stat("/proc/self/ns/net").st_ino)
INIT = "4026531840"		# the namespace of the records
COUNTERS = """entries opened established lost finding_zero_window
0000002a 00000003 00000002 00000000 00000001
0000002a 00000004 00000001 00000005 00000000
"""


def tool(client, name):
    """Return: path of a program from Debian, in the cache or on the system."""
    if client.label != "gcc":
        raise Skip("testing one build is enough")
    cached = os.path.join(os.environ.get("TCPTRACE_TOOLS", "/none"),
                          "*", "usr/bin")
    found = shutil.which(name, path=os.pathsep.join(
        [os.environ["PATH"], *glob.glob(cached)]))
    if not found:
        raise Skip("no " + name)
    return found


def parse(text):
    """Return: {'name{labels}': value}. No sample may appear twice."""
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, value = line.rsplit(" ", 1)
        if name in samples:
            raise AssertionError("twice: " + name)
        samples[name] = float(value)
    return samples


def textfile(client, data, *args, **more):
    path = client.path("out.prom")
    client.run("export", "--textfile", path, "--device",
               client.path("records", data), *args, **more)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return text, parse(text)


def labels(name, **more):
    pairs = ",".join(f'{key}="{value}"' for key, value in more.items())
    return f"{name}{{{pairs}}}"


def of(samples, name, **more):
    return samples[labels(name, netns=INIT, **more)]


@case("export: opens, closes, handshakes of a session")
def session(client):
    _, got = textfile(client, records.make_session())
    equal(of(got, "tcptrace_opened_total"), 1)
    equal(of(got, "tcptrace_established_total"), 1)
    equal(of(got, "tcptrace_closes_total", reason="fin"), 1)
    equal(of(got, "tcptrace_closes_total", reason="reset"), 0)
    name = "tcptrace_handshake_seconds"
    for half, seconds, before, after in (
            ("syn_synack", 0.0123, "0.008192", "0.016384"),
            ("synack_ack", 0.00004, "3.2e-05", "6.4e-05")):
        equal(of(got, name + "_sum", half=half), seconds)
        equal(of(got, name + "_count", half=half), 1)
        equal(of(got, name + "_bucket", half=half, le=before), 0)
        equal(of(got, name + "_bucket", half=half, le=after), 1)
        equal(of(got, name + "_bucket", half=half, le="+Inf"), 1)


def close_of(conn=1, reason=1, opening=None, netns=4026531840, port=80,
             sides=None, times=None):
    """Return: a CLOSE record without its header."""
    sides = sides or (records.direction(0, 0, 0, 0),) * 2
    return records.flow(conn, netns=netns, rport=port) + records.NO_SEG + \
        records.close(reason, 255, 0, 0, *sides, 0, opening=opening,
                      times=times)


def closing(bodies):
    stream = records.Stream()
    for body in bodies:
        stream.record(records.CLOSE, body)
    return stream.out


@case("export: bytes, retransmissions and round trip times of both ends")
def sums(client):
    hist = (1, 0, 2) + (0,) * 16 + (4,)
    side = records.direction(10, 5000, 0, 0, rexmit=300, rexmit_packets=2,
                             rtt=(7, 1, 1, 1, 1), hist=hist)
    other = records.direction(3, 40, 0, 0)
    times = bytes(168) + records.times(*(0,) * 9, 10**9, responses=3,
                                       hist=(0, 2) + (0,) * 17 + (1,))
    _, got = textfile(client, closing(
        [close_of(conn, sides=(side, other), times=times)
         for conn in (1, 2)]))
    for name, orig, resp in (("packets", 20, 6), ("payload_bytes", 10000, 80),
                             ("retransmitted_packets", 4, 0),
                             ("retransmitted_bytes", 600, 0)):
        equal(of(got, f"tcptrace_{name}_total", end="originator"), orig, name)
        equal(of(got, f"tcptrace_{name}_total", end="responder"), resp, name)
    name = "tcptrace_rtt_seconds"
    for le, count in (("1.6e-05", 2), ("3.2e-05", 2), ("6.4e-05", 6),
                      ("4.194304", 6), ("+Inf", 14)):
        equal(of(got, name + "_bucket", end="originator", le=le), count, le)
    equal(of(got, name + "_count", end="originator"), 14)
    equal(of(got, name + "_count", end="responder"), 0)
    name = "tcptrace_response_seconds"
    for le, count in (("1.6e-05", 0), ("3.2e-05", 4), ("+Inf", 6)):
        equal(of(got, name + "_bucket", end="responder", le=le), count, le)
    equal(of(got, name + "_sum", end="responder"), 2)
    equal(of(got, name + "_count", end="originator"), 0)


@case("export: fates, reasons of drops, findings, suspicions, ICMP, limits")
def kinds(client):
    _, got = textfile(client, closing(
        [close_of(reason=4, opening=records.fate(6, reason=reason))
         for reason in (b"TCP_LISTEN_OVERFLOW", b"NETFILTER_DROP",
                        b"NETFILTER_DROP", b'a"b\n')]))
    equal(of(got, "tcptrace_fates_total", fate="dropped"), 4)
    for reason, count in (("TCP_LISTEN_OVERFLOW", 1), ("SYN_QUEUE_FULL", 0),
                          ("NETFILTER_DROP", 2), ("a_b_", 1)):
        equal(of(got, "tcptrace_syn_drops_total", drop_reason=reason), count)
    for name, metric in (("finding", "tcptrace_findings_total"),
                         ("suspected", "tcptrace_suspected_total"),
                         ("fate", "tcptrace_icmp_errors_total"),
                         ("limit", "tcptrace_limit_hits_total")):
        data = getattr(records, "make_" + name)()
        _, got = textfile(client, data)
        total = sum(value for key, value in got.items()
                    if key.startswith(metric + "{"))
        out, _ = client.run("watch", "--json", "-e", "all", "--device",
                            client.path("records", data))
        events = [json.loads(line) for line in out.splitlines()]
        kind = "icmp" if name == "fate" else name
        of_kind = [event for event in events if event["event"] == kind]
        want = len(of_kind)
        if name == "limit":
            want = sum(sum(event["hits"].values()) for event in of_kind)
        if not want:
            raise AssertionError(name)
        equal(total, want, metric)


@case("export: unknown values are counted under one name")
def unknown(client):
    _, got = textfile(client, closing(
        [close_of(reason=200, opening=records.fate(200))]))
    equal(of(got, "tcptrace_closes_total", reason="unknown"), 1)
    equal(of(got, "tcptrace_fates_total", fate="unknown"), 1)


@case("export: lost records are counted, and reported")
def lost(client):
    stream = records.Stream()
    stream.record(records.LOST, struct.pack("=QQQII", 70, records.T0,
                                            records.T0, 1, 0), count=70)
    path = client.path("out.prom")
    _, err = client.run("export", "--textfile", path, "--device",
                        client.path("records", stream.out))
    contains(err, "70 records lost")
    with open(path, encoding="utf-8") as file:
        equal(parse(file.read())["tcptrace_reader_lost_records_total"], 70)


@case("export: labels are bounded: namespaces, reasons, ports")
def bounded(client):
    _, got = textfile(client, closing(
        [close_of(netns=5000 + i) for i in range(200)]))
    names = {re.search('netns="(.*?)"', key)[1] for key in got
             if 'netns="' in key}
    equal(len(names), 64)
    equal(got[labels("tcptrace_closes_total", netns="other", reason="fin")],
          200 - 62)
    _, got = textfile(client, closing(
        [close_of(reason=4, opening=records.fate(6, reason=b"R%d" % i))
         for i in range(100)]))
    drops = {key: value for key, value in got.items()
             if key.startswith("tcptrace_syn_drops_total") and INIT in key}
    equal((len(drops), sum(drops.values())), (32, 100))
    equal(of(got, "tcptrace_syn_drops_total", drop_reason="other"), 71)
    bodies = [close_of(port=port, reason=3 if i else 1)
              for port in range(1, 301) for i in range(port % 7)]
    _, got = textfile(client, closing(bodies), "--top-listeners", "3")
    ports = [(key, value) for key, value in got.items() if "port=" in key]
    equal(ports, [(labels("tcptrace_listener_closes_total", port=port), 6)
                  for port in (6, 13, 20)] +
          [(labels("tcptrace_listener_failures_total", port=port), 5)
           for port in (6, 13, 20)])
    _, got = textfile(client, closing(bodies))
    equal([key for key in got if "port=" in key], [])


@case("export: the module's counters, if they can be read")
def kernel(client):
    text, got = textfile(client, records.make_session(), "--file",
                         client.path("counters", COUNTERS))
    equal(got["tcptrace_connections"], 42)
    equal(got[labels("tcptrace_opened_total", netns=OWN)], 7)
    equal(got[labels("tcptrace_established_total", netns=OWN)], 3)
    equal(got[labels("tcptrace_module_lost_total", netns=OWN)], 5)
    equal(got[labels("tcptrace_findings_total", netns=OWN,
                     finding="zero_window")], 1)
    equal(of(got, "tcptrace_opened_total"), 1)
    for name in ("entries", "opened", "finding_zero_window"):
        if f"tcptrace_module_{name}_" in text:
            raise AssertionError(name)


@case("export -r: the connections of a capture and their states")
def capture(client):
    path, out = client.path("out.prom"), {}
    files = [os.path.join(TOP, "tests", "cases", name)
             for name in sorted(os.listdir(os.path.join(TOP, "tests",
                                                        "cases")))
             if name.endswith(".pcap")][:8]
    for file in files:
        client.run("export", "--textfile", path, "-r", file)
        with open(path, encoding="utf-8") as text:
            got = parse(text.read())
        out, _ = client.run("watch", "--json", "-r", file)
        events = [json.loads(line) for line in out.splitlines()]
        closes = [event for event in events if event["event"] == "close"]
        for reason in {event["reason"] for event in closes}:
            equal(got[labels("tcptrace_closes_total", netns=0,
                             reason=reason)],
                  sum(event["reason"] == reason for event in closes), file)
        equal(got[labels("tcptrace_payload_bytes_total", netns=0,
                         end="originator")],
              sum(event["a2b"]["bytes"] for event in closes), file)
        out, _ = client.run("list", "-r", file, "--json")
        rows = [json.loads(line) for line in out.splitlines()]
        for state in {row["orig_state"] for row in rows}:
            equal(got[labels("tcptrace_connection_ends", netns=0,
                             end="originator", state=state)],
                  sum(row["orig_state"] == state for row in rows), file)


@case("export --textfile: each update replaces the whole file")
def atomic(client):
    path = client.path("dir")
    os.mkdir(path)
    file = os.path.join(path, "out.prom")
    fifo = client.fifo()
    process = client.start("export", "--textfile", file, "--interval", "1",
                           "--device", fifo)
    with open(fifo, "wb") as feed:
        until(lambda: os.path.exists(file), "file")
        first = os.open(file, os.O_RDONLY)
        feed.write(closing([close_of()]))
        feed.flush()
        until(lambda: os.stat(file).st_ino != os.fstat(first).st_ino and
              labels("tcptrace_closes_total", netns=INIT, reason="fin") +
              " 1\n" in open(file, encoding="utf-8").read(), "second file")
        process.send_signal(signal.SIGTERM)
        equal(process.wait(TIMEOUT), 0)
    equal(os.listdir(path), ["out.prom"])
    equal(os.stat(file).st_mode & 0o777, 0o644)
    os.close(first)
    shutil.rmtree(path)


@case("export --textfile: a file that cannot be written")
def unwritable(client):
    _, err = client.run("export", "--textfile", client.path("none/x.prom"),
                        "--device", client.records("session"), code=1)
    contains(err, "none/x.prom: No such file or directory")


@case("export --state-file: a restart loses no count")
def state(client):
    path = client.path("state")
    first = records.make_session() + closing(
        [close_of(conn, 4, records.fate(6, reason=b"R%d" % conn),
                  netns=7000 + conn, port=1000 + conn) for conn in range(70)])
    second = closing([close_of(reason=4, opening=records.fate(
        6, reason=b"R1"), netns=7001, port=1069)]) + records.make_finding()
    top = "--top-listeners", "100"
    _, whole = textfile(client, first + second, *top)
    textfile(client, first, *top, "--state-file", path)
    equal(os.stat(path).st_mode & 0o777, 0o600)
    _, got = textfile(client, second, *top, "--state-file", path)
    equal(got, whole)
    equal(got[labels("tcptrace_listener_closes_total", port=1069)], 2)
    equal(got[labels("tcptrace_syn_drops_total", netns=7001,
                     drop_reason="R1")], 2)


@case("export --state-file: after SIGKILL, the counts of the last interval")
def killed(client):
    path, fifo = client.path("state.killed"), client.fifo()
    process = client.start("export", "--prometheus", "127.0.0.1:0",
                           "--state-file", path, "--interval", "1",
                           "--device", fifo)
    with open(fifo, "wb") as feed:
        feed.write(closing([close_of()] * 3))
        feed.flush()
        # wait until the header of the file shows three records
        until(lambda: os.path.exists(path) and struct.unpack_from(
            "=Q", open(path, "rb").read(), 32) == (3,), "file")
        process.kill()
        process.wait(TIMEOUT)
        process.stderr.close()
    _, got = textfile(client, closing([close_of()]), "--state-file", path)
    equal(of(got, "tcptrace_closes_total", reason="fin"), 4)
    equal(got["tcptrace_reader_records_total"], 4)


@case("export --state-file: lost records of both runs")
def state_lost(client):
    path = client.path("state.lost")
    for total in (70, 140):
        stream = records.Stream()
        stream.record(records.LOST, struct.pack("=QQQII", 70, records.T0,
                                                records.T0, 1, 0), count=70)
        _, got = textfile(client, stream.out, "--state-file", path)
        equal(got["tcptrace_reader_lost_records_total"], total)


@case("export --state-file: another load of the module, a damaged file")
def bad_state(client):
    path, out = client.path("state.bad"), client.path("out.prom")
    textfile(client, closing([close_of()]), "--state-file", path)
    with open(path, "rb") as file:
        good = file.read()
    epoch = bytearray(good)
    epoch[24] ^= 1
    for data, why in ((bytes(epoch), "another load of the module"),
                      (good[:-1], "not a state of this version"),
                      (good + b"x", "not a state of this version"),
                      (b"", "not a state of this version"),
                      (b"x" + good[1:], "not a state of this version")):
        with open(path, "wb") as file:
            file.write(data)
        _, err = client.run("export", "--textfile", out, "--state-file", path,
                            "--device", client.path("records",
                                                    closing([close_of()])))
        contains(err, why + ": counts begin at 0")
        with open(out, encoding="utf-8") as file:
            got = parse(file.read())
        equal(of(got, "tcptrace_closes_total", reason="fin"), 1, why)
        with open(path, "rb") as file:
            equal(file.read(), good)


@case("export --state-file: needs metrics, and no capture")
def state_options(client):
    _, err = client.run("export", "--ipfix", "file:" + client.path("x"),
                        "--state-file", client.path("state"), code=2)
    contains(err, "--state-file needs --prometheus or --textfile")
    _, err = client.run("export", "--textfile", client.path("x"),
                        "--state-file", client.path("state"), "-r",
                        client.path("y"), code=2)
    contains(err, "--state-file")


class Server:
    """An exporter that runs on a port that the kernel chooses."""

    def __init__(self, client, *args):
        self.process = client.start("export", "--prometheus", "127.0.0.1:0",
                                    "--device", client.records("session"),
                                    *args)
        line = self.process.stderr.readline().decode()
        found = re.search(r"http://(127.0.0.1:\d+)/metrics", line)
        if not found:
            raise AssertionError(line)
        self.address = found[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        equal(self.process.wait(TIMEOUT), 0)
        self.process.stderr.close()

    def get(self, path, method="GET"):
        request = urllib.request.Request(f"http://{self.address}{path}",
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            error.close()
            return error.code, None

    def whole(self):
        """Return: the page that the exporter serves after it has read all
        records."""
        until(lambda: labels("tcptrace_closes_total", netns=INIT,
                             reason="fin") + " 1\n" in
              self.get("/metrics")[1], "record")
        return self.get("/metrics")[1]


@case("export --prometheus: the page, other pages, the end by a signal")
def http(client):
    with Server(client) as server:
        text = server.whole()
        want, _ = textfile(client, records.make_session())
        equal(text, want)
        equal(server.get("/")[0], 200)
        equal(server.get("/metrics", "HEAD"), (200, ""))
        equal(server.get("/other")[0], 404)
        equal(server.get("/metrics", "POST")[0], 405)
        _, err = client.run("export", "--prometheus=" + server.address,
                            "--device", client.records("session"), code=1)
        contains(err, f"cannot listen on {server.address}: Address already")


@cases("export: misuse", (
    ("nothing to export", (), "nothing to export"),
    ("as-module", ("--textfile", "x", "--as-module"), "needs a capture"),
    ("interval", ("--interval", "0"), "invalid interval: '0'"),
    ("listeners", ("--top-listeners", "101"), "use 1 to 100"),
    ("option", ("--nothing",), "unrecognized option"),
))
def misuse(client, args, want):
    _, err = client.run("export", *args, code=2)
    contains(err, want, "Try 'tcptracectl export --help'.")


@cases("export: not an address", (
    (text, text) for text in ("127.0.0.1", ":80", "[::1]", "name:80", "1:x")))
def address(client, text):
    _, err = client.run("export", "--prometheus=" + text, "--device",
                        client.records("session"), code=1)
    contains(err, f"invalid address: '{text}': use ADDRESS:PORT")


def full_page(client):
    """Return: a page with all families of metrics."""
    text, _ = textfile(client, records.make_session(), "--top-listeners", "5",
                       "--file", client.path("counters", COUNTERS))
    return text + "".join(
        f"# TYPE {name} gauge\n" for name in
        ("tcptrace_connections_limit", "tcptrace_connection_ends"))


@case("promtool finds no fault in the metrics")
def promtool_metrics(client):
    text, _ = textfile(client, records.make_session(), "--top-listeners", "5",
                       "--file", client.path("counters", COUNTERS))
    done = subprocess.run([tool(client, "promtool"), "check", "metrics"],
                          input=text, capture_output=True, text=True,
                          check=False, timeout=TIMEOUT)
    equal((done.returncode, done.stdout + done.stderr), (0, ""))


@case("promtool: the rules, and each alert for its reason only")
def promtool_rules(client):
    program = tool(client, "promtool")
    for name in (os.path.join(PROMETHEUS, "tcptrace.rules.yml"),
                 os.path.join(os.path.dirname(__file__), "rules.test.yml")):
        shutil.copy(name, client.dir)
    for args in (("check", "rules", "tcptrace.rules.yml"),
                 ("test", "rules", "rules.test.yml")):
        done = subprocess.run([program, *args], cwd=client.dir, text=True,
                              capture_output=True, check=False,
                              timeout=TIMEOUT)
        equal(done.returncode, 0, done.stdout + done.stderr)


def metric_names(expression):
    return {re.sub("_(bucket|sum|count)$", "", name)
            for name in re.findall(r"\btcptrace_\w+", expression)}


@case("rules and dashboard name only metrics that exist")
def names(client):
    have = set(re.findall(r"^# TYPE (\S+)", full_page(client), re.MULTILINE))
    with open(os.path.join(PROMETHEUS, "dashboard.json"),
              encoding="utf-8") as file:
        dashboard = json.load(file)
    expressions = [target["expr"] for panel in dashboard["panels"]
                   for target in panel["targets"]]
    expressions += [variable["definition"]
                    for variable in dashboard["templating"]["list"]
                    if variable["type"] == "query"]
    with open(os.path.join(PROMETHEUS, "tcptrace.rules.yml"),
              encoding="utf-8") as file:
        expressions.append(file.read())
    for expression in expressions:
        used = metric_names(expression)
        if not used or used - have:
            raise AssertionError((expression, used - have))
    ids = [panel["id"] for panel in dashboard["panels"]]
    equal(len(ids), len(set(ids)))


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@case("Prometheus scrapes the exporter, and has the rules")
def scraped(client):
    program = tool(client, "prometheus")
    shutil.copy(os.path.join(PROMETHEUS, "tcptrace.rules.yml"), client.dir)
    port = free_port()
    with Server(client) as server:
        server.whole()
        config = client.path("prometheus.yml", json.dumps({
            "rule_files": ["tcptrace.rules.yml"],
            "scrape_configs": [{
                "job_name": "tcptrace", "scrape_interval": "1s",
                "static_configs": [{"targets": [server.address]}]}]}))
        process = subprocess.Popen(
            [program, "--config.file=" + config, "--log.level=error",
             f"--web.listen-address=127.0.0.1:{port}",
             "--storage.tsdb.path=" + client.path("tsdb")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            def query(text):
                url = f"http://127.0.0.1:{port}/api/v1/query?query=" + \
                    urllib.request.quote(text)
                try:
                    with urllib.request.urlopen(url, timeout=5) as answer:
                        return json.load(answer)["data"]["result"]
                except (OSError, ValueError):
                    return []
            want = labels("tcptrace_closes_total", netns=INIT, reason="fin")
            until(lambda: query(want), "sample")
            equal(query(want)[0]["value"][1], "1")
            equal(query("up")[0]["value"][1], "1")
        finally:
            process.terminate()
            process.wait(TIMEOUT)


@case("the unit of systemd is hardened")
def unit(client):
    program = tool(client, "systemd-analyze")
    path = os.path.join(os.path.dirname(client.program),
                        "tcptrace-export.service")
    done = subprocess.run([program, "security", "--offline=true",
                           "--no-pager", "--threshold=20", path],
                          capture_output=True, text=True, check=False,
                          timeout=TIMEOUT)
    equal(done.returncode, 0, done.stdout + done.stderr)
