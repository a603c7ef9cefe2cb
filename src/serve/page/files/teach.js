// Teaching: the images of the classes go to the server, a task file comes back.
import { isServed, listTasks, post } from "./api.js";
import { button, byId, element } from "./dom.js";
import { bytes, counted, percent } from "./format.js";
import { multipartForm } from "./form.js";
import { lastServerState, onServerState } from "./status.js";
import { onClassesChange, startTeachClasses, taughtClasses } from "./teach_classes.js";
import { startTrying, tryTask } from "./try_task.js";

const suggestions = 20;
const probeNotes = {
  knn: "Keeps every image as an example; the nearest ones vote. Good from the first image on, and shows who decided.",
  lp: "Draws lines between the classes. Better with more images of each.",
};

// What was taught last: {name, content, path, probe, rows, wish, accuracy, folds, version};
// rows are the images in the bank's order.
let taught = null;
let isBusy = false;

const chosenProbe = () => byId("teach-form").elements.probe.value;
const taskName = () => byId("teach-name").value.trim() || "my-task";

const currentRows = classes => classes.flatMap(({ name, images }) => images.map(image => ({ label: name, ...image })));

/** What the button would teach now, to tell whether the answer on the page is of something else. */
const wish = () => JSON.stringify([chosenProbe(), byId("teach-features").value.trim(),
  currentRows(taughtClasses()).map(({ label, url }) => [label, url])]);

function missing() {
  const classes = taughtClasses();
  const names = new Set(classes.map(each => each.name));
  if (names.size < classes.length) return "Two classes have the same name.";
  if (classes.length < 2) return "Give two classes or more an image each.";
  return "";
}

function showReadiness() {
  const lacks = missing();
  byId("teach-button").disabled = lacks !== "" || isBusy;
  byId("teach-button").textContent = isBusy ? "Learning …" : taught === null ? "Teach" : "Teach again";
  const isStale = taught !== null && !isBusy && taught.wish !== wish();
  byId("teach-missing").classList.remove("error");
  byId("teach-missing").textContent = lacks || (isStale ? "Something changed since: teach again." : "");
}

function showProblem(line) {
  byId("teach-missing").textContent = line;
  byId("teach-missing").classList.add("error");
}

function teachPath() {
  const query = new URLSearchParams({ probe: chosenProbe() });
  const features = byId("teach-features").value.trim();
  if (features !== "") query.set("task", features);
  return `v1/teach?${query}`;
}

function teachForm(rows) {
  return multipartForm(rows.map(({ label, file }) => ({ name: "image", label, filename: file.name, content: file })));
}

const numberIn = (headers, name) => headers.has(name) ? Number(headers.get(name)) : undefined;

async function teach() {
  const rows = currentRows(taughtClasses());
  const asked = { wish: wish(), path: teachPath(), probe: chosenProbe(), rows };
  const { body, type } = teachForm(rows);
  const response = await post(asked.path, body, type);
  const { headers } = response;
  taught = { ...asked, name: taskName(), content: await response.blob(), version: headers.get("X-Submask-Version"),
    accuracy: numberIn(headers, "X-Submask-Accuracy"), folds: numberIn(headers, "X-Submask-Folds") };
}

async function submit(event) {
  event.preventDefault();
  if (isBusy || missing() !== "") return;
  isBusy = true;
  showReadiness();
  let problem = "";
  try {
    await teach();
  } catch (error) {
    problem = error.message;
  }
  isBusy = false;
  showReadiness();
  if (problem !== "") {
    showProblem(problem);
    return;
  }
  showTaught();
  tryTask(taught);
}

function accuracyLine({ accuracy, folds, rows }) {
  if (accuracy === undefined || Number.isNaN(accuracy)) return "too few images to say how often it is right";
  const how = folds === undefined || folds === rows.length ? "each image judged by all others" : `in ${folds} folds`;
  return `${percent(accuracy)} of its own images right, ${how}`;
}

function downloadLink() {
  const file = `${taught.name}.task`;
  return element("a", { id: "download-task", className: "button main", href: URL.createObjectURL(taught.content),
    download: file, textContent: `Download ${file}` });
}

async function save(pressed, said) {
  pressed.disabled = true;
  said.classList.remove("error");
  try {
    const { body, type } = teachForm(taught.rows);
    const saved = await (await post(`${taught.path}&${new URLSearchParams({ name: taskName() })}`, body, type)).json();
    said.textContent = `Saved as ${saved.task}. It is among the tasks now.`;
  } catch (error) {
    said.textContent = error.message;
    said.classList.add("error");
  }
  pressed.disabled = false;
}

function saveControls() {
  const said = element("span", { className: "quiet", role: "status" });
  if (lastServerState().role !== "admin") {
    said.textContent = "With an admin key it can be saved to the server's folder.";
    return [said];
  }
  return [button("Save to the server", pressed => save(pressed, said)), said];
}

function showTaught() {
  const { probe, rows, content, version } = taught;
  const kind = probe === "knn" ? `a bank of ${counted(rows.length, "neighbour")}` : "a linear probe";
  byId("taught").hidden = false;
  byId("taught-facts").replaceChildren(
    element("p", {}, element("b", { textContent: taught.name }), ` is ready: ${kind}, ${bytes(content.size)}.`),
    element("p", { className: "quiet" }, accuracyLine(taught), " · version ",
      element("code", { id: "taught-version", textContent: version ?? "not told" })),
    element("div", { className: "taught-buttons" }, downloadLink(), ...saveControls()));
  showReadiness();
}

function showProbeNote() {
  byId("probe-note").textContent = probeNotes[chosenProbe()];
  showReadiness();
}

async function suggestTasks() {
  try {
    const { tasks } = await listTasks({ search: byId("teach-features").value.trim(), limit: suggestions });
    const usable = tasks.filter(task => isServed(task) && task.kind !== "cascade");
    byId("teach-tasks").replaceChildren(...usable.map(({ task }) => element("option", { value: task })));
  } catch {
    byId("teach-tasks").replaceChildren();
  }
}

function startFeatures() {
  const input = byId("teach-features");
  let timer = 0;
  input.addEventListener("focus", suggestTasks);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggestTasks, 200);
    showReadiness();
  });
}

export function startTeach() {
  byId("teach-form").addEventListener("submit", submit);
  for (const radio of byId("teach-form").elements.probe) radio.addEventListener("change", showProbeNote);
  byId("teach-name").addEventListener("input", () => {
    if (taught === null) return;
    taught.name = taskName();
    showTaught();
  });
  startFeatures();
  startTrying();
  onClassesChange(showReadiness);
  startTeachClasses();
  showProbeNote();
  let role = "";
  onServerState(state => {
    if (state.role === role) return;
    role = state.role;
    if (taught !== null) showTaught();
  });
}
