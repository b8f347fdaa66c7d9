#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs penstock-cli against penstock-cli, in two network namespaces.

    scenario.py NAME --cli PATH --wire PATH --faulty-disk PATH --faulty-clock PATH
                     [--timeout SECONDS]
    scenario.py --list

Ends with 0 when everything held, 77 when this machine cannot run it, else 1.
docs/testing.md says what each scenario is for.
"""

import argparse
import collections
import json
import os
import resource
import sys
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


# What the scenarios are made of


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


# Finding each other, and the trees


def something(bench):
    """What is sent to see that two programs find each other."""
    paths = mixed_tree(bench)
    if full_gib():
        trees.make_many(bench.path("many"), 5000)
        paths += [bench.path("many"), big_file(bench, full_gib() * 1024 * MIB)]
    return paths


def patience_s():
    return 60 + 240 * full_gib()


def by_code(bench):
    bench.connect()
    _, receiver = deliver(bench, something(bench), timeout_s=patience_s())
    check(receiver.events_of("offer"), "the receiver was not shown what is offered")


def by_link(bench):
    bench.connect(groups=False)  # no beacon arrives: the link must do
    deliver(bench, something(bench), by="link", timeout_s=patience_s())


def by_server(bench):
    bench.connect()
    bench.start_mailbox("b")
    options = ["--server", "ws://10.77.0.2:4000/v1"]
    sender, _ = deliver(
        bench,
        something(bench),
        timeout_s=patience_s(),
        send_options=options,
        receive_options=options,
    )
    code = sender.events_of("code")[0]["code"]
    check(not code.startswith("0"), f"{code} is a code for one network only")


def ipv6_only(bench):
    bench.connect(ipv4=False)
    deliver(bench, something(bench), timeout_s=patience_s())


# Stock webrtcbin at one end, as older programs and others have it

STOCK = {"PST_LINK_STOCK": "1"}
FAST_THREAD = "pst-relay"


def expect_paths(program, is_fast):
    threads = program.events_of("connected")[0]["threads"]
    check(
        (FAST_THREAD in threads) == is_fast,
        f"{program.name} is not on the {'fast' if is_fast else 'stock'} path: {threads}",
    )


def deliver_across(bench, paths, stock, timeout_s, before=lambda sender, receiver: None):
    """Sends PATHS; the programs named in STOCK have no element of our own."""
    output = bench.make_folder(f"out{len(bench.programs)}")
    env = {name: STOCK if name in stock else {} for name in ["sender", "receiver"]}
    sender, told = host(bench, paths, env=env["sender"], on_event=Watch(output))
    receiver = bench.receive(told["code"], output, env=env["receiver"])
    before(sender, receiver)
    expect_done(sender, receiver, timeout_s)
    pstnet.compare(paths, output)
    for program in [sender, receiver]:
        expect_paths(program, program.name not in stock)
        peak = program.peak_rss_bytes
        print(f"{program.name} {peak / MIB:.1f} MiB at most")
        check(peak <= MAX_PEAK_BYTES, f"{program.name} took {peak / MIB:.0f} MiB")
    return sender, receiver


def _interop(bench, stock):
    paths = [*mixed_tree(bench), big_file(bench, 24 * MIB)]
    for family in ["ipv4", "ipv6"]:
        bench.connect(ipv4=family == "ipv4", ipv6=family == "ipv6")
        deliver_across(bench, paths, stock, 60)
        bench.disconnect()


def stock_sender(bench):
    _interop(bench, ["sender"])


def stock_receiver(bench):
    _interop(bench, ["receiver"])


# Wires that do to packets what they must not

FAULTS = {"loss": 0.02, "duplicate": 0.05, "reorder": 0.05, "corrupt": 0.02}
COUNTED_AS = {"loss": "lost", "duplicate": "duplicated", "reorder": "reordered",
              "corrupt": "corrupted"}


def _faults(bench, *names, stock=(), big_bytes=32 * MIB):
    bench.connect(delay_us=1_000, **{name: FAULTS[name] for name in names})
    paths = [*mixed_tree(bench), big_file(bench, big_bytes)]

    def corrupt(sender, receiver):
        for program in [sender, receiver]:
            program.wait_event("connected", MEET_S)
        bench.start_corrupting()

    deliver_across(bench, paths, stock, 60, corrupt)
    passed = bench.ask_wire()
    print(passed)
    for name in names:
        for way in ["there", "back"]:
            check(passed[way][COUNTED_AS[name]] > 0, f"nothing was {COUNTED_AS[name]} {way}")


def faults_all(bench):
    _faults(bench, *FAULTS)


def faults_stock_sender(bench):
    _faults(bench, *FAULTS, stock=["sender"], big_bytes=MIB)


def faults_stock_receiver(bench):
    _faults(bench, *FAULTS, stock=["receiver"], big_bytes=4 * MIB)


def folder_5000(bench):
    bench.connect()
    trees.make_many(bench.path("many"), 5000)
    deliver(bench, [bench.path("many")], timeout_s=120)


# Relays

RELAY_ADDRESS, RELAY_USER, RELAY_PASSWORD = "10.77.0.2", "user", "secret"


def _relay_only(query=""):
    url = f"turn://{RELAY_USER}:{RELAY_PASSWORD}@{RELAY_ADDRESS}:3478{query}"
    return ["--relay-only", "--turn", url]


def _relayed(bench, transport, query):
    bench.connect()
    bench.start_relay("b", RELAY_ADDRESS, RELAY_USER, RELAY_PASSWORD, transport)
    paths = [*mixed_tree(bench), big_file(bench, 8 * MIB)]
    options = _relay_only(query)
    for program in deliver(bench, paths, send_options=options, receive_options=options):
        expect_paths(program, True)
        routes = {event["route"] for event in program.events_of("connected")}
        check(routes == {"relay"}, f"{program.name} says that the bytes went by {routes}")


def turn(bench):
    _relayed(bench, "udp", "")


def turn_tcp(bench):
    _relayed(bench, "tcp", "?transport=tcp")


def turn_unreachable(bench):
    bench.connect()
    output = bench.make_folder("out")
    sender, told = host(bench, mixed_tree(bench), *_relay_only())
    receiver = bench.receive(told["code"], output, *_relay_only())
    for program in [sender, receiver]:
        expect_error(program, "no-path", NO_PATH, 45)
        took = program.ended_s - receiver.started_s
        check(took <= 38, f"{program.name} took {took:.1f} s to end")
        messages = [event["message"] for event in program.events_of("error")]
        print(f"{program.name} after {took:.1f} s: {messages}")
        check(len(messages) == 1, f"{program.name} told of more than one thing: {messages}")
        check("network path" in messages[0], f"{program.name} did not say what was wrong")
    expect_nothing_left(output)


# Saying no


def wrong_code(bench):
    bench.connect()
    output = bench.make_folder("out")
    sender, told = host(bench, mixed_tree(bench))
    nameplate, *words = told["code"].split("-")
    wrong = "-".join([nameplate, *["aardvark" if words[0] != "aardvark" else "absurd", *words[1:]]])
    receiver = bench.receive(wrong, output)
    for program in [receiver, sender]:
        expect_error(program, "wrong-code", WRONG_CODE, 30)
        took = program.ended_s - receiver.started_s
        check(took <= 5, f"{program.name} took {took:.1f} s to end")
    expect_nothing_left(output)


def decline(bench):
    bench.connect()
    output = bench.make_folder("out")
    sender, told = host(bench, mixed_tree(bench))
    receiver = bench.receive(told["code"], output, yes=False, keep_stdin=True)
    receiver.wait_event("offer", MEET_S)
    expect_nothing_left(output)
    receiver.say('{"accept": false}')
    receiver.expect_exit(DECLINED, MEET_S)
    sender.expect_exit(DECLINED, 10)
    expect_nothing_left(output)


def choose(bench):
    bench.connect()
    output = bench.make_folder("out")
    paths = [bench.path(name) for name in ["first", "second", "third"]]
    for path in paths:
        trees.write_file(path, path.encode(), 1_000_000_000)
    sender, told = host(bench, paths)
    receiver = bench.receive(told["code"], output, yes=False, keep_stdin=True)
    offer = receiver.wait_event("offer", MEET_S)
    wanted = [entry["index"] for entry in offer["entries"] if entry["path"] == "second"]
    check(len(wanted) == 1, f"what is offered is not what was sent: {offer['entries']}")
    receiver.say(json.dumps({"accept": wanted}))
    expect_done(sender, receiver, 30)
    pstnet.compare([paths[1]], output)


def _cancel(bench, canceller_of, other_of):
    bench.connect()
    pair = start_slow_transfer(bench)
    canceller, other, output = canceller_of(pair), other_of(pair), pair[2]
    at_s = canceller.interrupt()
    other.expect_exit(CANCELLED, 10)
    canceller.expect_exit(CANCELLED, 10)

    # A line that says so counts, and so does the end itself.
    seen_s = min([e["at_s"] for e in other.events_of("error")] + [other.ended_s])
    check(seen_s - at_s <= 2, f"{other.name} noticed after {seen_s - at_s:.1f} s")
    check(not canceller.is_running and not other.is_running, "a program is still there")
    expect_nothing_left(output)


def cancel_sender(bench):
    _cancel(bench, lambda pair: pair[0], lambda pair: pair[1])


def cancel_receiver(bench):
    _cancel(bench, lambda pair: pair[1], lambda pair: pair[0])


# The other one says nothing any more

# From being told to leave to the program's end.
LEAVE_S = 2

# docs/protocol.md: ten seconds without a byte. Half a second for a busy machine.
LOST_S = 10.5


def start_fast_transfer(bench):
    """A transfer at full speed that will not be finished soon: 4 GiB of hole."""
    output = bench.make_folder("out")
    with open(bench.path("huge"), "wb") as file:
        file.truncate(4 << 30)
    sender, told = host(bench, [bench.path("huge")])
    receiver = bench.receive(told["code"], output)
    for program in [sender, receiver]:
        program.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 16 * MIB)
        expect_paths(program, True)
    return sender, receiver


def _other_stopped(bench, stopped_of, other_of):
    bench.connect()
    pair = start_fast_transfer(bench)
    stopped, other = stopped_of(pair), other_of(pair)
    stopped.freeze()
    at_s = time.monotonic()
    if other is pair[0]:  # all that can leave has left
        other.wait_event("progress", 10, lambda event: event["at_s"] > at_s
                         and event["state"].startswith("held"))
    at_s = other.interrupt()
    other.expect_exit(CANCELLED, 10)
    print(f"{other.name} ended after {other.ended_s - at_s:.2f} s")
    check(other.ended_s - at_s <= LEAVE_S, f"{other.name} took {other.ended_s - at_s:.2f} s")


def sender_stopped(bench):
    _other_stopped(bench, lambda pair: pair[0], lambda pair: pair[1])


def receiver_stopped(bench):
    _other_stopped(bench, lambda pair: pair[1], lambda pair: pair[0])


def _expect_lost(programs, at_s, lost_s=LOST_S):
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


def _expect_again(programs, since_s, at_s=None):
    """They are connected anew, and bytes flow. Says when, counted from AT_S."""
    for program in programs:
        told = program.wait_event("connected", AGAIN_S, lambda event: event["at_s"] > since_s)
        print(f"{program.name} connected again after {told['at_s'] - (at_s or since_s):.2f} s")
        program.wait_event("progress", 20, lambda event: event["at_s"] > told["at_s"]
                           and event["state"] not in ["reconnecting", "stalled"])


def _leave(programs):
    """One leaves, in time, and the other one hears of it."""
    at_s = programs[0].interrupt()
    programs[0].expect_exit(CANCELLED, 10)
    check(programs[0].ended_s - at_s <= LEAVE_S,
          f"{programs[0].name} took {programs[0].ended_s - at_s:.2f} s to leave")
    programs[1].expect_exit(CANCELLED, 10)


def wire_cut(bench):
    """Nobody is told: silence alone says it."""
    bench.connect(delay_us=1_000)
    programs = start_fast_transfer(bench)
    at_s = time.monotonic()
    bench.cut_wire()
    _expect_lost(programs, at_s)
    mended_s = time.monotonic()
    bench.mend_wire()
    _expect_again(programs, at_s, mended_s)
    _leave(programs)


def link_down(bench):
    """The link goes for good: each of them leaves when told to, and not before."""
    bench.connect()
    programs = start_fast_transfer(bench)
    at_s = time.monotonic()
    bench.link_down("b")
    _expect_lost(programs, at_s)
    for program in programs:
        check(program.is_running, f"{program.name} gave up")
        at_s = program.interrupt()
        program.expect_exit(CANCELLED, 10)
        print(f"{program.name} ended after {program.ended_s - at_s:.2f} s")
        check(program.ended_s - at_s <= LEAVE_S, f"{program.name} took {program.ended_s - at_s:.2f} s")


# A link that is replaced


def _begin_again(bench, *options):
    """A transfer of some ten seconds, looked at while it runs."""
    output = bench.make_folder("out")
    path = big_file(bench, 48 * MIB)
    watch = Watch(output)
    sender, told = host(bench, [path], "--limit", "4M", *options, on_event=watch)
    receiver = bench.receive(told["code"], output, *options)
    for program in [sender, receiver]:
        program.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 4 * MIB)
    return sender, receiver, path, output


def _end_again(bench, sender, receiver, path, output):
    expect_done(sender, receiver, 60)
    pstnet.compare([path], output)
    again = [event for event in sender.events_of("connected")]
    check(len(again) >= 2, "the sender never connected again")
    # The file is sent once, and what was under way at the loss twice.
    lost = [event for event in sender.events_of("progress") if event["state"] == "reconnecting"]
    check(max(event["written"] for event in lost) > 0, "nothing was kept")


def again_link(bench):
    """The link is away for some seconds."""
    bench.connect()
    sender, receiver, path, output = _begin_again(bench)
    at_s = time.monotonic()
    bench.link_down("b")
    _expect_lost([sender, receiver], at_s)
    up_s = time.monotonic()
    bench.link_up("b")
    _expect_again([sender, receiver], at_s, up_s)
    _end_again(bench, sender, receiver, path, output)


def _again_elsewhere(bench, side):
    bench.connect()
    sender, receiver, path, output = _begin_again(bench)
    bench.change_address(side)
    at_s = time.monotonic()
    # What the one that moved sends may still arrive: then only it notices, falls silent,
    # and tells the other one as soon as it can.
    moved, other = (sender, receiver) if side == "a" else (receiver, sender)
    _expect_lost([moved], at_s)
    _expect_lost([other], at_s, 2 * LOST_S)
    _expect_again([sender, receiver], at_s)
    _end_again(bench, sender, receiver, path, output)


def again_stopped(bench):
    """A program stands still for longer than the other one has patience."""
    bench.connect()
    sender, receiver, path, output = _begin_again(bench)
    at_s = time.monotonic()
    receiver.freeze()
    _expect_lost([sender], at_s)
    thawed_s = time.monotonic()
    receiver.thaw()
    _expect_again([sender, receiver], at_s, thawed_s)
    _end_again(bench, sender, receiver, path, output)


def again_server(bench):
    """The mailbox server restarts, and has forgotten everything: a running link does
    not notice; one that is to be replaced waits for the server."""
    bench.connect()
    server = bench.start_mailbox("b")
    sender, receiver, path, output = _begin_again(bench, "--server", "ws://10.77.0.2:4000/v1")
    server.stop()
    at_s = time.monotonic()
    for program in [sender, receiver]:
        program.wait_event("progress", 10, lambda event: event["at_s"] > at_s + 1
                           and event["state"] != "reconnecting")
    at_s = time.monotonic()
    bench.link_down("b")
    _expect_lost([sender, receiver], at_s)
    bench.link_up("b")
    bench.start_mailbox("b")
    served_s = time.monotonic()
    _expect_again([sender, receiver], at_s, served_s)
    _end_again(bench, sender, receiver, path, output)


# Disks


def disk_full(bench):
    """There is no room from the beginning."""
    bench.connect()
    output = bench.make_folder("out")
    bench.mount_tmpfs(output, 8 * MIB)
    sender, told = host(bench, [big_file(bench, 24 * MIB)])
    receiver = bench.receive(told["code"], output)
    expect_error(receiver, "disk-full", FAILED, MEET_S)
    check(sender.wait(MEET_S) != DONE, "the sender believes that everything arrived")
    check(not os.path.exists(os.path.join(output, "big")), "an incomplete file has its final name")


def disk_fills(bench):
    """The room goes while the transfer runs, and comes again."""
    bench.connect()
    output = bench.make_folder("out")
    bench.mount_tmpfs(output, 40 * MIB)
    sender, told = host(bench, [big_file(bench, 24 * MIB)], "--limit", "2M")
    receiver = bench.receive(told["code"], output)
    receiver.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 0)
    others = os.path.join(output, "someone else's")
    _fill(others)
    for program, state in [(receiver, "full-my-disk"), (sender, "full-their-disk")]:
        told = program.wait_event("paused", 45, lambda event, state=state: event["state"] == state)
        check("disk is full: " in told["reason"] and "more needed" in told["reason"],
              f"{program.name} says {told['reason']!r}")
        program.wait_event("progress", 10, lambda event: event.get("missing", 0) > 4 * MIB)
    check(not os.path.exists(os.path.join(output, "big")), "an incomplete file has its final name")
    os.remove(others)
    expect_done(sender, receiver, 60)
    pstnet.compare([bench.path("big")], output)


def _fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            pass


def unwritable(bench):
    bench.connect()
    locked, in_the_way = bench.make_folder("locked"), bench.path("in the way")
    bench.mount_read_only(locked)
    trees.write_file(in_the_way, b"")
    for output in [locked, in_the_way]:
        sender, told = host(bench, mixed_tree(bench) if output == locked else [in_the_way])
        receiver = bench.receive(told["code"], output)
        expect_error(receiver, "destination", FAILED, MEET_S)
        sender.interrupt()  # it may still be waiting for someone
        check(sender.wait(10) != DONE, "the sender believes that everything arrived")


# Machines


def clock_jumps(bench):
    """The time of day is another one every twentieth of a second, on both sides."""
    bench.connect()
    paths = [*mixed_tree(bench), big_file(bench, 16 * MIB)]
    output = bench.make_folder("out")
    env = {"LD_PRELOAD": bench.faulty_clock}
    sender, told = host(bench, paths, "--limit", "4M", env=env)
    receiver = bench.receive(told["code"], output, env=env)
    expect_done(sender, receiver, 60)
    pstnet.compare(paths, output)
    for event in sender.events_of("progress"):
        check(-1 <= event["time_left_us"] < 60_000_000, f"a wrong time left: {event}")
    check(not [event for event in sender.events_of("waiting") if event["for"] == "reconnect"],
          "a link was taken for lost")


def few_descriptors(bench):
    """The receiver may open so many more files: enough for one, or for none."""
    bench.connect()
    path = bench.path("many")
    trees.make_many(path, 600)
    for n_more in [3, 0]:
        output = bench.make_folder(f"out{n_more}")
        sender, told = host(bench, [path])
        receiver = bench.receive(told["code"], output, yes=False, keep_stdin=True)
        receiver.wait_event("waiting", MEET_S, lambda event: event["for"] == "answer")
        receiver.limit(resource.RLIMIT_NOFILE, receiver.descriptors()[-1] + 1 + n_more)
        receiver.say('{"accept":true}')
        if n_more > 0:
            expect_done(sender, receiver, 60)
            pstnet.compare([path], output)
        else:
            expect_error(receiver, "destination", FAILED, 30)
            check("Too many open files" in receiver.events_of("error")[0]["message"],
                  "the receiver does not say why")
            check(sender.wait(MEET_S) == FAILED, "the sender believes that everything arrived")
            expect_nothing_left(output)


def little_memory(bench):
    """The receiver gets no more memory from some moment on: before the person
    answers, or in the middle. Whether it ends or goes on: what has a final name is
    whole, and the sender believes nothing else."""
    bench.connect()
    path = bench.path("many")
    trees.make_many(path, 300)
    paths = [path, big_file(bench, 24 * MIB)]
    for in_the_middle in [False, True]:
        output = bench.make_folder(f"out{in_the_middle}")
        sender, told = host(bench, paths, "--limit", "4M")
        receiver = bench.receive(told["code"], output, yes=in_the_middle, keep_stdin=True)
        if in_the_middle:
            receiver.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 0)
        else:
            receiver.wait_event("waiting", MEET_S, lambda event: event["for"] == "answer")
        receiver.limit(resource.RLIMIT_AS, receiver.memory_bytes())
        if not in_the_middle:
            receiver.say('{"accept":true}')
        status = receiver.wait(45)
        print(f"without more memory, {'in the middle' if in_the_middle else 'from the answer on'}: {status}")
        sender.interrupt()
        check(sender.wait(15) != DONE or status == DONE, "the sender believes what is not so")
        _expect_whole(paths, output)


def _expect_whole(paths, output):
    """What has a final name is what was sent; a folder's time comes last."""
    sent = trees.describe_items(paths)
    for path, found in trees.describe(output).items():
        if path.startswith(pstnet.PARTIAL_PREFIX):
            continue
        check(path in sent and found["kind"] == sent[path]["kind"], f"{path!r} was not sent")
        check(found["kind"] == "folder" or found == sent[path], f"{path!r} is not what was sent")


