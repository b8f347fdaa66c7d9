# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium to Chromium, and Chromium with a program that is made of src/link."""

import json
import os
import shutil
import subprocess
import time

import pstnet
from cdp import Browser
from programs import CONNECT_S, Program, Transfer, identity

HERE = os.path.dirname(os.path.abspath(__file__))

# Beside the script that starts it.
_PROGRAM = "/usr/lib/chromium/chromium"


def program():
    """Where the browser is; Skip if there is none."""
    path = _PROGRAM if os.path.exists(_PROGRAM) else shutil.which("chromium")
    if path is None:
        raise pstnet.Skip("chromium is not installed")
    return path


class Chromium(Program):
    name, title = "chromium", "Chromium"
    what = ("Debian's, without a window, both sides: a page reads the file in slices and sends messages of "
            "65,536 bytes through one data channel; the other page writes them to a file of the origin's own "
            "(OPFS) in a worker and flushes it; no hash; from the first message sent until the flush is done. "
            "Memory is that of all processes together")

    def build(self, _tools):
        done = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def send(self, run):
        start_s = time.monotonic()
        browsers = []
        try:
            for side, name in [("b", "receiver"), ("a", "sender")]:
                browsers.append(self._browser(run, side, name))
            receiver, sender = browsers
            self._connect(sender, receiver)
            begin_s = time.monotonic()
            sender.run("begin()")
            return Transfer(start_s, begin_s, self._until_arrived(run, receiver))
        finally:
            for browser in browsers:
                browser.close()

    def _browser(self, run, side, name):
        """One with a page that is ready to send, or, as a receiver, to receive."""
        browser = Browser(run, side, name, program())
        try:
            browser.load(os.path.join(HERE, "peers", "chromium.js"))
            browser.run("prepare()")
            if side == "b":
                browser.run(f"expect({os.path.getsize(run.source)})")
            else:
                browser.choose_file("input", run.source)
        except pstnet.Failure:
            browser.close()
            raise
        return browser

    @staticmethod
    def _connect(sender, receiver):
        offer = sender.run("offer()", CONNECT_S)
        answer = receiver.run(f"answer({offer})", CONNECT_S)
        sender.run(f"connect({answer})", CONNECT_S)
        for browser in [sender, receiver]:
            browser.run("opened", CONNECT_S)

    def _until_arrived(self, run, receiver):
        receiver.run("arrived", run.timeout_s)
        end_s = time.monotonic()
        for side in "ab":
            run.meters[side].look(with_pss=True)
        self._take_out(run, receiver)
        return end_s

    @staticmethod
    def _take_out(run, receiver):
        """The file as the browser keeps it: the largest one in its profile."""
        found = [os.path.join(place, name)
                 for place, _, names in os.walk(os.path.join(run.folder, "profile-b", "data"))
                 if "File System" in place for name in names]
        pstnet.check(found, "the browser keeps no file")
        receiver.run("release()")
        os.rename(max(found, key=os.path.getsize), run.arrived())


_OURS = ("a small program of the benchmark's on {} (tests/link/channel-peer.c: what knows webrtcbin in src/link, "
         "without Penstock's protocol): one data channel, messages of 65,536 bytes, file to file, fsync, no hash; "
         "{}, through the DevTools protocol; until the receiver has synced")


class WithPeer(Chromium):
    """A browser on the one side, a program on src/link on the other."""

    is_stock = False

    def __init__(self):
        self._peer = None

    def build(self, tools):
        self._peer = os.path.join(tools.build, "tests/link/channel-peer")
        return f"{super().build(tools)} {identity(self._peer)}"

    def _start(self, run, side, name, role):
        return run.start(side, name, [self._peer, role], keep_stdin=True,
                         env={"PST_LINK_STOCK": "1" if self.is_stock else "0"})


class ToChromium(WithPeer):
    name, title = "to-chromium", "src/link to Chromium"
    what = _OURS.format("our elements", "the other side is Debian's Chromium")

    def send(self, run):
        start_s = time.monotonic()
        browser = self._browser(run, "b", "receiver")
        try:
            peer = self._start(run, "a", "sender", "offer")
            offer = peer.wait_event("description", CONNECT_S)["text"]
            peer.say(browser.run(f"answer({offer})", CONNECT_S))
            browser.run("opened", CONNECT_S)
            peer.wait_event("open", CONNECT_S)
            peer.say(json.dumps({"type": "send", "path": run.source}))
            begin_s = peer.wait_event("begin", CONNECT_S)["at_s"]
            return Transfer(start_s, begin_s, self._until_arrived(run, browser))
        finally:
            browser.close()


class StockToChromium(ToChromium):
    name, title = "stock-to-chromium", "stock webrtcbin to Chromium"
    what = "the same with webrtcbin as it is (PST_LINK_STOCK=1)"
    is_stock = True


class FromChromium(WithPeer):
    name, title = "from-chromium", "Chromium to src/link"
    what = "the same in the other direction"

    def send(self, run):
        start_s = time.monotonic()
        browser = self._browser(run, "a", "sender")
        try:
            peer = self._start(run, "b", "receiver", "answer")
            peer.say(json.dumps({"type": "receive", "path": run.arrived(),
                                 "bytes": os.path.getsize(run.source)}))
            peer.say(browser.run("offer()", CONNECT_S))
            answer = peer.wait_event("description", CONNECT_S)["text"]
            browser.run(f"connect({answer})", CONNECT_S)
            browser.run("opened", CONNECT_S)
            begin_s = time.monotonic()
            browser.run("begin()")
            end_s = peer.wait_event("done", run.timeout_s)["at_s"]
            run.meters["a"].look(with_pss=True)
            return Transfer(start_s, begin_s, end_s)
        finally:
            browser.close()


class ChromiumToStock(FromChromium):
    name, title = "chromium-to-stock", "Chromium to stock webrtcbin"
    what = "the same to webrtcbin as it is"
    is_stock = True
