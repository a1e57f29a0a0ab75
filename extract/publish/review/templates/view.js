// The pages with their tables and rows, and which of them are shown.

const view = {
  state: readState(""),
  visible: entries.map((_, index) => index),
  rules: [],
  // Rule -> its element.
  rowsOf: entries.map(() => []),
  // Rule -> the rows that state it.
  documents: [],
  flat: null,
};

document.querySelectorAll("section.document").forEach((element) => {
  const item = document.querySelector(`.contents [data-document="${element.dataset.document}"]`);
  const found = { element, item, tables: [], others: element.querySelector(".others") };
  element.querySelectorAll("div.table").forEach((table) => {
    const rows = [...table.querySelectorAll("tr[data-row]")].map((row) => {
      const told = [...row.querySelectorAll("[data-rule], [data-rule-again]")].map((one) => {
        const index = Number(one.dataset.rule ?? one.dataset.ruleAgain);
        if (one.dataset.rule) {
          view.rules[index] = one;
        }
        view.rowsOf[index].push(row);
        return index;
      });
      return { element: row, rules: told };
    });
    found.tables.push({ element: table, rows, spans: [...table.querySelectorAll("tbody [rowspan]")].map((cell) => [cell, cell.rowSpan]) });
  });
  view.documents.push(found);
});

/* Return the test of everything that a state asks for. */
function stateTest(state) {
  const tests = [];
  const search = searchTest(state.q, protocols);
  if (state.q.trim()) {
    tests.push((entry, index) => search(entry, texts[index], places[index]));
  }
  if (state.release) {
    tests.push((_, index) => data.scopes[home[index].scope] === state.release);
  }
  if (state.document) {
    tests.push((entry) => entry.evidence.some((one) => one.document === state.document));
  }
  if (state.action) {
    tests.push((entry) => (entry.action ?? "none") === state.action);
  }
  if (state.severity) {
    tests.push((_, index) => data.flags[index].includes(SEVERITIES[state.severity] ?? "-"));
  }
  if (state.direction) {
    tests.push((entry) => (entry.direction ?? "none") === state.direction);
  }
  if (state.protocol) {
    tests.push((entry) => entry.protocol === state.protocol);
  }
  SWITCHES.filter((name) => state[name]).forEach((name) => tests.push((_, index) => data.flags[index].includes(FLAGS[name])));
  if (state.pick) {
    const picked = new Set(pickedBy(state.pick)?.rules ?? []);
    tests.push((_, index) => picked.has(index));
  }
  return (entry, index) => tests.every((test) => test(entry, index));
}

/* Return what a pick means: `0.edge.3` is the fourth arrow of the first drawing. */
function pickedBy(pick) {
  const [drawing, kind, number] = pick.split(".");
  return data.drawings[Number(drawing)]?.[kind === "node" ? "nodes" : "edges"]?.[Number(number)];
}

/* Show what the state asks for, and nothing else. */
function apply() {
  const { state } = view;
  const filtered = isFiltered(state);
  const test = stateTest(state);
  const holds = entries.map(test);
  view.visible = entries.map((_, index) => index).filter((index) => holds[index]);
  view.rules.forEach((element, index) => setHidden(element, !holds[index]));
  view.documents.forEach((one) => showDocument(one, holds, filtered));
  byId("pages").classList.toggle("filtered", filtered);
  byId("pages").classList.toggle("picked", Boolean(state.pick));
  const inTable = state.view === "table";
  setHidden(byId("empty"), !filtered || view.visible.length > 0);
  setHidden(byId("pages"), inTable);
  setHidden(byId("all"), !inTable || view.visible.length === 0);
  if (inTable) {
    view.flat ??= new Rules(byId("rules"));
    view.flat.show(view.visible, state.sort);
  }
  showTools(state, filtered);
  tell(holds, filtered);
}

function setHidden(element, hidden) {
  if (element && element.hidden !== hidden) {
    element.hidden = hidden;
  }
}

