// Questions: an answer unfolds the result, and is told right or wrong in words of the page.
{
  const root = document.documentElement;
  const here = document.currentScript.src;
  const site = new URL("../..", here).pathname;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const boxes = all("html:not(.both) .predict");
  const parts = boxes.length ? all(".predicted") : [];
  const stored = (action) => {
    try {
      return action(localStorage);
    } catch {
      return null; // storage may be forbidden: all counts for this visit
    }
  };

  // What is folded can be found in the page, where browsers know how; then it unfolds.
  function fold() {
    const shown = root.classList.contains("all-shown");
    for (const part of parts) {
      const folded = !shown && !part.classList.contains("unfolded") && "onbeforematch" in part;
      part.toggleAttribute("hidden", folded);
      if (folded) part.hidden = "until-found";
    }
    for (const button of all(".predict-all")) {
      button.dataset.all ??= button.textContent;
      button.textContent = shown ? button.dataset.again : button.dataset.all;
    }
  }
  function unfold(name) {
    for (const part of parts) if (part.id.slice(7) === name) part.classList.add("unfolded");
    fold();
  }
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = target?.closest(".predicted:not(.unfolded)");
    if (!part) return;
    unfold(part.id.slice(7));
    target.scrollIntoView();
  }

  for (const box of boxes) {
    const name = box.id.slice(8);
    const choices = all(".predict-choices li", box);
    // A line for each answer, or one that says why none of them is right.
    const told = document.getElementById(`result-${name}`).lastElementChild;
    const lines = all("li", told);
    const right = lines.findIndex((line) => line.className === "right");
    const status = box.appendChild(document.createElement("div"));
    status.setAttribute("role", "status");
    let first = stored((kept) => kept.getItem(`kept ${site} prediction ${name}`));

    const mark = () => {
      choices.forEach((choice, place) => {
        const chosen = place === first - 1;
        choice.classList.toggle("chosen", chosen);
        choice.classList.toggle("right", place === right);
        choice.classList.toggle("wrong", chosen && right >= 0 && place !== right);
      });
    };
    const say = (place) => {
      const said = [lines[place] ?? told];
      if (right >= 0 && place !== right) said.push(lines[right], choices[right].firstChild);
      status.replaceChildren(...said.flatMap((each) => [...each.cloneNode(true).childNodes]));
    };
    const answer = async (place) => {
      first ??= String(place + 1);
      unfold(name);
      mark();
      say(place);
      try {
        const { set } = await import(new URL(`keeping/keep.js${new URL(here).search}`, here));
        set("prediction", name, first);
      } catch {
        // from a folder no module is loaded
      }
    };

    choices.forEach((choice, place) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.append(...choice.firstElementChild.childNodes);
      choice.replaceChildren(button);
      button.addEventListener("click", () => answer(place));
    });
    box.querySelector(".predict-all").addEventListener("click", () => {
      const shown = root.classList.toggle("all-shown");
      const key = root.dataset.all;
      stored((kept) => (shown ? kept.setItem(key, "yes") : kept.removeItem(key)));
      fold();
    });
    if (first) {
      unfold(name);
      mark();
    }
  }
  for (const part of parts) part.addEventListener("beforematch", () => unfold(part.id.slice(7)));
  addEventListener("hashchange", follow);
  fold();
  follow();
}
