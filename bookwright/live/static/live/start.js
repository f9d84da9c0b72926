// Shows the buttons of cells that run in the browser. What runs them is loaded at the first press.
{
  const here = document.currentScript.src;
  const words = document.querySelector("[data-cell]")?.dataset; // of the first for all
  for (const button of document.querySelectorAll("[data-cell] > button")) {
    const box = button.parentElement;
    let opening = false;
    const press = async () => {
      const say = (text) => (box.querySelector(".live-status").textContent = text);
      if (location.protocol === "file:") return say(words.server); // reads no other file
      if (opening) return;
      opening = true;
      try {
        const { open } = await import(new URL(`live/page.js${new URL(here).search}`, here));
        if (await open(box, words.page, new URL("..", here).href)) {
          button.removeEventListener("click", press);
        }
      } catch (error) {
        say(words.failed);
        console.warn(error);
      }
      opening = false;
    };
    button.addEventListener("click", press);
    button.hidden = false;
  }
  // Was Python here when the browser ended the page and opened it again (`session.js`)? Said once.
  const tellEnd = async () => {
    const key = `live ${location.pathname}`;
    const [lock, cell] = sessionStorage.getItem(key)?.split(" ") ?? [];
    sessionStorage.removeItem(key);
    const status = document.querySelector(`[data-cell="${cell}"] .live-status`);
    if (!status) return;
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    if (held.some(({ name }) => name === lock)) return; // there still is: this tab is another's copy
    status.textContent = words.ended;
  };
  if (words) tellEnd().catch(() => {}); // storage may be forbidden
}
