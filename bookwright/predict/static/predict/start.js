// Questions: an answer unfolds the result. What tells whether it is right is loaded for it.
{
  const root = document.documentElement;
  const here = document.currentScript.src;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const parts = all("html:not(.both) .predicted");
  const named = (element) => element.id.replace(/^\w+-/, "");

  // What is folded can be found in the page, where browsers know how; then it unfolds.
  function fold() {
    for (const part of parts) {
      const shown = root.matches(".all-shown") || part.matches(".unfolded");
      if (shown || !("onbeforematch" in part)) part.removeAttribute("hidden");
      else part.setAttribute("hidden", "until-found");
    }
  }
  function unfold(name) {
    for (const part of parts) if (named(part) === name) part.classList.add("unfolded");
    fold();
  }
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = target?.closest(".predicted:not(.unfolded)");
    if (!part || !parts.length) return;
    unfold(named(part));
    target.scrollIntoView();
  }
  // From a folder no module is loaded: the answer stands behind the result.
  const page = () => import(new URL(`predict/page.js${new URL(here).search}`, here)).catch(() => null);

  for (const part of parts) part.addEventListener("beforematch", () => unfold(named(part)));
  for (const choice of all("html:not(.both) .predict-choices li")) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.append(...choice.firstElementChild.childNodes);
    choice.replaceChildren(button);
    button.addEventListener("click", async () => {
      unfold(named(choice.closest(".predict")));
      (await page())?.answer(choice);
    });
  }
  for (const button of all(".predict-all")) {
    button.addEventListener("click", async () => {
      root.classList.toggle("all-shown");
      fold();
      (await page())?.remember();
    });
  }
  addEventListener("hashchange", follow);
  root.dataset.answered.split(" ").forEach(unfold);
  if (all(".predicted.unfolded, .all-shown .predicted").length) page().then((loaded) => loaded?.mark());
  fold();
  follow();
}
