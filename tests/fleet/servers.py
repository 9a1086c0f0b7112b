# SPDX-License-Identifier: GPL-2.0
"""Run ClickHouse servers, and the journals and shippers of hosts, each in its
own folder."""
import contextlib
import glob
import os
import re
import signal
import subprocess
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
FLEET = TOP + "/userspace/fleet/"
TOOLS = os.environ["TCPTRACE_TOOLS"]
LIBRARY = TOOLS + "/clickhouse-common/usr/lib/x86_64-linux-gnu"
CLIENT = TOOLS + "/clickhouse-client/usr/bin/clickhouse-client"
SERVER = TOOLS + "/clickhouse-server/usr/sbin/clickhouse-server"
REMOTE = TOOLS + "/systemd-journal-remote/lib/systemd/systemd-journal-remote"
RSYSLOG = TOOLS + "/rsyslog"
NAMES = {"clickhouse-a": "127.0.0.1", "clickhouse-b": "127.0.0.2"}
MACHINE = "0123456789abcdef0123456789abcdef"
TICKS = os.sysconf("SC_CLK_TCK")

CONFIG = """<yandex>
<logger><level>error</level><log>{dir}/log</log>
<errorlog>{dir}/errors</errorlog></logger>
<listen_host>{address}</listen_host><tcp_port>9000</tcp_port>
<http_port>8123</http_port><path>{dir}/data/</path>
<tmp_path>{dir}/tmp/</tmp_path><users_config>{dir}/users.xml</users_config>
<default_profile>default</default_profile>
<default_database>default</default_database>
<mark_cache_size>67108864</mark_cache_size>
{cluster}</yandex>
"""
USERS = """<yandex>
<profiles><default><max_memory_usage>3000000000</max_memory_usage>
</default></profiles>
<users><default><password></password><networks><ip>127.0.0.0/8</ip></networks>
<profile>default</profile><quota>default</quota></default></users>
<quotas><default></default></quotas></yandex>
"""


def write(path, text, mode=0o644):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)
    return path


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read()


def statements(sql):
    """Split an SQL text into its statements, without comments."""
    text = re.sub("--.*", "", sql)
    return [s.strip() for s in text.split(";") if s.strip()]


def wait(condition, what, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("no " + what)
        time.sleep(0.2)


class Daemon:
    """Runs a process, which can be started again after it has ended."""

    def __init__(self, *argv, **more):
        self.argv, self.more = argv, more
        self.process = None
        self.cpu = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.argv, **self.more)

    def spent(self):
        """Return the CPU time in seconds that this process and its ended
        children have used."""
        stat = read(f"/proc/{self.process.pid}/stat").rpartition(")")[2]
        return sum(map(int, stat.split()[11:15])) / TICKS

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.cpu += self.spent()
            self.process.send_signal(number)
            self.process.wait(timeout=60)


class Shard(Daemon):
    def __init__(self, work, name):
        self.address = NAMES[name]
        folder = f"{work}/{name}"
        os.mkdir(folder)
        cluster = read(FLEET + "cluster.xml")
        for host, address in NAMES.items():
            cluster = cluster.replace(host, address)
        cluster = re.search("<yandex>(.*)</yandex>", cluster, re.DOTALL)[1]
        config = write(folder + "/config.xml", CONFIG.format(
            dir=folder, address=self.address, cluster=cluster))
        write(folder + "/users.xml", USERS)
        super().__init__(SERVER, "--config-file=" + config,
                         env=dict(os.environ, LD_LIBRARY_PATH=LIBRARY),
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def try_query(self, sql, *args):
        return subprocess.run(
            [work_client(), "--host", self.address, *args, "--query", sql],
            capture_output=True, text=True, timeout=300, check=False)

    def is_up(self):
        return self.try_query("SELECT 1").returncode == 0

    def query(self, sql, *args):
        """Run a query. Return: its rows, each a tuple of strings."""
        done = self.try_query(sql, *args)
        if done.returncode:
            raise AssertionError(f"{sql}\n{done.stderr}")
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]

    def load_schema(self):
        self.query(read(FLEET + "schema.sql"), "--multiquery",
                   "--allow_experimental_low_cardinality_type=1")


def work_client():
    return os.environ["FLEET_BIN"] + "/clickhouse-client"


