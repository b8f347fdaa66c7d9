# SPDX-License-Identifier: GPL-3.0-or-later
"""The accessibility tree of a program, as a screen reader gets it.

This speaks AT-SPI's D-Bus protocol itself instead of using libatspi: that
library knows one accessibility bus for each process, and here every desk has
its own. D-Bus sockets are files, so one process can sit at desks in several
network namespaces.
"""

from gi.repository import Gio, GLib

ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
COMPONENT = "org.a11y.atspi.Component"
EDITABLE_TEXT = "org.a11y.atspi.EditableText"
TEXT = "org.a11y.atspi.Text"
VALUE = "org.a11y.atspi.Value"

_PROPERTIES = "org.freedesktop.DBus.Properties"
_REGISTRY = "org.a11y.atspi.Registry"
_ROOT = "/org/a11y/atspi/accessible/root"
# Marks of writing direction around names, codes and figures.
ISOLATES = dict.fromkeys([0x200E, 0x200F, *range(0x2066, 0x206A)])
_NOTHING = "/org/a11y/atspi/null"
_WINDOW_COORDINATES = 1
_CALL_MS = 10_000

# The bits of AtspiStateType that are asked for here.
STATES = {
    "active": 1, "busy": 3, "checked": 4, "editable": 7, "expandable": 9, "expanded": 10,
    "focusable": 11, "focused": 12, "modal": 16, "pressed": 20, "selected": 23, "sensitive": 24,
    "visible": 30,
}

# What calls to something that has just gone away end with.
_GONE = ("UnknownMethod", "UnknownObject", "UnknownInterface", "NameHasNoOwner", "NoReply",
         "ServiceUnknown", "InvalidArgs", "Disconnected")


class Gone(Exception):
    """The thing is not there any more."""


def _is_gone(error):
    return any(gone in error.message for gone in _GONE)


def _unless_gone(answer):
    if not isinstance(answer, GLib.Error):
        return answer
    if _is_gone(answer):
        return None
    raise answer


class Node:
    """One accessible thing, as it was when the tree was read."""

    # What is asked about each: the methods and their arguments.
    QUESTIONS = [(ACCESSIBLE, "GetRoleName", None), (ACCESSIBLE, "GetState", None),
                 (_PROPERTIES, "Get", GLib.Variant("(ss)", (ACCESSIBLE, "Name")))]

    def __init__(self, tree, path, parent, answers):
        (self.role,), ((low, high),), (name,) = answers
        self._tree, self.path, self.parent = tree, path, parent
        self.name = _without_mnemonic((name or "").translate(ISOLATES))
        bits = low | high << 32
        self.states = {state for state, bit in STATES.items() if bits >> bit & 1}
        self.children = []
        self._extents = None

    def __repr__(self):
        return f"{self.role} {self.name!r}"

    @property
    def window(self):
        """The toplevel it is in: the one below the application."""
        node = self
        while node.parent is not None and node.parent.parent is not None:
            node = node.parent
        return node

    def ancestors(self):
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def everything(self):
        yield self
        for child in self.children:
            yield from child.everything()

    def call(self, interface, method, signature=None, *values):
        return self._tree.call(self.path, interface, method, signature, *values)

    def extents(self):
        """x, y, width and height in the window, when it was first asked."""
        if self._extents is None:
            self._extents = self.call(COMPONENT, "GetExtents", "(u)", _WINDOW_COORDINATES)[0]
        return self._extents

    def actions(self):
        return [name for name, _, _ in self.call(ACTION, "GetActions")[0]]

    def do_action(self, index=0):
        return self.call(ACTION, "DoAction", "(i)", index)[0]

    def grab_focus(self):
        return self.call(COMPONENT, "GrabFocus")[0]

    def description(self):
        return self._tree.get(self.path, ACCESSIBLE, "Description") or ""

    def text(self):
        """What stands in an entry or a text view."""
        n_characters = self._tree.get(self.path, TEXT, "CharacterCount")
        return self.call(TEXT, "GetText", "(ii)", 0, n_characters)[0]

    def set_text(self, text):
        return self.call(EDITABLE_TEXT, "SetTextContents", "(s)", text)[0]

    def value(self):
        """The current value and the largest of a progress bar or a slider."""
        return [self._tree.get(self.path, VALUE, name) for name in ["CurrentValue", "MaximumValue"]]

    def value_text(self):
        return self._tree.get(self.path, VALUE, "Text") or ""

    def is_shown(self):
        """Whether a person could see it, or would after scrolling: nothing lies
        over the part of it that is in view. GTK tells of hidden pages, too, and
        never says that something is showing."""
        box, node = self.extents(), self
        if box[2] <= 0 or box[3] <= 0:
            return False
        window = self.window
        frame = window.extents()
        while not _overlap(box, frame) and node.parent is not None:
            node = node.parent
            box = node.extents()
        for ancestor in node.ancestors():
            if ancestor.parent is not None:
                clipped = _overlap(box, ancestor.extents())
                if clipped is None:  # scrolled out: what matters is who scrolls
                    node, clipped = ancestor, ancestor.extents()
                box = clipped
        family = {node.path, *(ancestor.path for ancestor in node.ancestors())}
        family.update(child.path for child in node.everything())
        lies_over = False
        for point in _points(box):
            picked = self._pick(window, point)
            if picked in family:
                return True
            lies_over = lies_over or picked != _NOTHING
        return not lies_over

    @staticmethod
    def _pick(window, point):
        """What lies at a point; parts of a widget that it hides from the tree
        are nothing."""
        return window.call(COMPONENT, "GetAccessibleAtPoint", "(iiu)", *point, _WINDOW_COORDINATES)[0][1]


