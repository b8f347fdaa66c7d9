# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scenarios of the net suite are made of: constants, and steps of a run."""

import collections
import os
import time

import pstnet
import trees
from pstnet import check

MIB = 1 << 20

# What penstock-cli ends with.
DONE, FAILED, DECLINED, WRONG_CODE, CANCELLED, NO_PATH = 0, 1, 3, 4, 5, 6

# The channel takes whole frames: one may go above the mark.
MAX_FRAME_BYTES = 65_536

# Bounds for one side's peak. The first is far above what GStreamer and the
# buffers take, far below any file sent to measure it; the second allows for an
# allocator's moods, not for anything that grows with the file.
MAX_PEAK_BYTES = 96 * MIB
MAX_PEAK_GROWTH_BYTES = 32 * MIB

# Between a program's start and its code, between two programs' finding each
# other: generous, for a loaded machine.
START_S = 20
MEET_S = 30


def full_gib():
    """How large a file a person wants to see; 0 in the everyday suite."""
    return int(os.environ.get("PST_NET_FULL") or 0)


def host(bench, paths, *options, **how):
    """Starts a sender and waits for its code."""
    sender = bench.send(paths, *options, **how)
    return sender, sender.wait_event("code", START_S)


def expect_done(sender, receiver, timeout_s):
    for program in [receiver, sender]:
        program.expect_exit(DONE, timeout_s)
        check(program.events_of("done"), f"{program.name} ended without saying 'done'")


def expect_error(program, error, status, timeout_s):
    program.expect_exit(status, timeout_s)
    told = [event.get("error") for event in program.events_of("error")]
    check(error in told, f"{program.name} told of {told}, not of {error!r}")


def expect_nothing_left(output):
    left = sorted(trees.describe(output))
    check(not left, f"in the destination lies {left[:10]}")


def deliver(bench, paths, by="code", timeout_s=60, send_options=(), receive_options=()):
    """Sends PATHS over the network that is there, and compares what came."""
    output = bench.make_folder(f"out{len(bench.programs)}")
    sender, told = host(bench, paths, *send_options)
    receiver = bench.receive(told[by], output, *receive_options)
    expect_done(sender, receiver, timeout_s)
    pstnet.compare(paths, output)
    return sender, receiver


def mixed_tree(bench):
    trees.make_mixed(bench.path("mixed"))
    trees.write_file(bench.path("single file"), b"alone\n", 1_234_567_890_123_456_789)
    return [bench.path("mixed"), bench.path("single file")]


def big_file(bench, n_bytes, name="big"):
    trees.write_big_file(bench.path(name), n_bytes)
    return bench.path(name)


def start_slow_transfer(bench):
    """A transfer that will not be finished by itself: 64 MiB at 1 MB/s."""
    output = bench.make_folder("out")
    path = big_file(bench, 64 * MIB)
    sender, told = host(bench, [path], "--limit", "1M")
    receiver = bench.receive(told["code"], output)
    sender.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 0)
    receiver.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 0)
    return sender, receiver, output


# From being told to leave to the program's end.
LEAVE_S = 2


def huge_file(bench):
    """What is not sent soon at any speed: 4 GiB of hole."""
    with open(bench.path("huge"), "wb") as file:
        file.truncate(4 << 30)
    return bench.path("huge")


def expect_leaves(program):
    at_s = program.interrupt()
    program.expect_exit(CANCELLED, 10)
    print(f"{program.name} ended after {program.ended_s - at_s:.2f} s")
    check(program.ended_s - at_s <= LEAVE_S, f"{program.name} took {program.ended_s - at_s:.2f} s")


def expect_leaves_alone(stopped, other):
    """One of two stands still in the midst of it; the other one is told to leave."""
    stopped.freeze()
    at_s = time.monotonic()
    if other.name == "sender":  # all that can leave has left
        other.wait_event("progress", 10, lambda event: event["at_s"] > at_s
                         and event["state"].startswith("held"))
    expect_leaves(other)


class Watch:
    """Looks at each progress line of a sender, and at once at the disk."""

    def __init__(self, output):
        self._output = output
        self._last = None
        self.seconds_in = collections.Counter()
        self.disk_sizes = set()

    def __call__(self, event):
        if event.get("type") != "progress":
            return
        on_disk = pstnet.bytes_on_disk(self._output)
        self.disk_sizes.add(on_disk)
        check(
            event["written"] <= on_disk,
            f"{event['written']} bytes are said to be written, {on_disk} are",
        )
        check(event["written"] <= event["sent"] <= event["total"], f"figures do not fit: {event}")
        check(
            event["buffered"] <= event["high_mark"] + MAX_FRAME_BYTES,
            f"{event['buffered']} bytes wait above a mark of {event['high_mark']}",
        )
        if self._last is not None:
            self.seconds_in[self._last["state"]] += event["at_s"] - self._last["at_s"]
        self._last = event

    def expect_mostly(self, state):
        print("seconds in each state:", dict(self.seconds_in))
        # A file made at its full size at once would make the comparison empty.
        check(len(self.disk_sizes) >= 5, f"only {len(self.disk_sizes)} sizes were seen on the disk")
        most = max(self.seconds_in, key=self.seconds_in.get)
        check(most == state, f"most of the time the sender said {most!r}, not {state!r}")


# Links that are lost and replaced

# docs/protocol.md: ten seconds without a byte. Half a second for a busy machine.
LOST_S = 10.5


def expect_lost(programs, at_s, lost_s=LOST_S):
    """All of them notice in time, and begin to look for each other again."""
    for program in programs:
        told = program.wait_event("waiting", 30, lambda event: event["for"] == "reconnect"
                                  and event["at_s"] > at_s)
        print(f"{program.name} knew after {told['at_s'] - at_s:.2f} s")
        check(told["at_s"] - at_s <= lost_s, f"{program.name} took {told['at_s'] - at_s:.1f} s")
        program.wait_event("progress", 5, lambda event: event["at_s"] > at_s
                           and event["state"] == "reconnecting")


# From a network that is there again to a connection: what is left of the longest
# pause, a server that does not answer, and the search for a path.
AGAIN_S = 45


def expect_again(programs, since_s, at_s=None):
    """They are connected anew, and bytes flow. Says when, counted from AT_S."""
    for program in programs:
        told = program.wait_event("connected", AGAIN_S, lambda event: event["at_s"] > since_s)
        print(f"{program.name} connected again after {told['at_s'] - (at_s or since_s):.2f} s")
        program.wait_event("progress", 20, lambda event: event["at_s"] > told["at_s"]
                           and event["state"] not in ["reconnecting", "stalled"])


def begin_again(bench, *options):
    """A transfer of some ten seconds, looked at while it runs."""
    output = bench.make_folder("out")
    path = big_file(bench, 48 * MIB)
    watch = Watch(output)
    sender, told = host(bench, [path], "--limit", "4M", *options, on_event=watch)
    receiver = bench.receive(told["code"], output, *options)
    for program in [sender, receiver]:
        program.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 4 * MIB)
    return sender, receiver, path, output


def end_again(bench, sender, receiver, path, output):
    expect_done(sender, receiver, 60)
    pstnet.compare([path], output)
    again = [event for event in sender.events_of("connected")]
    check(len(again) >= 2, "the sender never connected again")
    # The file is sent once, and what was under way at the loss twice.
    lost = [event for event in sender.events_of("progress") if event["state"] == "reconnecting"]
    check(max(event["written"] for event in lost) > 0, "nothing was kept")
