#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: with-keyring.sh PROGRAM [ARGUMENT…]
#
# Runs PROGRAM on a bus of its own, with GNOME's keyring there, unlocked, in a home
# that ends with the program. Exits with 77 (skipped) where there is no keyring.
set -eu

command -v gnome-keyring-daemon >/dev/null || exit 77

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME="$home" XDG_RUNTIME_DIR="$home" XDG_DATA_HOME="$home/data"
export XDG_CONFIG_HOME="$home/config" XDG_CACHE_HOME="$home/cache"

# The keyring ends with the bus; its own warnings are none of ours.
dbus-run-session -- sh -c '
  printf secret | env -u G_DEBUG gnome-keyring-daemon --unlock --foreground --components=secrets >/dev/null &
  gdbus wait --session --timeout 20 org.freedesktop.secrets || exit 77
  "$@"' sh "$@"
