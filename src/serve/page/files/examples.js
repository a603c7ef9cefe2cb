// The images of the server's example folder, to click on.
import { exampleImage } from "./api.js";
import { byId, element, note } from "./dom.js";
import { limited } from "./limit.js";

const mostShown = 48;
const oneOfFew = limited(4);
let shownNames = "";

async function fill(button, name, take) {
  try {
    const file = await oneOfFew(() => exampleImage(name));
    const image = element("img", { alt: "", src: URL.createObjectURL(file) });
    button.append(image);
    button.disabled = false;
    button.addEventListener("click", () => take([file]));
  } catch {
    button.remove();
  }
}

function exampleButton(name, take) {
  const button = element("button", { type: "button", className: "example", disabled: true, title: name,
    "aria-label": `Example ${name}` });
  fill(button, name, take);
  return button;
}

/** Shows the examples that the server names; the one that is clicked goes to `take`. */
export function showExamples(names, take) {
  const wanted = names.slice(0, mostShown);
  if (JSON.stringify(wanted) === shownNames) return;
  shownNames = JSON.stringify(wanted);
  const box = byId("examples");
  box.hidden = false;
  if (wanted.length === 0) {
    box.replaceChildren(note("No images at hand? A server that is started with --examples FOLDER offers some here."));
    return;
  }
  box.replaceChildren(element("span", { className: "quiet examples-title", textContent: "or try" }),
    ...wanted.map(name => exampleButton(name, take)));
}
