# SPDX-License-Identifier: GPL-2.0
"""Check that export --ipfix exports each closing record once, with the values
that watch shows."""
import datetime
import glob
import ipaddress
import json
import os
import signal
import socket
import struct
import subprocess

import records
from export import closing, free_port, tool
from tap import TIMEOUT, TOP, case, cases, contains, equal, until

REVERSE = 29305
PEN = 32473
# element ID: path of the value in the JSON of a close event
STANDARD = {
    7: "orig_port", 11: "resp_port", 148: "conn", 231: "a2b.bytes",
    232: "b2a.bytes", 298: "a2b.packets", 299: "b2a.packets",
    2: "a2b.packets", 218: "a2b.syns", 219: "a2b.fins", 220: "a2b.rsts",
    221: "a2b.pushes", 222: "a2b.acks", 223: "a2b.urgent_packets",
    52: "a2b.ttl_min", 53: "a2b.ttl_max", 138: "netns",
}
BOTH = (2, 218, 219, 220, 221, 222, 223, 52, 53)
ENTERPRISE = {
    1: "syn_synack_ns", 2: "synack_ack_ns", 3: "a2b.rexmit_bytes",
    4: "b2a.rexmit_bytes", 5: "a2b.missed_bytes", 6: "b2a.missed_bytes",
    7: "a2b.rtt_min_ns", 8: "b2a.rtt_min_ns", 9: "a2b.srtt_ns",
    10: "b2a.srtt_ns",
}


class Collector:
    """Converts messages to flow records: {(enterprise, element): value}."""

    def __init__(self):
        self.templates = {}
        self.flows = []
        self.next = 0

    def template(self, data, header):
        at = 0
        while at + 4 <= len(data):
            number, count = struct.unpack_from(">HH", data, at)
            at += header
            fields = []
            for _ in range(count):
                element, length = struct.unpack_from(">HH", data, at)
                at += 4
                pen = 0
                if element & 0x8000:
                    element &= 0x7fff
                    pen = struct.unpack_from(">I", data, at)[0]
                    at += 4
                fields.append((pen, element, length))
            self.templates[number] = fields

    def records(self, number, data):
        fields, at = self.templates[number], 0
        if any(length == 0xffff for _, _, length in fields):
            self.variable(fields, data)
            return
        size = sum(length for _, _, length in fields)
        while at + size <= len(data):
            flow = {}
            for pen, element, length in fields:
                flow[pen, element] = int.from_bytes(data[at:at + length],
                                                    "big")
                at += length
            self.flows.append(flow)
            self.next += 1

    def variable(self, fields, data):
        """Skip records whose fields may have a variable length."""
        at = 0
        while at + 4 <= len(data):
            for _, _, length in fields:
                if length == 0xffff:
                    length = data[at]
                    at += 1
                at += length
            self.next += 1

    def message(self, data):
        """Convert the message at the start of @data. Return: its length."""
        version, length, _, sequence, _ = struct.unpack_from(">HHIII", data)
        equal((version, sequence), (10, self.next))
        at = 16
        while at < length:
            number, size = struct.unpack_from(">HH", data, at)
            body = data[at + 4:at + size]
            if number in (2, 3):	# 3: options templates, with scopes
                self.template(body, 4 if number == 2 else 6)
            elif number >= 256:
                self.records(number, body)
            at += size
        return length

    def stream(self, data):
        while data:
            data = data[self.message(data):]
        return self.flows


def number(event, path):
    for name in path.split("."):
        event = event[name]
    return event


