// Before anything is painted: the colours that the reader chose. Furo's script changes them.
try {
  document.body.dataset.theme = localStorage.getItem("theme") || "auto";
} catch {
  document.body.dataset.theme = "auto"; // storage may be forbidden
}
