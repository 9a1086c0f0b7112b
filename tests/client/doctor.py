# SPDX-License-Identifier: GPL-2.0
"""Check doctor on simulated machines: it reports each problem, and no problem
on a healthy machine. absent.py has the machines without a loaded module."""
import errno
import json
import os

from tap import VERSION, case, cases, contains, equal
from tree import (COUNTERS, GETFLOWTABLE, GETLINK, GETQDISC, NETFILTER, ROUTE,
                  STATS, Tree, answer, counters, flowtable, link, qdisc,
                  refusal, snmp)

OK, WARNING, PROBLEM, UNKNOWN = "ok", "warning", "problem", "not known"
LOADED = ("module version device traffic table limits loss flowtable bridge "
          "xdp tc namespace").split()
LINKS = f"netlink/{ROUTE}-{GETLINK}"
QDISCS = f"netlink/{ROUTE}-{GETQDISC}"
FLOWTABLES = f"netlink/{NETFILTER}-{GETFLOWTABLE}"


def run(client, tree, *args, command="doctor", code=0, **shim):
    """Run the client on the machine in @tree with the fake device of shim.c."""
    env = client.shim_env(TREE=tree.root, **shim)
    env["LD_PRELOAD"] += ":" + os.path.join(os.path.dirname(client.shim),
                                            "tree.so")
    return client.run(command, *args, code=code, env=env, cwd=tree.root)


def look(client, tree, code=0, **shim):
    """Run doctor, and check that each finding that is not ok has advice.
    Return: the findings."""
    out, err = run(client, tree, "--json", code=code, **shim)
    equal(err, "", "stderr")
    found = [json.loads(line) for line in out.splitlines()]
    for finding in found:
        if finding["verdict"] != OK and not finding.get("advice"):
            raise AssertionError(f"no advice in {finding}")
    equal(code, int(PROBLEM in [f["verdict"] for f in found]), "problems")
    return found


def check(found, name, verdict, *parts):
    """Check the verdict of a finding, and parts of its text or of its
    advice."""
    mine = [finding for finding in found if finding["check"] == name]
    if not mine:
        raise AssertionError(f"no {name} in {found}")
    for finding in mine:
        text = finding["text"] + "\n" + finding.get("advice", "")
        if all(part in text for part in parts):
            equal(finding["verdict"], verdict, str(finding))
            return
    raise AssertionError(f"{parts} not in {mine}")


def others_are_well(found, *names):
    for finding in found:
        if finding["check"] not in names:
            equal(finding["verdict"], OK, str(finding))


@case("doctor: a healthy machine, each check once, and all are ok")
def healthy(client):
    found = look(client, Tree(client))
    equal([finding["check"] for finding in found], LOADED)
    others_are_well(found)
    check(found, "traffic", OK, "50 packets were seen in 2 s")
    check(found, "table", OK, "8 of 1000 connections")
    check(found, "namespace", OK, "net:[4026531840]", "that of process 1")


@case("doctor: for people, a line for each check and the advice below it")
def people(client):
    tree = Tree(client)
    out, err = run(client, tree, "-s", "9")
    equal(err, "")
    lines = out.splitlines()
    equal([line.split()[1] for line in lines], LOADED)
    contains(out, "ok        module     loaded\n", " in 9 s\n")
    tree.put({"sys/module/tcptrace/version": "0.0.9\x1b[1m\n"})
    out, _ = run(client, tree)
    contains(out, "warning   version    module 0.0.9?[1m, this "
             f"program {VERSION}\n                     install both ")


@cases("doctor: the device", [
    ("EPERM", errno.EPERM, "CAP_NET_ADMIN"),
    ("EACCES", errno.EACCES, "60-tcptrace.rules"),
    ("EBUSY", errno.EBUSY, "max_readers (now 16)"),
    ("ENOENT", errno.ENOENT, "mknod -m 600 /dev/tcptrace c 10 59"),
    ("ENOMEM", errno.ENOMEM, "dmesg"),
])
def device(client, number, advice):
    found = look(client, Tree(client), code=1, SHIM_OPEN=str(number))
    check(found, "device", PROBLEM, os.strerror(number), advice)
    others_are_well(found, "device")


