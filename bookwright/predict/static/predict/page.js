// What a page says of its reader's answers, all in words that stand on it.
const { get, set } = await import(`../keeping/keep.js${new URL(import.meta.url).search}`);
const KIND = "prediction";
const root = document.documentElement;
const here = new Map(); // first answers of this visit, where the browser keeps nothing

// The lines about a question's answers, or the one that says why none of them is right.
function told(box) {
  const last = document.getElementById(box.id.replace("predict", "result")).lastElementChild;
  const lines = [...last.querySelectorAll("li")];
  return { last, lines, right: lines.findIndex((line) => line.className === "right") };
}

function name(box) {
  return box.id.replace("predict-", "");
}

// Marks what the reader answered first, and what is right.
export function mark() {
  for (const box of document.querySelectorAll(".predict")) {
    const first = get(KIND, name(box)) ?? here.get(box);
    if (!first) continue;
    const { right } = told(box);
    box.querySelectorAll(".predict-choices li").forEach(({ classList }, place) => {
      const chosen = place === first - 1;
      classList.toggle("chosen", chosen);
      classList.toggle("right", place === right);
      classList.toggle("wrong", chosen && right >= 0 && place !== right);
    });
  }
  for (const button of document.querySelectorAll(".predict-all")) {
    button.dataset.all ??= button.textContent;
    const { all, again } = button.dataset;
    button.textContent = root.classList.contains("all-shown") ? again : all;
  }
}

export function answer(choice) {
  const box = choice.closest(".predict");
  const choices = [...box.querySelectorAll(".predict-choices li")];
  const place = choices.indexOf(choice);
  if (!get(KIND, name(box)) && !here.has(box)) {
    here.set(box, String(place + 1));
    set(KIND, name(box), String(place + 1));
  }
  mark();
  const { last, lines, right } = told(box);
  const said = [lines[place] ?? last];
  if (right >= 0 && place !== right) said.push(lines[right], choices[right].firstChild);
  const status = box.querySelector("[role=status]") ?? document.createElement("div");
  status.setAttribute("role", "status");
  box.append(status);
  const copies = said.flatMap((each) => [...each.cloneNode(true).childNodes]);
  // A region that has only just come is read out if its words come a moment later.
  requestAnimationFrame(() => status.replaceChildren(...copies));
}

// Whether all results of this page are to be shown at the next visit, too.
export function remember() {
  try {
    if (root.classList.contains("all-shown")) localStorage.setItem(root.dataset.all, "yes");
    else localStorage.removeItem(root.dataset.all);
  } catch {
    // storage may be forbidden
  }
  mark();
}
