#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what becomes of the benchmark's results: kept, put together, shown."""

import json
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "net")]

import fairness  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import rows  # noqa: E402
import table  # noqa: E402
from bench import PROGRAMS  # noqa: E402
from meter import Meter  # noqa: E402
from sources import LARGEST_BYTES, SMALLEST_BYTES, Sources  # noqa: E402


def made_run(row, program, at, mb_s=None, build="one", **more):
    run = {"row": row, "program": program, "build": build, "at": at}
    if mb_s is None:
        return {**run, "failure": "it broke"}
    return {**run, "mb_s": mb_s, "bytes": 8_000_000, "cpu_s_per_gb": 2 * mb_s,
            "peak_sender_bytes": 30 << 20, "peak_receiver_bytes": 40 << 20, **more}


SOME = [made_run("0ms", "fast", 1, 10), made_run("0ms", "fast", 3, 30), made_run("0ms", "fast", 2, 25),
        made_run("0ms", "tls", 4, 500), made_run("20ms", "fast", 5, 0.5), made_run("20ms", "tls", 6)]


class Results(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="penstock-bench-")
        self.addCleanup(self._folder.cleanup)

    def path(self, name):
        return os.path.join(self._folder.name, name)

    def test_what_is_kept_comes_back(self):
        for run in SOME:
            results.append(self.path("folder/runs"), run)
        self.assertEqual(sorted(SOME, key=lambda run: run["at"]), results.load([self.path("folder/runs")]))

    def test_files_are_put_together_and_runs_count_once(self):
        for run in SOME[:4]:
            results.append(self.path("a"), run)
        for run in SOME[2:]:
            results.append(self.path("b"), run)
        self.assertEqual(len(SOME), len(results.load([self.path("a"), self.path("b"), self.path("none")])))

    def test_half_a_line_costs_that_run_only(self):
        results.append(self.path("a"), SOME[0])
        with open(self.path("a"), "ab") as file:
            file.write(json.dumps(SOME[1]).encode()[:30])
        results.append(self.path("a"), SOME[2])
        self.assertEqual([SOME[0], SOME[2]], results.load([self.path("a")]))

    def test_only_the_last_build_counts(self):
        groups = results.latest([made_run("0ms", "fast", 1, 10), made_run("0ms", "fast", 3, 20, "two"),
                                 made_run("0ms", "fast", 2, 11), made_run("0ms", "tls", 1, 7)])
        self.assertEqual([20], groups["0ms", "fast"].values("mb_s"))
        self.assertEqual([7], groups["0ms", "tls"].values("mb_s"))

    def test_what_is_done_is_counted_by_build_with_failures(self):
        self.assertEqual(3, results.count(SOME, "0ms", "fast", "one"))
        self.assertEqual(0, results.count(SOME, "0ms", "fast", "two"))
        self.assertEqual(1, results.count(SOME, "20ms", "tls", "one"))
        self.assertEqual(8_000_000, results.last_bytes(SOME, "0ms", "fast", "one"))
        self.assertIsNone(results.last_bytes(SOME, "20ms", "tls", "one"))


class Table(unittest.TestCase):
    def setUp(self):
        self.groups = results.latest(SOME)

    def test_medians(self):
        lines = table.medians(self.groups, PROGRAMS).splitlines()
        self.assertEqual("| MB/s | Penstock | TLS over TCP |", lines[0])
        self.assertEqual(["| 0 ms | 25 | 500 |", "| 20 ms | 0.50 | failed |"], lines[2:])

    def test_details_show_every_run(self):
        lines = table.details(self.groups, PROGRAMS).splitlines()
        self.assertIn("| 0 ms | Penstock | 25 | 10.0, 25, 30 | — | — | 50 | 30 | 40 |", lines)
        self.assertIn("| 20 ms | TLS over TCP | failed | 1 failed | — | — | — | — | — |", lines)
        self.assertEqual(len({line.count("|") for line in lines}), 1)

    def test_a_failed_run_shows_beside_good_ones(self):
        groups = results.latest([*SOME, made_run("0ms", "tls", 9)])
        self.assertIn("| 500 | 500, 1 failed |", table.details(groups, PROGRAMS))

    def test_small_files_show_what_beginning_costs(self):
        groups = results.latest([made_run("many-20ms", "fast", at, 2, total_s=4, flow_s=flow_s)
                                 for at, flow_s in enumerate([0.5, 2, 1])])
        self.assertEqual(["| 10,000 files of 10 kB, 20 ms | 2.0 |",
                          "| 10,000 files of 10 kB, 20 ms, from the first byte | 8.0 |"],
                         table.medians(groups, PROGRAMS).splitlines()[2:])
        self.assertIn("| 2.0, 2.0, 2.0 | 2.0 | 8.0 |", table.details(groups, PROGRAMS))

    def test_figures(self):
        shown = [table.figure(value) for value in [0.4231, 7.34, 41.4, 1240.2, None]]
        self.assertEqual(["0.42", "7.3", "41", "1,240", "—"], shown)

    def test_what_is_no_path_is_not_shown(self):
        self.assertEqual("", table.markdown(results.latest([made_run("fairness", "fast", 1, 3)]), PROGRAMS))
        groups = results.latest([*SOME, made_run("fairness", "stock", 7, 3)])
        self.assertEqual("| MB/s | Penstock | TLS over TCP |", table.markdown(groups, PROGRAMS).splitlines()[0])

    def test_every_program_says_what_it_does(self):
        for program in PROGRAMS:
            self.assertTrue(program.name and program.title and program.what)
            self.assertIn(program.name, plot._LOOKS)


