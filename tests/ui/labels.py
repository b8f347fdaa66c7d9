# SPDX-License-Identifier: GPL-3.0-or-later
"""Every word that the scenarios look for, in one place.

Buttons and titles are given as they stand in the source (without mnemonics), so
that in_language() can find their translations; sentences are patterns, so that
a wording can get better without breaking a test.
"""

import gettext
import os
import re

import atspi

# Buttons; %s is the name of a file
CHOOSE_FILES = "Choose Files…"
CHOOSE_FOLDER = "Choose Folder…"
RECEIVE = "Receive…"
RECEIVE_AGAIN = "Receive"
COPY_LINK = "Copy Link"
CANCEL = "Cancel"
ACCEPT = "Accept"
DECLINE = "Decline"
CANCEL_TRANSFER = "Cancel %s"
PAUSE = "Pause %s"
RESUME = "Resume %s"
SHOW_IN_FOLDER = "Show in Folder"
# The same button's name for whoever cannot see which row it stands in.
SHOW_NAMED_IN_FOLDER = re.compile(r"Show .+ in Folder")
OPEN = "Open"
TRY_AGAIN = "Try Again"
DISCONNECT = "Disconnect"
DETAILS = "Details of %s"
SCAN_CODE = "Scan QR Code"
SCAN_IMAGE = "Scan from Image…"
NEW_CODE = "New Code"
ENTER_CODE = "Enter Code"
PREFERENCES = "Preferences"
BACK_TO_START = "Back to Start"
KEEP_OPEN = "Keep Transferring"
STOP_AND_CLOSE = "Stop and Close"
COMPARE_WORDS = "Compare Words…"
THEY_DIFFER = "They Differ"

# Remembered devices
REMEMBER_THIS = "Remember This Device…"
REMEMBER = "Remember"
SEND_TO_DEVICE = "Send to a Remembered Device"
RECEIVE_FROM_DEVICE = "Receive from a Remembered Device"
DEVICES = "Devices"

# Buttons of the title bar that Tab passes over in every program
WINDOW_CONTROLS = ("Minimize", "Maximize", "Restore", "Close")

# Titles
START_HEADING = "Drop Files or Folders"

# What a code looks like
CODE = re.compile(r"^\d+(-[a-z]+){2,}$")

# The words that two people compare
SIX_WORDS = re.compile(r"^[a-z]+( [a-z]+){5}$")
WORDS_DIFFER = re.compile(r"words were not the same")

# The connection
CONNECTION_ENDED = re.compile(r"Connection Ended")

# States of a transfer
SENDING = re.compile(r"\bSending\b|speed limit|Waiting for (the network|their disk|this disk)")
RECEIVING = re.compile(r"\bReceiving\b|speed limit|Waiting for (the network|their disk|this disk)")
SENT = re.compile(r"\bSent\b")
RECEIVED = re.compile(r"\bReceived\b")
PAUSED_BY_YOU = re.compile(r"Paused by you")
PAUSED_BY_THEM = re.compile(r"Paused by them")
DISK_FULL = re.compile(r"This disk is full")
THEIR_DISK_FULL = re.compile(r"Their disk is full")
FREE_SPACE = re.compile(r"[Ff]ree [0-9.]+\s[kM]?B more, then it goes on by itself")
LINK_LOST = "Reconnecting…"
RECONNECTING = re.compile(LINK_LOST)
CAME_EARLIER = re.compile(r"[0-9.]+\s[kMG]B (of this )?came earlier")
IN_THE_QUEUE = re.compile(r"Waiting in the queue")

# Failures: the sentence, and the next step as a button or, where no button can
# do it, as a sentence
FAILURES = {
    "wrong-code": (re.compile(r"does not match"), ENTER_CODE),
    "wrong-code-host": (re.compile(r"entered a wrong code"), NEW_CODE),
    "nobody-found": (re.compile(r"Nobody is waiting"), ENTER_CODE),
    "declined": (re.compile(r"does not want to receive|Declined by them"), TRY_AGAIN),
    "cancelled-by-them": (re.compile(r"Cancelled by them|was cancelled before"), TRY_AGAIN),
    "disk-full": (re.compile(r"not enough (room|space)|Disk Full", re.I), re.compile(r"[Cc]hoose another folder|another folder\.")),
    "file-changed": (re.compile(r"changed while it was being sent|File Changed"), TRY_AGAIN),
    "unwritable": (re.compile(r"[Nn]othing can be written|Not Writable|cannot be written", re.I), re.compile(r"Choose|Change|another folder")),
    "server": (re.compile(r"server .* cannot be reached"), TRY_AGAIN),
    "no-path": (re.compile(r"no network path"), PREFERENCES),
    "no-camera": (re.compile(r"Connect a camera|has no camera|may not use the camera"), SCAN_IMAGE),
    "unreadable": (re.compile(r"cannot be read|not there|missing|could not be", re.I), re.compile(r"Choose|Check|choose|Look|again")),
}


def in_language(language, folder):
    """A function that gives the words of a language for those above."""
    try:
        catalog = gettext.translation("penstock", folder, [language])
    except OSError:
        return lambda text: text
    words = {key.replace("_", "", 1).split("\4")[-1]: value.replace("_", "", 1).translate(atspi.ISOLATES)
             for key, value in catalog._catalog.items() if isinstance(key, str) and key}
    return lambda text: words.get(text) or text


def catalog_folders(build):
    return os.path.join(build, "po")
