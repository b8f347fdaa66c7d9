#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Beacons between two machines, each a network namespace:
#
#     pst-PID-a [wire0] ──────── [wire0] pst-PID-b
#     (serves)                             (hears, then connects)
#
#   1. IPv4 only        2. IPv6 with nothing but link-local addresses
#   3. the interface comes up after both have started
#
# test-beacon-netns.sh TEST_BEACON; skips (77) without root or ip.

beacon=$1
a=pst-$$-a
b=pst-$$-b
server=
listener=
n=0
failed=0

clean_up () {
  [ -n "$server" ] && kill "$server" 2>/dev/null
  [ -n "$listener" ] && kill "$listener" 2>/dev/null
  ip netns del $a 2>/dev/null
  ip netns del $b 2>/dev/null
}

skip () {
  echo "1..0 # SKIP $1"
  exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root"
command -v ip >/dev/null || skip "needs ip"
trap clean_up EXIT
trap 'exit 1' INT TERM HUP
ip netns add $a 2>/dev/null && ip netns add $b && ip -n $a link add wire0 type veth peer name wire0 netns $b \
  || skip "cannot make network namespaces"
ip -n $a link set lo up
ip -n $b link set lo up

# ipv6 on|off
ipv6 () {
  for space in $a $b; do
    [ "$1" = on ] && value=0 || value=1
    ip netns exec $space sysctl -qw net.ipv6.conf.all.disable_ipv6=$value \
      net.ipv6.conf.wire0.disable_ipv6=$value net.ipv6.conf.wire0.accept_dad=0
  done
}

link () {
  ip -n $a link set wire0 "$1"
  ip -n $b link set wire0 "$1"
}

serve () {
  PST_TEST_BEACON_SERVE=1 PST_TEST_NAMEPLATE=0412 ip netns exec $a "$beacon" &
  server=$!
}

hear () {
  PST_TEST_BEACON_EXPECT=$1 PST_TEST_NAMEPLATE=0412 ip netns exec $b "$beacon" &
  listener=$!
}

# name
judge () {
  n=$((n + 1))
  if wait $listener; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    failed=1
  fi
  listener=
  kill $server
  wait $server 2>/dev/null
  server=
}

echo 1..3

ipv6 off
link up
ip -n $a addr add 10.77.0.1/24 dev wire0
ip -n $b addr add 10.77.0.2/24 dev wire0
serve
hear 'ws://10.77.0.1:*/v1'
judge 'IPv4 only'

ip -n $a addr flush dev wire0
ip -n $b addr flush dev wire0
ipv6 on
link down
link up
serve
hear 'ws://?fe80::*%25wire0?:*/v1'
judge 'IPv6, link-local only'

link down
serve
hear 'ws://?fe80::*%25wire0?:*/v1'
link up
judge 'an interface that comes up later'

exit $failed
