// One answer: the first classes as bars, and how long it took. An answer that is not sure looks it.
import { button, element } from "./dom.js";
import { counted, milliseconds, percent } from "./format.js";

const sureScore = .8, likelyScore = .5, likelyMargin = .15;

/** "sure", "likely" or "unsure": how far the first class is ahead. */
export function certainty(predictions) {
  const [first, second] = predictions.map(each => each.score);
  if (first === undefined) return "unsure";
  if (first >= sureScore) return "sure";
  return first >= likelyScore && first - (second ?? 0) >= likelyMargin ? "likely" : "unsure";
}

function bar({ label, score }) {
  const fill = element("div", { className: "fill" });
  fill.style.width = `${100 * Math.min(1, Math.max(0, score))}%`;
  return element("li", {},
    element("span", { className: "label", textContent: label, title: label }),
    element("span", { className: "score", textContent: percent(score) }),
    element("div", { className: "bar", "aria-hidden": "true" }, fill));
}

function verdict(predictions, how) {
  if (how !== "unsure" || predictions.length < 2) return null;
  const textContent = `Not sure: ${predictions[0].label} or ${predictions[1].label}?`;
  return element("p", { className: "unsure-line", textContent });
}

function timing({ batch, queue_ms: waited, compute_ms: computed }) {
  const parts = [];
  if (batch !== undefined) parts.push(batch === 1 ? "alone" : `in a batch of ${batch}`);
  if (waited !== undefined) parts.push(`waited ${milliseconds(waited)}`);
  if (computed !== undefined) parts.push(`computed ${milliseconds(computed)}`);
  return element("p", { className: "timing", textContent: parts.join(" · ") });
}

/** @param {Object} result as v1/tasks/T/predict answers for one image */
export function answerView(result) {
  const how = certainty(result.predictions);
  const made = element("div", { className: `answer ${how}` });
  const doubt = verdict(result.predictions, how);
  if (doubt !== null) made.append(doubt);
  const label = `${counted(result.predictions.length, "class")}, most likely first`;
  made.append(element("ol", { className: "bars", "aria-label": label }, ...result.predictions.map(bar)), timing(result));
  return made;
}

export function waitingView() {
  const line = element("p", { className: "timing", textContent: "Asking …" });
  return element("div", { className: "answer waiting" }, line);
}

/** The server's own line, and a way to ask again. */
export function failureView(line, retry) {
  const said = element("p", { className: "error", role: "alert", textContent: line });
  return element("div", { className: "answer" }, said, button("Ask again", retry));
}
