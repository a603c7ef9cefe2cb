// Pictures from the camera, as JPEG.
import { byId, element } from "./dom.js";

const jpegQuality = .92;
let stream = null;
let take = null;
let pictures = 0;

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  byId("camera-video").srcObject = null;
}

function problem(error) {
  if (error.name === "NotAllowedError") return "The browser was not allowed to use the camera.";
  if (error.name === "NotFoundError") return "There is no camera.";
  return `The camera does not start: ${error.message}`;
}

// Without https a browser gives the camera to no page but one of this machine; phones still have it as a file's source.
function withoutStream() {
  const input = element("input", { type: "file", accept: "image/jpeg,image/png", capture: "environment" });
  input.addEventListener("change", () => {
    for (const file of input.files) take(file);
  });
  input.click();
}

/** Shows the camera's picture; `takePicture` gets each frame that the person takes, as a JPEG file. */
export async function openCamera(takePicture) {
  take = takePicture;
  if (navigator.mediaDevices === undefined) {
    withoutStream();
    return;
  }
  const dialog = byId("camera-dialog");
  byId("camera-note").textContent = "Waiting for the camera …";
  byId("camera-shoot").disabled = true;
  dialog.showModal();
  try {
    const started = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    stream = started;
    if (!dialog.open) {
      stop();
      return;
    }
    byId("camera-video").srcObject = started;
    byId("camera-note").textContent = "";
    byId("camera-shoot").disabled = false;
    byId("camera-shoot").focus();
  } catch (error) {
    byId("camera-note").textContent = problem(error);
  }
}

function shoot() {
  const video = byId("camera-video");
  if (video.videoWidth === 0) return;
  const canvas = element("canvas", { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob(blob => {
    if (blob === null) return;
    ++pictures;
    byId("camera-note").textContent = `Picture ${pictures} taken.`;
    take(new File([blob], `camera-${pictures}.jpg`, { type: "image/jpeg" }));
  }, "image/jpeg", jpegQuality);
}

export function startCamera() {
  byId("camera-shoot").addEventListener("click", shoot);
  byId("camera-close").addEventListener("click", () => byId("camera-dialog").close());
  byId("camera-dialog").addEventListener("close", stop);
}
