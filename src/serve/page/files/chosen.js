// The chosen tasks as a line of buttons that take them away again.
import { byId, element, note } from "./dom.js";
import { currentPlace, onPlaceChange, toggleTask } from "./place.js";

function chip(task) {
  const made = element("button", { className: "chip", type: "button", "aria-label": `Take away ${task}` },
    element("span", { textContent: task }), element("span", { textContent: "×", "aria-hidden": "true" }));
  made.addEventListener("click", () => toggleTask(task));
  return made;
}

function show({ tasks }) {
  const box = byId("chosen");
  if (tasks.length === 0) {
    box.replaceChildren(note("Choose a task from the list, or several to see them side by side."));
    return;
  }
  box.replaceChildren(...tasks.map(chip));
}

export function startChosen() {
  onPlaceChange(show);
  show(currentPlace());
}
