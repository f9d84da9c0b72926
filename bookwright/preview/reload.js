// In every page that `make serve` shows: loads it again when its language was built, and says what
// is wrong with it or still running.
const language = location.pathname.split("/")[1];
const events = new EventSource("/preview-events");

events.addEventListener("built", (event) => {
  if (event.data === language) location.reload();
});

events.addEventListener("says", (event) => {
  const lines = JSON.parse(event.data)[language] ?? [];
  document.getElementById("preview-says")?.remove();
  if (lines.length === 0) return;
  const box = document.createElement("pre");
  box.id = "preview-says";
  box.textContent = lines.join("\n");
  Object.assign(box.style, {
    position: "fixed", bottom: 0, left: 0, right: 0, margin: 0, padding: "0.7em 1em", zIndex: 1000,
    maxHeight: "40vh", overflow: "auto", whiteSpace: "pre-wrap", font: "14px monospace",
    color: "#fff", background: "#7a1f1f",
  });
  document.body.append(box);
});
