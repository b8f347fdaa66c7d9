#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen without a screen, a session bus and a home, all of them private.

    display.py COMMAND [ARGUMENT…]

runs a command there (tests/ui/with-display.sh is the same) and ends with its
status, or with 77 when no display can be made. Everything ends with it.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "net"))

import pstnet

HERE = os.path.dirname(os.path.abspath(__file__))

# Large enough for two wide windows side by side.
SCREEN = "1600x1200x24"
START_S = 30

_PR_SET_CHILD_SUBREAPER = 36

_n_displays = 0

# The accessibility bus and nothing else: no portal, no settings daemon of the
# machine may answer the window.
_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={folder}/bus</listen>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_ACCESSIBILITY_SERVICE = "org.a11y.Bus.service"
_SERVICE_FOLDERS = ["/usr/share/dbus-1/services", "/usr/local/share/dbus-1/services"]

# What GNOME sets, and no settings daemon tells GTK here.
_GTK_SETTINGS = """[Settings]
gtk-font-name=Cantarell 11
gtk-icon-theme-name=Adwaita
gtk-decoration-layout=:close
"""

# No frames, no keys or mouse buttons of its own beyond focus on a click.
_WINDOW_MANAGER_CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <resize><drawContents>yes</drawContents><popupShow>Never</popupShow></resize>
  <keyboard></keyboard>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
  <applications><application class="*"><decor>no</decor></application></applications>
