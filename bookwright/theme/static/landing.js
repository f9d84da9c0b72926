// The last choice wins, else the browser's language; without this script the page's links serve.
const languages = document.documentElement.dataset.languages.split(" ");
const known = (language) => languages.includes(language);
let language;
try {
  language = localStorage.getItem("language");
} catch {
  // Storage may be forbidden.
}
const wanted = navigator.languages ?? [navigator.language];
if (!known(language)) language = wanted.map((tag) => tag.slice(0, 2)).find(known);
location.replace(`${language ?? languages.at(-1)}/index.html`);
