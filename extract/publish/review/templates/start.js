// What the tool bar, the drawings and the keys do.

let typed = false;
let asked = 0;
byId("q").addEventListener("input", () => {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(() => {
    change({ q: byId("q").value }, typed);
    typed = true;
  });
});
byId("q").addEventListener("blur", () => { typed = false; });
byId("tools").addEventListener("submit", (event) => event.preventDefault());
CHOICES.forEach((name) => byId(name).addEventListener("change", () => change({ [name]: byId(name).value })));
SWITCHES.forEach((name) => byId(name).addEventListener("change", () => change({ [name]: byId(name).checked })));
byId("view-pages").addEventListener("click", () => change({ view: "pages" }));
byId("view-table").addEventListener("click", () => change({ view: "table" }));
byId("pick").addEventListener("click", () => change({ pick: "" }));
byId("clear").addEventListener("click", () => {
  clearAll();
  byId("q").focus();
});
byId("clear-all").addEventListener("click", () => {
  clearAll();
  byId("q").focus();
});

// --- copying and saving ---------------------------------------------------------------------------------------------------

function shownEntries() {
  const order = view.state.view === "table" ? view.flat.ordered(view.visible, view.state.sort) : view.visible;
  return order.map((index) => entries[index]);
}

const FORMS = { json: ["rules.json", "application/json", toJson], csv: ["rules.csv", "text/csv;charset=utf-8", toCsv] };
for (const [form, [name, type, render]] of Object.entries(FORMS)) {
  byId(`copy-${form}`).addEventListener("click", async () => {
    const chosen = shownEntries();
    await copy(render(chosen));
    say(`Copied ${chosen.length} as ${form.toUpperCase()}`);
  });
  // Spreadsheets take a file without the mark for one of their own country.
  byId(`save-${form}`).addEventListener("click", () => save(name, type, (form === "csv" ? "\ufeff" : "") + render(shownEntries())));
}

document.querySelector("main").addEventListener("click", async (event) => {
  const button = event.target.closest(".copy, .line");
  if (button) {
    const text = button.dataset.copy ?? `${button.closest("section.document").dataset.path}:${button.textContent.trim()}`;
    await copy(text);
    say(`Copied ${text}`);
  }
});
byId("rules").addEventListener("click", (event) => {
  const by = event.target.closest("[data-sort]")?.dataset.sort;
  if (by) {
    change({ sort: view.state.sort === by ? `-${by}` : by });
  }
});

// --- drawings -------------------------------------------------------------------------------------------------------------

function pick(event) {
  const target = event.target.closest("[data-node], [data-edge]");
  const drawing = target?.closest("[data-drawing]")?.dataset.drawing;
  if (drawing === undefined || (event.type === "keydown" && event.key !== "Enter" && event.key !== " ")) {
    return;
  }
  event.preventDefault();
  const kind = target.dataset.node === undefined ? "edge" : "node";
  const picked = `${drawing}.${kind}.${target.dataset[kind]}`;
  change({ pick: view.state.pick === picked ? "" : picked });
}

byId("drawings")?.addEventListener("click", pick);
byId("drawings")?.addEventListener("keydown", pick);

// --- keys, menus, address, paper --------------------------------------------------------------------------------------------

const isTyping = (event) => event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
const menus = [byId("filters"), byId("export")];
document.addEventListener("click", (event) => menus.filter((menu) => !menu.contains(event.target)).forEach((menu) => { menu.open = false; }));
document.addEventListener("keydown", (event) => {
  const open = menus.find((menu) => menu.open);
  if (event.key === "Escape" && open) {
    open.open = false;
    open.firstElementChild.focus();
  } else if (event.key === "/" && !isTyping(event)) {
    event.preventDefault();
    byId("q").focus();
    byId("q").select();
  } else if ((event.key === "n" || event.key === "p") && !isTyping(event)) {
    event.preventDefault();
    goToProblem(event.key === "n" ? 1 : -1);
  }
});
addEventListener("popstate", restore);
// A second click on the same link changes no address.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (link && link.hash === location.hash) {
    reveal(link.hash.slice(1));
  }
});
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("main details:not([open])")];
  folded.forEach((element) => { element.open = true; });
  view.flat?.more(true);
});
addEventListener("afterprint", () => folded.forEach((element) => { element.open = false; }));

byId("tools").hidden = false;
apply();
restore();