def nanoseconds(ntp):
    """Convert NTP time to ns. Round up, because the exporter rounded down."""
    return ((ntp >> 32) - 2208988800) * 10**9 + \
        -(-((ntp & 0xffffffff) * 10**9) // 2**32)


def compare(flow, event, enterprise=False):
    for element, path in STANDARD.items():
        equal(flow[0, element], number(event, path), path)
        if element in BOTH:
            path = path.replace("a2b", "b2a")
            equal(flow[REVERSE, element], number(event, path), path)
    wide = ":" in event["orig"]
    for element, name in zip((27, 28) if wide else (8, 12),
                             ("orig", "resp")):
        equal(flow[0, element],
              int(ipaddress.ip_address(event[name].split("%")[0])), name)
    for pen, end in (0, "orig"), (REVERSE, "resp"):
        known = event[end] if "nat" not in event else \
            event["nat"].get(end, event[end])
        port = event.get("nat", event).get(end + "_port", event[end + "_port"])
        equal(flow[pen, 281 if wide else 225],
              int(ipaddress.ip_address(known.split("%")[0])), "NAT of " + end)
        equal(flow[pen, 227], port, "NAT of the port of " + end)
        way = event.get(end + "_path", {})
        for element, name in (10, "in_ifindex"), (14, "out_ifindex"):
            equal(flow[pen, element], way.get(name, 0), f"{name} of {end}")
    equal(flow[0, 4], 6)
    equal(flow[0, 239], 0 if event.get("guessed") else 1)
    equal(nanoseconds(flow[0, 157]) - nanoseconds(flow[0, 156]),
          event["duration_ns"])
    equal(flow[0, 153] - nanoseconds(flow[0, 157]) // 10**6, 0)
    if enterprise:
        for element, path in ENTERPRISE.items():
            equal(flow[PEN, element], number(event, path), path)


def closes(client, *args):
    out, _ = client.run("watch", "--json", "-e", "close", *args)
    return [event for event in map(json.loads, out.splitlines())
            if event["event"] == "close"]


def from_file(client, *args):
    path = client.path("out.ipfix")
    client.run("export", "--ipfix", "file:" + path, *args)
    with open(path, "rb") as file:
        return Collector().stream(file.read())


def many(count, v6=True):
    """Return: closing records with various values, for IPv4 and, if @v6 is set,
    for IPv6."""
    bodies = []
    for i in range(1, count + 1):
        side = records.direction(i, 7 * i, 0x1b, 0, mss=1460, wscale=7,
                                 ttl=(64, 60, 64), syns=1, fins=i % 2,
                                 acks=i, pushes=3, rtt=(1, i, i, i, i))
        other = records.direction(2 * i, i * i, 0x13, 0, wscale=255,
                                  ttl=(50, 50, 51), rsts=1,
                                  urgent_packets=i, missed=i, rexmit=0)
        ends = {"orig": "2001:db8::1", "resp": "2001:db8::2"} \
            if v6 and i % 3 == 0 else {}
        bodies.append(records.flow(i, oport=1024 + i, **ends) +
                      records.NO_SEG +
                      records.close(1 + i % 8, 0, 10**9 + i, 5, side, other,
                                    4, start=records.T0 + i, end_reason=3,
                                    handshake_ns=(i, 2 * i, 3 * i)))
    return closing(bodies)


@case("export --ipfix file: every closing record once, numbers equal")
def file(client):
    path = client.path("records", many(1000))
    events = closes(client, "--device", path)
    equal(len(events), 1000)
    for more in ((), ("--enterprise", str(PEN))):
        flows = from_file(client, "--device", path, *more)
        equal(len(flows), 1000)
        for flow, event in zip(flows, events):
            compare(flow, event, bool(more))
        equal({flow[0, 136] for flow in flows}, {3})
        equal((flows[0][0, 6], flows[0][REVERSE, 6]), (0x1b, 0x13))
        equal((flows[0][0, 238], flows[0][REVERSE, 238]), (7, 0))


@case("export --ipfix: interfaces, and the addresses after NAT")
def nat(client):
    path = client.records("owner")
    (event,), (flow,) = closes(client, "--device", path), \
        from_file(client, "--device", path)
    compare(flow, event)
    for pen, want in (0, ("10.2.0.1", 50000, 0, 1)), \
            (REVERSE, ("10.1.0.1", 80, 1, 4000000003)):
        equal((str(ipaddress.IPv4Address(flow[pen, 225])), flow[pen, 227],
               flow[pen, 10], flow[pen, 14]), want)


@case("export --ipfix -r: the connections of captures")
def captures(client):
    for path in sorted(glob.glob(os.path.join(TOP, "tests", "cases",
                                              "*.pcap")))[:20]:
        events = closes(client, "-r", path)
        flows = from_file(client, "-r", path)
        equal(len(flows), len(events), path)
        for flow, event in zip(flows, events):
            compare(flow, event)
            began = datetime.datetime.fromtimestamp(
                flow[0, 152] / 1000, datetime.timezone.utc)
            contains(event["start"] if isinstance(event.get("start"), str)
                     else began.isoformat(), began.strftime("%Y-%m-%dT%H:%M"))


@case("export --ipfix: no padding and no enterprise element by default")
def no_padding(client):
    flows = from_file(client, "--device", client.path("records", many(1)))
    equal({pen for pen, _ in flows[0]}, {0, REVERSE})
    equal((0, 210) in flows[0], False)


@case("export --ipfix udp: templates first, every record once")
def udp(client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(TIMEOUT)
        port = sock.getsockname()[1]
        path = client.path("records", many(50))
        client.run("export", "--ipfix", f"127.0.0.1:{port}", "--device", path)
        collector = Collector()
        while len(collector.flows) < 50:
            data = sock.recv(65536)
            equal(collector.message(data), len(data))
        equal([flow[0, 148] for flow in collector.flows],
              list(range(1, 51)))


@case("export --ipfix udp: no listener, which is reported once")
def nobody(client):
    _, err = client.run("export", "--ipfix", f"udp:127.0.0.1:{free_port()}",
                        "--device", client.path("records", many(2000)))
    lines = err.splitlines()
    equal([line for line in lines
           if not line.startswith("tcptracectl: IPFIX: ")], [])
    if not 1 <= len(lines) <= 2:
        raise AssertionError(err)


@case("export --ipfix tcp: every record once; a missing collector")
def tcp(client):
    path = client.path("records", many(3000))
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        sock.settimeout(TIMEOUT)
        port = sock.getsockname()[1]
        process = client.start("export", "--ipfix", f"tcp:127.0.0.1:{port}",
                               "--device", path)
        conn, _ = sock.accept()
        data = b""
        with conn:
            conn.settimeout(TIMEOUT)
            while part := conn.recv(65536):
                data += part
        equal(process.wait(TIMEOUT), 0)
        process.stderr.close()
    flows = Collector().stream(data)
    equal([flow[0, 148] for flow in flows], list(range(1, 3001)))
    _, err = client.run("export", "--ipfix", f"tcp:127.0.0.1:{port}",
                        "--device", path, code=1)
    contains(err, "IPFIX: ", "onnection refused")


@case("export --ipfix: a record is sent within a second or two")
def prompt(client):
    fifo = client.fifo()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(TIMEOUT)
        port = sock.getsockname()[1]
        process = client.start("export", "--ipfix", f"127.0.0.1:{port}",
                               "--device", fifo)
        with open(fifo, "wb") as feed:
            feed.write(many(1))
            feed.flush()
            collector = Collector()
            while not collector.flows:
                collector.message(sock.recv(65536))
            process.send_signal(signal.SIGTERM)
            equal(process.wait(TIMEOUT), 0)
        process.stderr.close()


@cases("export --ipfix: not a collector", (
    (text, text) for text in ("host", ":4739", "udp:", "tcp:x", "file:",
                              "[]:1")))
def bad(client, text):
    _, err = client.run("export", "--ipfix", text, code=1)
    contains(err, f"invalid collector: '{text}'")


@case("export: --enterprise needs --ipfix")
def enterprise(client):
    _, err = client.run("export", "--textfile", "x", "--enterprise", "1",
                        code=2)
    contains(err, "--enterprise needs --ipfix")


@case("nfcapd collects every closing record once")
def nfcapd(client):
    program, nfdump = tool(client, "nfcapd"), tool(client, "nfdump")
    flows = client.path("nfcapd")
    os.mkdir(flows)
    port = free_port()
    process = subprocess.Popen([program, "-b", "127.0.0.1", "-p", str(port),
                                "-w", flows, "-B", "4194304"],
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    try:
        while "Startup" not in process.stderr.readline():
            equal(process.poll(), None)
        path = client.path("records", many(60))
        client.run("export", "--ipfix", f"127.0.0.1:{port}", "--device", path)
        # nfcapd has read everything when its socket is empty
        until(lambda: not queued(port), "empty queue")
    finally:
        process.terminate()
        _, err = process.communicate(timeout=TIMEOUT)
    contains(err, "Flows: 60", "Sequence Errors: 0, Bad Packets: 0")
    done = subprocess.run([nfdump, "-R", flows, "-o", "json"],
                          capture_output=True, text=True, check=True,
                          timeout=TIMEOUT)
    got = {row["src_port"]: row for row in json.loads(done.stdout)}
    events = closes(client, "--device", path)
    equal(len(got), len(events))
    for event in events:
        row = got[event["orig_port"]]
        equal((row["in_packets"], row["out_packets"], row["dst_port"],
               row["proto"]),
              (event["a2b"]["packets"], event["b2a"]["packets"],
               event["resp_port"], 6))
        key = "src6_addr" if ":" in event["orig"] else "src4_addr"
        equal(row[key], event["orig"])


def queued(port):
    """Return: number of bytes that wait in the UDP socket on @port."""
    with open("/proc/net/udp", encoding="ascii") as table:
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}"):
                return int(fields[4].split(":")[1], 16)
    raise AssertionError("no socket")


@case("libfixbuf's own reader: every closing record once")
def ipfix_dump(client):
    program = tool(client, "ipfixDump")
    records_file = client.path("records", many(100))
    path = client.path("out.ipfix")
    client.run("export", "--ipfix", "file:" + path, "--enterprise", str(PEN),
               "--device", records_file)
    done = subprocess.run([program, "--rfc5610", "--data", "--in", path],
                          capture_output=True, text=True, check=True,
                          timeout=TIMEOUT)
    got = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition(" : ")
        if _ and name.split(")")[-1].strip():
            got.setdefault(name.split(")")[-1].strip(), []).append(
                value.strip())
    events = closes(client, "--device", records_file)
    for name, member in (("flowId", "conn"), ("initiatorOctets", "a2b.bytes"),
                         ("responderOctets", "b2a.bytes"),
                         ("reversePacketDeltaCount", "b2a.packets"),
                         ("tcptraceResponderMissedOctets",
                          "b2a.missed_bytes"),
                         ("tcptraceSynackAckNanoseconds", "synack_ack_ns")):
        equal(got[name], [str(number(event, member)) for event in events],
              name)
