// Remembers the language last read, so that the front door opens on it.
try {
  localStorage.setItem("language", document.documentElement.lang.slice(0, 2));
} catch {
  // Storage may be forbidden; the two links of the front door still work.
}

// sphinx-copybutton speaks no Korean; its script, loaded before this one, shares these names.
if (document.documentElement.lang === "ko" && typeof messages !== "undefined") {
  messages.ko = {
    copy: "복사",
    copy_to_clipboard: "클립보드로 복사",
    copy_success: "복사했습니다",
    copy_failure: "복사하지 못했습니다",
  };
  iconCopy = iconCopy.replace(messages.en.copy_to_clipboard, messages.ko.copy_to_clipboard);
  iconCheck = iconCheck.replace(messages.en.copy_success, messages.ko.copy_success);
  locale = "ko";
  for (const button of document.querySelectorAll(".copybtn")) {
    button.dataset.tooltip = messages.ko.copy;
    button.innerHTML = iconCopy;
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
