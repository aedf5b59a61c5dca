// Choosing a time: in the reader's own zone from the start, and in another one as soon as it is chosen.
(() => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Questions come before the times: the zone goes along with the answers.
  const asking = document.querySelector("form[data-guess-zone]:not(.slots)");
  if (asking && own) asking.elements.tz.value = own;
  const form = document.querySelector("form.slots");
  const zones = form && form.elements.tz;
  if (!zones) return;
  const show = zones.parentElement.querySelector("button");
  show.hidden = true;
  zones.addEventListener("change", () => form.requestSubmit(show));
  if ("guessZone" in form.dataset && own && own !== zones.value) {
    const address = new URL(location.href);
    address.searchParams.set("tz", own);
    location.replace(address);
  }
})();
