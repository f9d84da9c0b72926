// Remembers the language last read, so that the front door opens on it.
try {
  localStorage.setItem("language", document.documentElement.lang.slice(0, 2));
} catch {
  // Storage may be forbidden; the two links of the front door still work.
}

// sphinx-copybutton's script, loaded before this one, shares these names; it knows some languages.
{
  const language = document.documentElement.lang;
  if (typeof messages !== "undefined" && !(language in messages)) {
    messages[language] = copyButtonWords; // bookwright/theme/assets.py
    iconCopy = iconCopy.replace(messages.en.copy_to_clipboard, copyButtonWords.copy_to_clipboard);
    iconCheck = iconCheck.replace(messages.en.copy_success, copyButtonWords.copy_success);
    locale = language;
    for (const button of document.querySelectorAll(".copybtn")) {
      button.dataset.tooltip = copyButtonWords.copy;
      button.innerHTML = iconCopy;
    }
  }
}

// The switch, and the link to both languages side by side, lead to the section that is being read;
// sections have the same numbers everywhere. Without this script they lead to the top of the page.
document.addEventListener("click", ({ target }) => {
  const link = target.closest("a.language-switch, a.side-by-side");
  if (!link) return;
  const marks = [...document.querySelectorAll("[id^='section-']")];
  const read = marks.findLast((mark) => mark.getBoundingClientRect().top < innerHeight / 2);
  link.hash = read && read.id !== "section-0" ? read.id : "";
});
