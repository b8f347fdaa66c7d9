# SPDX-License-Identifier: GPL-3.0-or-later
"""Several links in one connection, where GStreamer's own SCTP is at either end: they are
made where they bring something, one of them ends, the first one ends."""

import re

import pstnet
from pstnet import check
from steps import DONE, MAX_PEAK_BYTES, MEET_S, MIB, big_file, expect_leaves_alone, host, huge_file

STOCK = {"PST_LINK_STOCK": "1"}
TELLING = {"G_MESSAGES_DEBUG": "all"}

# So long a link may take to be made over a line that is full.
LINK_S = 60


def _begin(bench, path, links=None, stock=("sender", "receiver"), limit=None):
    output = bench.make_folder("out")
    wish = {"PST_LINK_BUNDLE": links} if links is not None else {}
    env = {name: {**TELLING, **wish, **(STOCK if name in stock else {})}
           for name in ["sender", "receiver"]}
    options = ["--limit", limit] if limit is not None else []
    sender, told = host(bench, [path], *options, env=env["sender"])
    receiver = bench.receive(told["code"], output, env=env["receiver"])
    return sender, receiver, path, output


def _end(sender, receiver, path, output, n_connections=1):
    for program in [receiver, sender]:
        program.expect_exit(DONE, 150)
        n_connected = len(program.events_of("connected"))
        check(n_connected == n_connections, f"{program.name} connected {n_connected} times")
    pstnet.compare([path], output)
    for program in [sender, receiver]:
        peak = program.peak_rss_bytes
        print(f"{program.name} {peak / MIB:.1f} MiB at most")
        check(peak <= MAX_PEAK_BYTES, f"{program.name} took {peak / MIB:.0f} MiB")


def _wait_for_links(n_links, *programs):
    for program in programs:
        program.wait_log(f"with link {n_links - 1} there are {n_links}", LINK_S * n_links)


def _port_of_link(program, number):
    """The port of one end of a link: each says its path once it has one."""
    paths = program.log_lines("DEBUG: path:") or program.log_lines("path: ")
    return int(re.search(r"path: \S+ (\d+) typ", paths[number]).group(1))


def _cut_link(bench, number, sender, receiver):
    for side, program in [("a", sender), ("b", receiver)]:
        bench.drop_udp(side, _port_of_link(program, number))


def gains(bench):
    """A line on which one link carries little: there soon are several, by what they bring."""
    bench.connect(delay_us=25_000, loss=0.01)
    sender, receiver, path, output = _begin(bench, big_file(bench, 8 * MIB))
    _wait_for_links(2, sender, receiver)
    _end(sender, receiver, path, output)


def mixed(bench, stock):
    """The same with our own elements at the other end. A sender with these would be done
    before there are links."""
    bench.connect(delay_us=25_000, loss=0.01)
    sender, receiver, path, output = _begin(bench, big_file(bench, 8 * MIB), "3!", [stock], limit="600k")
    _wait_for_links(3, sender, receiver)
    _end(sender, receiver, path, output)


def cut(bench):
    """A further link goes dark: it is done without, and nobody reads of it."""
    bench.connect(delay_us=1_000)
    sender, receiver, path, output = _begin(bench, big_file(bench, 36 * MIB), "3!", limit="3M")
    _wait_for_links(3, sender, receiver)
    _cut_link(bench, 1, sender, receiver)
    for program in [sender, receiver]:
        program.wait_log("without link 1 there are 2", MEET_S)
    _end(sender, receiver, path, output)


def first_cut(bench):
    """The first link goes dark, and with it the connection, which is replaced by one with
    a single link."""
    bench.connect(delay_us=1_000)
    sender, receiver, path, output = _begin(bench, big_file(bench, 24 * MIB), "2!", limit="2M")
    _wait_for_links(2, sender, receiver)
    _cut_link(bench, 0, sender, receiver)
    _end(sender, receiver, path, output, n_connections=2)


def stopped(bench, name):
    """At full speed over several links one of them stands still."""
    bench.connect(delay_us=1_000)
    sender, receiver, _, _ = _begin(bench, huge_file(bench), "4!")
    _wait_for_links(4, sender, receiver)
    pair = [sender, receiver]
    expect_leaves_alone(*(pair if name == "sender" else reversed(pair)))


SCENARIOS = {
    "links-gain": gains,
    "links-stock-sender": lambda bench: mixed(bench, "sender"),
    "links-stock-receiver": lambda bench: mixed(bench, "receiver"),
    "links-cut": cut,
    "links-first-cut": first_cut,
    "links-sender-stopped": lambda bench: stopped(bench, "sender"),
    "links-receiver-stopped": lambda bench: stopped(bench, "receiver"),
}
