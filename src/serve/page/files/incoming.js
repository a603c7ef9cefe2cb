// Images that are pasted, or dropped anywhere on the page, go to the open tab.
import { droppedImages, flat } from "./dropped.js";
import { currentPlace } from "./place.js";

const receivers = new Map();

/** `receive({files, folders})` gets what comes while `tab` is open. */
export const receiveImages = (tab, receive) => receivers.set(tab, receive);

const carriesFiles = event => [...(event.dataTransfer?.types ?? [])].includes("Files");

// A screenshot on the clipboard has a name like any other; one name for all of them would tell nothing apart.
let pasted = 0;
function withName(file) {
  if (file.name !== "" && file.name !== "image.png") return file;
  return new File([file], `pasted-${++pasted}.${file.type.split("/")[1] ?? "png"}`, { type: file.type });
}

function receive(images) {
  if (flat(images).length === 0 || document.querySelector("dialog[open]") !== null) return;
  receivers.get(currentPlace().tab)?.(images);
}

export function startIncoming() {
  document.addEventListener("paste", event => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    receive({ files: files.map(withName), folders: [] });
  });
  // Without these the browser would leave the page and open the file.
  window.addEventListener("dragover", event => {
    if (carriesFiles(event)) event.preventDefault();
  });
  window.addEventListener("drop", async event => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    receive(await droppedImages(event.dataTransfer));
  });
}

/** Makes `zone` a place to drop files on, which go to `take` and to nobody else. */
export function dropZone(zone, take) {
  let depth = 0;
  const highlight = change => {
    depth = Math.max(0, depth + change);
    zone.classList.toggle("dropping", depth > 0);
  };
  zone.addEventListener("dragenter", event => {
    if (carriesFiles(event)) highlight(1);
  });
  zone.addEventListener("dragleave", event => {
    if (carriesFiles(event)) highlight(-1);
  });
  zone.addEventListener("drop", async event => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    highlight(-depth);
    take(flat(await droppedImages(event.dataTransfer)));
  });
}
