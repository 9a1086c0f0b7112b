# SPDX-License-Identifier: GPL-2.0
"""Run the client in a terminal: a tmux server with its own socket."""
import os
import shlex
import shutil
import subprocess
import tempfile
import time

from tap import TIMEOUT, Skip

# Run the command; save the terminal's settings before and after it, and its
# exit status.
SCRIPT = """
trap : INT
stty -g >{dir}/before
{command}
echo $? >{dir}/status
stty -g >{dir}/after
echo "the end"
exec sleep 3600
"""


class Terminal:
    """Runs a command until a signal or a key ends the command."""

    def __init__(self, client, *args, width=100, height=24, env=None,
                 stdin=None, enter=()):
        if not shutil.which("tmux"):
            raise Skip("no tmux")
        self.dir = tempfile.mkdtemp(prefix="tcptracectl.tmux.")
        command = shlex.join([
            *enter, "env", *(f"{name}={value}" for name, value in (env or {}).items()),
            client.program, *args])
        if stdin:
            command += " <" + shlex.quote(stdin)
        script = SCRIPT.format(dir=self.dir, command=command)
        self.env = client.env(LC_ALL="C.UTF-8")
        for name in "TMUX", "TMUX_PANE":
            self.env.pop(name, None)
        self.tmux("new-session", "-d", "-x", str(width), "-y", str(height),
                  "sh", "-c", script)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)
        shutil.rmtree(self.dir)

    def tmux(self, *args, check=True):
        done = subprocess.run(["tmux", "-S", self.dir + "/socket", "-f",
                               "/dev/null", *args], env=self.env, check=check,
                              stdout=subprocess.PIPE, timeout=TIMEOUT)
        return done.stdout.decode()

    def lines(self):
        return self.tmux("capture-pane", "-p").split("\n")

    def text(self):
        return "\n".join(self.lines())

    def keys(self, *names):
        self.tmux("send-keys", *names)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def ask(self, name):
        """Return: a variable of tmux."""
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    def until(self, condition, what="what was expected"):
        """Wait until two consecutive readings of the screen are equal and meet
        the condition; before that, the program may still be writing. Return:
        the lines of the screen."""
        end = time.monotonic() + TIMEOUT
        before = None
        while True:
            lines = self.lines()
            if lines == before and condition(lines):
                return lines
            if time.monotonic() > end:
                raise AssertionError(f"not {what} in\n" + "\n".join(lines))
            before = lines
            time.sleep(0.05)

    def see(self, *texts):
        """Wait until the screen has all texts. Return: its lines."""
        return self.until(lambda lines: all(text in "\n".join(lines)
                                            for text in texts), repr(texts))

    def see_not(self, text):
        return self.until(lambda lines: text not in "\n".join(lines),
                          "without " + repr(text))

    def pid(self):
        """Return: the client's pid."""
        pane = self.ask("pane_pid")
        with open(f"/proc/{pane}/task/{pane}/children",
                  encoding="ascii") as file:
            return int(file.read().split()[0])

    def file(self, name):
        with open(os.path.join(self.dir, name), encoding="ascii") as file:
            return file.read().strip()

    def status(self):
        """Wait for the end. Return: the exit status."""
        self.see("the end")
        return int(self.file("status"))