def _points(box):
    x, y, width, height = box
    middle_x, middle_y = x + width // 2, y + height // 2
    return [(middle_x, middle_y), (x + min(2, width // 2), middle_y), (middle_x, y + min(2, height // 2))]


def _without_mnemonic(name):
    """GTK 4.8 calls a button with a mnemonic "_Open Open", a check button "_All"."""
    half = len(name) // 2
    first, second = name[:half], name[half + 1:]
    if "_" in first and first.replace("_", "", 1) == second:
        return second
    return name.removeprefix("_")


def _overlap(a, b):
    left, top = max(a[0], b[0]), max(a[1], b[1])
    right, bottom = min(a[0] + a[2], b[0] + b[2]), min(a[1] + a[3], b[1] + b[3])
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


def connect(address):
    flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
             | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
    return Gio.DBusConnection.new_for_address_sync(address, flags, None, None)


def find_bus(session):
    """The accessibility bus that belongs to a session bus; starts it."""
    reply = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                              None, None, Gio.DBusCallFlags.NONE, _CALL_MS, None)
    return connect(reply.unpack()[0])


class Tree:
    """Everything that one program tells about itself."""

    def __init__(self, bus, owner):
        self._bus, self._owner = bus, owner

    def call(self, path, interface, method, signature=None, *values):
        arguments = GLib.Variant(signature, values) if signature else None
        try:
            return self._bus.call_sync(self._owner, path, interface, method, arguments, None,
                                       Gio.DBusCallFlags.NONE, _CALL_MS, None).unpack()
        except GLib.Error as error:
            if _is_gone(error):
                raise Gone(error.message) from error
            raise

    def get(self, path, interface, name):
        return self.call(path, _PROPERTIES, "Get", "(ss)", interface, name)[0]

    def call_all(self, calls):
        """The answers to calls that are on their way together: a program that is busy is
        waited for once. Each is a path, an interface, a method and arguments; None answers
        for what is not there any more."""
        context = GLib.MainContext.new()
        answers = {}

        def take(bus, result, number):
            try:
                answers[number] = bus.call_finish(result).unpack()
            except GLib.Error as error:
                answers[number] = error

        context.push_thread_default()
        try:
            for number, call in enumerate(calls):
                self._bus.call(self._owner, *call, None, Gio.DBusCallFlags.NONE, _CALL_MS, None, take, number)
            while len(answers) < len(calls):
                context.iteration(True)
        finally:
            context.pop_thread_default()
        return [_unless_gone(answers[number]) for number in range(len(calls))]

    def read(self):
        """The application's node, with everything below it."""
        generation = self._make_nodes([(None, _ROOT)])
        if not generation:
            raise Gone(_ROOT)
        root = generation[0]
        while generation:
            families = self.call_all([(node.path, ACCESSIBLE, "GetChildren", None) for node in generation])
            generation = self._make_nodes([(node, path) for node, family in zip(generation, families)
                                           if family is not None for _, path in family[0]])
        return root

    def _make_nodes(self, places):
        """Nodes for these parents and paths, but for those that have gone."""
        n = len(Node.QUESTIONS)
        answers = self.call_all([(path, *question) for _, path in places for question in Node.QUESTIONS])
        nodes = []
        for i, (parent, path) in enumerate(places):
            own = answers[i * n:(i + 1) * n]
            if None in own:
                continue
            nodes.append(Node(self, path, parent, own))
            if parent is not None:
                parent.children.append(nodes[-1])
        return nodes


def programs(bus):
    """{process id: Tree} of every program that has joined the bus."""
    registry = Tree(bus, _REGISTRY)
    found = {}
    for owner, _ in registry.call(_ROOT, ACCESSIBLE, "GetChildren")[0]:
        try:
            reply = bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                  "org.freedesktop.DBus", "GetConnectionUnixProcessID",
                                  GLib.Variant("(s)", (owner,)), None, Gio.DBusCallFlags.NONE,
                                  _CALL_MS, None)
        except GLib.Error:
            continue
        found[reply.unpack()[0]] = Tree(bus, owner)
    return found
