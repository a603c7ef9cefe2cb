// Numbers as people read them. A multiple of bytes is 1000, as everywhere in submask.

export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    ++unit;
  }
  return `${value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`;
}

export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

export const count = number => number.toLocaleString("en");

/** "1 image", "2 images". */
export const counted = (number, word) => `${count(number)} ${word}${number === 1 ? "" : word.endsWith("s") ? "es" : "s"}`;

export function milliseconds(value) {
  if (value < 10) return `${value.toFixed(1)} ms`;
  return value < 10000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(1)} s`;
}

export function duration(seconds) {
  if (seconds < 60) return `${seconds.toFixed(0)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

/** How many times smaller a task is than the backbone: "61". */
export const times = ratio => ratio >= 10 ? count(Math.round(ratio)) : ratio.toFixed(1);