def missing_source(bench):
    bench.connect()
    sender = bench.send([bench.path("not there")])
    expect_error(sender, "source", FAILED, 10)
    check(not sender.events_of("code"), "a code was given for nothing")


# Bounds


def _peaks(bench, n_bytes, timeout_s):
    path = big_file(bench, n_bytes, f"file of {n_bytes}")
    programs = deliver(bench, [path], timeout_s=timeout_s)
    for program in programs:
        peak = program.peak_rss_bytes
        print(f"{n_bytes >> 20} MiB: {program.name} {peak / MIB:.1f} MiB at most")
        check(0 < peak <= MAX_PEAK_BYTES, f"{program.name} took {peak / MIB:.0f} MiB")
    os.remove(path)
    return [program.peak_rss_bytes for program in programs]


def memory(bench):
    bench.connect()
    large = full_gib() * 1024 * MIB or 256 * MIB
    before = _peaks(bench, 32 * MIB, 120)
    after = _peaks(bench, large, 480 if not full_gib() else 1200 * full_gib())
    for name, first, second in zip(["sender", "receiver"], before, after):
        check(second - first <= MAX_PEAK_GROWTH_BYTES, f"the {name}'s memory grows with the file")


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


def _watched_transfer(bench, state, timeout_s, receiver_env=()):
    output = bench.make_folder("out")
    path = big_file(bench, (96 if full_gib() else 24) * 1_000_000)
    watch = Watch(output)
    sender, told = host(bench, [path], on_event=watch)
    env = {key: value.replace("OUTPUT", output) for key, value in dict(receiver_env).items()}
    receiver = bench.receive(told["code"], output, env=env)
    expect_done(sender, receiver, timeout_s)
    pstnet.compare([path], output)
    watch.expect_mostly(state)
    for program in [sender, receiver]:
        print(f"{program.name} {program.peak_rss_bytes / MIB:.1f} MiB at most")
        check(
            program.peak_rss_bytes <= MAX_PEAK_BYTES,
            f"{program.name} took {program.peak_rss_bytes / MIB:.0f} MiB",
        )


