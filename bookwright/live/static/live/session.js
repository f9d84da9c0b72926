// One Python for a page: knows what has run in it, and ends it.

// The worker inherits the page's policy only if it comes from the page itself, as a blob does; what
// it runs is loaded from the site. Holding a lock for as long as it lives, it cannot die unnoticed.
const BLOB = (script, lock) => `
  const failed = (error) => postMessage({ kind: "failed", why: String(error) });
  const load = () => import(${JSON.stringify(script)}).catch(failed);
  if (!navigator.locks) load();
  else navigator.locks.request(${JSON.stringify(lock)}, () => (load(), new Promise(() => {})));
`;

// Notes in this tab that Python is here, for `start.js`, or takes the note away. Where the system
// ends a page, as telephones do for want of memory, no event says so, and the note stays.
function note(text) {
  try {
    if (text) sessionStorage.setItem(`live ${location.pathname}`, text);
    else sessionStorage.removeItem(`live ${location.pathname}`);
  } catch {
    // storage may be forbidden
  }
}

export class Session {
  #worker = null;
  #note = null; // while there is a worker: its lock, and the cell that ran last
  #listen = null; // gets what the worker says
  #ran = new Map(); // the source of each step that has run, by its place
  loaded = false; // whether Python has come

  // runtime: { base, files }; script: the worker's address.
  constructor(page, runtime, script) {
    this.page = page;
    this.runtime = runtime;
    this.script = script;
    // Of the ends that readers bring about this one is told everywhere; to be hidden is none.
    addEventListener("pagehide", () => note(null));
    addEventListener("pageshow", () => note(this.#note)); // with its worker, as it was left
  }

  get busy() {
    return this.#listen !== null;
  }

  // Runs a live cell, first what it needs and has not run. `sources` are the cells' present ones, by
  // step; `tell(kind, more)` hears all that happens. Resolves to "done", "raised", "stopped", "died"
  // or "failed".
  run(target, sources, tell) {
    return new Promise((resolve) => {
      this.#listen = ({ kind, ...more }) => {
        if (kind === "ran") this.#ran.set(more.step, more.source);
        if (kind === "there") this.#send({ kind: "start", ...this.runtime, modules: this.page.modules });
        if (kind === "ready") {
          this.loaded = true;
          this.#sendSteps(target, sources);
        }
        // What is full stays full: its memory never gets smaller.
        const full = kind === "raised" && more.kinds.includes("MemoryError");
        if (full || ["stopped", "died", "failed"].includes(kind)) this.#end();
        tell(kind, more);
        if (["done", "raised", "stopped", "died", "failed"].includes(kind)) {
          this.#listen = null;
          resolve(kind);
        }
      };
      const { cell } = this.page.steps[target];
      if (this.#worker) {
        note((this.#note = this.#note.replace(/\d+$/, cell)));
        return this.#sendSteps(target, sources);
      }
      try {
        this.#begin(cell);
      } catch (error) { // the browser lets no worker begin
        this.#listen({ kind: "failed", why: String(error) });
      }
    });
  }

  stop() {
    this.#listen?.({ kind: "stopped" });
  }

  #begin(cell) {
    const lock = `live-${crypto.randomUUID?.() ?? Math.random()}`;
    const blob = new Blob([BLOB(this.script, lock)], { type: "text/javascript" });
    const address = URL.createObjectURL(blob);
    const worker = new Worker(address, { type: "module" });
    this.#worker = worker;
    note((this.#note = `${lock} ${cell}`));
    const own = (message) => worker === this.#worker && this.#heard(message);
    worker.onmessage = ({ data }) => {
      URL.revokeObjectURL(address);
      own(data);
      if (data.kind === "there") navigator.locks?.request(lock, () => own({ kind: "died" }));
    };
    worker.onerror = (event) => own({ kind: "failed", why: event.message });
  }

  #heard(message) {
    if (this.#listen) this.#listen(message);
    else if (message.kind === "died") this.#end(); // between two runs: the next one starts afresh
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = null;
    note((this.#note = null));
    this.#ran.clear();
  }

  #send(message) {
    this.#worker.postMessage(message);
  }

  // What stands above and was changed since it ran makes all that comes after it out of date.
  #sendSteps(target, sources) {
    const { steps } = this.page;
    const source = (step) => sources.get(step) ?? steps[step].source;
    for (const step of [...steps[target].needs, target].sort((one, other) => one - other)) {
      if (this.#ran.has(step) && this.#ran.get(step) !== source(step)) {
        for (const later of [...this.#ran.keys()]) if (later >= step) this.#ran.delete(later);
      }
    }
    const todo = [...steps[target].needs.filter((step) => !this.#ran.has(step)), target];
    this.#send({
      kind: "run",
      steps: todo.map((step) => ({
        step,
        source: source(step),
        name: `<cell ${steps[step].cell}>`,
        line: steps[step].line,
      })),
    });
  }
}
