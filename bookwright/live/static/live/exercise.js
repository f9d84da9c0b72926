// An exercise: a live cell whose code a reader writes and this browser keeps, with a verdict on it.
import * as keep from "../keeping/keep.js";
import { panel } from "../keeping/panel.js";
import { LiveCell, filled, make } from "./cell.js";
import { withAnswers } from "./notebook.js";

export class Exercise extends LiveCell {
  #verdict = null; // of the last run: "right", "wrong" or "unchecked"

  constructor(box, step, session, cells) {
    super(box, step, session, cells);
    const { page } = session;
    this.kept = page.exercises[page.steps[step].cell].kept;
    this.#recall();
    this.editor.area.addEventListener("input", () => this.#keep());
    document.addEventListener("kept", ({ detail }) => {
      if (detail.includes(`answer ${this.kept}`)) this.editor.source = this.own; // unless there is one
      this.#recall();
    });
    const notebook = { [page.keeping.notebook]: () => withAnswers(page) };
    this.box.append(panel(page.keeping, notebook));
  }

  get name() {
    const { megabytes } = this.session.page.runtime;
    return this.session.loaded ? this.words.check : filled(this.words.check_open, megabytes.toFixed(1));
  }

  begin() {
    this.editor.area.focus();
  }

  put(source) {
    super.put(source);
    this.#keep();
  }

  restore() {
    if (this.editor.source !== this.own && !confirm(this.words.forget)) return;
    super.restore();
    this.#keep();
  }

  judged(result) {
    const sign = result?.match(/^[✓✗] /)?.[0][0];
    this.#verdict = { "✓": "right", "✗": "wrong" }[sign] ?? "unchecked";
  }

  ended(kind, seconds) {
    if (kind !== "done") return super.ended(kind, seconds);
    const last = this.own.trimEnd().split("\n").pop();
    return filled(this.words[this.#verdict], this.#verdict === "unchecked" ? last : seconds);
  }

  // The stub itself is no answer.
  #keep() {
    const { source } = this.editor;
    const done = keep.set("answer", this.kept, source === this.own ? null : source);
    if (!done) this.note.textContent = this.words.not_kept;
  }

  // Shows the answer that is kept; one to an earlier version of the exercise is only offered.
  #recall() {
    const answer = keep.get("answer", this.kept);
    if (answer !== null) this.editor.source = answer;
    this.older?.remove();
    const name = this.kept.slice(0, this.kept.lastIndexOf("/") + 1);
    const before = keep.ids("answer", name).filter((id) => id !== this.kept).pop();
    if (answer !== null || before === undefined) return;
    this.older = make("p", "live-status", { textContent: `${this.words.older} ` });
    const text = this.words.take_older;
    const button = make("button", "live-button", { type: "button", textContent: text });
    button.addEventListener("click", () => {
      this.put(keep.get("answer", before));
      this.older.remove();
      this.editor.area.focus();
    });
    this.older.append(button);
    this.box.append(this.older);
  }
}