def slow_disk(bench):
    bench.connect()
    env = {"LD_PRELOAD": bench.faulty_disk, "PST_FAULTY_DIRS": "OUTPUT", "PST_FAULTY_BPS": "1000000"}
    _watched_transfer(bench, "held-their-disk", 200 + patience_s(), env)


def slow_network(bench):
    bench.connect(rate_bps=1_250_000, delay_us=100_000)
    _watched_transfer(bench, "held-network", 260 + 2 * patience_s())


SCENARIOS = {
    "by-code": by_code,
    "by-link": by_link,
    "by-server": by_server,
    "ipv6-only": ipv6_only,
    "turn": turn,
    "turn-tcp": turn_tcp,
    "turn-unreachable": turn_unreachable,
    "stock-sender": stock_sender,
    "stock-receiver": stock_receiver,
    "faults-loss": lambda bench: _faults(bench, "loss"),
    "faults-duplicate": lambda bench: _faults(bench, "duplicate"),
    "faults-reorder": lambda bench: _faults(bench, "reorder"),
    "faults-corrupt": lambda bench: _faults(bench, "corrupt"),
    "faults-all": faults_all,
    "faults-stock-sender": faults_stock_sender,
    "faults-stock-receiver": faults_stock_receiver,
    "folder-5000": folder_5000,
    "wrong-code": wrong_code,
    "sender-stopped": sender_stopped,
    "receiver-stopped": receiver_stopped,
    "wire-cut": wire_cut,
    "link-down": link_down,
    "again-link": again_link,
    "again-sender-moves": lambda bench: _again_elsewhere(bench, "a"),
    "again-receiver-moves": lambda bench: _again_elsewhere(bench, "b"),
    "again-stopped": again_stopped,
    "again-server": again_server,
    "decline": decline,
    "choose": choose,
    "cancel-sender": cancel_sender,
    "cancel-receiver": cancel_receiver,
    "disk-full": disk_full,
    "disk-fills": disk_fills,
    "unwritable": unwritable,
    "clock-jumps": clock_jumps,
    "few-descriptors": few_descriptors,
    "little-memory": little_memory,
    "missing-source": missing_source,
    "memory": memory,
    "slow-disk": slow_disk,
    "slow-network": slow_network,
}


