// Numbers as people read them; no line ends between a number and its unit. A kilobyte has 1000 bytes, as everywhere in
// submask.

export function bytes(count) {
  if (count < 1000) return `${count}\u00a0B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    ++unit;
  }
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}\u00a0${units[unit]}`;
}

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}\u00a0%`;

export const count = number => number.toLocaleString("en");

/** "1 image", "2 images". */
export function counted(number, word) {
  if (number === 1) return `1 ${word}`;
  return `${count(number)} ${word}${word.endsWith("s") ? "es" : "s"}`;
}

export function milliseconds(value) {
  if (value < 10) return `${value.toFixed(1)}\u00a0ms`;
  return value < 10000 ? `${value.toFixed(0)}\u00a0ms` : `${(value / 1000).toFixed(1)}\u00a0s`;
}

export function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** How many times smaller a task is than the backbone: "61". */
export const times = ratio => ratio >= 10 ? count(Math.round(ratio)) : ratio.toFixed(1);
