# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine that is measured on: its limits, its disk, what it is."""

import contextlib
import os
import platform
import time

_LIMITS = ["/proc/sys/net/core/rmem_max", "/proc/sys/net/core/wmem_max"]
_CONGESTION_CONTROL = "/proc/sys/net/ipv4/tcp_congestion_control"


def _read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read().strip()


def _write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(str(value))


@contextlib.contextmanager
def settings():
    """Gives a function that sets the limits of all sockets' buffers. New network
    namespaces use the congestion control that stock systems have. At the end all
    is what it was."""
    before = {path: _read(path) for path in [*_LIMITS, _CONGESTION_CONTROL]}

    def set_limits(n_bytes):
        for path in _LIMITS:
            _write(path, n_bytes)

    try:
        _write(_CONGESTION_CONTROL, congestion_control())
        yield set_limits
    finally:
        for path, value in before.items():
            _write(path, value)


def congestion_control():
    """CUBIC, what stock systems have, or RENO on a kernel without it."""
    available = _read("/proc/sys/net/ipv4/tcp_available_congestion_control").split()
    return "cubic" if "cubic" in available else "reno"


def disk_mb_s(folder, n_bytes=256_000_000):
    """10^6 bytes a second, written and synced; the median of three."""
    block = os.urandom(1 << 20)
    path = os.path.join(folder, "disk-speed")
    rates = []
    for _ in range(3):
        begin_s = time.monotonic()
        with open(path, "wb") as file:
            for _ in range(n_bytes // len(block)):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        rates.append(n_bytes / 1e6 / (time.monotonic() - begin_s))
        os.remove(path)
    return sorted(rates)[1]


def describe():
    model = next((line.split(":", 1)[1].strip() for line in _read("/proc/cpuinfo").splitlines()
                  if line.startswith("model name")), platform.machine())
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "tcp": congestion_control()}
