# SPDX-License-Identifier: GPL-3.0-or-later
"""The same things, sent by one pair of programs after the other until they arrive."""

import os

import pstnet
import trees
from pstnet import check
from steps import MIB, expect_done

# Of what was sent before an interruption, so much may be sent again.
MAX_AGAIN_BYTES = 8 * MIB

# Longer than any step takes on a machine that has much else to do.
STEP_S = 180


def _told(program):
    return program.events_of("progress") if program is not None else []


def _repeats(program):
    """What a sender went back by, each time a link of its was replaced."""
    sent = [event["sent"] for event in _told(program)]
    return [before - after for before, after in zip(sent, sent[1:]) if after < before]


class Attempts:
    """One program after the other sends PATHS into one folder. What a receiver notes
    stays from one to the next."""

    def __init__(self, bench, paths, send_options=(), receive_options=(), number=0):
        self._bench, self.paths = bench, paths
        self._send_options, self._receive_options = send_options, receive_options
        self.output = bench.make_folder(f"out{number}")
        self._state = bench.make_folder(f"state{number}")
        self._before = trees.describe_items(paths)
        self.sender = self.receiver = None
        self._reached_bytes = 0  # before that was interrupted
        self._cause = None  # what interrupted it
        self.repeats = []  # what went twice because of each interruption

    def begin(self):
        self.begin_sender()
        self.begin_receiver()

    def begin_sender(self):
        self.receiver = None
        self.sender = self._bench.send(self.paths, *self._send_options)

    def begin_receiver(self):
        code = self.sender.wait_event("code", STEP_S)["code"]
        self.receiver = self._bench.receive(code, self.output, *self._receive_options,
                                            env={"XDG_STATE_HOME": self._state})

    @property
    def programs(self):
        return [program for program in [self.sender, self.receiver] if program is not None]

    def wait_written(self, n_bytes):
        for program in self.programs:
            program.wait_event("progress", STEP_S, lambda e: e["written"] >= n_bytes)

    def count(self, what):
        """An attempt was ended by WHAT: adds up what went twice so far. What a program
        sent in the tenth of a second before it was killed is not known."""
        self._count_repeats()
        reached = [told[-1]["sent"] for told in map(_told, self.programs) if told]
        self._reached_bytes = max([self._reached_bytes, *reached])
        self._cause = what

    def _count_repeats(self):
        """Of the attempt that is over: where it began, and where it went back to."""
        kept = self._kept()
        if self._cause is not None and kept is not None:
            self._note(self._cause, max(0, self._reached_bytes - kept))
            self._cause, self._reached_bytes = None, 0
        for repeat in _repeats(self.sender):
            self._note("a lost link", repeat)

    def _kept(self):
        """How much was there when the attempt began, once that is known: files are looked
        at one by one, while others are sent already."""
        done = self.receiver.events_of("done") if self.receiver is not None else []
        told = done or _told(self.receiver)
        is_one_file = len(self.paths) == 1 and os.path.isfile(self.paths[0])
        if done or is_one_file and told and told[-1]["sent"] > told[-1]["kept"]:
            return told[-1]["kept"]
        return None

    def _note(self, what, n_bytes):
        print(f"{what}: {n_bytes / MIB:.2f} MiB went twice", flush=True)
        self.repeats.append(n_bytes)

    def check_pieces(self):
        """What stands under a final name is what was sent."""
        found = trees.describe(self.output)
        for path, after in found.items():
            if path.startswith(pstnet.PARTIAL_PREFIX) or after["kind"] == "folder":
                continue
            check(path in self._before, f"{path!r} was never sent")
            check(after == self._before[path], f"{path!r} is {after}, not {self._before[path]}")

    def check_source(self):
        check(trees.describe_items(self.paths) == self._before, "the source is not what it was")

    def is_over(self):
        """Whether everything had arrived before somebody was killed, and the receiver knew
        that the sender had heard of it: what is sent again then arrives beside it."""
        if not os.listdir(self.output) or self._journals():
            return False
        pstnet.compare(self.paths, self.output)
        return True

    def _journals(self):
        folder = os.path.join(self._state, "penstock", "receipts")
        return os.listdir(folder) if os.path.isdir(folder) else []

    def finish(self, timeout_s=STEP_S):
        self.begin()
        return self.await_end(timeout_s)

    def await_end(self, timeout_s):
        expect_done(self.sender, self.receiver, timeout_s)
        pstnet.compare(self.paths, self.output)
        self.check_source()
        check(not self._journals(), f"journals are left: {self._journals()}")
        self._count_repeats()
        done = self.receiver.events_of("done")[0]
        print(f"{done['kept'] / MIB:.1f} MiB were there")
        check(max(self.repeats, default=0) <= MAX_AGAIN_BYTES,
              f"{max(self.repeats, default=0)} bytes went twice after one interruption")
        return done
