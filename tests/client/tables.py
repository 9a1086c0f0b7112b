# SPDX-License-Identifier: GPL-2.0
"""Run list and stats on tables and counters written by hand."""
import json
import os
import subprocess

from tap import Skip, case, cases, contains, equal, one_line

NAMES = """id orig resp orig_state resp_state marks orig_iss orig_nxt orig_ack
resp_iss resp_nxt resp_ack orig_packets orig_segments orig_bytes orig_rexmit
orig_flags resp_packets resp_segments resp_bytes resp_rexmit resp_flags age
left orig_uid orig_inode resp_uid resp_inode findings""".split()
CONTEXT = """orig_pid orig_comm orig_cgroup orig_cookie resp_pid resp_comm
resp_cgroup resp_cookie orig_in orig_out orig_vrf orig_mark resp_in resp_out
resp_vrf resp_mark orig_nat resp_nat""".split()

TIMES = """limited_by syn_synack_ns synack_ack_ns orig_responses
orig_response_min_ns orig_response_mean_ns orig_response_max_ns orig_busy_ns
orig_window_ns orig_rto_ns orig_fast_ns resp_responses resp_response_min_ns
resp_response_mean_ns resp_response_max_ns resp_busy_ns resp_window_ns
resp_rto_ns resp_fast_ns""".split()
UNIQUE = ["orig_unique_bytes", "resp_unique_bytes"]

ROWS = [
    "1 10.0.0.2:40000 10.0.0.1:80 ESTABLISHED ESTABLISHED - 4294967000 205 "
    "7501 7000 7501 205 5 6 500 0 SPA 4 4 500 100 SPA 12.345 431987.655 "
    "4000000000 4294967295 - - 0",
    "22 [fe80::1%3]:50000 [fe80::2%3]:22 CLOSE_WAIT FIN_WAIT_2 MG 99 136 2000 "
    "1000 2000 136 1 1 36 0 PA 2 2 0 0 FA 0.001 59.999 - - 0 7 "
    "264192",
    "333 192.168.1.5:50001 10.0.0.1:443 SYN_SENT CLOSED H 5 6 0 0 0 0 3 3 0 "
    "0 S 0 0 0 0 - 3.000 27.000 0 88 - - 0",
    "4444 127.0.0.1:5555 127.0.0.1:5555 TIME_WAIT CLOSED SC 1 18446744073709"
    " 3 1 2 3 18446744073709551615 1 1 1 - 1 1 1 1 - 1.5 2 - - - - 0",
]
TABLE = " ".join(NAMES) + "\n" + "\n".join(ROWS) + "\n"


def run(client, text, *args, **more):
    return client.run("list", "--file", client.path("table", text), *args,
                      **more)


@cases("list: JSON of bytes that are not UTF-8", [
    ("alone", b"\xff", "\ufffd"), ("a continuation", b"\x80a", "\ufffda"),
    ("cut off", b"\xe2\x82", "\ufffd\ufffd"), ("valid", "é€🙂".encode(), "é€🙂"),
    ("too long", b"\xc0\xaf", "\ufffd\ufffd"),
    ("a surrogate", b"\xed\xa0\x80", "\ufffd" * 3),
    ("beyond Unicode", b"\xf4\x90\x80\x80", "\ufffd" * 4),
])
def repaired(client, state, want):
    path = client.path("table", TABLE.encode().replace(b"SYN_SENT", state))
    out, _ = client.run("list", "--file", path, "--json")
    equal(json.loads(out.splitlines()[2])["orig_state"], want)


@case("list: JSON of characters that need escapes")
def escaped(client):
    state = 'a"b\\c\x01\x1f\x7f'
    out, _ = run(client, TABLE.replace("SYN_SENT", state), "--json")
    equal(json.loads(out.splitlines()[2])["orig_state"], state)
    contains(out, r'"a\"b\\c\u0001\u001f')


@case("list: a table for people")
def people(client):
    out, err = run(client, TABLE)
    equal(err, "")
    equal(out, """\
  ID ORIG              RESP           ORIG-STATE  RESP-STATE        SEQ> ACK> <SEQ <ACK BYTES> <BYTES    AGE       LEFT MARKS FINDINGS
   1 10.0.0.2:40000    10.0.0.1:80    ESTABLISHED ESTABLISHED        501  501  501  501    500    500 12.345 431987.655 -     -
  22 [fe80::1%3]:50000 [fe80::2%3]:22 CLOSE_WAIT  FIN_WAIT_2          37 1000 1000   37     36      0  0.001     59.999 MG    zero_window,ack_loop
 333 192.168.1.5:50001 10.0.0.1:443   SYN_SENT    CLOSED               1    -    -    -      0      0  3.000     27.000 H     -
4444 127.0.0.1:5555    127.0.0.1:5555 TIME_WAIT   CLOSED      4154504684    2    1    2      1      1    1.5          2 SC    -
""")


