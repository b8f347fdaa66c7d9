#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a test program where an address that is not loopback certainly exists:
# ICE gathers no candidates on loopback alone. With the right to, that is a
# network namespace of its own with a pair of virtual interfaces, which goes
# with the process; otherwise this machine's network if it has an address.
# Usage: with-network.sh PROGRAM [ARGUMENT…]; exits with 77 (skipped) where
# neither is possible.
set -eu

pair=pst$$

inside='
ip link set lo up &&
ip link add '"$pair"'a type veth peer name '"$pair"'b &&
ip addr add 192.0.2.1/24 dev '"$pair"'a &&
ip link set '"$pair"'a up && ip link set '"$pair"'b up || {
  echo "1..0 # SKIP no virtual interface can be made here"
  exit 77
}
# The kernel may take a second to say so, and until then ICE looks past them.
tries=0
until ip -o link show dev '"$pair"'a | grep -q " state UP "; do
  tries=$((tries + 1))
  [ $tries -lt 5000 ] || { echo "the virtual interface does not come up" >&2; exit 1; }
done
exec "$@"'

if unshare --net true 2>/dev/null; then
  exec unshare --net sh -c "$inside" sh "$@"
fi
if unshare --net --map-root-user true 2>/dev/null; then
  exec unshare --net --map-root-user sh -c "$inside" sh "$@"
fi

if ip -o addr show scope global up 2>/dev/null | grep -q .; then
  exec "$@"
fi

echo '1..0 # SKIP no network namespace can be made here, and there is no address but loopback'
exit 77
