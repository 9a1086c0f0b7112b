# SPDX-License-Identifier: GPL-2.0
"""Check how the time of a connection is split into its parts, with captures
whose times are known."""
import captures
from captures import ACK, FIN, MS, PSH, RST, SYN, T0, Talk
from tap import case, cases, equal

PARTS = "busy window rto fast delayed path idle own".split()


def times(event, direction):
    """Return the nonzero times of a direction, in ms."""
    split = event[direction]["time"]
    return {name: split[name + "_ns"] / MS for name in PARTS
            if split[name + "_ns"]}


def responses(event, direction):
    """Return: the number of response times, and their minimum, mean and maximum
    in ms."""
    split = event[direction]["time"]
    return [split["responses"]] + [
        split[f"response_{which}_ns"] / MS for which in ("min", "mean", "max")]


def close_of(client, frames):
    """Return: the CLOSE event of the connection in @frames, a list of (ms,
    frame)."""
    data = captures.header(nano=True) + b"".join(
        captures.record(frame, T0 + int(ms * MS), nano=True)
        for ms, frame in frames)
    return client.replay(data, "-e", "close")[0]


def opening(talk, rtt=20):
    """Return a handshake as captured near the client; rtt: round trip time to
    the server, in ms."""
    return list(zip((0, rtt, rtt), talk.handshake()))


# The round trip to the server takes 20 ms. A request is sent at 30 ms, and the
# server thinks for 100 ms. An ACK of the request shows that the server has the
# request; without an ACK, the round trip time tells when the request arrived.
def request(acked_at=None, late=0):
    talk = Talk()
    frames = opening(talk) + [(30, talk(0, PSH | ACK, 1, 1, 100))]
    if acked_at:
        frames.append((acked_at, talk(1, ACK, 1, 101)))
    frames += [(150, talk(1, PSH | ACK, 1, 101, 500)),
               (150, talk(0, ACK, 101, 501)),
               (160 + late, talk(0, FIN | ACK, 101, 501)),
               (180 + late, talk(1, FIN | ACK, 501, 102)),
               (180 + late, talk(0, ACK, 102, 502))]
    return frames


@cases("time: the responder thinks for 100 ms", [
    ("ACK at once", 50, 20, 0, 100), ("delayed ACK", 90, 60, 40, 60),
    ("ACK with the answer", None, 120, 100, 0)])
def think(client, acked_at, outstanding, delayed, quiet):
    event = close_of(client, request(acked_at))
    equal(event["limited_by"], "peer")
    equal(responses(event, "b2a"), [1, 100, 100, 100])
    equal(responses(event, "a2b"), [0, 0, 0, 0])
    # the FIN is outstanding for 20 ms
    want = {"busy": outstanding + 20, "path": outstanding + 20 - delayed,
            "delayed": delayed, "idle": 130 - outstanding, "own": 20}
    equal(times(event, "a2b"), {k: v for k, v in want.items() if v})
    equal(times(event, "b2a"), {"idle": 30, "own": quiet} if quiet else
          {"idle": 30})
    hist = event["b2a"]["time"]["response_hist"]
    equal([(i, n) for i, n in enumerate(hist) if n], [(13, 1)])


@case("time: the originator has nothing to send")
def idle(client):
    event = close_of(client, request(50, late=1000))
    equal(event["limited_by"], "app")
    equal(times(event, "a2b")["own"], 1020)


@case("time: no answer until the end")
def unanswered(client):
    talk = Talk()
    event = close_of(client, opening(talk) + [
        (30, talk(0, ACK, 1, 1, 100)), (50, talk(1, ACK, 1, 101)),
        (500, talk(0, RST | ACK, 101, 1))])
    equal(event["limited_by"], "peer")
    equal(times(event, "b2a"), {"own": 450})


@case("time: a long upload that is acknowledged at once is limited by the path")
def path(client):
    talk, frames = Talk(), []
    for i in range(10):
        frames += [(30 + 20 * i, talk(0, ACK, 1 + 1000 * i, 1, 1000)),
                   (50 + 20 * i, talk(1, ACK, 1, 1001 + 1000 * i))]
    event = close_of(client, opening(talk) + frames)
    equal(event["limited_by"], "path")
    equal(times(event, "a2b"), {"busy": 200, "path": 200, "own": 10})
    # 10,000 bytes in 200 ms
    equal(event["a2b"]["time"]["goodput"], 50000)


# After ten segments, the window has no room for another segment. The receiver
# opens the window after 500 ms.
@cases("time: the window is full", [
    ("exactly", 10000, 0), ("less than a segment", 10999, 999)])
def window(client, size, left):
    talk = Talk()
    frames = opening(talk)[:1] + [
        (20, talk(1, SYN | ACK, 0, 1, window=size)), (20, talk(0, ACK, 1, 1))]
    frames += [(30, talk(0, ACK, 1 + 1000 * i, 1, 1000)) for i in range(10)]
    frames += [(50, talk(1, ACK, 1, 10001, window=left)),
               (550, talk(1, ACK, 1, 10001, window=5000)),
               (551, talk(0, ACK, 10001, 1, 1000)),
               (571, talk(1, ACK, 1, 11001, window=5000))]
    event = close_of(client, frames)
    equal(event["limited_by"], "window")
    equal(times(event, "a2b"), {"busy": 540, "window": 520, "path": 20,
                                "idle": 1, "own": 11})


@case("time: a segment is lost, and a timer sends it again")
def timeout(client):
    talk = Talk()
    data = talk(0, ACK, 1, 1, 100)
    event = close_of(client, opening(talk) + [
        (30, data), (250, data), (270, talk(1, ACK, 1, 101))])
    equal(event["limited_by"], "loss")
    equal(times(event, "a2b"), {"busy": 240, "rto": 240, "own": 10})


@case("time: a segment is lost, and duplicate ACKs report the loss")
def fast(client):
    talk = Talk()
    data = [talk(0, ACK, 1 + 1000 * i, 1, 1000) for i in range(5)]
    frames = [(30, frame) for frame in data] + [(49, talk(1, ACK, 1, 1))]
    frames += [(50, talk(1, ACK, 1, 1))] * 3
    frames += [(51, data[0]), (101, talk(1, ACK, 1, 5001))]
    event = close_of(client, opening(talk) + frames)
    equal(event["limited_by"], "loss")
    equal(times(event, "a2b"), {"busy": 71, "fast": 50, "path": 21,
                                "own": 10})


@case("time: the retransmission is lost, too, and a timer sends it again")
def fast_then_timeout(client):
    talk = Talk()
    data = [talk(0, ACK, 1 + 1000 * i, 1, 1000) for i in range(5)]
    frames = [(30, frame) for frame in data]
    frames += [(50, talk(1, ACK, 1, 1))] * 3
    frames += [(51, data[0]), (300, data[0]), (320, talk(1, ACK, 1, 5001))]
    event = close_of(client, opening(talk) + frames)
    equal(times(event, "a2b"), {"busy": 290, "rto": 269, "path": 21,
                                "own": 10})


@case("time: the SYN is sent twice")
def handshake(client):
    talk = Talk()
    syn, synack, ack = talk.handshake()
    event = close_of(client, [(0, syn), (1000, syn), (1020, synack),
                              (1020, ack)] + request(50)[3:4])
    equal(event["limited_by"], "handshake")


@case("time: only an unanswered SYN")
def no_handshake(client):
    talk = Talk()
    event = close_of(client, [(0, talk(0, SYN)), (1000, talk(0, SYN))])
    equal(event["limited_by"], "handshake")
    equal((times(event, "a2b"), times(event, "b2a")), ({}, {}))
