# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are killed, and others that go on with what they left.

PST_KILL_RUNS=N makes `kill-anywhere` as long as a person wants it; PST_KILL_SEED repeats
one run of it. docs/testing.md says what each scenario is for.
"""

import os
import random
import shutil
import time

import pstnet
import trees
from pstnet import check
from steps import CANCELLED, FAILED, MEET_S, MIB, big_file, expect_done, host, mixed_tree


class Attempts:
    """The same things, sent by one program after the other into one folder. What a
    receiver notes stays from one to the next."""

    def __init__(self, bench, paths, send_options=(), receive_options=(), number=0):
        self._bench, self.paths = bench, paths
        self._send_options, self._receive_options = send_options, receive_options
        self.output = bench.make_folder(f"out{number}")
        self._state = bench.make_folder(f"state{number}")
        self._before = trees.describe_items(paths)
        self.sender = self.receiver = None
        self.fresh_bytes = 0  # went over the wire, in all attempts
        self.n_interruptions = self.n_counted = 0

    def begin(self):
        env = {"XDG_STATE_HOME": self._state}
        self.sender, told = host(self._bench, self.paths, *self._send_options)
        self.receiver = self._bench.receive(told["code"], self.output, *self._receive_options,
                                            env=env)

    def wait_written(self, n_bytes):
        for program in [self.sender, self.receiver]:
            program.wait_event("progress", 60, lambda e: e["written"] >= n_bytes)

    def count(self, program):
        """Adds what went in this attempt, as the program saw it that was not killed."""
        told = program.events_of("progress") + program.events_of("done")
        fresh = [e["sent"] - e["kept"] for e in told if "sent" in e]
        self.fresh_bytes += max(fresh, default=0)
        self.n_interruptions += 1
        self.n_counted += 1

    def check_pieces(self):
        """What stands under a final name is what was sent; the source is what it was."""
        found = trees.describe(self.output)
        for path, after in found.items():
            if path.startswith(pstnet.PARTIAL_PREFIX) or after["kind"] == "folder":
                continue
            check(path in self._before, f"{path!r} was never sent")
            check(after == self._before[path], f"{path!r} is {after}, not {self._before[path]}")
        check(trees.describe_items(self.paths) == self._before, "the source is not what it was")

    def is_over(self):
        """Whether everything had arrived before somebody was killed: there is nothing
        to go on with then, and what is sent again arrives beside it."""
        journals = os.path.join(self._state, "penstock", "receipts")
        noted = os.path.isdir(journals) and os.listdir(journals)
        if not os.listdir(self.output) or noted:
            return False
        pstnet.compare(self.paths, self.output)
        return True

    def finish(self, timeout_s=120):
        self.begin()
        return self.await_end(timeout_s)

    def await_end(self, timeout_s):
        expect_done(self.sender, self.receiver, timeout_s)
        pstnet.compare(self.paths, self.output)
        check(trees.describe_items(self.paths) == self._before, "the source is not what it was")
        left = os.listdir(os.path.join(self._state, "penstock", "receipts"))
        check(not left, f"journals are left: {left}")
        done = self.receiver.events_of("done")[0]
        self.fresh_bytes += done["total"] - done["kept"]
        again = self.fresh_bytes - done["total"]
        print(f"{done['kept'] / MIB:.1f} MiB were there")
        if self.n_counted == self.n_interruptions:
            print(f"{again / MIB:.1f} MiB went twice")
            check(again <= self.n_counted * MAX_AGAIN_BYTES, f"{again} bytes went twice")
        return done


# Of what was sent before an interruption, so much may be sent again.
MAX_AGAIN_BYTES = 8 * MIB


def _killed(bench, killed_of):
    bench.connect()
    attempts = Attempts(bench, [big_file(bench, 64 * MIB)], ["--limit", "16M"])
    attempts.begin()
    attempts.wait_written(24 * MIB)
    killed = killed_of(attempts)
    survivor = attempts.sender if killed is attempts.receiver else attempts.receiver
    killed.kill()
    survivor.wait_event("waiting", 15, lambda event: event["for"] == "reconnect")
    survivor.interrupt()
    survivor.expect_exit(CANCELLED, 10)
    attempts.count(survivor)
    attempts.check_pieces()
    check(pstnet.partial_files(attempts.output), "nothing was kept")
    done = attempts.finish()
    check(done["kept"] >= 24 * MIB, f"only {done['kept']} bytes were kept")
    offer = attempts.receiver.events_of("offer")[0]
    check(offer["there"] > 0, "the offer does not say that it goes on")


def killed_receiver(bench):
    _killed(bench, lambda attempts: attempts.receiver)


def killed_sender(bench):
    _killed(bench, lambda attempts: attempts.sender)


def terminated(bench):
    """The machine is shut down properly: what came is kept as well."""
    bench.connect()
    attempts = Attempts(bench, [big_file(bench, 32 * MIB)], ["--limit", "16M"])
    for program_of in [lambda: attempts.receiver, lambda: attempts.sender]:
        attempts.begin()
        attempts.wait_written(8 * MIB)
        program = program_of()
        program.terminate()
        program.expect_exit(CANCELLED, 10)
        other = attempts.sender if program is attempts.receiver else attempts.receiver
        # Which of two goodbyes it hears first says what it calls the end.
        check(other.wait(15) in [FAILED, CANCELLED], f"{other.name} does not know that it failed")
        attempts.count(other)
        check(pstnet.partial_files(attempts.output), "nothing was kept")
    attempts.finish()


def changed_source(bench):
    """What the sender changed meanwhile is sent again, and both sides say so."""
    bench.connect()
    path = big_file(bench, 32 * MIB)
    attempts = Attempts(bench, [path], ["--limit", "16M"])
    attempts.begin()
    attempts.wait_written(8 * MIB)
    attempts.receiver.kill()
    attempts.sender.kill()
    trees.write_big_file(path, 32 * MIB, seed=2)
    sender, told = host(bench, [path])
    receiver = bench.receive(told["code"], attempts.output,
                             env={"XDG_STATE_HOME": bench.path("state0")})
    expect_done(sender, receiver, 60)
    pstnet.compare([path], attempts.output)
    for program in [sender, receiver]:
        done = program.events_of("done")[0]
        check((done["kept"], done["again"]) == (0, 1), f"{program.name} said {done}")


def kill_anywhere(bench):
    """A random side is killed at a random moment, again and again."""
    seed = int(os.environ.get("PST_KILL_SEED") or random.randrange(1 << 32))
    print(f"PST_KILL_SEED={seed}")
    chance = random.Random(seed)
    bench.connect()
    trees.make_many(bench.path("many"), 300)
    paths = [*mixed_tree(bench), bench.path("many"), big_file(bench, 24 * MIB)]
    for run in range(int(os.environ.get("PST_KILL_RUNS") or 3)):
        attempts = Attempts(bench, paths, number=run)
        for _ in range(chance.randint(1, 3)):
            attempts.begin()
            attempts.receiver.wait_event("connected", MEET_S)
            time.sleep(2 * chance.random() ** 2)
            killed, other = attempts.sender, attempts.receiver
            if chance.random() < 0.5:
                killed, other = other, killed
            killed.kill()
            # The other one is ended in any of the ways that leave something to go on with.
            chance.choice([other.kill, other.terminate])()
            other.wait(15)
            attempts.n_interruptions += 1
            attempts.check_pieces()
            if attempts.is_over():
                break
        else:
            attempts.finish()
        shutil.rmtree(attempts.output)
        bench.forget_programs()


class Torture:
    """One transfer, and everything that may happen to it. By hand: it takes long."""

    SERVER = ["--server", "ws://10.78.0.1:4000/v1"]

    def __init__(self, bench, n_bytes, chance):
        self.bench, self.chance = bench, chance
        self.step_bytes = n_bytes // 24
        self.written = 0
        bench.connect()
        bench.add_lasting_address("b", "10.78.0.1", "a")
        self.server = bench.start_mailbox("b")
        path = big_file(bench, n_bytes)
        self.attempts = Attempts(bench, [path], ["--limit", "16M", *self.SERVER], self.SERVER)
        self.attempts.begin()

    def wait_for_more(self):
        """Until it flows, and some more is written than ever before."""
        self.written += self.step_bytes
        since_s = time.monotonic()
        for program in [self.attempts.receiver, self.attempts.sender]:
            program.wait_event("progress", 180, lambda event: event["at_s"] > since_s
                               and event["state"] not in ["reconnecting", "stalled"]
                               and event["written"] >= self.written)

    def cut(self):
        seconds = self.chance.uniform(1, 30)
        print(f"the link is away for {seconds:.1f} s")
        self.bench.link_down("b")
        time.sleep(seconds)
        self.bench.link_up("b")

    def move(self, side):
        print(f"{side} has another address")
        self.bench.change_address(side)

    def restart_server(self):
        print("the server restarts")
        self.server.stop()
        self.server = self.bench.start_mailbox("b")

    def kill(self, name):
        print(f"the {name} is killed")
        killed = getattr(self.attempts, name)
        sender, receiver = self.attempts.sender, self.attempts.receiver
        other = receiver if killed is sender else sender
        killed.kill()
        other.wait_event("waiting", 20, lambda event: event["for"] == "reconnect"
                         and event["at_s"] > killed.ended_s)
        other.interrupt()
        other.expect_exit(CANCELLED, 10)
        self.attempts.count(other)
        self.attempts.check_pieces()
        self.attempts.begin()

    def run(self):
        events = [self.cut] * 10 + [lambda: self.move("a"), lambda: self.move("b")]
        events += [self.restart_server]
        events += [lambda: self.kill("sender"), lambda: self.kill("receiver")] * 3
        self.chance.shuffle(events)
        for event in events:
            self.wait_for_more()
            event()
        self.attempts.await_end(3600)


def torture(bench):
    seed = int(os.environ.get("PST_KILL_SEED") or random.randrange(1 << 32))
    print(f"PST_KILL_SEED={seed}")
    n_bytes = int(os.environ.get("PST_TORTURE_MIB") or 4096) * MIB
    Torture(bench, n_bytes, random.Random(seed)).run()


SCENARIOS = {
    "killed-receiver": killed_receiver,
    "killed-sender": killed_sender,
    "terminated": terminated,
    "changed-source": changed_source,
    "kill-anywhere": kill_anywhere,
    "torture": torture,
}