function showDocument(one, holds, filtered) {
  let some = false;
  for (const table of one.tables) {
    let shownRows = 0;
    for (const row of table.rows) {
      const isShown = !filtered || row.rules.some((index) => holds[index]);
      setHidden(row.element, !isShown);
      shownRows += isShown;
    }
    const partly = shownRows < table.rows.length;
    // Cells that span hidden rows would shift those that are left: each row then has its own.
    table.spans.forEach(([cell, span]) => { cell.rowSpan = partly ? 1 : span; });
    if (table.spans.length) {
      table.element.classList.toggle("unspanned", partly);
    }
    setHidden(table.element, !shownRows && filtered);
    some ||= shownRows > 0;
  }
  setHidden(one.element, filtered && !some);
  setHidden(one.others, filtered);
}

function showTools(state, filtered) {
  if (byId("q").value !== state.q) {
    byId("q").value = state.q;
  }
  CHOICES.forEach((name) => { byId(name).value = state[name]; });
  SWITCHES.forEach((name) => { byId(name).checked = state[name]; });
  const active = [...CHOICES, ...SWITCHES].filter((name) => state[name]).length;
  byId("filters").firstElementChild.textContent = active ? `Filters (${active})` : "Filters";
  byId("filters").classList.toggle("active", active > 0);
  byId("view-pages").setAttribute("aria-pressed", String(state.view === "pages"));
  byId("view-table").setAttribute("aria-pressed", String(state.view === "table"));
  const picked = pickedBy(state.pick);
  setHidden(byId("pick"), !state.pick);
  byId("pick").replaceChildren("✕ Drawing: ", ...shown(picked?.label ?? "nothing"));
  document.querySelectorAll("[data-drawing] .picked").forEach((element) => element.classList.remove("picked"));
  if (picked) {
    const [drawing, kind, number] = state.pick.split(".");
    const element = document.querySelector(`[data-drawing="${Number(drawing)}"] [data-${kind}="${Number(number)}"]`);
    element?.classList.add("picked");
    unfold(element);
  }
  setHidden(byId("clear"), !filtered);
}

/* Say how many are shown. */
function tell(holds, filtered) {
  const rules = data.rules.length;
  const open = data.unresolved.length;
  const shownRules = holds.slice(0, rules).filter(Boolean).length;
  const shownOpen = view.visible.length - shownRules;
  const named = (some, all) => (filtered ? `${some} of ${all}` : `${all}`);
  const text = `${named(shownRules, rules)} ${rules === 1 ? "rule" : "rules"}${open ? ` and ${named(shownOpen, open)} unresolved` : ""}`;
  if (byId("count").textContent !== text) {
    byId("count").textContent = text;
  }
}

/* Change a part of the state, show it, and put it into the address. */
function change(part, replace = false) {
  const before = view.state;
  view.state = { ...before, ...part };
  apply();
  remember(view.state, replace);
  const top = (part.pick === undefined ? document.querySelector("main") : byId("drawings"))?.getBoundingClientRect().top ?? 0;
  // What was read is gone: what is found begins at the top.
  if (part.pick === undefined && top < 0) {
    document.querySelector("main").scrollIntoView();
  }
}

function clearAll() {
  change(readState(`view=${view.state.view}&sort=${view.state.sort}`));
}

/* Open everything that is folded around an element. */
function unfold(element) {
  for (let around = element?.closest("details"); around; around = around.parentElement.closest("details")) {
    around.open = true;
  }
}

/* Bring a place of the page into sight, whatever hides it. */
function reveal(name) {
  const target = byId(name);
  if (!target) {
    return;
  }
  // A part of the page as a whole is not shown while rules are filtered.
  const isLeftOut = target.closest("#pages [hidden]") || (target.matches(".part") && isFiltered(view.state));
  if (view.state.view === "table" || isLeftOut) {
    view.state = isLeftOut ? readState("") : { ...view.state, view: "pages" };
    apply();
  }
  unfold(target);
  target.scrollIntoView();
  if (target.matches(".rule, [tabindex]")) {
    target.focus({ preventScroll: true });
  }
}

/* Show what the address says. */
function restore() {
  const said = readState(location.hash);
  if (said && writeState(said) !== writeState(view.state)) {
    view.state = said;
    apply();
  } else if (!said) {
    reveal(location.hash.slice(1));
  }
}
