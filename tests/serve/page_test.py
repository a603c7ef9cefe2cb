"""Uses the page of `submask serve` in headless Chromium (through chromedriver) as a person would, and stops at the first
thing that is wrong. Needs a running server with two tasks or more.

    python3 page_test.py BASE [--axe AXE_MIN_JS] [--key KEY] [--admin-key KEY] [--shots DIR]
                         [--triton-python PYTHON] [--task NAME]...

BASE ends with a slash. --axe also looks for what screen readers stumble over, --triton-python runs the snippet for
tritonclient in a Python that has it; --task names the tasks that are used, the best ones having odd names.
"""

import argparse
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from page_driver import Browser, Page, Server, Wrong, expect, png

HOSTILE = '<img src=x onerror="document.title=1">\\ "quoted"'
TAB, SPACE, DOWN, RIGHT = "\ue004", " ", "\ue015", "\ue014"
TABS = ("classify", "teach", "code", "server")

FOCUSED = """
const e = document.activeElement;
return [e.id, e.getAttribute("aria-label") ?? e.closest("label")?.textContent.trim() ?? e.textContent.trim(), e.getAttribute("role")];
"""
AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ["violations"]}).then(found => done(found.violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => each.id + ": " + each.nodes.map(node => node.html).slice(0, 3).join(" "))), error => done([String(error)]));
"""


def place(tab="classify", tasks=()):
    return "#" + urllib.parse.urlencode([("tab", tab)] + [("task", task) for task in tasks])


def check_key(page):
    if not page.server.ask("v1/server")["needs_key"]:
        return "no key needed"
    page.open()
    page.browser.wait("return document.getElementById('key-dialog').open", "the question for a key")
    for key in ("wrong", page.options.key):
        page.browser.type("#key-input", key)
        page.browser.click("#key-form button[type=submit]")
        if key == "wrong":
            page.browser.wait("return document.getElementById('key-dialog').open && "
                              "document.getElementById('key-error').textContent", "the refusal of a wrong key")
    page.browser.wait("return document.querySelector('#task-list [role=option]')", "the tasks after the key")
    page.browser.console()
    return "asked for, refused, taken"


def check_open(page):
    page.open()
    policy = urllib.request.urlopen(page.server.base).headers.get("Content-Security-Policy", "")
    expect("default-src 'none'" in policy, f"the policy of the page is {policy or 'missing'}")
    expect(page.browser.run("return document.title") == "submask", "the page has another title")
    page.browser.wait("return document.getElementById('pulse').textContent.length > 0", "the live line")
    rows = page.browser.run("return document.querySelectorAll('#task-list [role=option]').length")
    expect(2 <= rows <= 50, f"{rows} tasks are in the page at once")
    page.expect_quiet()


def check_search(page):
    page.browser.type("#task-search", "no task has this name")
    page.browser.wait("return !document.getElementById('task-empty').hidden", "what to do where nothing is found")
    page.browser.type("#task-search", page.tasks[0])
    page.browser.wait("return document.querySelector('#task-list [role=option]')?.dataset.task !== undefined", "what was searched")
    page.browser.type("#task-search", " \ue003")
    page.browser.click("#task-sort option[value='-task_bytes']")
    largest = page.server.ask("v1/tasks?sort=-task_bytes&limit=1")["tasks"][0]["task"]
    page.browser.wait("return document.querySelector('#task-list [role=option]')?.dataset.task === arguments[0]", "the largest first", largest)
    page.browser.click("#task-sort option[value=name]")


def check_pager(page):
    matching = page.server.ask("v1/tasks?limit=1")["matching"]
    if matching <= 50:
        return "one page"
    second = page.server.ask("v1/tasks?limit=1&offset=50&sort=name&search=")["tasks"][0]["task"]
    page.browser.click("#task-next")
    page.browser.wait("return document.querySelector('#task-list [role=option]')?.dataset.task === arguments[0]", "the second page", second)
    page.browser.click("#task-previous")
    return f"{matching} tasks"


def check_upload(page):
    page.choose(page.tasks[0])
    file, content = page.image("upload.png")
    page.browser.type("#classify-intake input[type=file]", str(file))
    column = page.wait_answered("upload.png")["columns"][0]
    page.expect_answer(column, page.server.predict(page.tasks[0], content), "upload")
    expect("computed" in column["timing"], f"no time of the answer: {column['timing']}")


def check_drop(page):
    page.carry("drop", ".intake", "drop-1.png", "drop-2.png", "drop-3.png")
    for name in ("drop-1.png", "drop-2.png", "drop-3.png"):
        page.expect_answer(page.wait_answered(name)["columns"][0], page.server.predict(page.tasks[0], png(name)), name)
    line = page.browser.run("return document.getElementById('classify-progress').textContent")
    expect("4 images answered" in line, f"the progress says {line}")


def check_drop_anywhere(page):
    page.carry("drop", "header", "beside.png")
    page.wait_answered("beside.png")
    expect(page.browser.run("return location.pathname").endswith(urllib.parse.urlsplit(page.server.base).path), "the page was left")


def check_paste(page):
    page.carry("paste", "body", "paste.png")
    page.expect_answer(page.wait_answered("paste.png")["columns"][0], page.server.predict(page.tasks[0], png("paste.png")), "paste")


def check_unsure(page):
    """Looks unsure exactly where the first class is not far ahead."""
    for answer in page.answers().values():
        first, second = (answer["columns"][0]["scores"] + [0, 0])[:2]
        is_unsure = first < 50 or (first < 80 and first - second < 15)
        near = abs(first - 50) < .1 or abs(first - 80) < .1 or abs(first - second - 15) < .2
        expect(near or answer["columns"][0]["unsure"] == is_unsure, f"{first} % before {second} % looks wrong")


def check_example(page):
    names = page.server.ask("v1/server").get("examples", [])
    if not names:
        return "the server has none"
    page.browser.wait("return document.querySelector('.example:enabled')", "the examples")
    page.browser.click(".example")
    page.wait_answered(names[0])
    return f"{len(names)}"


def check_camera(page):
    page.browser.click("#classify-intake button")
    page.browser.wait("return !document.getElementById('camera-shoot').disabled && "
                      "document.getElementById('camera-video').videoWidth > 0", "the camera")
    page.browser.click("#camera-shoot")
    expect(page.wait_answered("camera-1.jpg")["columns"][0]["labels"], "the camera's picture was not answered")
    page.browser.click("#camera-close")


def check_refused_image(page):
    """The server's own line is shown, and the other images stay."""
    file = page.folder / "text.png"
    file.write_bytes(b"no image")
    page.expect_quiet()
    page.browser.type("#classify-intake input[type=file]", str(file))
    shown = page.wait_answered("text.png")["columns"][0]["error"]
    try:
        page.server.predict(page.tasks[0], b"no image")
    except urllib.error.HTTPError as error:
        said = json.load(error)["error"]
    expect(shown == said, f"the page shows {shown!r}, the server says {said!r}")
    page.browser.console()  # the browser itself notes the refusal there
    page.browser.click(".image-card[aria-label='text.png'] .image-side button")
    expect("text.png" not in page.answers(), "the image was not removed")


