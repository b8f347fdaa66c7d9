# SPDX-License-Identifier: GPL-3.0-or-later
"""Processor time and memory of programs and all their children, over time."""

import os
import threading
import time

_INTERVAL_S = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


def _children(pid):
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                yield from map(int, file.read().split())
    except OSError:
        return


def tree(pid):
    """A process and all that descend from it."""
    found = [pid]
    for parent in found:
        found.extend(_children(parent))
    return found


def _cpu_s(pid):
    """Its own, and that of children it has waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / _TICKS


def _rss_bytes(pid, field):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(field):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def _pss_bytes(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Meter:
    """Looks at a program twenty times a second until it is stopped. A program
    of one process has a peak that the kernel keeps; of several, it is that of
    the sum of their shares (Pss), looked at once a second."""

    def __init__(self, pid):
        self._pid = pid
        self._samples = [(time.monotonic(), 0.0)]
        self.peak_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        n_looks = 0
        while not self._ended.is_set():
            self.look(with_pss=n_looks % 20 == 19)
            n_looks += 1
            self._ended.wait(_INTERVAL_S)

    def look(self, with_pss=False):
        pids = tree(self._pid)
        used_s = max(sum(map(_cpu_s, pids)), self._samples[-1][1])
        self._samples.append((time.monotonic(), used_s))
        if len(pids) == 1:
            self.peak_bytes = max(self.peak_bytes, _rss_bytes(pids[0], "VmHWM:"))
        elif with_pss:
            self.peak_bytes = max(self.peak_bytes, sum(map(_pss_bytes, pids)))

    def stop(self):
        self._ended.set()
        self._thread.join()

    def cpu_s_between(self, begin_s, end_s):
        return self._cpu_s_until(end_s) - self._cpu_s_until(begin_s)

    def _cpu_s_until(self, at_s):
        """Between two looks the processor was used evenly, for all we know."""
        before = self._samples[0]
        for sample in self._samples:
            if sample[0] >= at_s:
                part = (at_s - before[0]) / max(sample[0] - before[0], 1e-9)
                return before[1] + max(part, 0.0) * (sample[1] - before[1])
            before = sample
        return before[1]
