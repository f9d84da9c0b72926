// The search dialog: shows results as one types, and is worked by keyboard.
import { Engine, display } from "./engine.js";
import { excerpt } from "./excerpt.js";

let started = null;

// Called each time the dialog opens; resolves when the index is there.
export function start(dialog) {
  started ??= load(dialog).catch((error) => {
    started = null; // the next opening tries again
    throw error;
  });
  return started;
}

async function load(dialog) {
  const input = dialog.querySelector("input");
  const status = dialog.querySelector(".book-search-status");
  const list = dialog.querySelector(".book-search-results");
  const engine = await Engine.load(new URL(dialog.dataset.root, location.href).href);
  let latest = 0;

  async function search(composing) {
    const mine = ++latest;
    const query = input.value.trim();
    const found = query ? await engine.find(query) : null;
    if (mine !== latest) return; // more was typed meanwhile
    // While a syllable is composed it may be no word yet (정귷 on the way to 정규화).
    if (composing && found?.count === 0) return;
    list.replaceChildren(...(found?.results ?? []).map((result) => item(result, found.parts)));
    const { found: some, none } = dialog.dataset;
    status.textContent = found ? (found.count ? some : none).replace("{}", found.results.length) : "";
    dialog.dataset.query = query; // which query the list answers
  }

  function item(result, parts) {
    const link = document.createElement("a");
    const both = document.documentElement.classList.contains("both"); // stays side by side
    link.href = both ? result.url.replace(/[^/]+$/, "both/$&") : result.url;
    const line = (name, ...content) => {
      const span = document.createElement("span");
      span.className = `book-search-${name}`;
      span.append(...content);
      link.append(span);
    };
    const { page, code = "", exercises, term, lower } = result.meta;
    const title = result.meta.title ?? exercises ?? term ?? lower;
    line("title", ...excerpt(title, parts, true).pieces);
    if (page !== title) line("page", display(page));
    const text = excerpt(result.content, parts);
    const names = excerpt(code, parts).hits;
    line("excerpt", ...text.pieces);
    if (!text.hits.length && names.length) line("code", `${dialog.dataset.code} ${names.join(", ")}`);
    const entry = document.createElement("li");
    entry.append(link);
    return entry;
  }

  let timer;
  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    timer = setTimeout(search, 60, event.isComposing);
  });
  list.addEventListener("click", (event) => event.target.closest("a") && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const stops = [input, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && at >= 0) {
      event.preventDefault();
      stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
    } else if (event.key === "Enter" && at === 0) {
      event.preventDefault();
      stops[1]?.click();
    } else if (event.key === "Escape") {
      event.preventDefault(); // the browser would only empty the field first
      dialog.close();
    }
  });
  await search(false); // what was typed while this loaded
}
