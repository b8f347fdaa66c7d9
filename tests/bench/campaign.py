# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the runs: over each path the programs in turn, A B C A B C …, until
each has as many as wanted; each run is written down at once."""

import os
import shutil
import time

import machine
import pstnet
import results
from programs import Run
from sources import Sources

SHORTEST_PART = 0.5
MAX_PILOTS = 6
PILOT_MB_S = 1.0
# Before the first packet is lost a path seems to carry many times as much.
MOST_GROWTH = 4


class Campaign:
    def __init__(self, options, tools, programs):
        self._options, self._tools, self._programs = options, tools, programs
        self._builds = {program.name: program.build(tools) for program in programs}
        self._runs = results.load([options.results])
        self._place = {}
        self._bench = self._sources = self._set_limits = None

    def do(self):
        with pstnet.Bench(self._tools.cli, self._tools.wire) as self._bench, \
                machine.settings() as self._set_limits:
            self._sources = Sources(self._bench.make_folder("sources"))
            self._place = {**machine.describe(),
                           "disk_mb_s": round(machine.disk_mb_s(self._bench.folder), 0)}
            print(f"# {self._place}", flush=True)
            for row in self._options.rows:
                self._do_row(row)

    def _do_row(self, row):
        for number in range(self._options.runs):
            for program in self._programs:
                build = self._builds[program.name]
                done = results.count(self._runs, row.name, program.name, build)
                if row.takes(program.name) and done <= number:
                    self._do_run(row, program)

    def _do_run(self, row, program):
        record = {"row": row.name, "program": program.name, "build": self._builds[program.name]}
        try:
            record.update(self._measure_long_enough(row, program))
        except pstnet.Ended:  # says nothing about the program
            raise
        except pstnet.Failure as failure:
            record["failure"] = str(failure)
        record.update(at=time.time(), limit_bytes=row.limit_bytes, **self._place)
        self._runs.append(record)
        results.append(self._options.results, record)
        _say(record)

    # How much

    def _measure_long_enough(self, row, program):
        """A run of some seconds. Before a program's first one over a path short
        ones, which do not count, tell how much to send; then it is always as much."""
        if row.many:
            return self._measure(row, program, *self._sources.many())
        if row.n_bytes:
            return self._measure(row, program, self._sources.file(row.n_bytes), row.n_bytes)
        before = results.last_bytes(self._runs, row.name, program.name, self._builds[program.name])
        if before is not None:
            return self._measure(row, program, self._sources.file(before), before)
        n_bytes = Sources.size_for(PILOT_MB_S, row.seconds)
        for _ in range(MAX_PILOTS):
            run = self._measure(row, program, self._sources.file(n_bytes), n_bytes)
            better = min(Sources.size_for(run["mb_s"], row.seconds), n_bytes * MOST_GROWTH)
            if run["seconds"] >= SHORTEST_PART * row.seconds or better <= n_bytes:
                return run
            n_bytes = better
        return run

    # One run

    def _measure(self, row, program, source, n_bytes):
        folder = self._bench.make_folder(f"run-{len(self._runs)}")
        self._set_limits(row.limit_bytes)
        self._bench.connect(**row.wire())
        os.sync()
        run = Run(self._bench, row, source, folder, self._options.timeout)
        try:
            return self._figures(row, run, program.send(run), n_bytes)
        finally:
            run.stop()
            self._keep_logs(program)
            self._bench.disconnect()
            self._bench.programs.clear()
            # ext4 looks for a new file's place among those just freed: the next
            # run would pay for removing thousands of files now.
            if not row.many:
                shutil.rmtree(folder)

    def _figures(self, row, run, transfer, n_bytes):
        run.stop()
        run.check(None if row.many else self._sources.digest(run.source))
        begin_s = transfer.start_s if row.many else transfer.begin_s
        seconds = max(transfer.end_s - begin_s, 1e-3)
        cpu_s = run.cpu_s(transfer, begin_s)
        passed = self._bench.ask_wire()
        return {
            "bytes": n_bytes,
            "seconds": round(seconds, 3),
            "total_s": round(transfer.end_s - transfer.start_s, 3),
            "flow_s": round(transfer.end_s - transfer.begin_s, 3),
            "mb_s": round(n_bytes / 1e6 / seconds, 2),
            "cpu_s_per_gb": round(cpu_s / (n_bytes / 1e9), 2),
            "peak_sender_bytes": run.peak_bytes("a"),
            "peak_receiver_bytes": run.peak_bytes("b"),
            **({"wire": {key: passed[key] for key in ["cpu_s", "there", "back"]}} if passed else {}),
        }

    def _keep_logs(self, program):
        if self._options.logs is None:
            return
        for started in self._bench.programs:
            name = f"{int(time.time())}-{program.name}-{started.name}.log"
            os.makedirs(self._options.logs, exist_ok=True)
            with open(os.path.join(self._options.logs, name), "w", encoding="utf-8") as file:
                file.write(started.log_tail(100_000))


def _say(record):
    name = f"{record['row']:>14} {record['program']:<15}"
    if "failure" in record:
        print(f"{name} failed: {record['failure']}", flush=True)
    else:
        print(f"{name} {record['mb_s']:>8.2f} MB/s {record['cpu_s_per_gb']:>7.1f} CPU s/GB "
              f"{record['peak_sender_bytes'] / 2**20:>5.0f} {record['peak_receiver_bytes'] / 2**20:>5.0f} MiB "
              f"({record['bytes'] / 1e6:.0f} MB, {record['seconds']:.1f} s)", flush=True)
