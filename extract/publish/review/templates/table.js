// All rules in one table. Rows are made as the reader reaches them.

const CHUNK = 200;
const collator = new Intl.Collator("en", { numeric: true });

const portsOf = (entry) => {
  if (entry.from_port === null) {
    const icmp = [["type", entry.icmp_type], ["code", entry.icmp_code]].filter(([, number]) => number !== null).map((part) => part.join(" "));
    const opened = entry.missing?.includes("ports") ? `ports ${data.unstated}` : icmp.join(" ");
    return entry.port_text ? `“${entry.port_text}”` : opened;
  }
  return entry.from_port === entry.to_port ? String(entry.from_port) : `${entry.from_port}-${entry.to_port}`;
};

const MARKS = ["corrected", "patched", "unresolved"];
const marksOf = (index) => MARKS.filter((name) => data.flags[index].includes(FLAGS[name])).join(", ");
const placeOf = (index) => {
  const { at, line } = entries[index].evidence[0];
  return home[index].path + (at ? `, ${at}` : `:${line}`);
};

class Rules {
  constructor(table) {
    this.table = table;
    this.columns = [
      ["action", "Action", (entry) => entry.action ?? data.unstated],
      ["direction", "Direction", (entry) => entry.direction ?? data.unstated],
      ["traffic", "Protocol and ports", (entry) => `${entry.protocol ?? `protocol ${data.unstated}`} ${portsOf(entry)}`, (entry) => `${entry.protocol ?? "~"} ${String(entry.from_port ?? 99999).padStart(5, "0")}`],
      ["source", "Source", (entry) => entry.source?.name ?? data.unstated],
      ["destination", "Destination", (entry) => entry.destination?.name ?? data.unstated],
      ["description", "Description", (entry) => entry.description],
      ["marks", "Marks", (_, index) => marksOf(index)],
      ["place", "Place", (_, index) => placeOf(index)],
    ];
    this.body = table.createTBody();
    this.buttons = new Map();
    this.makeHead();
    this.end = document.createElement("div");
    table.parentElement.after(this.end);
    new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && this.more(), { rootMargin: "600px" }).observe(this.end);
  }

  makeHead() {
    const row = this.table.createTHead().insertRow();
    for (const [name, label] of this.columns) {
      const head = document.createElement("th");
      const button = document.createElement("button");
      head.scope = "col";
      head.className = `is-${name}`;
      button.type = "button";
      button.dataset.sort = name;
      button.textContent = label;
      head.append(button);
      row.append(head);
      this.buttons.set(name, head);
    }
  }

  /* Return the rules by the column that `sort` names, `-` before it turns the order. */
  ordered(indices, sort) {
    const column = this.columns.find(([name]) => name === sort.replace(/^-/, ""));
    if (!column) {
      return indices;
    }
    const key = column[3] ?? column[2];
    const keys = new Map(indices.map((index) => [index, key(entries[index], index)]));
    const turn = sort.startsWith("-") ? -1 : 1;
    return [...indices].sort((one, other) => turn * collator.compare(keys.get(one), keys.get(other)) || one - other);
  }

  show(indices, sort) {
    this.waiting = this.ordered(indices, sort);
    this.body.replaceChildren();
    this.table.setAttribute("aria-rowcount", String(indices.length + 1));
    this.buttons.forEach((head, name) => {
      const by = sort.replace(/^-/, "") === name;
      by ? head.setAttribute("aria-sort", sort.startsWith("-") ? "descending" : "ascending") : head.removeAttribute("aria-sort");
    });
    this.more();
  }

  more(all = false) {
    if (!this.waiting?.length) {
      return;
    }
    const next = all ? this.waiting : this.waiting.slice(0, CHUNK);
    this.waiting = this.waiting.slice(next.length);
    this.body.append(...next.map((index) => this.row(index)));
    // The mark at the end may still be in sight, and then nothing would say so.
    if (this.waiting.length && this.end.getBoundingClientRect().top < innerHeight + 600) {
      requestAnimationFrame(() => this.more());
    }
  }

  row(index) {
    const row = document.createElement("tr");
    const entry = entries[index];
    row.dataset.rule = index;
    for (const [name, , value] of this.columns) {
      const cell = row.insertCell();
      const text = value(entry, index);
      cell.dir = "auto";
      cell.className = `is-${name}`;
      cell.classList.toggle("open", entry[name] === null);
      if (name === "place") {
        const link = document.createElement("a");
        link.href = `#rule-${entry.id}`;
        link.append(...shown(text));
        cell.append(link);
      } else {
        cell.append(...shown(text));
      }
    }
    return row;
  }
}
