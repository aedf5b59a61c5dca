// The queue in the browser. The server draws the list; here it is merged into the open page line by line, so
// that nobody loses the row they are on, the boxes they ticked or the words they are typing.

const $ = (id) => document.getElementById(id);
const list = () => $("queue-list");
const rows = () => [...document.querySelectorAll("#queue-rows > [data-row]")];
const detail = $("detail");
const narrow = matchMedia("(max-width: 63.99rem)");
const EVERY = 10_000;
const FRESHEN = 30; // every so many looks the times ("2 h late") are drawn anew

let opened = null; // id of the row whose panel is open
let here = null; // the row one was on last

// Merging -----------------------------------------------------------------------------------------

const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

function refill(old, fresh) {
  const ticked = old.querySelector(".fu-check")?.checked;
  old.replaceChildren(...fresh.childNodes);
  old.classList.toggle("broken", fresh.classList.contains("broken"));
  if (ticked && old.querySelector(".fu-check")) old.querySelector(".fu-check").checked = true;
  htmx.process(old);
}

// Where to go when the row one is on leaves: the next one down, else the last above.
function refuge(staying) {
  const all = rows();
  const at = all.findIndex((row) => row.id === here);
  const below = all.slice(at + 1).find((row) => staying.has(row.id));
  return below ?? all.slice(0, Math.max(0, at)).reverse().find((row) => staying.has(row.id)) ?? null;
}

function mergeRows(old, fresh) {
  const before = new Map([...old.children].map((line) => [line.id, line]));
  const staying = new Set([...fresh.children].map((line) => line.id));
  const leaving = here && before.has(here) && !staying.has(here) ? before.get(here) : null;
  const next = leaving ? refuge(staying) : null;
  const came = [];
  for (const [id, line] of before) if (!staying.has(id)) line.remove();
  let place = old.firstElementChild;
  for (const line of [...fresh.children]) {
    const mine = before.get(line.id);
    if (!mine) {
      old.insertBefore(line, place);
      htmx.process(line);
      if (line.matches("[data-row]")) came.push(line);
      continue;
    }
    if (mine.id === "queue-more" || words(mine) !== words(line)) refill(mine, line);
    if (mine === place) place = place.nextElementSibling;
    else old.insertBefore(mine, place);
  }
  return { came, leaving, next };
}

function merge(html, { announce = true } = {}) {
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("queue-list");
  if (!fresh || !list()) return;
  const focused = document.activeElement?.closest?.("[data-row]")?.id;
  const { came, leaving, next } = mergeRows($("queue-rows"), fresh.querySelector("#queue-rows"));
  $("queue-foot").replaceChildren(...fresh.querySelector("#queue-foot").childNodes);
  htmx.process($("queue-foot"));
  list().dataset.mark = fresh.dataset.mark;
  if (announce) welcome(came);
  if (focused && $(focused) && !document.activeElement?.closest?.("[data-row]")) stand($(focused));
  if (leaving) moveOn(leaving.id, next);
  count();
  htmx.trigger(document.body, "queueMerged");
  return came;
}

function welcome(came) {
  for (const row of came) row.classList.add("fresh");
  if (came.length) $("queue-says").textContent = `${$("queue-says").dataset.new} ${came.map((row) => row.querySelector(".fu-title").textContent.trim()).join(", ")}`;
}

// The row one worked on is gone: on with the next, in the panel too if that showed it.
function moveOn(gone, next) {
  const busy = document.activeElement?.closest?.("dialog, form:not(#bulk), .split-detail") && opened !== gone;
  if (opened === gone) next ? open(next, { focus: false }) : shut();
  if (next && !busy) stand(next);
  here = next?.id ?? null;
}

function stand(row) {
  for (const other of rows()) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// The panel ---------------------------------------------------------------------------------------

async function open(row, { focus = true } = {}) {
  const link = row.querySelector("[data-open]");
  if (narrow.matches) return location.assign(link.href); // on a phone the panel is a page: the way back is the browser's
  opened = here = row.id;
  show();
  const before = row.getBoundingClientRect().top;
  detail.inert = true; // what stands there still is about another row
  await htmx.ajax("GET", link.href, { target: "#detail", swap: "innerHTML" }).catch(() => {}); // app.js has said so
  if (opened !== row.id) return; // on to the next one meanwhile
  detail.inert = false;
  opened = shown();
  show();
  remember();
  hold(row, before);
  detail.scrollTop = 0;
  if (focus && opened === row.id) $("detail-title")?.focus({ preventScroll: true });
}

// The row whose follow-up the panel has, whatever was asked for.
const shown = () => ($("panel") ? `f${$("panel").dataset.id}` : null);

// For the way back from another page, and for a page that is loaded again.
const remember = () => history.replaceState({ ...history.state, opened }, "");

function show() {
  for (const row of rows()) row.classList.toggle("open", row.id === opened);
}

// The list narrows and widens with the panel; the row one looks at stays where it was.
function hold(row, top) {
  scrollBy({ top: row.getBoundingClientRect().top - top, behavior: "instant" });
}

function shut() {
  const row = opened && $(opened);
  const before = row?.getBoundingClientRect().top;
  detail.replaceChildren();
  detail.inert = false;
  opened = null;
  remember();
  show();
  if (row) hold(row, before);
  if (row) stand(row);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#queue-rows [data-open]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link.closest("[data-row]"));
});
document.addEventListener("click", ({ target }) => {
  if (target.closest?.('[data-clear="#detail"]')) shut();
});

// Acting on the row one is on, the panel, or those chosen ------------------------------------------

