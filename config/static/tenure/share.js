// Copies a link or a text, and says that it was. Without this script it can be marked and copied by hand: the buttons
// stay hidden.
const told = document.querySelector("[data-copied]");
const shared = document.querySelector("script[data-shared]")?.dataset.shared;
const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;

function tell(channel) {
  if (!shared || !token) return;
  const values = new FormData();
  values.set("channel", channel);
  values.set("csrfmiddlewaretoken", token);
  navigator.sendBeacon(shared, values);
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const from = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(from.value ?? from.textContent.trim());
      if (told) told.textContent = told.dataset.copied;
      button.classList.add("copied");
    } catch {
      if (from.select) from.select();
      else getSelection().selectAllChildren(from);
    }
    tell(button.dataset.channel);
  });
}