def check_compare(page):
    page.choose(page.tasks[1])
    columns = page.wait_answered("upload.png", columns=2)["columns"]
    expect([column["task"] for column in columns] == page.tasks[:2], "the tasks are not side by side in their order")
    for column in columns:
        page.expect_answer(column, page.server.predict(column["task"], png("upload.png")), column["task"])
    page.browser.wait("return document.querySelectorAll('.fact-cards > article').length === 2", "the two tasks' facts")


def check_facts(page):
    for task in page.tasks[:2]:
        told = page.server.ask(f"v1/tasks/{urllib.parse.quote(task, safe='')}")
        bars = page.browser.run("""return [...document.querySelectorAll(".fact-cards > article")]
            .find(e => e.getAttribute("aria-label") === arguments[0])?.querySelectorAll(".layers rect").length""", task)
        masked = [unit for unit in told["units"] if unit["masked_fraction"] > 0]
        expect(bars == len(told["units"]) or not masked, f"{task}: {bars} layers are drawn, {len(told['units'])} are masked")
    text = page.browser.run("return document.getElementById('facts').textContent")
    expect("of the backbone" in text, "no bytes beside the backbone's")


def check_link(page):
    """What is chosen is in the address, and comes back from it."""
    address = page.browser.run("return location.href")
    page.browser.open(address)
    page.browser.wait("return document.querySelectorAll('.chip').length === 2", "the tasks of the link")
    page.carry("drop", ".intake", "upload.png")
    page.wait_answered("upload.png", columns=2)


