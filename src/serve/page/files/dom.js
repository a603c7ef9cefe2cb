// Makes elements. Text always goes in as text, so that names of classes and files cannot become markup.

/**
 * @param {string} name of the element
 * @param {Object} properties are set where the element has them, otherwise as attributes
 * @param {...(Node|string)} children
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** An element of a drawing. */
export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A button that says `text` and calls `press`. */
export function button(text, press, properties = {}) {
  const made = element("button", { type: "button", className: "plain", textContent: text, ...properties });
  made.addEventListener("click", () => press(made));
  return made;
}

/** A small cross; `label` says what it takes away. */
export const cross = (label, press) => button("×", press, { className: "plain icon", "aria-label": label });

/** A line of less weight. */
export const note = text => element("p", { className: "quiet", textContent: text });

export const byId = id => document.getElementById(id);
