# SPDX-License-Identifier: GPL-3.0-or-later
"""References over data channels: small programs (peers/) with other people's
libraries, which read each other's session descriptions from the benchmark."""

import os
import subprocess

import pstnet
from programs import CONNECT_S, Program, Transfer, identity

HERE = os.path.dirname(os.path.abspath(__file__))

_DONE = "file to file, SHA-256 on both sides, fsync; until the receiver has compared"


def _command(*argv, **how):
    done = subprocess.run(argv, capture_output=True, text=True, **how)
    if done.returncode != 0:
        raise pstnet.Failure(f"{' '.join(argv)}: {done.stderr.strip()[-2000:]}")
    return done.stdout


class Peers(Program):
    """Two programs that take turns at describing themselves."""

    def argv(self):
        """What starts the program, without its own arguments."""
        raise NotImplementedError

    def more(self):
        """Further arguments, at the end."""
        return []

    def env(self):
        return {}

    def _start(self, run, side, name, *argv):
        return run.start(side, name, [*self.argv(), *argv, *self.more()], env=self.env(), keep_stdin=True)

    def send(self, run):
        n_bytes = os.path.getsize(run.source)
        sender = self._start(run, "a", "sender", "send", run.source)
        receiver = self._start(run, "b", "receiver", "receive", run.arrived(), str(n_bytes))
        for one, other in [(sender, receiver), (receiver, sender)]:
            other.say(one.wait_event("description", CONNECT_S)["text"])
        begin = sender.wait_event("begin", CONNECT_S)
        end = receiver.wait_event("done", run.timeout_s)
        sent = sender.wait_event("sent", CONNECT_S)
        pstnet.check(sent["sha256"] == end["sha256"], "what arrived is different")
        return Transfer(sender.started_s, begin["at_s"], end["at_s"])


class Pion(Peers):
    name, title = "pion", "Pion"
    what = f"Debian's Pion (Go), a small program of the benchmark's: one data channel, messages of 65,535 bytes; {_DONE}"

    def __init__(self):
        self._program = None

    def build(self, tools):
        """Offline, from the sources that Debian packages."""
        self._program = os.path.join(tools.work, "pion")
        env = {**os.environ, "GOPATH": "/usr/share/gocode", "GO111MODULE": "off", "GOPROXY": "off",
               "GOCACHE": os.path.join(tools.work, "go-cache")}
        _command("go", "build", "-o", self._program, os.path.join(HERE, "peers", "pion.go"), env=env)
        return identity(self._program)

    def argv(self):
        return [self._program]


class LibDataChannel(Peers):
    name, title = "libdatachannel", "libdatachannel"
    what = ("libdatachannel (C++) by its binding to Node from npm, a small program of the benchmark's: one data "
            f"channel, messages of 65,536 bytes, its own settings; {_DONE}")
    buffer_bytes = 0

    # Debian has no package of it; this one brings the compiled library.
    PACKAGE = "node-datachannel@0.33.4"

    def __init__(self):
        self._folder = None

    def build(self, tools):
        self._folder = os.path.join(tools.work, "node")
        if not os.path.exists(os.path.join(self._folder, "node_modules", "node-datachannel")):
            os.makedirs(self._folder, exist_ok=True)
            _command("npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts",
                     self.PACKAGE, cwd=self._folder)
        node = _command("node", "--version").strip()
        return f"{self.PACKAGE} {node} {identity(self._script())}"

    @staticmethod
    def _script():
        return os.path.join(HERE, "peers", "libdatachannel.mjs")

    def argv(self):
        return ["node", self._script()]

    def more(self):
        return [str(self.buffer_bytes)]

    def env(self):
        return {"PST_BENCH_MODULES": self._folder}


class LibDataChannelLarge(LibDataChannel):
    name, title = "libdatachannel-8m", "libdatachannel, 8 MiB buffers"
    what = "the same with SCTP buffers of 8 MiB, which an application may ask for"
    buffer_bytes = 8 << 20
