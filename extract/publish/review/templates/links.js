// A row and the rules that came of it mark each other, under the pointer and with the keyboard.

function light(target) {
  document.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  const rule = target?.closest?.(".rule");
  const row = target?.closest?.("tr[data-row]");
  if (rule) {
    rule.classList.add("lit");
    view.rowsOf[Number(rule.dataset.rule)].forEach((element) => element.classList.add("lit"));
  } else if (row) {
    row.classList.add("lit");
    row.querySelectorAll("[data-rule], [data-rule-again]").forEach((one) => view.rules[Number(one.dataset.rule ?? one.dataset.ruleAgain)]?.classList.add("lit"));
  }
}

/* Return the row or rule that is shown next to one, in its table; a rule next to the last of a row is the first of the next row. */
function beside(element, step) {
  const all = [...element.closest("table").querySelectorAll(element.matches("tr") ? "tr[data-row]" : ".rule")].filter((one) => !one.closest("[hidden]"));
  return all[all.indexOf(element) + step];
}

function onKey(event) {
  const { target, key } = event;
  if (!target.matches("tr[data-row], .rule") || event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  const isRow = target.matches("tr");
  let next = null;
  if (key === "ArrowDown" || key === "ArrowUp") {
    next = beside(target, key === "ArrowDown" ? 1 : -1);
  } else if (key === "Enter" && isRow) {
    const again = target.querySelector("[data-rule-again]");
    next = target.querySelector(".rule:not([hidden])") ?? (again && view.rules[Number(again.dataset.ruleAgain)]);
  } else if (key === "Escape" && !isRow) {
    next = target.closest("tr");
  }
  if (next) {
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

/* One row of each table is reached with the tabulator: the one that was left last. */
function keepPlace(target) {
  const row = target.closest("tr[data-row]");
  const kept = row?.closest("table").querySelector('tr[data-row][tabindex="0"]');
  if (row && kept !== row) {
    kept?.setAttribute("tabindex", "-1");
    row.setAttribute("tabindex", "0");
  }
}

const pages = byId("documents");
pages.addEventListener("pointerover", (event) => light(event.target));
pages.addEventListener("pointerleave", () => light(document.activeElement));
pages.addEventListener("focusin", (event) => {
  light(event.target);
  keepPlace(event.target);
});
pages.addEventListener("keydown", onKey);
