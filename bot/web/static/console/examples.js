// Examples by keyboard: arrows go from one to the next, a letter decides; after a decision the next one has the focus.
(() => {
  "use strict";
  const rows = () => [...document.querySelectorAll("[data-example]")];

  function go(row, step) {
    const all = rows();
    const next = all[all.indexOf(row) + step];
    if (next) next.focus();
    return Boolean(next);
  }

  function decide(row, key) {
    const choice = row.querySelector("[data-key=o]");
    if (key === "o") choice.focus();
    else if (key === "n") {
      choice.value = "-";
      row.querySelector("[value=move]").click();
    } else row.querySelector(`[data-key="${key}"]`)?.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest?.("[data-example]");
    const key = event.key.toLowerCase();
    if (!row) {
      if (event.target === document.body && ["arrowdown", "arrowup"].includes(key) && rows().length) {
        event.preventDefault();
        rows()[0].focus();
      }
      return;
    }
    if (event.target.matches("select")) {
      if (key === "enter") {
        event.preventDefault();
        row.querySelector("[value=move]").click();
      } else if (key === "escape") row.focus();
      return;
    }
    if (key === "arrowdown" || key === "arrowup") {
      event.preventDefault();
      go(row, key === "arrowdown" ? 1 : -1);
    } else if (["y", "n", "o", "x"].includes(key)) {
      event.preventDefault();
      decide(row, key);
    }
  });

  let following = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest?.("[data-example]");
    if (!row) return;
    const all = rows();
    following = all[all.indexOf(row) + 1] || all[all.indexOf(row) - 1] || null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    following?.focus();
    following = null;
  });
})();
