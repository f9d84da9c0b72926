// Shows the buttons of cells that run in the browser. What runs them is loaded at the first press.
{
  const here = document.currentScript.src;
  for (const box of document.querySelectorAll(".live")) {
    const button = box.querySelector("button");
    let opening = false;
    const press = async () => {
      const say = (text) => (box.querySelector(".live-status").textContent = text);
      if (location.protocol === "file:") return say(box.dataset.server); // reads no other file
      if (opening) return;
      opening = true;
      try {
        const { open } = await import(new URL(`live/page.js${new URL(here).search}`, here));
        if (await open(box, new URL("..", here).href)) button.removeEventListener("click", press);
      } catch (error) {
        say(box.dataset.failed);
        console.warn(error);
      }
      opening = false;
    };
    button.addEventListener("click", press);
    button.hidden = false;
  }
}