def ids(client, text, *args):
    out, _ = run(client, text, "--no-header", *args)
    return [int(line.split()[0]) for line in out.splitlines()]


@cases("list: filter", [
    ("state", ["--state", "established"], [1]),
    ("state of either end", ["--state", "CLOSED"], [333, 4444]),
    ("RFC name", ["--state", "CLOSE-WAIT"], [22]),
    ("name with _", ["--state", "fin_wait_2"], [22]),
    ("ss: ESTAB", ["-s", "ESTAB"], [1]),
    ("ss: SYN-RECV", ["--state", "SYN-RECV"], []),
    ("ss: FIN-WAIT-2", ["--state", "FIN-WAIT-2"], [22]),
    ("ss: TIME-WAIT", ["--state", "TIME-WAIT"], [4444]),
    ("netstat: FIN_WAIT2", ["--state", "FIN_WAIT2"], [22]),
    ("states", ["--state", "estab,syn-sent"], [1, 333]),
    ("states, twice", ["--state", "estab", "--state", "syn-sent"], [1, 333]),
    ("port of originator", ["--port", "50001"], [333]),
    ("finding", ["--finding", "ack_loop"], [22]),
    ("findings", ["--finding", "path_mtu,zero_window"], [22]),
    ("another finding", ["--finding", "path_mtu"], []),
    ("port of responder", ["-p", "22"], [22]),
    ("port 0", ["-p", "0"], []),
    ("address", ["--addr", "10.0.0.1"], [1, 333]),
    ("network", ["-a", "192.168.0.0/16"], [333]),
    ("/0", ["-a", "1.2.3.4/0"], [1, 333, 4444]),
    ("/31 in", ["-a", "10.0.0.3/31"], [1]),
    ("/32 out", ["-a", "10.0.0.3/32"], []),
    ("IPv6", ["-a", "fe80::1"], [22]),
    ("IPv6 network", ["-a", "fe80::/10"], [22]),
    ("IPv6 zone", ["-a", "fe80::1%3"], [22]),
    ("IPv6 other zone", ["-a", "fe80::1%4"], []),
    ("::/0", ["-a", "::/0"], [22]),
    ("all must match", ["-a", "10.0.0.1", "-p", "80", "-s", "estab"], [1]),
    ("nothing", ["-a", "10.0.0.1", "-p", "22"], []),
    ("age", ["--age", "3"], [1, 333]),
    ("age, at most", ["--age", "0-3"], [22, 333, 4444]),
    ("age between", ["--age", "1.5-12345ms"], [1, 333, 4444]),
    ("age with units", ["--age", "12s-1h"], [1]),
])
def filters(client, args, want):
    equal(ids(client, TABLE, *args), want)


