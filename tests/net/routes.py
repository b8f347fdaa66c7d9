# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks on which there is not every way from one machine to the other: without a
family of addresses, without multicast, behind firewalls and NATs."""

import time

import pstnet
from internet import CONE, MAILBOX, OPEN, PUBLIC, STUN, SYMMETRIC, Internet
from pstnet import check
from steps import (
    DONE, MEET_S, MIB, NO_PATH, LOST_S, begin_again, big_file, deliver, end_again, expect_again,
    expect_done, expect_error, expect_lost, expect_nothing_left, host, mixed_tree,
)

# A search for a path, until it is given up; and half of that for a loaded machine.
SEARCH_S = 45

AT_SERVER = ["--server", MAILBOX]


def _deliver_by(bench, route, *options):
    """Sends something; both must say that it went by ROUTE."""
    paths = [*mixed_tree(bench), big_file(bench, 8 * MIB)]
    programs = deliver(bench, paths, send_options=options, receive_options=options)
    for program in programs:
        routes = {event["route"] for event in program.events_of("connected")}
        check(routes == {route}, f"{program.name} says that the bytes went by {routes}")


def _expect_no_path(bench, *options):
    """Both find each other, and say in one plain sentence that no path was found."""
    output = bench.make_folder("out")
    sender, told = host(bench, mixed_tree(bench), *options)
    receiver = bench.receive(told["code"], output, *options)
    for program in [sender, receiver]:
        expect_error(program, "no-path", NO_PATH, SEARCH_S)
        messages = [event["message"] for event in program.events_of("error")]
        print(f"{program.name} after {program.ended_s - receiver.started_s:.1f} s: {messages}")
        check(len(messages) == 1, f"{program.name} told of more than one thing: {messages}")
        check("network path" in messages[0], f"{program.name} did not say what was wrong")
    expect_nothing_left(output)


# One network


def ipv4_only(bench):
    bench.connect(ipv6=False)
    deliver(bench, mixed_tree(bench))


def no_multicast(bench):
    """The code alone cannot be found: it says so, and what to do. The link can."""
    bench.connect(groups=False)
    output = bench.make_folder("out")
    paths = mixed_tree(bench)
    sender, told = host(bench, paths)
    receiver = bench.receive(told["code"], output)
    expect_error(receiver, "not-found", NO_PATH, MEET_S)
    messages = [event["message"] for event in receiver.events_of("error")]
    print(messages)
    check(len(messages) == 1 and "link" in messages[0], f"it does not help: {messages}")
    check(sender.is_running, "the sender gave up")

    receiver = bench.receive(told["link"], output)
    for program in [receiver, sender]:
        program.expect_exit(DONE, MEET_S)
    pstnet.compare(paths, output)


def path_late(bench):
    """Nothing answers until the first search for a path has failed, as where a machine is
    busy: the second one finds it, and nobody is told of a fault."""
    bench.connect()
    bench.drop_udp("b")
    output = bench.make_folder("out")
    paths = mixed_tree(bench)
    debug = {"G_MESSAGES_DEBUG": "all"}
    sender, told = host(bench, paths, env=debug)
    receiver = bench.receive(told["link"], output, env=debug)
    for program in [sender, receiver]:
        program.wait_log("let go of link 0", SEARCH_S)
    bench.pass_udp("b")
    expect_done(sender, receiver, SEARCH_S)
    pstnet.compare(paths, output)
    for program in [sender, receiver]:
        check(not program.events_of("error"), f"{program.name} told of a fault")


# NATs


def nat_one_side(bench):
    """One home is behind a router, the other person's machine stands in the open."""
    internet = Internet(bench, b=OPEN)
    internet.start_mailbox()
    internet.start_relay()
    _deliver_by(bench, "direct", *AT_SERVER, "--stun", STUN)


def nat_both_sides(bench):
    internet = Internet(bench)
    internet.start_mailbox()
    internet.start_relay()
    _deliver_by(bench, "direct", *AT_SERVER, "--stun", STUN)


