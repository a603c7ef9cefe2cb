// What the chosen tasks are, side by side: bytes beside the backbone's, masked fraction by layer, classes.
import { inspectTask } from "./api.js";
import { byId, element, note } from "./dom.js";
import { bytes, counted, percent, times } from "./format.js";
import { layersView, maskedParts } from "./layers.js";
import { currentPlace, onPlaceChange } from "./place.js";
import { lastServerState, onServerState } from "./status.js";

const mostClassesShown = 200;
let shownFor = "";

function sizeBar(label, size, most) {
  const fill = element("div", { className: "fill" });
  fill.style.width = `${Math.max(.4, 100 * size / most)}%`;
  return element("div", { className: "size" }, element("span", { textContent: label }),
    element("div", { className: "bar", "aria-hidden": "true" }, fill), element("span", { textContent: bytes(size) }));
}

function bytesView(task, backboneBytes) {
  const size = task.task_bytes ?? task.cascade_bytes;
  const parts = Object.entries({ mask: task.mask_bytes, statistics: task.statistics_bytes, head: task.head_bytes,
    rest: task.metadata_bytes }).filter(([, part]) => part > 0).map(([name, part]) => `${name} ${bytes(part)}`);
  const made = element("div", { className: "fact" }, element("h4", { textContent: "Bytes" }));
  if (backboneBytes > 0) {
    const textContent = `1 / ${times(backboneBytes / size)} of the backbone`;
    made.firstChild.append(element("span", { className: "quiet", textContent }));
    made.append(sizeBar("this task", size, Math.max(size, backboneBytes)),
      sizeBar("backbone", backboneBytes, Math.max(size, backboneBytes)));
  }
  made.append(note(parts.join(" · ")));
  return made;
}

function classesView({ classes }) {
  const names = classes.slice(0, mostClassesShown).map(textContent => element("li", { textContent }));
  if (classes.length > mostClassesShown)
    names.push(element("li", { className: "quiet", textContent: `and ${classes.length - mostClassesShown} more` }));
  return element("details", { className: "fact" },
    element("summary", { textContent: counted(classes.length, "class") }),
    element("ul", { className: "class-names" }, ...names));
}

function madeBy({ kind, method, data, accuracy }) {
  const parts = kind === "cascade" ? ["cascade"] : [];
  if (method !== undefined) parts.push(`method ${method}`);
  if (data !== undefined) parts.push(`learned from ${data}`);
  if (accuracy !== undefined) parts.push(`${percent(accuracy)} right`);
  return parts.join(" · ");
}

function card(task, mostMasked) {
  return element("article", { className: "panel", "aria-label": task.task },
    element("h3", { textContent: task.task, title: task.task }),
    note(madeBy(task)), bytesView(task, lastServerState().backbone_bytes ?? 0), layersView(task, mostMasked),
    classesView(task));
}

const failureCard = (name, line) => element("article", { className: "panel failed", "aria-label": name },
  element("h3", { textContent: name }), element("p", { className: "error", textContent: line }));

async function load(name) {
  try {
    return await inspectTask(name);
  } catch (error) {
    return { name, failure: error.message };
  }
}

async function show() {
  const { tasks } = currentPlace();
  const wanted = JSON.stringify(tasks);
  if (wanted === shownFor) return;
  shownFor = wanted;
  const loaded = await Promise.all(tasks.map(load));
  if (wanted !== shownFor) return;
  const fractions = loaded.flatMap(task => maskedParts(task).map(part => part.masked_fraction));
  const most = Math.max(0, ...fractions);
  const view = task => task.failure === undefined ? card(task, most) : failureCard(task.name, task.failure);
  const cards = loaded.map(view);
  byId("facts").replaceChildren(...(cards.length === 0 ? [] : [
    element("h2", { textContent: cards.length === 1 ? "About this task" : "The tasks side by side" }),
    element("div", { className: "fact-cards" }, ...cards)]));
}

/** Loads what is shown anew, after a key was entered or a file replaced. */
export function refreshFacts() {
  shownFor = "";
  show();
}

export function startFacts() {
  let backboneBytes;
  onServerState(state => {
    if (state.backbone_bytes === backboneBytes) return;
    backboneBytes = state.backbone_bytes;
    refreshFacts();
  });
  onPlaceChange(show);
  show();
}
