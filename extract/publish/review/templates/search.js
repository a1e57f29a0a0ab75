// What is searched for: words and quoted phrases over names, descriptions and documents, ports that find the ranges which hold them,
// protocols.

function fold(text) {
  return text.normalize("NFKC").toLowerCase();
}

const PORTS = /^(\d{1,5})(?:[-–](\d{1,5}))?$/;

/* Return what a rule is searched in. */
function haystack(entry) {
  const ends = [entry.source, entry.destination].map((end) => (end ? end.name : ""));
  return fold([...ends, entry.description, entry.port_text ?? "", entry.reason ?? "", entry.direction ?? "", entry.action ?? ""].join("\n"));
}

/* Return whether a rule lets something through on one of the ports from `first` to `last`. */
function holdsPorts(entry, first, last) {
  if (entry.from_port === null) {
    return entry.protocol === "any" && !entry.missing?.includes("ports");
  }
  return entry.from_port <= last && first <= entry.to_port;
}

const holdsProtocol = (entry, protocol) => entry.protocol === protocol || entry.protocol === "any";

/* Return whether a rule is what one word names; `known` holds the protocols of the page. */
function wordTest(word, known) {
  const slash = word.indexOf("/");
  const protocol = word.slice(0, slash);
  if (slash > 0 && known.has(protocol)) {
    const ports = listTest(word.slice(slash + 1));
    if (ports) {
      return (entry) => holdsProtocol(entry, protocol) && ports(entry);
    }
  }
  if (known.has(word)) {
    return (entry) => holdsProtocol(entry, word);
  }
  const ports = listTest(word);
  if (ports) {
    // A number in words is one of its own: 80 is not in 8080, nor in 10.80.0.1. Numbers of a path are none of the rule.
    const number = new RegExp(`(?<![\\d.])${word}(?![\\d.]*\\d)`);
    return (entry, text) => ports(entry) || number.test(text);
  }
  // The digits in an id are no ports, so an id is known by how it begins.
  return (entry, text, place) => text.includes(word) || place.includes(word) || entry.id.startsWith(word);
}

/* Return the test of words in quotes: they stand there just so. */
function phraseTest(phrase) {
  return (_, text, place) => text.includes(phrase) || place.includes(phrase);
}

/* Return the test of `443`, `8000-8100` or `80,443`, null when a text is none of them. */
function listTest(text) {
  const ranges = text.split(",").filter(Boolean).map((part) => PORTS.exec(part));
  if (!ranges.length || ranges.includes(null)) {
    return null;
  }
  const bounds = ranges.map(([, first, last]) => [Number(first), Number(last ?? first)]);
  return (entry) => bounds.some(([first, last]) => holdsPorts(entry, first, last));
}

// A quote that is not closed yet reaches to the end.
const PARTS = /["“„]([^"”“]*)(?:["”“]|$)|[^\s"“„]+/g;

/* Return the test of a whole search: every word and phrase must hold. */
function searchTest(query, known) {
  const tests = [...fold(query).matchAll(PARTS)].map(([part, phrase]) => {
    const words = (phrase ?? "").split(/\s+/).filter(Boolean).join(" ");
    return phrase === undefined ? wordTest(part, known) : phraseTest(words);
  });
  return (entry, text, place) => tests.every((test) => test(entry, text, place));
}
