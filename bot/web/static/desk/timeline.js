// The open dialogue on the page: new items are put in place by their key and time, and the reader stays where they read.
window.deskTimeline = (() => {
  "use strict";
  const NEAR_PIXELS = 80;
  const byId = (id) => document.getElementById(id);
  const isNearEnd = () => { const box = byId("scroll"); return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PIXELS; };

  function toEnd() {
    const box = byId("scroll"), button = byId("to-newest");
    if (box) box.scrollTop = box.scrollHeight;
    if (button) button.hidden = true;
  }

  // Ids are longer than numbers can be here; they stay texts. "data-id" exists on what was said or happened, not on marks.
  function asked() {
    const items = [...document.querySelectorAll("#timeline > [data-key]")];
    const said = items.filter((item) => item.dataset.id);
    const unsettled = said.find((item) => item.classList.contains("unsettled"));
    const newest = said.reduce((a, b) => (a && isLater(a.dataset.id, b.dataset.id) ? a : b), null);
    const values = new URLSearchParams({ after: newest ? newest.dataset.id : "0", at: items.length && document.querySelector("#timeline > .older") ? items[0].dataset.at : "0" });
    if (unsettled) values.set("check", unsettled.dataset.id);
    return values;
  }
  const isLater = (a, b) => (a.length === b.length ? a > b : a.length > b.length);

  function place(list, item) {
    const known = list.querySelector(`[data-key="${item.dataset.key}"]`);
    if (known) {
      const open = known.querySelector("details")?.open;
      if (known.outerHTML === item.outerHTML) return false;
      known.replaceWith(item);
      if (open) item.querySelector("details").open = true;
      return false;
    }
    const later = [...list.children].find((other) => other.dataset.at && Number(other.dataset.at) > Number(item.dataset.at));
    list.insertBefore(item, later || null);
    return true;
  }

  // Takes the answer to "what is new"; returns how many items were not known before.
  function merge(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html"), list = byId("timeline");
    if (!list) return 0;
    const followed = isNearEnd();
    let added = 0;
    for (const item of fresh.querySelectorAll("ol.fresh > li")) {
      const taken = document.adoptNode(item);
      if (place(list, taken)) added += 1;
      htmx.process(taken);
    }
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const old = byId(part.dataset.part);
      if (!old) continue;
      const taken = document.adoptNode(part);
      old.replaceWith(taken);
      htmx.process(taken);
    }
    if (added && followed) toEnd();
    else if (added) byId("to-newest").hidden = false;
    return added;
  }

  // A picture takes its room only once it is there: whoever was at the end stays there.
  document.addEventListener("load", (event) => {
    const box = byId("scroll");
    if (!event.target.matches?.("img[data-media]") || !box) return;
    if (box.scrollHeight - box.scrollTop - box.clientHeight < event.target.height + NEAR_PIXELS) toEnd();
  }, true);
  // What WeChat no longer has is said in words; errors of pictures do not bubble, so they are caught on their way down.
  function gone(picture) {
    picture.hidden = true;
    picture.nextElementSibling.hidden = false;
  }
  document.addEventListener("error", (event) => {
    if (event.target.matches?.("img[data-media]")) gone(event.target);
  }, true);
  for (const picture of document.querySelectorAll("img[data-media]")) if (picture.complete && !picture.naturalWidth) gone(picture); // before this ran

  return { merge, asked, toEnd, isNearEnd };
})();
