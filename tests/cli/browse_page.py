"""Opens a page in headless Chromium (through chromedriver), clicks everything that can be clicked, and complains about
what is wrong: an error on the console, a picture that does not show, a column that a click does not sort.

    python3 browse_page.py PAGE
"""

import json
import pathlib
import re
import subprocess
import sys
import urllib.request

SORTED = """
const table = arguments[0], column = arguments[1], heading = table.tHead.rows[0].cells[column];
const found = [];
for (const direction of ["ascending", "descending"]) {
  heading.click();
  const values = [...table.tBodies[0].rows].map(row => row.cells[column].dataset.v ?? row.cells[column].textContent);
  const number = table.tBodies[0].rows.length > 0 && "v" in table.tBodies[0].rows[0].cells[column].dataset;
  const compare = (a, b) => number ? a - b : a.localeCompare(b, undefined, {numeric: true});
  const sign = direction === "ascending" ? 1 : -1;
  const wrong = values.some((value, i) => i > 0 && sign * compare(values[i - 1], value) > 0);
  if (wrong || heading.getAttribute("aria-sort") !== direction) found.push(direction + " " + heading.textContent);
}
return found;
"""
PICTURES = "return [...document.images].map(image => [image.alt, image.complete && image.naturalWidth > 0]);"
UNFOLDED = "const e = arguments[0]; return e.parentElement.open && e.parentElement.offsetHeight > e.offsetHeight;"
FETCHED = """return performance.getEntriesByType("resource").map(e => e.name).filter(name => !name.startsWith("data:"));"""


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.driver.stdout:
            if port := re.search(r"on port (\d+)\.", line):
                break
        self.address = f"http://127.0.0.1:{port[1]}/session"
        arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1200,900"]
        wanted = {"browserName": "chrome", "goog:chromeOptions": {"args": arguments},
                  "goog:loggingPrefs": {"browser": "ALL"}}
        self.address += "/" + self.call("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def call(self, what, body):
        request = urllib.request.Request(self.address + what, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def run(self, script, *arguments):
        return self.call("/execute/sync", {"script": script, "args": arguments})

    def find(self, selector):
        return self.call("/elements", {"using": "css selector", "value": selector})

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.address, method="DELETE"), timeout=60).close()
        self.driver.terminate()
        self.driver.wait()


def browse(browser, page):
    browser.call("/url", {"url": page.resolve().as_uri()})
    found = [f"picture {name} does not show" for name, shown in browser.run(PICTURES) if not shown]
    tables = browser.find("table.sortable")
    for table in tables:
        for column in range(browser.run("return arguments[0].tHead.rows[0].cells.length", table)):
            found += [f"not sorted: {each}" for each in browser.run(SORTED, table, column)]
    for summary in browser.find("summary"):
        browser.run("arguments[0].scrollIntoView({block: 'center'})", summary)
        browser.call(f"/element/{next(iter(summary.values()))}/click", {})
        if not browser.run(UNFOLDED, summary):
            found.append("a summary does not unfold")
    found += [f"console: {entry['message']}" for entry in browser.call("/se/log", {"type": "browser"})]
    found += [f"fetched: {name}" for name in browser.run(FETCHED)]
    counts = {"tables": len(tables), "pictures": len(browser.run(PICTURES)),
              "summaries": len(browser.find("summary"))}
    return found, counts


def main():
    browser = Browser()
    try:
        found, counts = browse(browser, pathlib.Path(sys.argv[1]))
    finally:
        browser.close()
    print(json.dumps(counts))
    for each in found:
        print(each, file=sys.stderr)
    sys.exit(1 if found else 0)


main()
