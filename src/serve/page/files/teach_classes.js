// The classes that a task is taught from, each with its images.
import { button, byId, cross, element } from "./dom.js";
import { counted } from "./format.js";
import { dropZone } from "./incoming.js";
import { cameraButton, fileButton } from "./intake.js";
import { thumbnail } from "./thumbnail.js";

const listeners = [];

// A class is {input, images, card, strip, count, remove}; an image is {file, url}.
let classes = [];
let latest = null;

export const onClassesChange = listener => listeners.push(listener);

function changed() {
  for (const each of classes) each.remove.hidden = classes.length <= 2;
  for (const listener of listeners) listener();
}

/** A class without a name has the one that its empty field shows. */
const nameOf = each => each.input.value.trim() || each.input.placeholder;

/** @returns {{name: string, images: {file: File, url: string}[]}[]} the classes that have images */
export const taughtClasses = () => classes.filter(each => each.images.length > 0)
  .map(each => ({ name: nameOf(each), images: each.images }));

/** All names, for buttons that sort an image into a class. */
export const classNames = () => classes.map(nameOf);

function showImages(each) {
  each.count.textContent = each.images.length === 0 ? "no images yet" : counted(each.images.length, "image");
  each.strip.replaceChildren(...each.images.map(image => {
    const label = `Remove ${image.file.name} from ${nameOf(each)}`;
    const thumb = button("", () => removeImage(each, image), { className: "thumb", title: "Remove", "aria-label": label });
    thumb.append(thumbnail(image.url, ""));
    return thumb;
  }));
}

function removeImage(each, image) {
  each.images = each.images.filter(other => other !== image);
  showImages(each);
  (each.strip.querySelector("button") ?? each.input).focus();
  changed();
}

// The addresses of removed images are kept: a task that was learned from them still shows them as neighbours.
function addImages(each, files) {
  latest = each;
  each.images = [...each.images, ...files.map(file => ({ file, url: URL.createObjectURL(file) }))];
  showImages(each);
  changed();
}

/** Adds images to the class of this position. */
export const addToClass = (position, files) => addImages(classes[position], files);

/** Adds images that were pasted or dropped beside the classes to the class that was used last. */
export const addToLatest = files => addImages(classes.includes(latest) ? latest : classes[0], files);

function removeClass(each) {
  classes = classes.filter(other => other !== each);
  each.card.remove();
  byId("add-class").focus();
  changed();
}

function makeClass(number) {
  const name = `class ${number}`;
  const each = {
    images: [],
    input: element("input", { placeholder: name, "aria-label": `Name of ${name}`, autocomplete: "off", maxLength: 100 }),
    strip: element("div", { className: "thumbs" }),
    count: element("span", { className: "quiet" }),
    remove: cross(`Remove ${name}`, () => removeClass(each)),
  };
  const take = files => addImages(each, files);
  const hint = element("span", { className: "drop-hint", textContent: "Drop images here · " });
  each.card = element("div", { className: "panel class-card", role: "group", "aria-label": name },
    element("div", { className: "class-head" }, each.input, each.remove),
    element("p", { className: "quiet" }, hint, each.count), each.strip,
    element("div", { className: "intake-buttons" }, fileButton("Add images", take), cameraButton(take)));
  each.card.addEventListener("focusin", () => {
    latest = each;
  });
  each.input.addEventListener("input", changed);
  dropZone(each.card, take);
  showImages(each);
  return each;
}

let made = 0;
function addClass() {
  const each = makeClass(++made);
  classes.push(each);
  byId("class-cards").append(each.card);
  changed();
  return each;
}

/** Makes each folder a class of its name, or adds its images to the class that has this name. */
export function addFolders(folders) {
  for (const { name, files } of folders) {
    const isFree = each => each.images.length === 0 && each.input.value.trim() === "";
    const each = classes.find(other => nameOf(other) === name) ?? classes.find(isFree) ?? addClass();
    each.input.value = name;
    addImages(each, files);
  }
}

export function startTeachClasses() {
  byId("add-class").addEventListener("click", () => addClass().input.focus());
  addClass();
  addClass();
}
