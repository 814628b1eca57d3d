"""A headless Chromium, driven through chromedriver by the W3C WebDriver protocol and, where that
says nothing (media, the viewport, the network), by Chrome's own behind it."""
import base64
import json
import pathlib
import shutil
import tempfile
import urllib.error
import urllib.request

import process

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--window-size=1000,800", "--hide-scrollbars",
             # Nothing but this machine is ever asked.
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")


class Error(Exception):
    """What the browser complains about."""


def missing():
    """The name of the program that is not installed, or None."""
    for program in ("chromedriver", "chromium"):
        if not shutil.which(program):
            return program
    return None


class Browser:
    def __init__(self, seconds=90):
        self.seconds = seconds
        self.folder = None
        self.driver = None
        self.session = None

    def start(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cartolina-browser-"))
        port = process.free_port()
        self.address = f"http://127.0.0.1:{port}/session"
        self.driver = process.Process([shutil.which("chromedriver"), f"--port={port}"],
                                      self.folder / "chromedriver.log", cwd=self.folder)
        try:
            self.driver.wait_for(("127.0.0.1", port))
            options = {"binary": shutil.which("chromium"),
                       "args": [*ARGUMENTS, f"--user-data-dir={self.folder / 'profile'}"]}
            wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                      "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
            answer = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
            self.session = "/" + answer["sessionId"]
        except Exception:
            self.stop()
            raise
        return self

    def get(self, url):
        self._ask("POST", "/url", {"url": url})

    def execute(self, script, *arguments):
        """The value that the script, a function's body, returns; a promise is waited for."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def complaints(self):
        """Errors of scripts, of the network and of policies since the last call."""
        return [e["message"] for e in self.log("browser") if e["level"] in ("SEVERE", "WARNING")]

    def log(self, kind):
        """The entries since the last call: "browser" (the console), "performance"."""
        return self._ask("POST", "/se/log", {"type": kind})

    def requests(self):
        """The addresses that were asked for since the last call."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def chrome(self, method, **parameters):
        """A command of the Chrome DevTools Protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": method, "params": parameters})

    def viewport(self, width, height=900):
        """As on a screen of that size; a narrow one is a telephone's."""
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height,
                    deviceScaleFactor=1, mobile=width < 600)

    def media(self, scheme="light", kind=""):
        """prefers-color-scheme, and "print" or "screen"."""
        self.chrome("Emulation.setEmulatedMedia", media=kind,
                    features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, *keys):
        actions = [{"type": direction, "value": key} for key in keys for direction in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def whole_page(self, path, limit=6000):
        """A picture of the page, also of what the window does not show, up to that many pixels."""
        size = self.chrome("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], limit), "scale": 1}
        shot = self.chrome("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def screenshot(self, path):
        pathlib.Path(path).write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def stop(self):
        """The problems met while stopping."""
        problems = []
        try:
            if self.session:
                self._ask("DELETE", "")
        except (Error, OSError) as error:
            problems.append(f"the browser did not stop: {error}")
        self.session = None
        if self.driver:
            problems += self.driver.stop()
        self.driver = None
        shutil.rmtree(self.folder, ignore_errors=True)
        return problems

    def _ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + (self.session or "") + path, data,
                                         {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=self.seconds) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Error(json.load(error)["value"]["message"].split("\n")[0]) from None
