#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a test beside a real xdg-desktop-portal and document portal, on a bus, a
display and in a home of their own.

    with-portals.py [--sandbox [--twice]] [--bind DIR]... PROGRAM [ARGUMENT]...

The desktop behind the portals (the dialogues, the file manager) is played by the
test. With --sandbox the program sees what it would see in a Flatpak: its own
/.flatpak-info, by which the portals know it; a root without the person's files;
and the document portal's view for its application. With --twice it has a folder of
the person's, as if chosen in a dialogue (PST_TEST_DESTINATION), and is run again
when the portals were started anew, and the same folder chosen again. Ends with 77
where that cannot be had.
"""

import argparse
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

APPLICATION_ID = "io.github.penstock.Penstock"
BACKEND = "org.freedesktop.impl.portal.desktop.pst"
WAIT_S = 30
SKIPPED = 77
LIBEXEC = pathlib.Path("/usr/libexec")

BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

PORTAL = f"""[portal]
DBusName={BACKEND}
Interfaces=org.freedesktop.impl.portal.FileChooser;org.freedesktop.impl.portal.AppChooser;\
org.freedesktop.impl.portal.Access;
UseIn=pst
"""

FLATPAK_INFO = f"""[Application]
name={APPLICATION_ID}
runtime=runtime/org.gnome.Platform/x86_64/51

[Instance]
instance-id=4242
app-path=/app
runtime-path=/usr

[Context]
shared=network;ipc;
sockets=wayland;fallback-x11;
"""


def die_with_parent():
    """The kernel ends the child when this process ends, however it ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


