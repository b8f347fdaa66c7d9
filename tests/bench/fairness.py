# SPDX-License-Identifier: GPL-3.0-or-later
"""Penstock beside a TCP flow in one bottleneck: who gets how much, and how long
packets wait there. The wire itself counts, packet by packet."""

import os
import shutil
import time

import machine
import pstnet
import results
from programs import CONNECT_S, Run
from rows import Row
from sources import Sources

BOTTLENECK = Row("fairness", "50 Mbit/s, 40 ms, a queue of 100 ms", 40, rate_bps=6_250_000, queue_ms=100)
SECONDS = 30
SETTLE_S = 2.0

# What shares the bottleneck; "tcp" may come several times.
CASES = ["tcp", "tcp+tcp", "fast", "stock", "tcp+fast", "tcp+stock"]


class Fairness:
    def __init__(self, options, tools, programs):
        self._options, self._tools = options, tools
        self._programs = {program.name: program for program in programs}
        self._builds = {program.name: program.build(tools) for program in programs}

    def do(self):
        with pstnet.Bench(self._tools.cli, self._tools.wire) as bench, machine.settings() as set_limits:
            set_limits(BOTTLENECK.limit_bytes)
            sources = Sources(bench.make_folder("sources"))
            n_bytes = Sources.size_for(BOTTLENECK.rate_bps / 1e6, SECONDS * 2)
            source = sources.file(n_bytes)
            for number in range(self._options.runs):
                for case in CASES:
                    self._do_case(bench, source, case, number)

    def _do_case(self, bench, source, case, number):
        flows = case.split("+")
        if not all(flow == "tcp" or flow in self._programs for flow in flows):
            return
        record = {"row": BOTTLENECK.name, "program": case, "at": time.time(),
                  "build": " ".join(self._builds.get(flow, flow) for flow in flows), **machine.describe()}
        # Which one comes first matters; they take turns.
        order = flows if number % 2 == 0 else flows[::-1]
        try:
            record.update(self._measure(bench, source, order))
        except pstnet.Ended:  # says nothing about the program
            raise
        except pstnet.Failure as failure:
            record["failure"] = str(failure)
        results.append(self._options.results, record)
        print(f"{case:>10} {record}", flush=True)

    def _measure(self, bench, source, flows):
        folder = bench.make_folder("run")
        bench.connect(**BOTTLENECK.wire())
        run = Run(bench, BOTTLENECK, source, folder, self._options.timeout)
        try:
            for number, flow in enumerate(flows):
                if flow == "tcp":
                    self._start_tcp(run, 5300 + number)
                else:
                    self._programs[flow].start(run)
            time.sleep(SETTLE_S)  # not a wait for anything: the beginning does not count
            bench.ask_wire()
            time.sleep(SECONDS)
            return {"order": flows, "seconds": SECONDS, **self._figures(bench.ask_wire()["there"])}
        finally:
            run.stop()
            bench.disconnect()
            bench.programs.clear()
            shutil.rmtree(folder)

    @staticmethod
    def _start_tcp(run, port):
        server = run.start("b", "tcp", ["iperf3", "-s", "-1", "-p", str(port), "--forceflush"], is_measured=False)
        server.wait_line("Server listening", CONNECT_S)
        client = run.start("a", "tcp", ["iperf3", "-c", "10.77.0.2", "-p", str(port), "-t", str(2 * SECONDS),
                                        "-C", machine.congestion_control(), "--forceflush"], is_measured=False)
        client.wait_line("connected", CONNECT_S)

    @staticmethod
    def _figures(passed):
        return {
            "tcp_mb_s": round(passed["tcp_bytes"] / 1e6 / SECONDS, 3),
            "udp_mb_s": round(passed["udp_bytes"] / 1e6 / SECONDS, 3),
            **{key: passed[key] for key in
               ["dropped", "wait_mean_ms", "wait_median_ms", "wait_95_ms", "wait_longest_ms"]},
        }


def markdown(groups):
    """A line for each case; empty if none was measured."""
    lines = []
    for case in CASES:
        group = groups.get((BOTTLENECK.name, case))
        if group is not None and group.good:
            tcp, udp = group.median("tcp_mb_s"), group.median("udp_mb_s")
            share = udp / max(tcp + udp, 1e-9)
            lines.append(f"| {case.replace('+', ' beside ')} | {tcp:.2f} | {udp:.2f} | {share:.0%} | "
                         f"{group.median('wait_mean_ms'):.0f} | {group.median('wait_95_ms'):.0f} | "
                         f"{group.median('dropped'):.0f} |")
    if not lines:
        return ""
    control = groups[next(key for key in groups if key[0] == BOTTLENECK.name)].runs[-1].get("tcp", "TCP")
    return "\n".join([
        f"Fairness: {BOTTLENECK.title}; {SECONDS} s; TCP with {control}. MB/s and waiting times as the "
        "bottleneck counts them, headers included.", "",
        "| Flows | TCP MB/s | Penstock MB/s | Penstock's share | Wait, mean ms | Wait, 95 % ms | Dropped |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |", *lines])
