# SPDX-License-Identifier: GPL-3.0-or-later
"""What the scripts of the ui suite share: where the built programs lie, and how
a test runs."""

import collections
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "net"))

import display
import pstnet

BUILD = os.environ.get("PST_UI_BUILD") or os.path.join(HERE, "..", "..", "build-test")

Programs = collections.namedtuple("Programs", "window cli holder sample schemas locale faulty_disk")


def add_arguments(parser):
    parser.add_argument("--build", default=BUILD, help="the build folder (PST_UI_BUILD, or build-test)")
    parser.add_argument("--window", help="the penstock to run")
    parser.add_argument("--cli", help="the penstock-cli to run")
    parser.add_argument("--holder", help="tests/ui/file-holder")
    parser.add_argument("--faulty-disk", help="tests/faults/faulty-disk.so")


def from_arguments(arguments):
    build = os.path.abspath(arguments.build)

    def place(given, *parts):
        return os.path.abspath(given or os.path.join(build, *parts))

    return Programs(
        window=place(arguments.window, "src/app/penstock"),
        cli=place(arguments.cli, "src/cli/penstock-cli"),
        holder=place(arguments.holder, "tests/ui/file-holder"),
        sample=None,
        schemas=place(None, "data"),
        locale=place(None, "po"),
        faulty_disk=place(arguments.faulty_disk, "tests/faults/faulty-disk.so"),
    )


def run(test, timeout_s):
    """pstnet.run, with nobody left behind."""
    display.become_reaper()
    try:
        return pstnet.run(test, timeout_s)
    finally:
        display.stop_orphans()
