#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the bench itself: a bench that sees nothing passes everything.

    test-bench.py trees                 needs no rights
    test-bench.py network --wire … --faulty-disk … --faulty-clock …
    test-bench.py internet
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import internet
import pstnet
import trees
from pstnet import check


def same(expected, actual, what):
    check(expected == actual, f"{what}: expected {expected!r}, got {actual!r}")


# Trees


def _change_content(path):
    before = os.stat(path)
    with open(path, "r+b") as file:
        first = file.read(1)
        file.seek(0)
        file.write(bytes([first[0] ^ 1]))
    os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))


def _shift_time(path, by_ns):
    time_ns = os.lstat(path).st_mtime_ns + by_ns
    os.utime(path, ns=(time_ns, time_ns), follow_symlinks=False)


def _relink(path, target):
    os.remove(path)
    os.symlink(target, path)


def _replace_by_folder(path):
    os.remove(path)
    os.mkdir(path)


def _replace_by_copy(path):
    target = os.path.realpath(path)
    os.remove(path)
    shutil.copy2(target, path)


# What is done to a copy, and the words its one difference must contain. The
# time of the folder it happens in is put back, so that nothing else tells.
CHANGES = {
    "content": (lambda r: _change_content(r + b"/size-65536"), "sha256"),
    "size": (lambda r: open(r + b"/size-1", "ab").write(b"x"), "size"),
    "time": (lambda r: _shift_time(r + b"/plain.txt", 1), "mtime_ns"),
    "folder's time": (lambda r: _shift_time(r + b"/empty folder", 1), "mtime_ns"),
    "not executable": (lambda r: os.chmod(r + b"/Werkzeuge gr\xc3\xb6\xc3\x9fer/run me", 0o644), "executable"),
    "executable": (lambda r: os.chmod(r + b"/plain.txt", 0o755), "executable"),
    "link": (lambda r: _relink(r + b"/link down", b"plain.txt"), "target"),
    "link followed": (lambda r: _replace_by_copy(r + b"/link down"), "kind"),
    "missing": (lambda r: os.remove(r + b"/line\nbreak"), "is missing"),
    "missing hidden": (lambda r: os.remove(r + b"/.leading-dot"), "is missing"),
    "missing folder": (lambda r: os.rmdir(r + b"/empty folder/emptier \xe2\x98\x95"), "is missing"),
    "extra": (lambda r: open(r + b"/extra", "w").close(), "was not sent"),
    "kind": (lambda r: _replace_by_folder(r + b"/plain.txt"), "kind"),
    "normalised": (
        lambda r: os.rename(r + "/decomposed e\u0301".encode(), r + "/decomposed \xe9".encode()),
        "was not sent",
    ),
    "case": (lambda r: os.rename(r + b"/CON", r + b"/Con"), "was not sent"),
}


def _check_change(root, copy, name):
    change, word = CHANGES[name]
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(root, copy, symlinks=True)
    same([], trees.differences(trees.describe(root), trees.describe(copy)), "a true copy")
    change(os.fsencode(copy))
    found = trees.differences(trees.describe(root), trees.describe(copy))
    check(any(word in sentence for sentence in found), f"{name}: not noticed, only {found}")


def test_trees():
    with tempfile.TemporaryDirectory(prefix="penstock-net-") as folder:
        root = os.path.join(folder, "mixed")
        trees.make_mixed(root)
        for name in CHANGES:
            _check_change(root, os.path.join(folder, "copy"), name)

        many = os.path.join(folder, "many")
        trees.make_many(many, 5000)
        found = trees.describe(many)
        files = [entry for entry in found.values() if entry["kind"] == "file"]
        same(5000, len(files), "files")
        check(any(entry["size"] == 0 for entry in files), "there is no empty file")
        check(max(path.count(b"/") for path in found) >= 4, "nothing is nested")

        items = trees.describe_items([root, os.path.join(many, "folder 0")])
        check(b"mixed/plain.txt" in items and b"folder 0" in items, "items lack their top")
        print(f"{len(CHANGES)} differences noticed")


# Network

_ECHO = """
import json, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 5000))
print(json.dumps({"type": "ready"}), flush=True)
while True:
    data, peer = s.recvfrom(65535)
    s.sendto(data, peer)
"""

_ASK = """
import json, socket, sys, time
host, count, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
came = changed = behind = 0
first = None
last = b""
rest = bytes(i * 7 % 256 for i in range(size - 5))
start = time.monotonic()
for i in range(count):
    s.sendto(b"%05d" % i + rest, (host, 5000))
for i in range(2 * count):
    try:
        data = s.recv(65535)
    except TimeoutError:
        break
    came += 1
    first = first or time.monotonic() - start
    behind += data < last
    last = max(last, data)
    changed += data[5:] != rest
    if came == count and sys.argv[4] == "once":
        break
print(json.dumps({"type": "done", "came": came, "changed": changed, "behind": behind, "first_s": first, "all_s": time.monotonic() - start}))
"""

