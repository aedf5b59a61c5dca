// The page was looked at for five seconds and nobody did anything: the number that was clicked in the mail is told,
// as provisional. Whoever does something decides by sending, or by leaving.
const WAIT = 5000;
const form = document.querySelector("form[data-survey]");
let seen = 0;
let since = 0;
let timer = 0;
let over = !form?.dataset.survey;

const stop = () => {
  over = true;
  clearTimeout(timer);
};

function tell() {
  const values = new FormData(form);
  stop();
  if (values.get("score")) navigator.sendBeacon(form.dataset.survey, values); // carries the form's CSRF token
}

// Only time in which the page can be seen counts.
function watch() {
  if (over) return;
  clearTimeout(timer);
  if (document.visibilityState === "visible") {
    since = performance.now();
    timer = setTimeout(tell, WAIT - seen);
  } else if (since) {
    seen += performance.now() - since;
    since = 0;
  }
}

for (const name of ["input", "submit", "keydown", "pointerdown"]) form?.addEventListener(name, stop, { once: true });
document.addEventListener("visibilitychange", watch);
watch();
