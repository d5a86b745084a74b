// What every page does by itself: the drawer of rooms, questions before actions, byte meters, messages about failed requests.
(() => {
  "use strict";
  const body = document.body;
  const bytes = new TextEncoder();

  function toast(text, tone = "danger", seconds = 8) {
    const notice = document.createElement("div");
    notice.className = `notice notice-${tone}`;
    notice.textContent = text;
    const toasts = document.getElementById("toasts");
    for (const known of [...toasts.children]) if (known.textContent === text) known.remove(); // said twice is shown once, anew
    toasts.append(notice);
    setTimeout(() => notice.remove(), seconds * 1000);
  }
  window.toast = toast;

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-rooms]")) body.classList.toggle("rooms-shown");
    else if (event.target.closest("[data-close-rooms]")) body.classList.remove("rooms-shown");
    if (event.target.closest("[data-go-back]")) history.back();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") body.classList.remove("rooms-shown"); });

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.ask;
    if (question && !confirm(question)) event.preventDefault();
  });

  function measure(meter) {
    const area = document.getElementById(meter.dataset.watch);
    if (!area) return;
    const used = bytes.encode(area.value).length;
    meter.querySelector("meter").value = used;
    meter.querySelector("b").textContent = used;
    meter.classList.toggle("over", used > Number(meter.dataset.limit));
  }
  function watchMeters(root) {
    for (const meter of root.querySelectorAll("[data-watch]")) {
      if (meter.dataset.watched) continue;
      meter.dataset.watched = "yes";
      measure(meter);
      document.getElementById(meter.dataset.watch)?.addEventListener("input", () => measure(meter));
    }
  }
  watchMeters(document);
  document.addEventListener("htmx:load", (event) => watchMeters(event.detail.elt));

  // A failed fragment leaves the page as it was; say why. The answer is plain text and is shown as such.
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.getResponseHeader("HX-Redirect")) return;
    const plain = (xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    toast(plain ? xhr.responseText : `${xhr.status}`);
  });
  // A live stream that says it is over means that the session is: loading again leads to the door.
  document.addEventListener("htmx:sseClose", (event) => { if (event.detail.type === "message") location.reload(); });
  document.addEventListener("htmx:sendError", () => toast(body.dataset.lost));
})();
