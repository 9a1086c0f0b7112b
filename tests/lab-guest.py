#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Give a lesson about TCP in the VM: make traffic with real sockets in network
namespaces, and explain the module's records of it. "make lab LESSON=NAME" runs
this script."""
import contextlib
import os
import signal
import socket
import subprocess
import unicodedata

import module
from check import PATIENCE, until
from device import is_reading
from netns import Netns, row
from proc import command
from raw import ip4, raw4, tcp
from records import ACK, PSH, RST, SYN
from sockets import (abort, close_both, connect, exchange, listener,
                     new_socket, receive)

CLIENT, SERVER, PORT = "10.70.1.2", "10.70.2.2", 80
LESSONS = {}
client, router, server = row("crs", 70)
language = os.environ["TCPTRACE_LANG"]


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)


def say(text):
    """Print a paragraph in lines of at most 78 columns; a Korean letter is two
    columns wide."""
    lines = [""]
    for word in text.split():
        if lines[-1] and columns(lines[-1]) + 1 + columns(word) > 78:
            lines.append("")
        lines[-1] += (lines[-1] and " ") + word
    print("\n" + "\n".join(lines), flush=True)


def show(ns, *words):
    """Run a command in a namespace, and print the command and its output."""
    print("\n$", *words, flush=True)
    with ns:
        print(command(*words), end="", flush=True)


@contextlib.contextmanager
def explained(ns=client):
    """Run the block, and let explain print the connections of the block."""
    words = ["tcptracectl", "explain", "--lang", language]
    print("\n$", *words, flush=True)
    with ns:
        process = subprocess.Popen(words)
    until(lambda: is_reading(process.pid), "explain")
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(PATIENCE)
    if status:
        raise SystemExit("explain failed")


@contextlib.contextmanager
def dropped(match):
    """While the block runs, let the router drop and count packets that match
    @match."""
    router.nft(f"""