@cases("doctor: traffic", [
    ("seen", 1, 0, 0, OK, "1 packets were seen"),
    ("TCP that was not seen", 0, 20, 40, PROBLEM, "20 TCP segments"),
    ("of an interface", 0, 0, 40, WARNING, "there was traffic: eth0 40"),
    ("none", 0, 0, 0, OK, "nothing to see"),
])
def traffic(client, seen, segments, packets, verdict, text):
    """Check how doctor compares the counters, which it reads twice."""
    tree = Tree(client)
    tree.put({**counters("later/", entries=7, tracked=100 + seen),
              "later/proc/net/snmp": snmp(1000 + segments, 2000),
              "later/" + LINKS: answer(link(1, "lo", 10),
                                       link(2, "eth0", 100 + packets))})
    found = look(client, tree, int(verdict == PROBLEM))
    check(found, "traffic", verdict, text)
    others_are_well(found, "traffic")


@case("doctor: traffic, packets of each counter are added up")
def every_counter(client):
    for name, code in (("tracked", 0), ("late", 0), ("not_tcp", 0),
                       ("stray_self", 0), ("no_memory", 1)):
        tree = Tree(client)
        tree.put(counters("later/", **{"tracked": 100, name: 103}))
        check(look(client, tree, code), "traffic", OK,
              f"{3 if name == 'tracked' else 103} packets were seen")
    tree.put(counters("later/", tracked=100, opened=5, closed=5))
    check(look(client, tree, code=1), "traffic", PROBLEM)


@cases("doctor: a limit that was hit", [(row[0], *row) for row in (
    ("table_full", PROBLEM, "max_connections (now 1000)"),
    ("chain_full", PROBLEM, "hashsize (now 1024)"),
    ("no_memory", PROBLEM, "short of memory"),
    ("readers_full", PROBLEM, "max_readers"),
    ("evicted", WARNING, "max_half_open (now 250)"),
    ("ext_limit", WARNING, "fixed"),
)])
def limits(client, name, verdict, advice):
    tree = Tree(client)
    tree.put(counters("later/", tracked=150, **{name: 9}))
    found = look(client, tree, int(verdict == PROBLEM))
    check(found, "limits", verdict, f"{name} 9, 9 of them in the last 2 s",
          advice)
    others_are_well(found, "limits")
    # hit earlier, not now
    tree.put(counters(tracked=100, **{name: 9}))
    found = look(client, tree)
    check(found, "limits", WARNING, f"{name} 9, 0 of them", advice)


@cases("doctor: the table", [
    ("900 of 1000", 900, OK), ("901 of 1000", 901, WARNING),
    ("full", 1000, WARNING),
])
def full(client, entries, verdict):
    tree = Tree(client)
    tree.put(counters("later/", tracked=150, entries=entries))
    found = look(client, tree)
    check(found, "table", verdict, f"{entries} of 1000",
          *(["max_connections"] if verdict != OK else []))
    others_are_well(found, "table")


@case("doctor: loss, now and before")
def loss(client):
    tree = Tree(client)
    tree.put({**counters(tracked=1, lost=5),
              **counters("later/", tracked=150, lost=12)})
    found = look(client, tree, code=1)
    check(found, "loss", PROBLEM, "12 records", "7 of them", "--buffer",
          "ring_kib (now 1024)")
    others_are_well(found, "loss")
    tree.put(counters(tracked=1, lost=12))
    check(look(client, tree), "loss", WARNING, "0 of them")


@case("doctor: a user who may not read the counters of connections")
def unprivileged(client):
    tree = Tree(client)
    for path in STATS + "_odd", "later/" + STATS + "_odd":
        tree.forbid(path)
    found = look(client, tree)
    check(found, "traffic", UNKNOWN, f"/{STATS}_odd: Permission denied",
          "run it as root")
    others_are_well(found, "traffic")
    equal([finding["check"] for finding in found],
          [name for name in LOADED if name not in ("table", "limits", "loss")])


@case("stats: a user who may not read the counters of connections")
def stats_unprivileged(client):
    tree = Tree(client)
    tree.put(counters(tracked=100, not_tcp=7))
    out, err = run(client, tree, "--json", command="stats")
    equal((err, json.loads(out)["tracked"], json.loads(out)["not_tcp"]),
          ("", 100, 7), "as root")
    for name in "_odd", "_fate", "_finding":
        tree.forbid(STATS + name)
    out, err = run(client, tree, "--json", command="stats", code=1)
    equal(err, "".join(
        f"tcptracectl: /{STATS}{name}: Permission denied: only root may read "
        "it, try sudo\n" for name in ("_odd", "_fate", "_finding")))
    equal(json.loads(out), {**dict.fromkeys(COUNTERS[STATS], 0), "not_tcp": 7})
    tree.forbid(STATS)
    out, err = run(client, tree, command="stats", code=1)
    equal((out, len(err.splitlines())), ("", 4), "none of the files")