_HEAR = """
import json, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5001))
mreq = socket.inet_aton("239.7.7.7") + socket.inet_aton(sys.argv[1])
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, mreq)
s.settimeout(float(sys.argv[2]))
print(json.dumps({"type": "ready"}), flush=True)
try:
    s.recv(100)
    print(json.dumps({"type": "heard"}), flush=True)
except TimeoutError:
    print(json.dumps({"type": "silence"}), flush=True)
"""

_CALL = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
for i in range(5):
    s.sendto(b"here", ("239.7.7.7", 5001))
"""


def _python(bench, side, name, code, *argv, **how):
    return bench.start(side, name, [sys.executable, "-c", code, *map(str, argv)], **how)


def _echo_between(bench, host, count=1, size=64, how="once"):
    echo = _python(bench, "b", "echo", _ECHO, host)
    echo.wait_event("ready", 10)
    ask = _python(bench, "a", "ask", _ASK, host, count, size, how)
    done = ask.wait_event("done", 30)
    ask.expect_exit(0, 5)
    echo.stop()
    return done


def _check_veth(bench):
    bench.connect()
    for host in ["10.77.0.2", "fd77::2"]:
        same(1, _echo_between(bench, host)["came"], f"echo of {host}")
    ear = _python(bench, "b", "ear", _HEAR, "10.77.0.2", 5)
    ear.wait_event("ready", 10)
    _python(bench, "a", "call", _CALL, "10.77.0.1").expect_exit(0, 10)
    ear.wait_event("heard", 10)
    bench.disconnect()


def _check_one_family(bench):
    bench.connect(ipv4=False)
    same(1, _echo_between(bench, "fd77::2")["came"], "echo by IPv6 alone")
    shown = subprocess.run(
        ["ip", "-n", bench.namespace("a"), "-4", "addr", "show", "dev", "link0"],
        capture_output=True, text=True, check=True)
    same("", shown.stdout, "IPv4 addresses")
    bench.disconnect()


def _check_shaping(bench):
    bench.connect(delay_us=50_000)
    done = _echo_between(bench, "10.77.0.2")
    check(done["came"] == 1 and done["first_s"] >= 0.1, f"a delay of 50 ms each way: {done}")
    bench.disconnect()

    # 40 datagrams of 1,042 bytes on the wire: 41,680 bytes at 125,000 a second.
    bench.connect(rate_bps=125_000)
    done = _echo_between(bench, "10.77.0.2", 40, 1000)
    check(done["came"] == 40 and done["all_s"] >= 0.33, f"1 Mbit/s: {done}")
    bench.disconnect()

    _check_queue(bench)
    _check_faults(bench)

    bench.connect(loss=0.5)
    done = _echo_between(bench, "fd77::2", 100, 100)
    check(done["came"] < 90, f"half of the frames lost: {done}")
    bench.disconnect()

    bench.connect(groups=False)
    ear = _python(bench, "b", "ear", _HEAR, "10.77.0.2", 2)
    ear.wait_event("ready", 10)
    _python(bench, "a", "call", _CALL, "10.77.0.1").expect_exit(0, 10)
    ear.wait_event("silence", 10)
    same(1, _echo_between(bench, "fd77::2")["came"], "echo on a wire without groups")
    bench.disconnect()


def _check_queue(bench):
    """500 ms of queue hold 62,500 bytes, some 60 of 100 such datagrams."""
    bench.connect(rate_bps=125_000, queue_ms=500)
    bench.ask_wire()
    done = _echo_between(bench, "10.77.0.2", 100, 1000)
    passed = bench.ask_wire()["there"]
    check(50 <= done["came"] <= 75, f"a queue of 500 ms: {done}")
    check(passed["dropped"] == 100 - done["came"], f"dropped: {passed}")
    check(400 <= passed["wait_longest_ms"] <= 510, f"longest wait: {passed}")
    check(1042 * done["came"] <= passed["udp_bytes"] <= passed["bytes"], f"bytes: {passed}")
    same(0, bench.ask_wire()["there"]["udp_bytes"], "bytes since the last time")
    bench.disconnect()


def _check_faults(bench):
    for host in ["10.77.0.2", "fd77::2"]:
        bench.connect(corrupt=1.0)
        same(0, _echo_between(bench, host, 50, 500)["changed"], f"too early for {host}")
        bench.start_corrupting()
        done = _echo_between(bench, host, 50, 500)
        check(done["came"] == 50 and done["changed"] >= 45, f"changed, and nobody knows: {done}")
        done = _echo_between(bench, host, 5, 15_000)
        check(done["came"] == 5 and done["changed"] == 5, f"the same of fragments: {done}")
        bench.disconnect()

    bench.connect(duplicate=0.5)
    done = _echo_between(bench, "10.77.0.2", 50, 100, "often")
    check(55 <= done["came"], f"half of the frames twice: {done}")
    bench.disconnect()

    bench.connect(reorder=0.5)
    done = _echo_between(bench, "10.77.0.2", 50, 100)
    check(done["came"] == 50 and done["behind"] >= 5, f"half of the frames late: {done}")
    bench.disconnect()


# Sends 64 KiB many times, so that the kernel leaves the cutting to the device.
_POUR = """
import hashlib, socket, sys
n_bytes = 64 << 20
if sys.argv[1] == "take":
    with socket.create_server((sys.argv[2], 5002), family=socket.AF_INET6) as server:
        print('{"type": "ready"}', flush=True)
        taken, digest = 0, hashlib.sha256()
        connection = server.accept()[0]
        while data := connection.recv(1 << 16):
            taken += len(data)
            digest.update(data)
        assert taken == n_bytes and digest.hexdigest() == sys.argv[3], taken
