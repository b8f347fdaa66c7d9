# SPDX-License-Identifier: GPL-3.0-or-later
"""The paths over which files are sent: one row of the table each."""

import dataclasses

STOCK_LIMIT_BYTES = 212_992
RAISED_LIMIT_BYTES = 4 << 20

MANY_FILES = 10_000
MANY_FILE_BYTES = 10_000
MANY_BYTES = MANY_FILES * MANY_FILE_BYTES


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    round_trip_ms: int = 0
    loss: float = 0.0
    rate_bps: int = 0  # bytes a second, each way; 0: no limit
    queue_ms: int = 0
    ipv6: bool = True  # beside IPv4; its headers are 20 bytes longer
    raised: bool = False  # net.core.[rw]mem_max
    many: bool = False  # MANY_FILES small files; timed from the sender's start
    n_bytes: int = 0  # of the file; 0: what takes some seconds
    penstock_env: tuple = ()
    only: tuple = ()  # the programs it is for; empty: all

    @property
    def seconds(self):
        """How long a run should take: longer where a burst at the beginning,
        before the first loss or while windows grow, or what it costs to begin,
        would say too much."""
        return 10.0 if self.loss > 0 or self.rate_bps > 0 or self.round_trip_ms >= 100 else 5.0

    @property
    def delay_us(self):
        return self.round_trip_ms * 500

    @property
    def limit_bytes(self):
        return RAISED_LIMIT_BYTES if self.raised else STOCK_LIMIT_BYTES

    def takes(self, program_name):
        return not self.only or program_name in self.only

    def wire(self):
        """The arguments of pstnet.Bench.connect(); without any, a veth pair."""
        return {"delay_us": self.delay_us, "loss": self.loss, "rate_bps": self.rate_bps,
                "queue_ms": self.queue_ms, "ipv6": self.ipv6}


_PENSTOCK = ("fast", "stock", "to-stock", "from-stock")

ROWS = [
    Row("0ms", "0 ms"),
    Row("20ms", "20 ms", 20),
    Row("50ms", "50 ms", 50),
    Row("100ms", "100 ms", 100),
    Row("50ms-0.1", "50 ms, 0.1 % lost", 50, loss=0.001),
    Row("50ms-1", "50 ms, 1 % lost", 50, loss=0.01),
    # Headers count here, so all programs shall have the same ones.
    Row("100mbit-20ms", "100 Mbit/s, 20 ms", 20, rate_bps=12_500_000, queue_ms=50, ipv6=False),
    Row("0ms-1400", "0 ms, packets of at most 1400 bytes",
        penstock_env=(("PST_LINK_MAX_PACKET_BYTES", "1400"),), only=_PENSTOCK),
    Row("0ms-large", "0 ms, packets of up to 14,700 bytes",
        penstock_env=(("PST_LINK_MAX_PACKET_BYTES", "14700"),), only=_PENSTOCK),
    Row("one-20ms", "one file of 100 MB, 20 ms", 20, n_bytes=MANY_BYTES, only=(*_PENSTOCK, "wormhole")),
    Row("many-20ms", "10,000 files of 10 kB, 20 ms", 20, many=True,
        only=(*_PENSTOCK, "wormhole")),
    Row("0ms-raised", "0 ms, socket limits of 4 MiB", raised=True),
    Row("20ms-raised", "20 ms, socket limits of 4 MiB", 20, raised=True),
    Row("50ms-raised", "50 ms, socket limits of 4 MiB", 50, raised=True),
    Row("100ms-raised", "100 ms, socket limits of 4 MiB", 100, raised=True),
]


def named(names):
    """The rows of these names, in that order; KeyError names one that is not."""
    rows = {row.name: row for row in ROWS}
    return [rows[name] for name in names]
