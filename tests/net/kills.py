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
from attempts import STEP_S, Attempts
from pstnet import check
from steps import (
    CANCELLED, DONE, FAILED, MIB, big_file, expect_done, host, mixed_tree,
)


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
    attempts.count(f"the {killed.name} was killed")
    attempts.check_pieces()
    attempts.check_source()
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
        attempts.count(f"the {program.name} was ended")
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


# Moments. Each begins an attempt and comes back when somebody is to be killed.


def _at_any_time(attempts, chance, life_s):
    """No part of a program's life is left out, not even before there is a code."""
    end_s = time.monotonic() + life_s * chance.random()
    attempts.begin_sender()
    while not attempts.sender.events_of("code"):
        if time.monotonic() >= end_s:
            return
        check(attempts.sender.is_running, "the sender ended before it had a code")
        time.sleep(0.01)
    attempts.begin_receiver()
    time.sleep(max(0, end_s - time.monotonic()))


def _after_a_step(attempts, chance, _):
    """Pairing, offer, verifying and finish are short: right after each of them, too."""
    steps = [("pairing", "waiting", lambda e: e["for"] == "path"),
             ("connected", "connected", lambda e: True),
             ("offer", "offer", lambda e: True),
             ("verifying", "progress", lambda e: e["state"] == "verifying"),
             ("done", "done", lambda e: True)]
    _, what, matches = chance.choice(steps)
    attempts.begin()
    program = chance.choice(attempts.programs) if what != "offer" else attempts.receiver
    _wait(program, what, matches)
    time.sleep(0.05 * chance.random())


def _after_some_bytes(attempts, chance, _):
    """In the middle of files, checkpoints and renames."""
    part = chance.random()
    attempts.begin()
    _wait(attempts.receiver, "progress", lambda e: e["written"] >= part * e["total"] > 0)
    time.sleep(0.02 * chance.random())


def _wait(program, what, matches):
    """A moment that is over before it was told of is one as well."""
    try:
        program.wait_event(what, STEP_S, matches)
    except pstnet.Failure:
        if program.is_running:
            raise


MOMENTS = [_at_any_time, _after_a_step, _after_some_bytes]


def _kill(attempts, chance):
    """One of them is killed; the other one is ended in any of the ways that leave
    something to go on with."""
    for program in attempts.programs:
        if not program.is_running:
            program.expect_exit(DONE, STEP_S)
    victims = chance.sample(attempts.programs, len(attempts.programs))
    victims[0].kill()
    for other in victims[1:]:
        chance.choice([other.kill, other.terminate])()
        other.wait(STEP_S)
    attempts.count(f"the {victims[0].name} was killed")


def _run(bench, paths, number, chance, life_s):
    options = chance.choice([(), ("--limit", "16M")])
    attempts = Attempts(bench, paths, options, number=number)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        moment = chance.choice(MOMENTS)
        moment(attempts, chance, life_s)
        _kill(attempts, chance)
        attempts.check_pieces()
        attempts.check_source()
        if attempts.is_over():
            print(f"run {number}: {moment.__name__}, all was there")
            break
    else:
        attempts.finish()
    shutil.rmtree(attempts.output)
    bench.forget_programs()


def _life_s(bench, paths):
    """How long both live when nobody is killed."""
    attempts = Attempts(bench, paths, number="-whole")
    began_s = time.monotonic()
    attempts.finish()
    return time.monotonic() - began_s


def kill_anywhere(bench):
    """A random side is killed at a random moment, again and again."""
    seed = int(os.environ.get("PST_KILL_SEED") or random.randrange(1 << 32))
    bench.connect()
    trees.make_many(bench.path("many"), 120)
    paths = [*mixed_tree(bench), bench.path("many"), big_file(bench, 12 * MIB)]
    life_s = _life_s(bench, paths)
    for run in range(int(os.environ.get("PST_KILL_RUNS") or 3)):
        print(f"PST_KILL_SEED={seed + run}", flush=True)
        _run(bench, paths, run, random.Random(seed + run), life_s)


SCENARIOS = {
    "killed-receiver": killed_receiver,
    "killed-sender": killed_sender,
    "terminated": terminated,
    "changed-source": changed_source,
    "kill-anywhere": kill_anywhere,
}
