// Light or dark: as the system has it until the button says otherwise. This runs before the first paint, so that a
// chosen theme does not flash, and is therefore no module.
"use strict";
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  // Storage may be forbidden in a browser's private mode; the theme is then the system's on every visit.
  const stored = () => {
    try {
      return localStorage.getItem("submask-theme");
    } catch {
      return null;
    }
  };
  const store = theme => {
    try {
      localStorage.setItem("submask-theme", theme);
    } catch {
      return;
    }
  };

  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const theme = stored();
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme-button");
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      store(root.dataset.theme);
      show();
    });
    system.addEventListener("change", show);
    show();
  });
}
