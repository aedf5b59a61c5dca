// Cards of the board can be dragged from one stage to another. It presses the button that the card's menu has for it:
// whatever the mouse can do here, the menu and the keyboard (m) can do too.

const lanes = "[data-lane]";
let dragged = null;

const button = (card, lane) => card?.querySelector(`button[name="stage"][value="${CSS.escape(lane.dataset.lane)}"]`);

function mark(lane) {
  for (const one of document.querySelectorAll(`${lanes}.over`)) if (one !== lane) one.classList.remove("over");
  lane?.classList.add("over");
}

function arm() {
  for (const card of document.querySelectorAll("[data-card]")) card.draggable = true;
}

document.addEventListener("dragstart", ({ target, dataTransfer }) => {
  dragged = target.closest?.("[data-card]") ?? null;
  if (!dragged) return;
  dataTransfer.effectAllowed = "move";
  dataTransfer.setData("text/plain", dragged.dataset.card);
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const lane = event.target.closest?.(lanes);
  if (!lane || !button(dragged, lane)) return mark(null);
  event.preventDefault();
  mark(lane);
});

document.addEventListener("drop", (event) => {
  const lane = event.target.closest?.(lanes);
  const move = lane && button(dragged, lane);
  if (!move) return;
  event.preventDefault();
  move.click();
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  mark(null);
});

document.addEventListener("htmx:afterSettle", arm);
arm();
