// The next and the previous place that needs a look, of those that are shown.

let visited = null;

/* Return whether an element stands behind another one; what is in it counts as behind it. */
const isBehind = (element, other) => Boolean(other.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);

/* Return the element from which one goes on: what has the focus, or, where that is the tool bar, the problem that was visited last. */
function standing() {
  const focused = byId("documents").contains(document.activeElement) ? document.activeElement : visited;
  return focused?.matches("summary") ? focused.parentElement : focused;
}

/* Return the problem that is `step` places away, undefined when there is none. */
function problemFrom(all, here, step) {
  if (!here) {
    return step > 0 ? all[0] : undefined;
  }
  const behind = all.findIndex((one) => isBehind(one, here));
  const passed = behind < 0 ? all.length : behind;
  return step > 0 ? all[passed] : all[passed - 1 - all.includes(here)];
}

/* Go to the problem that is `step` places away from where the reader is. */
function goToProblem(step) {
  if (view.state.view === "table") {
    change({ view: "pages" });
  }
  const all = [...byId("documents").querySelectorAll("[data-problem]")].filter((one) => !one.closest("[hidden]"));
  const target = problemFrom(all, standing(), step);
  if (!target) {
    const passed = step > 0 ? "That was the last problem" : "That was the first problem";
    say(all.length ? passed : "Nothing that is shown needs a look");
    return;
  }
  visited = target;
  unfold(target);
  target.scrollIntoView({ block: target.matches("tr") ? "center" : "start" });
  (target.matches("details") ? target.firstElementChild : target).focus({ preventScroll: true });
  say(`Problem ${all.indexOf(target) + 1} of ${all.length}`);
}

byId("next").addEventListener("click", () => goToProblem(1));
byId("previous").addEventListener("click", () => goToProblem(-1));
