# SPDX-License-Identifier: GPL-2.0
"""Check that doctor says why the module is not loaded, and gives advice."""
import os
import shutil

from doctor import (OK, PROBLEM, UNKNOWN, WARNING, check, look,
                    others_are_well)
from tap import VERSION, Skip, case, cases, equal
from tree import RELEASE, Tree, module

OTHER = "6.12.117+deb12-amd64"
KO = RELEASE + "/updates/tcptrace.ko"
EFI = "sys/firmware/efi/efivars/"
SECURE_BOOT = EFI + "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"


def absent(client, *files, indexed=True):
    """Return: a machine that has not loaded the module, with @files in
    /lib/modules."""
    if not shutil.which("depmod", path="/sbin:/usr/sbin"):
        raise Skip("no depmod: install kmod")
    tree = Tree(client)
    tree.unload(*files)
    if indexed:
        tree.depmod()
    return tree


@case("doctor: not loaded, but nothing prevents loading")
def only_not_loaded(client):
    found = look(client, absent(client, (KO, module())), code=1)
    equal([finding["check"] for finding in found],
          "module kernel netfilter file signature modprobe flowtable bridge "
          "xdp tc namespace".split())
    check(found, "module", PROBLEM, "modprobe tcptrace", "make load")
    check(found, "file", OK, KO, VERSION)
    others_are_well(found, "module")


@case("doctor: loaded or not, by /proc/modules alone")
def by_proc(client):
    for name, verdict in ("tcptrace", OK), ("tcptrace_bench", PROBLEM):
        tree = absent(client, (KO, module()))
        tree.put({"proc/modules": f"nf_tables 1 0\n{name} 1 0 - Live\n"})
        check(look(client, tree, int(verdict == PROBLEM)), "module", verdict)


@case("doctor: not built, with and without headers")
def not_built(client):
    tree = absent(client)
    found = look(client, tree, code=1)
    check(found, "file", PROBLEM, "neither installed nor built", "'make'")
    check(found, "headers", PROBLEM, f"apt-get install linux-headers-{RELEASE}")
    others_are_well(found, "module", "file", "headers")
    tree.put({f"lib/modules/{RELEASE}/build/Makefile": ""})
    found = look(client, tree, code=1)
    check(found, "headers", OK)
    others_are_well(found, "module", "file")


@case("doctor: built in the source, not installed")
def not_installed(client):
    tree = absent(client)
    tree.put({f"build/{RELEASE}/module/tcptrace.ko": module()})
    found = look(client, tree, code=1)
    check(found, "file", OK, "make install", f"insmod build/{RELEASE}/")
    others_are_well(found, "module")
    tree.drop("build")
    tree.put({"x/build/userspace/tcptracectl": "",
              f"x/build/{RELEASE}/module/tcptrace.ko": module()})
    os.symlink(tree.root + "/x/build/userspace/tcptracectl",
               tree.root + "/proc/self/exe")
    check(look(client, tree, code=1), "file", OK, "x/build/" + RELEASE)


@case("doctor: installed for another kernel only")
def other_kernel(client):
    tree = absent(client, (f"{OTHER}/extra/tcptrace.ko.xz", "x"),
                  ("6.1.0-1-rt/updates/dkms/tcptrace.ko", "x"))
    found = look(client, tree, code=1)
    check(found, "file", PROBLEM, OTHER, "6.1.0-1-rt", RELEASE, "make install")
    check(found, "headers", PROBLEM, "linux-headers-" + RELEASE)


@case("doctor: wrong vermagic, broken file, not known to depmod")
def wrong_file(client):
    for release in OTHER, RELEASE + "x", "":
        found = look(client, absent(client, (KO, module(release))), code=1)
        check(found, "file", PROBLEM, f"built for '{release} ", RELEASE)
        others_are_well(found, "module", "file", "headers")
    found = look(client, absent(client, (KO, "no ELF"), indexed=False), code=1)
    check(found, "file", PROBLEM, KO, "make install")
    found = look(client, absent(client, (KO, module()), indexed=False), code=1)
    check(found, "file", OK, KO)
    check(found, "depmod", PROBLEM, "depmod " + RELEASE)
    others_are_well(found, "module", "depmod")


