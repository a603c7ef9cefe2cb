// The server's key: asked for once, kept until the tab is closed, forgotten when the server refuses it.
import { byId } from "./dom.js";

const storageName = "submask-key";
const listeners = [];
let wasDismissed = false;

export const currentKey = () => sessionStorage.getItem(storageName) ?? "";

/** Calls `listener` after another key was entered. */
export const onKeyChange = listener => listeners.push(listener);

/** Asks for a key, unless the person just said "not now". */
export function askForKey(line = "") {
  const dialog = byId("key-dialog");
  if (dialog.open || wasDismissed) return;
  byId("key-error").textContent = line;
  dialog.showModal();
}

/** The server refused `key` with `line`. Where another was entered since, the refusal is late and says nothing. */
export function refuseKey(key, line) {
  if (key !== currentKey()) return;
  sessionStorage.removeItem(storageName);
  askForKey(key === "" ? "" : line);
}

/** Shows whether a key is in use. */
export function showKeyState({ needs_key: needsKey, role }) {
  const button = byId("key-button");
  button.hidden = !needsKey;
  button.textContent = role === "admin" ? "Admin key" : role === "read" ? "Key" : "Enter a key";
}

export function startKeyDialog() {
  const dialog = byId("key-dialog");
  const input = byId("key-input");
  byId("key-button").addEventListener("click", () => {
    wasDismissed = false;
    askForKey();
  });
  byId("key-cancel").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    wasDismissed = currentKey() === "";
    input.value = "";
  });
  byId("key-form").addEventListener("submit", event => {
    event.preventDefault();
    if (input.value.trim() === "") return;
    sessionStorage.setItem(storageName, input.value.trim());
    dialog.close();
    for (const listener of listeners) listener();
  });
}
