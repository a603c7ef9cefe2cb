// Requests to the server. Addresses are relative, so that the page also works behind a proxy under another path.
import { currentKey, refuseKey } from "./key.js";

/** What the server said in one line, and its status; 0 where it did not answer at all. */
export class ApiError extends Error {
  constructor(status, line) {
    super(line);
    this.status = status;
  }
}

/**
 * @param {string} path relative to the page
 * @param {RequestInit} options of fetch()
 * @returns {Promise<Response>} of a request that succeeded; all others throw ApiError
 */
export async function request(path, options = {}) {
  const key = currentKey();
  const headers = new Headers(options.headers);
  if (key !== "") headers.set("Authorization", `Bearer ${key}`);
  let response;
  try {
    response = await fetch(path, { ...options, headers, cache: "no-store" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "The server does not answer.");
  }
  if (response.ok) return response;
  const line = await errorLine(response);
  if (response.status === 401) refuseKey(key, line);
  throw new ApiError(response.status, line);
}

async function errorLine(response) {
  try {
    const { error } = await response.json();
    if (typeof error === "string" && error !== "") return error;
  } catch {
    // A proxy may answer with a page of its own; its status is then all there is to say.
  }
  return `${response.status} ${response.statusText}`.trim();
}

export const getJson = async (path, options) => (await request(path, options)).json();

export const serverState = () => getJson("v1/server");

export function listTasks({ search = "", offset = 0, limit = 50, sort = "name" }, signal) {
  return getJson(`v1/tasks?${new URLSearchParams({ search, offset, limit, sort })}`, { signal });
}

export const inspectTask = name => getJson(`v1/tasks/${encodeURIComponent(name)}`);

export async function exampleImage(name) {
  const response = await request(`v1/examples/${encodeURIComponent(name)}`);
  const blob = await response.blob();
  return new File([blob], name, { type: blob.type });
}

export const post = (path, body, type) =>
  request(path, { method: "POST", body, headers: { "Content-Type": type } });

/** Whether a task of the list answers. */
export const isServed = task => task.state !== "refused" && task.state !== "unloaded";
