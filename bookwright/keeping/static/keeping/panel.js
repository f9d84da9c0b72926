// What a reader does with what this browser keeps: takes it along in a file, and reads such a file.
import * as keep from "./keep.js";

// Returns a fold with its buttons. words: the interface words of `keeping`; more: what else there is
// to press, by its words; it returns what to say.
export function panel(words, more = {}) {
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const fold = make("details", { className: "kept" });
  const said = make("p", { className: "live-status" });
  said.setAttribute("role", "status");
  const choose = make("input", { type: "file", accept: ".json,application/json", hidden: true });
  choose.setAttribute("aria-label", words.read);
  choose.addEventListener("change", async () => {
    const [file] = choose.files;
    choose.value = ""; // the same file can be chosen again
    if (file) said.textContent = told(keep.imported(await file.text()), words);
  });
  const actions = { ...more, [words.save]: () => save(words), [words.read]: () => choose.click() };
  const buttons = Object.entries(actions).map(([text, act]) => {
    const button = make("button", { type: "button", className: "live-button", textContent: text });
    button.addEventListener("click", async () => (said.textContent = (await act()) ?? ""));
    return button;
  });
  const undo = make("button", { type: "button", className: "live-button", textContent: words.undo });
  undo.addEventListener("click", () => {
    buttons.at(-1).focus(); // this one goes away
    said.textContent = undone(keep.undo(), words);
  });
  const offer = () => (undo.hidden = !keep.before());
  document.addEventListener("kept", offer);
  offer();
  fold.append(make("summary", { textContent: words.title }), make("p", { textContent: words.about }));
  fold.append(...buttons, undo, choose, said);
  return fold;
}

function save(words) {
  if (keep.empty()) return words.nothing;
  keep.download("answers.json", keep.exported());
}

// What to say of a file that was read.
function told({ problem, taken, replaced, unknown }, words) {
  if (problem) return words[problem];
  const counts = words.taken.replace("{}", taken).replace("{}", replaced);
  return [counts, ...left(unknown, words), ...(taken ? [words.undoable] : [])].join(" ");
}

function undone({ back, unknown }, words) {
  return [words.undone.replace("{}", back), ...left(unknown, words)].join(" ");
}

const left = (names, words) => (names.length ? [words.unknown.replace("{}", names.join(", "))] : []);