def check_missing_task(page):
    """A task that is gone does not keep the others from answering."""
    page.browser.open(page.server.base + place(tasks=[page.tasks[0], "no such task"]))
    page.carry("drop", ".intake", "upload.png")
    there, gone = page.wait_answered("upload.png", columns=2)["columns"]
    page.expect_answer(there, page.server.predict(page.tasks[0], png("upload.png")), "beside a missing task")
    expect("no such task" in gone["error"], f"of a missing task the page says {gone}")
    page.browser.console()  # the browser itself notes the refusals there


def snippet(page, name):
    text = page.browser.run("return document.querySelector(arguments[0] + ' code').textContent", f"#snippet-{name}")
    return text.replace("YOUR_KEY", page.options.key)


def run_snippet(page, name, command):
    (page.folder / "photo.jpg").write_bytes(png("photo.jpg"))
    done = subprocess.run([*command, snippet(page, name)], cwd=page.folder, capture_output=True, text=True, timeout=120)
    expect(done.returncode == 0, f"{name} exits with {done.returncode}: {done.stderr.strip()[-300:]}")
    for task in page.tasks[:2]:
        best = page.server.predict(task, png("photo.jpg"))[0]["label"]
        expect(best in done.stdout or json.dumps(best)[1:-1] in done.stdout, f"{name} does not say {best}: {done.stdout[:300]}")


def check_snippets(page):
    page.browser.open(page.server.base + place("code", page.tasks[:2]))
    page.browser.wait("return document.querySelector('.snippet') !== null", "the snippets")
    expect(page.server.base in snippet(page, "curl"), "curl has another address")
    run_snippet(page, "curl", ["bash", "-c"])
    run_snippet(page, "python", ["python3", "-c"])
    if not page.options.triton_python:
        return "tritonclient not tried"
    run_snippet(page, "tritonclient", [page.options.triton_python, "-c"])
    return "curl, python, tritonclient"


def class_input(number):
    return f".class-card:nth-child({number}) input[type=file]"


def check_teach(page):
    page.browser.open(page.server.base + place("teach", page.tasks[:2]))
    page.browser.wait("return document.querySelectorAll('.class-card').length === 2", "the classes")
    expect(page.browser.run("return document.getElementById('teach-button').disabled"), "nothing can be taught from nothing")
    page.browser.type(".class-card:nth-child(1) input:not([type=file])", HOSTILE)
    files = [str(page.image(f"first-{i}.png")[0]) for i in range(3)]
    page.browser.type(class_input(1), "\n".join(files))
    page.carry("drop", ".class-card:nth-child(2)", "second-0.png", "second-1.png")
    page.carry("paste", "body", "second-2.png")
    counts = page.browser.run("return [...document.querySelectorAll('.class-card')].map(e => e.querySelectorAll('.thumb').length)")
    expect(counts == [3, 3], f"the classes have {counts} images")
    page.browser.click("#teach-button")
    page.browser.wait("return !document.getElementById('taught').hidden", "the task that was taught")
    page.expect_quiet()


def check_folders(page):
    """Folders that are really dropped become classes of their names, and what is no image in them is left out."""
    page.browser.open(page.server.base + place("teach"))
    folders = []
    for name, count in (("red", 2), ("blue", 3)):
        (page.folder / name / "deep").mkdir(parents=True)
        (page.folder / name / "notes.txt").write_text("no image")
        for i in range(count):
            (page.folder / name / "deep" / f"{name}-{i}.png").write_bytes(png(f"{name}-{i}"))
        folders.append(str(page.folder / name))
    page.browser.wait("return document.querySelector('.class-card') !== null", "the classes")
    for kind in ("dragEnter", "dragOver", "drop"):
        page.browser.cdp("Input.dispatchDragEvent", type=kind, x=640, y=110,
                         data={"items": [], "files": folders, "dragOperationsMask": 1})
    page.browser.wait("""return JSON.stringify([...document.querySelectorAll(".class-card")].map(card =>
        [card.querySelector("input").value, card.querySelectorAll(".thumb").length])) === '[["red",2],["blue",3]]'""",
        "two classes from two folders")
    page.expect_quiet()


def check_download(page):
    file = page.download()
    version = page.browser.run("return document.getElementById('taught-version').textContent")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    expect(version == digest, f"the page says version {version}, the file's bytes say {digest}")
    return f"{file.stat().st_size} bytes"


