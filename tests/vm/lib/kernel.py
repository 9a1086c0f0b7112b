# SPDX-License-Identifier: GPL-2.0
"""What the kernel of this VM has. A case that wants more is skipped, and says
so; but a kernel that should have it fails the script, with all its cases."""
import os
import subprocess

# Those that are built without it: tests/debug
MAY_LACK = {"6.1-ipv4": "IPv6", "6.1-noct": "conntrack"}


class Skip(Exception):
    """It cannot be shown here; says why."""


def check(what, there):
    """Return: whether it is there."""
    name = os.environ["TCPTRACE_KERNEL"]
    if not there and MAY_LACK.get(name) != what:
        raise AssertionError(f"{name} has no {what}")
    return there


HAS_IPV6 = check("IPv6", os.path.exists("/proc/net/if_inet6"))
# with it come NAT and flowtables
HAS_CONNTRACK = check("conntrack", not subprocess.run(
    ["modprobe", "-qn", "nf_conntrack"], check=False).returncode)
# nftables' family of a table for all packets
ALL_IP = "inet" if HAS_IPV6 else "ip"


def want_ipv6():
    if not HAS_IPV6:
        raise Skip("this kernel has no IPv6")


def want_conntrack():
    if not HAS_CONNTRACK:
        raise Skip("this kernel has no conntrack")


def usable(*addresses):
    """Those that this kernel can have."""
    return [a for a in addresses if HAS_IPV6 or ":" not in a]


def set_ipv6(name, value):
    """A file of /proc/sys/net/ipv6, if there is IPv6."""
    if HAS_IPV6:
        with open(f"/proc/sys/net/ipv6/{name}", "w",
                  encoding="ascii") as file:
            file.write(str(value))
