# SPDX-License-Identifier: GPL-3.0-or-later
"""Two homes behind routers of their own, and public machines between them.

    namespace pst<pid>a       …ra              …net             …rb         pst<pid>b
   +-----------------+   +-----------+   +---------------+   +-----------+   +-----------+
   | program         |   | router    |   | mailbox, STUN |   | router    |   | program   |
   |           link0 +===+ home line +===+ and TURN      +===+ line home +===+ link0     |
   +-----------------+   +-----------+   +---------------+   +-----------+   +-----------+
     192.168.1.2/24       198.51.100.2/24   192.0.2.1…9/32   203.0.113.2/24  192.168.2.2/24

A router is what its nftables rules make it: it translates addresses and ports or not,
it keeps what comes from outside out, and it may let only some of what goes out through.
There is no IPv6 and no multicast between the homes, as on most of the internet.
"""

import os
import shutil

from pstnet import Failure, Skip, _output, _tool

# As the kernel's connection tracking does it. Both keep out what was not asked for
# (address and port must match). CONE has one port outside for one inside, whoever is
# spoken to, and SYMMETRIC another one for each.
CONE, SYMMETRIC = "masquerade", "masquerade fully-random"

# No translation, and nothing is kept out.
OPEN = "accept"

PUBLIC = "192.0.2.1"
MAILBOX = f"ws://{PUBLIC}:4000/v1"
STUN = f"stun://{PUBLIC}:3478"

_LINES = {"a": "198.51.100", "b": "203.0.113"}
_HOMES = {"a": "192.168.1", "b": "192.168.2"}

_RULES = """
flush ruleset
table ip penstock {{
  chain out {{
    type nat hook postrouting priority srcnat;
    oifname "line" {nat}
  }}
  chain through {{
    type filter hook forward priority filter; policy {otherwise};
    ct state established,related accept
    iifname "home" {allowed} accept
  }}
  chain here {{
    # Whoever knocks too early must leave no trace, or the port is taken.
    type filter hook input priority filter; policy drop;
  }}
}}
"""


class Internet:
    def __init__(self, bench, a=CONE, b=CONE, allowed=""):
        """Makes it. ALLOWED: of what the homes send, only this leaves them, as nftables
        says it; everything when empty."""
        self._bench = bench
        for tool in ["nft", "conntrack"]:
            if shutil.which(tool) is None:
                raise Skip(f"{tool} is not installed")
        for name in ["a", "ra", "net", "rb", "b"]:
            bench.add_namespace(name)
        self._inside("net", "ip", "link", "set", "lo", "up")
        for last in range(1, 10):
            self._inside("net", "ip", "addr", "add", f"192.0.2.{last}/32", "dev", "lo")
        for side, nat in [("a", a), ("b", b)]:
            self._add_home(side, nat)
            self.set_router(side, nat, allowed)
        # What is for nobody goes on its way, and a router drops it: no server is told.
        self._inside("net", "ip", "route", "add", "default", "via", f"{_LINES['a']}.2")
        for name in ["ra", "net", "rb"]:
            self._set(name, "ipv4/ip_forward", 1)

    def _inside(self, name, *argv):
        return _output("ip", "netns", "exec", self._bench.namespace(name), *argv)

    def _set(self, name, knob, value):
        self._inside(name, "sh", "-c", f"echo {value} > /proc/sys/net/{knob}")

    def _join(self, one, one_end, other, other_end):
        _tool("ip", "link", "add", one_end, "netns", self._bench.namespace(one), "type", "veth",
              "peer", "name", other_end, "netns", self._bench.namespace(other))

    def _add_home(self, side, nat):
        line, home, router = _LINES[side], _HOMES[side], f"r{side}"
        self._join(side, "link0", router, "home")
        self._join(router, "line", "net", f"to-{side}")
        for name, device, address in [(side, "link0", f"{home}.2"), (router, "home", f"{home}.1"),
                                      (router, "line", f"{line}.2"), ("net", f"to-{side}", f"{line}.1")]:
            self._set(name, f"ipv6/conf/{device}/disable_ipv6", 1)
            self._inside(name, "ip", "addr", "add", f"{address}/24", "dev", device)
            self._inside(name, "ip", "link", "set", device, "up")
            self._inside(name, "ip", "link", "set", "lo", "up")
        self._inside(side, "ip", "route", "add", "default", "via", f"{home}.1")
        self._inside(router, "ip", "route", "add", "default", "via", f"{line}.1")
        if nat == OPEN:
            self._inside("net", "ip", "route", "add", f"{home}.0/24", "via", f"{line}.2")
        self._bench._wait_until_up(self._bench.namespace(side), True)

    def set_router(self, side, nat, allowed=""):
        """The rules of a router from now on; what runs through it goes on."""
        rules = self._bench.path(f"rules-{side}")
        with open(rules, "w", encoding="utf-8") as file:
            otherwise = "accept" if nat == OPEN else "drop"
            file.write(_RULES.format(nat=nat, allowed=allowed, otherwise=otherwise))
        try:
            self._inside(f"r{side}", "nft", "-f", rules)
        except Failure as error:
            raise Skip(f"this kernel translates no addresses: {error}") from error

    def forget_ports(self, side):
        """A router restarts: it knows none of its connections any more, and whatever goes
        out next gets another port."""
        self.set_router(side, SYMMETRIC)
        self._inside(f"r{side}", "conntrack", "-F")

    # Public machines

    def start_mailbox(self, address=PUBLIC, port=4000):
        return self._bench.start_mailbox("net", port, address)

    def start_relay(self, address=PUBLIC, transport="udp", port=3478):
        """A TURN server, which answers STUN as well; gives it and how it is named."""
        relay = self._bench.start_relay("net", address, "user", "secret", transport, port)
        query = "" if transport == "udp" else "?transport=tcp"
        return relay, f"turn://user:secret@{address}:{port}{query}"
