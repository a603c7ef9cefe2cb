// The masked fraction of each layer, as a small chart and as a table.
import { element, note, shape } from "./dom.js";
import { percent } from "./format.js";

const height = 64;

/** The parts of a task whose mask has a fraction: layers, or the members of a cascade. */
export const maskedParts = task => task.units ?? task.members ?? [];

function chart(parts, most) {
  const width = 100 / parts.length;
  const bars = parts.map(({ name, masked_fraction: fraction }, i) => {
    const size = Math.max(.5, height * fraction / most);
    return shape("rect", { x: i * width + .1 * width, y: height - size, width: .8 * width, height: size },
      shape("title", {}, `${name}: ${percent(fraction)}`));
  });
  const least = Math.min(...parts.map(part => part.masked_fraction));
  const largest = Math.max(...parts.map(part => part.masked_fraction));
  const label = `Masked fraction of ${parts.length} parts in their order, from ${percent(least)} to ${percent(largest)}`;
  return shape("svg", { class: "layers", viewBox: `0 0 100 ${height}`, preserveAspectRatio: "none", role: "img",
    "aria-label": label }, ...bars);
}

function table(parts) {
  const headings = ["layer", "weights", "masked"].map(textContent => element("th", { scope: "col", textContent }));
  return element("table", {},
    element("thead", {}, element("tr", {}, ...headings)),
    element("tbody", {}, ...parts.map(part => element("tr", {},
      element("th", { scope: "row", textContent: part.name }),
      element("td", { textContent: part.weights.toLocaleString("en") }),
      element("td", { textContent: percent(part.masked_fraction) })))));
}

/** @param {number} most the fraction at the chart's top, the same for all tasks side by side */
export function layersView(task, most) {
  const parts = maskedParts(task);
  const title = task.members === undefined ? "Masked by layer" : "Masked by member";
  if (parts.length === 0 || most === 0)
    return element("div", { className: "fact" }, element("h4", { textContent: title }),
      note("Nothing is masked: the features are the plain backbone's."));
  const ofAll = element("span", { className: "quiet", textContent: `${percent(task.masked_fraction)} of all` });
  const scrolled = { className: "scroll", tabIndex: 0, role: "region", "aria-label": `${title}, ${task.task}` };
  return element("div", { className: "fact" },
    element("h4", {}, title, ofAll),
    chart(parts, most),
    element("p", { className: "axis quiet" }, element("span", { textContent: "first" }),
      element("span", { textContent: `full height ${percent(most)}` }), element("span", { textContent: "last" })),
    element("details", {}, element("summary", { textContent: "As a table" }),
      element("div", scrolled, table(parts))));
}
