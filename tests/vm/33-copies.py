#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Check that a packet that passes the hooks of a host twice is tracked once:
with IPVS, with duplicated packets, and with two bridges in a row. The packet
counts of the client, where packets pass once, are the reference."""
import contextlib

import module
from case import by_family, case, run
from check import equal
from expected import Trace, check_close
from kernel import ALL_IP, want_conntrack
from netns import Netns
from proc import command
from procfs import grown
from records import CLOSE, MASK_DEFAULT
from sockets import close_both, connect, exchange, ports
from ss import retransmitted

module.load()
client, router, server, bridge = (Netns(letter) for letter in "crsb")
router.veth("rc", client, "cr")
router.veth("rs", server, "sr")
# a second path from the client to the router
router.veth("rd", client, "cd")
# by this path, a server that has the virtual service's address answers the
# client directly
client.veth("cs", server, "sc")
# through two bridges
client.veth("cb", bridge, "bc")
bridge.veth("b0", bridge, "b1")
bridge.veth("bs", server, "sb")
client.address("cr", "10.33.1.2/24", "fd33:1::2/64")
router.address("rc", "10.33.1.1/24", "fd33:1::1/64")
router.address("rs", "10.33.2.1/24", "fd33:2::1/64")
server.address("sr", "10.33.2.2/24", "fd33:2::2/64")
client.address("cs", "10.33.3.1/24", "fd33:3::1/64")
server.address("sc", "10.33.3.2/24", "fd33:3::2/64")
client.address("cd", "10.33.4.2/24", "fd33:4::2/64")
router.address("rd", "10.33.4.1/24", "fd33:4::1/64")
client.address("cb", "10.33.5.1/24", "fd33:5::1/64")
server.address("sb", "10.33.5.2/24", "fd33:5::2/64")
client.default_route("10.33.1.1", "fd33:1::1")
server.default_route("10.33.2.1", "fd33:2::1")
# duplicates are sent to this device, which discards them
router.ip("link add nowhere type dummy", "link set nowhere up")
router.address("nowhere", "10.33.6.1/24", "fd33:6::1/64")
for place in ("10.33.6.2", "fd33:6::2")[:1 + (ALL_IP == "inet")]:
    router.ip(f"neigh add {place} lladdr 02:00:00:00:00:01 dev nowhere")
router.forward()
for ns in (client, router, server):
    for device in "all", "default":
        ns.sysctl(f"ipv4/conf/{device}/rp_filter", 0)
server.sysctl("ipv4/conf/all/arp_ignore", 1)
client.reach("10.33.2.2", "fd33:2::2")
server.reach("10.33.3.1", "fd33:3::1")
router.ip("addr add 10.33.9.9/32 dev lo")
trace = Trace(MASK_DEFAULT)
SENT, RECEIVED = 50000, 70000
VIP = "10.33.9.9"


# bytes that each end of the last connection has retransmitted
rexmit = [0, 0]


def talk(*args, between=lambda: None, **more):
    """Open a connection, exchange data twice, and close it. The function
    between is called between the two exchanges."""
    one, two = connect(*args, **more)
    exchange(one, two, SENT // 2, RECEIVED // 2)
    between()
    exchange(one, two, SENT // 2, RECEIVED // 2)
    rexmit[:] = retransmitted(one, two)
    close_both(one, two)


def closes(ns, port, count=1):
    """Wait for the CLOSE records of a port's connections, and return them."""
    def found():
        return [r for records in trace.records(ns, port).values()
                for r in records if r.type == CLOSE]
    trace.wait(lambda: len(found()) >= count, f"CLOSE of port {port}")
    equal(len(trace.records(ns, port)), count, "connections")
    return found()


def check_same(ns, port, there=None):
    """Check that a namespace has tracked exactly one connection of a port, and
    has counted as many packets as the client. Return: the number of packets."""
    truth, = closes(client, there or port)
    close, = closes(ns, port)
    for one in truth, close:
        check_close([one], SENT, RECEIVED, "SFPA SFPA", rexmit)
    packets = [d.packets for d in truth.dir]
    equal([d.packets for d in close.dir], packets, "packets")
    return sum(packets)


def check_counts(ns, before, tracked, copies):
    count = grown(before, ns.stats())
    equal((count["tracked"], count["copy"]), (tracked, copies),
          "packets and copies")