class Bench:
    def __init__(self, root):
        self.root = root
        self.children = []
        self.runtime = root / "run"
        self.host = root / "home" / "host"
        self.env = dict(os.environ)

    def start(self, *command, **options):
        child = subprocess.Popen(command, env=self.env, preexec_fn=die_with_parent, **options)
        self.children.append(child)
        return child

    def wait_for(self, *names):
        for name in names:
            subprocess.run(["gdbus", "wait", "--session", "--timeout", str(WAIT_S), name],
                           env=self.env, check=True)

    def make_home(self):
        for name in ("home", "data", "config", "cache", "state", "portals", "share"):
            (self.root / name).mkdir()
        # Kinds of files, but no applications: the portal would start the only one.
        for name in ("mime", "glib-2.0"):
            (self.root / "share" / name).symlink_to("/usr/share/" + name)
        self.runtime.mkdir(mode=0o700)
        (self.host / "Pictures").mkdir(parents=True)
        (self.host / "letter.txt").write_text("Dear Ada,\n")
        (self.host / "second.txt").write_text("Dear Bob,\n")
        (self.host / "Pictures" / "inside.txt").write_text("inside\n")
        (self.host / "program").write_text("#!/bin/sh\n")
        (self.host / "program").chmod(0o755)
        (self.root / "portals" / "pst.portal").write_text(PORTAL)
        self.env.update(
            HOME=str(self.root / "home"),
            XDG_DATA_HOME=str(self.root / "data"),
            XDG_CONFIG_HOME=str(self.root / "config"),
            XDG_CACHE_HOME=str(self.root / "cache"),
            XDG_STATE_HOME=str(self.root / "state"),
            XDG_RUNTIME_DIR=str(self.runtime),
            XDG_DESKTOP_PORTAL_DIR=str(self.root / "portals"),
            XDG_CURRENT_DESKTOP="pst",
            GSETTINGS_BACKEND="memory",
            GDK_BACKEND="x11",
            GTK_A11Y="none",
            PST_TEST_HOST_DIR=str(self.host),
            PST_TEST_BACKEND=BACKEND)
        for name in ("WAYLAND_DISPLAY", "DISPLAY", "GIO_USE_VFS"):
            self.env.pop(name, None)

    def start_display(self):
        read, write = os.pipe()
        self.start("Xvfb", "-displayfd", str(write), "-screen", "0", "1024x768x24", "-nolisten",
                   "tcp", pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.env["DISPLAY"] = ":" + pipe.readline().strip()

    def start_bus(self):
        socket = self.runtime / "bus"
        config = self.root / "bus.conf"
        config.write_text(BUS_CONFIG.format(socket=socket))
        bus = self.start("dbus-daemon", "--nofork", "--print-address", f"--config-file={config}",
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        bus.stdout.readline()
        self.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={socket}"

    def start_portals(self):
        self.first_portal = len(self.children)
        quiet = dict(self.env)
        # Their warnings are not ours.
        self.env = {**quiet, "G_DEBUG": "", "XDG_DATA_DIRS": str(self.root / "share")}
        log = open(self.root / "portals.log", "w")
        self.start(LIBEXEC / "xdg-permission-store", stderr=log)
        self.wait_for("org.freedesktop.impl.portal.PermissionStore")
        self.start(LIBEXEC / "xdg-document-portal", stderr=log)
        self.wait_for("org.freedesktop.portal.Documents")
        self.start(LIBEXEC / "xdg-desktop-portal", stderr=log)
        self.wait_for("org.freedesktop.portal.Desktop")
        self.env = quiet

    def choose_folder(self):
        """What the file chooser's portal does with a folder; its path in the sandbox."""
        import gi
        from gi.repository import Gio, GLib
        bus = Gio.DBusConnection.new_for_address_sync(
            self.env["DBUS_SESSION_BUS_ADDRESS"], Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        folder = os.open(self.host / "Pictures", os.O_PATH | os.O_CLOEXEC)
        descriptors = Gio.UnixFDList.new_from_array([folder])
        # An id that is there already is used again; it stays; it is a folder.
        flags = 1 | 2 | 8
        answer, _ = bus.call_with_unix_fd_list_sync(
            "org.freedesktop.portal.Documents", "/org/freedesktop/portal/documents",
            "org.freedesktop.portal.Documents", "AddFull",
            GLib.Variant("(ahusas)", ([0], flags, APPLICATION_ID, ["read", "write", "grant-permissions"])),
            None, Gio.DBusCallFlags.NONE, WAIT_S * 1000, descriptors, None)
        bus.close_sync(None)
        return str(self.runtime / "doc" / answer.unpack()[0][0] / "Pictures")

    def has_documents(self):
        return os.path.ismount(self.runtime / "doc")

    def sandbox(self, binds):
        info = self.root / "flatpak-info"
        info.write_text(FLATPAK_INFO)
        documents = self.runtime / "doc" / "by-app" / APPLICATION_ID
        command = ["bwrap", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc",
                   "/etc", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
        for link in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
            if os.path.islink("/" + link):
                command += ["--symlink", os.readlink("/" + link), "/" + link]
        for name in ("data", "config", "cache", "state"):
            command += ["--bind", str(self.root / name), str(self.root / name)]
        for path in binds:
            command += ["--ro-bind", path, path]
        command += ["--dir", str(self.root / "home"),
                    "--bind", self.env["DBUS_SESSION_BUS_ADDRESS"].split("=")[1],
                    str(self.runtime / "bus"),
                    "--bind", str(documents), str(self.runtime / "doc"),
                    "--ro-bind", str(info), "/.flatpak-info"]
        return command

    def stop_portals(self):
        self.end(self.children[self.first_portal:])
        del self.children[self.first_portal:]
        self.unmount()

    def end(self, children):
        for child in reversed(children):
            child.terminate()
            try:
                child.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def stop(self):
        self.end(self.children)
        self.unmount()

    def unmount(self):
        if os.path.ismount(self.runtime / "doc"):
            subprocess.run(["fusermount3", "-u", "-z", str(self.runtime / "doc")], check=False)


def run(bench, arguments):
    bench.make_home()
    bench.start_display()
    bench.start_bus()
    bench.start_portals()
    if not bench.has_documents():
        print((bench.root / "portals.log").read_text(), file=sys.stderr)
        skip("the document portal cannot mount here")

    command = [arguments.program, *arguments.arguments]
    if arguments.sandbox:
        sandbox = bench.sandbox([os.path.dirname(os.path.abspath(arguments.program)),
                                 *arguments.bind])
        bench.env.pop("PST_SANDBOX", None)
        if subprocess.run([*sandbox, "true"], env=bench.env).returncode != 0:
            skip("bubblewrap cannot make a sandbox here")
        command = [*sandbox, *command]
    else:
        bench.env.update(PST_SANDBOX="1", GDK_DEBUG="portals")

    if arguments.twice:
        status = run_twice(bench, command)
    else:
        status = bench.start(*command).wait()
    if status != 0:
        print((bench.root / "portals.log").read_text(), file=sys.stderr)
    return status if status >= 0 else 128 - status


def run_twice(bench, command):
    chosen = bench.choose_folder()
    bench.env.update(PST_TEST_DESTINATION=chosen, PST_TEST_RUN="1")
    status = bench.start(*command, stdout=sys.stderr).wait()
    if status != 0:
        return status

    bench.stop_portals()
    bench.start_portals()
    if bench.choose_folder() != chosen:
        print("the portal gives the same folder another path", file=sys.stderr)
        return 1
    bench.env["PST_TEST_RUN"] = "2"
    return bench.start(*command).wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", action="store_true")
    parser.add_argument("--twice", action="store_true", help="start the portals anew in between")
    parser.add_argument("--bind", action="append", default=[], help="seen in the sandbox too")
    parser.add_argument("program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()

    for name in ("xdg-desktop-portal", "xdg-document-portal", "xdg-permission-store"):
        if not (LIBEXEC / name).exists():
            skip(f"{name} is not installed")
    for name in ["Xvfb", "dbus-daemon", "gdbus"] + (["bwrap"] if arguments.sandbox else []):
        if shutil.which(name) is None:
            skip(f"{name} is not installed")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        skip("/dev/fuse cannot be used")

    # Not below $TMPDIR: a socket's name must be short.
    root = pathlib.Path(tempfile.mkdtemp(prefix="pst-portal-", dir="/tmp"))
    bench = Bench(root)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        status = run(bench, arguments)
    finally:
        bench.stop()
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
