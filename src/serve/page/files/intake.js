// A place that takes images: by drop, from files, from the camera.
import { openCamera } from "./camera.js";
import { button, element } from "./dom.js";
import { dropZone } from "./incoming.js";

// Named one by one: for "image/*" a phone may send formats that the server cannot read instead of converting them.
const accepted = "image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff,.ppm,.pgm,.pnm";

/** A button that opens the files; `label` is its name. */
export function fileButton(label, take, className = "button") {
  const input = element("input", { type: "file", multiple: true, accept: accepted });
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = "";
  });
  return element("label", { className }, input, element("span", { textContent: label }));
}

export const cameraButton = take => button("Camera", () => openCamera(file => take([file])));

// Fingers drop and paste nothing.
const isTouch = matchMedia("(pointer: coarse)").matches;

/**
 * @param {string} hint what the place says
 * @param {function(File[])} take gets the images
 */
export function imageIntake(hint, take) {
  const zone = element("div", { className: "intake" },
    element("p", { className: "intake-hint", textContent: isTouch ? "Choose images, or take a picture" : hint }),
    element("div", { className: "intake-buttons" },
      fileButton("Choose files", take, "button main"), cameraButton(take)));
  dropZone(zone, take);
  return zone;
}
