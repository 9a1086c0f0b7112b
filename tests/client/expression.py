# SPDX-License-Identifier: GPL-2.0
"""Test filter expressions and the mask "failures" with files of records."""
import json

from tap import case, cases, equal

ALL = list(range(15))


def numbers(client, name, *args):
    """Return: the sequence numbers of the records that are shown."""
    out, _ = client.watch(name, "--json", *args)
    return [json.loads(line)["seq_no"] for line in out.splitlines()]


# In "session", records 13 and 14 have no segment, so a filter that matches
# either direction selects them.
@cases("a filter applies to the segment, or to either direction without one", [
    ("port", "session", "port 80", ALL),
    ("another port", "session", "port 81", []),
    ("IPv6", "session", "ip6", []),
    ("sender", "session", "src host 10.0.0.2",
     [0, 1, 4, 5, 6, 8, 9, 12, 13, 14]),
    ("receiver's port", "session", "dst port 40000",
     [2, 3, 7, 10, 11, 13, 14]),
    ("flags", "session", "tcp[tcpflags] & tcp-fin != 0", [8, 9, 10, 11]),
    ("number", "session", "tcp[4:4] = 4294967000", [0, 1]),
    ("length", "session", "greater 2840", [7]),
    ("length in the header", "session", "ip[2:2] = 140", [6]),
    ("IPv6 port", "marks", "ip6 and port 443", [3, 4, 5]),
    ("IPv6 receiver", "marks", "dst host 2001:db8::1", [4, 5]),
    ("LOST with any filter", "lost", "port 81", [1, 43]),
])
def taken(client, name, text, want):
    equal(numbers(client, name, "-e", "all", text), want)


@cases("failures: connections reset, refused, timed out, evicted; suspicions", [
    ("none", "session", "failures", []),
    ("refused, timed out", "marks", "failures", [5, 6]),
    ("reset", "counters", "failures", [1]),
    ("suspected", "suspected", "failures", [0, 1, 2, 3, 4]),
    ("LOST as always", "lost", "failures", [1, 43]),
    ("and others", "marks", "open,failures", [0, 2, 3, 5, 6]),
])
def failures(client, name, events, want):
    equal(numbers(client, name, "-e", events), want)


# The originator's address after NAT is unknown until the first answer.
@cases("a filter of a file also applies to the addresses after NAT", [
    ("responder", "host 192.0.2.1", [0, 1, 2, 3, 4]),
    ("responder's port", "port 8080", [0, 1, 2, 3, 4]),
    ("originator", "net 198.51.100.0/24", [2, 3, 4]),
    ("both", "src 198.51.100.1 and dst port 8080", [2, 4]),
    ("a sender", "src host 192.0.2.1", [3, 4]),
    ("no packet has two addresses of an end", "host 10.0.0.1 and port 8080",
     []),
    ("the own address", "host 10.0.0.1", [0, 1, 2, 3, 4, 5, 6]),
    ("IPv6", "ip6 host 2001:db8::99 and port 443", [7, 8]),
])
def translated(client, text, want):
    equal(numbers(client, "behind_nat", "-e", "all", text), want)


@case("the addresses of a connection are known without its first event")
def translated_states(client):
    equal(numbers(client, "behind_nat", "-e", "state", "port 8080"), [1])


@case("the device applies a filter to packets: NAT does not add an event")
def translated_live(client):
    env = client.shim_env(SHIM_FILE=client.records("behind_nat"))
    out, _ = client.run("watch", "--json", "-e", "all", "host 192.0.2.1",
                        env=env)
    equal([json.loads(line)["seq_no"] for line in out.splitlines()],
          [0, 1, 2, 3, 5, 6, 7, 8])
