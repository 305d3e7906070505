#!/usr/bin/env python3
"""A report in a real browser: headless Chromium, spoken to through its debugging pipe.

Looks at the page as desktop, phone, dark and in print: nothing on the console, nothing from a
network, nothing wider than the window, all letters legible and none over others, tables that sort.

Usage: browser.py PAGE.html [FOLDER]   (FOLDER gets screenshots and a PDF)
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

# Chromium reads commands from descriptor 3 and answers on 4; each message ends with a zero byte.
LAUNCH = 'exec 3<&{0} 4>&{1}; exec "$@"'
PHONE, DESKTOP = 375, 1280
LEAST_LETTERS = 8  # pixels of a figure's letters on the screen


class Browser:
    def __init__(self, program, profile):
        to_it, self.write_to = os.pipe()
        self.read_from, from_it = os.pipe()
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   "--disable-dev-shm-usage", "--no-first-run", f"--user-data-dir={profile}",
                   "--remote-debugging-pipe", "about:blank"]
        self.process = subprocess.Popen(
            ["sh", "-c", LAUNCH.format(to_it, from_it), "sh", *command],
            pass_fds=(to_it, from_it), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.buffer, self.last, self.session, self.events = b"", 0, None, []
        target = self("Target.createTarget", url="about:blank")["targetId"]
        self.session = self("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def receive(self):
        while b"\0" not in self.buffer:
            more = os.read(self.read_from, 1 << 16)
            assert more, "the browser left"
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def __call__(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.last:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]
            self.events.append(answer)

    def wait_for(self, event):
        while not any(seen.get("method") == event for seen in self.events):
            self.events.append(self.receive())

    def evaluate(self, expression):
        result = self("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def close(self):
        self.process.terminate()
        self.process.wait(20)


# What is visible of each figure: letters too small, over each other, or outside.
FIGURES = """(function(least){
  const bad = []; let seen = 0;
  document.querySelectorAll('figure svg').forEach((svg, at) => {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) return;
    seen++;
    const boxes = [...svg.querySelectorAll('text')].map(node => {
      const box = node.getBoundingClientRect(), matrix = node.getScreenCTM();
      return {text: node.textContent, box, size: parseFloat(getComputedStyle(node).fontSize) *
              Math.hypot(matrix.a, matrix.b)};
    }).filter(entry => entry.text.trim() !== '');
    boxes.forEach((entry, k) => {
      const say = what => bad.push(svg.getAttribute('aria-label') + ' [' + at + ']: "' +
                                   entry.text + '" ' + what);
      if (entry.size < least) say('has letters of ' + entry.size.toFixed(1) + ' pixels');
      if (entry.box.left < frame.left - 1 || entry.box.right > frame.right + 1 ||
          entry.box.top < frame.top - 1 || entry.box.bottom > frame.bottom + 1) say('is cut off');
      boxes.slice(0, k).forEach(other => {
        const wide = Math.min(entry.box.right, other.box.right) -
                     Math.max(entry.box.left, other.box.left);
        const high = Math.min(entry.box.bottom, other.box.bottom) -
                     Math.max(entry.box.top, other.box.top);
        if (wide > 1 && high > 0.35 * Math.min(entry.box.height, other.box.height))
          say('stands over "' + other.text + '"');
      });
    });
  });
  return {seen, bad};
})(%d)"""

# Columns of the first table that sorts, before and after clicks on the head of its k-th column.
SORTED = """(function(){
  const table = document.querySelector('table.sort'), told = [];
  const heads = table.querySelectorAll('th button');
  const keys = k => [...table.tBodies[0].rows].map(row => row.cells[k].dataset.v);
  const ordered = (list, sign) => list.filter(v => v !== '').map(Number)
      .every((v, k, all) => k === 0 || sign * v >= sign * all[k - 1]);
  const emptyLast = list => list.lastIndexOf('') < 0 ||
      list.slice(list.indexOf('')).every(v => v === '');
  heads.forEach((head, k) => {
    if (keys(k).includes(undefined)) return;
    for (const sign of [1, -1]) {
      head.click();
      const list = keys(k);
      if (!ordered(list, sign) || !emptyLast(list)) told.push(head.textContent + ' ' + sign);
    }
  });
  return {columns: heads.length, told};
})()"""

# Least contrast between letters and the paper.
CONTRAST = """(function(){
  const light = c => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255)
      .map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
      return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] + 0.05; };
  const paper = light(getComputedStyle(document.body).backgroundColor);
  let least = 99, where = '';
  document.querySelectorAll('h1,h2,p,td,figcaption,figure svg text').forEach(node => {
    // Letters in paper's colour stand on the dark cells of a heat map.
    if (node.closest('svg') && light(getComputedStyle(node).fill) === paper) return;
    if (node.getBoundingClientRect().width === 0) return;
    const ink = light(node.closest('svg') ? getComputedStyle(node).fill
                                          : getComputedStyle(node).color);
    const ratio = Math.max(ink, paper) / Math.min(ink, paper);
    if (ratio < least) { least = ratio; where = node.textContent.slice(0, 40); }
  });
  return {paper, least, where};
})()"""


def look(browser, page, width, scheme="light", media="", folder=None, name=None):
    """Loads the page as a window of that width and returns what is wrong with it."""
    browser("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
            mobile=width < 500)
    browser("Emulation.setEmulatedMedia", media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.events.clear()
    browser("Page.navigate", url=page)
    browser.wait_for("Page.loadEventFired")
    wrong = []
    wide = browser.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        wrong.append(f"the page is {wide} pixels wide")
    browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    wide = browser.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        wrong.append(f"the opened page is {wide} pixels wide")
    figures = browser.evaluate(FIGURES % LEAST_LETTERS)
    wrong += figures["bad"]
    contrast = browser.evaluate(CONTRAST)
    if contrast["least"] < 2.7:
        wrong.append(f"contrast {contrast['least']:.1f}: {contrast['where']}")
    dark = contrast["paper"] < 0.3
    if dark != (scheme == "dark" and media != "print"):
        wrong.append("the background is " + ("dark" if dark else "light"))
    if folder:
        browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
        height = browser.evaluate("document.documentElement.scrollHeight")
        shot = browser("Page.captureScreenshot", captureBeyondViewport=True,
                       clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1})
        (folder / f"{name}.png").write_bytes(base64.b64decode(shot["data"]))
    for event in browser.events:
        what, params = event.get("method"), event.get("params", {})
        if what in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            wrong.append(f"console: {params}")
        if what == "Network.requestWillBeSent" and params["request"]["url"] != page:
            wrong.append(f"asks for {params['request']['url']}")
    return figures["seen"], wrong


def main(path, folder):
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    page = pathlib.Path(path).resolve().as_uri()
    failed = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(program, profile)
        try:
            for domain in ("Page", "Runtime", "Log", "Network"):
                browser(domain + ".enable")
            seen = set()
            for name, width, scheme, media in (("desktop", DESKTOP, "light", ""),
                                               ("dark", DESKTOP, "dark", ""),
                                               ("phone", PHONE, "light", ""),
                                               ("phone-dark", PHONE, "dark", ""),
                                               ("print", 720, "dark", "print")):
                count, wrong = look(browser, page, width, scheme, media, folder, name)
                failed += [f"{name}: {what}" for what in wrong]
                seen.add(count)
            if len(seen) != 1:
                failed.append(f"figures by window: {sorted(seen)}")
            browser("Emulation.setEmulatedMedia", media="")
            order = browser.evaluate(SORTED)
            failed += [f"not sorted: {what}" for what in order["told"]]
            if not order["columns"]:
                failed.append("no table sorts")
            pdf = base64.b64decode(browser("Page.printToPDF", printBackground=True)["data"])
            if not pdf.startswith(b"%PDF"):
                failed.append("it does not print")
            if folder:
                (folder / "print.pdf").write_bytes(pdf)
        finally:
            browser.close()
    for what in failed:
        print("FAILED " + what)
    print(f"{max(seen)} figures, {len(failed)} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if target:
        target.mkdir(parents=True, exist_ok=True)
    sys.exit(main(sys.argv[1], target))
