# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: Penstock in two ways here, the references beside it. Each
sends one file or folder from side a to side b and says when the first byte of
the content left, and when everything was on the other disk."""

import dataclasses
import hashlib
import os

import pstnet
import sources
import trees
from meter import Meter

CONNECT_S = 40


@dataclasses.dataclass
class Transfer:
    start_s: float  # the sender was started
    begin_s: float  # the first byte of content was sent
    end_s: float  # the last one was on the disk, and compared where the program does that


class Run:
    """One transfer: where, over which row, from what to what, and the programs
    that do it."""

    def __init__(self, bench, row, source, folder, timeout_s):
        self.bench, self.row, self.source, self.folder = bench, row, source, folder
        self.timeout_s = timeout_s
        self.output = os.path.join(folder, "arrived")
        os.makedirs(self.output)
        self.meters = {}
        self._programs = []

    def start(self, side, name, argv, is_measured=True, **how):
        program = self.bench.start(side, name, argv, **how)
        self._programs.append(program)
        if is_measured:
            self.meters[side] = Meter(program.pid)
        return program

    def arrived(self):
        """Where the file or folder is when it has arrived."""
        return os.path.join(self.output, os.path.basename(self.source))

    def stop(self):
        for meter in self.meters.values():
            meter.stop()
        for program in self._programs:
            program.stop()

    def cpu_s(self, transfer, begin_s):
        return sum(meter.cpu_s_between(begin_s, transfer.end_s) for meter in self.meters.values())

    def peak_bytes(self, side):
        return self.meters[side].peak_bytes

    def check(self, digest):
        """That what arrived is what was sent: names, kinds and content."""
        if self.row.many:
            sent, came = (_without_times(trees.describe(path)) for path in [self.source, self.arrived()])
            pstnet.check(sent == came, "the folder that arrived is different")
        else:
            pstnet.check(sources.digest_of(self.arrived()) == digest, "what arrived is different")


def _without_times(tree):
    """Not every program keeps times."""
    return {path: {**entry, "mtime_ns": None} for path, entry in tree.items()}


class Program:
    """One column of the table."""

    name = title = what = ""

    def build(self, _tools):
        """Makes what is needed; gives a name for what is measured."""
        raise NotImplementedError

    def send(self, run):
        """Does it and gives a Transfer; pstnet.Failure if it does not work."""
        raise NotImplementedError


def identity(path):
    """A short name for the content of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


_FLOWING = ("running", "held-network", "held-their-disk", "held-my-disk", "held-limit")


class Penstock(Program):
    what = ("penstock-cli: file to file through one data channel, sealed twice (DTLS and end to end), "
            "hashed on both sides, fsync; until the receiver has compared")
    stock_sides = ""  # of a and b, those that use webrtcbin as it is

    def __init__(self):
        self._cli = None
        self._extra_env = {}

    def build(self, tools):
        self._cli, self._extra_env = tools.cli, tools.env
        return " ".join([identity(self._cli), *(f"{k}={v}" for k, v in sorted(tools.env.items()))])

    def _start(self, run, side, name, *argv):
        stock = {"PST_LINK_STOCK": "1"} if side in self.stock_sides else {}
        env = {**self._extra_env, **stock, **dict(run.row.penstock_env)}
        return run.start(side, name, [self._cli, *argv], env=env)

    def start(self, run):
        """Both sides, until the first byte flows."""
        sender = self._start(run, "a", "sender", "send", "--json", run.source)
        code = sender.wait_event("code", CONNECT_S)["code"]
        receiver = self._start(run, "b", "receiver", "receive", "--json", "--yes",
                               "--output", run.output, code)
        begin = sender.wait_event("progress", CONNECT_S, lambda e: e["state"] in _FLOWING)
        return sender, receiver, begin

    def send(self, run):
        sender, receiver, begin = self.start(run)
        end = receiver.wait_event("done", run.timeout_s)
        receiver.expect_exit(0, CONNECT_S)
        sender.expect_exit(0, CONNECT_S)
        return Transfer(sender.started_s, begin["at_s"], end["at_s"])


class Fast(Penstock):
    name, title = "fast", "Penstock"


class Stock(Penstock):
    name, title = "stock", "Penstock, stock webrtcbin"
    what = "the same through webrtcbin as it is (PST_LINK_STOCK=1)"
    stock_sides = "ab"


class ToStock(Penstock):
    name, title = "to-stock", "Penstock to stock webrtcbin"
    what = "the same, only the receiver through webrtcbin as it is"
    stock_sides = "b"


class FromStock(Penstock):
    name, title = "from-stock", "Stock webrtcbin to Penstock"
    what = "the same, only the sender through webrtcbin as it is"
    stock_sides = "a"