@case("doctor: flowtables")
def flowtables(client):
    tree = Tree(client)
    tree.put({FLOWTABLES: answer(flowtable("fast", "path"),
                                 flowtable("other", "way"))})
    # without nf_tables, doctor sends no query, because a query would load it
    check(look(client, tree), "flowtable", OK, "none")
    tree.put({"sys/module/nf_tables/initstate": "live\n"})
    found = look(client, tree)
    check(found, "flowtable", WARNING, "fast path, other way", "flow add")
    others_are_well(found, "flowtable")
    tree.put({FLOWTABLES: refusal(errno.EPERM)})
    check(look(client, tree), "flowtable", UNKNOWN, "as root")


def bridge(ports, kind="bridge"):
    return answer(link(1, "lo"), link(2, "br0", kind=kind),
                  *(link(3 + i, f"port{i}", master=2) for i in range(ports)))


@case("doctor: a bridge hides packets between its ports")
def bridges(client):
    tree = Tree(client)
    for ports, kind in (0, "bridge"), (1, "bridge"), (2, "bond"):
        tree.put({LINKS: bridge(ports, kind)})
        others_are_well(look(client, tree))
    tree.put({LINKS: bridge(2)})
    found = look(client, tree)
    check(found, "bridge", WARNING, "br0 (2 ports)", "br_netfilter")
    others_are_well(found, "bridge")
    sysctl = "proc/sys/net/bridge/bridge-nf-call-ip"
    tree.put({sysctl + "tables": "1\n", sysctl + "6tables": "0\n"})
    check(look(client, tree), "bridge", WARNING)
    tree.put({sysctl + "6tables": "1\n"})
    check(look(client, tree), "bridge", OK, "br0 (2 ports)")


@case("doctor: XDP, and a clsact qdisc, which may have tc filters")
def programs(client):
    tree = Tree(client)
    tree.put({LINKS: answer(link(1, "lo"), link(2, "eth0", xdp=77),
                            link(3, "eth1")),
              QDISCS: answer(qdisc(2, "fq_codel"), qdisc(3, "clsact"))})
    found = look(client, tree)
    check(found, "xdp", WARNING, "eth0 (program 77)", "bpftool")
    check(found, "tc", WARNING, "on eth1:", "tc filter show")
    others_are_well(found, "xdp", "tc")


@cases("doctor: JSON of an interface whose name is not UTF-8", [
    ("alone", b"\xff", "\ufffd"),
    ("and letters", b"e\xff\xfe0", "e\ufffd\ufffd0"),
    ("UTF-8", "é".encode(), "é"), ("control characters", b"\x1b[1m", "?[1m"),
    ("quotes", b'"\\', '"\\'),
])
def no_utf8(client, name, want):
    tree = Tree(client)
    tree.put({LINKS: answer(link(1, "lo"), link(2, name + b"\0", xdp=77))})
    check(look(client, tree), "xdp", WARNING, f" {want} (program 77)")


@case("doctor: another namespace than that of process 1")
def namespace(client):
    tree = Tree(client)
    tree.drop("proc/1")
    os.makedirs(tree.root + "/proc/1/ns")
    os.symlink("net:[4026530000]", tree.root + "/proc/1/ns/net")
    check(look(client, tree), "namespace", OK, "net:[4026531840], "
          "not that of process 1")


@case("doctor: a container without files, and each file missing alone")
def container(client):
    tree = Tree(client)
    tree.drop("proc", "sys", "netlink", "later")
    found = look(client, tree)
    check(found, "module", UNKNOWN)
    check(found, "bridge", UNKNOWN, "Protocol not supported")
    check(found, "namespace", UNKNOWN)
    for path, name in (("proc/net/stat", "traffic"),
                       ("sys/module/tcptrace/parameters", "table"),
                       ("sys/module/tcptrace/version", "version"),
                       ("netlink", "bridge"), ("proc/self", "namespace")):
        tree = Tree(client)
        tree.drop(path)
        if path == "proc/net/stat":
            tree.drop("later")
        found = look(client, tree)
        check(found, name, UNKNOWN)
        others_are_well(found, name)
    tree = Tree(client)
    tree.drop("proc/net/snmp", "netlink", "later/proc/net/snmp")
    tree.put(counters("later/", tracked=100))
    check(look(client, tree), "traffic", UNKNOWN)
