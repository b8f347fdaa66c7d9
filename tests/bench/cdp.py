# SPDX-License-Identifier: GPL-3.0-or-later
"""A Chromium without a window, driven through a pipe (Chrome DevTools Protocol,
--remote-debugging-pipe: JSON objects with a zero byte after each)."""

import json
import os
import threading
import time

import pstnet

ORIGIN = "https://bench.test/"

_COMMON = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers", "page.js")

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic", "--disable-default-apps", "--disable-extensions", "--mute-audio",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream", "--disable-features=WebRtcHideLocalIpsWithMdns",
]

# What the program's descriptors 3 and 4 are: it reads from the one and writes to
# the other. The shell keeps them through `ip netns exec`.
_IN_SHELL = 'exec "$@" 3<"$PST_BENCH_IN" 4>"$PST_BENCH_OUT"'


class Browser:
    """One browser with one empty page of a secure origin."""

    def __init__(self, run, side, name, program):
        self._folder = os.path.join(run.folder, f"profile-{side}")
        os.makedirs(self._folder)
        pipes = [os.path.join(self._folder, pipe) for pipe in ["in", "out"]]
        for pipe in pipes:
            os.mkfifo(pipe)
        self.program = run.start(
            side, name,
            ["sh", "-c", _IN_SHELL, "sh", program, *FLAGS, "--remote-debugging-pipe",
             f"--user-data-dir={self._folder}/data", "about:blank"],
            env={"PST_BENCH_IN": pipes[0], "PST_BENCH_OUT": pipes[1]})
        self._to, self._from = open(pipes[0], "wb"), open(pipes[1], "rb")
        self._answers, self._changed, self._number = {}, threading.Condition(), 0
        self._session = None
        threading.Thread(target=self._read, daemon=True).start()
        self._open_page()

    def load(self, path):
        """Runs a script in the page, after what all pages have in common."""
        for script in [_COMMON, path]:
            with open(script, encoding="utf-8") as file:
                self.run(file.read())

    # Messages

    def _read(self):
        rest = b""
        while data := self._from.read1(1 << 20):
            *messages, rest = (rest + data).split(b"\0")
            for message in messages:
                self._take(json.loads(message))
        with self._changed:
            self._answers[None] = {}
            self._changed.notify_all()

    def _take(self, message):
        if message.get("method") == "Fetch.requestPaused":
            self._post("Fetch.fulfillRequest", requestId=message["params"]["requestId"],
                       responseCode=200, body="PHRpdGxlPmJlbmNoPC90aXRsZT4=")  # a title
        elif "id" in message:
            with self._changed:
                self._answers[message["id"]] = message
                self._changed.notify_all()

    def _post(self, method, **params):
        with self._changed:
            self._number += 1
            number = self._number
            message = {"id": number, "method": method, "params": params}
            if self._session is not None:
                message["sessionId"] = self._session
            self._to.write(json.dumps(message).encode() + b"\0")
            self._to.flush()
        return number

    def call(self, method, timeout_s=40, **params):
        number = self._post(method, **params)
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while number not in self._answers:
                pstnet.check(None not in self._answers, f"the browser ended before it answered {method}")
                left = deadline - time.monotonic()
                pstnet.check(left > 0, f"the browser did not answer {method} within {timeout_s} s")
                self._changed.wait(left)
            answer = self._answers.pop(number)
        pstnet.check("error" not in answer, f"{method}: {answer.get('error')}")
        return answer["result"]

    # The page

    def _open_page(self):
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page["targetId"],
                                  flatten=True)["sessionId"]
        self.call("Fetch.enable", patterns=[{"urlPattern": f"{ORIGIN}*"}])
        self.call("Page.enable")
        self.call("Page.navigate", url=ORIGIN)
        deadline = time.monotonic() + 20
        while self.run("document.title") != "bench":
            pstnet.check(time.monotonic() < deadline, "the page does not load")
            time.sleep(0.05)

    def run(self, script, timeout_s=40):
        """The value of a script, awaited."""
        result = self.call("Runtime.evaluate", timeout_s, expression=script, awaitPromise=True,
                           returnByValue=True, userGesture=True)
        pstnet.check("exceptionDetails" not in result, f"in the page: {result.get('exceptionDetails')}")
        return result["result"].get("value")

    def choose_file(self, script, path):
        """Gives a file to the input element that the script evaluates to."""
        element = self.call("Runtime.evaluate", expression=script)["result"]["objectId"]
        self.call("DOM.setFileInputFiles", files=[path], objectId=element)

    def close(self):
        try:
            self._session = None
            self.call("Browser.close", 10)
            self.program.wait(10)
        except pstnet.Failure:
            pass
        self._to.close()
