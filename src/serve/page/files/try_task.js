// Trying the task that was just taught on new images, and which of its own images decided.
import { answerView, failureView, waitingView } from "./answer.js";
import { button, byId, cross, element } from "./dom.js";
import { receiveImages } from "./incoming.js";
import { imageIntake } from "./intake.js";
import { predictByFile } from "./predict.js";
import { addFolders, addToClass, addToLatest, classNames } from "./teach_classes.js";
import { thumbnail } from "./thumbnail.js";

let taught = null;
// An entry is {file, url, card, view}.
let entries = [];

function neighbour({ row, label, similarity }) {
  const image = taught.rows[row];
  const said = `${label}, similarity ${similarity.toFixed(2)}`;
  return element("li", {},
    image === undefined ? element("div", { className: "thumbnail" }) : thumbnail(image.url, said),
    element("span", { textContent: label, title: label }),
    element("span", { className: "quiet", textContent: similarity.toFixed(2) }));
}

function deciders({ neighbours }) {
  if (neighbours === undefined || neighbours.length === 0) return [];
  const list = { className: "neighbours", "aria-label": "The nearest of the task's own images, with their similarity" };
  return [element("h4", { textContent: "These decided" }), element("ol", list, ...neighbours.map(neighbour))];
}

function sorting(entry) {
  const buttons = classNames().map((name, position) => button(name, pressed => {
    addToClass(position, [entry.file]);
    pressed.disabled = true;
    pressed.textContent = `${name} ✓`;
  }));
  return element("div", { className: "sorting", role: "group", "aria-label": `Add ${entry.file.name} to a class` },
    element("span", { className: "quiet", textContent: "Add to" }), ...buttons);
}

async function ask(entry) {
  const asked = taught;
  entry.view.replaceChildren(waitingView());
  let views;
  try {
    const result = await predictByFile(asked, entry.file);
    if (result.error !== undefined) throw new Error(result.error);
    views = [answerView(result), ...deciders(result), sorting(entry)];
  } catch (error) {
    views = [failureView(error.message, () => ask(entry))];
  }
  if (asked === taught) entry.view.replaceChildren(...views);
}

function makeEntry(file) {
  const entry = { file, url: URL.createObjectURL(file), view: element("div", { className: "tried" }) };
  const remove = cross(`Remove ${file.name}`, () => {
    entries = entries.filter(each => each !== entry);
    entry.card.remove();
    URL.revokeObjectURL(entry.url);
  });
  entry.card = element("article", { className: "panel image-card", "aria-label": file.name },
    element("div", { className: "image-side" }, thumbnail(entry.url, file.name),
      element("p", { className: "file-name", textContent: file.name, title: file.name }), remove),
    entry.view);
  return entry;
}

function take(files) {
  const made = files.map(makeEntry);
  entries = [...made, ...entries];
  byId("try-answers").prepend(...made.map(entry => entry.card));
  for (const entry of made) ask(entry);
}

/** Tries `task` from now on; the images on the page are asked about again. */
export function tryTask(task) {
  taught = task;
  for (const entry of entries) ask(entry);
}

export function startTrying() {
  byId("try-intake").append(imageIntake("Drop new images here to see what it makes of them", take));
  receiveImages("teach", ({ files, folders }) => {
    addFolders(folders);
    if (files.length === 0) return;
    if (taught === null) addToLatest(files);
    else take(files);
  });
}
