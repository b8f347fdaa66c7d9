#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Penstock's window as a person would, mostly two of them.

    scenario.py NAME [--build FOLDER] [--timeout SECONDS]
    scenario.py --list

Ends with 0 when everything held, 77 when this machine cannot run it, else 1.
docs/testing.md says what each scenario is for.
"""

import argparse
import os
import sys
import time

import programs

import desk
import labels
import people
import pstnet
import trees
from gi.repository import GLib
from people import MEET_S, MIB, check_failure
from pstnet import check

# A promise to the person is two seconds; a loaded test machine gets more.
MAX_START_S = 10
GOOD_START_S = 2


# From one window to the other


def _deliver(room, by):
    ada, bob = room.pair()
    paths = [room.file("report größer.bin", 3 * MIB)]
    if by != "choose":
        paths.append(room.folder())
    people.connect(ada, bob, *paths, by=by)
    check(not os.listdir(bob.downloads), "something was written before it was accepted")
    people.accept(bob)
    people.wait_received(bob)
    people.wait_sent(ada)
    people.check_same(paths, bob.downloads)
    people.check_folder_shown(bob, *[os.path.basename(path) for path in paths])
    for person in [ada, bob]:
        check(not person.nameless(), f"{person.person} meets controls without a name: {person.nameless()}")


def drop_to_window(room):
    _deliver(room, "drop")


def paste_to_window(room):
    _deliver(room, "paste")


def choose_to_window(room):
    _deliver(room, "choose")


def window_to_cli(room):
    ada = room.desk("a", "Ada")
    ada.launch()
    paths = [room.file("to the command line", 2 * MIB), room.folder()]
    code = people.offer(ada, *paths)
    output = room.bench.make_folder("out")
    receiver = room.bench.receive(code, output)
    receiver.wait_event("connected", MEET_S)
    # The connection stays until one of the two ends it.
    people.wait_sent(ada)
    receiver.wait_event("done", MEET_S)
    people.check_same(paths, output)


def cli_to_window(room):
    bob = room.desk("b", "Bob")
    bob.launch()
    paths = [room.file("from the command line", 2 * MIB), room.folder()]
    sender = room.bench.send(paths)
    people.enter_code(bob, sender.wait_event("code", 30)["code"])
    people.accept(bob)
    people.wait_received(bob)
    sender.expect_exit(0, MEET_S)
    people.check_same(paths, bob.downloads)


def both_directions(room):
    """One connection, several transfers, both ways, one after the other in a queue."""
    ada, bob = room.pair(ada=people.limited(2_000_000))
    first = room.file("first", 1000)
    people.connect(ada, bob, first)
    people.accept(bob)
    people.wait_received(bob)
    back = room.file("the answer", 500_000)
    bob.paste(back)
    people.accept(ada)
    people.wait_received(ada)
    people.check_same([back], ada.downloads)
    many = [room.file(f"queued {i}", 400_000) for i in range(6)]
    for path in many:
        ada.paste(path)
    ada.wait_text(labels.IN_THE_QUEUE)
    for _ in many:
        people.accept(bob)
    wanted = {os.path.basename(path) for path in [first, *many]}
    desk.wait_for(lambda: set(os.listdir(bob.downloads)) == wanted, 60, "all that was queued")
    people.check_same([first, *many], bob.downloads)
    ada.press(labels.DISCONNECT)
    for person in [ada, bob]:
        person.wait_text(labels.CONNECTION_ENDED)


def pause_and_resume(room):
    ada, bob, _ = people.start_slow(room)
    ada.press(labels.PAUSE)
    ada.wait_text(labels.PAUSED_BY_YOU)
    bob.wait_text(labels.PAUSED_BY_THEM)
    ada.press(labels.RESUME)
    bob.wait_text(labels.RECEIVING)
    bob.press(labels.CANCEL_TRANSFER)
    ada.wait_text(labels.FAILURES["cancelled-by-them"][0])
    desk.wait_for(lambda: not os.listdir(bob.downloads), 10, "Bob's folder is empty again")


def _read_words(person):
    person.focus_window()
    person.key("F10")
    person.wait("menu item", labels.COMPARE_WORDS)
    person.key("c")
    words = person.wait_text(labels.SIX_WORDS)
    check(not person.nameless(), f"{person.person} meets controls without a name: {person.nameless()}")
    return words


def compare_words(room):
    ada, bob = room.pair()
    people.connect(ada, bob, room.file("unwanted"))
    theirs = _read_words(bob)
    bob.key("Escape")
    bob.wait_no_button(labels.THEY_DIFFER)
    bob.wait_button(labels.ACCEPT)
    ours = _read_words(ada)
    check(ours == theirs, f"Ada reads “{ours}”, Bob “{theirs}”")
    print(f"both read “{ours}”")
    ada.press(labels.THEY_DIFFER)
    for person in [ada, bob]:
        person.wait_text(labels.WORDS_DIFFER)
        person.wait_no_button(labels.THEY_DIFFER)
    check(not os.listdir(bob.downloads), "something was written")


def _choose_device(person, button, name):
    """Opens a menu and takes what it offers, by keys alone: GTK tells no action of a menu button."""

    def tab():
        there = person.focused()
        return (there is not None and there.name == button) or person.key("Tab")

    person.wait_button(button, timeout_s=people.MEET_S)
    person.focus_window()
    desk.wait_for(tab, 20, f"{person.person} to come to {button!r}")
    person.key("space")
    desk.wait_for(lambda: getattr(person.focused(), "role", "") == "menu item", 10, f"{name} in the menu")
    person.key("Return")


def remember(room):
    ada, bob = room.pair()
    people.connect(ada, bob, room.file("with a code"))
    bob.focus_window()
    bob.key("F10")
    bob.wait("menu item", labels.REMEMBER_THIS)
    bob.key("m")
    for person in [bob, ada]:
        person.press(labels.REMEMBER, timeout_s=people.MEET_S)
    for person, name in [(bob, "Ada"), (ada, "Bob")]:
        people.wait_remembered(person, name)
    people.accept(bob)
    people.wait_received(bob)
    ada.press(labels.DISCONNECT)
    for person in [ada, bob]:
        person.wait_text(labels.CONNECTION_ENDED)

    path = room.file("without a code")
    people.offer(ada, path)
    ada.wait_button(labels.SEND_TO_DEVICE, timeout_s=people.MEET_S)
    bob.press(labels.RECEIVE_AGAIN)
    bob.wait_button(labels.RECEIVE_FROM_DEVICE)
    for person in [ada, bob]:
        desk.wait_for(lambda: not person.nameless(), 10, f"all of {person.person}'s controls to have a name")
    _choose_device(ada, labels.SEND_TO_DEVICE, "Bob")
    _choose_device(bob, labels.RECEIVE_FROM_DEVICE, "Ada")
    people.accept(bob)
    people.wait_received(bob)
    desk.wait_for(lambda: "without a code" in os.listdir(bob.downloads), 10, "the file")


# Beginnings


def startup(room):
    ada = room.desk("a", "Ada")
    seconds = []
    for run in ["cold", "warm", "warm"]:
        ada.launch()
        seconds.append(ada.wait_mapped(MAX_START_S))
        ada.wait_button(labels.RECEIVE)
        print(f"{run}: mapped after {seconds[-1]:.2f} s")
        ada.quit()
    if min(seconds) > GOOD_START_S:
        print(f"slower than the {GOOD_START_S} s a person was promised")


def open_file(room):
    ada = room.desk("a", "Ada")
    path = room.file("named on the command line", 1000)
    ada.launch(path)
    print(f"mapped after {ada.wait_mapped():.2f} s")
    print(f"the code is {people.read_code(ada)}")
    ada.wait_button(labels.COPY_LINK)


# Endings


def close_asks(room):
    ada, bob, path = people.start_slow(room)
    # Wide and narrow: there the buttons stand one below the other.
    for width in [600, 360]:
        for person in [bob, ada]:
            person.resize(width, 640)
            person.focus_window()
            person.key("ctrl+w")
            person.wait_button(labels.KEEP_OPEN)
            person.key("Return")
            person.wait_no_button(labels.KEEP_OPEN)
    ada.wait_text(labels.SENDING)
    bob.wait_text(labels.RECEIVING)
    ada.focus_window()
    ada.key("ctrl+w")
    ada.press(labels.STOP_AND_CLOSE)
    ada.window_program.expect_exit(0, 20)
    bob.wait_no_button(labels.PAUSE)
    desk.wait_for(lambda: not os.listdir(bob.downloads), 10, "Bob's folder is empty again")


def killed(room):
    ada, bob, path = people.start_slow(room)
    people.kill(bob)
    left = [name for name in os.listdir(os.fsencode(bob.downloads))
            if not name.startswith(pstnet.PARTIAL_PREFIX)]
    check(not left, f"under a final name lies {left}")
    print(f"partial files: {pstnet.partial_files(bob.downloads)}")


def goes_on(room):
    """What came before both were killed is said before it is accepted, and is not sent again."""
    ada, bob, path = people.start_slow(room, 12 * people.MIB)
    desk.wait_for(lambda: pstnet.bytes_on_disk(bob.downloads) > 3_000_000, 60, "three megabytes")
    for person in [bob, ada]:
        people.kill(person)
        person.launch()
        person.wait_button(labels.RECEIVE)
    people.connect(ada, bob, path)
    print(f"before it is accepted: {bob.wait_text(labels.CAME_EARLIER)!r}")
    people.accept(bob)
    for person in [ada, bob]:
        print(f"{person.person} reads {person.wait_text(labels.CAME_EARLIER, 60)!r}")
    people.wait_received(bob)
    people.check_same([path], bob.downloads)


# Failures


def wrong_code(room):
    ada, bob = room.pair()
    number, *words = people.offer(ada, room.file("unwanted")).split("-")
    words[0] = "aardvark" if words[0] != "aardvark" else "absurd"
    people.enter_code(bob, "-".join([number, *words]))
    check_failure(bob, "wrong-code")
    check_failure(ada, "wrong-code-host")


def nobody_found(room):
    bob = room.desk("b", "Bob")
    bob.launch()
    ada = room.desk("a", "Ada")
    ada.launch()
    code = people.offer(ada, room.file("too late"))
    ada.press(labels.CANCEL)
    ada.wait_button(labels.RECEIVE)
    people.enter_code(bob, code)
    check_failure(bob, "nobody-found", 100)


def declined(room):
    ada, bob = room.pair()
    people.connect(ada, bob, room.file("unwanted"))
    bob.press(labels.DECLINE)
    check_failure(ada, "declined")
    check(not os.listdir(bob.downloads), "something was written")


def cancelled(room):
    ada, bob, _ = people.start_slow(room)
    bob.press(labels.CANCEL_TRANSFER)
    check_failure(ada, "cancelled-by-them")


def connection_lost(room):
    ada, bob, path = people.start_slow(room, 24 * MIB)
    room.bench.link_down("a")
    for person in [ada, bob]:
        person.wait_text(labels.RECONNECTING, 30)
    check(not [name for name in os.listdir(bob.downloads) if name == "large.bin"], "it has its final name")
    room.bench.link_up("a")
    bob.wait_text(labels.RECEIVING, 60)
    ada.wait_text(labels.SENDING, 60)
    people.wait_received(bob, 60)
    people.wait_sent(ada)
    people.check_same([path], bob.downloads)


def disk_full(room):
    small = room.bench.make_folder("small")
    room.bench.mount_tmpfs(small, 8 * MIB)
    ada, bob = room.pair(bob=people.destination(small))
    people.connect(ada, bob, room.file("large.bin", 24 * MIB))
    check_failure(bob, "disk-full")
    check(not os.listdir(small), "something was written")


def disk_fills(room):
    small = room.bench.make_folder("small")
    room.bench.mount_tmpfs(small, 40 * MIB)
    ada, bob, path = people.start_slow(room, 24 * MIB, ada=people.limited(1_000_000),
                                       bob=people.destination(small))
    others = os.path.join(small, "someone else's")
    with open(others, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            pass
    bob.wait_text(labels.DISK_FULL, 45)
    ada.wait_text(labels.THEIR_DISK_FULL, 45)
    for person in [ada, bob]:
        person.wait_text(labels.FREE_SPACE)
    check(not os.path.exists(os.path.join(small, "large.bin")), "it has its final name")
    os.remove(others)
    people.wait_received(bob, 60)
    people.wait_sent(ada)
    people.check_same([path], small)


def file_changed(room):
    ada, bob, path = people.start_slow(room, 8 * MIB)
    with open(path, "r+b") as file:
        file.truncate(4 * MIB)
    check_failure(ada, "file-changed", 45)
    check("large.bin" not in os.listdir(bob.downloads), "it has its final name")


def unwritable(room):
    locked = room.bench.make_folder("locked")
    room.bench.mount_read_only(locked)
    ada, bob = room.pair(bob=people.destination(locked))
    people.connect(ada, bob, room.file("small", 1000))
    check_failure(bob, "unwritable")


def server_unreachable(room):
    settings = {"server-url": "ws://10.77.0.2:4999/v1"}
    ada = room.desk("a", "Ada", settings=settings)
    ada.launch()
    ada.wait_button(labels.RECEIVE)
    ada.paste(room.file("small", 1000))
    check_failure(ada, "server", 60)


def no_path(room):
    relay = {"relay-only": GLib.Variant("b", True),
             "turn-servers": GLib.Variant("as", ["turn://user:secret@10.77.0.99:3478"])}
    ada, bob = room.pair(ada=relay, bob=relay)
    people.enter_code(bob, people.offer(ada, room.file("small", 1000)))
    for person in [ada, bob]:
        check_failure(person, "no-path", 60)


def no_camera(room):
    bob = room.desk("b", "Bob")
    bob.launch()
    bob.press(labels.RECEIVE)
    bob.press(labels.SCAN_CODE)
    check_failure(bob, "no-camera")


def unreadable_item(room):
    ada = room.desk("a", "Ada")
    ada.launch()
    ada.wait_button(labels.RECEIVE)
    ada.paste(room.bench.path("not there"))
    check_failure(ada, "unreadable")


# By keyboard alone

# Roles of which each shown one must be reached by Tab. Rows of lists are
# reached by arrow keys; links and buttons in them by Tab.
_TAB_ROLES = {"button", "toggle button", "text box", "checkbox", "switch", "entry"}
_MAX_TABS = 80


def _tab_round(person):
    """The paths of everything that Tab visits until it comes back."""
    visited = []
    for _ in range(_MAX_TABS):
        person.key("Tab")
        node = person.focused()
        if node is not None and node.path in visited[:1] and len(visited) > 1:
            break
        if node is not None:
            visited.append(node.path)
    return set(visited)


def _check_page(person, page):
    person.focus_window()
    nameless = person.nameless()
    check(not nameless, f"{page}: {person.person} meets controls without a name: {nameless}")
    visited = _tab_round(person)
    missed = [node for node in person.find_all(_TAB_ROLES)
              if node.path not in visited and {"sensitive", "focusable"} <= node.states
              and node.name not in labels.WINDOW_CONTROLS]
    check(not missed, f"{page}: Tab does not come to {missed}")
    print(f"{page}: Tab visits {len(visited)} things, each with a name")


def _tab_to(person, name):
    for _ in range(_MAX_TABS):
        node = person.focused()
        if node is not None and desk.matches(name, node.name):
            return node
        person.key("Tab")
    raise pstnet.Failure(f"{person.person} does not come to {name!r} by Tab")


def keyboard_only(room):
    ada, bob = room.pair()
    path = room.file("by keyboard", 400_000)
    _check_page(ada, "start")
    ada.key("ctrl+o")
    ada.choose_in_dialog(path)
    code = people.read_code(ada)
    _check_page(ada, "waiting")
    bob.focus_window()
    bob.key("ctrl+r")
    bob.wait("text box")
    _check_page(bob, "receive")
    _tab_to(bob, bob.see("text box").name)
    bob.type(code)
    bob.key("Return")
    bob.wait_button(labels.ACCEPT, timeout_s=MEET_S)
    _check_page(bob, "offer")
    _tab_to(bob, labels.ACCEPT)
    bob.key("Return")
    people.wait_received(bob)
    people.wait_sent(ada)
    people.check_same([path], bob.downloads)
    _check_page(bob, "transfers")
    _tab_to(bob, labels.SHOW_NAMED_IN_FOLDER)
    bob.key("Return")
    desk.wait_for(lambda: bob.desktop.shown_files, 10, "the file manager")
    ada.focus_window()
    ada.key("ctrl+q")
    ada.window_program.expect_exit(0, 20)


def preferences(room):
    ada = room.desk("a", "Ada")
    ada.launch()
    ada.wait_button(labels.RECEIVE)
    for keys, window in [("ctrl+comma", "preferences"), ("ctrl+question", "shortcuts")]:
        before = len(ada.tree().children)
        ada.focus_window()
        ada.key(keys)
        desk.wait_for(lambda: len(ada.tree().children) > before, 10, f"the {window} window")
        if window == "preferences":
            desk.wait_for(lambda: ada.focused() is not None, 10, "focus in the preferences")
            check(not ada.nameless(), f"{window}: controls without a name: {ada.nameless()}")
        ada.key("Escape")
        desk.wait_for(lambda: len(ada.tree().children) == before, 10, f"the end of the {window} window")


SCENARIOS = {
    "drop-to-window": drop_to_window,
    "paste-to-window": paste_to_window,
    "choose-to-window": choose_to_window,
    "window-to-cli": window_to_cli,
    "cli-to-window": cli_to_window,
    "both-directions": both_directions,
    "pause-and-resume": pause_and_resume,
    "compare-words": compare_words,
    "remember": remember,
    "startup": startup,
    "open-file": open_file,
    "close-asks": close_asks,
    "killed": killed,
    "goes-on": goes_on,
    "keyboard-only": keyboard_only,
    "preferences": preferences,
    "wrong-code": wrong_code,
    "nobody-found": nobody_found,
    "declined": declined,
    "cancelled": cancelled,
    "connection-lost": connection_lost,
    "disk-full": disk_full,
    "disk-fills": disk_fills,
    "file-changed": file_changed,
    "unwritable": unwritable,
    "server-unreachable": server_unreachable,
    "no-path": no_path,
    "no-camera": no_camera,
    "unreadable-item": unreadable_item,
}


def main():
    parser = argparse.ArgumentParser(description="Runs one scenario of the ui suite.")
    parser.add_argument("name", nargs="?", choices=sorted(SCENARIOS))
    parser.add_argument("--list", action="store_true", help="name all scenarios")
    parser.add_argument("--timeout", type=int, default=300, help="seconds (300)")
    programs.add_arguments(parser)
    options = parser.parse_args()
    if options.list or options.name is None:
        print("\n".join(SCENARIOS))
        return 0

    def test():
        with people.enter(programs.from_arguments(options)) as room:
            began_s = time.monotonic()
            SCENARIOS[options.name](room)
        print(f"{options.name}: held, {time.monotonic() - began_s:.1f} s")

    return programs.run(test, options.timeout)


if __name__ == "__main__":
    sys.exit(main())
