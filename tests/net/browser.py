#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our elements and a browser, in two network namespaces.

    browser.py offers|answers --peer PATH [--timeout SECONDS]

The browser makes the offer or the answer; the other side is tests/link/channel-peer.
Ends with 0 when everything held, 77 when there is no Chromium or no right to make
namespaces, else 1.
"""

import argparse
import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench"))

import cdp  # noqa: E402
import chromium  # noqa: E402
import pstnet  # noqa: E402
from pstnet import check  # noqa: E402

# A machine that does other things lets a browser wait.
PATIENCE_S = 60

FILE_BYTES = 20_000_000

# One byte, a packet, one more than a packet takes, the largest, and some more.
SIZES = [1, 1135, 1200, 65535, 65536, 3, 20000]


class Ends:
    """A browser and a peer of ours that are connected."""

    def __init__(self, bench, peer_path, browser_offers):
        self._bench = bench
        self.browser = cdp.Browser(bench, "a", "browser", chromium.program())
        self.browser.load(os.path.join(HERE, "browser.js"))
        self.browser.run("prepare()")
        self.peer = bench.start("b", "peer", [peer_path, "answer" if browser_offers else "offer"],
                                keep_stdin=True)
        if browser_offers:
            self.peer.say(self.run("offer()"))
            self.run(f"connect({self._description()})")
        else:
            self.peer.say(self.run(f"answer({self._description()})"))
        self.run("channels.penstock.opened.then(() => true)")
        self.peer.wait_event("open", PATIENCE_S)

    def _description(self):
        return self.peer.wait_event("description", PATIENCE_S)["text"]

    def run(self, script):
        return self.browser.run(script, PATIENCE_S)

    def tell(self, **line):
        self.peer.say(json.dumps(line))

    def wait_channel(self, what, label):
        """The peer's channel of that name is open ("channel") or "closed"."""
        self.peer.wait_event(what, PATIENCE_S, lambda event: event["label"] == label)

    def figures(self):
        self.tell(type="figures")
        return self.peer.wait_event("figures", PATIENCE_S)


def _random_file(bench, name):
    path = bench.path(name)
    content = os.urandom(FILE_BYTES)
    with open(path, "wb") as file:
        file.write(content)
    return path, hashlib.sha256(content).hexdigest()


def both_ways(bench, ends):
    """A file each way, both at the same time."""
    there, there_digest = _random_file(bench, "there")
    back, back_digest = _random_file(bench, "back")
    arrived = bench.path("arrived")
    ends.tell(type="receive", path=arrived, bytes=FILE_BYTES)
    ends.run(f"expect('penstock', {FILE_BYTES})")
    ends.browser.choose_file("input", there)
    ends.tell(type="send", path=back)
    ends.run("send('penstock')")
    check(ends.run("digest") == back_digest, "the browser got something else than was sent")
    ends.peer.wait_event("sent", PATIENCE_S)
    ends.peer.wait_event("done", PATIENCE_S)
    with open(arrived, "rb") as file:
        check(hashlib.file_digest(file, "sha256").hexdigest() == there_digest,
              "something else arrived than the browser sent")


def channel(ends, label, by_browser, closed_by_browser, ordered):
    """A channel that is announced, used both ways, and closed."""
    if by_browser:
        ends.run(f"announce('{label}', {json.dumps(ordered)})")
    else:
        ends.tell(type="announce", label=label, ordered=ordered)
        ends.run(f"announced('{label}')")
    ends.wait_channel("channel", label)
    check(ends.run(f"channels['{label}'].ordered") == ordered, "the browser was told of another order")
    ends.run(f"talk('{label}', {SIZES})")
    end_channel(ends, label, closed_by_browser)


def end_channel(ends, label, closed_by_browser):
    """Both sides see it end, whoever ends it."""
    if closed_by_browser:
        ends.run(f"close('{label}')")
    else:
        ends.tell(type="close", label=label)
        ends.run(f"channels['{label}'].closed.then(() => true)")
    ends.wait_channel("closed", label)
    check(ends.run(f"channels['{label}'].readyState") == "closed", f"{label} is not closed")


def expect_no_complaints(ends):
    figures = ends.figures()
    print(f"figures: {figures}")
    check(not ends.run("complaints"), f"the browser complains: {ends.run('complaints')}")
    check(figures.get("received", 0) > 0, "the association is not ours")
    check(figures["refused"] == 0, "packets of the browser's were refused")
    check(not figures["peer_is_penstock"], "the browser is taken for a Penstock")
    # After silence, which a busy machine makes as well, packets are small again.
    check(figures["packet_bytes"] > 1200 or figures["timeouts"] > 0,
          "no packet larger than the smallest was tried")
    check(ends.run("peer.connectionState") == "connected", "the connection is gone")


def meet(bench, peer_path, browser_offers):
    bench.connect()
    ends = Ends(bench, peer_path, browser_offers)
    try:
        both_ways(bench, ends)
        for by_browser in [True, False]:
            for closed_by_browser in [True, False]:
                label = f"by-{by_browser}-closed-by-{closed_by_browser}"
                channel(ends, label, by_browser, closed_by_browser, ordered=closed_by_browser)
        end_channel(ends, "penstock", closed_by_browser=browser_offers)
        channel(ends, "after", by_browser=True, closed_by_browser=True, ordered=True)
        expect_no_complaints(ends)
        ends.peer.end_input()
        ends.peer.expect_exit(0, PATIENCE_S)
    finally:
        ends.browser.close()


def main():
    parser = argparse.ArgumentParser(description="Our elements and a browser.")
    parser.add_argument("role", choices=["offers", "answers"])
    parser.add_argument("--peer", required=True)
    parser.add_argument("--timeout", type=int, default=240, help="seconds (240)")
    options = parser.parse_args()

    def test():
        with pstnet.Bench() as bench:
            meet(bench, os.path.abspath(options.peer), options.role == "offers")

    return pstnet.run(test, options.timeout)


if __name__ == "__main__":
    sys.exit(main())
