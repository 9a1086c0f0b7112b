# SPDX-License-Identifier: GPL-2.0
"""Make random connections between two endpoints that behave roughly like TCP;
a tap between the endpoints captures the segments. Segments are lost before and
after the tap, reordered and duplicated; there are small and closed windows,
probes, keep-alives and resets."""
import heapq
import itertools
import random

from packets import ACK, FIN, PSH, RST, SYN

MS = 10 ** 6
SECOND = 1000 * MS


class Profile:
    """The properties of one connection, chosen at random."""

    def __init__(self, rng):
        self.delay = int(rng.choice((0.05, 0.5, 3, 20, 150)) * MS *
                         rng.uniform(0.5, 2))	# from one end to the other
        self.near = rng.choice((0.02, 0.5, 0.98))	# place of the tap
        self.lost_before = rng.choice((0, 0, 0, 0.01, 0.08))
        self.lost_after = rng.choice((0, 0, 0.01, 0.08))
        self.reordered = rng.choice((0, 0, 0.02, 0.2))
        self.twice = rng.choice((0, 0, 0.01, 0.1))
        self.mss = rng.choice((100, 536, 1448))
        self.merged = rng.choice((1, 1, 1, 4, 20))	# as by GSO and GRO
        self.timestamps = rng.random() < 0.5
        self.sack = rng.random() < 0.6
        self.scale = (rng.choice((None, 0, 2, 7)), rng.choice((None, 0, 2, 7)))
        self.buffer = [rng.choice((300, 3000, 3000, 30000, 500000))
                       for _ in range(2)]
        self.sizes = [rng.choice((0, 1, 50, 2000, 40000)) for _ in range(2)]
        self.writes = rng.choice((1, 1, 3, 10))
        self.stalls = rng.random() < 0.4
        self.probe = rng.choice((0, 1))		# bytes in a window probe
        self.keep_alive = rng.choice((None, None, 0, 1))
        self.end = rng.choice(("fin", "fin", "fin", "half", "reset", "none"))
        self.begin = rng.choice(("syn",) * 6 + ("middle", "refused", "both",
                                                "silent", "fast-open"))
        self.limit = rng.choice((20, 60, 200))	# segments


