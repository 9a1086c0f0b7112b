# SPDX-License-Identifier: GPL-2.0
"""Check the owners in the JSON of list: processes (found by their sockets),
users, and containers (found by their cgroups or PID namespaces)."""
import json
import os
import pwd
import socket
import subprocess

import schema
from tables import CONTEXT, NAMES, ROWS
from tap import Skip, case, cases, equal

ID = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4
POD = "12345678_1234_1234_1234_123456789abc"

# The id of a cgroup is the inode number of its folder.
CGROUPS = """
mount -t tmpfs none /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup$1"
stat -c %i "/sys/fs/cgroup$1"
exec cat
"""


def one_row(**ends):
    """Return a table with one row: ROWS[3], but with the values of @ends in the
    columns that @ends names."""
    names = NAMES + CONTEXT
    cells = dict(zip(names, ROWS[3].split() + ["-"] * len(CONTEXT)))
    cells.update((name, str(value)) for name, value in ends.items())
    return " ".join(names) + "\n" + " ".join(cells[n] for n in names) + "\n"


def owners(out):
    schema.check(out)
    row = json.loads(out)
    return {name: value for name, value in row.items() if
            name.endswith(("_pid", "_comm", "_user", "_cgroup_path",
                           "_container"))}


def listed(client, **ends):
    out, _ = client.run("list", "--json", "--file",
                        client.path("table", one_row(**ends)))
    return owners(out)


NOBODY = {"orig_pid": None, "orig_comm": "", "resp_pid": None,
          "resp_comm": ""}


def comm_of(pid):
    with open(f"/proc/{pid}/comm", encoding="ascii") as file:
        return file.read().strip()


@case("list --json: a process that has the socket open, and its user")
def by_inode(client):
    comm = comm_of("self")
    me = pwd.getpwuid(os.getuid()).pw_name
    with socket.socket() as held:
        inode = os.fstat(held.fileno()).st_ino
        got = listed(client, resp_inode=inode, resp_uid=os.getuid())
        # list does not search for the socket's process if the table names the
        # process that sent a segment
        sent = listed(client, resp_inode=inode, resp_pid=4000000001,
                      resp_comm="other")
    equal(got, {**NOBODY, "resp_pid": os.getpid(), "resp_comm": comm,
                "resp_user": me})
    equal(sent, {**NOBODY, "resp_pid": 4000000001, "resp_comm": "other"})
    equal(listed(client, resp_inode=inode, orig_uid=4000000000,
                 resp_uid=4000000064),
          {**NOBODY, "orig_user": "4000000000", "resp_user": "4000000064"})


@case("list --json: a process found by inode in a table without processes")
def old_table(client):
    with socket.socket() as held:
        row = ROWS[3].split()
        row[NAMES.index("orig_inode")] = str(os.fstat(held.fileno()).st_ino)
        path = client.path("table", f"{' '.join(NAMES)}\n{' '.join(row)}\n")
        out, _ = client.run("list", "--json", "--file", path)
    equal(owners(out).get("orig_pid"), os.getpid())
    equal("resp_pid" in owners(out), False)


@cases("list --json: container", [
    ("none", "/system.slice/nginx.service", None),
    ("docker, cgroupfs", f"/docker/{ID}", "docker 0123456789ab"),
    ("docker, systemd", f"/system.slice/docker-{ID}.scope",
     "docker 0123456789ab"),
    ("a service inside", f"/system.slice/docker-{ID}.scope/init.scope",
     "docker 0123456789ab"),
    ("podman", f"/machine.slice/libpod-{ID}.scope/container",
     "podman 0123456789ab"),
    ("podman of a user", "/user.slice/user-1000.slice/user@1000.service/"
     f"user.slice/libpod-{ID}.scope", "podman 0123456789ab"),
    ("podman, in a pod", f"/machine.slice/machine-libpod_pod_{OTHER}.slice/"
     f"libpod-{ID}.scope", "podman 0123456789ab"),
    ("kubernetes, cgroupfs", f"/kubepods/burstable/pod{POD}/{ID}",
     "kubernetes 0123456789ab"),
    ("kubernetes, containerd",
     "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"
     f"{POD}.slice/cri-containerd-{ID}.scope", "containerd 0123456789ab"),
    ("kubernetes, cri-o", f"/kubepods.slice/kubepods-pod{POD}.slice/"
     f"crio-{ID}.scope", "cri-o 0123456789ab"),
    ("kubernetes, docker", f"/kubepods.slice/kubepods-pod{POD}.slice/"
     f"docker-{ID}.scope", "docker 0123456789ab"),
    ("kubernetes in docker", f"/docker/{OTHER}/kubelet/kubepods/besteffort/"
     f"pod{POD}/cri-containerd-{ID}.scope", "containerd 0123456789ab"),
    ("another runtime", f"/system.slice/nerdctl-{ID}.scope",
     "container 0123456789ab"),
    ("a number that is too short", f"/docker/{ID[1:]}", None),
    ("systemd-nspawn", "/machine.slice/machine-debian.scope/payload",
     "machine debian"),
    ("systemd-nspawn, as a service",
     "/machine.slice/systemd-nspawn@debian.service/payload/system.slice",
     "machine debian"),
    ("LXC", "/lxc.payload.web/system.slice/nginx.service", "lxc web"),
    ("the monitor of LXC", "/lxc.monitor.web", None),
])
def container(client, path, want):
    with subprocess.Popen(["unshare", "-Urm", "sh", "-e", "-c", CGROUPS,
                           "sh", path], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        inode = process.stdout.readline().decode().strip()
        if not inode:
            raise Skip("no mount namespace")
        done = subprocess.run(
            ["nsenter", "-t", str(process.pid), "-U", "-m",
             "--preserve-credentials", client.program, "list", "--json",
             "--file", client.path("table", one_row(orig_cgroup=inode))],
            capture_output=True, check=True, env=client.env())
        process.stdin.close()
    got = owners(done.stdout.decode())
    equal((got.get("orig_cgroup_path"), got.get("orig_container")),
          (path, want))


@case("list --json: a container without a name is its PID namespace")
def pid_namespace(client):
    with subprocess.Popen(["unshare", "-Urpf", "sh", "-c",
                           "echo ready; read line"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        if not process.stdout.readline():
            raise Skip("no PID namespace")
        path = f"/proc/{process.pid}/task/{process.pid}/children"
        with open(path, encoding="ascii") as file:
            pid = file.read().strip()
        inode = os.stat(f"/proc/{pid}/ns/pid").st_ino
        inside, other, here = (
            listed(client, orig_pid=number, orig_comm=name)
            for number, name in ((pid, "sh"), (pid, "cat"),
                                 (os.getpid(), comm_of("self"))))
        process.stdin.close()
    equal(inside.get("orig_container"), f"pidns {inode}", "of the process")
    equal([row.get("orig_container") for row in (other, here)], [None] * 2,
          "of a process with a different name, and of this one")
