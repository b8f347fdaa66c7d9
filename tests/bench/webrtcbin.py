# SPDX-License-Identifier: GPL-3.0-or-later
"""webrtcbin on both sides as other programs use it."""

import json
import os
import time

from programs import CONNECT_S, Program, Transfer, identity


class Webrtcbin(Program):
    name, title = "webrtcbin", "webrtcbin alone"
    what = ("webrtcbin as it is on both sides, without what wakes its sender (that is in the transfer's protocol): a "
            "small program of the benchmark's (tests/link/channel-peer.c): one data channel, messages of 65,536 "
            "bytes, file to file, fsync, no hash, no second encryption; until the receiver has synced")

    def __init__(self):
        self._peer = None

    def build(self, tools):
        self._peer = os.path.join(tools.build, "tests/link/channel-peer")
        return identity(self._peer)

    def send(self, run):
        start_s = time.monotonic()
        receiver, sender = (run.start(side, name, [self._peer, role], keep_stdin=True, env={"PST_LINK_STOCK": "1"})
                            for side, name, role in [("b", "receiver", "answer"), ("a", "sender", "offer")])
        receiver.say(json.dumps({"type": "receive", "path": run.arrived(), "bytes": os.path.getsize(run.source)}))
        receiver.say(sender.wait_event("description", CONNECT_S)["text"])
        sender.say(receiver.wait_event("description", CONNECT_S)["text"])
        sender.wait_event("open", CONNECT_S)
        sender.say(json.dumps({"type": "send", "path": run.source}))
        begin_s = sender.wait_event("begin", CONNECT_S)["at_s"]
        end_s = receiver.wait_event("done", run.timeout_s)["at_s"]
        return Transfer(start_s, begin_s, end_s)