class End:
    """One endpoint. Sequence numbers are relative to the endpoint's ISN, and do
    not wrap."""

    def __init__(self, link, index):
        self.link = link
        self.profile = link.profile
        self.index = index
        self.una = self.next = self.received = 0
        self.peer_window = self.profile.mss
        self.window_limit = self.profile.buffer[index]
        self.unread = 0
        self.is_stalled = False
        self.holes = []		# (begin, end) of data that came out of order
        self.duplicates = 0
        self.unsent = 0
        self.congestion = 4 * self.profile.mss
        self.timeouts = 0
        self.timer = 0
        self.is_open = self.has_ended = self.is_dead = False
        self.fin = None		# the sequence number of its FIN

    def window(self):
        free = max(0, self.window_limit - self.unread)
        return min(65535, free >> (self.link.scales[self.index] or 0))

    def send(self, flags, seq, size=0):
        if not self.is_dead:
            self.link.carry(self, flags, seq, self.received, self.window(),
                            size)

    def write(self, size):
        self.unsent += size
        self.push()

    def push(self):
        """Send as much as the peer's window and the congestion window
        permit."""
        while self.unsent and self.is_open and self.fin is None:
            room = (self.una + min(self.peer_window, self.congestion) -
                    self.next)
            size = min(self.unsent, room,
                       self.profile.mss * self.profile.merged)
            if size <= 0:
                break
            self.unsent -= size
            self.send(ACK | (0 if self.unsent else PSH), self.next, size)
            self.next += size
        if self.unsent and self.una == self.next:
            self.arm(300 * MS, self.probe)
        elif self.una < self.next:
            self.arm(200 * MS, self.resend)

    def arm(self, delay, action):
        self.timer += 1
        self.link.after(delay << min(self.timeouts, 6), self.fire, self.timer,
                        action)

    def fire(self, timer, action):
        if timer == self.timer and self.timeouts < 4:
            self.timeouts += 1
            action()

    def resend(self):
        """Send the oldest segment again."""
        if self.una >= self.next:
            return
        if self.una == 0:
            self.send(SYN | (ACK if self.received else 0), 0)
        elif self.fin == self.una:
            self.send(FIN | ACK, self.una)
        else:
            end = self.next if self.fin is None else self.fin
            self.send(ACK | PSH, self.una,
                      min(end - self.una, self.profile.mss))
        self.arm(200 * MS, self.resend)

    def probe(self):
        """Probe a closed window with one byte or, like Linux, with no data."""
        size = self.profile.probe
        self.send(ACK, self.next - (not size), size)
        self.arm(300 * MS, self.probe)

    def keep_alive(self, left):
        if left and self.una == self.next and not self.has_ended:
            self.send(ACK, self.next - 1, self.profile.keep_alive)
            self.link.after(SECOND, self.keep_alive, left - 1)

    def close(self):
        if self.fin is not None or self.is_dead:
            return
        if self.unsent:
            self.link.after(50 * MS, self.close)
            return
        self.fin = self.next
        self.send(FIN | ACK, self.next)
        self.next += 1
        self.arm(200 * MS, self.resend)

    def reset(self):
        self.send(RST | ACK, self.next)
        self.is_dead = True

    def read(self, size):
        """Let the program read received data, which opens the window again."""
        before = self.window()
        self.unread -= min(size, self.unread)
        if self.window() > before + self.profile.mss or before == 0:
            self.send(ACK, self.next)

    def stall(self, is_stalled):
        self.is_stalled = is_stalled
        if not is_stalled:
            self.read(self.unread)

    def receive(self, flags, seq, ack, window, size):
        if self.is_dead:
            return
        if flags & RST:
            self.is_dead = True
            return
        if flags & ACK:
            self.acknowledged(ack, window, size)
        if flags & SYN:
            self.synchronize(flags)
        elif size or flags & FIN:
            self.take(seq, seq + size + bool(flags & FIN), flags)
        elif seq < self.received:
            self.send(ACK, self.next)
        self.push()

    def synchronize(self, flags):
        if self.received == 0:
            self.received = 1
            if self.una == 0 and self.next == 0:
                self.next = 1
                self.arm(SECOND, self.resend)
        self.is_open = True
        self.send(ACK if flags & ACK else SYN | ACK,
                  self.next if flags & ACK else 0)

    def acknowledged(self, ack, window, size):
        self.is_open = self.is_open or ack > 0
        if ack > self.una:
            self.una = ack
            self.congestion += self.profile.mss
            self.duplicates = self.timeouts = 0
            self.timer += 1
            self.next = max(self.next, ack)
        elif ack == self.una < self.next and not size:
            self.duplicates += 1
            if self.duplicates == 3:
                self.congestion = max(self.congestion // 2, self.profile.mss)
                self.resend()
        self.peer_window = window << (self.link.scales[1 - self.index] or 0)

    def take(self, begin, end, flags):
        """Process received data or a FIN."""
        if begin > self.received or end <= self.received:
            if begin > self.received:
                self.holes = sorted(self.holes + [(begin, end)])
            self.send(ACK, self.next)	# at once
            return
        if self.window() == 0:
            self.send(ACK, self.next)	# a probe
            return
        before = self.received
        self.received = end
        for hole in self.holes:
            if hole[0] <= self.received:
                self.received = max(self.received, hole[1])
        self.holes = [h for h in self.holes if h[0] > self.received]
        self.unread += self.received - before
        if not self.is_stalled:
            self.unread = 0
        if flags & FIN:
            self.has_ended = True
        if flags & (FIN | PSH) or self.holes or self.link.rng.random() < 0.5:
            self.send(ACK, self.next)


class Link:
    """Two endpoints and the tap between them. self.seen lists the segments
    that passed the tap, each as (time, index of the sender, flags, seq, ack,
    window, size, options)."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.profile = Profile(self.rng)
        self.scales = self.profile.scale
        if None in self.scales:
            self.scales = (None, None)
        self.seen = []
        self.queue = []
        self.number = itertools.count()
        self.now = 0
        self.ends = [End(self, 0), End(self, 1)]
        self.begin()

    def after(self, delay, function, *args):
        heapq.heappush(self.queue, (self.now + delay, next(self.number),
                                    function, args))

    def run(self):
        # the limits stop connections that would never end
        while (self.queue and self.now < 60 * SECOND and
               len(self.seen) < self.profile.limit):
            self.now, _, function, args = heapq.heappop(self.queue)
            function(*args)
        self.seen.sort(key=lambda segment: segment[0])
        return self.seen

    def carry(self, end, flags, seq, ack, window, size):
        """Carry a segment to the other end; the link may lose, delay or
        duplicate it."""
        rng, profile = self.rng, self.profile
        ack = ack if flags & ACK else 0
        for _ in range(2 if rng.random() < profile.twice else 1):
            near = profile.near if end.index == 0 else 1 - profile.near
            before = int(profile.delay * near)
            if rng.random() < profile.reordered:
                before += rng.randrange(5 * MS)
            if rng.random() < profile.lost_before:
                continue
            self.seen.append((self.now + before, end.index, flags, seq, ack,
                              window, size, self.options(end, flags)))
            if rng.random() < profile.lost_after:
                continue
            self.after(before + int(profile.delay * (1 - near)),
                       self.ends[1 - end.index].receive, flags, seq, ack,
                       window, size)

    def options(self, end, flags):
        words = []
        if flags & SYN:
            words.append(("mss", self.profile.mss))
            if self.profile.scale[end.index] is not None:
                words.append(("ws", self.profile.scale[end.index]))
        if self.profile.timestamps:
            words.append(("ts", self.now // MS))
        if self.profile.sack and end.holes:
            words.append(("sack", end.holes[:3]))
        return words

    def begin(self):
        client, server = self.ends
        how = self.profile.begin
        if how == "middle":
            for end in self.ends:
                end.is_open = True
                end.una = end.next = end.received = 1
        else:
            client.next = 1
            size = 40 if how == "fast-open" else 0
            client.send(SYN, 0, size)
            client.next += size
            client.arm(SECOND, client.resend)
        if how == "refused":
            server.receive = lambda *_: server.send(RST | ACK, 0)
        elif how == "silent":
            server.receive = lambda *_: None
        elif how == "both":
            server.next = 1
            server.send(SYN, 0)
        self.plan()

    def plan(self):
        """Schedule the actions of the programs at both ends."""
        rng, profile = self.rng, self.profile
        time = 4 * profile.delay
        for _ in range(profile.writes):
            for end, size in zip(self.ends, profile.sizes):
                self.after(time, end.write, size)
                if profile.stalls:
                    self.after(time, end.stall, rng.random() < 0.7)
            time += rng.randrange(1, 400 * MS)
        for end in self.ends:
            self.after(time, end.stall, False)
        if profile.keep_alive is not None:
            for end in self.ends:
                self.after(time + SECOND, end.keep_alive, rng.randrange(4))
            time += 6 * SECOND
        first, second = rng.sample(self.ends, 2)
        if profile.end == "reset":
            self.after(rng.randrange(time), first.reset)
        elif profile.end != "none":
            self.after(time, first.close)
            if profile.end == "fin":
                self.after(time + rng.randrange(500 * MS), second.close)
