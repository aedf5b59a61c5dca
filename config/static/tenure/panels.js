// Boxes that load themselves (data-panel): one that fails says so in one quiet line of its own,
// and the page around it goes on.

function quiet(event) {
  const panel = event.detail.elt;
  if (!panel?.matches?.("[data-panel]")) return;
  event.stopPropagation(); // no toast: nothing the reader did has failed
  const line = document.createElement("p");
  line.className = "muted small";
  line.textContent = panel.dataset.failed;
  panel.replaceChildren(line);
}

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, quiet, true);
}