else:
    with socket.create_connection((sys.argv[2], 5002)) as connection:
        for i in range(n_bytes >> 16):
            connection.sendall(bytes([i % 251]) * 65536)
"""


def _check_large_frames(bench):
    """What is not cut into packets yet, what is cut into fragments, and a ring
    that is gone round several times."""
    digest = hashlib.sha256()
    for i in range((64 << 20) >> 16):
        digest.update(bytes([i % 251]) * 65536)

    bench.connect(delay_us=2_000)
    for host in ["10.77.0.2", "fd77::2"]:
        same(5, _echo_between(bench, host, 5, 15_000)["came"], f"fragments to {host}")
    bench.ask_wire()
    for _ in range(3):
        take = _python(bench, "b", "take", _POUR, "take", "fd77::2", digest.hexdigest())
        take.wait_event("ready", 10)
        _python(bench, "a", "pour", _POUR, "pour", "fd77::2").expect_exit(0, 60)
        take.expect_exit(0, 30)
    passed = bench.ask_wire()["there"]
    check(passed["tcp_bytes"] > 3 << 26 and passed["overrun"] == 0, f"TCP: {passed}")
    check(passed["tcp_bytes"] / passed["frames"] > 3000, f"every packet came alone: {passed}")


def _check_slow_disk(bench):
    slow, fast = bench.make_folder("slow"), bench.make_folder("fast")
    env = {"LD_PRELOAD": bench.faulty_disk, "PST_FAULTY_DIRS": slow, "PST_FAULTY_BPS": "2000000"}
    for call in ["os.write(f, data)", "os.pwrite(f, data, 0)", "os.writev(f, [b'', data])",
                 "os.pwritev(f, [data], 0)"]:
        code = (
            "import os, sys; data = b'x' * 1000000;"
            f"f = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT); assert {call} == 1000000"
        )
        start = time.monotonic()
        _python(bench, "a", "writer", code, f"{slow}/file", env=env).expect_exit(0, 10)
        check(time.monotonic() - start >= 0.5, f"{call} was not slowed down")
        same(1_000_000, pstnet.bytes_on_disk(slow), f"bytes after {call}")
    start = time.monotonic()
    code = "import sys; open(sys.argv[1], 'wb').write(b'x' * 20000000)"
    _python(bench, "a", "writer", code, f"{fast}/file", env=env).expect_exit(0, 10)
    check(time.monotonic() - start < 10, "another folder was slowed down")


def _check_clock(bench):
    code = ("import time; years = set(); until = time.monotonic() + 1\n"
            "while time.monotonic() < until: years.add(time.gmtime().tm_year); time.sleep(.01)\n"
            "assert len(years) > 4, years")
    _python(bench, "a", "clock", code, env={"LD_PRELOAD": bench.faulty_clock}).expect_exit(0, 20)


def _check_small_disk(bench):
    small, locked = bench.make_folder("small"), bench.make_folder("locked")
    bench.mount_tmpfs(small, 1 << 20)
    bench.mount_read_only(locked)
    for folder, word in [(small, "No space left"), (locked, "Read-only")]:
        code = "import sys; open(sys.argv[1], 'wb').write(b'x' * 2000000)"
        writer = _python(bench, "a", "writer", code, f"{folder}/file")
        writer.expect_exit(1, 10)
        check(word in writer.log_tail(), f"{folder}: {writer.log_tail()}")


def _check_programs(bench):
    code = "import time; x = b'x' * 100_000_000; time.sleep(30)"
    program = _python(bench, "a", "eater", code)
    deadline = time.monotonic() + 10
    while program.peak_rss_bytes < 100_000_000 and time.monotonic() < deadline:
        time.sleep(0.05)
    check(100_000_000 <= program.peak_rss_bytes < 160_000_000, f"peak {program.peak_rss_bytes}")
    program.interrupt()
    check(program.wait(20) != 0, "an interrupted program ended with 0")
    try:
        program.wait_event("code", 1)
    except pstnet.Failure:
        pass
    else:
        raise pstnet.Failure("an event that never was has been seen")


# Tells whoever asks from where it was asked, "same" from the address that was asked,
# "other" from another one.
_TELL = """
import select, socket
sockets = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
for number, one in enumerate(sockets, 1):
    one.bind((f"192.0.2.{number}", 5003))
