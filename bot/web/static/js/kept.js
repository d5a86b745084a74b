// What somebody typed outlives the door: a form that did not get through, because the session had ended, the password was asked for again or the page
// was too old, is filled in again where it stands. Kept in this tab alone, for whoever typed it; passwords and files are not kept.
(() => {
  "use strict";
  const KEY = "kept-form", AT_ONCE_MS = 60000;
  const body = document.body;
  const isKept = (control) => control.name && control.name !== "csrf_token" && !["password", "file", "submit", "button"].includes(control.type);
  const isTyped = (control) => isKept(control) && control.type !== "hidden" && !["checkbox", "radio"].includes(control.type) && control.value.trim() !== "";
  const address = (form) => form.getAttribute("action") || form.getAttribute("hx-post") || location.pathname;
  const alike = (form) => [...document.forms].filter((other) => address(other) === address(form));

  function read() { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } }
  function write(kept) { try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* too large, or not allowed here */ } }
  function forget() { try { sessionStorage.removeItem(KEY); } catch { /* not allowed here */ } }

  function keep(form) {
    forget();
    const controls = [...form.elements];
    if (form.method !== "post" && !form.hasAttribute("hx-post") || !controls.some(isTyped)) return;
    const values = controls.filter(isKept).map(({ name, value, checked }) => ({ name, value, checked: Boolean(checked) }));
    write({ address: address(form), place: alike(form).indexOf(form), user: body.dataset.user, at: Date.now(), values });
  }

  function fill(form, values) {
    const filled = [], used = {};
    for (const control of [...form.elements].filter(isKept)) {
      const nth = used[control.name] = (used[control.name] ?? -1) + 1;
      const known = values.filter((each) => each.name === control.name)[nth];
      if (!known) continue;
      if (["checkbox", "radio"].includes(control.type)) control.checked = known.checked;
      else if (control.tagName !== "SELECT" || [...control.options].some((option) => option.value === known.value)) control.value = known.value;
      if (control.type !== "hidden") filled.push(control);
      control.closest("details")?.setAttribute("open", "");
    }
    return filled;
  }

  function giveBack(kept) {
    const form = [...document.forms].filter((each) => address(each) === kept.address)[kept.place];
    if (!form) return; // another page: it waits until its own is opened
    forget();
    const filled = fill(form, kept.values);
    // Byte meters, previews and questions before leaving hear of it once everything listens.
    addEventListener("load", () => {
      for (const control of filled) for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true }));
      window.toast(body.dataset.kept, "warning", 12);
    });
  }

  const kept = read();
  if (kept && body.classList.contains("door")) {
    if (kept.stopped || Date.now() - kept.at < AT_ONCE_MS) {
      write({ ...kept, stopped: true });
      for (const note of document.querySelectorAll("[data-kept-note]")) note.hidden = false;
    } else forget();
  } else if (kept?.stopped && kept.user === body.dataset.user) giveBack(kept);
  else if (kept) forget();

  // Before anybody else hears of it: a fragment's form is taken over, but may meet the same door.
  document.addEventListener("submit", (event) => { if (!body.classList.contains("door")) keep(event.target); }, true);
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && event.detail.elt.tagName === "FORM") forget(); });
})();
