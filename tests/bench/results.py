# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs, kept as JSON lines: one run a line, so that a long benchmark can be
done in parts, go on after an interruption, and be put together from files."""

import dataclasses
import json
import os
import statistics


@dataclasses.dataclass
class Group:
    """All runs of one program over one path."""

    row: str
    program: str
    runs: list

    @property
    def good(self):
        return [run for run in self.runs if "failure" not in run]

    def values(self, member):
        return [run[member] for run in self.good if run.get(member) is not None]

    def median(self, member):
        return _median(self.values(member))

    def median_rate(self, seconds_member):
        """10^6 bytes a second over this time: `total_s` or `flow_s`."""
        return _median([run["bytes"] / 1e6 / max(run[seconds_member], 1e-3) for run in self.good
                        if run.get(seconds_member) is not None])


def _median(values):
    return statistics.median(values) if values else None


def load(paths):
    """All runs in these files, each once, in order of time. The last line of a
    file may be half a line, if whoever wrote it was killed."""
    runs = {}
    for path in paths:
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            for line in file:
                run = _parse(line)
                if run is not None:
                    runs[run["row"], run["program"], run["at"]] = run
    return sorted(runs.values(), key=lambda run: run["at"])


def _parse(line):
    try:
        run = json.loads(line)
    except ValueError:
        return None
    wanted = isinstance(run, dict) and all(key in run for key in ["row", "program", "build", "at"])
    return run if wanted else None


def append(path, run):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read() != b"\n":
                file.write(b"\n")
        file.write(json.dumps(run).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def latest(runs):
    """Groups by (row, program). Of a program that was built anew in between
    only the runs of the build that was measured last count."""
    groups = {}
    for run in sorted(runs, key=lambda run: run["at"]):
        key = (run["row"], run["program"])
        group = groups.get(key)
        if group is None or group.runs[-1]["build"] != run["build"]:
            groups[key] = group = Group(*key, [])
        group.runs.append(run)
    return groups


def count(runs, row, program, build):
    return sum((run["row"], run["program"], run["build"]) == (row, program, build) for run in runs)


def last_bytes(runs, row, program, build):
    """How much was sent in the last of these runs that went well, if any did."""
    for run in reversed(runs):
        if (run["row"], run["program"], run["build"]) == (row, program, build) and "bytes" in run:
            return run["bytes"]
    return None
