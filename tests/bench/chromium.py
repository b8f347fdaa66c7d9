# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium to Chromium."""

import os
import shutil
import subprocess
import time

import pstnet
from cdp import Browser
from programs import CONNECT_S, Program, Transfer

HERE = os.path.dirname(os.path.abspath(__file__))


class Chromium(Program):
    name, title = "chromium", "Chromium"
    what = ("Debian's, without a window, both sides: a page reads the file in slices and sends messages of "
            "65,536 bytes through one data channel; the other page writes them to a file of the origin's own "
            "(OPFS) in a worker and flushes it; no hash; from the first message sent until the flush is done. "
            "Memory is that of all processes together")

    _PROGRAM = "/usr/lib/chromium/chromium"

    def build(self, _tools):
        program = self._program()
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def _program(self):
        program = self._PROGRAM if os.path.exists(self._PROGRAM) else shutil.which("chromium")
        if program is None:
            raise pstnet.Failure("chromium is not installed")
        return program

    def send(self, run):
        start_s = time.monotonic()
        browsers = []
        try:
            for side, name in [("b", "receiver"), ("a", "sender")]:
                browsers.append(Browser(run, side, name, self._program()))
                self._prepare(browsers[-1])
            receiver, sender = browsers
            return self._transfer(run, sender, receiver, start_s)
        finally:
            for browser in browsers:
                browser.close()

    @staticmethod
    def _prepare(browser):
        with open(os.path.join(HERE, "peers", "chromium.js"), encoding="utf-8") as file:
            browser.run(file.read())
        browser.run("prepare()")

    def _transfer(self, run, sender, receiver, start_s):
        n_bytes = os.path.getsize(run.source)
        receiver.run(f"expect({n_bytes})")
        sender.choose_file("input", run.source)
        offer = sender.run("offer()", CONNECT_S)
        answer = receiver.run(f"answer({offer})", CONNECT_S)
        sender.run(f"connect({answer})", CONNECT_S)
        begin_s = time.monotonic()
        sender.run("begin()")
        receiver.run("arrived", run.timeout_s)
        end_s = time.monotonic()
        for side in "ab":
            run.meters[side].look(with_pss=True)
        self._take_out(run, receiver)
        return Transfer(start_s, begin_s, end_s)

    @staticmethod
    def _take_out(run, receiver):
        """The file as the browser keeps it: the largest one in its profile."""
        found = [os.path.join(place, name)
                 for place, _, names in os.walk(os.path.join(run.folder, "profile-b", "data"))
                 if "File System" in place for name in names]
        pstnet.check(found, "the browser keeps no file")
        receiver.run("release()")
        os.rename(max(found, key=os.path.getsize), run.arrived())
