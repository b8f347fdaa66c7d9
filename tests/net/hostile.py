# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody on the network, and a mailbox server, that mean ill."""

import os
import sys

import pstnet
import trees
from pstnet import check
from steps import (
    CANCELLED, DONE, MAX_PEAK_BYTES, MEET_S, MIB, START_S, WRONG_CODE, expect_error,
    expect_nothing_left, expect_done, host, mixed_tree,
)

# Their addresses, beside the sender's own.
FLOODERS = [f"10.77.0.{n}" for n in range(101, 105)]

# A person's patience, when a server keeps silent.
SILENCE_S = 75


def beacon_flood(bench):
    """From before the receiver listens until the end somebody floods the network, from
    four addresses, and holds all places of the sender's server."""
    bench.connect()
    for address in FLOODERS:
        pstnet._tool("ip", "-n", bench.namespace("a"), "addr", "add", f"{address}/24",
                     "dev", "link0")
    paths = mixed_tree(bench)
    output = bench.make_folder("out")
    sender, told = host(bench, paths)
    flood = bench.start("a", "flood", [
        sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "flood.py"),
        told["code"].split("-")[0], *FLOODERS])
    flood.wait_line("flooding", START_S)

    receiver = bench.receive(told["code"], output)
    receiver.wait_event("connected", 3 * MEET_S)
    descriptors = {program.name: len(program.descriptors()) for program in [sender, receiver]}
    check(flood.is_running, "the flood is over")
    expect_done(sender, receiver, 2 * MEET_S)
    pstnet.compare(paths, output)
    for program in [sender, receiver]:
        print(f"{program.name}: {program.peak_rss_bytes / MIB:.1f} MiB at most, "
              f"{descriptors[program.name]} descriptors")
        check(program.peak_rss_bytes <= MAX_PEAK_BYTES, f"{program.name} took too much memory")
        check(descriptors[program.name] <= 120, f"{program.name} has too many files open")


INTERRUPTED = 130

# What the server does, about what, and whether it may be that nobody can say anything:
# a server that keeps messages back cannot be told from one that waits.
LIES = [
    ("mirror", "message pake"),  # as if each had said what it said itself
    ("third", "message pake"),
    ("changed", "message pake"),
    ("twice", "message pake"),
    ("forever", "message version"),
    ("late", "message version"),
    ("drop", "message 0"),
    ("changed", "message 0"),
    ("forever", "message 0"),
    ("late", "message 0"),
    ("close", "message 1"),
    ("other-phase", "message 0"),
]


class _Talk:
    """Two programs that meet at a server which tells one lie, over and over."""

    def __init__(self, bench, paths, lie):
        self.lie = " ".join(lie)
        self._paths = paths
        port = bench.start_false_mailbox("b", *lie, "always")
        self._options = ["--server", f"ws://10.77.0.2:{port}/v1", "--wait", "5"]
        self.output = bench.make_folder(f"out-{port}")
        self.sender = bench.send(paths, *self._options)
        told = self.sender.wait_event("code", 3 * START_S)  # many begin at once
        self.receiver = bench.receive(told["code"], self.output, *self._options)

    def end(self):
        status = self.receiver.wait(SILENCE_S)
        self._expect_told(self.receiver, status)
        if status != DONE and self.sender.is_running:
            self.sender.interrupt()  # it may wait for another
            # Who is interrupted while ending anyway ends at once, and says nothing more.
            if self.sender.wait(10) == INTERRUPTED:
                expect_nothing_left(self.output)
                return status
        self._expect_told(self.sender, self.sender.wait(10))
        if status == DONE:
            pstnet.compare(self._paths, self.output)
        else:
            expect_nothing_left(self.output)
        return status

    def _expect_told(self, program, status):
        """In one sentence, unless the person themself has ended it."""
        messages = [event["message"] for event in program.events_of("error")]
        print(f"{self.lie}: {program.name} ended with {status}: {messages}")
        check(status in range(0, 7), f"{self.lie}: {program.name} ended with {status}")
        if status == DONE:
            check(program.events_of("done") and not messages, f"{self.lie}: {messages}")
        elif status != CANCELLED:
            check(len(messages) == 1 and messages[0].endswith(".") and "\x1b" not in messages[0],
                  f"{self.lie}: {program.name} says {messages}")


def lying_server(bench):
    """One server for each lie; all at once, since most of it is waiting."""
    bench.connect()
    paths = [bench.path("a file")]
    trees.write_file(paths[0], os.urandom(100_000), 1_234_567_890_123_456_789)
    talks = [_Talk(bench, paths, lie) for lie in LIES]
    ended = {talk.lie: talk.end() for talk in talks}
    check(ended["twice message pake"] == DONE, "a message that came twice was an obstacle")
    check(ended["changed message pake"] != DONE, "two paired although their keys were changed")
    check(ended["changed message 0"] != DONE, "two connected although a message was changed")


def _between(bench, code, guess, *options):
    """A server that leads each of the two to itself alone, and speaks with both: it has
    the code, or a guess. Gives the two, those in between, and their folders."""
    ports = [bench.start_false_mailbox("b") for _ in range(2)]
    servers = [["--server", f"ws://10.77.0.2:{port}/v1"] for port in ports]
    paths = [bench.path("secret"), bench.path("false")]
    for path in paths:
        trees.write_file(path, os.path.basename(path).encode(), 1_000_000_000)
    outputs = [bench.make_folder("stolen"), bench.make_folder("out")]
    sender = bench.send([paths[0]], "--code", code, *servers[0], *options, keep_stdin=True)
    false_sender = bench.send([paths[1]], "--code", guess, *servers[1], side="b")
    for program in [sender, false_sender]:
        program.wait_event("code", START_S)
    thief = bench.receive(guess, outputs[0], *servers[0])
    receiver = bench.receive(code, outputs[1], *servers[1], *options, side="a", keep_stdin=True)
    return [sender, receiver], [false_sender, thief], outputs


def man_in_the_middle(bench):
    bench.connect()
    # It guesses, and has one guess with each.
    two, between, outputs = _between(bench, "7-tissue-coherence", "7-tissue-congregate")
    for program in [*two, *between]:
        expect_error(program, "wrong-code", WRONG_CODE, MEET_S)
    for output in outputs:
        expect_nothing_left(output)
        os.rmdir(output)

    # It has overheard the code. Then the words are not the same, and people say so.
    two, between, outputs = _between(bench, "8-tissue-coherence", "8-tissue-coherence", "--verify")
    phrases = [program.wait_event("words", MEET_S)["phrase"] for program in two]
    print(phrases)
    check(phrases[0] != phrases[1], "both see the same words")
    for program in two:
        program.say('{"accept": false}')
    for program in two:
        program.expect_exit(WRONG_CODE, MEET_S)
    for program in between:
        check(program.wait(MEET_S) != DONE, f"{program.name} has come through")
    for output in outputs:
        expect_nothing_left(output)


SCENARIOS = {
    "beacon-flood": beacon_flood,
    "lying-server": lying_server,
    "man-in-the-middle": man_in_the_middle,
}
