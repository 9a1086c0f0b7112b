#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check tcptracectl export with the module. The flow records of a router with
NAT must agree with the CLOSE records that a reader in the router gets. A
restart of the exporter must not lose counts."""
import contextlib
import ipaddress
import itertools
import re
import signal
import socket
import struct
import subprocess
import tempfile
import urllib.request

import module
from case import case, run
from check import PATIENCE, equal, until
from device import Reader, is_reading
from kernel import want_conntrack
from netns import row
from records import CLOSE
from sockets import close_both, exchange, listener, new_socket, pair

CONNECTIONS = 5
PORT, REAL = 80, 8080
REVERSE = 29305
RULES = f"""
table ip nat {{
	chain in {{
		type nat hook prerouting priority -100;
		ip daddr 10.66.1.1 tcp dport {PORT} dnat to 10.66.2.2:{REAL}
	}}
	chain out {{
		type nat hook postrouting priority 100;
		oifname "rs" masquerade
	}}
}}
"""

want_conntrack()
module.load()
client, router, server = row("crs", 66)
client.reach("10.66.2.2")
router.nft(RULES)


@contextlib.contextmanager
def exporting(*words):
    """Run the exporter in the router as long as the context is open. It must
    then exit with 0."""
    with router:
        process = subprocess.Popen(["tcptracectl", "export", *words],
                                   stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    equal(process.returncode, 0, f"exit: {err}")


def traffic():
    """Make connections through the router. Return: the router's CLOSE
    records."""
    with router:
        reader = Reader(CLOSE)
    with reader, listener("10.66.2.2", REAL, ns=server) as sock:
        for _ in range(CONNECTIONS):
            one, two = pair(sock, ("10.66.1.1", PORT),
                            new_socket(client, "10.66.1.2"))
            exchange(one, two, 100, 200)
            close_both(one, two)
        return reader.collect(lambda found: len(found) >= CONNECTIONS, "CLOSE")


class Collector:
    """Convert IPFIX messages to flow records. Each flow record is
    {(enterprise, element): value}."""

    def __init__(self):
        self.templates = {}
        self.flows = []

    def template(self, data):
        while len(data) >= 4:
            number, count = struct.unpack_from(">HH", data)
            data = data[4:]
            fields = []
            for _ in range(count):
                element, length = struct.unpack_from(">HH", data)
                data = data[4:]
                pen = 0
                if element & 0x8000:
                    pen = struct.unpack_from(">I", data)[0]
                    data = data[4:]
                fields.append((pen, element & 0x7fff, length))
            self.templates[number] = fields

    def record(self, fields, data):
        flow = {}
        for pen, element, length in fields:
            flow[pen, element] = int.from_bytes(data[:length], "big")
            data = data[length:]
        self.flows.append(flow)

    def message(self, data):
        data = data[16:]
        while data:
            number, size = struct.unpack_from(">HH", data)
            body, data = data[4:size], data[size:]
            if number == 2:
                self.template(body)
                continue
            fields = self.templates[number]
            length = sum(field[2] for field in fields)
            while len(body) >= length:
                self.record(fields, body[:length])
                body = body[length:]


@case("ipfix: each connection once, its interfaces and its addresses after NAT")
def ipfix():
    collector = Collector()
    with router:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        known = {name: index for index, name in socket.if_nameindex()}
    with sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(PATIENCE)
        with exporting("--ipfix", f"127.0.0.1:{sock.getsockname()[1]}") \
                as process:
            # the templates show that the exporter has opened the device
            collector.message(sock.recv(65536))
            until(lambda: is_reading(process.pid), "reader")
            closed = traffic()
            while len(collector.flows) < CONNECTIONS:
                collector.message(sock.recv(65536))
    equal(sorted(flow[0, 148] for flow in collector.flows),
          sorted(record.conn for record in closed), "connections")
    port_of = {record.conn: record.orig_port for record in closed}
    for flow in collector.flows:
        equal([str(ipaddress.IPv4Address(flow[pen, element]))
               for pen, element in ((0, 8), (0, 12), (0, 225),
                                    (REVERSE, 225))],
              ["10.66.1.2", "10.66.2.2", "10.66.2.1", "10.66.1.1"],
              "addresses, and those after NAT")
        equal((flow[0, 7], flow[0, 11], flow[REVERSE, 227]),
              (port_of[flow[0, 148]], REAL, PORT), "ports")
        equal([flow[pen, element] for pen in (0, REVERSE)
               for element in (10, 14)],
              [known["rc"], known["rs"], known["rs"], known["rc"]],
              "interfaces")
        equal((flow[0, 231], flow[0, 232]), (100, 200), "bytes")


scrapes = itertools.count(1)


def opened(process):
    """Return: a function that scrapes the number of connections that the router
    has tracked. The connections of the scrapes themselves are subtracted."""
    address = re.search(r"http://\S+", process.stderr.readline())[0]

    def scrape():
        with router, urllib.request.urlopen(address, timeout=PATIENCE) as page:
            found = re.findall(r"^tcptrace_opened_total\{.*\} (\d+)$",
                               page.read().decode(), re.MULTILINE)
        return sum(map(int, found)) - next(scrapes)
    return scrape


@case("prometheus: a restart of the exporter loses no count of connections")
def restart():
    with exporting("--prometheus", "127.0.0.1:0") as process:
        count = opened(process)
        first = count()
        traffic()
        until(lambda: count() == first + CONNECTIONS, "connections")
    traffic()
    with exporting("--prometheus", "127.0.0.1:0") as process:
        count = opened(process)
        until(lambda: count() == first + 2 * CONNECTIONS, "connections")


def closed(process):
    """Return: a function that scrapes how many connections to the server were
    closed."""
    address = re.search(r"http://\S+", process.stderr.readline())[0]

    def scrape():
        with router, urllib.request.urlopen(address, timeout=PATIENCE) as page:
            found = re.search(r'^tcptrace_listener_closes_total\{port="'
                              rf'{REAL}"\}} (\d+)$', page.read().decode(),
                              re.MULTILINE)
        return int(found[1]) if found else 0
    return scrape


@case("prometheus: --state-file keeps the counts of records, for one load of the module")
def state():
    with tempfile.TemporaryDirectory() as folder:
        words = ("--prometheus", "127.0.0.1:0", "--top-listeners", "100",
                 "--state-file", folder + "/counts")
        for runs in (1, 2):
            with exporting(*words) as process:
                count = closed(process)
                until(lambda p=process: is_reading(p.pid), "reader")
                traffic()
                until(lambda c=count, n=runs: c() == n * CONNECTIONS,
                      "connections")
        module.load()
        with exporting(*words) as process:
            line = process.stderr.readline()
            equal("another load of the module" in line, True, line)
            equal(closed(process)(), 0, "connections")


run()
