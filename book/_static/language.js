// Remembers the language last read, so that the front door opens on it.
try {
  localStorage.setItem("language", document.documentElement.lang.slice(0, 2));
} catch {
  // Storage may be forbidden; the two links of the front door still work.
}
