// What is shown, as JSON (the objects of rules.json) or CSV (RFC 4180).

const FIELDS = {
  id: (entry) => entry.id,
  action: (entry) => entry.action,
  direction: (entry) => entry.direction,
  protocol: (entry) => entry.protocol,
  from_port: (entry) => entry.from_port,
  to_port: (entry) => entry.to_port,
  icmp_type: (entry) => entry.icmp_type,
  icmp_code: (entry) => entry.icmp_code,
  source_kind: (entry) => entry.source?.kind,
  source: (entry) => entry.source?.name,
  destination_kind: (entry) => entry.destination?.kind,
  destination: (entry) => entry.destination?.name,
  description: (entry) => entry.description,
  port_text: (entry) => entry.port_text,
  missing: (entry) => entry.missing?.join(" "),
  reason: (entry) => entry.reason,
  complete: (entry) => entry.complete,
  evidence: (entry) => entry.evidence.map((one) => one.document + (one.at ? `, ${one.at}` : `:${one.line}`)).join(" "),
};

/* Return a cell. One that a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(value) {
  const text = String(value ?? "");
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function toCsv(entries) {
  const rows = entries.map((entry) => Object.values(FIELDS).map((value) => csvCell(value(entry))));
  return [Object.keys(FIELDS), ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}

function toJson(entries) {
  const isOpen = (entry) => "missing" in entry;
  return `${JSON.stringify({ rules: entries.filter((one) => !isOpen(one)), unresolved: entries.filter(isOpen) }, null, 2)}\n`;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page from disk may not reach the clipboard in this way.
    const area = document.createElement("textarea");
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
  }
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
