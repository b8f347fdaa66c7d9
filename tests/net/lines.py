# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad lines: slow, lossy, or away for a while. Nothing fails, memory stays bounded, and
what is said of the transfer is true."""

import os
import time

import pstnet
from pstnet import check
from steps import (
    DONE, MAX_PEAK_BYTES, MEET_S, MIB, Watch, big_file, expect_again, expect_lost, host,
)

STOCK = {"PST_LINK_STOCK": "1"}

# 64 kbit/s, and a queue of a second before it, as a modem has.
SLOW_BPS, SLOW_QUEUE_MS, SLOW_DELAY_US = 8_000, 1_000, 50_000

# One way: longer than ICE waits before it sends a check for the second time.
FAR_DELAY_US = 1_100_000


def away_s():
    """How long something is away; in the everyday suite until the others notice."""
    return float(os.environ.get("PST_NET_AWAY") or 0)


def stay_away(since_s):
    time.sleep(max(0, since_s + away_s() - time.monotonic()))


def _begin(bench, n_bytes, stock):
    output = bench.make_folder("out")
    path = big_file(bench, n_bytes)
    watch = Watch(output)
    env = {name: STOCK if name in stock else {} for name in ["sender", "receiver"]}
    sender, told = host(bench, [path], env=env["sender"], on_event=watch)
    receiver = bench.receive(told["code"], output, env=env["receiver"])
    return sender, receiver, path, output, watch


def _end(sender, receiver, path, output, timeout_s):
    for program in [receiver, sender]:
        program.expect_exit(DONE, timeout_s)
    pstnet.compare([path], output)
    for program in [sender, receiver]:
        peak = program.peak_rss_bytes
        print(f"{program.name} {peak / MIB:.1f} MiB at most")
        check(peak <= MAX_PEAK_BYTES, f"{program.name} took {peak / MIB:.0f} MiB")


def _expect_never_lost(*programs):
    for program in programs:
        n_connected = len(program.events_of("connected"))
        check(n_connected == 1, f"{program.name} connected {n_connected} times")


def _lossy(bench, n_bytes, stock=()):
    """One packet in twenty is lost, one comes late, and the way there and back takes 100 ms."""
    bench.connect(delay_us=50_000, loss=0.05, reorder=0.05)
    sender, receiver, path, output, watch = _begin(bench, n_bytes, stock)
    _end(sender, receiver, path, output, 120)
    _expect_never_lost(sender, receiver)
    passed = bench.ask_wire()
    for way in ["there", "back"]:
        check(passed[way]["lost"] > 0 and passed[way]["reordered"] > 0, f"the line was good {way}")
    print("seconds in each state:", dict(watch.seconds_in))


def _slow(bench, stock=()):
    """A frame takes longer than the others' patience, if it is not made smaller."""
    bench.connect(rate_bps=SLOW_BPS, delay_us=SLOW_DELAY_US, queue_ms=SLOW_QUEUE_MS)
    sender, receiver, path, output, watch = _begin(bench, 160_000, stock)
    _end(sender, receiver, path, output, 120)
    _expect_never_lost(sender, receiver)
    print("seconds in each state:", dict(watch.seconds_in))
    # At first the buffer takes all; then what waits for the line is what holds it.
    said = {event["state"] for event in sender.events_of("progress")}
    check("reconnecting" not in said and "stalled" not in said, f"the sender said {said}")


def far(bench):
    """The other side of the world, over two satellites: 2.2 s there and back. A path is
    found in the time there is for it, although each answer comes late."""
    bench.connect(delay_us=FAR_DELAY_US)
    sender, receiver, path, output, _ = _begin(bench, MIB, ())
    _end(sender, receiver, path, output, 120)
    _expect_never_lost(sender, receiver)
    for program in [sender, receiver]:
        looking, connected = [
            program.wait_event(what, 0.1, matches)["at_s"]
            for what, matches in [("waiting", lambda e: e["for"] == "path"), ("connected", lambda e: True)]
        ]
        print(f"{program.name} found a path in {connected - looking:.1f} s")


def _away(bench, stop, go_on):
    """Somebody or something is away, for a minute if one wants, and comes back."""
    bench.connect(delay_us=1_000)
    sender, receiver, path, output, _ = _begin(bench, 128 * MIB, ())
    for program in [sender, receiver]:
        program.wait_event("progress", MEET_S, lambda event: event.get("written", 0) > 4 * MIB)
    before = {program: program.rss_bytes for program in [sender, receiver]}
    at_s = time.monotonic()
    stop(sender, receiver)
    noticing = [sender] if stop is stop_receiver else [sender, receiver]
    expect_lost(noticing, at_s)
    stay_away(at_s)
    for program in noticing:
        grown = program.rss_bytes - before[program]
        print(f"{program.name}: {grown / MIB:+.1f} MiB while it waited")
        check(grown <= 16 * MIB, f"{program.name} grew by {grown / MIB:.0f} MiB while it waited")
    back_s = time.monotonic()
    go_on(sender, receiver)
    expect_again([sender, receiver], at_s, back_s)
    _end(sender, receiver, path, output, 120)


def stop_receiver(_, receiver):
    receiver.freeze()


def peer_away(bench):
    _away(bench, stop_receiver, lambda _, receiver: receiver.thaw())


def line_away(bench):
    _away(bench, lambda *_: bench.cut_wire(), lambda *_: bench.mend_wire())


SCENARIOS = {
    "line-lossy": lambda bench: _lossy(bench, 16 * MIB),
    "line-lossy-stock-sender": lambda bench: _lossy(bench, MIB // 2, ["sender"]),
    "line-lossy-stock-receiver": lambda bench: _lossy(bench, 4 * MIB, ["receiver"]),
    "line-slow": _slow,
    "line-slow-stock-sender": lambda bench: _slow(bench, ["sender"]),
    "line-slow-stock-receiver": lambda bench: _slow(bench, ["receiver"]),
    "line-far": far,
    "line-away": line_away,
    "peer-away": peer_away,
}
