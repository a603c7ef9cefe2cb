// A small view of an image file. What the browser cannot show, such as TIFF, the server may still read.
import { element } from "./dom.js";

const pixelatedBelow = 96;

export function thumbnail(url, description) {
  const image = element("img", { src: url, alt: description, className: "thumbnail", decoding: "async" });
  const instead = { className: "thumbnail", role: "img", "aria-label": description, textContent: "no preview" };
  image.addEventListener("error", () => image.replaceWith(element("div", instead)));
  image.addEventListener("load", () =>
    image.classList.toggle("pixelated", Math.max(image.naturalWidth, image.naturalHeight) < pixelatedBelow));
  return image;
}
