#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run the client's commands with the real module, and check what top, list,
show, explain, ladder and report show about a connection of this process."""
import os
import re
import signal
import subprocess
import threading

import module
from case import case, run
from check import equal, until
from device import is_reading
from netns import Netns
from proc import command
from sockets import close_both, connect, ports, receive

module.load()
host, peer = Netns("h"), Netns("p")
host.veth("hp", peer, "ph")
host.address("hp", "10.47.0.1/24")
peer.address("ph", "10.47.0.2/24")
PEER = "10.47.0.2"
host.reach(PEER)
PROCESS = f"{open('/proc/self/comm', encoding='ascii').read().strip()}" \
          f"[{os.getpid()}]"
port = next(ports)
one, two = connect(peer, host, PEER, port)
ORIG = ":".join(map(str, one.getsockname()))
RESP = f"{PEER}:{port}"


def client(*words):
    with host:
        return command("tcptracectl", *words)


def cells(*words):
    """Return: the table that a command prints, as a list of {title: cell}."""
    titles, *rows = client(*words).splitlines()
    return [dict(zip(titles.split(), row.split())) for row in rows]


def acked():
    """Return: how many bytes of this process the other end has acknowledged,
    according to the kernel."""
    with host:
        text = command("ss", "-tinH", f"dport = :{port}")
    return int(re.search(r"bytes_acked:(\d+)", text)[1]) - 1


def contains(text, *words):
    equal([word for word in words if word not in text], [], f"not in {text}")


def send(size):
    one.sendall(bytes(size))
    receive(two, size)
    until(lambda: acked() % 1000 == 0, "the last ACK")


@case("list: columns by name, and the process")
def _():
    send(1000)
    row, = cells("list", "-o", "orig_process,orig_bytes,orig,resp,resp_state",
                 f"dport = :{port}")
    equal(row, {"ORIG-PROCESS": PROCESS, "BYTES>": str(acked()), "ORIG": ORIG,
                "RESP": RESP, "RESP-STATE": "ESTABLISHED"})
    equal(client("list", "--no-header", "-o", "orig", "--process",
                 str(os.getpid())).split(), [ORIG])


@case("top: bytes a second, the process, and groups")
def _():
    sending = threading.Event()
    thread = threading.Thread(target=keep_sending, args=(sending,))
    thread.start()
    before = acked()
    with_groups = [top("-g", kind) for kind in ("process", "port", "resp")]
    row, = top(f"dport = :{port}")
    sending.set()
    thread.join()
    equal({name: row[name] for name in ("PROCESS", "ORIG", "RESP", "STATES",
                                        "<BYTES/S")},
          {"PROCESS": PROCESS, "ORIG": ORIG, "RESP": RESP,
           "STATES": "ESTABLISHED", "<BYTES/S": "0"})
    equal(0 < int(row["BYTES>/S"]) <= acked() - before, True,
          f"{row['BYTES>/S']} bytes a second")
    equal([[one["GROUP"] for one in rows] for rows in with_groups],
          [[PROCESS], [str(port)], [PEER]], "groups")


def keep_sending(end):
    while not end.wait(0.05):
        one.sendall(bytes(1000))
        receive(two, 1000)


def top(*words):
    """Return: the rows that top prints for one interval of a second."""
    _, titles, *rows = client("top", "-n", "1", *words).splitlines()
    joined = [re.sub(r"(\d) (ns|us|ms|s)\b", r"\1\2", row) for row in rows]
    return [dict(zip(titles.split(), row.split())) for row in joined]


@case("show: the page of the connection, by its ends")
def _():
    page = client("show", ORIG, RESP)
    contains(page, ORIG, RESP, PROCESS, str(acked()), "ESTABLISHED")
    number = client("list", "--no-header", "-o", "id", f"dport = :{port}")
    equal(without_times(client("show", number.strip())), without_times(page))


def without_times(page):
    return re.sub(r"\d+(\.\d+)? ?(ns|us|ms|s|min|h|d)\b", "T", page)


def meanwhile(*words):
    """Open and close a connection while a command reads the device. Return: the
    command's output, and the port of the connection."""
    number = next(ports)
    with host:
        running = subprocess.Popen(
            ["tcptracectl", *words, f"port {number}"], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    until(lambda: is_reading(running.pid), "it reads")
    first, second = connect(peer, host, PEER, number)
    first.sendall(bytes(100))
    receive(second, 100)
    close_both(first, second)
    until(lambda: not client("list", "--no-header",
                             f"dport = :{number} and state established"),
          "the end")
    running.send_signal(signal.SIGINT)
    text = running.communicate(timeout=60)[0]
    equal(running.returncode, 0, "exit")
    return text, number


@case("explain: each segment of the device, with its arithmetic")
def _():
    text, number = meanwhile("explain", "--lang=en", "--width", "80")
    contains(text, f"{PEER}:{number}", "SEQ 0", "NEXT 101 = 1 + 100 bytes",
             "ACK 101 = 1 + 100 bytes", "FIN_WAIT_1 -> FIN_WAIT_2", "Summary")


@case("ladder: each segment of the device, and the states")
def _():
    text, number = meanwhile("ladder", "--ascii", "--width", "80")
    contains(text, f"{PEER}:{number}", "SYN seq 0", "SYN,ACK seq 0 ack 1",
             "len 100", "SYN_SENT", "FIN_WAIT_1")


@case("report: a page about the traffic while the page was made")
def _():
    text, number = meanwhile("report", "-o", "-")
    contains(text, "<!DOCTYPE html>", f"{PEER}:{number}", "</html>")


run()
