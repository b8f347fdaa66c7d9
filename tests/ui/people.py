# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does with Penstock's window, as the scenarios and the
screenshots need it."""

import contextlib
import json
import os
import signal
import time

import desk
import labels
import pstnet
import trees
from gi.repository import GLib
from pstnet import check

MIB = 1 << 20

# Between two people's finding each other, on a loaded machine.
MEET_S = 45


class Room:
    """Two people with desks of their own, and what lies on their disks."""

    def __init__(self, bench, programs, stack):
        self.bench, self.programs, self._stack = bench, programs, stack

    def desk(self, side, person, **looks):
        return self._stack.enter_context(desk.Desk(self.bench, side, self.programs, person, **looks))

    def pair(self, ada=(), bob=()):
        """Ada and Bob, each with a window that is open."""
        people = [self.desk("a", "Ada", settings=ada), self.desk("b", "Bob", settings=bob)]
        for person in people:
            person.launch()
        for person in people:
            person.wait_button(labels.RECEIVE)
        return people

    def file(self, name, n_bytes=300_000):
        path = self.bench.path(name)
        trees.write_big_file(path, n_bytes, seed=len(name))
        os.utime(path, ns=(1_600_000_000_123_456_789, 1_600_000_000_123_456_789))
        return path

    def folder(self, name="Holiday"):
        path = self.bench.path(name)
        os.makedirs(os.path.join(path, "deeper"))
        for below, n_bytes in [("one.bin", 70_000), ("deeper/two.bin", 1), ("deeper/empty", 0)]:
            trees.write_big_file(os.path.join(path, below), n_bytes)
        return path


@contextlib.contextmanager
def enter(programs, connect=True):
    """A room on a bench of its own."""
    with pstnet.Bench(programs.cli, faulty_disk=programs.faulty_disk) as bench:
        if connect:
            bench.connect()
        with contextlib.ExitStack() as stack:
            yield Room(bench, programs, stack)


def limited(bytes_per_second):
    """Settings under which what is sent is sent slowly."""
    return {"limit-bps": GLib.Variant("t", bytes_per_second)}


def destination(path):
    return {"destination": path}


# One person


def kill(person):
    """Ends a window as a power cut does."""
    os.kill(person.window_program.pid, signal.SIGKILL)
    person.window_program.wait(10)


def offer(person, *paths, by="paste"):
    """Gives files to the window; the code it shows then."""
    if by == "drop":
        person.drop(*paths)
    elif by == "choose":
        person.press(labels.CHOOSE_FILES)
        person.choose_in_dialog(paths[0])
    else:
        person.paste(*paths)
    return read_code(person)


def read_code(person):
    return person.wait_text(labels.CODE, MEET_S)


def enter_code(person, code):
    person.press(labels.RECEIVE)
    person.wait("text box", timeout_s=10)
    person.focus_window()
    person.type(code)
    person.key("Return")


def remembered(person):
    """Whom a person's machine remembers."""
    path = os.path.join(person.home, "data", "penstock", "remembered", "devices.json")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [device["name"] for device in json.load(file)["devices"]]


def wait_remembered(person, *names):
    desk.wait_for(lambda: remembered(person) == list(names) if names else remembered(person), MEET_S,
                  f"{person.person} to remember somebody")


def accept(person):
    person.press(labels.ACCEPT, timeout_s=MEET_S)


def wait_sent(person, timeout_s=60):
    person.wait_text(labels.SENT, timeout_s)


def wait_received(person, timeout_s=60):
    person.wait_text(labels.RECEIVED, timeout_s)


def check_folder_shown(person, *names):
    """Presses Show in Folder, and sees what the file manager is told."""
    person.press(labels.SHOW_IN_FOLDER)
    desk.wait_for(lambda: person.desktop.shown_files, 10, f"{person.person}'s file manager")
    wanted = {os.path.join(person.downloads, name) for name in names}
    shown = set(person.desktop.shown_files)
    check(shown & (wanted | {person.downloads}), f"the file manager was to show {shown}, not {wanted}")


def check_failure(person, name, timeout_s=30):
    """One plain sentence and one next step, and nothing of the engine's own words."""
    sentence, step = labels.FAILURES[name]
    began_s = time.monotonic()
    told = person.wait_text(sentence, timeout_s)
    print(f"{name}: after {time.monotonic() - began_s:.1f} s {person.person} reads {told!r}")

    found = person.wait_text(step, 10)
    print(f"{name}: the next step is {found!r}")


# Two people


def connect(sender, receiver, *paths, by="paste"):
    """From files to the manifest that the receiver is shown."""
    code = offer(sender, *paths, by=by)
    enter_code(receiver, code)
    # Accept may be out of reach, for lack of room.
    receiver.wait_button(labels.DECLINE, timeout_s=MEET_S)
    return code


def start_slow(room, n_bytes=64 * MIB, ada=(), bob=()):
    """Ada's file on its way to Bob, so slow that it does not end by itself."""
    sender, receiver = room.pair(ada={**limited(1_000_000), **dict(ada)}, bob=bob)
    path = room.file("large.bin", n_bytes)
    connect(sender, receiver, path)
    accept(receiver)
    sender.wait_text(labels.SENDING, MEET_S)
    receiver.wait_text(labels.RECEIVING, MEET_S)
    return sender, receiver, path


def check_same(sent, folder):
    pstnet.compare(sent, folder)
