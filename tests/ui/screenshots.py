#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every view of the window, from real sessions between two desks.

    screenshots.py [--build FOLDER] [--output FOLDER] [--widths 360,1000]
                   [--styles light,dark] [--languages en,de,ar] [--scales 1,2]
                   [--parts preferences,failure,transfer,devices,goes-on,not-noted]

Each is VIEW-WIDTH-STYLE-LANGUAGE-SCALE.png; contact.png joins them all.
"""

import argparse
import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import programs

import desk
import labels
import people
import pstnet
import trees

HEIGHTS = {360: 640}
WIDE_HEIGHT = 700
LOCALES = {"en": "C.UTF-8", "de": "de_DE.UTF-8", "ar": "ar_EG.UTF-8"}
SETTLE_S = 1.5
# A loss is noticed within 10 s.
LOSS_S = 20
PEOPLE = {"en": ("Ada", "Grace"), "de": ("Emmy", "Lise"), "ar": ("زينب", "ليلى")}


def make_locale(name, folder):
    """The C library's tables of a language; the machine need not have them."""
    language, charset = name.split(".")
    path = os.path.join(folder, name)
    if language != "C" and not os.path.exists(path):
        os.makedirs(folder, exist_ok=True)
        done = subprocess.run(["localedef", "-i", language, "-f", charset, path], capture_output=True, text=True)
        if not os.path.exists(path):
            raise pstnet.Skip(f"no locale {name}: {done.stderr.strip()}")


class Album:
    """Takes the pictures of one combination of language, style and scale."""

    def __init__(self, options, language, style, scale):
        self._options, self._language, self._style, self._scale = options, language, style, scale
        self.paths = []

    def take(self, person, view, title=None, over=contextlib.nullcontext):
        """Takes the view in each width; what over() puts up is put up in each anew."""
        for width in self._options.widths:
            try:
                person.resize(width, HEIGHTS.get(width, WIDE_HEIGHT), title)
            except pstnet.Failure as failure:
                print(f"{view}: {failure}: a flaw, and in the picture")
            name = f"{view}-{width}-{self._style}-{self._language}-{self._scale:g}.png"
            with over():
                self._take_settled(person, os.path.join(self._options.output, name), title)

    def _take_settled(self, person, path, title):
        """Twice the same picture, or the last one of something that moves."""
        before, deadline = None, time.monotonic() + SETTLE_S
        while True:
            person.screenshot(path, title=title)
            with open(path, "rb") as file:
                now = file.read()
            if now == before or time.monotonic() > deadline:
                self.paths.append(path)
                return
            before = now


def _desk(room, side, options, language, style, scale, settings=()):
    person = PEOPLE[language][side == "b"]
    found = room.desk(side, person, language=LOCALES[language], scale=scale, style=style,
                      settings=settings, env={"LOCPATH": options.locales, "LANGUAGE": language})
    found.words = labels.in_language(language, room.programs.locale)
    found.launch()
    found.wait_button(labels.RECEIVE)
    return found


def _files(room):
    # So large that it is still on its way when everything has been looked at.
    film = room.bench.path("Sommer am See.mp4")
    trees.write_sparse_file(film, 480_000_000)
    return [film, room.file("Interview 3 (final).wav", 9_000_000), room.file("Notes.odt", 41_000)]


def _fail(sender, receiver, album, path):
    number, *words = people.offer(sender, path).split("-")
    words[0] = "aardvark" if words[0] != "aardvark" else "absurd"
    people.enter_code(receiver, "-".join([number, *words]))
    receiver.wait_button(labels.ENTER_CODE, timeout_s=people.MEET_S)
    album.take(receiver, "failure")
    receiver.press(labels.BACK_TO_START)
    sender.press(labels.BACK_TO_START, timeout_s=people.MEET_S)


@contextlib.contextmanager
def _words(person):
    person.focus_window()
    person.key("F10")
    person.wait("menu item", labels.COMPARE_WORDS)
    person.key("Return")
    person.wait_text(labels.SIX_WORDS)
    yield
    person.key("Escape")
    person.wait_no_button(labels.THEY_DIFFER)


def _lose_link(room, sender, receiver, album):
    room.bench.link_down("a")
    for person in [receiver, sender]:
        person.wait_text(re.compile(re.escape(person.words(labels.LINK_LOST))), LOSS_S)
    album.take(sender, "reconnecting")
    room.bench.link_up("a")
    sender.wait_button(labels.PAUSE, timeout_s=people.MEET_S)