</openbox_config>
"""


def become_reaper():
    """Orphans of programs we start become our children, so that stop_orphans()
    finds them."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _children():
    path = f"/proc/self/task/{os.getpid()}/children"
    with open(path, encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def stop_orphans(spare=()):
    """Kills and reaps every child, and what becomes one by that, but SPARE."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        pids = [pid for pid in _children() if pid not in spare]
        if not pids:
            return
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _display_numbers():
    """Some that no other process tries first."""
    global _n_displays
    for _ in range(8):
        _n_displays += 1
        yield 1000 + (8 * os.getpid() + _n_displays) % 58_000


class Display:
    """One screen, bus and home in FOLDER. START is called with a name, an argv
    and an environment, and gives a pstnet.Program."""

    def __init__(self, folder, start, language="C.UTF-8", scale=1.0, style="light"):
        self.folder = folder
        self._start = start
        self._programs = []
        self._scale = scale
        self.env = {}
        self._make_home()
        self._make_environment(language, style)

    def _make_home(self):
        for name in ["config/gtk-4.0", "data", "cache", "run", "services", "Downloads", "tmp"]:
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
        os.chmod(os.path.join(self.folder, "run"), 0o700)
        self._write("config/user-dirs.dirs", 'XDG_DOWNLOAD_DIR="$HOME/Downloads"\n')
        self._write("bus.conf", _BUS_CONFIG.format(folder=self.folder))
        self._write("rc.xml", _WINDOW_MANAGER_CONFIG)
        self._write("config/gtk-4.0/settings.ini", _GTK_SETTINGS)
        for folder in _SERVICE_FOLDERS:
            path = os.path.join(folder, _ACCESSIBILITY_SERVICE)
            if os.path.exists(path):
                shutil.copy(path, os.path.join(self.folder, "services"))

    def _make_environment(self, language, style):
        inherited = ["PATH", "G_MESSAGES_DEBUG", "GST_DEBUG", "GSETTINGS_SCHEMA_DIR", "GST_REGISTRY",
                     "PST_LOCALE_DIR", "G_DEBUG", "G_SLICE", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"]
        self.env = {name: os.environ[name] for name in inherited if name in os.environ}
        at = lambda name: os.path.join(self.folder, name)
        self.env.update({
            "HOME": self.folder,
            "TMPDIR": at("tmp"),
            "XDG_CONFIG_HOME": at("config"),
            "XDG_DATA_HOME": at("data"),
            "XDG_STATE_HOME": at("data"),
            "XDG_CACHE_HOME": at("cache"),
            "XDG_RUNTIME_DIR": at("run"),
            "XDG_CURRENT_DESKTOP": "GNOME",
            "XDG_SESSION_TYPE": "x11",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={at('bus')}",
            "LANG": language,
            "LANGUAGE": language.split(".")[0],
            "GSETTINGS_BACKEND": "keyfile",
            "GDK_BACKEND": "x11",
            # What a machine without a graphics card does, everywhere.
            "GSK_RENDERER": "cairo",
            "GTK_A11Y": "atspi",
            # Nobody is there to unlock a keyring.
            "PST_KEYRING": "none",
            "GTK_IM_MODULE": "gtk-im-context-simple",
            "NO_AT_BRIDGE": "0",
            "ADW_DISABLE_PORTAL": "1",
            "ADW_DEBUG_COLOR_SCHEME": f"prefer-{style}",
        })

    def _write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _run(self, name, argv, **more):
        program = self._start(name, argv, {**self.env, **more})
        self._programs.append(program)
        return program

    def start(self):
        """Brings up the screen, the bus and a window manager."""
        for tool in ["Xvfb", "xprop", "dbus-daemon", "openbox"]:
            if shutil.which(tool) is None:
                raise pstnet.Skip(f"{tool} is not installed")
        self.env["DISPLAY"] = self._start_screen()
        self._set_text_size()
        bus = self._run("dbus-daemon", ["dbus-daemon", f"--config-file={self.folder}/bus.conf",
                                        "--nofork", "--print-address=1"])
        first_line(bus)
        self._run("openbox", ["openbox", "--sm-disable", "--config-file", f"{self.folder}/rc.xml"])

    def _start_screen(self):
        """Xvfb would choose a number itself, but one that is free in its network
        namespace only: it would take away the socket file of another one."""
        for number in _display_numbers():
            if os.path.exists(f"/tmp/.X11-unix/X{number}"):
                continue
            screen = self._run("Xvfb", ["Xvfb", f":{number}", "-displayfd", "1", "-screen", "0", SCREEN,
                                        "-nolisten", "tcp", "-noreset", "-dpi", "96"])
            try:
                return ":" + first_line(screen)
            except pstnet.Failure:
                if screen.is_running:
                    raise
        raise pstnet.Failure("no number of a display is free")

    def _set_text_size(self):
        """Where there are no X settings, GTK believes this resource."""
        subprocess.run(["xprop", "-root", "-f", "RESOURCE_MANAGER", "8s", "-set", "RESOURCE_MANAGER",
                        f"Xft.dpi:\t{96 * self._scale:.0f}\n"],
                       env={**os.environ, **self.env}, check=True, timeout=START_S)

    def stop(self):
        for program in reversed(self._programs):
            program.stop()


def first_line(program, timeout_s=START_S):
    """The first line that a program writes to its standard output."""
    program.wait_line("", timeout_s)
    return program.lines[0].strip()


def _start_plainly(folder):
    def start(name, argv, env):
        return pstnet.Program(name, argv, os.path.join(folder, f"{name}.log"), env)

    return start


def _run_command(argv, folder):
    display = Display(folder, _start_plainly(folder), os.environ.get("LANG") or "C.UTF-8")
    try:
        display.start()
        # A test that chose its settings, or has no need of any, keeps its choice.
        env = {**os.environ, **display.env,
               "GSETTINGS_BACKEND": os.environ.get("GSETTINGS_BACKEND", "memory")}
        child = subprocess.Popen(argv, env=env, preexec_fn=pstnet._die_with_parent)
        try:
            status = child.wait()
        finally:
            child.kill()
        return status if status >= 0 else 128 - status
    finally:
        display.stop()
        stop_orphans()


def _end_by_signal(signum, frame):
    raise SystemExit(128 + signum)


def main():
    if len(sys.argv) < 2:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    for signum in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
        signal.signal(signum, _end_by_signal)
    become_reaper()
    with tempfile.TemporaryDirectory(prefix="penstock-ui-") as folder:
        try:
            return _run_command(sys.argv[1:], folder)
        except (pstnet.Skip, pstnet.Failure) as reason:
            print(f"1..0 # SKIP no display: {reason}")
            return pstnet.SKIPPED


if __name__ == "__main__":
    sys.exit(main())
