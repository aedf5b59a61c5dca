// The sum of the weights while they are typed. The server refuses what does not add to 100, with or without this.
const form = document.querySelector("form[data-weights]");

function show() {
  const fields = [...form.querySelectorAll("[data-weight]")];
  const sum = fields.reduce((total, field) => total + (Number.parseInt(field.value, 10) || 0), 0);
  form.querySelector("[data-sum-line]").hidden = false;
  form.querySelector("[data-sum]").textContent = sum.toLocaleString(document.documentElement.lang);
  form.querySelector("[data-sum-right]").hidden = sum !== 100;
  form.querySelector("[data-sum-wrong]").hidden = sum === 100;
}

if (form) {
  form.addEventListener("input", show);
  show();
}
