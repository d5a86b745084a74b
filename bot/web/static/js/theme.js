// Runs before the page is painted: light or dark, as chosen here or as the system says.
(() => {
  "use strict";
  const key = "zhaohu-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const choice = () => { try { return localStorage.getItem(key) || "auto"; } catch { return "auto"; } };
  const paint = () => {
    const chosen = choice();
    document.documentElement.dataset.bsTheme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
    for (const button of document.querySelectorAll("[data-theme-choice]")) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
    document.dispatchEvent(new CustomEvent("theme-painted"));
  };
  paint();
  system.addEventListener("change", paint);
  document.addEventListener("DOMContentLoaded", paint);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try { localStorage.setItem(key, button.dataset.themeChoice); } catch { /* private windows may keep nothing */ }
    paint();
  });
})();
