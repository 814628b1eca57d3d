"""A real Chromium, driven through chromedriver: the part of W3C WebDriver, and of Chrome's own
protocol behind it, that tests need.

Everything it writes lies below the folder it is given; it is bounded in time and stopped by pid.
"""
import base64
import json
import os
import pathlib
import shutil
import urllib.error
import urllib.request

import process

SECONDS = 60  # for one command

# Nothing that Chromium does of its own accord: the page's requests are all there are.
ARGUMENTS = ("--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-default-apps", "--disable-dev-shm-usage", "--force-color-profile=srgb",
             "--metrics-recording-only", "--no-proxy-server", "--lang=en-US")


def missing():
    """The name of the program that is not installed, or None."""
    return next((name for name in ("chromium", "chromedriver") if not shutil.which(name)), None)


class BrowserError(Exception):
    pass


class Browser:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "profile").mkdir(parents=True)
        self.session = None
        port = process.free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.driver = process.Process(
            [shutil.which("chromedriver"), f"--port={port}", "--allowed-ips=127.0.0.1"],
            self.folder / "chromedriver.log", env=dict(os.environ, HOME=str(self.folder)))
        try:
            self.driver.wait_for(("127.0.0.1", port))
            self.open_session()
        except BaseException:
            self.stop()
            raise

    def open_session(self):
        arguments = [*ARGUMENTS, f"--user-data-dir={self.folder / 'profile'}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's sandbox does not start as root
        options = {"binary": shutil.which("chromium"), "args": arguments}
        capabilities = {"browserName": "chrome", "goog:chromeOptions": options,
                        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                        "timeouts": {"pageLoad": 1000 * SECONDS, "script": 1000 * SECONDS}}
        self.session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})["sessionId"]

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"},
                                         method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=SECONDS) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            value = json.loads(error.read() or b"{}").get("value", {})
            raise BrowserError(f"{value.get('error')}: {value.get('message')}"[:2000]) from None

    def command(self, name, **body):
        return self.ask("POST", f"/session/{self.session}/{name}", body)

    def go(self, url):
        """Returns when the page's load event was."""
        self.command("url", url=url)

    def run(self, script, *arguments):
        """The body of a function in the page; what it returns, a promise's value too."""
        wrapped = ("const done = arguments[arguments.length - 1];"
                   "const given = [...arguments].slice(0, -1);"
                   f"(async function () {{ {script} }}).apply(null, given)"
                   ".then(value => done({value}), error => done({error: String(error)}));")
        answer = self.command("execute/async", script=wrapped, args=list(arguments))
        if "error" in answer:
            raise BrowserError(answer["error"])
        return answer.get("value")

    def chrome(self, method, **parameters):
        """A command of the Chrome DevTools Protocol."""
        return self.command("goog/cdp/execute", cmd=method, params=parameters)

    def log(self, kind):
        """The entries since the last call: 'browser' (the console), 'performance'."""
        return self.command("se/log", type=kind)

    def requests(self):
        """The addresses that the page asked for since the last call of log('performance')."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def window(self, width, height=900):
        """The size of the page's viewport, as on a screen of that size."""
        self.chrome("Emulation.setDeviceMetricsOverride", width=width, height=height,
                    deviceScaleFactor=1, mobile=width < 600)

    def media(self, scheme="light", kind=""):
        self.chrome("Emulation.setEmulatedMedia", media=kind,
                    features=[{"name": "prefers-color-scheme", "value": scheme}])

    def press(self, *keys):
        actions = [{"type": direction, "value": key} for key in keys for direction in ("keyDown", "keyUp")]
        self.command("actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def picture(self, path, height_limit=6000):
        """The whole page, not only what the window shows, as a PNG."""
        size = self.chrome("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], height_limit), "scale": 1}
        shot = self.chrome("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        pathlib.Path(path).write_bytes(base64.b64decode(shot["data"]))

    def stop(self):
        """The problems met while stopping."""
        if self.session:
            try:
                self.ask("DELETE", f"/session/{self.session}")
            except (OSError, BrowserError):
                pass  # chromedriver takes the browser along when it ends
            self.session = None
        problems = self.driver.stop()
        return problems + [f"process {pid} is left over: {command[:120]}"
                           for pid, command in process.mentioning(str(self.folder))]
