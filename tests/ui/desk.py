# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk: one person with a screen, a session bus, a home and a network of
their own, who uses Penstock through the accessibility tree, the keyboard and
the mouse.

    namespace pst<pid>a                       namespace pst<pid>b
   +--------------------+                    +--------------------+
   | Xvfb, D-Bus, HOME  |                    | Xvfb, D-Bus, HOME  |
   | penstock           +====================+ penstock           |
   +--------------------+     tests/net      +--------------------+
"""

import contextlib
import os
import re
import subprocess
import threading
import time

import atspi
import display
import pstnet
from gi.repository import Gio, GLib
from pstnet import check

# How often the tree is looked at while something is waited for.
_LOOK_S = 0.05
# Generous, for a machine that does other things as well.
WAIT_S = 20
RESIZE_S = 5

# Each line of standard error that GLib marks as a warning or worse fails the
# test, but those of other libraries that are listed here with their reason.
_COMPLAINT = re.compile(r"(-|\s|^)(WARNING|CRITICAL|ERROR) \*\*|ERROR: \w+Sanitizer|: runtime error: ")
ALLOWED_COMPLAINTS = [
    # There is no graphics card in a test machine.
    re.compile(r"libEGL warning|MESA"),
    # GTK 4.8 asks for a settings daemon that an X server without a desktop lacks.
    re.compile(r"Failed to load module|Unable to acquire session bus"),
]

# Names that GTK makes up when nobody gave one.
_MADE_UP_NAME = re.compile(r"^(Gtk|Adw|Pst|Gdk)[A-Z]\w+$")

# Containers that GTK lets take the focus only to hand it on, and pass over when
# they are read.
_WITHOUT_NAMES = {"group", "panel", "filler", "scroll pane", "list", "grid cell"}


def complaints(log):
    return [line for line in log.splitlines()
            if _COMPLAINT.search(line) and not any(a.search(line) for a in ALLOWED_COMPLAINTS)]


def wait_for(look, timeout_s, what):
    """The first thing LOOK gives that is neither None nor false."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = None
        with contextlib.suppress(atspi.Gone):  # what is looked at may just go
            found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise pstnet.Failure(f"{what}: not within {timeout_s} s")
        time.sleep(_LOOK_S)


def _reads(button, text):
    if isinstance(text, str) and "%s" in text:
        text = re.compile("^" + re.escape(text).replace("%s", ".+") + "$")
    return matches(text, button.name) or any(
        node.role == "label" and matches(text, node.name) for node in button.everything())


def matches(pattern, text):
    """A string must be equal, a compiled pattern must be found."""
    return pattern.search(text) is not None if isinstance(pattern, re.Pattern) else text == pattern


_DESKTOP = """<node>
  <interface name="org.freedesktop.FileManager1">
    <method name="ShowItems"><arg type="as" direction="in"/><arg type="s" direction="in"/></method>
    <method name="ShowFolders"><arg type="as" direction="in"/><arg type="s" direction="in"/></method>
  </interface>
  <interface name="org.freedesktop.Notifications">
    <method name="GetCapabilities"><arg type="as" direction="out"/></method>
    <method name="GetServerInformation">
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
    </method>
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="CloseNotification"><arg type="u" direction="in"/></method>
  </interface>
</node>"""


