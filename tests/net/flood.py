#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Floods a network with beacons, until it is ended.

    flood.py NAMEPLATE ADDRESS…

From each address of this machine, over and over: beacons for that nameplate that
lead nowhere, also under the true server's id once it was heard; beacons for others;
and what is none: cut off, nested, empty, as large as a datagram may be. Moreover all
places of the true server are taken by connections that say nothing. Prints "flooding"
once all of that is under way.
"""

import itertools
import json
import os
import socket
import struct
import sys
import time

GROUP, PORT = "239.255.112.115", 28785
HELD_CONNECTIONS = 8  # from each address: what the server takes


def sender(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 0))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
    return sock


def hear(nameplate, address):
    """The true beacon's id and where it came from."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((GROUP, PORT))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                    struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(address)))
    while True:
        data, (source, _) = sock.recvfrom(65536)
        beacon = json.loads(data)
        if beacon.get("nameplate") == nameplate:
            return beacon["id"], (source, beacon["port"])


def beacon(nameplate, port, server_id):
    return json.dumps({"penstock": 1, "nameplate": nameplate, "port": port, "id": server_id}).encode()


def datagrams(nameplate, true_id):
    """Endless; no two beacons in it are the same."""
    for n in itertools.count():
        port = 1 + n % 1000
        yield beacon(nameplate, port, true_id)
        yield beacon(nameplate, port, f"{n:x}")
        yield beacon(f"0{n % 1000:03}", port, f"{n:x}")
        yield beacon(nameplate, port, f"{n:x}")[:-1 - n % 40]
        yield b"[" * 512
        yield os.urandom(64) * (n % 20) * 50
        yield b""


def take_places(server, addresses):
    held = []
    for address in addresses:
        for _ in range(HELD_CONNECTIONS):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.bind((address, 0))
            sock.connect(server)
            held.append(sock)
    return held


def main():
    nameplate, *addresses = sys.argv[1:]
    senders = [sender(address) for address in addresses]
    true_id, server = hear(nameplate, addresses[0])
    held = take_places(server, addresses)
    for n, data in enumerate(datagrams(nameplate, true_id)):
        for sock in senders:
            sock.sendto(data, (GROUP, PORT))
        if n == 500:
            print("flooding", flush=True)
        if n % 4 == 3:
            time.sleep(0.001)
        if n % 5000 == 4999:  # what the server has dropped is there again
            for sock in held:
                sock.close()
            held = take_places(server, addresses)


if __name__ == "__main__":
    main()