def _transfer(room, sender, receiver, album, paths):
    code = people.offer(sender, *paths)
    album.take(sender, "waiting")
    receiver.press(labels.RECEIVE)
    receiver.wait("text box")
    album.take(receiver, "receive")
    receiver.focus_window()
    receiver.type(code[:-2])
    album.take(receiver, "receive-typing")
    receiver.type(code[-2:])
    receiver.key("Return")
    receiver.wait_button(labels.ACCEPT, timeout_s=people.MEET_S)
    album.take(receiver, "offer")
    album.take(receiver, "words", over=lambda: _words(receiver))
    receiver.press(labels.ACCEPT)
    sender.wait_button(labels.PAUSE, timeout_s=people.MEET_S)
    desk.wait_for(lambda: pstnet.bytes_on_disk(receiver.downloads) > 6_000_000, 60, "six megabytes")
    album.take(sender, "sending")
    sender.press(labels.PAUSE)
    album.take(sender, "paused")
    sender.press(labels.RESUME)
    album.take(receiver, "receiving")
    for person, view in [(sender, "gauge"), (receiver, "gauge-receiving")]:
        person.press(labels.DETAILS)
        album.take(person, view)
    _lose_link(room, sender, receiver, album)
    receiver.press(labels.CANCEL_TRANSFER)
    sender.wait_button(labels.TRY_AGAIN)
    album.take(sender, "cancelled")
    sender.paste(paths[-1])
    people.accept(receiver)
    receiver.wait_button(labels.SHOW_IN_FOLDER)
    album.take(receiver, "received")


def _turn_to(person, page):
    """Chooses a page of the preferences; each width has a switcher, and any will do."""
    def look():
        return next((node for node in person.find_all(("tab",)) if node.name == person.words(page)), None)

    tab = desk.wait_for(look, 10, f"the page {page!r}")
    pstnet.check(tab.do_action(), f"{tab} cannot be pressed")


def _preferences(person, album, view="preferences", page=None):
    person.focus_window()
    before = len(person.tree().children)
    person.key("ctrl+comma")
    desk.wait_for(lambda: len(person.tree().children) > before, 10, "the preferences")
    if page is not None:
        _turn_to(person, page)
    album.take(person, view, person.tree().children[-1].name)
    person.key("Escape")
    desk.wait_for(lambda: len(person.tree().children) == before, 10, "the end of the preferences")


def _take_from_menu(person, label):
    """Opens the menu of the window, and what it offers under a label."""
    person.focus_window()
    person.key("F10")
    person.wait("menu item", label)
    _come_to(person, "Down", label)
    person.key("Return")


def _come_to(person, key, label):
    """Presses a key until the focus is where it should be."""

    def there():
        focused = person.focused()
        return (focused is not None and focused.name == person.words(label)) or person.key(key)

    desk.wait_for(there, 20, f"{person.person} to come to {label!r}")


@contextlib.contextmanager
def _question(person):
    _take_from_menu(person, labels.REMEMBER_THIS)
    person.wait_button(labels.REMEMBER)
    yield
    person.key("Escape")
    person.wait_no_button(labels.REMEMBER)


def _open_menu(person, button):
    person.wait_button(button, timeout_s=people.MEET_S)
    person.focus_window()
    _come_to(person, "Tab", button)
    person.key("space")
    desk.wait_for(lambda: getattr(person.focused(), "role", "") == "menu item", 10, "the menu")


@contextlib.contextmanager
def _menu(person, button):
    _open_menu(person, button)
    yield
    person.key("Escape")


def _choose_device(person, button):
    _open_menu(person, button)
    person.key("Return")


def _remember(sender, receiver, album):
    album.take(receiver, "remember", over=lambda: _question(receiver))
    _take_from_menu(receiver, labels.REMEMBER_THIS)
    receiver.press(labels.REMEMBER)
    sender.wait_button(labels.REMEMBER, timeout_s=people.MEET_S)
    album.take(sender, "remember-asked")
    sender.press(labels.REMEMBER)
    for person in [sender, receiver]:
        people.wait_remembered(person)
    sender.press(labels.DISCONNECT)
    for person in [sender, receiver]:
        person.wait_button(labels.RECEIVE_AGAIN, timeout_s=people.MEET_S)


def _devices(room, sender, receiver, album):
    path = room.file("Rezept.pdf", 300_000)
    people.connect(sender, receiver, path)
    people.accept(receiver)
    receiver.wait_button(labels.SHOW_IN_FOLDER)
    _remember(sender, receiver, album)
    _preferences(receiver, album, "preferences-devices", labels.DEVICES)
    people.offer(sender, path)
    album.take(sender, "waiting-devices")
    album.take(sender, "waiting-devices-menu", over=lambda: _menu(sender, labels.SEND_TO_DEVICE))
    receiver.press(labels.RECEIVE_AGAIN)
    receiver.wait_button(labels.RECEIVE_FROM_DEVICE)
    album.take(receiver, "receive-devices")
    album.take(receiver, "receive-devices-menu", over=lambda: _menu(receiver, labels.RECEIVE_FROM_DEVICE))
    _choose_device(sender, labels.SEND_TO_DEVICE)
    sender.wait_no_button(labels.SEND_TO_DEVICE)
    album.take(sender, "waiting-for-device")
    _choose_device(receiver, labels.RECEIVE_FROM_DEVICE)
    people.accept(receiver)
    receiver.wait_button(labels.SHOW_IN_FOLDER)


