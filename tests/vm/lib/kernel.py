# SPDX-License-Identifier: GPL-2.0
"""Features of this VM's kernel. A case that needs a missing feature is skipped.
If the kernel should have the feature, the script fails instead."""
import os
import subprocess

from check import Skip

# Kernels that are built without a feature; see tests/debug
MAY_LACK = {"6.1-ipv4": "IPv6", "6.1-noct": "conntrack"}


def check(what, there):
    """Fail if the kernel should have a feature that is missing. Return: whether
    the kernel has the feature."""
    name = os.environ["TCPTRACE_KERNEL"]
    if not there and MAY_LACK.get(name) != what:
        raise AssertionError(f"{name} has no {what}")
    return there


HAS_IPV6 = check("IPv6", os.path.exists("/proc/net/if_inet6"))
# NAT and flowtables need conntrack
HAS_CONNTRACK = check("conntrack", not subprocess.run(
    ["modprobe", "-qn", "nf_conntrack"], check=False).returncode)
# the nftables family of a table that sees all packets
ALL_IP = "inet" if HAS_IPV6 else "ip"
# KASAN keeps freed objects for a while, so caches do not shrink
FREES_AT_ONCE = os.environ["TCPTRACE_KERNEL"] != "debug-kasan"


def want_ipv6():
    if not HAS_IPV6:
        raise Skip("this kernel has no IPv6")


def want_conntrack():
    if not HAS_CONNTRACK:
        raise Skip("this kernel has no conntrack")


def usable(*addresses):
    """Return: the addresses whose family the kernel supports."""
    return [a for a in addresses if HAS_IPV6 or ":" not in a]
