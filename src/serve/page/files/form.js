// multipart/form-data written by hand. A browser's FormData turns a quote in a field's name into "%22", which no server
// can tell from a label that holds these three letters; here a backslash protects it, as RFC 2183 has it.

const quoted = text => `"${text.replace(/[\r\n]+/g, " ").replace(/(["\\])/g, "\\$1")}"`;

function randomBoundary() {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return `submask-${Array.from(bytes, byte => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * @param {{name: string, filename: string, label?: string, content: Blob}[]} parts; contents are sent as they are
 * @returns {{body: Blob, type: string}} what fetch() sends and its Content-Type
 */
export function multipartForm(parts) {
  const boundary = randomBoundary();
  const pieces = [];
  for (const { name, filename, label, content } of parts) {
    const parameters = [`name=${quoted(name)}`, `filename=${quoted(filename)}`];
    if (label !== undefined) parameters.push(`label=${quoted(label)}`);
    pieces.push(`--${boundary}\r\nContent-Disposition: form-data; ${parameters.join("; ")}\r\n\r\n`, content, "\r\n");
  }
  pieces.push(`--${boundary}--\r\n`);
  return { body: new Blob(pieces), type: `multipart/form-data; boundary=${boundary}` };
}