def _restart(person):
    people.kill(person)
    person.launch()
    person.wait_button(labels.RECEIVE)


@contextlib.contextmanager
def _standing_still(person):
    os.kill(person.window_program.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(person.window_program.pid, signal.SIGCONT)


def _goes_on(room, sender, receiver, album):
    path = room.file("Vorlesung.mkv", 40_000_000)
    people.connect(sender, receiver, path)
    people.accept(receiver)
    desk.wait_for(lambda: pstnet.bytes_on_disk(receiver.downloads) > 8_000_000, 60, "eight megabytes")
    for person in [sender, receiver]:
        _restart(person)
    _preferences(receiver, album, "preferences-leftovers")
    people.connect(sender, receiver, path)
    album.take(receiver, "offer-goes-on")
    # The sender has to compare, too: the receiver waits for it.
    with _standing_still(sender):
        people.accept(receiver)
        receiver.wait_button(labels.PAUSE, timeout_s=people.MEET_S)
        album.take(receiver, "checking")
    for person in [sender, receiver]:
        person.wait_button(labels.PAUSE, timeout_s=people.MEET_S)
        album.take(person, "sending-goes-on" if person is sender else "receiving-goes-on")


def _not_noted(room, sender, receiver, album):
    """The receiver's home has a full disk of its own, the downloads have not."""
    receipts = os.path.join(receiver.home, "data", "penstock", "receipts")
    os.makedirs(receipts, 0o700, exist_ok=True)
    room.bench.mount_tmpfs(receipts, 4096)
    os.chmod(receipts, 0o700)
    with open(os.path.join(receipts, "full"), "wb") as file:
        file.write(bytes(4096))
    _restart(receiver)
    film = room.bench.path("Konzert.mkv")
    trees.write_sparse_file(film, 480_000_000)
    people.connect(sender, receiver, film)
    people.accept(receiver)
    receiver.wait_text(re.compile(re.escape(receipts)), people.MEET_S)
    album.take(receiver, "receiving-not-noted")


def take_all(options, language, style, scale):
    album = Album(options, language, style, scale)
    with people.enter(programs.from_arguments(options)) as room:
        how = (options, language, style, scale)
        sender = _desk(room, "a", *how, settings=people.limited(2_000_000))
        receiver = _desk(room, "b", *how)
        paths = _files(room)
        album.take(sender, "start")
        steps = {"preferences": lambda: _preferences(sender, album),
                 "failure": lambda: _fail(sender, receiver, album, paths[-1]),
                 "transfer": lambda: _transfer(room, sender, receiver, album, paths),
                 "devices": lambda: _devices(room, sender, receiver, album),
                 "goes-on": lambda: _goes_on(room, sender, receiver, album),
                 "not-noted": lambda: _not_noted(room, sender, receiver, album)}
        for name in options.parts.split(","):
            steps[name]()
            for person in [sender, receiver]:
                _restart(person)
    return album.paths


def join(paths, output):
    """One picture of all of them, each with its name."""
    sheet = os.path.join(output, "contact.png")
    subprocess.run(["montage", "-label", "%t", *sorted(paths), "-tile", "8x", "-geometry", "320x320+6+6",
                    "-background", "#888", sheet], check=True, timeout=600)
    return sheet


def main():
    parser = argparse.ArgumentParser(description="Takes pictures of every view.")
    parser.add_argument("--output", help="FOLDER/screenshots")
    parser.add_argument("--widths", default="360,1000")
    parser.add_argument("--styles", default="light,dark")
    parser.add_argument("--languages", default="en,de,ar")
    parser.add_argument("--scales", default="1,2")
    parser.add_argument("--parts", default="preferences,failure,transfer,devices,goes-on,not-noted")
    parser.add_argument("--timeout", type=int, default=480, help="seconds for each combination (480)")
    programs.add_arguments(parser)
    options = parser.parse_args()
    options.output = os.path.abspath(options.output or os.path.join(options.build, "screenshots"))
    options.locales = os.path.join(options.output, "locales")
    options.widths = [int(width) for width in options.widths.split(",")]
    os.makedirs(options.output, exist_ok=True)
    if shutil.which("import") is None or shutil.which("montage") is None:
        print("ImageMagick is not installed", file=sys.stderr)
        return pstnet.SKIPPED

    paths, worst = [], 0
    for language, style, scale in itertools.product(
            options.languages.split(","), options.styles.split(","), map(float, options.scales.split(","))):

        def test():
            make_locale(LOCALES[language], options.locales)
            paths.extend(take_all(options, language, style, scale))

        status = programs.run(test, options.timeout)
        print(f"{language} {style} {scale:g}: {'done' if status == 0 else f'ended with {status}'}", flush=True)
        worst = max(worst, status)
    if paths:
        print(join(paths, options.output))
    return worst


if __name__ == "__main__":
    sys.exit(main())