def forwards_twice(there, port, **more):
    """Check a forwarded connection whose packets pass the router twice."""
    before = router.stats()
    talk(server, client, there, port, **more)
    packets = check_same(router, port)
    check_counts(router, before, packets, packets)


def ipvs(vip, real, mode):
    """Create, in the router, a virtual service with one real server."""
    want_conntrack()
    with router:
        command("ipvsadm", "-C")
        command("ipvsadm", "-R", input=f"-A -t {vip} -s rr\n"
                                       f"-a -t {vip} -r {real} {mode}\n")


@contextlib.contextmanager
def answers_itself():
    """Give the server the virtual service's address and a direct route to the
    client, as long as the context is open."""
    server.ip(f"addr add {VIP}/32 dev lo",
              "route add 10.33.1.0/24 via 10.33.3.1")
    try:
        yield
    finally:
        server.ip(f"addr del {VIP}/32 dev lo", "route del 10.33.1.0/24")


def row_of(service):
    """Return: the router's row of the virtual service's connection. Check that
    the row expires within timeout_unreplied."""
    row, = (r for r in router.table() if r["resp"] == f"{VIP}:{service}")
    equal(float(row["left"]) <= module.get_parameter("timeout_unreplied"), True,
          f"times out early: {row}")
    return row


def one_way(port):
    """Check the router's row of a connection to the virtual service. The row
    counts only the client's packets, because the server answers by a different
    path or from its own address. Return: the number of these packets."""
    row = row_of(port)
    equal((row["orig_state"], row["resp_state"]), ("FIN_WAIT_1", "CLOSE_WAIT"),
          "states")
    truth, = closes(client, port)
    check_close([truth], SENT, RECEIVED, "SFPA SFPA", rexmit)
    packets = truth.dir[0].packets
    equal({k: row[k] for k in ("orig_packets", "orig_bytes", "orig_rexmit",
                               "resp_packets", "marks")},
          {"orig_packets": str(packets), "orig_bytes": str(SENT),
           "orig_rexmit": "0", "resp_packets": "0", "marks": "OH"}, "row")
    return packets


@case("IPVS, direct routing: LOCAL_IN, then LOCAL_OUT")
def _():
    port = next(ports)
    ipvs(f"{VIP}:{port}", f"10.33.2.2:{port}", "-g")
    before = router.stats()
    with answers_itself():
        talk(server, client, VIP, port)
    packets = one_way(port)
    check_counts(router, before, packets, packets)


@case("IPVS, tunnel")
def _():
    port = next(ports)
    server.ip("link add tun type ipip local 10.33.2.2", "link set tun up")
    # leave room in the packets for the tunnel's header
    client.ip(f"route add {VIP} via 10.33.1.1 mtu lock 1400")
    ipvs(f"{VIP}:{port}", f"10.33.2.2:{port}", "-i")
    before = router.stats()
    with answers_itself():
        talk(server, client, VIP, port)
    check_counts(router, before, one_way(port), 0)


@case("IPVS, NAT: a connection with each address of the service")
def _():
    port, service = next(ports), next(ports)

    def is_open():
        row = row_of(service)
        equal((row["orig_state"], row["resp_state"]), ("ESTABLISHED",) * 2,
              "states")

    ipvs(f"{VIP}:{service}", f"10.33.2.2:{port}", "-m")
    before = router.stats()
    talk(server, client, "10.33.2.2", port, target=(VIP, service),
         between=is_open)
    packets = check_same(router, port, service)
    packets += one_way(service)
    check_counts(router, before, packets, 0)


@case("IPVS, NAT, in conntrack, too: the real server's connection has both")
def _():
    port, service = next(ports), next(ports)
    ipvs(f"{VIP}:{service}", f"10.33.2.2:{port}", "-m")
    router.sysctl("ipv4/vs/conntrack", 1)
    # a rule that uses connection tracking enables it in this namespace
    router.nft("""
table ip track {
	chain c {
		type filter hook forward priority 0;
		ct state established accept
	}
}""")
    talk(server, client, "10.33.2.2", port, target=(VIP, service))
    router.nft("delete table ip track")
    router.sysctl("ipv4/vs/conntrack", 0)
    close, = closes(router, port)
    equal(close.translated(), [None, (VIP, service)], "the other addresses")


