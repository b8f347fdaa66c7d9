#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs penstock-cli against penstock-cli, in two network namespaces.

    scenario.py NAME --cli PATH --wire PATH --faulty-disk PATH --faulty-clock PATH
                     --false-mailbox PATH [--timeout SECONDS]
    scenario.py --list

Ends with 0 when everything held, 77 when this machine cannot run it, else 1.
docs/testing.md says what each scenario is for.
"""

import argparse
import json
import os
import resource
import sys
import time

import bundles
import hostile
import kills
import lines
import pstnet
import routes
import torture
import trees
from pstnet import check
from steps import (
    CANCELLED, DECLINED, DONE, FAILED, MAX_PEAK_BYTES, MAX_PEAK_GROWTH_BYTES, MEET_S,
    MIB, NO_PATH, START_S, WRONG_CODE, Watch, begin_again, big_file, deliver, end_again, expect_again,
    expect_done, expect_error, expect_leaves, expect_leaves_alone, expect_lost, expect_nothing_left, full_gib,
    host, huge_file, mixed_tree, start_slow_transfer,
)


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


# Devices that remember each other


def _data_of(bench, side):
    """What one side's person keeps from one program to the next."""
    return {"XDG_DATA_HOME": bench.path(f"data-{side}"), "PST_KEYRING": "none"}


def _manage(bench, side, *words):
    program = bench.start(
        side, "devices", [bench.cli, "devices", "--json", *words], env=_data_of(bench, side)
    )
    program.expect_exit(DONE, START_S)
    return program


def _remember(bench, by="code"):
    """Both remember each other, as `b` and `a`, while a file goes over."""
    paths = [bench.path("first")]
    trees.write_file(paths[0], b"first\n", 1_234_567_890_123_456_789)
    output = bench.make_folder("first-out")
    sender, told = host(bench, paths, "--remember-as", "b", env=_data_of(bench, "a"))
    receiver = bench.receive(
        told[by], output, "--remember-as", "a", env=_data_of(bench, "b")
    )
    expect_done(sender, receiver, patience_s())
    for program, name in [(sender, "b"), (receiver, "a")]:
        names = [event["name"] for event in program.events_of("remembered")]
        check(names == [name], f"{program.name} remembers {names}")


def _meet(bench, paths, *options):
    """The two meet again and send a tree, without a code."""
    output = bench.make_folder(f"out{len(bench.programs)}")
    sender = bench.send(paths, "--to", "b", *options, env=_data_of(bench, "a"))
    receiver = bench.receive(
        None, output, "--from", "a", *options, yes=False, env=_data_of(bench, "b")
    )
    expect_done(sender, receiver, patience_s())
    check(not sender.events_of("code"), "a code was shown")
    pstnet.compare(paths, output)


def _expect_forgotten(bench, *options):
    """Side b forgets a, which then finds nobody; and b is told that it knows none."""
    _manage(bench, "b", "forget", "a")
    check(not _manage(bench, "b").events_of("device"), "the device is still listed")
    output = bench.make_folder("never")
    expect_error(
        bench.receive(None, output, "--from", "a", env=_data_of(bench, "b")), "usage", 2, START_S
    )
    seeker = bench.receive(None, output, "--from", "b", *options, side="a", env=_data_of(bench, "a"))
    expect_error(seeker, "not-found", NO_PATH, 60)
    expect_nothing_left(output)


def device_nearby(bench):
    bench.connect()
    _remember(bench)
    _manage(bench, "b", "accept", "a", "on")
    devices = _manage(bench, "b").events_of("device")
    check([d["name"] for d in devices] == ["a"] and devices[0]["accepts"], f"kept: {devices}")
    _meet(bench, mixed_tree(bench))
    _expect_forgotten(bench)


def device_server(bench):
    """Only the server leads them to each other: no beacon arrives."""
    bench.connect(groups=False)
    _remember(bench, by="link")
    _manage(bench, "b", "accept", "a", "on")
    bench.start_mailbox("b")
    options = ["--server", "ws://10.77.0.2:4000/v1"]
    paths = mixed_tree(bench)
    _meet(bench, paths, *options)
    _meet(bench, paths, *options)  # in the same period, so at the same place


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


def start_fast_transfer(bench):
    """A transfer at full speed that will not be finished soon."""
    output = bench.make_folder("out")
    sender, told = host(bench, [huge_file(bench)])
    receiver = bench.receive(told["code"], output)
    for program in [sender, receiver]:
        program.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 16 * MIB)
        expect_paths(program, True)
    return sender, receiver


def sender_stopped(bench):
    bench.connect()
    sender, receiver = start_fast_transfer(bench)
    expect_leaves_alone(sender, receiver)


def receiver_stopped(bench):
    bench.connect()
    sender, receiver = start_fast_transfer(bench)
    expect_leaves_alone(receiver, sender)


def link_down(bench):
    """The link goes for good: each of them leaves when told to, and not before."""
    bench.connect()
    programs = start_fast_transfer(bench)
    at_s = time.monotonic()
    bench.link_down("b")
    expect_lost(programs, at_s)
    for program in programs:
        check(program.is_running, f"{program.name} gave up")
        expect_leaves(program)


# A link that is replaced


def again_link(bench):
    """The link is away for some seconds."""
    bench.connect()
    sender, receiver, path, output = begin_again(bench)
    at_s = time.monotonic()
    bench.link_down("b")
    expect_lost([sender, receiver], at_s)
    up_s = time.monotonic()
    bench.link_up("b")
    expect_again([sender, receiver], at_s, up_s)
    end_again(bench, sender, receiver, path, output)


