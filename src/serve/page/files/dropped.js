// What a drop brought: files, and folders with all that is in them.

const listEntries = reader => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
const openEntry = entry => new Promise((resolve, reject) => entry.file(resolve, reject));

// A browser lists a folder in pieces; an empty one is the end.
async function entriesOf(folder) {
  const reader = folder.createReader();
  const found = [];
  for (let piece = await listEntries(reader); piece.length > 0; piece = await listEntries(reader)) found.push(...piece);
  return found;
}

// Folders also hold notes and hidden files, which nobody meant to drop.
async function imagesIn(folder) {
  const found = await Promise.all((await entriesOf(folder)).map(async entry => {
    if (entry.isDirectory) return imagesIn(entry);
    const file = await openEntry(entry);
    return file.type.startsWith("image/") ? [file] : [];
  }));
  return found.flat();
}

/**
 * To be called while the drop is handled: what it carries is gone afterwards.
 * @param {DataTransfer} carried
 * @returns {Promise<{files: File[], folders: {name: string, files: File[]}[]}>}
 */
export async function droppedImages(carried) {
  const files = [];
  const entries = [];
  for (const item of carried.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    if (entry?.isDirectory) entries.push(entry);
    else files.push(item.getAsFile());
  }
  const folders = await Promise.all(entries.map(async entry => ({ name: entry.name, files: await imagesIn(entry) })));
  return { files, folders };
}

/** All of them, without regard to folders. */
export const flat = ({ files, folders }) => [...files, ...folders.flatMap(folder => folder.files)];
