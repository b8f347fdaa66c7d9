# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench of the net suite: two network namespaces with a wire between them,
programs in them whose JSON lines are read, and everything gone afterwards.

    namespace pst<pid>a                       namespace pst<pid>b
   +--------------------+                    +--------------------+
   | program            |                    | program            |
   |                    |                    |                    |
   | lo           link0 +====================+ link0           lo |
   +--------------------+                    +--------------------+
       10.77.0.1/24        a veth pair, or       10.77.0.2/24
       fd77::1/64          the program `wire`    fd77::2/64

The bench moves into a mount namespace of its own with a private /run/netns, and
the kernel kills its programs when it dies. So no namespace, device, mount or
process stays behind, even when the bench itself is killed: they end with the
last process that uses them. Only its folder in TMPDIR may stay then.
"""

import contextlib
import ctypes
import glob
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import trees

SKIPPED = 77  # what meson takes for a skipped test

PARTIAL_PREFIX = b".penstock-"

_CLONE_NEWNS = 0x00020000
_PR_SET_PDEATHSIG = 1
_MEMORY_INTERVAL_S = 0.05

_libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """Something did not hold; the message says what."""


class Ended(Failure):
    """The whole test was told to end, or its time is over."""


class Skip(Exception):
    """This machine cannot run the test; the message says why."""


def check(condition, sentence):
    if not condition:
        raise Failure(sentence)


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _output(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")
    return done.stdout


def _tool(*argv):
    _output(*argv)


def _enter_private_mounts():
    if os.geteuid() != 0:
        raise Skip("namespaces need root")
    for tool in ["ip", "mount", "umount"]:
        if shutil.which(tool) is None:
            raise Skip(f"{tool} is not installed")
    if _libc.unshare(_CLONE_NEWNS) != 0:
        raise Skip(f"no mount namespace: {os.strerror(ctypes.get_errno())}")
    try:
        _tool("mount", "--make-rprivate", "/")
        os.makedirs("/run/netns", exist_ok=True)
        _tool("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run/netns")
    except (Failure, OSError) as error:
        raise Skip(f"no mounts of our own: {error}") from error


class Program:
    """A program in a namespace. Its standard output is read line by line; lines
    that are JSON objects become events, the others are kept as text."""

    def __init__(self, name, argv, log_path, env, keep_stdin=False, on_event=None):
        self.name = name
        self.events = []
        self.lines = []
        self.peak_rss_bytes = 0
        self.rss_bytes = 0
        self.started_s = time.monotonic()
        self.ended_s = None
        self._on_event = on_event
        self._on_event_error = None
        self._changed = threading.Condition()
        self._log_path = log_path
        self._log = open(log_path, "wb")
        self._child = subprocess.Popen(
            [os.fspath(a) for a in argv],
            stdin=subprocess.PIPE if keep_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=env,
            preexec_fn=_die_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._meter = threading.Thread(target=self._measure, daemon=True)
        self._reader.start()
        self._meter.start()

    # Reading

    def _read(self):
        for line in self._child.stdout:
            self._log.write(b"> " + line)
            self._log.flush()
            self._take_line(line)
        self._child.stdout.close()

    def _take_line(self, line):
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict):
            event["at_s"] = time.monotonic()
            if event.get("type") == "connected":
                event["threads"] = self._thread_names()
            self._tell(event)
        with self._changed:
            (self.events if isinstance(event, dict) else self.lines).append(
                event if isinstance(event, dict) else line.decode(errors="replace")
            )
            self._changed.notify_all()

    def _tell(self, event):
        if self._on_event is None or self._on_event_error is not None:
            return
        try:
            self._on_event(event)
        except Exception as error:  # carried over to whoever waits
            self._on_event_error = error

    def _thread_names(self):
        names = set()
        for path in glob.glob(f"/proc/{self._child.pid}/task/*/comm"):
            with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
                names.add(file.read().rstrip())
        return names

    def _measure(self):
        """VmHWM is the peak since exec, so only growth in the last interval of a
        program's life can be missed; wait4's ru_maxrss would count our fork."""
        path = f"/proc/{self._child.pid}/status"
        while self.ended_s is None:
            try:
                with open(path, encoding="ascii", errors="replace") as file:
                    fields = dict(line.split(":", 1) for line in file if line.startswith("Vm"))
            except OSError:
                return
            if "VmHWM" in fields:
                self.peak_rss_bytes = int(fields["VmHWM"].split()[0]) * 1024
                self.rss_bytes = int(fields["VmRSS"].split()[0]) * 1024
            time.sleep(_MEMORY_INTERVAL_S)

    # Waiting

    def _find(self, what, matches):
        for event in self.events:
            if event.get("type") == what and matches(event):
                return event
        return None

    def wait_event(self, what, timeout_s, matches=lambda event: True):
        """The first event of a type for which MATCHES holds, past or to come."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while True:
                event = self._find(what, matches)
                if event is not None:
                    return event
                if self._on_event_error is not None:
                    raise self._on_event_error
                if not self._reader.is_alive() and self._child.poll() is not None:
                    raise Failure(f"{self.name} ended before it said {what!r}")
                left = deadline - time.monotonic()
                check(left > 0, f"{self.name} did not say {what!r} within {timeout_s} s")
                self._changed.wait(min(left, 0.2))

    def wait_line(self, text, timeout_s, *others):
        """A line of standard output, not JSON, that contains TEXT, or one of OTHERS."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not any(t in line for t in [text, *others] for line in self.lines):
                alive = self._reader.is_alive()
                check(alive, f"{self.name} ended before it said {text!r}")
                check(time.monotonic() < deadline, f"{self.name} did not say {text!r}")
                self._changed.wait(0.2)

    def wait_log(self, text, timeout_s):
        """TEXT in its log, where standard error goes too."""
        deadline = time.monotonic() + timeout_s
        while True:
            with open(self._log_path, encoding="utf-8", errors="replace") as file:
                if text in file.read():
                    return
            check(self.is_running, f"{self.name} ended before it noted {text!r}")
            check(time.monotonic() < deadline, f"{self.name} did not note {text!r}")
            time.sleep(0.2)

    def log_lines(self, text):
        """The lines of its log that contain TEXT."""
        with open(self._log_path, encoding="utf-8", errors="replace") as file:
            return [line for line in file if text in line]

    def wait(self, timeout_s):
        """The exit status, once all output has been read; 128 + N for signal N."""
        try:
            status = self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {timeout_s:.0f} s") from None
        if self.ended_s is None:
            self.ended_s = time.monotonic()
        self._reader.join(5)
        if self._on_event_error is not None:
            raise self._on_event_error
        return status if status >= 0 else 128 - status

    def expect_exit(self, status, timeout_s):
        actual = self.wait(timeout_s)
        check(actual == status, f"{self.name} ended with {actual}, not {status}")

    def events_of(self, what):
        with self._changed:
            return [event for event in self.events if event.get("type") == what]

    @property
    def is_running(self):
        return self._child.poll() is None

    @property
    def pid(self):
        return self._child.pid

    def limit(self, what, value):
        """Sets one of the RLIMITs of a program that runs."""
        resource.prlimit(self._child.pid, what, (value, value))

    def memory_bytes(self):
        """All that it has mapped: what RLIMIT_AS counts."""
        with open(f"/proc/{self._child.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()

    def descriptors(self):
        return sorted(map(int, os.listdir(f"/proc/{self._child.pid}/fd")))

    # Speaking and ending

    def say(self, line):
        """Writes a line to a program that was started with KEEP_STDIN."""
        try:
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            raise Failure(f"{self.name} reads no more") from None

    def end_input(self):
        """Closes the standard input of a program that was started with KEEP_STDIN."""
        self._child.stdin.close()

    def interrupt(self):
        self._child.send_signal(signal.SIGINT)
        return time.monotonic()

    def terminate(self):
        """What a desktop does that is shut down."""
        self._child.send_signal(signal.SIGTERM)
        return time.monotonic()

    def kill(self):
        """It ends in the middle of whatever it does; waits until it is gone."""
        self._child.kill()
        self.wait(10)

    def freeze(self):
        """Stops it, and waits until all of it stands still."""
        self._child.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + 5
        while True:
            with open(f"/proc/{self._child.pid}/stat", encoding="utf-8") as file:
                if file.read().rpartition(")")[2].split()[0] == "T":
                    return
            check(time.monotonic() < deadline, f"{self.name} does not stand still")

    def thaw(self):
        """Lets it go on after freeze()."""
        self._child.send_signal(signal.SIGCONT)

    def stop(self):
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        self.ended_s = self.ended_s or time.monotonic()
        self._reader.join(5)
        self._meter.join(5)
        if self._child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        self._log.close()

    def log_tail(self, n_lines=25):
        with open(self._log_path, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-n_lines:])


class Bench:
    """Folders, namespaces and programs of one test. Use it in a `with`."""

    def __init__(self, cli=None, wire=None, faulty_disk=None, faulty_clock=None,
                 false_mailbox=None):
        self.cli, self.wire = cli, wire
        self.faulty_disk, self.faulty_clock = faulty_disk, faulty_clock
        self.false_mailbox = false_mailbox
        self.programs = []
        self.wire_program = None
        self.folder = None
        self._mounts = []
        self._namespaces = []
        self._hosts = {}  # the last part of each side's addresses
        self._lasting_routes = []
        self._prefix = f"pst{os.getpid()}"
        self._n_programs = 0

    def __enter__(self):
        _enter_private_mounts()
        self.folder = tempfile.mkdtemp(prefix="penstock-net-")
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None and kind is not Skip:
            self._show_logs()
        for program in self.programs:
            program.stop()
        self._remove_namespaces()
        for path in reversed(self._mounts):
            subprocess.run(["umount", "-l", path], check=False)
        if os.environ.get("PST_NET_KEEP"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _show_logs(self):
        for program in self.programs:
            print(f"---- {program.name}, the end of its output:\n{program.log_tail()}")

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def make_folder(self, *parts):
        os.makedirs(self.path(*parts))
        return self.path(*parts)

    # Network

    def namespace(self, side):
        return f"{self._prefix}{side}"

    def add_namespace(self, name):
        """Makes a namespace, which goes with the bench or with disconnect()."""
        try:
            _tool("ip", "netns", "add", self.namespace(name))
        except Failure as error:
            raise Skip(f"no network namespaces: {error}") from error
        self._namespaces.append(self.namespace(name))

    def connect(self, ipv4=True, ipv6=True, rate_bps=0, delay_us=0, loss=0.0, groups=True, mtu=1500,
                queue_ms=0, seed=1, duplicate=0.0, reorder=0.0, corrupt=0.0):
        """Makes both namespaces and the wire. RATE_BPS are bytes a second each
        way, DELAY_US is one way; without groups the wire loses multicast. A
        queue of 0 ms is the wire's own, 256 KiB. LOSS, DUPLICATE, REORDER and
        CORRUPT are parts of the frames; the last begins with start_corrupting()."""
        for side in "ab":
            self.add_namespace(side)
        faults = {"loss": loss, "duplicate": duplicate, "reorder": reorder, "corrupt": corrupt}
        veth = not (rate_bps or delay_us or any(faults.values()) or not groups)
        if not veth:
            self._start_wire(groups, rate=rate_bps, delay_us=delay_us,
                             queue_ms=queue_ms, seed=seed, **faults)
        else:
            _tool("ip", "link", "add", "link0", "netns", self.namespace("a"), "type", "veth",
                  "peer", "name", "link0", "netns", self.namespace("b"))
        self._lasting_routes = []
        for host, side in enumerate("ab", 1):
            self._hosts[side] = str(host)
            self._set_up(self.namespace(side), host, ipv4, ipv6, mtu)
        for side in "ab":
            self._wait_until_up(self.namespace(side), veth)

    @staticmethod
    def _wait_until_up(namespace, veth):
        """The kernel may take a second to say that a link is up, though it
        carries packets at once; until then ICE looks past it."""
        deadline = time.monotonic() + 10
        while True:
            state = _output("ip", "-n", namespace, "-o", "link", "show", "dev", "link0")
            if " state UP " in state or not veth and " state UNKNOWN " in state:
                return
            if time.monotonic() > deadline:
                raise Failure(f"link0 does not come up: {state.strip()}")

    def _start_wire(self, groups, **settings):
        if not os.path.exists("/dev/net/tun"):
            raise Skip("no /dev/net/tun")
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        if not groups:
            options.append("--no-groups")
        ends = [f"/run/netns/{self.namespace(side)}" for side in "ab"]
        self.wire_program = self._start("wire", [self.wire, *options, *ends], keep_stdin=True)
        self.wire_program.wait_line("ready", 10)

    def start_corrupting(self):
        """From now on, bytes of UDP are changed where it was asked for. UDP's
        checksum stays right, and before there are keys it is the only one."""
        return self.ask_wire("corrupt")

    def cut_wire(self):
        """Nothing arrives any more, and nobody is told."""
        self.wire_program.freeze()

    def mend_wire(self):
        """What waited in it arrives, and what comes then."""
        self.wire_program.thaw()

    def drop_udp(self, side, port=None):
        """What comes to one machine by UDP, or to one port of it, is lost, and nobody is told."""
        if shutil.which("nft") is None:
            raise Skip("nft is not installed")
        inside = ["ip", "netns", "exec", self.namespace(side), "nft"]
        try:
            _tool(*inside, "add", "table", "inet", "lost")
            _tool(*inside, "add", "chain", "inet", "lost", "input",
                  "{ type filter hook input priority 0; }")
            _tool(*inside, "add", "rule", "inet", "lost", "input",
                  *(["meta", "l4proto", "udp"] if port is None else ["udp", "dport", str(port)]), "drop")
        except Failure as error:
            raise Skip(f"this kernel filters nothing: {error}") from error

    def pass_udp(self, side):
        _tool("ip", "netns", "exec", self.namespace(side), "nft", "delete", "table", "inet", "lost")

    def link_down(self, side):
        _tool("ip", "-n", self.namespace(side), "link", "set", "link0", "down")

    def link_up(self, side):
        """The link is there again, with the addresses it had."""
        _tool("ip", "-n", self.namespace(side), "link", "set", "link0", "up")
        _tool("ip", "-n", self.namespace(side), "addr", "replace", f"fd77::{self._hosts[side]}/64",
              "dev", "link0", "nodad")
        self._add_lasting_routes()

    def change_address(self, side):
        """What had 10.77.0.N and fd77::N has 10.77.0.1N and fd77::1N from now on, as
        on another network; the old addresses lead nowhere."""
        old, new = self._hosts[side], f"1{self._hosts[side]}"
        inside = ["ip", "-n", self.namespace(side), "addr"]
        for pattern, *how in [("10.77.0.{}/24",), ("fd77::{}/64", "nodad")]:
            _tool(*inside, "del", pattern.format(old), "dev", "link0")
            _tool(*inside, "add", pattern.format(new), "dev", "link0", *how)
        self._hosts[side] = new
        self._add_lasting_routes()

    def add_lasting_address(self, side, address, other):
        """An address for a server: it stays when the side moves, and no transfer uses it,
        since it is not the link's. The OTHER side keeps a way to it."""
        _tool("ip", "-n", self.namespace(side), "addr", "add", f"{address}/32", "dev", "lo")
        self._lasting_routes.append((other, address))
        self._add_lasting_routes()

    def _add_lasting_routes(self):
        """The kernel drops all of a link's routes with its last address."""
        for side, address in self._lasting_routes:
            _tool("ip", "-n", self.namespace(side), "route", "replace", f"{address}/32",
                  "dev", "link0")

    def ask_wire(self, word="passed"):
        """What the wire carried since it was last asked; None if there is none."""
        if self.wire_program is None:
            return None
        n_before = len(self.wire_program.events_of("passed"))
        self.wire_program.say(word)
        self.wire_program.wait_event("passed", 10, lambda event: event not in
                                     self.wire_program.events[:n_before])
        return self.wire_program.events_of("passed")[-1]

    @staticmethod
    def _set_up(namespace, host, ipv4, ipv6, mtu):
        # No waiting for duplicate addresses: there are two of us, and we chose.
        _tool("ip", "netns", "exec", namespace, "sh", "-c",
              "echo 0 > /proc/sys/net/ipv6/conf/link0/accept_dad;"
              f"echo {0 if ipv6 else 1} > /proc/sys/net/ipv6/conf/link0/disable_ipv6")
        if ipv4:
            _tool("ip", "-n", namespace, "addr", "add", f"10.77.0.{host}/24", "dev", "link0")
        if ipv6:
            _tool("ip", "-n", namespace, "addr", "add", f"fd77::{host}/64", "dev", "link0", "nodad")
        _tool("ip", "-n", namespace, "link", "set", "link0", "mtu", str(mtu), "up")
        _tool("ip", "-n", namespace, "link", "set", "lo", "up")

    def _remove_namespaces(self):
        for namespace in self._namespaces:
            subprocess.run(["ip", "netns", "del", namespace], check=False)
        self._namespaces = []

    def disconnect(self):
        """Removes the network, so that connect() can make another."""
        for program in self.programs:
            program.stop()
        self.wire_program = None
        self._remove_namespaces()

    def forget_programs(self):
        """Lets go of those that have ended, so that a long test does not gather them."""
        for program in self.programs:
            if not program.is_running:
                program.stop()
        self.programs = [program for program in self.programs if program.is_running]

    # Mounts; they are seen by programs started later

    def mount_tmpfs(self, path, n_bytes):
        _tool("mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "none", path)
        self._mounts.append(path)

    def mount_read_only(self, path):
        _tool("mount", "-t", "tmpfs", "-o", "ro,size=1m", "none", path)
        self._mounts.append(path)

    # Programs

    def _environment(self, name, extra):
        home = self.path(f"home-{name}-{self._n_programs}")
        os.makedirs(home)
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"),
            "HOME": home,
            "XDG_RUNTIME_DIR": home,
            "LANG": "C.UTF-8",
            "TMPDIR": self.folder,
        }
        for knob in ["G_DEBUG", "G_MESSAGES_DEBUG", "GST_DEBUG", "G_SLICE"]:
            if knob in os.environ:
                env[knob] = os.environ[knob]
        if self.cli is not None:  # scanning all plugins anew takes seconds
            env["GST_REGISTRY"] = os.path.join(os.path.dirname(self.cli), "gst-registry.bin")
        env.update(extra)
        return env

    def _start(self, name, argv, env=(), **how):
        self._n_programs += 1
        log = self.path(f"{self._n_programs}-{name}.log")
        program = Program(name, argv, log, self._environment(name, env), **how)
        self.programs.append(program)
        return program

    def start(self, side, name, argv, **options):
        """Starts a program in the namespace of a side."""
        inside = ["ip", "netns", "exec", self.namespace(side), *argv]
        return self._start(name, inside, **options)

    def start_mailbox(self, side, port=4000, address="::"):
        """The reference mailbox server, on every address of a side or on one."""
        twist = shutil.which("twist3") or shutil.which("twist")
        if twist is None:
            raise Skip("twist3 is not installed")
        # IPv6 sockets take IPv4 too. The descriptors' interface must be escaped.
        escaped = address.replace(":", "\\:")
        endpoint = f"tcp:{port}:interface={escaped}"
        server = self.start(
            side,
            "mailbox",
            [twist, "wormhole-mailbox", f"--port={endpoint}", "--channel-db=:memory:"],
        )
        server.wait_line(f"starting on {port}", 120)
        return server

    def start_false_mailbox(self, side, *lie):
        """A mailbox server that lies: a trick and what about, see
        tests/pairing/false-mailbox.h; without them it is a true one. Gives its port."""
        server = self.start(side, "false-mailbox", [self.false_mailbox, *lie], keep_stdin=True)
        server.wait_line("port", 20)
        return int(next(line for line in server.lines if "port" in line).split()[1])

    def start_relay(self, side, address, user, password, transport="udp", port=3478):
        """A TURN server, reached by one transport only, for one user."""
        program = shutil.which("turnserver")
        if program is None:
            raise Skip("turnserver is not installed")
        settings = [
            f"listening-ip={address}", f"relay-ip={address}", f"listening-port={port}",
            "lt-cred-mech", "realm=penstock.test", f"user={user}:{password}",
            "no-tls", "no-dtls", "no-cli", "no-tcp" if transport == "udp" else "no-udp", "log-file=stdout", "simple-log",
            f"userdb={self.path(f'turndb-{address}')}", f"pidfile={self.path(f'{address}.pid')}",
        ]
        config = self.path(f"turnserver-{address}.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in settings)
        relay = self.start(side, "relay", [program, "-c", config])
        # The first is the last thing that 4.6 says, the second that 4.18 says.
        relay.wait_line("SQLite DB connection success", 20, "turnserver compiled")
        return relay

    def send(self, paths, *options, side="a", **how):
        return self.start(side, "sender", [self.cli, "send", "--json", *options, *paths], **how)

    def receive(self, code, output, *options, side="b", yes=True, **how):
        argv = [self.cli, "receive", "--json", "--output", output, *options]
        argv += ["--yes"] if yes else []
        argv += [code] if code is not None else []
        return self.start(side, "receiver", argv, **how)


def compare(sent_paths, output):
    """Fails unless the output folder holds exactly what was sent."""
    found = trees.differences(trees.describe_items(sent_paths), trees.describe(output))
    if found:
        raise Failure(f"{len(found)} differences:\n  " + "\n  ".join(found[:20]))


def bytes_on_disk(folder):
    """The sizes of all files in a folder, partial ones included. A file that is
    being renamed may be missed by one look, not by two."""
    return max(_look(os.fsencode(folder)), _look(os.fsencode(folder)))


def _look(folder):
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def partial_files(folder):
    return [
        os.path.join(place, name)
        for place, folders, names in os.walk(os.fsencode(folder))
        for name in folders + names
        if name.startswith(PARTIAL_PREFIX)
    ]


def run(test, timeout_s):
    """Runs a test with a deadline; gives the exit status meson expects."""

    def give_up(signum, frame):
        if signum == signal.SIGALRM:
            raise Ended(f"not finished within {timeout_s} s")
        raise Ended(f"ended by signal {signum}")

    for signum in [signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
        signal.signal(signum, give_up)
    signal.alarm(timeout_s)
    try:
        test()
    except Skip as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    except Failure as failure:
        print(f"failed: {failure}", file=sys.stderr)
        return 1
    finally:
        signal.alarm(0)
    return 0