def make_programs(work):
    """Make a folder for PATH, with a clickhouse-client that finds its library,
    and a logger that writes to a file."""
    folder = work + "/bin"
    os.mkdir(folder)
    os.environ["FLEET_BIN"] = folder
    os.environ["PATH"] = folder + ":" + os.environ["PATH"]
    write(folder + "/clickhouse-client",
          f"#!/bin/sh\nLD_LIBRARY_PATH={LIBRARY} exec {CLIENT} \"$@\"\n", 0o755)
    write(folder + "/logger",
          f"#!/bin/sh\necho \"$(uname -n) $*\" >>{work}/logged\n", 0o755)


class Journal(Daemon):
    """Runs a host's journal, and the shipper that tcptrace-ship.timer would
    start."""

    def __init__(self, work, name):
        self.name = name
        self.folder = f"{work}/{name}"
        self.file = f"{self.folder}/log/journal/{MACHINE}/system.journal"
        os.makedirs(os.path.dirname(self.file))
        self.remote = subprocess.Popen(
            [REMOTE, "--output", self.file, "--seal=no", "-"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.time = 1700000000000000
        super().__init__(*self.command(), start_new_session=True,
                         env=dict(os.environ, JOURNAL="--file=" +
                                  os.path.dirname(self.file) + "/*"),
                         stderr=open(work + "/errors", "ab"))

    def command(self):
        return "unshare", "--uts", "sh", "-c", \
            f"hostname {self.name}; " \
            f"while :; do {FLEET}tcptrace-ship {self.folder} " \
            f"{FLEET}tcptrace-insert --host 127.0.0.1; sleep 1; done"

    def add(self, lines):
        for line in lines:
            self.time += 1
            self.remote.stdin.write(
                f"__REALTIME_TIMESTAMP={self.time}\n"
                f"SYSLOG_IDENTIFIER=tcptrace-records\nMESSAGE={line}\n")
        self.remote.stdin.flush()

    def spent(self):
        """Return the CPU time in seconds that the processes of the session and
        their ended children have used."""
        ticks = 0
        for path in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError):
                stat = read(path).rpartition(")")[2].split()
                if int(stat[3]) == self.process.pid:
                    ticks += sum(map(int, stat[11:15]))
        return ticks / TICKS

    def size(self):
        """Return the size of the journal's files on the disk, in bytes."""
        return sum(os.stat(path).st_blocks * 512 for path in
                   glob.glob(os.path.dirname(self.file) + "/*"))

    def end(self, number=signal.SIGKILL):
        """Kill all processes of the session, whatever they are doing."""
        if self.process.poll() is None:
            self.cpu += self.spent()
            os.killpg(self.process.pid, number)
            self.process.wait(timeout=60)

    def forget(self):
        """Forget the position, as if the shipper had been killed before it
        stored the position."""
        for path in glob.glob(self.folder + "/cursor*"):
            os.unlink(path)

    def close(self):
        self.end()
        self.remote.stdin.close()
        self.remote.wait(timeout=60)


class Rsyslog(Journal):
    """Runs a host's journal, and rsyslogd as tcptrace-rsyslog.service would."""

    def command(self):
        state = self.folder + "/state"
        os.mkdir(state)
        config = read(FLEET + "tcptrace-rsyslog.conf.in").replace(
            "@LIBEXECDIR@/", FLEET)
        write(self.folder + "/rsyslog.conf", config)
        write(self.folder + "/machine-id", MACHINE + "\n")
        # the bind mounts put the journal at its usual path
        return "unshare", "--mount", "--uts", "sh", "-ec", f"""
            hostname {self.name}
            cd {self.folder}
            mount --bind log /var/log
            mount --bind machine-id /etc/machine-id
            export STATE_DIRECTORY={state} CLICKHOUSE=127.0.0.1
            {FLEET}tcptrace-rewind {state}
            exec {RSYSLOG}/usr/sbin/rsyslogd -n -iNONE -f rsyslog.conf \
                -M {RSYSLOG}/usr/lib/x86_64-linux-gnu/rsyslog"""

    def terminate(self):
        """Stop rsyslogd with the signal that systemd sends. rsyslogd may crash
        then: nothing relies on a clean stop."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)

    def forget(self):
        """Delete rsyslogd's files, as if the host had crashed before the files
        were on disk."""
        for name in ("queue*", "batch"):
            for path in glob.glob(f"{self.folder}/state/{name}"):
                os.unlink(path)
