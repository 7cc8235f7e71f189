// Small comforts. Every page works without them.
"use strict";

document.documentElement.classList.add("js");

// Copy buttons: what is copied stands in the field or code element right before the button.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const source = button.previousElementSibling;
  if (!navigator.clipboard) return source.select?.(); // plain http
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  const name = button.ariaLabel;
  button.ariaLabel = button.textContent = "Copied";
  setTimeout(() => Object.assign(button, { ariaLabel: name, textContent: "Copy" }), 2000);
});

// A pasted secret cannot be seen; its length tells whether the paste went well.
document.addEventListener("input", (event) => {
  const counter = document.querySelector(`[data-length-of="${event.target.id}"]`);
  if (!counter) return;
  const length = event.target.value.trim().length;
  counter.textContent = length ? `${length} characters` : "";
});

// One click sends a form once.
document.addEventListener("submit", ({ target, submitter }) => {
  if (target.method !== "post" || !submitter) return;
  setTimeout(() => Object.assign(submitter, { disabled: true, ariaBusy: "true" }));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    Object.assign(button, { disabled: false, ariaBusy: null });
  }
});

// What somebody has opened stays open when the part around it is renewed.
let opened = [];
document.addEventListener("htmx:beforeSwap", () => {
  opened = Array.from(document.querySelectorAll("details[id][open]"), ({ id }) => id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

// An address that shows something once must not be loaded twice.
const [onlyOnce] = document.querySelectorAll("[data-then]");
if (onlyOnce) history.replaceState(null, "", onlyOnce.dataset.then);

// On a narrow screen the tab one is on may lie outside the strip.
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Relative times stay true while a page stays open. Same words as in templatetags/hub.py.
const UNITS = [[86400, "day"], [3600, "h"], [60, "min"]];

function retell(time) {
  const seconds = (Date.now() - new Date(time.dateTime)) / 1000;
  if (seconds > 0 && time.dataset.ago) {
    time.textContent = time.dataset.ago; // it was expected
    return;
  }
  const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? [];
  if (!unit) return;
  const count = Math.floor(Math.abs(seconds) / size);
  const words = `${count} ${unit}${unit === "day" && count > 1 ? "s" : ""}`;
  time.textContent = seconds > 0 ? `${words} ago` : `in ${words}`;
}

setInterval(() => document.querySelectorAll("time[data-ago]").forEach(retell), 30_000);
