// Shows the buttons of labs. What a lab is made of is loaded when it is opened: by its button, by a
// link to one of its settings, or by the address of the page.
{
  const here = document.currentScript.src;
  const boxes = document.querySelectorAll(".lab");
  const { failed } = document.querySelector(".lab-opener [data-failed]")?.dataset ?? {};
  const show = async (box) => {
    const button = box.querySelector(".lab-opener button");
    const told = button?.nextElementSibling;
    try {
      const files = new URL(`../${box.dataset.lab}/`, here); // .../labs/HASH/NAME/
      const { open } = await import(new URL("../lab.js", files));
      await open(box, files);
    } catch (error) {
      if (told) told.textContent = failed;
      console.warn(error);
    }
  };
  const showNamed = () => {
    const name = /[?&]lab=([\w-]+)/.exec(location.search)?.[1];
    const box = name && document.getElementById(`lab-${name}`);
    if (box) show(box);
  };
  for (const box of boxes) {
    const button = box.querySelector(".lab-opener button");
    button.addEventListener("click", () => show(box));
    button.hidden = false;
  }
  if (boxes.length) {
    showNamed();
    addEventListener("popstate", showNamed);
    document.addEventListener("click", (event) => {
      const link = event.target.closest('a[href*="?lab="]');
      const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
      if (!link || elsewhere || link.pathname !== location.pathname) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      showNamed();
    });
  }
}