def main():
    built = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build-test")
    parser = argparse.ArgumentParser(description="Runs one scenario of the net suite.")
    parser.add_argument("name", nargs="?", choices=sorted(SCENARIOS))
    parser.add_argument("--list", action="store_true", help="name all scenarios")
    parser.add_argument(
        "--cli", default=os.environ.get("PST_NET_CLI", f"{built}/src/cli/penstock-cli")
    )
    parser.add_argument("--wire", default=f"{built}/tests/net/wire")
    parser.add_argument("--faulty-disk", default=f"{built}/tests/faults/faulty-disk.so")
    parser.add_argument("--faulty-clock", default=f"{built}/tests/faults/faulty-clock.so")
    parser.add_argument("--timeout", type=int, default=600, help="seconds (600)")
    options = parser.parse_args()
    if options.list or options.name is None:
        print("\n".join(SCENARIOS))
        return 0

    def test():
        programs = map(os.path.abspath, [options.cli, options.wire, options.faulty_disk,
                                         options.faulty_clock])
        with pstnet.Bench(*programs) as bench:
            began_s = time.monotonic()
            SCENARIOS[options.name](bench)
            print(f"{options.name}: held, {time.monotonic() - began_s:.1f} s")

    return pstnet.run(test, options.timeout)


if __name__ == "__main__":
    sys.exit(main())