const chosen = () => document.querySelectorAll("#queue-rows .fu-check:checked");

function act(verb, row) {
  const may = verb === "call" ? document.querySelector("[data-act=call]") : row?.querySelector(".fu-check");
  if (!row || !may) return;
  here = row.id;
  const button = document.querySelector(`#bulk [data-key="${{ done: "d", snooze: "s", "hand-over": "a" }[verb]}"]`);
  if (button && row.querySelector(".fu-check:checked")) return button.click();
  htmx.ajax("GET", `${row.querySelector("[data-open]").getAttribute("href")}${verb}/`, { target: "#act", swap: "innerHTML" });
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-act]");
  if (button) act(button.dataset.act, button.closest("[data-row]") ?? $(here));
});

const KEYS = { d: "done", s: "snooze", a: "hand-over", c: "call" };
const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea";

let went = 0; // g and a letter go to another page: that letter is not ours

// Before keys.js, which would look into the open panel first: a row that has the focus means itself.
document.addEventListener("keydown", (event) => {
  const going = Date.now() - went < 1500;
  went = event.key === "g" ? Date.now() : 0;
  if (going || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key] || document.querySelector("dialog[open]")) return;
  if (event.target.matches?.(TYPING)) return;
  const row = event.target.closest?.("#queue-rows > [data-row]");
  const bulk = chosen().length && document.querySelector(`#bulk [data-key="${event.key}"]`);
  if (bulk) bulk.click();
  else if (row) act(KEYS[event.key], row);
  else return;
  event.preventDefault();
}, true);

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("#queue-rows > [data-row]");
  if (row) here = row.id;
});

// Three buttons that follow the mouse: fifty copies of them would be a third of the page.
const tools = $("row-acts");
document.addEventListener("pointerover", ({ target, pointerType }) => {
  if (!tools || pointerType !== "mouse") return;
  const row = target.closest?.("#queue-rows > [data-row]");
  if (row === tools.parentElement) return;
  tools.hidden = !row?.querySelector(".fu-check") || chosen().length > 0;
  if (!tools.hidden) row.append(tools);
});

function count() {
  const output = $("bulk-count");
  if (output) output.value = chosen().length;
  if (tools && chosen().length) tools.hidden = true; // the bar below speaks for those chosen
  const all = document.querySelector("[data-select-all]");
  if (all) all.checked = chosen().length > 0 && chosen().length === document.querySelectorAll("#queue-rows .fu-check").length;
}
document.addEventListener("change", ({ target }) => {
  if (target.matches(".fu-check")) count();
  if (target.matches(".outcomes input")) target.focus(); // chosen by its number: Enter sends
});
document.addEventListener("reset", ({ target }) => {
  if (target.id === "bulk") setTimeout(count);
});
document.addEventListener("click", ({ target }) => {
  const preset = target.closest?.("[data-fill]");
  if (!preset) return;
  const field = $(preset.dataset.fill);
  field.value = preset.dataset.value;
  const rest = [...field.form.querySelectorAll("input:not([type=hidden]), textarea")];
  rest.slice(rest.indexOf(field) + 1)[0]?.focus();
});

// What the server answers --------------------------------------------------------------------------

document.addEventListener("htmx:configRequest", ({ detail: request }) => {
  request.headers["Queue-Rows"] = rows().length;
});

document.addEventListener("htmx:beforeSwap", ({ detail: answer }) => {
  if (answer.target?.id !== "queue-list" || answer.xhr.getResponseHeader("HX-Reswap") !== "none") return;
  answer.shouldSwap = false;
  const returning = here;
  const reading = opened;
  const came = merge(answer.serverResponse, { announce: false });
  if (came?.length && answer.requestConfig.elt.matches(".toast-undo")) here = came[0].id; // back where one was
  if (opened && opened === reading && $(opened)) htmx.ajax("GET", $(opened).querySelector("[data-open]").href, { target: "#detail", swap: "innerHTML" });
  // The dialog closes after this; where the focus goes then is for us to say.
  setTimeout(() => {
    const row = $(here ?? "") ?? $(returning ?? "") ?? rows()[0];
    if (row && !document.activeElement?.closest?.(".split-detail")) stand(row);
  });
});

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (target?.id === "detail") show();
  count();
});

// The tab whose address the filters have now is the current one.
document.addEventListener("htmx:pushedIntoHistory", ({ detail: { path } }) => {
  for (const view of document.querySelectorAll("#queue-views .view")) {
    if (view.getAttribute("href") === path) view.setAttribute("aria-current", "page");
    else view.removeAttribute("aria-current");
  }
});

// News ---------------------------------------------------------------------------------------------

let looks = 0;
let waits = 0;
let timer = 0;

async function look() {
  clearTimeout(timer);
  if (!list() || document.hidden) return; // visibilitychange starts it again
  const query = new URLSearchParams(location.search);
  const paged = query.has("after");
  query.set("mark", ++looks % FRESHEN ? list().dataset.mark : "");
  query.set("n", rows().length);
  try {
    const answer = paged ? { status: 204 } : await fetch(`/queue/news/?${query}`, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
    if (answer.status === 200) merge(await answer.text());
    if (answer.status === 401) return; // signed out: the next click leads to the sign-in
    waits = answer.status < 500 ? 0 : waits + 1;
  } catch {
    waits += 1;
  }
  timer = setTimeout(look, EVERY * Math.min(6, 1 + waits));
}
document.addEventListener("visibilitychange", look);
timer = setTimeout(look, EVERY);

const left = $(history.state?.opened ?? "");
if (left && !narrow.matches) open(left, { focus: false });
