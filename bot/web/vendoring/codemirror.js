// Bundled into vendor/codemirror.min.js. The editor lives in a shadow root: there CodeMirror adopts constructable style sheets,
// which a content security policy without inline styles lets through.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { jinja } from "@codemirror/lang-jinja";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.processingInstruction, tags.brace], color: "var(--editor-keyword)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--editor-name)" },
  { tag: [tags.string, tags.number, tags.bool], color: "var(--editor-value)" },
  { tag: [tags.tagName, tags.attributeName, tags.function(tags.variableName)], color: "var(--editor-tag)" },
  { tag: tags.comment, color: "var(--editor-comment)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { color: "var(--editor-text)", backgroundColor: "var(--editor-ground)", fontSize: "0.9375rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--editor-font)", lineHeight: "1.7", minHeight: "12rem" },
  ".cm-content": { caretColor: "var(--editor-text)", padding: "0.5rem 0" },
  ".cm-cursor": { borderLeftColor: "var(--editor-text)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--editor-comment)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--editor-line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--editor-selection)" },
  ".cm-tooltip": { backgroundColor: "var(--editor-ground)", color: "var(--editor-text)", border: "1px solid var(--editor-comment)" },
});

function extensions(textarea, changed) {
  return [
    lineNumbers(), lintGutter(), history(), drawSelection(), bracketMatching(), closeBrackets(), autocompletion(), highlightActiveLine(),
    EditorView.lineWrapping, jinja(), syntaxHighlighting(colours), look,
    EditorState.readOnly.of(textarea.readOnly || textarea.disabled),
    EditorView.contentAttributes.of({ "aria-label": textarea.getAttribute("aria-label") || textarea.labels?.[0]?.textContent.trim() || "" }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, indentWithTab]),
    EditorView.updateListener.of((update) => { if (update.docChanged) changed(update.state.doc.toString()); }),
  ];
}

/* Put an editor in front of a textarea, which stays what the form sends and hears an `input` event for each change.
   Returns { view, text(), setText(text), mark([{ from, to, severity, message }]) }; positions are characters from the start. */
window.codeEditor = function codeEditor(textarea) {
  const host = document.createElement("div");
  host.className = "code-editor";
  textarea.after(host);
  textarea.classList.add("d-none");
  const root = host.attachShadow({ mode: "open" });
  const view = new EditorView({
    doc: textarea.value,
    root,
    parent: root,
    extensions: extensions(textarea, (text) => {
      textarea.value = text;
      textarea.dispatchEvent(new Event("input", { bubbles: true }));
    }),
  });
  return {
    view,
    text: () => view.state.doc.toString(),
    setText: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    mark: (findings) => view.dispatch(setDiagnostics(view.state, findings)),
  };
};
