// One live cell: its editor in the place of its code, its buttons, and its output.
import { editor } from "./editor.js";

export function make(tag, name, more = {}) {
  return Object.assign(document.createElement(tag), { className: name, ...more });
}

// A text with its places, `{}`, filled in.
export function filled(text, ...values) {
  return values.reduce((said, value) => said.replace("{}", value), text);
}

export class LiveCell {
  // box: what the page has below the cell; cells: the page's live cells that are open, by step.
  constructor(box, step, session, cells) {
    Object.assign(this, { box, step, session, cells });
    const { words, steps } = session.page;
    this.words = words;
    this.own = steps[step].source;
    this.editor = editor(this.own, words.code);
    this.button = box.querySelector("button");
    this.status = box.querySelector(".live-status");
    this.#showEditor();
    this.#showButtons();
    this.#showOutput();
  }

  #showEditor() {
    const input = this.box.closest(".cell").querySelector(".cell_input");
    const shown = input.querySelector("[class*=highlight-]");
    shown.hidden = true;
    shown.after(this.editor.area);
    for (let fold = input.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    this.editor.area.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      this.run();
    });
  }

  #showButtons() {
    const button = (words) => make("button", "live-button", { type: "button", textContent: words });
    this.button.textContent = this.name;
    this.stop = button(this.words.stop);
    this.reset = button(this.words.reset);
    this.stop.disabled = true;
    this.button.after(this.stop, this.reset);
    this.button.addEventListener("click", () => this.run());
    this.stop.addEventListener("click", () => this.session.stop());
    this.reset.addEventListener("click", () => this.restore());
  }

  // What the first button is called.
  get name() {
    return this.words.run;
  }

  // What the first press does.
  begin() {
    this.run();
  }

  restore() {
    this.editor.source = this.own;
    this.status.textContent = this.words.reset_done;
  }

  // What to say at the end of a run.
  ended(kind, seconds) {
    return kind === "raised" ? "" : filled(this.words[kind], seconds);
  }

  #showOutput() {
    const { megabytes } = this.session.page.runtime;
    this.progress = make("progress", "live-progress", { max: megabytes, hidden: true });
    this.progress.setAttribute("aria-label", this.words.loading);
    this.result = make("div", "live-result", { hidden: true });
    this.result.setAttribute("role", "group");
    this.result.setAttribute("aria-label", this.words.result);
    this.output = make("div", "live-output", { tabIndex: 0 });
    this.output.setAttribute("aria-live", "polite");
    this.note = make("p", "live-note");
    const notice = make("small", "live-notice");
    const href = `${this.session.runtime.base}NOTICE.txt`;
    notice.append(make("a", "", { href, textContent: this.words.licenses }));
    const title = make("p", "live-title", { textContent: this.words.result });
    this.result.append(title, this.output, this.note, notice);
    this.box.append(this.progress, this.result);
  }

  async run() {
    if (this.session.busy) {
      this.status.textContent = this.words.busy;
      return;
    }
    const sources = new Map([...this.cells].map(([step, cell]) => [step, cell.editor.source]));
    this.output.textContent = this.note.textContent = "";
    this.result.hidden = true;
    this.stop.disabled = false;
    this.started = performance.now();
    const kind = await this.session.run(this.step, sources, (...said) => this.#hear(...said));
    this.progress.hidden = true;
    if (document.activeElement === this.stop) this.button.focus();
    this.stop.disabled = true;
    const seconds = ((performance.now() - this.started) / 1000).toFixed(1);
    this.status.textContent = this.ended(kind, seconds);
  }

  #hear(kind, more) {
    const say = (text) => this.status.textContent === text || (this.status.textContent = text);
    if (kind === "loading") {
      this.progress.hidden = false;
      this.progress.value = more.loaded / 1e6;
      const all = this.progress.value >= this.progress.max - 0.1; // sizes depend a little on the host
      say(all ? this.words.starting : filled(this.words.loading, this.progress.max.toFixed(1)));
    } else if (kind === "ready") {
      this.progress.hidden = true;
      this.started = performance.now();
      for (const box of document.querySelectorAll("[data-cell]")) {
        // Nothing more is to be loaded; exercises that are not open speak of no loading.
        const cell = [...this.cells.values()].find((each) => each.box === box);
        if (cell) cell.button.textContent = cell.name;
        else if (!(box.dataset.cell in this.session.page.exercises)) {
          box.querySelector("button").textContent = this.words.run;
        }
      }
    } else if (kind === "running") {
      say(more.step === this.step ? this.words.running : this.words.above);
      if (more.step === this.step) this.output.textContent = ""; // of the cells above
    } else if (kind === "printed") {
      this.#print(more.text);
    } else if (kind === "cut") {
      this.note.textContent = this.words.cut;
    } else if (kind === "mended") {
      const cell = this.cells.get(more.step);
      if (cell) cell.put(more.source);
      this.note.textContent = this.words.mended;
    } else if (kind === "done") {
      if (more.result !== null) this.#print(more.result);
      this.judged(more.result);
    } else if (kind === "raised") {
      this.#raised(more);
    } else if (kind === "died" || kind === "failed") {
      console.warn(more.why);
    }
  }

  // Writes code into the editor.
  put(source) {
    this.editor.source = source;
  }

  // Hears what the last expression of a run gave, as Python shows it; null for nothing.
  judged() {}

  #print(text) {
    this.result.hidden = false;
    // A carriage return writes the line anew, as a terminal does.
    const whole = this.output.textContent + text;
    this.output.textContent = whole.includes("\r") ? whole.replace(/[^\n\r]*\r(?!\n)(?=[^])/g, "") : whole;
  }

  #raised({ traceback, kinds, line, step }) {
    this.#print(traceback);
    const known = kinds.find((kind) => kind in this.words.errors);
    const where = step === this.step ? line && filled(this.words.line, line) : this.words.line_above;
    this.note.textContent = [known && this.words.errors[known], where].filter(Boolean).join(" ");
  }
}
