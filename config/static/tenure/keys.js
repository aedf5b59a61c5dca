// The keyboard. Elements declare their keys; nothing here knows any page.
//   data-key="d"        clicked (or focused, if it is a field) by d; the nearest one counts: first inside the
//                       chosen row, then inside the open detail, then anywhere on the page
//   data-go="q"         followed by g, then q
//   [data-rows] [data-row]   j and k walk the rows, Enter opens [data-open], x ticks the row's checkbox
//   [data-search]       focused by /, or by g and / where the page has a search of its own
//   data-key-label      what ? calls it, where its own words don't

const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable]";
let going = 0;
let current = null; // id of the chosen row: rows are replaced by htmx, their ids stay

const shown = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.offsetParent !== null;
const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")].filter(shown);
const row = () => document.activeElement?.closest("[data-row]") ?? (current && document.getElementById(current)) ?? null;

function choose(next) {
  if (!next) return;
  for (const one of document.querySelectorAll("[data-row][tabindex='0']")) one.tabIndex = -1;
  next.tabIndex = 0;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  current = next.id || null;
}

function walk(by) {
  const all = rows();
  const at = all.indexOf(row());
  choose(at < 0 ? all[by > 0 ? 0 : all.length - 1] : all[Math.min(all.length - 1, Math.max(0, at + by))]);
}

function find(key) {
  const matching = `[data-key="${CSS.escape(key)}"]`;
  const places = [row(), document.querySelector("dialog[open]"), document.querySelector(".split-detail"), document];
  for (const place of places) {
    const found = [...(place?.querySelectorAll(matching) ?? [])].find((e) => shown(e) && !e.disabled && !e.closest("[inert]"));
    if (found) return found;
  }
  return null;
}

function press(element) {
  if (element.matches(TYPING)) return element.focus();
  element.click();
  if (element.matches("summary")) element.parentElement.querySelector(".menu-panel :is(input:not([type=hidden]), select, textarea, a, button)")?.focus();
}

const words = (element) => element.dataset.keyLabel || element.ariaLabel || element.textContent.replace(/\s+/g, " ").trim();

function help() {
  const dialog = document.getElementById("keys");
  const list = dialog?.querySelector("[data-keys-here]");
  if (!list || dialog.open) return;
  list.replaceChildren();
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const { key } = element.dataset;
    if (key === "Escape" || seen.has(key) || !shown(element)) continue;
    seen.add(key);
    const term = document.createElement("dt");
    const keys = document.createElement("dd");
    const cap = document.createElement("kbd");
    const label = element.cloneNode(true);
    label.querySelectorAll?.("kbd, svg").forEach((e) => e.remove());
    term.textContent = words(label);
    cap.textContent = key;
    keys.append(cap);
    list.append(term, keys);
  }
  list.hidden = !seen.size;
  dialog.querySelector("[data-far-search]").hidden = !seen.has("/");
  dialog.querySelectorAll("[data-needs-rows]").forEach((e) => { e.hidden = !rows().length; });
  dialog.showModal();
}
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-help]")) help();
});

const FIXED = {
  j: () => walk(1),
  k: () => walk(-1),
  "?": help,
  "/": () => document.querySelector("[data-search]")?.focus(),
  g: () => { going = Date.now(); },
  x: () => row()?.querySelector("input[type=checkbox]")?.click(),
};

function escape(event) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) menu.open = false;
  else if (event.target.matches(TYPING)) event.target.blur();
  else find("Escape")?.click();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const element = event.target;
  const modal = document.querySelector("dialog[open]");
  if (event.key === "Escape" && !modal) return escape(event);
  if (element.matches?.(TYPING)) return;
  if (event.key === "Enter" && element.matches?.("[data-row]")) {
    (element.querySelector("[data-open]") ?? element.querySelector("a"))?.click();
    return event.preventDefault();
  }
  if (going && Date.now() - going < 1500 && !modal) {
    going = 0;
    const there = document.querySelector(event.key === "/" ? "[data-search]" : `[data-go="${CSS.escape(event.key)}"]`);
    if (there) {
      event.preventDefault();
      return press(there);
    }
  }
  const declared = find(event.key);
  if (declared && (!modal || modal.contains(declared))) {
    event.preventDefault();
    return press(declared);
  }
  if (FIXED[event.key] && !modal) {
    event.preventDefault();
    FIXED[event.key]();
  }
});

document.addEventListener("focusin", ({ target }) => {
  const here = target.closest?.("[data-row]");
  if (here?.id) current = here.id;
});

// Rows came or went: one of them stays reachable by Tab, and the reader keeps the place.
function settle() {
  for (const list of document.querySelectorAll("[data-rows]")) {
    const all = [...list.querySelectorAll("[data-row]")];
    const kept = all.find((one) => one.id && one.id === current) ?? all[0];
    for (const one of all) one.tabIndex = one === kept ? 0 : -1;
  }
}
document.addEventListener("htmx:afterSettle", settle);
settle();
