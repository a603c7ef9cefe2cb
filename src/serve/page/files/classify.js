// The images that were given, and what each chosen task says of them.
import { answerView, failureView, waitingView } from "./answer.js";
import { button, byId, cross, element, note } from "./dom.js";
import { flat } from "./dropped.js";
import { bytes, counted } from "./format.js";
import { receiveImages } from "./incoming.js";
import { imageIntake } from "./intake.js";
import { currentPlace, onPlaceChange } from "./place.js";
import { predict } from "./predict.js";
import { thumbnail } from "./thumbnail.js";

// An entry is {file, url, card, columns, answers}; answers has for each task {state, result, line} with the state
// "waiting", "done" or "failed".
let entries = [];

function column(entry, task) {
  const answer = entry.answers.get(task);
  const view = answer === undefined || answer.state === "waiting" ? waitingView()
    : answer.state === "done" ? answerView(answer.result)
      : failureView(answer.line, () => ask(entry, [task]));
  return element("section", { className: "column", "aria-label": `${task} about ${entry.file.name}` },
    element("h3", { textContent: task, title: task }), view);
}

function showEntry(entry) {
  const { tasks } = currentPlace();
  entry.columns.replaceChildren(...(tasks.length > 0 ? tasks.map(task => column(entry, task))
    : [note("Choose a task: this image waits for it.")]));
}

function showProgress() {
  const { tasks } = currentPlace();
  const stateOf = (entry, task) => entry.answers.get(task)?.state ?? "waiting";
  const isAnswered = entry => tasks.length > 0 && tasks.every(task => stateOf(entry, task) === "done");
  const isFailed = entry => tasks.some(task => stateOf(entry, task) === "failed");
  const answered = entries.filter(isAnswered).length;
  const failed = entries.filter(isFailed).length;
  const isOver = answered + failed === entries.length;
  const line = byId("classify-progress");
  if (entries.length === 0) {
    line.replaceChildren();
    return;
  }
  const said = answered === entries.length ? `${counted(entries.length, "image")} answered`
    : `${answered} of ${counted(entries.length, "image")} answered`;
  line.replaceChildren(
    element("progress", { max: entries.length, value: answered + failed, hidden: isOver, "aria-label": "Progress" }),
    note(said + (failed > 0 ? `, ${failed} failed` : "")), button("Clear all", clearAll));
}

// One task that is gone or refused fails the request of all; asked alone, the others answer.
const isOfOneTask = ({ status }) => status >= 400 && status < 500 && ![401, 403, 413, 429].includes(status);

async function ask(entry, tasks) {
  if (tasks.length === 0) return;
  for (const task of tasks) entry.answers.set(task, { state: "waiting" });
  showEntry(entry);
  showProgress();
  try {
    const results = await predict(tasks, entry.file);
    tasks.forEach((task, i) => entry.answers.set(task, results[i]?.predictions !== undefined
      ? { state: "done", result: results[i] }
      : { state: "failed", line: results[i]?.error ?? "The server gave no answer for this task." }));
  } catch (error) {
    if (tasks.length > 1 && isOfOneTask(error)) {
      await Promise.all(tasks.map(task => ask(entry, [task])));
      return;
    }
    for (const task of tasks) entry.answers.set(task, { state: "failed", line: error.message });
  }
  showEntry(entry);
  showProgress();
}

const askMissing = entry => ask(entry, currentPlace().tasks.filter(task => !entry.answers.has(task)));

function removeEntry(entry) {
  entries = entries.filter(each => each !== entry);
  entry.card.remove();
  URL.revokeObjectURL(entry.url);
  showProgress();
}

function clearAll() {
  for (const entry of [...entries]) removeEntry(entry);
  byId("classify-intake").querySelector("input").focus();
}

function makeEntry(file) {
  const columns = element("div", { className: "answer-columns" });
  const entry = { file, url: URL.createObjectURL(file), columns, answers: new Map() };
  entry.card = element("article", { className: "panel image-card", "aria-label": file.name },
    element("div", { className: "image-side" }, thumbnail(entry.url, file.name),
      element("p", { className: "file-name", textContent: file.name, title: file.name }),
      note(bytes(file.size)), cross(`Remove ${file.name}`, () => removeEntry(entry))),
    columns);
  return entry;
}

/** Takes images, and asks the chosen tasks about each; the newest are shown first. */
export function classify(files) {
  const made = files.map(makeEntry);
  entries = [...made, ...entries];
  byId("answers").prepend(...made.map(entry => entry.card));
  for (const entry of made) {
    showEntry(entry);
    askMissing(entry);
  }
  showProgress();
}

/** Asks again what was refused for want of a key. */
export function retryFailed() {
  for (const entry of entries) {
    const failed = currentPlace().tasks.filter(task => entry.answers.get(task)?.state === "failed");
    ask(entry, failed);
  }
}

export function startClassify() {
  byId("classify-intake").append(imageIntake("Drop images here, or paste them", classify));
  receiveImages("classify", images => classify(flat(images)));
  onPlaceChange(() => {
    for (const entry of entries) {
      showEntry(entry);
      askMissing(entry);
    }
    showProgress();
  });
}
