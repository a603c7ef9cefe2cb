// A small view of an image file. What the browser cannot show, such as TIFF, the server may still read.
import { element } from "./dom.js";

export function thumbnail(url, description) {
  const image = element("img", { src: url, alt: description, className: "thumbnail", decoding: "async" });
  image.addEventListener("error", () =>
    image.replaceWith(element("div", { className: "thumbnail", role: "img", "aria-label": description, textContent: "no preview" })));
  return image;
}
