// The snippets for the chosen tasks, each with a button that copies it.
import { button, byId, element, note } from "./dom.js";
import { currentPlace, onPlaceChange } from "./place.js";
import { snippets } from "./snippets.js";
import { lastServerState, onServerState } from "./status.js";

const copiedMs = 1500;
const baseAddress = () => new URL(".", location.href).href;
let shownFor = "";

function select(block) {
  const range = document.createRange();
  range.selectNodeContents(block);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}

// Without https a browser has no clipboard for pages; the text is then selected, ready for Ctrl+C.
async function copy(block, pressed) {
  select(block);
  let said = "Selected";
  try {
    await navigator.clipboard.writeText(block.textContent);
    said = "Copied";
  } catch {
    if (document.execCommand("copy")) said = "Copied";
  }
  pressed.textContent = said;
  setTimeout(() => {
    pressed.textContent = "Copy";
  }, copiedMs);
}

function view({ id, title, purpose, text }) {
  const block = element("code", { textContent: text });
  const copyButton = button("Copy", pressed => copy(block, pressed), { "aria-label": `Copy the ${title} snippet` });
  return element("section", { className: "panel snippet", id: `snippet-${id}`, "aria-label": title },
    element("div", { className: "panel-head" }, element("h2", { textContent: title }), note(purpose), copyButton),
    element("pre", { tabIndex: 0, role: "region", "aria-label": `${title} snippet` }, block));
}

function show() {
  const { tasks } = currentPlace();
  const { needs_key: needsKey } = lastServerState();
  if (needsKey === undefined) return;
  const wanted = JSON.stringify([tasks, needsKey]);
  if (wanted === shownFor) return;
  shownFor = wanted;
  const key = needsKey ? ", and your key in the place of YOUR_KEY" : "";
  byId("code-lead").textContent = tasks.length > 0
    ? `The chosen tasks from your own programs. Put an image's path in the place of photo.jpg${key}.`
    : "Choose a task under Classify: the programs that ask it appear here.";
  const shown = tasks.length > 0 ? snippets({ base: baseAddress(), tasks, needsKey }) : [];
  byId("snippets").replaceChildren(...shown.map(view));
}

export function startCodeTab() {
  onPlaceChange(show);
  onServerState(show);
  show();
}
