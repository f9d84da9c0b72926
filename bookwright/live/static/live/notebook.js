// The page's notebook, as it is published, with the reader's answers in the cells of its exercises.
import * as keep from "../keeping/keep.js";

// Hands it to the reader; returns what to say.
export async function withAnswers({ root, notebook, exercises, keeping }) {
  const answer = await fetch(new URL(notebook, root)).catch(() => null);
  if (!answer?.ok) return keeping.unreachable;
  const whole = answered(await answer.json(), Object.values(exercises));
  keep.download(notebook.split("/").pop(), `${JSON.stringify(whole, null, 1)}\n`, "application/x-ipynb+json");
  return "";
}

// exercises: { name, kept } each.
export function answered(whole, exercises) {
  for (const cell of whole.cells) {
    if (!cell.metadata.tags?.includes("exercise")) continue;
    const source = [cell.source].flat().join("");
    const own = exercises.find(({ name }) => source.includes(`exercises.check("${name}"`));
    const answer = own && keep.get("answer", own.kept);
    if (answer) Object.assign(cell, { source: answer, outputs: [], execution_count: null });
  }
  return whole;
}
