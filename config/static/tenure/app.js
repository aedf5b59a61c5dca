// What every page does beyond links and forms. Elements say what they want in data-* attributes,
// so nothing here knows any page, and everything keeps working in parts that htmx brings later.

const toasts = document.getElementById("toasts");
const say = (name) => toasts?.dataset[name] ?? "";

// Toasts ------------------------------------------------------------------------------------------

const MARKS = {
  success: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM5.2 8.2l2 2 3.6-4",
  info: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.4v3.8M8 4.8v.01",
  error: "M8 2.2 14.3 13.3H1.7zM8 6.4v3M8 11.4v.01",
  close: "m4 4 8 8M12 4l-8 8",
};
const SVG = "http://www.w3.org/2000/svg";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", MARKS[name] ?? MARKS[name === "warning" ? "error" : "info"]);
  svg.append(path);
  return svg;
}

// Errors stay until they are dismissed; the rest leaves when nobody is reading it.
function fade(toast) {
  if (toast.matches(".toast-error")) return;
  const seconds = toast.querySelector(".toast-undo") ? 20 : 6;
  setTimeout(() => (toast.matches(":hover, :focus-within") ? fade(toast) : toast.remove()), seconds * 1000);
}

// An open dialog covers the page: the toasts go on top of it.
function raise() {
  toasts.popover = "manual";
  if (toasts.matches(":popover-open")) toasts.hidePopover();
  toasts.showPopover();
}

// A button that takes it back, where the page has one; its key means what was done last. One older offer stays beside
// it: more would cover the list that one works through.
function undo(at) {
  const form = document.getElementById("undo")?.content.firstElementChild.cloneNode(true);
  if (!form) return [];
  const offers = toasts.querySelectorAll(".toast:has(.toast-undo):not(:focus-within)");
  for (const older of [...offers].slice(0, -1)) older.remove();
  for (const older of toasts.querySelectorAll("[data-key=u]")) delete older.dataset.key;
  form.elements.at.value = at;
  return [form];
}

export function toast(level, text, at = "") {
  const box = document.createElement("div");
  const words = document.createElement("p");
  const close = document.createElement("button");
  box.className = `toast toast-${level}`;
  words.textContent = text;
  Object.assign(close, { type: "button", className: "toast-close", ariaLabel: say("closeLabel") });
  close.dataset.dismiss = "";
  close.append(icon("close"));
  box.append(icon(level), words, ...(at ? undo(at) : []), close);
  toasts.append(box);
  window.htmx?.process(box);
  raise();
  while (toasts.children.length > 4) toasts.firstElementChild.remove();
  fade(box);
}

toasts?.querySelectorAll(".toast").forEach(fade);

document.addEventListener("toast", ({ detail }) => {
  const list = Array.isArray(detail.value) ? detail.value : [detail];
  for (const { level = "info", text, undo: at } of list) if (text) toast(level, text, at);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.xhr.status) detail.elt.closest?.(".toast")?.remove(); // undone, or too late: the answer has said so
});
document.addEventListener("htmx:responseError", ({ detail }) => {
  // A sentence that came with the answer (HX-Trigger) is better than ours.
  if (!detail.xhr.getResponseHeader("HX-Trigger")?.includes("toast")) toast("error", say("failed"));
});
document.addEventListener("htmx:sendError", () => toast("error", say("offline")));

// One listener for clicks -------------------------------------------------------------------------

const openMenus = () => document.querySelectorAll("details.menu[open]");

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast("success", say("copied"));
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling ?? button);
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : document.body;
  for (const menu of openMenus()) {
    const chose = target.closest(".menu-item") && menu.contains(target) && !target.closest("[data-stay]");
    if (!menu.contains(target) || chose) menu.open = false;
  }
  target.closest("[data-dismiss]")?.closest(".toast")?.remove();
  target.closest("[data-close]")?.closest("dialog")?.close();
  if (target instanceof HTMLDialogElement && !target.dataset.strict) target.close(); // the backdrop
  const opener = target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const copier = target.closest("[data-copy]");
  if (copier) copy(copier);
  const clearer = target.closest("[data-clear]");
  if (clearer) document.querySelector(clearer.dataset.clear)?.replaceChildren();
});

// Time zones --------------------------------------------------------------------------------------

// The browser knows where its reader is: that zone stands among the likely ones.
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const select of document.querySelectorAll("select[data-zones]")) {
  const [likely] = select.querySelectorAll("optgroup");
  const found = [...select.options].find((option) => option.value === own);
  if (!likely || !found || likely.contains(found)) continue;
  const copy = found.cloneNode(true);
  copy.selected = copy.defaultSelected = false;
  likely.append(copy);
}