class Desktop:
    """Plays the file manager and the notification server: remembers what it was
    told to show, and presses buttons of notifications."""

    def __init__(self, address):
        self.shown_files = []
        # {id: (title, text, [keys and labels of its buttons])}, those that stand.
        self.notifications = {}
        self.past_notifications = []
        self._bus = atspi.connect(address)
        # Calls are answered in a context of its own, whatever the test waits for.
        self._loop = GLib.MainLoop(GLib.MainContext())
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        check(self._ready.wait(10), "the desktop's services did not come up")

    def _serve(self):
        self._loop.get_context().push_thread_default()
        for interface in Gio.DBusNodeInfo.new_for_xml(_DESKTOP).interfaces:
            path = "/" + interface.name.replace(".", "/")
            self._bus.register_object(path, interface, self._answer, None, None)
            self._bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                "RequestName", GLib.Variant("(su)", (interface.name, 0)), None,
                                Gio.DBusCallFlags.NONE, -1, None)
        self._ready.set()
        self._loop.run()

    def _answer(self, bus, sender, path, interface, method, arguments, invocation):
        invocation.return_value(getattr(self, f"_on_{method}")(*arguments.unpack()))

    def _on_ShowItems(self, uris, startup_id):
        self.shown_files += [Gio.File.new_for_uri(uri).get_path() for uri in uris]

    _on_ShowFolders = _on_ShowItems

    def _on_GetCapabilities(self):
        return GLib.Variant("(as)", (["actions", "body"],))

    def _on_GetServerInformation(self):
        return GLib.Variant("(ssss)", ("test", "Penstock", "1", "1.2"))

    def _on_Notify(self, program, replaced, icon, title, text, actions, hints, timeout_ms):
        number = replaced or len(self.past_notifications) + 1
        self.notifications[number] = (title, text, actions)
        self.past_notifications.append((title, text, actions))
        return GLib.Variant("(u)", (number,))

    def _on_CloseNotification(self, number):
        self.notifications.pop(number, None)

    def press_in_notification(self, label):
        """Presses a button of a notification that stands, if there is one."""
        for number, (_, _, actions) in list(self.notifications.items()):
            if label in actions[1::2]:
                key = actions[actions.index(label) - 1]
                self._bus.emit_signal(None, "/org/freedesktop/Notifications", "org.freedesktop.Notifications",
                                      "ActionInvoked", GLib.Variant("(us)", (number, key)))
                return True
        return False

    def stop(self):
        self._loop.quit()
        self._thread.join(5)