def nat_symmetric(bench):
    """No port is known in advance, so only a relay can help, and there is none."""
    internet = Internet(bench, SYMMETRIC, SYMMETRIC)
    internet.start_mailbox()
    internet.start_relay()
    _expect_no_path(bench, *AT_SERVER, "--stun", STUN)


def nat_symmetric_turn(bench):
    internet = Internet(bench, SYMMETRIC, SYMMETRIC)
    internet.start_mailbox()
    _, turn = internet.start_relay()
    _deliver_by(bench, "relay", *AT_SERVER, "--stun", STUN, "--turn", turn)


def nat_forgets(bench):
    """A router restarts in the middle: its ports are others from one moment to the next."""
    internet = Internet(bench)
    internet.start_mailbox()
    internet.start_relay()
    sender, receiver, path, output = begin_again(bench, *AT_SERVER, "--stun", STUN)
    at_s = time.monotonic()
    internet.forget_ports("b")
    expect_lost([sender, receiver], at_s)
    internet.set_router("b", CONE)
    expect_again([sender, receiver], at_s)
    end_again(bench, sender, receiver, path, output)


# Firewalls


def no_udp(bench):
    """Only TCP leaves the homes, and no relay can be reached by it."""
    internet = Internet(bench, allowed="meta l4proto tcp")
    internet.start_mailbox()
    internet.start_relay()
    _expect_no_path(bench, *AT_SERVER, "--stun", STUN)


def no_udp_turn(bench):
    internet = Internet(bench, allowed="meta l4proto tcp")
    internet.start_mailbox()
    _, turn = internet.start_relay(transport="tcp")
    _deliver_by(bench, "relay", *AT_SERVER, "--turn", turn)


def only_443(bench):
    """Nothing but TCP to port 443 leaves the homes, as in many an office."""
    internet = Internet(bench, allowed="tcp dport 443")
    internet.start_mailbox("192.0.2.2", 443)
    _, turn = internet.start_relay(PUBLIC, "tcp", 443)
    _deliver_by(bench, "relay", "--server", "ws://192.0.2.2:443/v1", "--turn", turn)


# Relays that go


def turn_dies(bench):
    """The relay that carries everything dies; another one has come up since."""
    internet = Internet(bench, SYMMETRIC, SYMMETRIC)
    internet.start_mailbox()
    first, turn = internet.start_relay()
    other_turn = turn.replace(PUBLIC, "192.0.2.3")
    sender, receiver, path, output = begin_again(
        bench, *AT_SERVER, "--turn", turn, "--turn", other_turn)
    internet.start_relay("192.0.2.3")
    at_s = time.monotonic()
    first.stop()
    expect_lost([sender, receiver], at_s)
    expect_again([sender, receiver], at_s)
    end_again(bench, sender, receiver, path, output)
    for program in [sender, receiver]:
        check(program.events_of("connected")[-1]["route"] == "relay", "no relay carried it")


def turn_dies_for_good(bench):
    """There is no other: it is looked for as long as was asked for, and then they say so."""
    internet = Internet(bench, SYMMETRIC, SYMMETRIC)
    internet.start_mailbox()
    relay, turn = internet.start_relay()
    sender, receiver, _, output = begin_again(
        bench, *AT_SERVER, "--turn", turn, "--wait", "5s")
    at_s = time.monotonic()
    relay.stop()
    expect_lost([sender, receiver], at_s)
    for program in [sender, receiver]:
        expect_error(program, "not-found", NO_PATH, LOST_S + 10)
        print(f"{program.name}: {program.events_of('error')[0]['message']}")
    check(pstnet.partial_files(output), "what came was not kept")


SCENARIOS = {
    "ipv4-only": ipv4_only,
    "no-multicast": no_multicast,
    "path-late": path_late,
    "nat-one-side": nat_one_side,
    "nat-both-sides": nat_both_sides,
    "nat-symmetric": nat_symmetric,
    "nat-symmetric-turn": nat_symmetric_turn,
    "nat-forgets": nat_forgets,
    "no-udp": no_udp,
    "no-udp-turn": no_udp_turn,
    "only-443": only_443,
    "turn-dies": turn_dies,
    "turn-dies-for-good": turn_dies_for_good,
}
