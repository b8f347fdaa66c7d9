#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: tests/ui/with-display.sh COMMAND [ARGUMENT…]
#
# Runs a command with a screen, a session bus and a home of its own; ends with
# its status, or with 77 when there cannot be a screen (tests/ui/display.py).
exec python3 -B "$(dirname "$(readlink -f "$0")")/display.py" "$@"
