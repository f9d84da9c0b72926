// Python for one page: loads it from this site, closes every way out of it, then runs cells.
const MOST = 200_000; // signs that one run may print
const EVERY = 50; // milliseconds between two messages with what is printed
// What leads out of a worker, or starts another one that is not closed.
const WAYS_OUT = [
  "fetch", "XMLHttpRequest", "WebSocket", "WebSocketStream", "WebTransport", "EventSource",
  "importScripts", "Worker", "SharedWorker", "RTCPeerConnection", "caches", "indexedDB",
  "BroadcastChannel", "close",
];

const post = self.postMessage.bind(self);
const say = (kind, more = {}) => post({ kind, ...more });
let runner;

// The fetch that Pyodide gets: it counts what comes, in the bytes that the host sends.
function counting(fetch, files) {
  let loaded = 0;
  return async (address, options) => {
    const name = decodeURIComponent(String(address.url ?? address).split("/").pop());
    // An address names one content for ever: what this browser has kept of it is not asked for again.
    let answer = await fetch(address, { ...options, cache: "force-cache" });
    if (!answer.ok) answer = await fetch(address, { ...options, cache: "reload" });
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    const share = files[name] ? files[name].gzipped / files[name].bytes : 0;
    const count = new TransformStream({
      transform(chunk, out) {
        loaded += chunk.byteLength * share;
        say("loading", { loaded });
        out.enqueue(chunk);
      },
    });
    const headers = new Headers(answer.headers);
    if (name.endsWith(".wasm")) headers.set("Content-Type", "application/wasm"); // not all hosts say so
    return new Response(answer.body.pipeThrough(count), { status: answer.status, headers });
  };
}

// What is printed, in few messages, and not without end.
const printed = {
  text: "", size: 0, last: 0, decoder: new TextDecoder(),
  write(bytes) {
    if (printed.size <= MOST) {
      const text = printed.decoder.decode(bytes, { stream: true });
      printed.text += text.slice(0, MOST - printed.size);
      printed.size += text.length;
      if (printed.size > MOST) say("cut");
    }
    if (performance.now() - printed.last > EVERY) printed.flush();
    return bytes.length;
  },
  flush() {
    if (printed.text) say("printed", { text: printed.text });
    printed.text = "";
    printed.last = performance.now();
  },
};

// The page's policy, which this worker inherits, forbids other hosts, and `import` from them, too.
function closeWaysOut() {
  for (const name of WAYS_OUT) {
    for (let scope = self; scope; scope = Object.getPrototypeOf(scope)) {
      if (Object.hasOwn(scope, name)) delete scope[name];
    }
    const value = () => {
      throw new Error(`${name} is closed: code on this page stays on it`);
    };
    Object.defineProperty(self, name, { value, writable: false, configurable: false });
  }
}

async function start({ base, files, modules }) {
  self.fetch = counting(self.fetch.bind(self), files);
  const { loadPyodide } = await import(`${base}pyodide.mjs`);
  // Without the option, Safari hangs in calls that it cannot suspend.
  const options = { indexURL: base, packages: ["numpy"], enableRunUntilComplete: false };
  const pyodide = await loadPyodide(options);
  for (const [path, text] of Object.entries(modules)) {
    pyodide.FS.mkdirTree(`/book/${path}`.replace(/\/[^/]*$/, ""));
    pyodide.FS.writeFile(`/book/${path}`, text);
  }
  pyodide.setStdout({ write: printed.write });
  pyodide.setStderr({ write: printed.write });
  pyodide.setStdin({ stdin: () => null }); // nobody types while a cell runs
  closeWaysOut();
  pyodide.runPython("import sys; sys.path.insert(0, '/book')");
  pyodide.runPython("sys.stdout.reconfigure(line_buffering=True)");
  runner = pyodide.pyimport("live_runner");
}

// Runs steps until one raises: { step, source, name, line } each.
function run({ steps }) {
  printed.size = 0;
  let answer = {};
  for (const { step, source, name, line } of steps) {
    say("running", { step });
    const mended = runner.mended(source);
    if (mended !== source) say("mended", { step, source: mended });
    answer = JSON.parse(runner.run(mended, name, line));
    printed.flush();
    if (answer.error) return say("raised", { step, ...answer.error });
    say("ran", { step, source: mended });
  }
  say("done", { result: answer.result });
}

self.onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") {
      await start(data);
      say("ready");
    } else {
      run(data);
    }
  } catch (error) {
    // Python's own exceptions do not come here: what does ended Python, for which there may have
    // been no room from the first, or it did not come at all.
    const full = error instanceof RangeError || /memory/i.test(error);
    say(data.kind === "start" && !full ? "failed" : "died", { why: String(error) });
  }
};
say("there");