class Desk:
    """One person's desk on a side of a pstnet.Bench that is connected."""

    def __init__(self, bench, side, programs, person, language="C.UTF-8", scale=1.0, style="light",
                 settings=(), env=()):
        self.bench, self.side, self.person = bench, side, person
        # Turns a name into the language of this desk.
        self.words = lambda text: text
        self.home = bench.make_folder(f"desk-{side}{len(bench.programs)}")
        self.downloads = os.path.join(self.home, "Downloads")
        self.desktop = None
        self.window_program = None
        self.is_killed = False
        self._programs = programs
        self._display = display.Display(self.home, self._start, language, scale, style)
        self._display.env.update(env)
        self._windows = []
        self._bus = None
        self._write_settings({"display-name": person, **dict(settings)})

    def _start(self, name, argv, env=()):
        return self.bench.start(self.side, f"{name}-{self.side}", argv, env=env)

    def _write_settings(self, settings):
        folder = os.path.join(self.home, "config", "glib-2.0", "settings")
        os.makedirs(folder)
        with open(os.path.join(folder, "keyfile"), "w", encoding="utf-8") as file:
            file.write("[io/github/penstock/Penstock]\n")
            for key, value in settings.items():
                shown = value if isinstance(value, GLib.Variant) else GLib.Variant("s", value)
                file.write(f"{key}={shown.print_(False)}\n")

    # Beginning and ending

    def __enter__(self):
        self._display.start()
        address = self._display.env["DBUS_SESSION_BUS_ADDRESS"]
        self._session = atspi.connect(address)
        self._bus = atspi.find_bus(self._session)
        self.desktop = Desktop(address)
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None and kind is not pstnet.Skip:
            self._tell()
        for program in self._windows:
            program.stop()
        if self.desktop is not None:
            self.desktop.stop()
        self._display.stop()
        if kind is None:
            self.check_quiet()

    def _tell(self):
        """Leaves what a person needs to understand a failure."""
        try:
            print(f"---- what {self.person} has before them:\n{self.outline()}")
            folder = os.environ.get("PST_UI_SCREENSHOTS")
            if folder:
                os.makedirs(folder, exist_ok=True)
                self.screenshot(os.path.join(folder, f"failure-{os.getpid()}-{self.side}.png"), whole=True)
        except Exception as error:  # the failure itself must not be hidden
            print(f"---- {self.person}'s window cannot be read: {error!r}")

    def launch(self, *arguments, env=()):
        """Starts the window's program, or asks the one that runs."""
        more = {"GSETTINGS_SCHEMA_DIR": self._programs.schemas, "PST_LOCALE_DIR": self._programs.locale}
        program = self._start("penstock", [self._programs.window, *arguments],
                              {**self._display.env, **more, **dict(env)})
        self._windows.append(program)
        if self.window_program is None or not self.window_program.is_running:
            self.window_program = program
        return program

    def start_tool(self, name, argv):
        program = self._start(name, argv, self._display.env)
        self._windows.append(program)
        return program

    def check_quiet(self):
        """Fails when GLib, GTK or Penstock complained."""
        for program in self._windows:
            found = complaints(program.log_tail(10**6))
            check(not found, f"{program.name} complained:\n  " + "\n  ".join(found[:10]))

    def quit(self, timeout_s=WAIT_S):
        """Closes the program as Ctrl+Q does, and waits for its end."""
        self.key("ctrl+q")
        self.window_program.expect_exit(0, timeout_s)

    # Reading

    def tree(self, program=None):
        trees = atspi.programs(self._bus)
        pid = (program or self.window_program).pid
        return trees[pid].read() if pid in trees else None

    def _nodes(self, program=None):
        try:
            root = self.tree(program)
            return [] if root is None else list(root.everything())
        except atspi.Gone:
            return []

    def find_all(self, role, name=None, shown=True, program=None):
        """All things of one role (or one of several), those on hidden pages left out."""
        roles = [role] if isinstance(role, str) else role
        name = self.words(name) if isinstance(name, str) else name
        found = []
        for node in self._nodes(program):
            if node.role in roles and (name is None or matches(name, node.name)):
                with contextlib.suppress(atspi.Gone):
                    if not shown or node.is_shown():
                        found.append(node)
        return found

    def see(self, role, name=None, **how):
        found = self.find_all(role, name, **how)
        return found[0] if found else None

    def wait(self, role, name=None, timeout_s=WAIT_S, **how):
        what = f"{self.person} looks for {role} {getattr(name, 'pattern', name)!r}"

        def look():
            check(self.window_program.is_running, f"{what}: the window has ended")
            return self.see(role, name, **how)

        return wait_for(look, timeout_s, what)

    def wait_gone(self, role, name=None, timeout_s=WAIT_S, **how):
        wait_for(lambda: self.see(role, name, **how) is None, timeout_s,
                 f"{self.person} waits for {role} {getattr(name, 'pattern', name)!r} to go")

    def see_text(self, pattern):
        """The first shown text in which a pattern (or exactly a string) is found."""
        for node in self._nodes():
            if node.name and not _MADE_UP_NAME.match(node.name) and matches(pattern, node.name):
                with contextlib.suppress(atspi.Gone):
                    if node.is_shown():
                        return node.name
        return None

    def wait_text(self, pattern, timeout_s=WAIT_S):
        what = f"{self.person} waits for the text {getattr(pattern, 'pattern', pattern)!r}"

        def look():
            check(self.window_program.is_running, f"{what}: the window has ended")
            return self.see_text(pattern)

        return wait_for(look, timeout_s, what)

    def outline(self):
        """What is shown, as lines; states that are always there are left out."""
        lines = []
        for node in self._nodes():
            if not node.name or _MADE_UP_NAME.match(node.name):
                continue
            marks = sorted(node.states - {"visible", "sensitive", "focusable", "editable"})
            if "sensitive" not in node.states and node.parent is not None:
                marks.append("insensitive")
            with contextlib.suppress(atspi.Gone):
                if node.is_shown():
                    lines.append("  " + " ".join([repr(node), *marks]))
        return "\n".join(lines)

    def focused(self):
        return next((node for node in self._nodes() if "focused" in node.states), None)

    # Doing

    def buttons(self, name, **how):
        """Those that can be pressed and are called so, or have it written on them;
        %s in a name stands for anything."""
        text = self.words(name) if isinstance(name, str) else name
        return [node for node in self.find_all(("button", "toggle button"), **how)
                if "sensitive" in node.states and _reads(node, text)]

    def wait_button(self, name, timeout_s=WAIT_S, **how):
        what = f"{self.person} looks for a button {getattr(name, 'pattern', name)!r} to press"

        def look():
            check(self.window_program.is_running, f"{what}: the window has ended")
            return next(iter(self.buttons(name, **how)), None)

        return wait_for(look, timeout_s, what)

    def wait_no_button(self, name, timeout_s=WAIT_S):
        wait_for(lambda: not self.buttons(name), timeout_s,
                 f"{self.person} waits for the button {name!r} to go")

    def press(self, name, timeout_s=WAIT_S, **how):
        """Presses a button through the accessibility tree, once it can be pressed."""
        node = self.wait_button(name, timeout_s, **how)
        check(node.do_action(), f"{node} cannot be pressed")

    def click(self, node, button=1):
        """Clicks on the middle of a thing with the mouse."""
        x, y = self._middle(node)
        self._xdotool("mousemove", "--sync", x, y, "click", button)

    def _middle(self, node):
        left, top, width, height = self._geometry(node.window.name)
        _, _, inner_width, inner_height = node.window.extents()
        x, y, w, h = node.extents()
        # The border that GTK draws where nothing draws shadows is on all sides.
        return (left + (width - inner_width) // 2 + x + w // 2,
                top + (height - inner_height) // 2 + y + h // 2)

    def key(self, *keys):
        """Presses keys or chords ("ctrl+v") one after the other."""
        self._xdotool("key", "--clearmodifiers", "--delay", 8, *keys)

    def type(self, text):
        self._xdotool("type", "--clearmodifiers", "--delay", 8, "--", text)

    def _xdotool(self, *arguments):
        done = subprocess.run(["xdotool", *map(str, arguments)], env={**os.environ, **self._display.env},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, f"xdotool {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    # Windows of the X server

    def x_windows(self, program=None):
        """The ids of a program's visible windows."""
        pid = (program or self.window_program).pid
        done = subprocess.run(["xdotool", "search", "--onlyvisible", "--all", "--pid", str(pid), "--name", "."],
                              env={**os.environ, **self._display.env}, capture_output=True, text=True,
                              timeout=20)
        return done.stdout.split()

    def wait_mapped(self, timeout_s=WAIT_S, program=None):
        """Seconds from the start of a program until its first window was seen."""
        program = program or self.window_program
        wait_for(lambda: self.x_windows(program), timeout_s, f"{self.person}'s window")
        return time.monotonic() - program.started_s

    def _window_id(self, name=None):
        for window in self.x_windows():
            if name is None or self._xdotool("getwindowname", window).strip() == name:
                return window
        raise pstnet.Failure(f"{self.person} has no window {name!r}")

    def _geometry(self, name=None, window=None):
        window = window or self._window_id(name)
        lines = self._xdotool("getwindowgeometry", "--shell", window).split()
        found = dict(line.split("=") for line in lines)
        return tuple(int(found[key]) for key in ["X", "Y", "WIDTH", "HEIGHT"])

    def resize(self, width, height, title=None):
        """Makes the inner size of the window, or of the one with that title, so
        large, as far as it lets itself be."""
        window = self._window_id(title)
        inner = self._frame(title).extents()
        outer = self._geometry(window=window)
        self._xdotool("windowsize", window, width + outer[2] - inner[2], height + outer[3] - inner[3])
        wait_for(lambda: self._frame(title).extents()[2] == width, RESIZE_S,
                 f"{self.person}'s window is to be {width} wide")

    def _frame(self, title=None):
        """The toplevel with a title, or the first one."""
        frames = self.tree().children
        return next((frame for frame in frames if frame.name == title), frames[0])

    def focus_window(self):
        self.wait_mapped()
        self._xdotool("windowactivate", "--sync", self._window_id())

    def screenshot(self, path, whole=False, title=None):
        """What stands on the screen, cut to the inner part of a window with what
        lies over it."""
        argv = ["import", "-silent", "-window", "root"]
        if not whole:
            self._xdotool("mousemove", 0, 0)
            x, y, outer_width, outer_height = self._geometry(title)
            _, _, width, height = self._frame(title).extents()
            x, y = x + (outer_width - width) // 2, y + (outer_height - height) // 2
            argv += ["-crop", f"{width}x{height}+{x}+{y}", "+repage"]
        done = subprocess.run([*argv, path], env={**os.environ, **self._display.env},
                              capture_output=True, text=True, timeout=60)
        check(done.returncode == 0, f"import: {done.stderr.strip()}")

    # Files by hand

    def hold(self, *paths):
        """Another program that has files to drag away, and has copied them."""
        program = self.start_tool("file-holder", [self._programs.holder, *paths])
        program.wait_line("copied", WAIT_S)
        return program

    def paste(self, *paths):
        """Copies files in another program, and pastes them here."""
        holder = self.hold(*paths)
        self.focus_window()
        self.key("ctrl+v")
        return holder

    def drop(self, *paths):
        """Drags files from another program to the middle of the window."""
        holder = self.hold(*paths)
        window = self.wait_window_of(holder)
        self._xdotool("windowmove", "--sync", window, 10, 10)
        x, y, width, height = self._geometry(window=window)
        self._xdotool("mousemove", "--sync", x + width // 2, y + height // 2, "mousedown", 1)
        for step in range(1, 6):
            self._xdotool("mousemove", "--sync", x + width // 2 + 10 * step, y + height // 2 + 10 * step)
        holder.wait_line("dragging", WAIT_S)
        x, y, width, height = self._geometry()
        for step in [-40, -20, 0]:
            self._xdotool("mousemove", "--sync", x + width // 2 + step, y + height // 2)
        holder.wait_line("accepted", WAIT_S)
        self._xdotool("mouseup", 1)
        return holder

    def wait_window_of(self, program):
        return wait_for(lambda: self.x_windows(program), WAIT_S, f"a window of {program.name}")[0]

    def choose_in_dialog(self, path):
        """Types a path into GTK's file dialog, which must be there, and confirms."""
        self.wait("widget", "GtkFileChooserWidget", shown=False)
        wait_for(lambda: self._dialog_is_active(), WAIT_S, f"{self.person}'s file dialog gets the keyboard")
        # The slash makes the entry of a path appear, which then takes the keys.
        self.key("slash")
        wait_for(lambda: self._editable_with("/"), WAIT_S, f"{self.person}'s entry for a path")
        self.type(path[1:])
        wait_for(lambda: self._editable_with(path), WAIT_S, f"{self.person} reads the path")
        self.key("Return")
        self.wait_gone("widget", "GtkFileChooserWidget")

    def _editable_with(self, text):
        for node in self._nodes():
            if "editable" in node.states:
                with contextlib.suppress(atspi.Gone):
                    if node.text() == text:
                        return node
        return None

    def _dialog_is_active(self):
        return any(node.children and "modal" in node.states and "focused" in below.states
                   for node in self.tree().children for below in node.everything())

    # What every page must have

    def nameless(self):
        """Shown things that take the focus but have no name a person gave."""
        found = []
        for node in self._nodes():
            if (node.role not in _WITHOUT_NAMES and "focusable" in node.states
                    and (not node.name or _MADE_UP_NAME.match(node.name))):
                if node.is_shown() and "sensitive" in node.states:
                    found.append(node)
        return found
