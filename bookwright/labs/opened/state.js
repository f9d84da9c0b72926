// The state of a lab as it stands in an address: `?lab=NAME~VERSION~control.value~control.value`.
// Only signs that no messenger writes in another way. What is read is never more than one of the
// choices, a number in its range, or a text that is shown as a text: no code comes from an address.

export function atStart(controls) {
  return Object.fromEntries(controls.map(({ name, start }) => [name, start]));
}

// The value that a text means for a control; undefined if it is none of its values.
function valueOf(control, text) {
  if (control.several) {
    const chosen = text.split(".").filter(Boolean);
    return chosen.every((each) => control.choices.includes(each)) ? text : undefined;
  }
  if (control.choices) return control.choices.includes(text) ? text : undefined;
  if (control.longest) return text.length <= control.longest ? text : undefined;
  const value = text.trim() === "" ? NaN : Number(text);
  const whole = !control.whole || Number.isInteger(value);
  return whole && value >= control.from && value <= control.to ? value : undefined;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// What an address says to a lab, or null if it speaks of another one or of none: the state, and what
// of it was not understood, as [kind, ...names]. `about` is { version, controls }.
export function read(search, name, about) {
  const said = decoded(/[?&]lab=([^&]*)/.exec(search)?.[1] ?? "");
  const [own, version, ...parts] = said.split("~");
  if (own !== name) return null;
  const state = atStart(about.controls);
  const told = [];
  if (version !== undefined && version !== String(about.version)) told.push(["version", version]);
  for (const part of parts) {
    const dot = part.indexOf(".");
    const key = dot < 0 ? part : part.slice(0, dot);
    const control = about.controls.find((each) => each.name === key);
    if (!control) {
      told.push(["unknown", key]);
      continue;
    }
    const text = dot < 0 ? "" : decoded(part.slice(dot + 1));
    const value = valueOf(control, text);
    if (value === undefined) told.push(["value", key, text]);
    else state[key] = value;
  }
  return { state, told };
}

// The query for a state: all of it, so that it says the same when a lab later starts with another.
export function written(name, state, about) {
  const parts = about.controls.map(
    // Twice encoded, % and ~ of a text mean nothing to `read` before it has taken the parts apart.
    ({ name: key }) =>
      `${key}.${encodeURIComponent(String(state[key]).replaceAll("%", "%25").replaceAll("~", "%7E"))}`,
  );
  return `?lab=${[name, about.version, ...parts].join("~")}`;
}
