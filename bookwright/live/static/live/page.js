// The live cells of a page: one Python for all of them, an editor and an output for each.
import { Session } from "./session.js";
import { LiveCell } from "./cell.js";
import { Exercise } from "./exercise.js";
import { appAround, offerOutside } from "./outside.js";

let loading = null;
const cells = new Map(); // by step

async function load(address, root) {
  const answer = await fetch(new URL(address, root));
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  const page = await answer.json();
  const base = new URL(page.runtime.base, root).href;
  const script = new URL("./worker.js", import.meta.url);
  script.search = new URL(import.meta.url).search;
  page.root = root;
  return new Session(page, { ...page.runtime, base }, script.href);
}

// Called at the first press of a cell's button; resolves to whether the cell's own buttons are there.
// box: what the page has below the cell; address: of the page's file, from the root.
export async function open(box, address, root) {
  loading ??= load(address, root).catch((error) => {
    loading = null; // the next press tries again
    throw error;
  });
  const session = await loading;
  const { words } = session.page;
  const app = appAround(navigator.userAgent);
  if (app && !document.querySelector(".live-outside")) offerOutside(box, app, words.outside);
  if (typeof WebAssembly !== "object" || typeof Worker !== "function") {
    box.querySelector(".live-status").textContent = words.old;
    return false;
  }
  const number = Number(box.dataset.cell);
  const step = session.page.steps.findIndex((each) => each.needs && each.cell === number);
  const Kind = number in session.page.exercises ? Exercise : LiveCell;
  const cell = new Kind(box, step, session, cells);
  cells.set(step, cell);
  cell.begin();
  return true;
}
