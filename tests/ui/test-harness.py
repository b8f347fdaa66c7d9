#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests the harness of the ui suite itself, with a small window.

    test-harness.py --sample PATH --holder PATH
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time

import programs

import desk
import display
import pstnet
from pstnet import check

MIB = 1 << 20


def _desk(bench, options, side="a", **looks):
    return desk.Desk(bench, side, options._replace(window=options.sample), "Ada", **looks)


def _prepared(bench):
    bench.connect()
    path = bench.path("some file.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("hello\n")
    return path


def finds_and_uses(bench, options):
    path = _prepared(bench)
    with _desk(bench, options) as ada:
        ada.launch()
        print(f"mapped after {ada.wait_mapped():.2f} s")
        ada.wait("label", "Nothing yet")
        ada.press("Press Me")
        ada.wait("label", "Pressed")
        ada.wait("text box", "Words").set_text("by tree")
        ada.wait("label", "Typed: by tree")
        check(ada.see("text box", "Words").text() == "by tree", "the entry's text was not read")
        ada.click(ada.wait("checkbox", "Check Me"))
        ada.wait("label", "Checked")
        ada.click(ada.see("text box", "Words"))
        ada.key("ctrl+a")
        ada.type("by keys 7-x")
        ada.wait("label", "Typed: by keys 7-x")
        check(ada.focused() is not None, "nothing has the focus")
        names = [node.role for node in ada.nameless()]
        check(names == [], f"nameless: {names}")
        ada.paste(path)
        ada.wait("label", "Pasted: some file.txt")
        ada.press("Choose")
        ada.choose_in_dialog(path)
        ada.wait("label", "Chosen: some file.txt")
        ada.screenshot(bench.path("sample.png"))
        check(os.path.getsize(bench.path("sample.png")) > 1000, "the screenshot is empty")
        check(ada.see("label", "The second page") is None, "a hidden page counts as shown")
        ada.press("Vanish")
        ada.wait("label", "The second page")
        check(ada.see("button", "Press Me") is None, "a page that was left counts as shown")


def drops(bench, options):
    path = _prepared(bench)
    with _desk(bench, options) as ada:
        ada.launch()
        ada.wait("label", "Nothing yet")
        ada.drop(path)
        ada.wait("label", "Dropped: some file.txt")


def resizes(bench, options):
    bench.connect()
    with _desk(bench, options, scale=2.0, style="dark") as ada:
        ada.launch()
        ada.wait("label", "Nothing yet")
        for width in [400, 900]:
            ada.resize(width, 600)
            ada.screenshot(bench.path("sample.png"))


def notices_warnings(bench, options):
    bench.connect()
    try:
        with _desk(bench, options) as ada:
            ada.launch()
            ada.press("Warn")
            wait = lambda: "must notice" in ada.window_program.log_tail()
            desk.wait_for(wait, 10, "the warning")
    except pstnet.Failure as failure:
        check("must notice" in str(failure), f"failed with something else: {failure}")
        return
    raise pstnet.Failure("a warning went unnoticed")


def gives_up(bench, options):
    bench.connect()
    with _desk(bench, options) as ada:
        ada.launch()
        ada.wait("label", "Nothing yet")
        try:
            ada.wait("button", "Not There", timeout_s=1)
        except pstnet.Failure as failure:
            check("Not There" in str(failure), f"does not say what: {failure}")
            return
    raise pstnet.Failure("found what is not there")


def two_desks(bench, options):
    bench.connect()
    with _desk(bench, options) as ada, _desk(bench, options, "b") as bob:
        for person in [ada, bob]:
            person.launch()
        for person in [bob, ada]:
            person.press("Press Me")
            person.wait("label", "Pressed")


def _processes_with(text):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if text.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            continue
    return found


def _start_staying(argv, env):
    """How it ends is what matters here: a busy machine may start it anew."""
    said = []
    for _ in range(3):
        child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                 env={**os.environ, **env})
        said.append(child.stdout.readline())
        if said[-1] == "here\n":
            return child
        child.communicate(timeout=60)
    raise pstnet.Failure(f"it said {said!r}")


def leaves_nothing(bench, options):
    """A harness that is killed takes everything with it."""
    marker = f"PST_UI_MARKER_{os.getpid()}"
    argv = [sys.executable, "-B", os.path.abspath(__file__), "--stay",
            "--sample", options.sample, "--holder", options.holder]
    for signum in [signal.SIGTERM, signal.SIGKILL]:
        child = _start_staying(argv, {"GST_DEBUG": marker, "TMPDIR": bench.folder})
        check(len(_processes_with(marker)) > 4, "its programs are not to be seen")
        child.send_signal(signum)
        child.wait(30)
        child.stdout.close()
        desk.wait_for(lambda: not _processes_with(marker), 20,
                      f"the end of {[_name(pid) for pid in _processes_with(marker)]} after {signum!r}")


def _name(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "?"


def _stay(options):
    def test():
        with pstnet.Bench() as bench:
            bench.connect()
            with _desk(bench, options) as ada:
                ada.launch()
                ada.wait("label", "Nothing yet")
                print("here", flush=True)
                signal.pause()

    return programs.run(test, 120)


TESTS = {
    "finds-and-uses": finds_and_uses,
    "drops": drops,
    "resizes": resizes,
    "notices-warnings": notices_warnings,
    "gives-up": gives_up,
    "two-desks": two_desks,
    "leaves-nothing": leaves_nothing,
}


def main():
    parser = argparse.ArgumentParser(description="Tests the harness of the ui suite.")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--stay", action="store_true", help="only build a desk, for another test")
    programs.add_arguments(parser)
    parser.add_argument("--sample", required=True)
    arguments = parser.parse_args()
    options = programs.from_arguments(arguments)._replace(sample=os.path.abspath(arguments.sample))
    if arguments.stay:
        return _stay(options)
    status = 0
    for name in arguments.names or TESTS:
        def test():
            with pstnet.Bench(options.cli) as bench:
                TESTS[name](bench, options)

        began_s = time.monotonic()
        status = programs.run(test, 90)
        print(f"{name}: {'held' if status == 0 else status}, {time.monotonic() - began_s:.1f} s", flush=True)
        if status != 0:
            break
    return status


if __name__ == "__main__":
    sys.exit(main())