def check_try(page):
    """A new image is answered by the taught task, and one of its own images is its own nearest neighbour."""
    content = (page.folder / "my-task.task").read_bytes()
    page.carry("drop", "#try-intake .intake", "new.png", "second-1.png")
    answer = page.wait_answered("new.png", "#try-answers")
    told = page.server.predict_by_file(content, png("new.png"))
    page.expect_answer(answer["columns"][0], told["predictions"], "the taught task")
    labels = {each["label"] for each in told["predictions"]}
    expect(labels == {HOSTILE, "class 2"}, f"the task was taught the classes {labels}")
    expect(len(answer["neighbours"]) == len(told["neighbours"]) > 0, "it does not show who decided")
    known = page.wait_answered("second-1.png", "#try-answers")
    thumbs = page.browser.run("return [...document.querySelectorAll('.class-card:nth-child(2) .thumb img')].map(e => e.src)")
    expect(known["neighbours"][0] == thumbs[1], "an image is not its own nearest neighbour")
    expect(page.browser.run("return document.title") == "submask", "a class's name became markup")


def check_teach_again(page):
    page.browser.click(".sorting button")
    page.browser.run("document.querySelector('input[value=lp]').click()")
    page.browser.wait("return document.getElementById('teach-missing').textContent.includes('changed')", "that something changed")
    page.browser.type("#teach-features", "no such task")
    page.browser.click("#teach-button")
    page.browser.wait("return document.querySelector('#teach-missing.error')?.textContent.includes('no such task')", "the server's line")
    page.browser.console()  # the browser itself notes the refusal there
    page.browser.type("#teach-features", page.tasks[0])
    page.browser.click("#teach-button")
    page.browser.wait("return document.getElementById('taught-facts').textContent.includes('linear probe')", "the linear probe")
    page.browser.wait("return document.querySelectorAll('#try-answers .bars').length === 2 && "
                      "document.querySelectorAll('.neighbours').length === 0", "answers without neighbours")
    page.expect_quiet()


def check_save(page):
    if not page.options.admin_key:
        return "no admin key"
    page.browser.click("#key-button")
    page.browser.type("#key-input", page.options.admin_key)
    page.browser.click("#key-form button[type=submit]")
    page.browser.wait("return document.querySelector('.taught-buttons button')", "the button that saves")
    page.browser.type("#teach-name", "saved-by-the-page")
    page.browser.click(".taught-buttons button")
    page.browser.wait("return document.querySelector('.taught-buttons').textContent.includes('Saved')", "that it was saved")
    expect(page.server.ask("v1/tasks/saved-by-the-page")["task"] == "saved-by-the-page", "it is not served")
    return "saved"


def check_server(page):
    page.open_tab("server")
    page.browser.wait("return document.querySelectorAll('#tiles .tile').length >= 6", "the server's numbers")
    meters = page.browser.run("return [...document.querySelectorAll('[role=meter]')].map(e => e.ariaLabel)")
    expect("Images waiting" in meters and "Memory" in meters, f"the meters are {meters}")
    for name in ("metrics", "openapi.json"):
        request = urllib.request.Request(page.server.base + name)
        if page.server.key:
            request.add_header("Authorization", f"Bearer {page.server.key}")
        urllib.request.urlopen(request, timeout=60).close()


def luminance(page):
    colour = page.browser.run("return getComputedStyle(document.body).backgroundColor")
    red, green, blue = (int(each) for each in re.findall(r"\d+", colour)[:3])
    return .3 * red + .6 * green + .1 * blue


def emulate(page, **features):
    page.browser.cdp("Emulation.setEmulatedMedia", features=[{"name": n.replace("_", "-"), "value": v} for n, v in features.items()])


def check_dark(page):
    emulate(page, prefers_color_scheme="dark")
    expect(luminance(page) < 60, "the system's dark theme is not dark")
    page.browser.click("#theme-button")
    expect(luminance(page) > 200, "the button does not make it light")
    page.browser.click("#theme-button")
    emulate(page, prefers_color_scheme="light")
    expect(luminance(page) < 60, "the choice is not kept against the system")
    page.browser.click("#theme-button")


