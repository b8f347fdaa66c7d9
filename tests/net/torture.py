# SPDX-License-Identifier: GPL-3.0-or-later
"""One transfer, and everything that may happen to it. By hand: it takes long.

PST_TORTURE_MIB says how much is sent, PST_KILL_SEED repeats what was drawn.
"""

import os
import random
import time

from attempts import STEP_S, Attempts
from steps import CANCELLED, MIB, big_file

SERVER = ["--server", "ws://10.78.0.1:4000/v1"]


class Torture:
    def __init__(self, bench, n_bytes, chance):
        self.bench, self.chance = bench, chance
        self.began_s = time.monotonic()
        bench.connect()
        bench.add_lasting_address("b", "10.78.0.1", "a")
        self.server = bench.start_mailbox("b")
        path = big_file(bench, n_bytes)
        self.attempts = Attempts(bench, [path], ["--limit", "16M", *SERVER], SERVER)
        self.attempts.begin()

    def say(self, what):
        print(f"{time.monotonic() - self.began_s:.0f} s: {what}", flush=True)

    def wait_for(self, n_bytes):
        """Until it flows, and so much is written."""
        since_s = time.monotonic()
        for program in [self.attempts.receiver, self.attempts.sender]:
            program.wait_event("progress", STEP_S + n_bytes / MIB, lambda event: event["at_s"] > since_s
                               and event["state"] not in ["reconnecting", "stalled"]
                               and event["written"] >= n_bytes)

    def cut(self):
        seconds = self.chance.uniform(1, 30)
        self.say(f"the link is away for {seconds:.1f} s")
        self.bench.link_down("b")
        time.sleep(seconds)
        self.bench.link_up("b")

    def move(self, side):
        self.say(f"{side} has another address")
        self.bench.change_address(side)

    def restart_server(self):
        self.say("the server restarts")
        self.server.stop()
        self.server = self.bench.start_mailbox("b")

    def kill(self, name):
        self.say(f"the {name} is killed")
        killed = getattr(self.attempts, name)
        sender, receiver = self.attempts.sender, self.attempts.receiver
        other = receiver if killed is sender else sender
        killed.kill()
        other.wait_event("waiting", STEP_S, lambda event: event["for"] == "reconnect"
                         and event["at_s"] > killed.ended_s)
        other.interrupt()
        other.expect_exit(CANCELLED, STEP_S)
        self.attempts.count(f"the {name} was killed")
        self.attempts.check_pieces()
        self.attempts.begin()

    def run(self, n_bytes):
        events = [self.cut] * 10 + [lambda: self.move("a"), lambda: self.move("b")]
        events += [self.restart_server]
        events += [lambda: self.kill("sender"), lambda: self.kill("receiver")] * 3
        self.chance.shuffle(events)
        moments = sorted(self.chance.uniform(0, 0.95 * n_bytes) for _ in events)
        for event, moment in zip(events, moments):
            self.wait_for(moment)
            event()
        self.attempts.await_end(STEP_S + n_bytes / MIB)
        self.say("it is there")


def torture(bench):
    seed = int(os.environ.get("PST_KILL_SEED") or random.randrange(1 << 32))
    print(f"PST_KILL_SEED={seed}")
    n_bytes = int(os.environ.get("PST_TORTURE_MIB") or 4096) * MIB
    Torture(bench, n_bytes, random.Random(seed)).run(n_bytes)


SCENARIOS = {
    "torture": torture,
}