@case("list: --json, every column with its type")
def list_json(client):
    out, _ = run(client, TABLE, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    equal(rows[0], {
        "conn": 1, "id": 1, "orig": "10.0.0.2", "orig_port": 40000,
        "resp": "10.0.0.1", "resp_port": 80, "orig_state": "ESTABLISHED",
        "resp_state": "ESTABLISHED", "orig_iss": 4294967000, "orig_nxt": 205,
        "orig_ack": 7501, "resp_iss": 7000, "resp_nxt": 7501, "resp_ack": 205,
        "orig_packets": 5, "orig_segments": 6, "orig_bytes": 500,
        "orig_rexmit": 0, "orig_flags": "SPA", "resp_packets": 4,
        "resp_segments": 4, "resp_bytes": 500, "resp_rexmit": 100,
        "resp_flags": "SPA", "age": 12.345, "left": 431987.655,
        "orig_uid": 4000000000, "orig_inode": 4294967295, "resp_uid": None,
        "resp_inode": None, "findings": [], "orig_user": "4000000000"})
    equal(rows[1]["findings"], ["zero_window", "ack_loop"])
    equal((rows[1]["orig"], rows[1]["resp_port"], rows[1]["midstream"],
           rows[1]["guessed"], rows[1]["resp_uid"]),
          ("fe80::1%3", 22, True, True, 0))
    equal((rows[2]["unconfirmed"], "midstream" in rows[2]), (True, False))
    equal((rows[3]["self"], rows[3]["closed"], rows[3]["orig_packets"]),
          (True, True, 2**64 - 1))


WITH_CONTEXT = " ".join(NAMES + CONTEXT) + "\n" + "\n".join(
    row + more for row, more in zip(ROWS, (
        r" 4000000001 a\040b\134\012 7 8 - - - - - 2 - 31 2 - 3 0 "
        "192.0.2.1:40001 192.0.2.2:8080",
        " - - - - 4000000002 sshd - - - - - 0 - - - 0 - [fd00::1]:22",
        " - - - - - - - - - - - 0 - - - 0 - -",
        " - - - - - - - - - - - 0 - - - 0 - -"))) + "\n"


@case("list: owners, interfaces and NAT")
def owners(client):
    out, _ = run(client, WITH_CONTEXT, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    equal({name: rows[0].get(name) for name in CONTEXT +
           ["orig_nat_port", "resp_nat_port"]}, {
        "orig_pid": 4000000001, "orig_comm": "a b\\?", "orig_cgroup": 7,
        "orig_cookie": 8, "resp_pid": None, "resp_comm": "",
        "resp_cgroup": None, "resp_cookie": None, "orig_in": None,
        "orig_out": 2, "orig_vrf": None, "orig_mark": 31, "resp_in": 2,
        "resp_out": None, "resp_vrf": 3, "resp_mark": 0,
        "orig_nat": "192.0.2.1", "orig_nat_port": 40001,
        "resp_nat": "192.0.2.2", "resp_nat_port": 8080})
    out, _ = run(client, WITH_CONTEXT, "--processes")
    lines = out.splitlines()
    equal(lines[0].split()[-2:], ["ORIG-PROCESS", "RESP-PROCESS"])
    equal([line.split()[-1] for line in lines[1:]],
          ["-", "sshd[4000000002]", "-", "-"])
    contains(lines[1], "a b\\?[4000000001]")


@cases("list: expression of ss", [
    ("state", "state established", [1]),
    ("exclude", "exclude established exclude syn-sent", [22, 333, 4444]),
    ("group", "state synchronized", [1, 22, 4444]),
    ("every state", "state all", [1, 22, 333, 4444]),
    ("dport", "dport = :443", [333]),
    ("dport without sign", "dport 22", [22]),
    ("service", "dport = :ssh", [22]),
    ("sport of the originator only", "sport = :80", []),
    ("greater", "sport gt 50000", [333]),
    ("greater or equal", "sport >= :50000", [22, 333]),
    ("less, without blanks", "dport<:80", [22]),
    ("not equal", "dport != 80", [22, 333, 4444]),
    ("src", "src 10.0.0.2", [1]),
    ("src with =", "src = 10.0.0.2", [1]),
    ("dst network", "dst 10.0.0.0/8", [1, 333]),
    ("dst and port", "dst 10.0.0.1:443", [333]),
    ("dst, IPv6 and port", "dst [fe80::2%3]:22", [22]),
    ("only the port of an address", "dst :80", [1]),
    ("and", "dst 10.0.0.1 and sport > 50000", [333]),
    ("beside each other", "dst 10.0.0.1 sport > 50000", [333]),
    ("or", "dport = 22 or dport = 80", [1, 22]),
    ("or after and", "src 10.0.0.2 and dport 80 or dport 22", [1, 22]),
    ("and before or", "dport 22 or dport 80 and src 1.2.3.4", [22]),
    ("parentheses", "(dport 22 or dport 80) and src 10.0.0.2", [1]),
    ("not", "not dst 10.0.0.1", [22, 4444]),
    ("not not", "! not dst 10.0.0.1", [1, 333]),
    ("signs of C", "dport 22 || dport 80 && src 10.0.0.2", [1, 22]),
    ("younger", "age < 3.0005", [22, 333, 4444]),
    ("at least, with its unit", "age>=3s and not age > 3000ms", [333]),
    ("minutes", "age < 0.05m", [22, 4444]),
    ("hours and days", "age < 1h age < 1d", [1, 22, 333, 4444]),
    ("no cgroup", "cgroup = /", []),
    ("not in a cgroup", "cgroup != / and dport = 22", [22]),
    ("15 nested parentheses", "(" * 15 + "dport 22" + ")" * 15, [22]),
])
def expressions(client, text, want):
    equal(ids(client, TABLE, text), want)
    equal(ids(client, TABLE, *text.split()), want)


@case("list: an expression and options: both must match")
def expression_and_option(client):
    equal(ids(client, TABLE, "--state", "estab", "dst 10.0.0.1"), [1])


@cases("list: broken expression", [
    ("no state", "state foo", "character 7, 'foo'", "unknown TCP state"),
    ("tcpdump's", "port 80", "character 1, 'port'", "sport"),
    ("no port", "dport = http8", "character 9, 'http8'", "unknown port"),
    ("no address", "src 10.0.0.300", "character 5", "invalid address"),
    ("no end", "(dport = 80", "at its end", "')' is missing"),
    ("no beginning", "dport = 80)", "character 11, ')'", "unmatched ')'"),
    ("nothing after and", "dport 80 and", "at its end", "use state"),
    ("age without a sign", "age 5", "character 5, '5'", "use age with"),
    ("no age", "age > 5x", "character 7, '5x'", "invalid time"),
    ("negative age", "age > -5", "'-5'", "invalid time"),
    ("cgroup with another sign", "cgroup > /", "character 8", "="),
    ("no cgroup", "cgroup =", "at its end", "path of a cgroup"),
    ("nothing after the sign", "dport =", "at its end", "unknown port"),
    ("too deep", "(" * 17 + "dport 22" + ")" * 17, "too many"),
    ("too many parts", " or ".join(["dport 1"] * 40), "too long"),
    ("too long", "dport 1 or " * 200, "longer than"),
])
def broken_expressions(client, text, *words):
    out, err = run(client, TABLE, text, code=2)
    equal(out, "")
    contains(err, *words, "Try 'tcptracectl list --help'.")


@cases("list --sort", [
    ("age", "age", [4, 3, 2, 1], [3.5, 10, 200, 200.5]),
    ("bytes", "bytes", [4, 1, 3, 2], [(5, 5), (0, 0), (3, 2), (2**63, 2**63)]),
    ("packets", "packets", [2, 1, 3, 4], [(1, 1), (3, 0), (1, 1), (0, 1)]),
    ("rexmit", "rexmit", [3, 1, 2, 4], [(0, 7), (0, 0), (8, 0), (0, 0)]),
])
def sort(client, key, want, values):
    rows = []
    for number, value in enumerate(values, 1):
        row = ROWS[0].split()
        row[0] = str(number)
        cells = {"age": value} if key == "age" else {
            "orig_" + key: value[0], "resp_" + key: value[1]}
        for name, cell in cells.items():
            row[NAMES.index(name)] = str(cell)
        rows.append(" ".join(row))
    text = "\n".join([" ".join(NAMES)] + rows) + "\n"
    equal(ids(client, text, "--sort", key), want)
    out, _ = run(client, text, "--sort", key, "--json")
    equal([json.loads(line)["id"] for line in out.splitlines()], want)


@case("list --sort: times, the columns of the key, an unknown key")
def sort_times(client):
    out, _ = run(client, WITH_TIMES, "--sort", "response")
    equal([line.split()[0] for line in out.splitlines()],
          ["ID", "1", "22", "333", "4444"])
    contains(out, "RESPONSE>")
    out, _ = run(client, TABLE, "--sort", "rexmit")
    contains(out, "REXMIT>", "<PACKETS")
    _, err = run(client, TABLE, "--sort", "color", code=2)
    contains(err, "'color'", "rexmit")
    _, err = run(client, TABLE + "1 2 3\n", "--sort", "age", code=1)
    contains(err, "line 6")


@case("list --columns: each column of the table, in any order")
def named_columns(client):
    names = [name for name in reversed(NAMES + CONTEXT + TIMES)
             if name != "orig"] + ["orig"]
    lines = with_all(client, "--columns", ",".join(names))
    rows = [dict(zip(names, line.split())) for line in lines[1:]]
    full = [dict(zip(NAMES, row.split())) for row in ROWS]
    exact = [name for name in NAMES if name != "findings" and
             not name.endswith(("_nxt", "_ack"))]
    equal([{name: row[name] for name in exact} for row in rows],
          [{name: row[name] for name in exact} for row in full])
    equal([int(row["orig_nxt"]) for row in rows],
          [(int(row["orig_nxt"]) - int(row["orig_iss"])) % 2**32
           for row in full])


def with_all(client, *args):
    """Return the lines that list prints for a table with the columns NAMES,
    CONTEXT and TIMES."""
    names = NAMES + CONTEXT + TIMES
    text = " ".join(names) + "\n"
    more = ["-"] * len(CONTEXT) + ["0"] + ["-"] * (len(TIMES) - 1)
    text += "".join(" ".join([row] + more) + "\n" for row in ROWS)
    return run(client, text, *args)[0].splitlines()


@case("list --columns: titles, alignment, additional columns, errors")
def chosen_columns(client):
    lines = with_all(client, "-o", "id,resp_window_ns,left,orig_state,id")
    equal(lines[:2], ["  ID RESP-WINDOW       LEFT ORIG-STATE",
                      "   1           - 431987.655 ESTABLISHED"])
    usual = with_all(client)[0].split()
    equal(with_all(client, "-o", "+orig_uid,age,orig_process")[0].split(),
          usual + ["ORIG-UID", "ORIG-PROCESS"])
    equal(with_all(client, "-o", "id", "--sort", "rexmit")[0].split(), ["ID"])
    for args, words in [(["-o", "id,color"], ["'color'", "/proc/net/tcptrace"]),
                        (["-o", "id,"], ["''"]), (["-o", ""], ["''"]),
                        (["-o", "id", "-w"], ["--wide"]),
                        (["-o", "id", "-o", "+age"], ["+LIST"]),
                        (["-o", "+age", "-j"], ["--json"])]:
        _, err = run(client, TABLE, *args, code=2)
        contains(err, *words)


@case("list: columns keep their widths in a table that is read in pieces")
def many_rows(client):
    row = ROWS[0].split(" ", 1)[1]
    text = " ".join(NAMES) + "\n"
    text += "".join(f"{10 ** 9 if i == 3 else i} {row}\n" for i in range(2000))
    out, _ = run(client, text)
    equal({len(line.split(":80 ")[0]) for line in out.splitlines()[1:]},
          {len("1000000000 10.0.0.2:40000 10.0.0.1")})


@case("list --watch: repeated until the table is gone")
def again(client):
    path = client.path("table", TABLE)
    process = client.start("list", "--file", path, "--watch", "1",
                           "--no-header", stdout=subprocess.PIPE)
    lines = [process.stdout.readline() for _ in range(8)]
    equal([int(line.split()[0]) for line in lines], [1, 22, 333, 4444] * 2)
    os.unlink(path)
    _, err = process.communicate(timeout=20)
    equal(process.returncode, 1)
    contains(err.decode(), "No such file")


@cases("list: filter", [
    ("address behind NAT", ["-a", "192.0.2.2"], [1]),
    ("port behind NAT", ["-p", "40001"], [1]),
    ("address and port behind NAT", ["-a", "fd00::1", "-p", "22"], [22]),
    ("process by name", ["--process", "sshd"], [22]),
    ("process by number", ["--process", "4000000001"], [1]),
    ("no such process", ["--process", "ssh"], []),
])
def context_filters(client, args, want):
    equal(ids(client, WITH_CONTEXT, *args), want)


# Make cgroup folders in a mount namespace, and print their inode numbers: a
# cgroup's id is the inode number of its folder.
CGROUPS = """
mount -t tmpfs none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/a/b /sys/fs/cgroup/ab
stat -c %i /sys/fs/cgroup /sys/fs/cgroup/a /sys/fs/cgroup/a/b /sys/fs/cgroup/ab
exec cat
"""


@cases("list --cgroup", [
    (f"{how}: {path}", args(path), want)
    for how, args in (("option", lambda path: ("--cgroup", path)),
                      ("expression", lambda path: (f"cgroup = {path}",)))
    for path, want in (
        ("/", [1, 22, 333, 4444]), ("/a", [22, 333]), ("a/", [22, 333]),
        ("/sys/fs/cgroup/a/b", [333]), ("/ab", [4444]), ("/b", []),
        ("/a/b/c", []))])
def cgroup(client, args, want):
    with subprocess.Popen(["unshare", "-Urm", "sh", "-e", "-c", CGROUPS],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        inodes = [process.stdout.readline().strip() for _ in range(4)]
        if not inodes[-1]:
            raise Skip("no mount namespace")
        # two rows with the originator's cgroup, then two with the responder's
        owners = [f" {inode.decode()} -" for inode in inodes[:2]] + \
            [f" - {inode.decode()}" for inode in inodes[2:]]
        text = " ".join(NAMES + ["orig_cgroup", "resp_cgroup"]) + "\n" + \
            "".join(row + more + "\n" for row, more in zip(ROWS, owners))
        done = subprocess.run(
            ["nsenter", "-t", str(process.pid), "-U", "-m",
             "--preserve-credentials", client.program, "list", "--no-header",
             "--file", client.path("table", text), *args],
            capture_output=True, check=True, env=client.env())
        process.stdin.close()
    equal([int(line.split()[0]) for line in done.stdout.splitlines()], want)


@case("list --netns: an inode number finds the table of a process")
def netns(client):
    with subprocess.Popen(["unshare", "-Urn", "sh", "-c",
                           "stat -Lc %i /proc/self/ns/net; exec cat"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        inode = process.stdout.readline().decode().strip()
        if not inode:
            raise Skip("no network namespace")
        if os.path.exists("/proc/net/tcptrace"):
            raise Skip("the module is loaded: tests/vm has more")
        _, err = client.run("list", "--netns", inode, code=1)
        process.stdin.close()
    contains(err, f"/proc/{process.pid}/net/tcptrace: ")


@cases("list --netns of a namespace that does not exist", [
    ("name", "nowhere"), ("number", "1"), ("path", "../self/ns/net")])
def no_netns(client, word):
    _, err = client.run("list", "--netns", word, code=2)
    contains(err, f"unknown network namespace: '{word}'")


WITH_TIMES = " ".join(NAMES + TIMES + UNIQUE) + "\n" + "\n".join(
    row + more for row, more in zip(ROWS, (
        " 2 20000000 300000 0 - - - 41000000 1000 2000 3000 3 1000000 2500000 "
        "4000000 900000 0 0 0 500 400",
        " 3 - - 1 7 7 7 0 0 0 0 0 - - - 5000000000 4000000000 0 0 0 0",
        " 99 - - 0 - - - 0 0 0 0 0 - - - 0 0 0 0 0 0",
        " 0 - - 0 - - - 0 0 0 0 0 - - - 0 0 0 0 0 0"))) + "\n"


@case("list: where the time went")
def times(client):
    out, _ = run(client, WITH_TIMES, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    equal([rows[0][name] for name in TIMES],
          ["peer", 20000000, 300000, 0, None, None, None, 41000000, 1000,
           2000, 3000, 3, 1000000, 2500000, 4000000, 900000, 0, 0, 0])
    equal([row["limited_by"] for row in rows[1:]],
          ["window", "?", "unknown"])
    out, _ = run(client, WITH_TIMES, "--times")
    lines = out.splitlines()
    equal(lines[0].split()[-5:],
          ["RESPONSE>", "<RESPONSE", "BUSY>", "<BUSY", "LIMITED-BY"])
    equal([" ".join(line.split()[15:]) for line in lines[1:]], [
        "- 2.50 ms 41.0 ms 900 us peer", "7 ns - 0 ns 5.00 s window",
        "- - 0 ns 0 ns ?", "- - 0 ns 0 ns unknown"])
    out, _ = run(client, TABLE, "-t")
    equal(out.splitlines()[1].split()[-5:], ["-"] * 5)


@case("list: goodput of a table, of each end")
def goodput(client):
    names = ["orig_goodput", "resp_goodput"]
    out, _ = run(client, WITH_TIMES, "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    # goodput: 500 bytes in 41 ms, and 400 bytes in 900 us
    equal([[row[name] for name in names] for row in rows],
          [[12195, 444444], [0, 0], [0, 0], [0, 0]])
    out, _ = run(client, WITH_TIMES, "--columns", ",".join(["id"] + names))
    equal([line.split() for line in out.splitlines()[:2]],
          [["ID", "GOODPUT>", "<GOODPUT"], ["1", "12195", "444444"]])
    out, _ = run(client, TABLE, "--json")
    equal([name in out for name in names], [False, False])
    out, _ = run(client, TABLE, "--columns", "orig_goodput", "--no-header")
    equal(out.split(), ["-"] * 4)


@cases("list: a histogram", [
    ("all buckets", ",".join(map(str, range(20))), list(range(20))),
    ("the largest numbers", ",".join(["4294967295"] * 20), [2**32 - 1] * 20),
    ("too few", ",".join("1" * 19), None),
    ("too many", ",".join("1" * 21), None),
    ("a number too large", ",".join("1" * 19) + ",4294967296", None),
    ("a long number", ",".join("1" * 19) + ",00000000001", None),
    ("no number", ",".join("1" * 19) + ",", None),
    ("a letter", ",".join("1" * 19) + ",a", None),
    ("none", "-", [0] * 20),
])
def histogram(client, cell, want):
    text = " ".join(NAMES + ["orig_response_hist"]) + "\n" + ROWS[0] + \
        " " + cell + "\n"
    out, err = run(client, text, "--json", code=0 if want else 1)
    if want:
        equal(json.loads(out)["orig_response_hist"], want)
    else:
        contains(err, "line 2: orig_response_hist: ")


@case("list: --json with a filter")
def list_json_filter(client):
    out, _ = run(client, TABLE, "--json", "--port", "443")
    equal([json.loads(line)["id"] for line in out.splitlines()], [333])


@case("list: columns in another order, with unknown ones between them")
def columns(client):
    text = "new resp_state zzz resp orig orig_state id\n"
    text += "1 CLOSED 2 10.0.0.1:80 10.0.0.2:81 SYN_SENT 5\n"
    out, _ = run(client, text)
    equal(out.splitlines()[1].split(),
          "5 10.0.0.2:81 10.0.0.1:80 SYN_SENT CLOSED - - - - - - - - - -"
          .split())
    out, _ = run(client, text, "--json")
    equal(json.loads(out),
          {"conn": 5, "id": 5, "orig": "10.0.0.2", "orig_port": 81,
           "resp": "10.0.0.1",
           "resp_port": 80, "orig_state": "SYN_SENT", "resp_state": "CLOSED"})


@case("list: more cells than names, more names than known columns")
def wide(client):
    text = TABLE.replace("\n", " x y z\n")
    equal(ids(client, text), [1, 22, 333, 4444])
    names = " ".join(f"c{n}" for n in range(500))
    cells = " ".join("0" for n in range(500))
    text = "\n".join(f"{line} {cells if n else names}" for n, line in
                     enumerate(TABLE.splitlines())) + "\n"
    equal(ids(client, text), [1, 22, 333, 4444])


@case("list: no connection")
def none(client):
    out, _ = run(client, " ".join(NAMES) + "\n")
    equal(out.count("\n"), 1)
    equal(run(client, " ".join(NAMES) + "\n", "--no-header"), ("", ""))
    equal(run(client, " ".join(NAMES) + "\n", "--json"), ("", ""))


@cases("list: broken table, exit 1", [
    ("empty", "", "no column names"),
    ("blank line", "\n", "no column names"),
    ("no orig", TABLE.replace(" orig ", " x ", 1), "no column 'orig'"),
    ("no state", TABLE.replace("resp_state", "x"), "no column 'resp_state'"),
    ("short line", TABLE + "5 10.0.0.2:1 10.0.0.1:80\n", "line 6"),
    ("blank line in it", TABLE + "\n", "line 6"),
    ("address", TABLE.replace("10.0.0.2:40000", "10.0.0:1"), "line 2: orig"),
    ("port", TABLE.replace("10.0.0.1:80", "10.0.0.1:99999"), "line 2: resp"),
    ("bracket", TABLE.replace("[fe80::1%3]", "[fe80::1%3"), "line 3: orig"),
    ("digit for ]", TABLE.replace("[fe80::1%3]", "[fe80::13"), "line 3: orig"),
    ("only [", TABLE.replace("[fe80::1%3]:50000", "[:1"), "line 3: orig"),
    ("IPv4 in []", TABLE.replace("[fe80::1%3]", "[1.2.3.4]"), "line 3: orig"),
    ("number", TABLE.replace(" 4294967000 ", " 0x10 "), "line 2: orig_iss"),
    ("number too large", TABLE.replace(" 4294967000 ", " 9" + "9" * 20 + " "),
     "line 2: orig_iss"),
    ("seconds", TABLE.replace("12.345", "12."), "line 2: age"),
    ("negative seconds", TABLE.replace("12.345", "-1.0"), "line 2: age"),
    ("seconds with a tail", TABLE.replace("12.345", "1.2x"), "line 2: age"),
    ("no text", TABLE.replace("\n1 ", "\n\0\0\0 "), "line 2"),
])
def broken_table(client, text, named):
    for args in ([], ["--json"]):
        _, err = run(client, text, *args, code=1)
        one_line(err)
        contains(err, named, client.path("table"))


@case("list: the lines before a broken one are shown")
def before_broken(client):
    out, _ = run(client, TABLE + "rubbish\n", "--no-header", code=1)
    equal(out.count("\n"), 4)


@case("list: 5000 connections, and | head")
def large(client):
    text = " ".join(NAMES) + "\n"
    text += "".join(ROWS[0].replace("1 ", f"{n} ", 1) + "\n"
                    for n in range(5000))
    equal(ids(client, text), list(range(5000)))
    command = f"'{client.program}' list --file '{client.path('table')}'"
    done = subprocess.run(["bash", "-o", "pipefail", "-c",
                           command + " | head -1"], check=False,
                          capture_output=True, env=client.env())
    equal((done.returncode, done.stderr), (0, b""))
    with open("/dev/full", "w", encoding="ascii") as full:
        for args in ([], ["--json"]):
            _, err = run(client, text, *args, code=1, stdout=full)
            one_line(err)


@cases("no module", [("list", "list"), ("stats", "stats")])
def no_module(client, command):
    path = "/proc/net/" + ("stat/" if command == "stats" else "") + "none"
    out, err = client.run(command, "--file", path, code=1)
    equal(out, "")
    one_line(err)
    contains(err, path, "modprobe tcptrace", "make load")


STATS = """entries tracked late lost brand_new
0000000a 000000ff 00000001 00000000 00000007
0000000a 00000001 00000000 ffffffffffffffff 00000000
"""


def stats(client, text, *args, **more):
    return client.run("stats", "--file", client.path("stats", text), *args,
                      **more)


@case("stats: sums, each with a sentence")
def stats_text(client):
    out, err = stats(client, STATS, "--all")
    equal(err, "")
    lines = out.splitlines()
    equal([line.split()[:2] for line in lines],
          [["entries", "10"], ["tracked", "256"], ["late", "1"],
           ["lost", "18446744073709551615"], ["brand_new", "7"]])
    equal(lines[0],
          "entries                      10  connections in the table now")
    equal(lines[4], "brand_new                     7")


COUNTERS = """entries tracked late copy loopback not_tcp fragment truncated
ip_version ip_hdrlen ip_length ext_length ext_limit tcp_length tcp_doff
bad_flags stray_self table_full chain_full no_memory opened midstream
established closed expired evicted reused insert_race odd_flags rst_challenge
rst_outside syn_challenge outside_window unseen_ack opt_unknown opt_malformed
headers_copied events lost readers_full""".split()


@case("stats: every counter has a sentence, in 80 columns")
def sentences(client):
    text = " ".join(COUNTERS) + "\n" + " ".join("ff" for c in COUNTERS) + "\n"
    out, _ = stats(client, text)
    for line in out.splitlines():
        if len(line.split()) < 4 or len(line) > 90:
            raise AssertionError(line)


@case("stats: counters that are 0 appear only with --all")
def zeros(client):
    text = STATS.replace("00000001 00000000 ffff", "00000000 00000000 ffff")
    text = text.replace("00000001 00000000 00000007", "00000000 00000000 7")
    for args, want in ([], False), (["--all"], True):
        out, _ = stats(client, text, *args)
        equal("late " in out, want)


@case("stats --interval: differences of counters, and the value of entries")
def interval(client):
    path = client.path("stats", STATS)
    process = client.start("stats", "--file", path, "--interval", "1",
                           stdout=subprocess.PIPE)

    def next_one():
        return {line.split()[0]: int(line.split()[1])
                for line in iter(process.stdout.readline, b"\n")}
    equal(next_one(), {b"entries": 10})
    os.rename(client.path("more", STATS.replace("000000ff", "0000010f")), path)
    got = [next_one(), next_one()]
    process.kill()
    process.communicate()
    # the change of the file is in the first or in the second difference
    equal(sorted(got, key=len), [{b"entries": 10},
                                 {b"entries": 10, b"tracked": 16}])


@case("stats: --json")
def stats_json(client):
    out, _ = stats(client, STATS, "--json")
    equal(json.loads(out), {"entries": 10, "tracked": 256, "late": 1,
                            "lost": 2**64 - 1, "brand_new": 7})


@cases("stats: broken file, exit 1", [
    ("empty", "", "no column names"),
    ("no number", STATS.replace("000000ff", "0x0000ff"), "line 2"),
    ("short line", STATS + "1 2 3\n", "line 4"),
])
def broken_stats(client, text, named):
    out, err = stats(client, text, code=1)
    equal(out, "")
    one_line(err)
    contains(err, named)
