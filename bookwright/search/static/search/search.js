// Opens the search dialog, by its button, Ctrl+K, Cmd+K or "/"; everything else loads then.
const dialog = document.getElementById("book-search");
const button = document.querySelector(".book-search-open");

let hastened = false;

// Asks at once for what the dialog will import: one by one, each would wait for the one before.
function hasten(script) {
  if (hastened) return;
  hastened = true;
  const parts = ["engine.js", "excerpt.js", "words.js"].map((part) => new URL(part, script));
  const pagefind = new URL(`${dialog.dataset.root}pagefind/pagefind.js`, location.href);
  for (const { href } of [...parts, pagefind]) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
  }
}

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
  const script = new URL(dialog.dataset.script, location.href);
  hasten(script);
  try {
    const { start } = await import(script);
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
