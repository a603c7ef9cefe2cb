// What the server does right now, asked about once a second while the page is seen.
import { serverState } from "./api.js";
import { byId, element, note, shape } from "./dom.js";
import { bytes, count, counted, duration } from "./format.js";
import { currentKey, refuseKey, showKeyState } from "./key.js";

const pollMs = 1000;
const pointsKept = 60;
const listeners = [];
let state = {};
let previous = null;
let rates = [];
let polls = 0;

/** The newest answer of v1/server; {} before the first. */
export const lastServerState = () => state;

/** Calls `listener(state)` after each answer. */
export const onServerState = listener => listeners.push(listener);

function rateSince(before, now) {
  const seconds = (now.at - before.at) / 1000;
  const per = name => Math.max(0, now.answers[name] - before.answers[name]) / seconds;
  return { answered: per("answered"), failed: per("failed"), batches: per("batches") };
}

function noteRates(at) {
  if (state.answers === undefined) return;
  const now = { at, answers: state.answers };
  if (previous !== null && at > previous.at) rates = [...rates, rateSince(previous, now)].slice(-pointsKept);
  previous = now;
}

function sparkline(values) {
  const most = Math.max(1, ...values);
  const point = (value, i) => `${100 * (i + pointsKept - values.length) / (pointsKept - 1)},${31 - 29 * value / most}`;
  return shape("svg", { class: "sparkline", viewBox: "0 0 100 32", preserveAspectRatio: "none", role: "img",
    "aria-label": `Images a second during the last minute, at most ${most.toFixed(0)}` },
  shape("polyline", { points: values.map(point).join(" ") }));
}

function meter(label, value, most) {
  const made = element("div", { className: "bar", role: "meter", "aria-label": label, "aria-valuemin": "0",
    "aria-valuenow": String(value), "aria-valuemax": String(most) });
  const fill = element("div", { className: "fill" });
  fill.style.width = `${most > 0 ? Math.min(100, 100 * value / most) : 0}%`;
  made.append(fill);
  return made;
}

function tile(title, value, ...more) {
  return element("section", { className: "panel tile", "aria-label": title },
    element("h2", { textContent: title }), element("p", { className: "big", textContent: value }), ...more);
}

const perSecond = rate => rate.toFixed(rate < 10 ? 1 : 0);

function answersTile(answers) {
  const { answered = 0, batches = 0 } = rates.at(-1) ?? {};
  const size = batches > 0 ? `batches of ${(answered / batches).toFixed(1)}` : "no batches just now";
  const { answered: all, failed, given_up: givenUp } = answers;
  return tile("Images a second", perSecond(answered), sparkline(rates.map(each => each.answered)), note(size),
    note(`${count(all)} answered, ${count(failed)} failed, ${count(givenUp)} given up since the start`));
}

function queueTile(queue) {
  return tile("Queue", counted(queue.images, "image"), meter("Images waiting", queue.images, queue.most_images),
    note(`of at most ${count(queue.most_images)} images`),
    note(`${bytes(queue.bytes)} of at most ${bytes(queue.most_bytes)}`));
}

function memoryTiles(memory) {
  const { weights, files_and_bits: files } = memory;
  return [
    tile("Memory", bytes(memory.bytes), meter("Memory", memory.bytes, memory.most_bytes),
      note(`of at most ${bytes(memory.most_bytes)}`)),
    tile("Tasks ready to answer", `${count(weights.filled)} of ${count(weights.slots)}`,
      meter("Places for expanded weights", weights.filled, weights.slots),
      note(`places of ${bytes(weights.slot_bytes)} for expanded weights`)),
    tile("Files and masks in memory", count(files.count),
      meter("Memory of files and masks", files.bytes, files.most_bytes),
      note(`${bytes(files.bytes)} of at most ${bytes(files.most_bytes)}`))];
}

function tasksTile() {
  return tile("Tasks", count(state.tasks),
    note(`${count(state.unchecked)} not checked yet, ${count(state.refused)} refused`),
    note(`over ${state.backbone}, ${bytes(state.backbone_bytes)}`));
}

function showTiles() {
  const box = byId("tiles");
  byId("metrics-line").hidden = state.needs_key === true;  // a link carries no key
  if (state.answers === undefined) {
    const line = state.needs_key ? "The server tells more to those with a key." : "Waiting for the server …";
    box.replaceChildren(note(line));
    return;
  }
  box.replaceChildren(answersTile(state.answers), queueTile(state.queue), ...memoryTiles(state.memory), tasksTile(),
    tile("Up for", duration(state.uptime_s), note(`submask ${state.version}`)));
}

function showPulse() {
  const pulse = byId("pulse");
  const rate = rates.at(-1);
  const parts = [state.backbone ?? ""];
  if (rate !== undefined) parts.push(`${perSecond(rate.answered)} images/s`);
  if (state.queue?.images > 0) parts.push(`${count(state.queue.images)} waiting`);
  pulse.textContent = parts.filter(part => part !== "").join(" · ");
}

function showBanner(line, isError) {
  const banner = byId("banner");
  if (banner.textContent !== line) banner.textContent = line;
  banner.hidden = line === "";
  banner.classList.toggle("bad", isError);
}

async function poll() {
  try {
    const at = performance.now();
    state = await serverState();
    noteRates(at);
    showBanner(state.trouble ?? "", false);
    showKeyState(state);
    if (state.needs_key && state.role === "none") refuseKey(currentKey(), "The server does not know this key.");
    for (const listener of listeners) listener(state);
  } catch (error) {
    showBanner(error.status === 0 ? `${error.message} This page tries again every second.` : error.message, true);
  }
  showPulse();
  if (!byId("server").hidden) showTiles();
}

/** Asks now, not only when the next second is over. */
export const refreshStatus = () => poll();

// Each poll is asked when the one before was answered, so that a slow server is not asked twice at once.
async function pollForEver() {
  if (!document.hidden || polls === 0) await poll();
  ++polls;
  setTimeout(pollForEver, pollMs);
}

export function startStatus() {
  document.addEventListener("visibilitychange", () => {
    previous = null;
  });
  showTiles();
  pollForEver();
}
