// Questions: an answer unfolds the result and is told right or wrong. All words stand in the page.
{
  const here = document.currentScript.src;
  const root = document.documentElement;
  const parts = [...document.querySelectorAll(".predicted")];
  const boxes = [...document.querySelectorAll("html:not(.both) .predict")];
  const of = (part) => part.id.replace(/^\w+/, "predict");
  const site = new URL("../..", here).pathname;
  const kept = (box) => {
    try {
      return localStorage.getItem(`kept ${site} prediction ${box.id.slice(8)}`);
    } catch {
      return null;
    }
  };

  // What is folded can be found in the page and linked, where browsers know how; then it unfolds.
  function fold() {
    for (const part of parts) {
      const folded = boxes.length && !root.classList.contains("all-shown") && !part.matches(".unfolded");
      if (folded && "onbeforematch" in part) part.setAttribute("hidden", "until-found");
      else part.removeAttribute("hidden");
    }
  }
  function unfold(id) {
    for (const part of parts) if (of(part) === id) part.classList.add("unfolded");
    fold();
  }
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = target?.closest(".predicted:not(.unfolded)");
    if (!part) return;
    unfold(of(part));
    target.scrollIntoView();
  }

  // The lines about a question's answers, or the one that says why none of them is right.
  function lines(box) {
    const told = document.getElementById(box.id.replace("predict", "result"))?.lastElementChild;
    return { right: told?.querySelector(".right"), each: told?.querySelectorAll("li"), told };
  }
  function mark(box, chosen) {
    const { right, each } = lines(box);
    box.querySelectorAll(".predict-choices li").forEach((choice, place) => {
      choice.classList.toggle("chosen", place === chosen);
      choice.classList.toggle("right", Boolean(right) && each[place] === right);
    });
  }
  function say(box, place) {
    const { right, each, told } = lines(box);
    const status = box.querySelector("[role=status]");
    const said = right ? each[place] : told;
    status.replaceChildren(...said.cloneNode(true).childNodes);
    if (!right || said === right) return;
    const other = box.querySelectorAll(".predict-choices li")[[...each].indexOf(right)];
    status.append(...right.cloneNode(true).childNodes, ...other.firstElementChild.cloneNode(true).childNodes);
  }
  async function answer(box, place) {
    unfold(box.id);
    say(box, place);
    const first = kept(box) ?? box.dataset.first ?? String(place + 1);
    box.dataset.first = first;
    mark(box, Number(first) - 1);
    try {
      const { set } = await import(new URL(`keeping/keep.js${new URL(here).search}`, here));
      set("prediction", box.id.slice(8), first);
    } catch {
      // from a folder no module is loaded: the answer counts for this visit
    }
  }
  function toggleAll() {
    const all = root.classList.toggle("all-shown");
    try {
      if (all) localStorage.setItem(root.dataset.all, "yes");
      else localStorage.removeItem(root.dataset.all);
    } catch {
      // for this visit
    }
    name();
    fold();
  }
  function name() {
    for (const button of document.querySelectorAll(".predict-all")) {
      button.dataset.all ??= button.textContent;
      const { all, again } = button.dataset;
      button.textContent = root.classList.contains("all-shown") ? again : all;
    }
  }

  for (const box of boxes) {
    box.querySelectorAll(".predict-choices li").forEach((choice, place) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.append(...choice.firstElementChild.childNodes);
      choice.replaceChildren(button);
      button.addEventListener("click", () => answer(box, place));
    });
    const status = document.createElement("div");
    status.setAttribute("role", "status");
    box.append(status);
    box.querySelector(".predict-all").addEventListener("click", toggleAll);
    const first = kept(box);
    if (first !== null) {
      unfold(box.id);
      mark(box, Number(first) - 1);
    }
  }
  for (const part of parts) part.addEventListener("beforematch", () => unfold(of(part)));
  addEventListener("hashchange", follow);
  name();
  fold();
  follow();
}
