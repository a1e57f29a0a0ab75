"use strict";

// The review page. Without this script everything can be read; with it, rules are filtered, marked, sorted, copied and saved.
//
// Stable names, for tests and links:
//   #tools                 the tool bar: #q (search), #release #document #action #direction #protocol #severity (choices; values as in
//                          rules.json, #action and #direction have "none" for rules in which it is not stated; #severity is that of a
//                          finding about a row of the rule), #complete #findings #corrected #patched #unresolved (boxes), #view-pages
//                          #view-table, #previous #next (problems), #copy-json #copy-csv #save-json #save-csv, #clear
//   #count                 how many are shown (role=status); #pick: the chip of a picked node or arrow; #said: what was copied
//   #empty, #clear-all     shown when no rule matches
//   #changes, #attention   what changed, and what needs a look
//   #drawings, #contents   [data-drawing] with [data-node] and [data-edge] in it; the list of documents
//   [data-problem]         a document, table or row about which something needs a look
//   #pages, #all           the two views; #rules is the table of all rules, its head buttons have [data-sort]
//   #document-N            a document: [data-document] N, [data-path]; in it .table[data-table] and tr[data-row], whose places are
//                          #table-N-TABLE and #row-N-TABLE-ROW
//   #rule-ID               a rule: .rule[data-rule] with its number in the data (rules first, then unresolved);
//                          .again[data-rule-again]: a further row that states the rule
//   .lit                   the rows and rules that belong to what is pointed at or focused
//   #data                  the data: rules and unresolved as in rules.json, flags, documents, scopes, drawings
// Fragment: q release document action direction protocol severity, complete=1 findings=1 corrected=1 patched=1 unresolved=1,
// pick=DRAWING.node|edge.NUMBER, view=table, sort=COLUMN or -COLUMN. A fragment without "=" is a place on the page.

const byId = (name) => document.getElementById(name);
const data = JSON.parse(byId("data").textContent);
const entries = [...data.rules, ...data.unresolved];
const unseen = new RegExp(`[${data.unseen}]`, "gu");
const documents = new Map(data.documents.map((one) => [one.id, one]));
const home = entries.map((entry) => documents.get(entry.evidence[0].document));
const texts = entries.map(haystack);
const names = new Map(data.documents.map((one) => [one.id, fold(`${one.title}\n${one.path}`)]));
const places = entries.map((entry) => [...new Set(entry.evidence.map((one) => one.document))].map((id) => names.get(id)).join("\n"));
// What is asked for in any case: a rule of any protocol answers it, though no other rule names the protocol.
const protocols = new Set(["tcp", "udp", "icmp", ...entries.map((entry) => entry.protocol).filter(Boolean)]);

const LONG = /\S{16,}/g;
const BREAK = /(?<=[/\\=_:;,&?@])(?=\p{L})|(?<=\.)(?=\p{L}{5})|(?<=[a-z])(?=[A-Z])/u;

/* Return a text as nodes; a word that may be longer than its column is broken behind a sign or before a capital letter. */
function breakable(text) {
  const nodes = [];
  let end = 0;
  for (const word of text.matchAll(LONG)) {
    nodes.push(text.slice(end, word.index), ...word[0].split(BREAK).flatMap((part, number) => (number ? [document.createElement("wbr"), part] : [part])));
    end = word.index + word[0].length;
  }
  return [...nodes, text.slice(end)];
}

/* Return a text as nodes: signs that are not seen, or turn the text around, by their names. */
function shown(text) {
  const nodes = [];
  const flat = text.replace(/[\t\n\r]+/g, " ");
  let end = 0;
  for (const match of flat.matchAll(unseen)) {
    const sign = document.createElement("span");
    sign.className = "sign";
    sign.textContent = `U+${match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    nodes.push(...breakable(flat.slice(end, match.index)), sign);
    end = match.index + match[0].length;
  }
  return [...nodes, ...breakable(flat.slice(end))];
}

function say(text) {
  byId("said").replaceChildren(...shown(text));
  clearTimeout(say.timer);
  say.timer = setTimeout(() => byId("said").replaceChildren(), 2500);
}