def check_reduced_motion(page):
    emulate(page, prefers_reduced_motion="reduce")
    moving = page.browser.run("return [...document.querySelectorAll('*')].filter(e => "
                              "getComputedStyle(e).transitionDuration !== '0s').length")
    emulate(page, prefers_color_scheme="light")
    expect(moving == 0, f"{moving} elements still move")


def check_narrow(page):
    page.browser.cdp("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
    for tab in TABS:
        page.open_tab(tab)
        wide = page.browser.run("return document.documentElement.scrollWidth")
        expect(wide <= 390, f"{tab} is {wide} pixels wide on a phone")
        shoot(page, f"phone-{tab}")
    page.browser.cdp("Emulation.clearDeviceMetricsOverride")


def expect_accessible(page, where):
    time.sleep(.3)  # colours fade
    page.browser.run(pathlib.Path(page.options.axe).read_text() + "; window.axe = axe;")
    found = page.browser.run_async(AXE)
    expect(not found, f"{where}: {found}")
    shoot(page, where)


def check_axe(page):
    if not page.options.axe:
        return "not asked for"
    for theme in ("light", "dark"):
        page.browser.run("document.documentElement.dataset.theme = arguments[0]", theme)
        for tab in TABS:
            page.open_tab(tab)
            expect_accessible(page, f"{tab}-{theme}")
        page.open_tab("classify")
        page.browser.click("#classify-intake button")
        expect_accessible(page, f"camera-{theme}")
        page.browser.click("#camera-close")
        page.browser.run("document.getElementById('key-dialog').showModal()")
        expect_accessible(page, f"key-{theme}")
        page.browser.click("#key-cancel")
    return f"{len(TABS)} tabs and 2 dialogs, light and dark"


def check_keyboard(page):
    """The main controls are reached by the Tab key, and a task is chosen without a mouse."""
    page.open()
    page.browser.click(".brand")
    reached, roles = set(), set()
    for _ in range(24):
        page.browser.press(TAB)
        name, label, role = page.browser.run(FOCUSED)
        reached |= {name, label}
        roles.add(role)
    wanted = {"tab-classify", "theme-button", "task-search", "task-sort", "Choose files", "Camera"}
    expect(wanted <= reached, f"the Tab key does not reach {wanted - reached}")
    expect("option" in roles, "the Tab key does not reach the tasks")
    page.browser.run("document.querySelector('#task-list [tabindex=\"0\"]').focus()")
    page.browser.press(DOWN)
    page.browser.press(SPACE)
    second = page.browser.run("return document.querySelectorAll('#task-list [role=option]')[1].dataset.task")
    chosen = page.browser.run("return new URLSearchParams(location.hash.slice(1)).getAll('task')")
    expect(chosen == [second], f"{chosen} is chosen instead of {second}")
    outline = page.browser.run("return getComputedStyle(document.activeElement).outlineStyle")
    expect(outline != "none", "the focus is not seen")
    page.browser.run("document.getElementById('tab-classify').focus()")
    page.browser.press(RIGHT)
    expect(page.browser.run("return !document.getElementById('teach').hidden"), "an arrow key does not open the next tab")


def shoot(page, name):
    if page.options.shots:
        page.browser.shoot(pathlib.Path(page.options.shots) / f"{name}.png")


CHECKS = (check_key, check_open, check_search, check_pager, check_upload, check_drop, check_drop_anywhere, check_paste,
          check_unsure, check_example, check_camera, check_refused_image, check_compare, check_facts, check_link, check_missing_task,
          check_snippets, check_folders, check_teach, check_download, check_try, check_teach_again, check_save, check_server, check_dark,
          check_reduced_motion, check_narrow, check_axe, check_keyboard)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("base")
    parser.add_argument("--axe", default="")
    parser.add_argument("--key", default="")
    parser.add_argument("--admin-key", default="")
    parser.add_argument("--shots", default="")
    parser.add_argument("--triton-python", default="")
    parser.add_argument("--task", action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(folder)
        try:
            page = Page(browser, Server(options.base, options.key), pathlib.Path(folder), options)
            for check in CHECKS:
                name = check.__name__.removeprefix("check_")
                try:
                    print(f"{name}: {check(page) or 'good'}", flush=True)
                except Wrong as wrong:
                    shoot(page, "wrong")
                    raise SystemExit(f"{name}: {wrong}")
        finally:
            browser.close()


if __name__ == "__main__":
    main()
