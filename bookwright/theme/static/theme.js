// Before anything is painted: the colours that the reader chose. Furo's script changes them.
try {
  document.body.dataset.theme = localStorage.getItem("theme") || "auto";
} catch {
  document.body.dataset.theme = "auto"; // storage may be forbidden
}

// The font of the formulas is loaded before they are laid out, so that nothing moves when it comes.
// From a folder browsers allow that to styles only.
const { mathFont } = document.currentScript.dataset;
if (mathFont && location.protocol !== "file:") {
  const link = Object.assign(document.createElement("link"), { rel: "preload", as: "font" });
  document.head.append(Object.assign(link, { crossOrigin: "", href: mathFont }));
}
