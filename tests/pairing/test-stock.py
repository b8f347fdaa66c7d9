#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Penstock's mailbox client and server against the ecosystem's own.

test-stock.py RUN_RENDEZVOUS RUN_WORMHOLE; skips (77) what is not installed.
Everything happens on loopback, and every wait is bounded.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

RENDEZVOUS, WORMHOLE = map(os.path.abspath, sys.argv[1:3])
BOUND_S = 60
children = []
home = tempfile.mkdtemp(prefix="pst-stock-")
env = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
env.update(HOME=home, PYTHONUNBUFFERED="1", LC_ALL="C.UTF-8")
env.pop("G_DEBUG", None)
n = 0


def check(ok, name, detail=""):
    global n
    n += 1
    print(f"{'ok' if ok else 'not ok'} {n} - {name}")
    for line in str(detail).splitlines() if not ok else ():
        print("#", line)
    return ok


def start(*args, **kwargs):
    child = subprocess.Popen(
        args, env=env, cwd=home, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kwargs)
    children.append(child)
    return child


def finish(child):
    try:
        output, _ = child.communicate(timeout=BOUND_S)
    except subprocess.TimeoutExpired:
        child.kill()
        output, _ = child.communicate()
        output += "\n(timed out)"
    return child.returncode, output


def stock(client, url, *args):
    if client == "wormhole":
        return start("wormhole", "--relay-url", url + "/v1",
                     "--transit-helper", "tcp:127.0.0.1:1", *args)
    verb, *rest = args
    rest = [a for a in rest if a != "--only-text"]
    return start("wormhole-william", verb, "--relay-url", url + "/v1", *rest)


def send_args(client, code):
    return ["send", "--text", "héllo", "--code", code]


def receive_args(client, code):
    return (["receive", "--only-text", code] if client == "wormhole"
            else ["recv", code])


def exchange(url, sender, receiver, code, name):
    a = stock(sender, url, *send_args(sender, code))
    b = stock(receiver, url, *receive_args(receiver, code))
    b_status, b_out = finish(b)
    a_status, a_out = finish(a)
    check(a_status == 0 and b_status == 0 and "héllo" in b_out,
          f"{name}: {sender} to {receiver}", a_out + b_out)


def pair_ours(url, name):
    host = start(WORMHOLE, url, "host")
    code = host.stdout.readline().split()[-1]
    guest = start(WORMHOLE, url, "join", code)
    guest_status, guest_out = finish(guest)
    host_status, host_out = finish(host)
    check(host_status == 0 and guest_status == 0 and "paired penstock" in guest_out
          and "paired penstock" in host_out, f"{name}: ours with ours", guest_out + host_out)


def wrong_code(url, name):
    host = start(WORMHOLE, url, "host")
    code = host.stdout.readline().split()[-1]
    guest = start(WORMHOLE, url, "join", code.split("-")[0] + "-wrong-words")
    results = finish(host), finish(guest)
    check(all(s == 1 and "failed wrong-code" in o for s, o in results),
          f"{name}: ours, wrong code on both sides", results)


def ours_with_stock(url, client, code, name):
    a = stock(client, url, *send_args(client, code))
    b = start(WORMHOLE, url, "join", code)
    status, out = finish(b)
    check(status == 0 and "paired other" in out, f"{name}: {client} with ours", out)
    a.kill()
    a.communicate()


def stock_wrong_code(url, client, code, name):
    a = stock(client, url, *send_args(client, code + "-purple"))
    b = start(WORMHOLE, url, "join", code + "-wrong")
    b_status, b_out = finish(b)
    a_status, a_out = finish(a)
    check(b_status == 1 and "failed wrong-code" in b_out and a_status != 0,
          f"{name}: {client} with ours, wrong code", a_out + b_out)


def start_real_server():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start("twist3", "wormhole-mailbox", "--port", f"tcp:{port}:interface=127.0.0.1",
          "--channel-db", os.path.join(home, "relay.sqlite"))
    end = time.monotonic() + BOUND_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"ws://127.0.0.1:{port}"
        time.sleep(0.1)
    return None


def has_real_server():
    if not shutil.which("twist3"):
        return False
    listing = subprocess.run(["twist3", "--help"], env=env, cwd=home, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=BOUND_S)
    return "wormhole-mailbox" in listing.stdout


def main():
    clients = [c for c in ("wormhole", "wormhole-william") if shutil.which(c)]
    real = has_real_server()
    if not clients and not real:
        print("1..0 # SKIP no other implementation is installed")
        return 77

    own = start(RENDEZVOUS)
    url = "ws://127.0.0.1:" + own.stdout.readline().strip()
    number = 20
    servers = [("our server", url)]
    if real:
        real_url = start_real_server()
        check(real_url is not None, "the ecosystem's server starts")
        servers.append(("their server", real_url))

    for name, server in servers:
        pair_ours(server, name)
        wrong_code(server, name)
        for client in clients:
            ours_with_stock(server, client, f"{number}-purple-sausages", name)
            stock_wrong_code(server, client, f"{number + 1}", name)
            number += 2
    for sender in clients:
        for receiver in clients:
            exchange(url, sender, receiver, f"{number}-purple-sausages", "our server")
            number += 1
    print(f"1..{n}")
    return 0


try:
    result = main()
finally:
    for child in children:
        if child.poll() is None:
            child.kill()
            child.wait()
    shutil.rmtree(home, ignore_errors=True)
sys.exit(result)
