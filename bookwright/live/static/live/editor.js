// A text area for Python: no corrections, Tab leaves it, Enter keeps the indentation.

export function editor(source, label) {
  const area = document.createElement("textarea");
  area.className = "live-editor";
  area.value = source;
  area.setAttribute("aria-label", label);
  for (const name of ["autocomplete", "autocapitalize", "autocorrect"]) area.setAttribute(name, "off");
  area.spellcheck = false;
  area.wrap = "off";
  const fit = () => (area.rows = Math.max(2, area.value.split("\n").length));
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    // While a syllable is being composed, Enter ends it.
    if (event.key !== "Enter" || !plain || event.isComposing) return;
    event.preventDefault();
    insert(area, `\n${indentation(area.value.slice(0, area.selectionStart))}`);
  });
  fit();
  return {
    area,
    get source() {
      return area.value;
    },
    set source(text) {
      area.value = text;
      fit();
    },
  };
}

// What the line after this text begins with: as deep as its last line, deeper behind a colon.
export function indentation(before) {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const own = line.match(/^\s*/)[0];
  return /:\s*(#.*)?$/.test(line) ? `${own}    ` : own;
}

function insert(area, text) {
  // The only way to insert that undo knows; not every browser has it.
  if (!document.execCommand?.("insertText", false, text)) {
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  }
}
