# SPDX-License-Identifier: GPL-3.0-or-later
"""References over TCP: TLS alone, and magic-wormhole."""

import os
import random
import shutil
import subprocess
import time

import machine
import pstnet
from programs import CONNECT_S, Program, Transfer, identity

_ADDRESS = "10.77.0.2"


class Tls(Program):
    name, title = "tls", "TLS over TCP"
    what = ("a small program of the benchmark's (OpenSSL): file to file through one TLS 1.3 connection, "
            "SHA-256 on both sides, fsync; until the receiver has compared. CUBIC")

    def control(self):
        return machine.congestion_control()

    def __init__(self):
        self._program = self._certificate = None

    def build(self, tools):
        self._program = os.path.join(tools.build, "tests/bench/tls-peer")
        self._certificate = os.path.join(tools.work, "certificate.pem")
        self._make_certificate()
        return identity(self._program)

    def _make_certificate(self):
        parts = [f"{self._certificate}.{part}" for part in ["key", "cert"]]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=bench",
                        "-days", "30", "-keyout", parts[0], "-out", parts[1]],
                       check=True, capture_output=True)
        with open(self._certificate, "wb") as whole:
            for part in parts:
                with open(part, "rb") as file:
                    whole.write(file.read())
                os.remove(part)

    def send(self, run):
        def argv(role, path):
            return [self._program, role, _ADDRESS, "4433", path, self._certificate]

        receiver = run.start("b", "receiver", argv("receive", run.arrived()))
        receiver.wait_event("ready", CONNECT_S)
        sender = run.start("a", "sender", [*argv("send", run.source), self.control()])
        begin = sender.wait_event("begin", CONNECT_S)
        end = receiver.wait_event("done", run.timeout_s)
        sender.expect_exit(0, CONNECT_S)
        receiver.expect_exit(0, CONNECT_S)
        return Transfer(sender.started_s, begin["at_s"], end["at_s"])


class TlsBbr(Tls):
    name, title = "tls-bbr", "TLS over TCP with BBR"
    what = "the same with another congestion control, which hardly minds losses"

    def control(self):
        return "bbr"


class Wormhole(Program):
    name, title = "wormhole", "magic-wormhole"
    what = ("Debian's, with its reference mailbox server, direct TCP: file to file, sealed, hashed, no "
            "fsync; from the first byte in the receiver's file to its final name. A folder is packed "
            "into one archive and unpacked. CUBIC")

    _LOOK_S = 0.005

    def build(self, _tools):
        if shutil.which("wormhole") is None:
            raise pstnet.Failure("wormhole is not installed")
        done = subprocess.run(["wormhole", "--version"], capture_output=True, text=True, check=True)
        return done.stdout.strip() or done.stderr.strip()

    def send(self, run):
        server = run.bench.start_mailbox("b")
        # No relay: it would be asked for, and nothing answers at its name.
        common = ["wormhole", f"--relay-url=ws://{_ADDRESS}:4000/v1", f"--transit-helper=tcp:{_ADDRESS}:1"]
        code = f"{random.randint(2, 999)}-bench-bench"
        sender = run.start("a", "sender", [*common, "send", "--hide-progress", "--code", code, run.source])
        receiver = run.start("b", "receiver", [
            *common, "receive", "--hide-progress", "--accept-file", "-o", run.arrived(), code])
        begin_s = self._wait_for(run, receiver, run.row.many)
        receiver_end_s = self._end_of(run, receiver)
        sender.expect_exit(0, CONNECT_S)
        server.stop()
        return Transfer(sender.started_s, begin_s, receiver_end_s)

    def _wait_for(self, run, receiver, is_folder):
        """The first byte under the name the receiver uses until the end."""
        paths = [run.arrived(), *([] if is_folder else [run.arrived() + ".tmp"])]
        deadline = time.monotonic() + CONNECT_S + (run.timeout_s if is_folder else 0)
        while time.monotonic() < deadline:
            if any(os.path.exists(path) and os.stat(path).st_size > 0 for path in paths):
                return time.monotonic()
            pstnet.check(receiver.is_running, "the receiver ended before anything came")
            time.sleep(self._LOOK_S)
        raise pstnet.Failure("nothing came")

    def _end_of(self, run, receiver):
        deadline = time.monotonic() + run.timeout_s
        if run.row.many:
            receiver.expect_exit(0, run.timeout_s)
            return receiver.ended_s
        while not os.path.exists(run.arrived()):
            pstnet.check(time.monotonic() < deadline, f"not done within {run.timeout_s} s")
            time.sleep(self._LOOK_S)
        end_s = time.monotonic()
        receiver.expect_exit(0, CONNECT_S)
        return end_s
