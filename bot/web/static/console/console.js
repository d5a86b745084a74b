// The reply editor: marks in the text, click to insert, keys for saving and publishing, a question before unsaved work is left. Dialogs of any page.
(() => {
  "use strict";
  const area = () => document.getElementById("reply-source");
  const form = () => document.getElementById("reply-form");
  let changed = false;

  function lineStart(text, line) {
    let at = 0;
    for (let number = 1; number < line; number += 1) {
      const end = text.indexOf("\n", at);
      if (end < 0) break;
      at = end + 1;
    }
    return at;
  }

  function mark() {
    const editor = area()?.codeEditor;
    const check = document.querySelector("[data-findings]");
    if (!editor || !check) return;
    const text = editor.text();
    editor.mark(JSON.parse(check.dataset.findings).map((finding) => {
      const from = Math.min(lineStart(text, Math.max(finding.line, 1)), text.length);
      const end = text.indexOf("\n", from);
      return { from, to: end < 0 ? text.length : end, severity: finding.severity, message: finding.message };
    }));
  }

  function insert(text) {
    const editor = area()?.codeEditor;
    if (!editor) return;
    editor.view.dispatch(editor.view.state.replaceSelection(text), { scrollIntoView: true });
    editor.view.focus();
  }

  function goTo(line) {
    const editor = area()?.codeEditor;
    if (!editor) return;
    editor.view.dispatch({ selection: { anchor: Math.min(lineStart(editor.text(), line), editor.text().length) }, scrollIntoView: true });
    editor.view.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-insert], [data-go-line], [data-open-dialog], [data-close-dialog], [data-copy]");
    if (!target) return;
    if (target.dataset.insert) insert(target.dataset.insert);
    else if (target.dataset.goLine) goTo(Number(target.dataset.goLine));
    else if (target.dataset.openDialog) document.getElementById(target.dataset.openDialog).showModal();
    else if (target.dataset.copy) navigator.clipboard?.writeText(target.dataset.copy).then(() => window.toast(target.dataset.copied, "success", 3));
    else target.closest("dialog")?.close();
  });

  // In the capture phase: the editor would take Ctrl+Enter for a new line.
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !form()) return;
    const dialog = document.getElementById("publish-dialog");
    if (!dialog) return;
    if (event.key.toLowerCase() === "s") {
      event.preventDefault();
      document.querySelector("[data-save]").click();
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      if (dialog.open) dialog.querySelector("[type=submit]").click();
      else dialog.showModal();
    }
  }, true);

  // Enter in the note of the dialog publishes; the first button of the form would save a draft.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("dialog input")) {
      event.preventDefault();
      event.target.closest("dialog").querySelector("[type=submit]").click();
    }
  });

  document.addEventListener("input", (event) => { if (event.target === area()) changed = true; });
  document.addEventListener("submit", (event) => { if (event.target === form()) changed = false; });
  addEventListener("beforeunload", (event) => { if (changed && form()?.dataset.leave) event.preventDefault(); });

  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.requestConfig?.elt?.dataset?.thenChange;
    if (id) document.getElementById(id).dispatchEvent(new Event("change", { bubbles: true }));
    mark();
  });
  // Editors mostly come for the words below the front matter: begin there.
  function begin() {
    const editor = area()?.codeEditor;
    const front = editor && /^---\n[\s\S]*?\n---[ \t]*\n/.exec(editor.text());
    if (!front) return;
    editor.view.dispatch({ selection: { anchor: front[0].length } });
    const host = editor.view.dom.getRootNode().host;
    // Heights are known only after the editor has drawn itself once.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const at = editor.view.lineBlockAt(front[0].length).top;
      if (at > host.clientHeight / 2) host.scrollTop = at - host.clientHeight / 4;
    }));
  }
  addEventListener("load", () => { begin(); mark(); });
})();
