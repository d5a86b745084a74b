// The desk: opening dialogues, following what changes, keeping a dialogue while somebody works in it, keys.
(() => {
  "use strict";
  const BEAT_MS = 60000, ACTIVE_MS = 600000, POLL_MS = 5000, SLOW_POLL_MS = 30000, RETRY_MS = 20000, EXPLAIN_MS = 2500, TYPING_MS = 10000, LONG_WAIT_S = 300;
  const desk = document.getElementById("desk"), stage = document.getElementById("stage"), pane = document.getElementById("queue-pane");
  const timeline = window.deskTimeline, byId = (id) => document.getElementById(id);
  const room = document.title, offset = Number(desk.dataset.now) - Date.now();
  const nothing = byId("nothing-template");
  let source = null, followed = null, isLive = false, lastActive = Date.now(), waitingBefore = null, loading = null, leaving = false;

  const dialogue = () => byId("dialogue");
  const member = () => dialogue()?.dataset.member || "";
  const isMine = () => dialogue()?.dataset.state === "mine";
  const headers = () => ({ "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) });
  const store = { get: (key) => { try { return localStorage.getItem(key); } catch { return null; } }, set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* private window */ } } };
  const drafts = {
    get: () => sessionStorage.getItem(`desk-draft-${member()}`) || "",
    set: (text) => (text ? sessionStorage.setItem(`desk-draft-${member()}`, text) : sessionStorage.removeItem(`desk-draft-${member()}`)),
  };

  /* opening and leaving */
  function open(address, push = true) {
    if (push && location.pathname !== new URL(address, location.href).pathname) history.pushState({ desk: true }, "", address);
    return htmx.ajax("GET", address, { target: "#stage", swap: "innerHTML" });
  }
  function reload() { if (dialogue()) open(dialogue().dataset.base, false); }
  function leave(push = true) {
    stage.replaceChildren(nothing.content.cloneNode(true));
    desk.dataset.view = "queue";
    desk.classList.remove("profile-shown");
    if (push) history.pushState({ desk: true }, "", desk.dataset.home);
    mark();
    follow();
  }
  function shown() {
    desk.dataset.view = "dialogue";
    if (isMine() && pane.dataset.tab === "waiting") show("mine");
    timeline.toEnd();
    restore();
    mark();
    follow();
    tick();
  }
  window.addEventListener("popstate", () => (location.pathname.includes("/m/") ? open(location.pathname, false) : leave(false)));
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "stage" && dialogue()) shown();
  });
  // Older items are put on top: the reader stays at what they read.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.target.classList?.contains("older")) return;
    const box = byId("scroll"), below = box.scrollHeight - box.scrollTop;
    requestAnimationFrame(() => { box.scrollTop = box.scrollHeight - below; });
  });

  /* the lists */
  function show(tab) { pane.dataset.tab = tab; mark(); }
  function mark() {
    for (const line of pane.querySelectorAll(".line")) line.classList.toggle("open", line.dataset.line === member());
    for (const tab of pane.querySelectorAll(".tab")) tab.setAttribute("aria-selected", String(tab.dataset.show === pane.dataset.tab));
    const counts = byId("queue").dataset, urgent = Number(counts.waiting) + Number(counts.unread);
    document.title = urgent ? `(${urgent}) ${room}` : room;
    const badge = byId("desk-waiting");
    if (badge) badge.textContent = counts.waiting === "0" ? "" : counts.waiting;
    if (waitingBefore !== null && Number(counts.waiting) > waitingBefore) ring();
    waitingBefore = Number(counts.waiting);
  }
  function putQueue(html) {
    const focused = document.activeElement?.closest?.("[data-line]")?.dataset.line;
    const tops = new Map([...pane.querySelectorAll(".lines")].map((list) => [list.dataset.list, list.scrollTop]));
    pane.innerHTML = html;
    for (const list of pane.querySelectorAll(".lines")) list.scrollTop = tops.get(list.dataset.list) || 0;
    if (focused) pane.querySelector(`.lines[data-list="${pane.dataset.tab}"] [data-line="${focused}"]`)?.focus();
    mark();
    tick();
  }

  /* what is new */
  function take(html) {
    const state = dialogue()?.dataset.state, waits = byId("wait")?.checked, added = timeline.merge(html);
    const head = byId("dialogue-head");
    if (head && head.dataset.state !== state) reload();
    if (waits && byId("wait")) byId("wait").checked = true;
    gate();
    tick();
    return added;
  }
  // A closed reply window: only what may wait for the member's next contact can be sent.
  function gate() { byId("send")?.toggleAttribute("disabled", Boolean(byId("budget")?.dataset.closed) && !byId("wait")?.checked); }
  async function refresh() {
    if (!dialogue() || loading || leaving) return;
    const id = member();
    loading = new AbortController();
    try {
      const answer = await fetch(`${dialogue().dataset.base}/news?${timeline.asked()}`, { headers: { "HX-Request": "true" }, signal: loading.signal });
      // The stream says who has it now; only without its word the page speaks for itself.
      if (answer.status === 404) setTimeout(() => { if (member() === id) lost(desk.dataset.gone); }, isLive ? EXPLAIN_MS : 0);
      else if (answer.ok && member() === id && take(await answer.text()) && isMine()) keep();
    } catch { /* the connection is away; the next round asks again */ } finally { loading = null; }
  }
  async function refreshQueue() {
    try {
      const answer = await fetch(desk.dataset.queue, { headers: { "HX-Request": "true" } });
      if (answer.ok) putQueue(await answer.text());
      else if (answer.status === 401) location.reload();
    } catch { tell("lost"); }
  }
  function lost(sentence) {
    if (!dialogue()) return;
    window.toast(sentence, "warning", 12);
    leave();
  }

  /* the live stream; asking now and then while there is none */
  function tell(state) {
    const sign = byId("desk-live");
    sign.className = `desk-live ${state}`;
    sign.textContent = sign.dataset[state];
  }
  function follow() {
    if (source && followed === member() && source.readyState !== EventSource.CLOSED) return;
    source?.close();
    followed = member();
    const mine = new EventSource(desk.dataset.live + (followed ? `?member=${followed}` : ""));
    source = mine;
    mine.onopen = () => { isLive = true; tell("good"); };
    mine.onerror = () => {
      isLive = false;
      tell(mine.readyState === EventSource.CLOSED ? "slow" : "lost");
      if (mine.readyState === EventSource.CLOSED) setTimeout(() => { if (source === mine) follow(); }, RETRY_MS);
    };
    mine.addEventListener("queue", (event) => putQueue(event.data));
    mine.addEventListener("dialogue", refresh);
    mine.addEventListener("told", (event) => window.toast(event.data, "warning", 12));
    mine.addEventListener("gone", (event) => !leaving && lost(event.data || (isMine() ? desk.dataset.handed : desk.dataset.gone)));
    mine.addEventListener("ended", () => { mine.close(); location.reload(); });
  }
  let slow = 0;
  setInterval(() => {
    slow += POLL_MS;
    if (isLive && slow < SLOW_POLL_MS) return;
    slow = 0;
    if (!isLive) refreshQueue();
    refresh();
  }, POLL_MS);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) follow(); });

  /* keeping a dialogue: while it is in sight and somebody is there */
  async function keep() {
    if (!isMine() || leaving || document.visibilityState !== "visible" || Date.now() - lastActive > ACTIVE_MS) return;
    try {
      const answer = await fetch(`${dialogue().dataset.base}/keep`, { method: "POST", headers: headers() });
      if (answer.status === 404 || answer.status === 409) reload();
    } catch { /* the connection is away; the next beat tries again */ }
  }
  for (const sign of ["pointerdown", "pointermove", "keydown", "wheel"]) document.addEventListener(sign, () => { lastActive = Date.now(); }, { passive: true });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") { refresh(); keep(); } });
  setInterval(keep, BEAT_MS);

  /* writing: one click has one name, so that sending twice says it once */
  function newName() {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  function renew() {
    const form = byId("composer-form");
    if (form) { form.elements.client_id.value = newName(); form.dataset.tried = ""; }
  }
  function restore() {
    const area = byId("words");
    if (!area) return;
    area.value = drafts.get();
    const way = byId("enter-sends");
    way.checked = store.get("desk-enter-sends") !== "no";
    setWay(way);
    area.dispatchEvent(new Event("input"));
    if (matchMedia("(min-width: 52rem)").matches) area.focus();
  }
  function setWay(way) {
    const area = byId("words");
    area.dataset.placeholderEnter ||= area.placeholder;
    area.placeholder = way.checked ? area.dataset.placeholderEnter : area.dataset.placeholderCtrl;
    store.set("desk-enter-sends", way.checked ? "yes" : "no");
  }
  let typedAt = 0; // when the member's phone was last told that somebody types; 0 when it shows nothing
  function typing(on) {
    if (!isMine() || byId("budget")?.dataset.closed || (on ? Date.now() - typedAt < TYPING_MS : !typedAt)) return;
    typedAt = on ? Date.now() : 0;
    fetch(`${dialogue().dataset.base}/typing`, { method: "POST", headers: headers(), body: new URLSearchParams({ on: on ? "1" : "0" }) }).catch(() => { /* a courtesy */ });
  }
  stage.addEventListener("input", (event) => {
    if (event.target.id !== "words") return;
    drafts.set(event.target.value);
    if (event.isTrusted) typing(event.target.value.trim() !== "");
    if (byId("composer-form").dataset.tried) renew(); // what was tried may have arrived; other words are another message
  });
  stage.addEventListener("change", (event) => {
    if (event.target.id === "enter-sends") setWay(event.target);
    else if (event.target.id === "wait") gate();
  });
  stage.addEventListener("keydown", (event) => {
    if (event.target.id !== "words" || event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
    const wanted = byId("enter-sends").checked ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (!wanted) return;
    event.preventDefault();
    if (!byId("send").disabled && event.target.value.trim()) byId("composer-form").requestSubmit();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    if (form.closest?.("#hand-back-dialog")) { leaving = true; loading?.abort(); } // it is about to be nobody's business here
    if (form.id !== "composer-form") return;
    form.dataset.tried = "yes";
    form.dataset.sent = byId("words").value;
    if (document.activeElement === byId("send")) byId("words").focus(); // the button is about to be switched off for a moment
  });
  // Sending answers with what is new, counted from what the page showed.
  document.addEventListener("htmx:configRequest", (event) => {
    const elt = event.detail.elt;
    if (elt.id === "composer-form" || elt.hasAttribute("data-news")) event.detail.path += `?${timeline.asked()}`;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, successful } = event.detail;
    if (elt.closest?.("#hand-back-dialog")) leaving = false;
    if (xhr?.getResponseHeader("X-Desk-Closed")) { if (!dialogue()) return; drafts.set(""); byId("hand-back-dialog")?.close(); leave(); window.toast(desk.dataset.handed, "success", 5); return; }
    if (elt.id === "composer-form") {
      if (successful) {
        const area = byId("words");
        if (area && area.value === elt.dataset.sent) { area.value = ""; area.dispatchEvent(new Event("input", { bubbles: true })); }
        renew();
        typedAt = 0;
        timeline.toEnd();
        take(xhr.responseText);
        timeline.toEnd();
      } else if (xhr?.status === 409) { renew(); refresh(); }
    } else if (successful && elt.hasAttribute?.("data-news")) {
      if (elt.id === "picture-form") sentPicture();
      take(xhr.responseText);
    }
    else if (!successful && [404, 409].includes(xhr?.status) && elt.closest?.("#stage")) refresh();
  });

  /* pictures: chosen or pasted, looked at, sent */
  function sentPicture() {
    const form = byId("picture-form");
    form.reset();
    form.elements.client_id.value = newName();
    byId("picture-preview").hidden = true;
    byId("picture-dialog").close();
    timeline.toEnd();
  }
  function preview() {
    const file = byId("picture-file").files[0], shown = byId("picture-preview");
    byId("picture-form").elements.client_id.value = newName();
    shown.hidden = true;
    if (!file) return;
    const reader = new FileReader();
    reader.onload = () => { shown.src = reader.result; shown.hidden = false; };
    reader.readAsDataURL(file);
  }
  stage.addEventListener("change", (event) => { if (event.target.id === "picture-file") preview(); });
  stage.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files || [])].find((each) => each.type.startsWith("image/"));
    if (!file || event.target.id !== "words") return;
    event.preventDefault();
    const chosen = new DataTransfer();
    chosen.items.add(file);
    byId("picture-file").files = chosen.files;
    preview();
    byId("picture-dialog").showModal();
  });

  /* quick phrases */
  async function phrases() {
    const box = byId("phrase-dialog"), list = box.querySelector(".phrases");
    box.showModal(); // at once, so that what is typed next goes into the search
    byId("phrase-search").select();
    if (!list.childElementCount) {
      const answer = await fetch(box.dataset.phrases, { headers: { "HX-Request": "true" } });
      if (answer.ok) list.innerHTML = await answer.text();
    }
    sift();
  }
  function sift() {
    const wanted = byId("phrase-search").value.trim().toLowerCase();
    for (const phrase of document.querySelectorAll(".phrase")) phrase.hidden = !phrase.textContent.toLowerCase().includes(wanted);
  }
  byId("phrase-search").addEventListener("input", sift);
  function insert(text) {
    const area = byId("words");
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }
  byId("phrase-dialog").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "phrase-search" || event.isComposing) return;
    event.preventDefault();
    document.querySelector(".phrase:not([hidden])")?.click();
  });

  /* clicks */
  document.addEventListener("click", (event) => {
    const found = (selector) => event.target.closest(selector);
    const line = found(".line");
    if (line && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); open(line.href); }
    else if (found("[data-show]")) show(found("[data-show]").dataset.show);
    else if (found("[data-desk-back]")) { event.preventDefault(); leave(); }
    else if (found("[data-toggle-profile]")) desk.classList.toggle("profile-shown");
    else if (found("[data-desk-help]")) byId("help-dialog").showModal();
    else if (found("[data-open-dialog]")) byId(found("[data-open-dialog]").dataset.openDialog).showModal();
    else if (found("[data-close-dialog]")) found("dialog").close();
    else if (found("#open-phrases")) phrases();
    else if (found("[data-phrase]")) { const text = found("[data-phrase]").dataset.phrase; found("dialog").close(); insert(text); }
    else if (found("#to-newest")) timeline.toEnd();
    else if (found("#desk-bell")) setBell(!bellOn());
    else if (event.target.matches("dialog.desk-dialog")) event.target.close();
  });

  /* keys */
  function move(step) {
    const lines = [...pane.querySelectorAll(`.lines[data-list="${pane.dataset.tab}"] .line`)];
    const now = lines.indexOf(document.activeElement);
    const start = now >= 0 ? now : lines.findIndex((line) => line.classList.contains("open"));
    lines[Math.min(lines.length - 1, Math.max(0, start + step))]?.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select");
    if (event.key === "Escape") {
      if (typing) event.target.blur();
      else if (desk.classList.contains("profile-shown")) desk.classList.remove("profile-shown");
      else if (dialogue()) leave();
      return;
    }
    const keys = {
      j: () => move(1),
      k: () => move(-1),
      t: () => byId("take")?.click(),
      r: () => byId("words")?.focus(),
      "/": () => { if (byId("words")) phrases(); },
      "?": () => byId("help-dialog").showModal(),
    };
    if (typing || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  /* a sound when somebody begins to wait; off until switched on */
  const bellOn = () => store.get("desk-bell") === "yes";
  function setBell(on) {
    store.set("desk-bell", on ? "yes" : "no");
    byId("desk-bell").setAttribute("aria-pressed", String(on));
    if (on) ring();
  }
  function ring() {
    if (!bellOn()) return;
    const context = new AudioContext(), tone = context.createOscillator(), volume = context.createGain();
    tone.frequency.value = 740;
    volume.gain.setValueAtTime(0.08, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + 0.35);
    tone.onended = () => context.close();
  }

  /* time passes */
  const two = (number) => String(number).padStart(2, "0");
  function clock(seconds) {
    if (seconds >= 86400) return `${Math.floor(seconds / 86400)} ${desk.dataset.days}`;
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  }
  function tick() {
    const now = Date.now() + offset;
    for (const time of document.querySelectorAll(".tick")) {
      const seconds = Math.max(0, Math.floor((now - Number(time.dataset.since)) / 1000));
      time.textContent = clock(seconds);
      time.classList.toggle("long", seconds >= LONG_WAIT_S);
    }
    for (const time of document.querySelectorAll(".countdown")) {
      const left = Math.max(0, Math.ceil((Number(time.dataset.until) - now) / 1000));
      time.textContent = `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}`;
      if (!left && !byId("budget").dataset.over) { byId("budget").dataset.over = "yes"; refresh(); }
    }
  }
  setInterval(tick, 1000);

  byId("desk-bell").setAttribute("aria-pressed", String(bellOn()));
  if (dialogue()) shown();
  else { mark(); follow(); tick(); }
})();