class Plot(unittest.TestCase):
    def marks(self, runs):
        picture = xml.etree.ElementTree.fromstring(plot.svg(results.latest(runs), PROGRAMS))
        found = {}
        for group in picture.iter("{http://www.w3.org/2000/svg}g"):
            title = group[0].text
            if "MB/s" in title:
                found[title] = tuple(map(float, group.get("transform")[10:-1].split()))
        return found

    def test_marks_stand_where_the_values_are(self):
        marks = self.marks(SOME)
        self.assertEqual({"Penstock: 25.00 MB/s", "Penstock: 0.50 MB/s", "TLS over TCP: 500.00 MB/s"}, set(marks))
        near, far = marks["Penstock: 25.00 MB/s"], marks["Penstock: 0.50 MB/s"]
        limit = marks["TLS over TCP: 500.00 MB/s"]
        self.assertEqual(near[0], limit[0])
        self.assertLess(near[0], far[0])
        self.assertTrue(limit[1] < near[1] < far[1])
        # Three whole decades and more: equal ratios are equal heights.
        self.assertAlmostEqual((near[1] - limit[1]) / (far[1] - near[1]), 1.30103 / 1.69897, places=2)

    def test_nothing_is_nothing(self):
        self.assertIsNone(plot.svg({}, PROGRAMS))
        self.assertIsNone(plot.svg(results.latest([SOME[5]]), PROGRAMS))


class Report(unittest.TestCase):
    def test_replaces_its_own_part_only(self):
        once = report.replace_between("# Title\n\ntext\n", "first")
        twice = report.replace_between(once.replace(report.END, report.END + "\n\nmore"), "second")
        self.assertTrue(twice.startswith("# Title\n\ntext\n") and twice.rstrip().endswith("more"))
        self.assertIn("second", twice)
        self.assertNotIn("first", twice)
        self.assertEqual(1, twice.count(report.BEGIN))

    def test_docs(self):
        with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
            with open(os.path.join(folder, "performance.md"), "w", encoding="utf-8") as file:
                file.write("# Performance\n")
            report.write_docs(folder, results.latest(SOME), PROGRAMS, "")
            with open(os.path.join(folder, "performance.md"), encoding="utf-8") as file:
                self.assertIn("| 0 ms | 25 | 500 |", file.read())
            self.assertTrue(os.path.getsize(os.path.join(folder, "throughput.svg")) > 1000)

    def test_fairness(self):
        runs = [made_run("fairness", "tcp+fast", at, 0, tcp_mb_s=tcp, udp_mb_s=6 - tcp, wait_mean_ms=40,
                         wait_95_ms=90, dropped=7, tcp="cubic") for at, tcp in enumerate([3, 4.5, 2])]
        self.assertIn("| tcp beside fast | 3.00 | 3.00 | 50% | 40 | 90 | 7 |",
                      fairness.markdown(results.latest(runs)))
        self.assertEqual("", fairness.markdown({}))


class Pieces(unittest.TestCase):
    def test_sizes(self):
        self.assertEqual(SMALLEST_BYTES, Sources.size_for(0.1, 5))
        self.assertEqual(LARGEST_BYTES, Sources.size_for(10_000, 5))
        for mb_s in [1, 3, 10, 77, 300]:
            self.assertTrue(5 / 1.5 < Sources.size_for(mb_s, 5) / 1e6 / mb_s < 5 * 1.5 or mb_s == 1)

    def test_rows(self):
        self.assertEqual(len(rows.ROWS), len({row.name for row in rows.ROWS}))
        self.assertEqual(["50ms", "0ms"], [row.name for row in rows.named(["50ms", "0ms"])])
        one, many = rows.named(["one-20ms", "many-20ms"])
        self.assertEqual((one.n_bytes, one.wire()), (rows.MANY_BYTES, many.wire()))
        self.assertTrue(set(plot.COLUMNS) <= {row.name for row in rows.ROWS})
        self.assertEqual(25_000, rows.named(["50ms-1"])[0].wire()["delay_us"])

    def test_processor_time_between_looks(self):
        meter = Meter(os.getpid())
        meter.stop()
        meter._samples = [(0.0, 0.0), (1.0, 0.5), (2.0, 2.5)]
        self.assertAlmostEqual(1.25, meter.cpu_s_between(0.5, 1.5))
        self.assertAlmostEqual(2.5, meter.cpu_s_between(-1.0, 9.0))
        self.assertGreater(meter.peak_bytes, 1 << 20)


unittest.main()
