// The pocket WeChat: sends what the thumb does, and shows what came. Everything shown is made by the server; this only puts it in order.
(() => {
  "use strict";
  const pocket = document.getElementById("pocket");
  const talk = document.getElementById("talk");
  const frame = document.getElementById("talk-frame");
  const title = document.getElementById("phone-title");
  const text = document.getElementById("text");
  const GAP_SECONDS = 300; // after so long a silence WeChat writes the time
  const POLL_MS = 3000;
  const NEWEST_ROWS = 400;
  let cursor = BigInt(pocket.dataset.cursor);
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- what came ----

  function arrange() {
    let before = 0;
    for (const line of all(".when", talk)) line.remove();
    const rows = all(".row:not(.row-typing)", talk);
    for (const row of rows) {
      const at = Number(row.dataset.at);
      if (at - before > GAP_SECONDS) {
        const line = document.createElement("li");
        line.className = "when";
        line.textContent = row.dataset.when;
        row.before(line);
      }
      before = at;
    }
    byId("welcome").hidden = rows.length > 0;
    byId("chips").hidden = all('.row-me[data-kind="text"]', talk).length > 0;
    const last = [...talk.children].at(-1);
    title.textContent = last?.dataset.kind === "on" && Date.now() / 1000 - Number(last.dataset.at) < 20 ? pocket.dataset.typing : pocket.dataset.name;
    frame.scrollTop = frame.scrollHeight;
  }

  function put(row) {
    if (byId(row.id)) return false;
    const id = BigInt(row.dataset.id);
    const after = all(".row", talk).findLast((other) => BigInt(other.dataset.id) < id);
    row.classList.add("row-new");
    if (after) after.after(row); else talk.prepend(row);
    if (id > cursor) cursor = id;
    return true;
  }

  let catching = null;
  let wanted = false;
  function catchUp() {
    wanted = true;
    catching ??= (async () => {
      while (wanted) {
        wanted = false;
        const answer = await fetch(`${pocket.dataset.news}?after=${cursor}`);
        if (!answer.ok) break;
        const holder = document.createElement("template");
        holder.innerHTML = await answer.text();
        if (all(".row", holder.content).filter(put).length) arrange();
        for (const old of all(".row", talk).slice(0, -NEWEST_ROWS)) old.remove();
      }
    })().catch(() => {}).finally(() => { catching = null; });
    return catching;
  }

  // ---- what is done ----

  function token() { return JSON.parse(document.body.getAttribute("hx-headers")); }

  async function post(address, values) {
    try {
      const answer = await fetch(address, { method: "POST", headers: { ...token(), Accept: "text/plain" }, body: new URLSearchParams(values) });
      const follows = answer.headers.get("X-Phone-Follows");
      if (follows) pocket.dataset.follows = follows;
      if (answer.ok) return await answer.text();
      const plain = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
      window.toast(plain ? await answer.text() : `${pocket.dataset.lost} (${answer.status})`);
    } catch { window.toast(pocket.dataset.lost); }
    return null;
  }

  function explain(html) { byId("happened-inside").innerHTML = html; }

  async function perform(deed) {
    const html = await post(pocket.dataset.push, { ...deed, safe: byId("safe").checked ? "on" : "off" });
    if (html === null) return false;
    explain(html);
    await catchUp();
    return true;
  }

  // ---- the foot: menu or keyboard, and the panel behind the plus ----

  function closeSubs() {
    for (const button of all("[data-sub]")) { button.setAttribute("aria-expanded", "false"); button.nextElementSibling.hidden = true; }
  }
  function showFoot(which) {
    closeSubs();
    byId("menu").hidden = which !== "menu" || !byId("menu").querySelector(".menu-item");
    byId("typing").hidden = !byId("menu").hidden;
  }
  function showPlus(which) {
    byId("plus-panel").hidden = which === "";
    byId("plus-grid").hidden = which !== "grid";
    for (const form of all(".plus-form")) form.hidden = form.id !== which;
    byId("plus").setAttribute("aria-expanded", String(which !== ""));
    if (which !== "places") byId("place-key").value = "";
    frame.scrollTop = frame.scrollHeight;
  }
  function showPanel(which) {
    for (const side of all(".pocket-side")) side.classList.toggle("shown", side.id === which);
    pocket.classList.toggle("panel-shown", which !== "");
    for (const button of all("[data-panel][aria-controls]")) button.setAttribute("aria-expanded", String(button.dataset.panel === which));
    if (which) byId(which).querySelector("button, select").focus();
  }

  document.addEventListener("click", async (event) => {
    const at = (selector) => event.target.closest(selector);
    const sub = at("[data-sub]");
    if (sub) {
      const open = sub.getAttribute("aria-expanded") === "true";
      closeSubs();
      sub.setAttribute("aria-expanded", String(!open));
      sub.nextElementSibling.hidden = open;
      return;
    }
    const deed = at("[data-deed]");
    const hadPlus = Boolean(at("#plus-panel"));
    closeSubs();
    if (deed) {
      if (hadPlus) showPlus("");
      if (deed.closest("#controls") && innerWidth < 900) showPanel("");
      await perform(JSON.parse(deed.dataset.deed));
    } else if (at("[data-explain]")) {
      const answer = await fetch(pocket.dataset.turns.replace(/0$/, at("[data-explain]").dataset.explain));
      if (answer.ok) explain(await answer.text());
      if (innerWidth < 900) showPanel("happened");
    } else if (at("[data-foot]")) {
      showFoot(at("[data-foot]").dataset.foot);
      showPlus("");
      if (at("[data-foot]").dataset.foot === "typing") text.focus(); else byId("menu").querySelector("button").focus();
    } else if (at("[data-plus]")) showPlus(byId("plus-panel").hidden ? "grid" : "");
    else if (at("[data-plus-open]")) { showPlus(at("[data-plus-open]").dataset.plusOpen); }
    else if (at("[data-pick-place]")) { showPlus("places"); byId("place-key").value = at("[data-pick-place]").dataset.pickPlace; }
    else if (at("[data-place]")) {
      const key = byId("place-key").value;
      showPlus("");
      await perform({ what: "location", key, ...JSON.parse(at("[data-place]").dataset.place) });
    } else if (at("[data-panel]")) showPanel(at("[data-panel]").dataset.panel);
    else if (at("#talk-frame")) showPlus("");
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-deed-form]");
    if (!form) return;
    event.preventDefault();
    const deed = Object.fromEntries(new FormData(form));
    if (deed.what === "say") {
      if (!deed.text.trim()) return;
      text.value = "";
      typed();
      if (!(await perform(deed)) && !text.value) { text.value = deed.text; typed(); }
      return;
    }
    showPlus("");
    if (innerWidth < 900) showPanel("");
    await perform(deed);
  });

  document.addEventListener("change", async (event) => {
    if (event.target.matches("[data-go]")) location.assign(event.target.value);
    else if (event.target.closest("[data-faults]")) {
      const html = await post(pocket.dataset.faults, { fault: event.target.value });
      if (html !== null) byId("faults").innerHTML = html;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { closeSubs(); showPlus(""); showPanel(""); }
  });

  function typed() {
    const some = text.value.trim() !== "";
    byId("send").hidden = !some;
    byId("plus").hidden = some;
  }
  text.addEventListener("input", typed);
  text.addEventListener("focus", () => showPlus(""));

  // ---- live: agents' answers, and what other windows and the terminal did ----

  function listen() {
    const source = new EventSource(pocket.dataset.live);
    source.addEventListener("news", catchUp);
    source.addEventListener("open", catchUp);
    source.addEventListener("error", () => { if (source.readyState === EventSource.CLOSED) setInterval(catchUp, POLL_MS); });
  }

  showFoot(talk.children.length || matchMedia("(hover: none)").matches ? "menu" : "typing");
  typed();
  arrange();
  listen();
})();
