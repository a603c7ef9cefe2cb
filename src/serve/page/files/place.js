// The open tab and the chosen tasks, kept in the address behind "#", so that they can be linked and survive a reload.

export const mostChosen = 12;
const tabs = ["classify", "teach", "code", "server"];
const listeners = [];
let place = read();

function read() {
  const found = new URLSearchParams(location.hash.slice(1));
  const tab = tabs.includes(found.get("tab")) ? found.get("tab") : tabs[0];
  return { tab, tasks: [...new Set(found.getAll("task"))].slice(0, mostChosen) };
}

function changed() {
  for (const listener of listeners) listener(place);
}

function write(next) {
  place = next;
  const written = new URLSearchParams();
  if (place.tab !== tabs[0]) written.set("tab", place.tab);
  for (const task of place.tasks) written.append("task", task);
  const hash = written.toString();
  history.replaceState(null, "", hash === "" ? location.pathname + location.search : `#${hash}`);
  changed();
}

export const currentPlace = () => place;

/** Calls `listener` with {tab, tasks} after each change. */
export const onPlaceChange = listener => listeners.push(listener);

export const openTab = tab => write({ ...place, tab });

export const isChosen = task => place.tasks.includes(task);

/** Chooses a task, or no longer; false where as many are chosen as are shown side by side. */
export function toggleTask(task) {
  if (isChosen(task)) {
    write({ ...place, tasks: place.tasks.filter(each => each !== task) });
    return true;
  }
  if (place.tasks.length >= mostChosen) return false;
  write({ ...place, tasks: [...place.tasks, task] });
  return true;
}

window.addEventListener("hashchange", () => {
  place = read();
  changed();
});
