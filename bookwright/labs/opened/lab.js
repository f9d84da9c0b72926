// An open lab: its controls, its drawings, and its work, done in slices so that the page answers.
import { controls } from "./controls.js";
import { filled, make, shown } from "./dom.js";
import { random } from "./random.js";
import { Stage } from "./stage.js";
import { atStart, read, written } from "./state.js";

const SLICE = 10; // milliseconds of work a frame
const QUIET = 600; // milliseconds after the last change, until its result is read out
const WRITTEN = 300; // milliseconds until the address follows: Safari takes a hundred in half a minute
const opened = new Map(); // promises of labs, by their boxes

// Opens a lab, or lets an open one follow the address. `files` is the folder of the lab's own files.
export async function open(box, files) {
  if (!opened.has(box)) opened.set(box, load(box, files));
  try {
    (await opened.get(box)).follow();
  } catch (error) {
    opened.delete(box); // the next press tries again
    throw error;
  }
}

async function load(box, files) {
  const [about, { lab }, glued] = await Promise.all([
    json(new URL("about.json", files)),
    import(new URL("lab.js", files)),
    box.dataset.glued && json(new URL(`../../../${box.dataset.glued}`, files)),
    styles(),
  ]);
  const stage = new Stage(about.words);
  let open;
  const set = (values) => open.set(values);
  const made = await lab(stage, { words: about.words, glued, random, filled, shown, box, set });
  const { run, controls: own = about.controls } = typeof made === "function" ? { run: made } : made;
  open = new Lab(box, { ...about, controls: own }, stage, run);
  return open;
}

async function json(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  return answer.json();
}

function styles() {
  if (document.querySelector("link[data-labs]")) return null;
  const link = make("link", "", { rel: "stylesheet", href: new URL("./open.css", import.meta.url).href });
  link.dataset.labs = "";
  document.head.append(link);
  return new Promise((resolve) => (link.onload = link.onerror = resolve));
}

class Lab {
  // run: what the lab's own module returned; (state) => a generator that does the work.
  constructor(box, about, stage, run) {
    Object.assign(this, { box, about, run, words: about.words });
    this.name = box.id.replace(/^lab-/, "");
    this.state = null;
    this.work = null;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.controls = controls(about.controls, about.words, box.id, (state) => this.#changed(state));
    this.told = make("p", "lab-told", { hidden: true });
    this.told.setAttribute("role", "alert");
    this.status = make("p", "lab-status");
    this.status.setAttribute("role", "status");
    const inside = make("div", "lab-open");
    inside.append(this.told, this.controls.form, this.#buttons(), this.status, stage.node);
    if (about.controls.some(({ name }) => name === "seed")) {
      inside.append(make("p", "lab-note", { textContent: this.words.seed }));
    }
    const opener = box.querySelector(".lab-opener");
    const focused = opener.contains(document.activeElement);
    opener.replaceWith(inside);
    if (focused) this.controls.form.querySelector("select, input, textarea").focus();
  }

  #buttons() {
    const button = (words, press) => {
      const node = make("button", "", { type: "button", textContent: words });
      node.addEventListener("click", press);
      return node;
    };
    const row = make("div", "lab-buttons");
    if (this.about.plays) {
      this.pause = button("", () => this.#pause(this.work !== null && !this.paused));
      row.append(this.pause);
    }
    row.append(
      button(this.words.reset, () => this.#set(atStart(this.about.controls))),
      button(this.words.link, () => this.#copy()),
    );
    return row;
  }

  // Takes the state that the address has for this lab; at first, else, the one that labs start with.
  follow() {
    const found = read(location.search, this.name, this.about);
    if (!found && this.state) return;
    clearTimeout(this.writing);
    this.#tell(found?.told ?? []);
    this.controls.set((this.state = found?.state ?? atStart(this.about.controls)));
    this.#start();
  }

  #tell(told) {
    const { words } = this;
    const label = (key) => words.controls[key];
    const kinds = {
      version: (version) => filled(words.told_version, version, this.about.version),
      unknown: (key) => filled(words.told_unknown, key),
      value: (key, text) => filled(words.told_value, label(key), text),
    };
    this.told.textContent = told.map(([kind, ...more]) => kinds[kind](...more)).join(" ");
    this.told.hidden = !told.length;
  }

  // Sets some of the values, as a lab does whose reader points at something.
  set(values) {
    this.#set({ ...this.state, ...values });
  }

  #set(state) {
    this.controls.set(state);
    this.#changed(state);
  }

  #changed(state) {
    this.state = state;
    this.#tell([]);
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.#write(), WRITTEN);
    this.#start();
  }

  #write() {
    // A page without solutions stays one, also for who gets the link.
    const more = /[?&]solutions=off(?=&|$)/.test(location.search) ? "&solutions=off" : "";
    const address = `${written(this.name, this.state, this.about)}${more}#${this.box.id}`;
    history.replaceState(null, "", address);
    return new URL(address, location.href).href;
  }

  async #copy() {
    try {
      await navigator.clipboard.writeText(this.#write());
      this.#say(this.words.copied);
    } catch {
      this.#say(this.words.in_address); // it can be copied from there
    }
  }

  // Begins the work anew. What it yields is a function that draws how far it has come, or nothing.
  #start() {
    this.work = this.run(this.state);
    this.#pause(false);
  }

  #pause(paused) {
    this.paused = paused;
    clearTimeout(this.reading);
    cancelAnimationFrame(this.frame);
    this.#name(paused ? this.words.go : this.words.stop);
    if (paused) return;
    this.work ??= this.run(this.state); // after its end it begins again
    this.box.setAttribute("aria-busy", "true");
    this.frame = requestAnimationFrame(() => this.#slice());
  }

  #name(words) {
    if (this.pause) this.pause.textContent = words;
  }

  // A frame's share of the work. A lab that plays shows each of its drawings, one a frame, or its end
  // alone if its reader wants no motion; of another lab's drawings the last one of a frame is shown.
  #slice() {
    const until = performance.now() + SLICE;
    const [shows, still] = [this.about.plays, this.about.plays && this.still.matches];
    let draw = null;
    let step;
    do {
      step = this.work.next();
      if (!step.done) draw = step.value ?? draw;
    } while (!step.done && performance.now() < until && (still || !(shows && draw)));
    if (!step.done) {
      if (draw && !still) draw();
      this.frame = requestAnimationFrame(() => this.#slice());
      return;
    }
    const { draw: last, said, heard = false } = step.value;
    last();
    this.work = null;
    this.box.removeAttribute("aria-busy");
    this.#name(this.words.again);
    this.reading = setTimeout(() => this.#say(said(), heard), shows ? 0 : QUIET);
  }

  // heard: what stands in the drawings anyway is only read out.
  #say(text, heard = false) {
    this.status.classList.toggle("lab-heard", heard);
    this.status.textContent = text;
  }
}
