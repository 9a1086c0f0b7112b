# SPDX-License-Identifier: GPL-2.0
"""Network namespaces: the current namespace of this thread, and named
namespaces."""
import contextlib
import os
import socket
import subprocess

import nft
import procfs
from check import until
from kernel import HAS_IPV6, usable
from libc import CLONE_NEWNET, setns, unshare
from proc import write_file
from sockets import family_of

HERE, INITIAL = "/proc/thread-self/ns/net", "/proc/1/ns/net"
SINK = procfs.SINK	# a device that takes all packets and answers none
SINK_FROM = "10.98.0.1"


def ip(*lines, netns=None):
    """Run several commands of ip(8) in one process."""
    words = ["ip", *(["-n", netns] if netns else []), "-batch", "-"]
    done = subprocess.run(words, input="\n".join(lines), text=True,
                          capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"ip {lines}: {done.stderr}")


def sysctl(name, value):
    write_file(f"/proc/sys/net/{name}", value)


def set_ipv6(name, value):
    """Set an IPv6 sysctl if the kernel has IPv6."""
    if HAS_IPV6:
        sysctl(f"ipv6/{name}", value)


def prepare(*more):
    """Configure a new namespace: enable loopback, create a sink and a route to
    it, and disable IPv6 on new devices."""
    set_ipv6("conf/default/disable_ipv6", 1)
    sysctl("ipv4/ip_local_port_range", "20000 60001")
    sysctl("ipv4/tcp_early_retrans", 0)
    ip("link set lo up", f"link add {SINK} type dummy",
       f"addr add {SINK_FROM}/32 dev {SINK}", f"link set {SINK} up",
       f"route add 10.99.0.0/16 dev {SINK}", *more)


def isolate(*more):
    """Move this thread into a new namespace with a sink."""
    unshare(CLONE_NEWNET)
    prepare(*more)


@contextlib.contextmanager
def entered(path):
    """Move this thread into a different namespace as long as the context is
    open."""
    home, there = (os.open(name, os.O_RDONLY) for name in (HERE, path))
    try:
        setns(there)
        yield
    finally:
        setns(home)
        os.close(home)
        os.close(there)


def inode(path=HERE):
    return os.stat(path).st_ino


def mac_of(device):
    """Return: the link-layer address of a device in this namespace."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.bind((device, 0))
        return bytes(sock.getsockname()[4])


class Netns:
    """A named namespace, which "with" enters. Outside "with", the object has no
    open file descriptor, because a descriptor would keep the namespace
    alive."""

    all = []

    def __init__(self, letter, *lines, sink=False):
        self.name = f"tt{os.getpid()}{letter}"
        self.path = f"/run/netns/{self.name}"
        self.outer = []
        ip(f"netns add {self.name}")
        Netns.all.append(self)
        self.inum = inode(self.path)
        with self:
            if sink:
                prepare(*lines)
            else:
                # Disable tail loss probes, which the late answers of a busy
                # machine would cause.
                sysctl("ipv4/tcp_early_retrans", 0)
                ip("link set lo up", *lines)

    @classmethod
    def behind_link(cls, letter, link):
        """Create a namespace behind a link. The namespace receives all packets
        to the sink's addresses."""
        there = cls(letter)
        ip(f"link add {link} type veth peer name {link} netns {there.name}",
           f"addr add {SINK_FROM}/32 dev {link}", f"link set {link} up")
        there.ip(f"link set {link} up", "route add local 10.99.0.0/16 dev lo")
        ip(f"neigh add 10.97.0.1 lladdr {there.mac(link).hex(':')} dev {link}",
           f"route add 10.99.0.0/16 via 10.97.0.1 dev {link} onlink")
        return there

    def __enter__(self):
        self.outer.append(entered(self.path))
        self.outer[-1].__enter__()
        return self

    def __exit__(self, *error):
        return self.outer.pop().__exit__(*error)

    def delete(self):
        Netns.all.remove(self)
        ip(f"netns delete {self.name}")

    @classmethod
    def delete_all(cls):
        while cls.all:
            cls.all[-1].delete()

    def ip(self, *lines):
        ip(*lines, netns=self.name)

    def veth(self, device, other, other_device, more=""):
        """Create a veth pair between this namespace and a different one."""
        self.ip(f"link add {device} {more} type veth peer name {other_device}"
                f" {more} netns {other.name}")

    def address(self, device, *addresses):
        self.ip(f"link set dev {device} up",
                *(f"addr add {a} dev {device}" + " nodad" * (":" in a)
                  for a in usable(*addresses)))

    def default_route(self, *addresses):
        for a in usable(*addresses):
            self.ip(f"route add default via {a}")

    def between(self, *sides):
        """Make this namespace the router between other namespaces. vethN links
        namespace N, with 10.N.0.1 in the router and 10.N.0.2 in namespace N."""
        for number, side in enumerate(sides, 1):
            self.veth(f"veth{number}", side, f"veth{number}")
            self.address(f"veth{number}", f"10.{number}.0.1/24")
            side.address(f"veth{number}", f"10.{number}.0.2/24")
            side.default_route(f"10.{number}.0.1")
        self.sysctl("ipv4/ip_forward", 1)

    def forward(self):
        """Make this namespace a router."""
        with self:
            sysctl("ipv4/ip_forward", 1)
            set_ipv6("conf/all/forwarding", 1)

    def sysctl(self, name, value):
        with self:
            sysctl(name, value)

    def reach(self, *addresses):
        """Send datagrams until each address has answered one. All neighbours
        are then known, so that no unknown neighbour delays a SYN."""
        for a in usable(*addresses):
            until(lambda a=a: self.answers(a), f"the way to {a}")

    def answers(self, addr):
        with self, socket.socket(family_of(addr), socket.SOCK_DGRAM) as s:
            s.settimeout(0.2)
            try:
                s.connect(socket.getaddrinfo(addr, 9)[0][4])
                s.send(b"?")
                s.recv(1)
            except ConnectionRefusedError:
                return True
            except OSError:
                pass
        return False

    def nft(self, rules):
        with self:
            nft.load(rules)

    def counters(self):
        with self:
            return nft.counters()

    def stats(self):
        with self:
            return procfs.stats()

    def table(self):
        with self:
            return procfs.table()

    def mac(self, device):
        with self:
            return mac_of(device)


def row(letters, number):
    """Create namespaces in a row; the inner ones are routers. Link N has the
    networks 10.NUMBER.N.0/24 and fdNUMBER:N::/64. On link 1, the left end is
    host 2 and the right end is host 1; on later links, the left end is host 1
    and the right end is host 2. The device "ab" in namespace a is its link to
    b. Default routes lead to the middle."""
    spaces = [Netns(letter) for letter in letters]
    links = len(spaces) - 1
    for link in range(1, links + 1):
        left, right = spaces[link - 1:link + 1]
        one, other = letters[link - 1] + letters[link], \
            letters[link] + letters[link - 1]
        near, far = ([f"10.{number}.{link}.{host}", f"fd{number}:{link}::{host}"]
                     for host in ((2, 1) if link == 1 else (1, 2)))
        left.veth(one, right, other)
        left.address(one, near[0] + "/24", near[1] + "/64")
        right.address(other, far[0] + "/24", far[1] + "/64")
        if link <= len(spaces) // 2:
            left.default_route(*far)
        if link > links - len(spaces) // 2:
            right.default_route(*near)
    for ns in spaces[1:-1]:
        ns.forward()
    return spaces
