// Puts the code editor in front of every text area marked data-code-editor.
document.addEventListener("DOMContentLoaded", () => {
  for (const area of document.querySelectorAll("textarea[data-code-editor]")) area.codeEditor = window.codeEditor(area);
});
