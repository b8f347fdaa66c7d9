#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends one very large file and watches the memory of both sides.

    soak.py --cli PATH [--gigabytes 20] [--rate BYTES] [--delay MS] [--csv FILE]

The file is sparse, and what has been received is turned back into holes, so the
disk needs room for neither. Ends with 0 when the memory stayed flat: the mean of
the last quarter is at most 10 % and 8 MiB above that of the second one (the
first is warming up).
"""

import argparse
import contextlib
import ctypes
import os
import statistics
import sys
import time

import pstnet
import trees
from pstnet import check

MIB = 1 << 20
MAX_PEAK_BYTES = 96 * MIB
_KEEP_SIZE, _PUNCH_HOLE = 1, 2  # linux/falloc.h

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]


def punch_holes(folder):
    """Frees the blocks of all files; they hold zeros before and after."""
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                fd = os.open(os.path.join(place, name), os.O_RDWR)
                _libc.fallocate(fd, _PUNCH_HOLE | _KEEP_SIZE, 0, max(os.fstat(fd).st_size, 1))
                os.close(fd)


def sample_until_end(sender, receiver, output, n_bytes, stall_s=60):
    samples, moved_s, written = [], time.monotonic(), 0
    while sender.is_running and receiver.is_running:
        time.sleep(1)
        punch_holes(output)
        now = pstnet.bytes_on_disk(output)
        if now != written:
            moved_s = time.monotonic()
        check(time.monotonic() - moved_s < stall_s, f"nothing written for {stall_s} s")
        samples.append((time.monotonic(), now, sender.rss_bytes, receiver.rss_bytes))
        rate = (now - written) / 1e6
        print(
            f"\r{now / n_bytes:6.1%}  {rate:6.1f} MB/s  sender {sender.rss_bytes / MIB:6.1f} MiB"
            f"  receiver {receiver.rss_bytes / MIB:6.1f} MiB ",
            end="", flush=True)
        written = now
    print()
    return samples


def check_flat(name, sizes):
    quarter = len(sizes) // 4
    check(quarter >= 2, "too short to say anything: send more")
    second = statistics.mean(sizes[quarter : 2 * quarter])
    last = statistics.mean(sizes[-quarter:])
    print(f"{name}: second quarter {second / MIB:.1f} MiB, last quarter {last / MIB:.1f} MiB")
    check(last <= second * 1.1 + 8 * MIB, f"the {name}'s memory grows")


def soak(bench, options):
    n_bytes = int(options.gigabytes * 1e9)
    rate_bps = options.rate
    bench.connect(rate_bps=rate_bps, delay_us=int(options.delay * 1000))
    output, path = bench.make_folder("out"), bench.path("large")
    trees.write_sparse_file(path, n_bytes)

    sender = bench.send([path])
    receiver = bench.receive(sender.wait_event("code", 20)["code"], output)
    receiver.wait_event("progress", 60)
    began_s = time.monotonic()
    samples = sample_until_end(sender, receiver, output, n_bytes)
    receiver.expect_exit(0, 60)
    sender.expect_exit(0, 60)
    check(os.path.getsize(os.path.join(output, "large")) == n_bytes, "the size differs")

    took_s = time.monotonic() - began_s
    print(f"{n_bytes / 1e9:.1f} GB in {took_s:.0f} s: {n_bytes / 1e6 / took_s:.1f} MB/s")
    if options.csv:
        with open(options.csv, "w", encoding="ascii") as file:
            file.write("seconds,bytes_on_disk,sender_rss_bytes,receiver_rss_bytes\n")
            for at_s, *sizes in samples:
                file.write(",".join(map(str, [f"{at_s - began_s:.1f}", *sizes])) + "\n")
    for program in [sender, receiver]:
        print(f"{program.name}: {program.peak_rss_bytes / MIB:.1f} MiB at most")
        check(program.peak_rss_bytes <= MAX_PEAK_BYTES, f"the {program.name} took too much")
    for name, column in [("sender", 2), ("receiver", 3)]:
        # The last samples of a program that has just ended are of nothing.
        check_flat(name, [sample[column] for sample in samples if sample[column] > 0])


def main():
    built = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build-test")
    parser = argparse.ArgumentParser(description="Watches memory over a very long transfer.")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--wire", default=f"{built}/tests/net/wire")
    parser.add_argument("--gigabytes", type=float, default=20)
    parser.add_argument("--rate", type=int, default=0, help="bytes a second (no limit)")
    parser.add_argument("--delay", type=float, default=0, help="milliseconds, one way (0)")
    parser.add_argument("--timeout", type=int, default=4 * 3600, help="seconds (4 hours)")
    parser.add_argument("--csv", help="keep the samples in this file")
    options = parser.parse_args()

    def test():
        with pstnet.Bench(os.path.abspath(options.cli), os.path.abspath(options.wire)) as bench:
            soak(bench, options)

    return pstnet.run(test, options.timeout)


if __name__ == "__main__":
    sys.exit(main())