@case("IPVS, NAT to this host")
def _():
    port, service = next(ports), next(ports)
    ipvs(f"{VIP}:{service}", f"10.33.1.1:{port}", "-m")
    before = router.stats()
    talk(router, client, "10.33.1.1", port, target=(VIP, service))
    packets = check_same(router, service)
    check_counts(router, before, packets, 0)


@case("IPVS, this host is the real server")
def _():
    port = next(ports)
    ipvs(f"{VIP}:{port}", f"127.0.0.1:{port}", "-g")
    before = router.stats()
    talk(router, client, VIP, port)
    check_counts(router, before, check_same(router, port), 0)


@case("IPVS, a client on this host")
def _():
    port, service = next(ports), next(ports)
    ipvs(f"{VIP}:{service}", f"10.33.2.2:{port}", "-m")
    before = router.stats()
    talk(server, router, "10.33.2.2", port, target=(VIP, service))
    close, = closes(router, port)
    check_close([close], SENT, RECEIVED, "SFPA SFPA", rexmit)
    equal(len(trace.records(router, service)), 0, "connections to the service")
    check_counts(router, before, sum(d.packets for d in close.dir), 0)
    with router:
        command("ipvsadm", "-C")


V4 = ("10.33.2.2", "10.33.5.2", "10.33.6.2", "10.33.4.2", "ip")
V6 = ("fd33:2::2", "fd33:5::2", "fd33:6::2", "fd33:4::2", "ip6")


@by_family("nft dup of what is forwarded", V4, V6)
def _(there, _bridged, nowhere, _second, family):
    port = next(ports)
    router.nft(f"""
table {family} twice {{
	chain pre {{
		type filter hook prerouting priority -150;
		tcp dport {port} dup to {nowhere} device "nowhere"
		tcp sport {port} dup to {nowhere} device "nowhere"
	}}
}}""")
    forwards_twice(there, port)
    router.nft(f"delete table {family} twice")


@by_family("nft dup of what this host sends and gets", V4, V6)
def _(there, _bridged, nowhere, _second, family):
    port = next(ports)
    router.nft(f"""
table {family} twice {{
	chain in {{
		type filter hook input priority 0;
		tcp sport {port} dup to {nowhere} device "nowhere"
	}}
	chain out {{
		type filter hook output priority 0;
		tcp dport {port} dup to {nowhere} device "nowhere"
	}}
}}""")
    before = router.stats()
    talk(server, router, there, port)
    close, = closes(router, port)
    check_close([close], SENT, RECEIVED, "SFPA SFPA", rexmit)
    packets = sum(d.packets for d in close.dir)
    check_counts(router, before, packets, packets)
    router.nft(f"delete table {family} twice")


@by_family("TEE", V4, V6)
def _(there, _bridged, nowhere, _second, family):
    port = next(ports)
    tool = "iptables" if family == "ip" else "ip6tables"
    with router:
        for match in "--dport", "--sport":
            command(tool, "-t", "mangle", "-A", "PREROUTING", "-p", "tcp",
                    match, str(port), "-j", "TEE", "--gateway", nowhere)
    forwards_twice(there, port)
    with router:
        command(tool, "-t", "mangle", "-F")


@by_family("two bridges", V4, V6)
def _(_there, bridged, _nowhere, _second, family):
    if family == "ip":
        command("modprobe", "br_netfilter")
        for name, *devices in (("br0", "bc", "b0"), ("br1", "b1", "bs")):
            bridge.ip(f"link add {name} type bridge", f"link set {name} up",
                      *(f"link set {d} up master {name}" for d in devices))
    client.reach(bridged)
    port = next(ports)
    before = bridge.stats()
    talk(server, client, bridged, port)
    packets = check_same(bridge, port)
    check_counts(bridge, before, packets, packets)


@by_family("a route that moves: each packet passes once", V4, V6)
def _(there, _bridged, _nowhere, _second, family):
    gateway = "10.33.4.1" if family == "ip" else "fd33:4::1"
    client.reach(gateway)
    port = next(ports)
    before = router.stats()
    talk(server, client, there, port, between=lambda: client.ip(
        f"route add {there} via {gateway}"))
    check_counts(router, before, check_same(router, port), 0)


@case("no record was lost")
def _():
    trace.check_silence("asymmetric", "seen_twice")
    # while br_netfilter is loaded, it is active in each new namespace
    command("modprobe", "-r", "br_netfilter")


run(also=r"IPVS: |ipip: |bridge: |Bridge |br[01]: |"
        r"(device )?b\w+:? (entered|left) ")