listener = socket.create_server(("192.0.2.1", 443))
print('{"type": "ready"}', flush=True)
while True:
    for one in select.select(sockets, [], [])[0]:
        how, address = one.recvfrom(100)
        by = one if how == b"same" else sockets[1 - sockets.index(one)]
        by.sendto(f"{address[0]} {address[1]}".encode(), address)
"""

# One socket that asks for each line "host how"; says what it was told, or null.
_SEE = """
import json, socket, sys
see = socket.socket(type=socket.SOCK_DGRAM)
see.settimeout(1)
for line in sys.stdin:
    host, how = line.split()
    see.sendto(how.encode(), (host, 5003))
    try:
        told = see.recv(100).decode()
    except TimeoutError:
        told = None
    print(json.dumps({"type": "seen", "told": told}), flush=True)
"""


class _Eye:
    def __init__(self, bench):
        _python(bench, "net", "tell", _TELL).wait_event("ready", 10)
        self._see = _python(bench, "a", "see", _SEE, keep_stdin=True)
        self._n_asked = 0

    def ask(self, host="192.0.2.1", how="same"):
        self._n_asked += 1
        self._see.say(f"{host} {how}")
        self._see.wait_event("seen", 10, lambda event: event
                             is self._see.events_of("seen")[-1]
                             and len(self._see.events_of("seen")) == self._n_asked)
        return self._see.events_of("seen")[-1]["told"]


def _check_cone(bench):
    routers = internet.Internet(bench)
    eye = _Eye(bench)
    first = eye.ask()
    check(first and first.startswith("198.51.100.2 "), f"an address is not translated: {first}")
    same(None, eye.ask("192.0.2.1", "other"), "a stranger's answer")
    same(first, eye.ask("192.0.2.2"), "a port of a cone, for another server")
    routers.forget_ports("a")
    check(eye.ask() not in [None, first], "a router that restarted gave the same port")
    bench.disconnect()


def _check_symmetric(bench):
    internet.Internet(bench, internet.SYMMETRIC)
    eye = _Eye(bench)
    told = [eye.ask("192.0.2.1"), eye.ask("192.0.2.2"), eye.ask("192.0.2.1")]
    check(None not in told and told[0] == told[2] != told[1], f"a symmetric NAT told {told}")
    bench.disconnect()


def _check_firewall(bench):
    internet.Internet(bench, allowed="tcp dport 443")
    same(None, _Eye(bench).ask(), "UDP through a firewall")
    code = ("import socket, sys;"
            "socket.create_connection(('192.0.2.1', int(sys.argv[1])), timeout=1)")
    _python(bench, "a", "443", code, 443).expect_exit(0, 10)
    check(_python(bench, "a", "5003", code, 5003).wait(10) != 0, "another port was let through")
    bench.disconnect()


def make_internet_test(options):
    def test():
        with pstnet.Bench() as bench:
            _check_cone(bench)
            _check_symmetric(bench)
            _check_firewall(bench)

    return test


def make_network_test(options):
    def test():
        with pstnet.Bench(wire=options.wire, faulty_disk=options.faulty_disk,
                          faulty_clock=options.faulty_clock) as bench:
            _check_veth(bench)
            _check_one_family(bench)
            _check_shaping(bench)
            _check_large_frames(bench)
            _check_slow_disk(bench)
            _check_small_disk(bench)
            _check_clock(bench)
            _check_programs(bench)
            bench.start_mailbox("a")

    return test


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=["trees", "network", "internet"])
    parser.add_argument("--wire")
    parser.add_argument("--faulty-disk")
    parser.add_argument("--faulty-clock")
    options = parser.parse_args()
    make = {"trees": lambda _: test_trees, "network": make_network_test,
            "internet": make_internet_test}[options.part]
    test = make(options)
    sys.exit(pstnet.run(test, 150))


main()
