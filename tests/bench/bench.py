#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how fast Penstock and others send files (tests/bench/README.md).
build-aux/bench installs and builds what this needs, and runs it."""

import argparse
import dataclasses
import fcntl
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "net"))

import fairness  # noqa: E402
import pstnet  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import rows  # noqa: E402
import table  # noqa: E402
from campaign import Campaign  # noqa: E402
from channels import LibDataChannel, LibDataChannelLarge, Pion  # noqa: E402
from chromium import (  # noqa: E402
    Chromium, ChromiumToStock, FromChromium, StockToChromium, ToChromium,
)
from plain import Tls, TlsBbr, Wormhole  # noqa: E402
from programs import Fast, FromStock, Penstock, Stock, ToStock  # noqa: E402
from webrtcbin import Webrtcbin  # noqa: E402

PROGRAMS = [Fast, Stock, ToStock, FromStock, Webrtcbin, LibDataChannel, LibDataChannelLarge, Pion, Chromium,
            ToChromium, StockToChromium, FromChromium, ChromiumToStock, Wormhole, Tls, TlsBbr]
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))


@dataclasses.dataclass
class Tools:
    """Where things are and are made."""

    cli: str
    build: str  # the build folder
    work: str  # a folder for what the references need
    env: dict  # further environment of penstock-cli

    @property
    def wire(self):
        return os.path.join(self.build, "tests/net/wire")


def _names(known):
    def parse(text):
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return names

    return parse


def _parse():
    program_names = [program.name for program in PROGRAMS]
    row_names = [row.name for row in rows.ROWS]
    parser = argparse.ArgumentParser(prog="build-aux/bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=_names(row_names), default=row_names, metavar="NAME,…",
                        help=f"paths: {', '.join(row_names)} (all)")
    parser.add_argument("--programs", type=_names(program_names), default=program_names,
                        metavar="NAME,…", help=f"{', '.join(program_names)} (all)")
    parser.add_argument("--runs", type=int, default=3, help="of each program over each path (3)")
    parser.add_argument("--timeout", type=int, default=90, help="seconds for one transfer (90)")
    parser.add_argument("--results", default=os.path.join(ROOT, "build-bench/results.jsonl"),
                        help="where runs are kept; those there are not done again")
    parser.add_argument("--with", dest="others", action="append", default=[], metavar="FILE",
                        help="further results for the table; may be repeated")
    parser.add_argument("--table", action="store_true", help="only print the table")
    parser.add_argument("--docs", action="store_true",
                        help="only write the table and the picture into docs/")
    parser.add_argument("--fairness", action="store_true",
                        help="measure Penstock beside TCP instead (30 s each)")
    parser.add_argument("--build", default=os.path.join(ROOT, "build-release"))
    parser.add_argument("--cli", help="the penstock-cli to measure (that of the build folder)")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=VALUE",
                        help="for penstock-cli; what is measured with it counts as another build")
    parser.add_argument("--logs", metavar="FOLDER", help="keep what the programs said")
    options = parser.parse_args()
    options.rows = rows.named(options.rows)
    options.cli = os.path.abspath(options.cli or os.path.join(options.build, "src/cli/penstock-cli"))
    return options


def _measure(options):
    work = os.path.join(ROOT, "build-bench")
    os.makedirs(work, exist_ok=True)
    with open(os.path.join(tempfile.gettempdir(), "penstock-bench.lock"), "w", encoding="ascii") as lock:
        print("# waiting until no other benchmark runs", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
        tools = Tools(options.cli, os.path.abspath(options.build), work,
                      dict(pair.split("=", 1) for pair in options.env))
        programs = [program() for program in PROGRAMS if program.name in options.programs
                    and (not options.fairness or issubclass(program, Penstock))]
        (fairness.Fairness if options.fairness else Campaign)(options, tools, programs).do()


def main():
    options = _parse()
    if not options.table and not options.docs:
        status = pstnet.run(lambda: _measure(options), 24 * 3600)
        if status != 0:
            return status
    groups = results.latest(results.load([options.results, *options.others]))
    if options.docs:
        report.write_docs(os.path.join(ROOT, "docs"), groups, PROGRAMS, fairness.markdown(groups))
    else:
        print(table.markdown(groups, PROGRAMS), fairness.markdown(groups), sep="\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
