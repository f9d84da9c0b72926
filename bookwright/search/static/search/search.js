// Opens the search dialog, by its button, Ctrl+K, Cmd+K or "/"; everything else loads then.
const dialog = document.getElementById("book-search");
const button = document.querySelector(".book-search-open");

async function open() {
  if (dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input");
  input.select();
  const say = (text) => (dialog.querySelector(".book-search-status").textContent = text);
  if (location.protocol === "file:") {
    say(dialog.dataset.server); // a browser gives a page from a folder no other file to read
    input.disabled = true;
    return;
  }
  try {
    const { start } = await import(new URL(dialog.dataset.script, location.href));
    await start(dialog);
  } catch (error) {
    say(dialog.dataset.failed);
    console.warn(error);
  }
}

function typing(target) {
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

if (dialog && button) {
  button.hidden = false;
  button.addEventListener("click", open);
  dialog.querySelector(".book-search-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  // Before a theme's own shortcut. By `code` too: with a Korean keyboard the key K says ㅏ.
  const shortcut = (event) => {
    const k = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!(k && (event.key === "k" || event.code === "KeyK")) && !(slash && !typing(event.target))) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    open();
  };
  window.addEventListener("keydown", shortcut, { capture: true });
}
