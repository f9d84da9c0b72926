// Before anything is painted: results of questions are folded, but for those whose questions this
// reader has answered (`keeping/keep.js` writes the keys) and on pages where all is to be shown.
{
  const site = new URL("../..", document.currentScript.src).pathname;
  const page = location.pathname.slice(site.length).replace(/^[^/]*\/|\.html$/g, "");
  const all = `shown ${site} ${page}`;
  let keys = [];
  try {
    keys = Object.keys(localStorage);
  } catch {
    // storage may be forbidden
  }
  const own = `kept ${site} prediction `;
  const answered = keys.filter((key) => key.startsWith(own)).map((key) => key.slice(own.length));
  const shown = answered.flatMap((id) => [`,#output-${CSS.escape(id)}`, `,#result-${CSS.escape(id)}`]);
  const root = document.documentElement;
  root.classList.toggle("all-shown", keys.includes(all));
  root.dataset.all = all;
  const style = document.createElement("style");
  style.textContent = `html:not(.both) .predict-all{visibility:visible!important}@media screen{
html:not(.all-shown,.both) .predicted:not(.unfolded${shown.join("")}){content-visibility:hidden;margin:0;padding:0}
@supports not (content-visibility:hidden){
html:not(.all-shown,.both) .predicted:not(.unfolded${shown.join("")}){display:none}}}`;
  document.head.append(style);
}