KEYS = """\
0b4e1d2f I--Q---     4 perm 1f3f0000     0 65534 keyring   _uid.0: empty
1d2c3b4a I------     1 perm 1f030000     0     0 asymmetri Debian: 6cce: X509.rsa
2d2c3b4a I------     1 perm 1f030000     0     0 asymmetri {}
"""
SIGNATURES = [
    ("not required", {}, (), None, OK, "no signature is required"),
    ("lockdown", {"sys/kernel/security/lockdown":
                  "none [integrity] confidentiality\n"}, (), None,
     PROBLEM, "lockdown"),
    ("sig_enforce", {"sys/module/module/parameters/sig_enforce": "Y\n"}, (),
     None, PROBLEM, "module.sig_enforce"),
    ("lockdown, signed", {"sys/kernel/security/lockdown":
                          "none integrity [confidentiality]\n"}, (), "Me",
     OK, "signed by Me"),
    ("lockdown, signed by a key of the kernel's",
     {"sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
      "proc/keys": KEYS.format("Me: 01fe: X509.rsa")}, (), "Me", OK,
     "signed by Me"),
    ("lockdown, signed by a key that is not enrolled",
     {"sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
      "proc/keys": KEYS.format("Us: 01fe: X509.rsa")}, (), "Me", PROBLEM,
     "signed by Me, and this kernel has no key"),
    ("sig_enforce, signed, and keys are hidden",
     {"sys/module/module/parameters/sig_enforce": "Y\n",
      "proc/keys": KEYS.splitlines(True)[0]}, (), "Me", OK, "signed by Me"),
    ("not required, signed by a key that is not enrolled",
     {"proc/keys": KEYS.format("Us: 01fe: X509.rsa")}, (), "Me", OK,
     "signed by Me"),
    ("Secure Boot, no lockdown to read", {SECURE_BOOT: b"\6\0\0\0\1"},
     ("sys/kernel/security",), None, WARNING, "Secure Boot is on"),
    ("Secure Boot is off", {SECURE_BOOT: b"\6\0\0\0\0"},
     ("sys/kernel/security",), None, OK, "no signature is required"),
    ("nothing can be read", {}, ("sys/kernel", "sys/firmware",
                                 "sys/module/module"), None,
     UNKNOWN, "state of lockdown and Secure Boot"),
]


@cases("doctor: signature", SIGNATURES)
def signature(client, files, missing, signer, verdict, text):
    tree = absent(client, (KO, module(signer=signer)))
    tree.drop(*missing)
    tree.put(files)
    found = look(client, tree, code=1)
    check(found, "signature", verdict, text,
          *(["mokutil --import" if signer else "sign-file"]
            if verdict in (WARNING, PROBLEM) else []))
    others_are_well(found, "module", "signature")


@cases("doctor: the kernel", [
    ("no modules", ["proc/modules"], {}, "kernel", PROBLEM, "without loadable"),
    ("modules_disabled", [], {"proc/sys/kernel/modules_disabled": "1\n"},
     "kernel", PROBLEM, "until a reboot"),
    ("no netfilter", ["proc/net/netfilter"], {}, "netfilter", PROBLEM,
     "CONFIG_NETFILTER"),
    ("module_blacklist", [], {"proc/cmdline":
                              "a module_blacklist=x,tcptrace,y b\n"},
     "modprobe", PROBLEM, "command line"),
    ("module_blacklist of others", [], {"proc/cmdline":
                                        "module_blacklist=tcptrace2,x\n"},
     "modprobe", OK, "nothing"),
    ("install in modprobe.d", [], {"etc/modprobe.d/x.conf":
                                   "install tcptrace /bin/false\n"},
     "modprobe", PROBLEM, "'/bin/false'"),
    ("blacklist in modprobe.d", [], {"etc/modprobe.d/x.conf":
                                     "blacklist tcptrace\n"},
     "modprobe", WARNING, "blacklist tcptrace"),
    ("blacklist of another module", [], {"etc/modprobe.d/x.conf":
                                         "blacklist tcptrace2\n"},
     "modprobe", OK, "nothing"),
])
def kernel(client, missing, files, name, verdict, text):
    tree = absent(client, (KO, module()))
    tree.drop(*missing)
    tree.put(files)
    found = look(client, tree, code=1)
    check(found, name, verdict, text)
    others_are_well(found, "module", name)


@case("doctor: a kernel without modules: advice to capture, no check of files")
def no_modules(client):
    tree = absent(client)
    tree.drop("proc/modules")
    found = look(client, tree, code=1)
    equal([finding["check"] for finding in found],
          "module kernel netfilter flowtable bridge xdp tc namespace".split())
    check(found, "module", PROBLEM, "tcptracectl watch -i any")
    check(found, "kernel", PROBLEM, "tcptracectl watch -i any", "CONFIG_MODULES")
    others_are_well(found, "module", "kernel")
    text = " ".join(finding.get("advice", "") for finding in found)
    for word in ("make", "modprobe", "insmod"):
        equal(word in text, False, word)
