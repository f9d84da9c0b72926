// Runs the steps of a page in node, with the Python that browsers get; prints what came of each.
import { readFileSync } from "node:fs";

const { base, modules, steps } = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(`${base}pyodide.mjs`);
const python = await loadPyodide({ indexURL: base, packages: ["numpy"], messageCallback: () => {} });
for (const [path, text] of Object.entries(modules)) {
  python.FS.mkdirTree(`/book/${path}`.replace(/\/[^/]*$/, ""));
  python.FS.writeFile(`/book/${path}`, text);
}
python.runPython("import sys; sys.path.insert(0, '/book')");
let printed = "";
const decoder = new TextDecoder();
const write = (bytes) => ((printed += decoder.decode(bytes, { stream: true })), bytes.length);
python.setStdout({ write });
python.setStderr({ write });
python.setStdin({ stdin: () => null });
const runner = python.pyimport("live_runner");
for (const { cell, line, source } of steps) {
  const begun = performance.now();
  printed = "";
  const { result, error } = JSON.parse(runner.run(source, `<cell ${cell}>`, line));
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(`${JSON.stringify({ cell, line, seconds, printed, result, error })}\n`);
  if (error) break;
}
