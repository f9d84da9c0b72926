// The last choice wins, else the browser's language; without this script the page's links serve.
let language;
try {
  language = localStorage.getItem("language");
} catch {
  // Storage may be forbidden.
}
const wanted = navigator.languages ?? [navigator.language];
language ??= wanted.map((tag) => tag.slice(0, 2)).find((tag) => tag === "ko" || tag === "en");
location.replace(`${language === "ko" ? "ko" : "en"}/index.html`);
