// Small comforts; every page works without them.
"use strict";

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const what = document.getElementById(button.dataset.copy);
    const items = [...what.querySelectorAll("li")].map((item) => item.textContent);
    await navigator.clipboard.writeText(what.value ?? items.join("\n"));
    button.querySelector("span").textContent = button.dataset.done;
  });
}

// A second click must not send a form twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
}

const wrong = document.getElementById("wrong");
if (wrong) wrong.scrollIntoView({ block: "center" });

// On a phone the places stand in a row: the one we are at may lie beyond its edge.
const here = document.querySelector("nav [aria-current=page]");
const row = here && here.closest("nav");
if (row && row.scrollWidth > row.clientWidth) {
  row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - 16;
}