def _again_elsewhere(bench, sides, *options):
    sender, receiver, path, output = begin_again(bench, *options)
    for side in sides:
        bench.change_address(side)
    at_s = time.monotonic()
    # What the one that moved sends may still arrive: the other one learns from what is
    # not acknowledged.
    expect_lost([sender, receiver], at_s)
    expect_again([sender, receiver], at_s)
    end_again(bench, sender, receiver, path, output)


def again_moves(bench, sides):
    """Some have another address: the host's own server, too."""
    bench.connect()
    _again_elsewhere(bench, sides)


def again_both_move_server(bench):
    """Both have another address, a server in between not."""
    bench.connect()
    bench.add_lasting_address("b", "10.78.0.1", "a")
    bench.start_mailbox("b")
    _again_elsewhere(bench, "ab", "--server", "ws://10.78.0.1:4000/v1")


def gone(bench):
    """A program is killed and says no goodbye: a script that waits for it comes to an end."""
    bench.connect()
    sender, receiver, _, _ = begin_again(bench, "--wait", "3s")
    at_s = time.monotonic()
    receiver.stop()
    expect_lost([sender], at_s)
    expect_error(sender, "not-found", NO_PATH, 15)
    print(f"sender after {sender.ended_s - at_s:.1f} s: {sender.events_of('error')[0]['message']}")


def again_server(bench):
    """The mailbox server restarts, and has forgotten everything: a running link does
    not notice; one that is to be replaced waits for the server."""
    bench.connect()
    server = bench.start_mailbox("b")
    sender, receiver, path, output = begin_again(bench, "--server", "ws://10.77.0.2:4000/v1")
    server.stop()
    at_s = time.monotonic()
    for program in [sender, receiver]:
        program.wait_event("progress", 10, lambda event: event["at_s"] > at_s + 1
                           and event["state"] != "reconnecting")
    at_s = time.monotonic()
    bench.link_down("b")
    expect_lost([sender, receiver], at_s)
    bench.link_up("b")
    bench.start_mailbox("b")
    served_s = time.monotonic()
    expect_again([sender, receiver], at_s, served_s)
    end_again(bench, sender, receiver, path, output)


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


def journal_full(bench):
    """What is received has room, but what is noted of it has a disk of its own that is full."""
    bench.connect()
    output, state = bench.make_folder("out"), bench.make_folder("state")
    bench.mount_tmpfs(state, 64 * 1024)
    os.makedirs(os.path.join(state, "penstock", "receipts"), 0o700)
    others = os.path.join(state, "someone else's")
    _fill(others)
    sender, told = host(bench, [big_file(bench, 24 * MIB)], "--limit", "2M")
    receiver = bench.receive(told["code"], output, env={"XDG_STATE_HOME": state})
    told = receiver.wait_event("warning", MEET_S)
    check(told["warning"] == "journal-full" and state in told["message"], f"the receiver says {told}")
    receiver.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 2 * MIB)
    os.remove(others)
    receiver.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 10 * MIB)
    names = os.listdir(os.path.join(state, "penstock", "receipts"))
    check(any(name.endswith(".journal") for name in names), "there is room, and nothing is noted")
    expect_done(sender, receiver, 60)
    check(len(receiver.events_of("warning")) == 1, "it is said more than once")
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
    """The receiver may open so many more files: enough for one at a time, or for none."""
    bench.connect()
    path = bench.path("many")
    trees.make_many(path, 600)
    for n_more in [5, 0]:
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
    "device-nearby": device_nearby,
    "device-server": device_server,
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
    "link-down": link_down,
    "again-link": again_link,
    "again-sender-moves": lambda bench: again_moves(bench, "a"),
    "again-receiver-moves": lambda bench: again_moves(bench, "b"),
    "again-both-move": lambda bench: again_moves(bench, "ab"),
    "again-both-move-server": again_both_move_server,
    "gone": gone,
    "again-server": again_server,
    "decline": decline,
    "choose": choose,
    "cancel-sender": cancel_sender,
    "cancel-receiver": cancel_receiver,
    "disk-full": disk_full,
    "disk-fills": disk_fills,
    "journal-full": journal_full,
    "unwritable": unwritable,
    "clock-jumps": clock_jumps,
    "few-descriptors": few_descriptors,
    "little-memory": little_memory,
    "missing-source": missing_source,
    "memory": memory,
    "slow-disk": slow_disk,
    "slow-network": slow_network,
    **bundles.SCENARIOS,
    **hostile.SCENARIOS,
    **lines.SCENARIOS,
    **kills.SCENARIOS,
    **torture.SCENARIOS,
    **routes.SCENARIOS,
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
    parser.add_argument("--false-mailbox", default=f"{built}/tests/pairing/run-false-mailbox")
    parser.add_argument("--timeout", type=int, default=600, help="seconds (600)")
    options = parser.parse_args()
    if options.list or options.name is None:
        print("\n".join(SCENARIOS))
        return 0

    def test():
        programs = map(os.path.abspath, [options.cli, options.wire, options.faulty_disk,
                                         options.faulty_clock, options.false_mailbox])
        with pstnet.Bench(*programs) as bench:
            began_s = time.monotonic()
            SCENARIOS[options.name](bench)
            print(f"{options.name}: held, {time.monotonic() - began_s:.1f} s")

    return pstnet.run(test, options.timeout)


if __name__ == "__main__":
    sys.exit(main())
