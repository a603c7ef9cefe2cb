// The tabs: arrow keys move between them, as the WAI-ARIA practices describe.
import { byId } from "./dom.js";
import { currentPlace, onPlaceChange, openTab } from "./place.js";

const allTabs = () => [...document.querySelectorAll("[role=tab]")];

function show({ tab: open }) {
  for (const tab of allTabs()) {
    const name = tab.getAttribute("aria-controls");
    tab.setAttribute("aria-selected", String(name === open));
    tab.tabIndex = name === open ? 0 : -1;
    byId(name).hidden = name !== open;
  }
}

function moveByKey(event) {
  const tabs = allTabs();
  const at = tabs.indexOf(event.target);
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const tab = tabs[(next + tabs.length) % tabs.length];
  openTab(tab.getAttribute("aria-controls"));
  tab.focus();
}

export function startTabs() {
  for (const tab of allTabs()) {
    tab.addEventListener("click", () => openTab(tab.getAttribute("aria-controls")));
    tab.addEventListener("keydown", moveByKey);
  }
  onPlaceChange(show);
  show(currentPlace());
}
