// The tasks to choose from. The server searches, orders and cuts them into pages, so that thousands cost as little as
// ten.
import { isServed, listTasks } from "./api.js";
import { byId, element } from "./dom.js";
import { bytes, count, counted, percent } from "./format.js";
import { currentPlace, isChosen, mostChosen, onPlaceChange, toggleTask } from "./place.js";

const pageLength = 50;
const searchDelayMs = 200;
const refreshMs = 5000;

const stateWords = {
  weights: "ready",
  bits: "mask decoded",
  file: "in memory",
  cold: "on disk",
  unchecked: "not checked yet",
  refused: "refused",
  unloaded: "unloaded",
};

const list = byId("task-list");
const empty = byId("task-empty");
let offset = 0;
let shown = [];
let request = new AbortController();
let isLoaded = false;
let timer = 0;

function facts(task) {
  if (task.state === "refused") return `refused: ${task.error ?? "no reason given"}`;
  const parts = [stateWords[task.state] ?? task.state, counted(task.classes, "class"), bytes(task.task_bytes)];
  if (task.kind === "cascade") parts.push("cascade");
  return parts.join(" · ");
}

function row(task) {
  const accuracy = task.accuracy === undefined ? "" : percent(task.accuracy);
  const made = element("div", { className: `task state-${task.state}`, role: "option", tabIndex: -1 },
    element("span", { className: "tick", "aria-hidden": "true" }),
    element("span", { className: "task-name", textContent: task.task, title: task.task }),
    element("span", { className: "task-accuracy", textContent: accuracy, title: "accuracy" }),
    element("span", { className: "task-facts" },
      element("span", { className: "dot", "aria-hidden": "true" }), facts(task)));
  made.dataset.task = task.task;
  if (!isServed(task)) made.setAttribute("aria-disabled", "true");
  return made;
}

function markChosen() {
  for (const each of list.children) each.setAttribute("aria-selected", String(isChosen(each.dataset.task)));
}

// One row is a stop of the Tab key; the arrow keys move among the rows.
function makeStop(wanted) {
  for (const each of list.children) each.tabIndex = each === wanted ? 0 : -1;
}

function showRows(tasks) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.task : undefined;
  list.replaceChildren(...tasks.map(row));
  shown = tasks;
  markChosen();
  const rows = [...list.children];
  const again = rows.find(each => each.dataset.task === focused);
  makeStop(again ?? rows[0]);
  again?.focus({ preventScroll: true });
}

function emptyLine(search) {
  if (search !== "") return `No task's name holds "${search}".`;
  return "No tasks are served yet. Put task files into the server's task folder: they appear here by themselves. " +
    "Or make one from a few images under Teach.";
}

function showPager(matching, search) {
  byId("tasks-count").textContent = matching === 0 ? "" : search === "" ? count(matching) : `${count(matching)} found`;
  byId("task-pager").hidden = matching <= pageLength;
  byId("task-range").textContent = `${count(offset + 1)}–${count(offset + shown.length)} of ${count(matching)}`;
  byId("task-previous").disabled = offset === 0;
  byId("task-next").disabled = offset + shown.length >= matching;
}

function showEmpty(line, isError) {
  empty.textContent = line;
  empty.hidden = line === "";
  empty.classList.toggle("error", isError);
  list.hidden = shown.length === 0;
}

const isSame = tasks => JSON.stringify(tasks) === JSON.stringify(shown);

async function load() {
  request.abort();
  request = new AbortController();
  const search = byId("task-search").value.trim();
  try {
    const found = await listTasks({ search, offset, limit: pageLength, sort: byId("task-sort").value }, request.signal);
    if (found.tasks.length === 0 && found.matching > 0) {
      turnTo(0);
      return;
    }
    if (!isSame(found.tasks)) showRows(found.tasks);
    showEmpty(found.matching === 0 ? emptyLine(search) : "", false);
    showPager(found.matching, search);
    chooseTheOnlyOne(found, search);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (shown.length === 0) showEmpty(error.message, true);
  }
}

// A server of one task has nothing to choose from.
function chooseTheOnlyOne({ matching, tasks }, search) {
  if (isLoaded) return;
  isLoaded = true;
  if (search === "" && matching === 1 && currentPlace().tasks.length === 0 && isServed(tasks[0]))
    toggleTask(tasks[0].task);
}

function turnTo(next) {
  clearTimeout(timer);
  offset = Math.max(0, next);
  list.scrollTop = 0;
  load();
}

function choose(wanted) {
  if (wanted === null || wanted.getAttribute("aria-disabled") === "true") return;
  makeStop(wanted);
  if (!toggleTask(wanted.dataset.task))
    showEmpty(`${mostChosen} tasks are chosen, as many as fit side by side. Take one away first.`, true);
}

function moveByKey(event) {
  const rows = [...list.children];
  const at = rows.indexOf(event.target);
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    choose(event.target);
    return;
  }
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || next === undefined || rows[next] === undefined) return;
  event.preventDefault();
  makeStop(rows[next]);
  rows[next].focus();
}

/** Loads the list anew, where it is. */
export const refreshTasks = () => load();

export function startTaskList() {
  byId("task-search").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => turnTo(0), searchDelayMs);
  });
  byId("task-sort").addEventListener("change", () => turnTo(0));
  byId("task-previous").addEventListener("click", () => turnTo(offset - pageLength));
  byId("task-next").addEventListener("click", () => turnTo(offset + pageLength));
  list.addEventListener("click", event => choose(event.target.closest("[role=option]")));
  list.addEventListener("keydown", moveByKey);
  onPlaceChange(markChosen);
  setInterval(() => {
    if (!document.hidden && currentPlace().tab === "classify") load();
  }, refreshMs);
  load();
}
