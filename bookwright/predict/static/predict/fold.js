// Before anything is painted: results of questions are folded, but for those whose questions this
// reader has answered (`keeping/keep.js` names the keys) and on pages where all is to be shown.
{
  const root = document.documentElement;
  const site = new URL("../..", document.currentScript.src).pathname;
  const own = `kept ${site} prediction `;
  root.dataset.all = location.pathname.replace(/\/\w+\/([^/]*)$/, "/$1 shown"); // in any language
  let [open, answered] = [".unfolded", ""];
  try {
    for (const key of Object.keys(localStorage)) {
      if (key === root.dataset.all) root.classList.add("all-shown");
      if (!key.startsWith(own)) continue;
      const id = key.slice(own.length);
      answered += ` ${id}`;
      open += `,#output-${CSS.escape(id)},#result-${CSS.escape(id)}`;
    }
  } catch {
    // storage may be forbidden
  }
  root.dataset.answered = answered.trim();
  const style = document.createElement("style");
  style.textContent = `html:not(.both) .predict-all{visibility:visible}
@media screen{html:not(.both,.all-shown) .predicted:not(${open}){display:none}}`;
  document.head.append(style);
}
