// `?solutions=off`: pages without solutions; each that has some says so and leads back.
if (new URLSearchParams(location.search).get("solutions") === "off") {
  const site = new URL("../..", document.currentScript.src).href;
  const unsolved = document.querySelector("a[data-said]");
  if (unsolved) {
    document.body.classList.add("unsolved");
    const line = document.createElement("p");
    const back = Object.assign(document.createElement("a"), { href: location.pathname });
    back.textContent = unsolved.dataset.back;
    line.append(`${unsolved.dataset.said} `, back);
    document.querySelector("h1").after(line);
  }
  // Links to pages of this book take it along, but the one that leads back.
  const carry = (link) => {
    if (!link?.href.startsWith(site) || !link.pathname.endsWith(".html")) return;
    const back = link.pathname === location.pathname && !link.search;
    if (back || /[?&]solutions=/.test(link.search)) return;
    link.search = `${link.search ? `${link.search}&` : "?"}solutions=off`;
  };
  [...document.links].forEach(carry);
  for (const press of ["click", "auxclick"]) { // a result of the search comes later
    document.addEventListener(press, ({ target }) => carry(target.closest("a[href]")), true);
  }
}

// What scrolls in its own box can be reached by keyboard; what does not is no stop on the way.
const scrollers = "article pre, .table-wrapper, div.math, .claim-evidence";
function reachScrollers() {
  for (const box of document.querySelectorAll(scrollers)) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
// Measuring waits until the page is drawn and the reader can use it.
const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
for (const event of ["load", "resize"]) addEventListener(event, () => whenIdle(reachScrollers));
addEventListener("toggle", reachScrollers, true);

// Escape and a click on an entry shut the two drawers and the menu.
const drawers = document.querySelectorAll("#__navigation, #__toc");
const menu = document.querySelector(".page-menu");
function shut(event) {
  for (const drawer of drawers) drawer.checked = false;
  if (menu && !menu.contains(event.target)) menu.open = false;
}
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const opened = [...drawers].find((drawer) => drawer.checked);
  const inMenu = menu?.open && menu.contains(event.target);
  shut(event);
  if (inMenu) menu.open = false;
  (opened ?? (inMenu ? menu.querySelector("summary") : null))?.focus();
});
document.querySelector(".toc-drawer")?.addEventListener("click", ({ target }) => {
  if (target.closest("a")) shut({ target });
});
document.addEventListener("click", (event) => {
  if (menu?.open && !menu.contains(event.target)) menu.open = false;
});
