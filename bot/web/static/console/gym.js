// The gym by keyboard: j and k go from group to group, a letter presses the button that carries it in the group one is at.
(() => {
  "use strict";
  const groups = () => [...document.querySelectorAll(".gym-group")];
  let place = -1; // of the group one is at, also after it was exchanged for what came of it

  function go(to) {
    const all = groups();
    if (!all.length) return;
    place = Math.max(0, Math.min(to, all.length - 1));
    all[place].focus({ preventScroll: true });
    all[place].scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("focusin", (event) => {
    const group = event.target.closest(".gym-group");
    if (group) place = groups().indexOf(group);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "j") go(place + 1);
    else if (event.key === "k") go(place - 1);
    else groups()[place]?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  });
  document.addEventListener("htmx:afterSettle", () => { if (document.activeElement === document.body && place >= 0) go(place); });
})();