table ip lesson {{
	counter gone {{}}
	chain forward {{
		type filter hook forward priority 0
		{match} counter name gone drop
	}}
}}
""")
    yield
    router.nft("delete table ip lesson")


def forge(source, flags, seq, ack=0, payload=b""):
    """Send a segment with a forged source from the router to the server."""
    segment = tcp(source[1], PORT, flags, seq, ack, payload, window=502,
                  pseudo=(source[0], SERVER))
    with router, raw4() as raw:
        raw.sendto(ip4(source[0], SERVER, segment), (SERVER, 0))


def open_both():
    return connect(server, client, SERVER, PORT)


def connection():
    """Return the client's connection in the table of the server's namespace."""
    return until(lambda: [r for r in server.table()
                          if r["orig"].startswith(CLIENT)], "an entry")[0]


def lesson(*paragraphs):
    """Register a lesson. Its paragraphs say what it shows and ask a question,
    in English and in Korean."""
    def decorate(function):
        LESSONS[function.__name__] = (function, paragraphs)
        return function
    return decorate


@lesson(("A connection begins with three segments. Each end chooses the number "
         "of its first byte, the ISN, and the other end acknowledges it. The "
         "SYN counts as one byte, so that it can be acknowledged.",
         "연결은 세그먼트 세 개로 시작합니다. 양쪽은 자기 첫 바이트의 번호인 ISN을 "
         "고르고, 상대는 그것을 확인응답합니다. SYN은 확인응답을 받을 수 있도록 "
         "한 바이트로 셉니다."),
        ("Why do both ends acknowledge 1, although nobody has sent data?",
         "아무도 데이터를 보내지 않았는데 왜 양쪽 모두 ACK 1을 보낼까요?"))
def handshake():
    with explained():
        sockets = open_both()
    abort(*sockets)


@lesson(("SEQ is the number of the first byte in a segment. ACK is the number of "
         "the byte that the sender of the ACK waits for: the sender has all "
         "bytes before it. The client sends 100 bytes, and the server answers "
         "with 2,000.",
         "SEQ는 세그먼트 안 첫 바이트의 번호입니다. ACK는 보내는 쪽이 다음에 "
         "기다리는 바이트의 번호이며, 그 앞은 모두 받았다는 뜻입니다. 클라이언트가 "
         "100바이트를 보내고 서버가 2,000바이트로 답합니다."),
        ("The client sends 50 bytes more. Which SEQ and ACK has this segment?",
         "클라이언트가 50바이트를 더 보냅니다. 그 세그먼트의 SEQ와 ACK는 "
         "얼마일까요?"))
def data():
    with explained():
        one, two = open_both()
        exchange(one, two, 100, 2000)
    abort(one, two)


@lesson(("Each direction is closed by itself: a FIN says that its sender has no "
         "more to send, and takes a number, as the SYN does. The end that "
         "closes first stays in TIME_WAIT for two maximum segment lifetimes "
         "(60 s in Linux).",
         "각 방향은 따로 닫힙니다. FIN은 보내는 쪽이 더 보낼 것이 없다는 뜻이고 "
         "SYN처럼 번호 하나를 차지합니다. 먼저 닫은 쪽은 최대 세그먼트 수명의 두 "
         "배(리눅스에서는 60초) 동안 TIME_WAIT에 머뭅니다."),
        ("What would be lost if the client forgot the connection at once?",
         "클라이언트가 연결을 바로 잊는다면 무엇이 잘못될 수 있을까요?"))
def close():
    with explained():
        close_both(*open_both())
    show(client, "ss", "-tanH")


@lesson(("Nobody listens at this port. The server's kernel answers the SYN with a "
         "RST; connect() fails with ECONNREFUSED.",
         "이 포트에서는 아무도 기다리지 않습니다. 서버의 커널은 SYN에 RST로 답하고 "
         "connect()는 ECONNREFUSED로 실패합니다."),
        ("Which number does the RST acknowledge, and why must it?",
         "RST는 어떤 번호를 확인응답하며, 왜 그래야 할까요?"))
def refused():
    with explained(), new_socket(client, SERVER) as sock:
        with contextlib.suppress(ConnectionRefusedError):
            sock.connect((SERVER, PORT))


@lesson(("The router drops the client's data for a while. No ACK comes, and the "
         "retransmission timer of the client sends the same bytes again, with "
         "waits that double.",
         "라우터가 잠시 동안 클라이언트의 데이터를 버립니다. ACK가 오지 않으므로 "
         "클라이언트의 재전송 타이머가 같은 바이트를 다시 보내며, 기다리는 시간은 "
         "두 배씩 늘어납니다."),
        ("How can the client tell whether its data or the ACK of it was lost?",
         "데이터가 없어졌는지 그 ACK가 없어졌는지 클라이언트는 구별할 수 "
         "있을까요?"))
def loss():
    with explained():
        one, two = open_both()
        with dropped("ip length > 60"):
            one.sendall(bytes(100))
            until(lambda: router.counters()["gone"] > 1, "a retransmission")
        receive(two, 100)
    abort(one, two)


@lesson(("SYNs with forged addresses fill the server's queue of half-open "
         "connections: it waits for ACKs that never come. Linux then answers "
         "with SYN cookies and keeps nothing, so real clients still connect.",
         "위조된 주소의 SYN이 서버의 반쯤 열린 연결 대기열을 채웁니다. 서버는 오지 "
         "않을 ACK를 기다립니다. 그러면 리눅스는 SYN 쿠키로 답하고 아무것도 "
         "저장하지 않으므로 진짜 클라이언트는 여전히 연결됩니다."),
        ("What must a SYN cookie contain, so that the server need not keep the SYN?",
         "서버가 SYN을 저장하지 않아도 되려면 SYN 쿠키에 무엇이 들어 있어야 "
         "할까요?"))
def synflood():
    with listener(SERVER, PORT, backlog=8, ns=server) as sock:
        # the SYN,ACKs to these hosts get no answer and no ICMP error
        router.ip("route add blackhole 10.99.0.0/16")
        for host in range(1, 201):
            forge((f"10.99.0.{host}", 4000), SYN, 1000 * host)
        show(server, "ss", "-tanH", "state", "syn-recv")
        show(server, "nstat", "-asz", "TcpExtSyncookiesSent",
             "TcpExtTCPReqQFullDoCookies")
        with explained(), new_socket(client, SERVER) as one:
            one.connect((SERVER, PORT))
            sock.accept()[0].close()
    show(server, "tcptracectl", "stats")


@lesson(("The client ends the connection with a RST instead of a FIN: SO_LINGER "
         "with time 0. Data in flight is discarded, and the server's next "
         "read() fails with ECONNRESET.",
         "클라이언트가 FIN 대신 RST로 연결을 끝냅니다(시간이 0인 SO_LINGER). 보내던 "
         "것은 버려지고 서버의 다음 read()는 ECONNRESET으로 실패합니다."),
        ("Why is there no TIME_WAIT after a RST?",
         "RST 뒤에는 왜 TIME_WAIT이 없을까요?"))
def rst():
    with explained():
        one, two = open_both()
        exchange(one, two, 100, 100)
        abort(one)
        until(lambda: two.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR),
              "the RST")
    two.close()


@lesson(("The router forges segments of the client. A RST inside the window, but "
         "not exactly at the next number, is answered by a challenge ACK (RFC "
         "5961). Then the router has read the numbers: its 10 bytes are "
         "accepted, and the client's own bytes come too late.",
         "라우터가 클라이언트의 세그먼트를 위조합니다. 윈도우 안에 있지만 다음 번호와 "
         "정확히 같지 않은 RST에는 챌린지 ACK로 답합니다(RFC 5961). 그다음에는 "
         "번호를 엿보았으므로 위조한 10바이트가 받아들여지고, 클라이언트가 보낸 진짜 "
         "바이트는 너무 늦게 도착합니다."),
        ("An attacker who sees no packet must guess SEQ and ACK. How many tries "
         "does it take with a window of 64 KiB?",
         "패킷을 볼 수 없는 공격자는 SEQ와 ACK를 추측해야 합니다. 윈도우가 64 KiB라면 "
         "몇 번 시도해야 할까요?"))
def hijack():
    with explained(server):
        one, two = open_both()
        exchange(one, two, 100, 100)
        source = one.getsockname()
        entry = connection()
        seq, ack = int(entry["orig_nxt"]), int(entry["resp_nxt"])
        forge(source, RST, seq + 1000)
        forge(source, PSH | ACK, seq, ack, b"0123456789")
        receive(two, 10)
        until(lambda: int(connection()["resp_ack"]) != seq, "the ACK of them")
        one.sendall(b"abcdefghij")
        until(lambda: int(connection()["orig_segments"]) > 4, "the own bytes")
    abort(one, two)


def main():
    function, (about, question) = LESSONS[os.environ["TCPTRACE_LESSON"]]
    korean = language == "ko"
    client.reach(SERVER)
    say(about[korean])
    function()
    say(question[korean])
    Netns.delete_all()
    module.unload()


module.load()
main()