// Menus -------------------------------------------------------------------------------------------

function step(items, key) {
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[key];
  items.at(next >= items.length ? 0 : next)?.focus();
}

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.key === "Escape") {
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (menu && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) && !event.target.matches("input, select, textarea")) {
    event.preventDefault();
    step([...menu.querySelectorAll(".menu-item:not([disabled])")], event.key);
  }
});
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("details.menu[open]")) for (const other of openMenus()) if (other !== target && !other.contains(target)) other.open = false;
}, true);

// Search: arrows go through what was found -----------------------------------------------------

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".search");
  const hits = box ? [...box.querySelectorAll(".search-hit")] : [];
  if (!box) return;
  if (event.key === "Escape") {
    box.querySelector(".search-results")?.replaceChildren();
    event.target.blur();
  } else if (hits.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    step([box.querySelector("input"), ...hits], event.key);
  } else if (event.key === "Enter" && event.target.matches("[data-search]") && hits.length) {
    event.preventDefault();
    hits[0].click();
  }
});

// Dialogs that htmx brings open themselves; one that a write answered with HX-Trigger closes ------

document.addEventListener("htmx:afterSettle", ({ target }) => {
  const dialog = target.matches?.("dialog[data-open]") ? target : target.querySelector?.("dialog[data-open]:not([open])");
  if (dialog && !dialog.open) dialog.showModal();
});
document.addEventListener("closeDialog", () => document.querySelectorAll("dialog[open]").forEach((d) => d.close()));

// Theme: at once here, and by the cookie of the answer from then on -------------------------------

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-theme-form]") && event.submitter) {
    event.preventDefault();
    const theme = event.submitter.value;
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    for (const button of form.querySelectorAll("[name=theme]")) button.ariaPressed = String(button === event.submitter);
    fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
  }
});

// Forms -------------------------------------------------------------------------------------------

// data-submit: choosing is enough, there is no button to press.
document.addEventListener("change", ({ target }) => {
  if (target.closest("[data-submit]")) target.form?.requestSubmit();
});

// data-guard: leaving with changes that were not saved asks first.
const changed = new Set();
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-guard]");
  if (form) changed.add(form);
});
document.addEventListener("submit", ({ target }) => changed.delete(target));
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});

// A form sent twice by a nervous double click is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && form.method === "post" && !form.matches("[hx-post], [data-theme-form]")) event.preventDefault();
  else if (!event.defaultPrevented) form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 3000); // a download leaves the page standing
});
// What htmx sends on its own (steps that are ticked) says with hx-sync how it waits. A form that somebody sends does
// not wait behind itself: it would be sent again once the first answer is there, and a call be logged twice.
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => { if (elt.matches?.("form[hx-post]")) elt.ariaBusy = "true"; });
document.addEventListener("htmx:afterRequest", ({ detail: { elt } }) => { if (elt.matches?.("form[hx-post]")) elt.ariaBusy = null; });
document.addEventListener("htmx:confirm", (event) => {
  const { elt, verb, triggeringEvent } = event.detail;
  if (verb === "post" && triggeringEvent?.type === "submit" && elt.matches("form[aria-busy]:not([hx-sync])")) event.preventDefault();
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// A bad form comes back as itself: put the reader where the first mistake is.
// Where the form itself was swapped, the target that was named is gone: what came in its place is the event's.
document.addEventListener("htmx:afterSettle", ({ detail, target }) => {
  const place = detail.target.isConnected ? detail.target : target;
  if (detail.xhr?.status === 422) (place.querySelector("[aria-invalid=true]") ?? place.querySelector(".form-errors"))?.focus();
});

// data-select-all="name": one box for all boxes of that name.
document.addEventListener("change", ({ target }) => {
  const name = target.dataset?.selectAll;
  const boxes = (of) => document.querySelectorAll(`input[type=checkbox][name="${of}"]:not([data-select-all])`);
  if (name) boxes(name).forEach((box) => { if (box.checked !== target.checked) box.click(); });
});

// On a phone the parts of the settings, and tabs, stand in one long line: the open one is to be seen.
for (const part of document.querySelectorAll(".subnav [aria-current], .tabs > [aria-current]")) {
  const line = part.parentElement.getBoundingClientRect(), place = part.getBoundingClientRect();
  part.parentElement.scrollLeft += place.left - line.left - (line.width - place.width) / 2;
}
