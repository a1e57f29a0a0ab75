// What is shown stands in the fragment of the address, so that a link can be sent: #q=8090&direction=ingress.

const CHOICES = ["release", "document", "action", "direction", "protocol", "severity"];
const SWITCHES = ["complete", "findings", "corrected", "patched", "unresolved"];
const FLAGS = { complete: "w", findings: "f", corrected: "c", patched: "p", unresolved: "u" };
const SEVERITIES = { error: "x", warning: "y", note: "n" };

/* Return the state that a fragment holds, null when it is the name of a place on the page. */
function readState(fragment) {
  const text = fragment.replace(/^#/, "");
  if (text && !text.includes("=")) {
    return null;
  }
  const said = new URLSearchParams(text);
  const state = { q: said.get("q") ?? "", view: said.get("view") === "table" ? "table" : "pages", sort: said.get("sort") ?? "", pick: said.get("pick") ?? "" };
  CHOICES.forEach((name) => { state[name] = said.get(name) ?? ""; });
  SWITCHES.forEach((name) => { state[name] = said.get(name) === "1"; });
  return state;
}

/* Return the fragment that holds a state, empty for all that there is. */
function writeState(state) {
  const said = new URLSearchParams();
  ["q", ...CHOICES, "pick", "sort"].filter((name) => state[name]).forEach((name) => said.set(name, state[name]));
  SWITCHES.filter((name) => state[name]).forEach((name) => said.set(name, "1"));
  if (state.view === "table") {
    said.set("view", "table");
  }
  return said.toString();
}

const isFiltered = (state) => Boolean(state.q.trim() || state.pick || CHOICES.some((name) => state[name]) || SWITCHES.some((name) => state[name]));

/* Put a state into the address. A word that is typed is one step back, however many letters it has. */
function remember(state, replace) {
  const fragment = writeState(state);
  const address = location.href.split("#")[0] + (fragment ? `#${fragment}` : "");
  if (address !== location.href) {
    history[replace ? "replaceState" : "pushState"](null, "", address);
  }
}
