// The browsers that messengers and other apps bring along: what may fail there, and the way out.

// By what such a browser says of itself; the names are keys of the interface words.
const APPS = {
  kakaotalk: /KAKAOTALK/,
  naver: /NAVER\(inapp/,
  line: /\bLine\//,
  instagram: /\bInstagram\b/,
  facebook: /\bFBA[NV]\//,
  other: /; wv\)|\b(iPhone|iPad)\b(?!.*Safari\/)/,
};

// The app whose browser this is, or undefined.
export function appAround(userAgent) {
  return Object.keys(APPS).find((name) => APPS[name].test(userAgent));
}

// Says below a cell what to expect, with the address of the page, to be opened elsewhere.
export function offerOutside(box, app, words) {
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const about = make("div", { className: "live-result live-outside" });
  const text = make("p", { textContent: words.says.replace("{}", words[app]) });
  const field = make("input", { className: "live-editor", readOnly: true, value: location.href });
  field.setAttribute("aria-label", words.address);
  const copy = make("button", { className: "live-button", type: "button", textContent: words.copy });
  copy.addEventListener("click", async () => {
    field.select(); // where nothing can be copied, it can be held and copied by hand
    try {
      await navigator.clipboard.writeText(field.value);
      copy.textContent = words.copied;
    } catch {
      copy.textContent = document.execCommand("copy") ? words.copied : words.by_hand;
    }
  });
  about.append(text, field, copy);
  box.append(about);
}
