"use strict";
// Tables are read without this: it adds buttons that sort, a choice of platform type, a filter of combinations.
const words = JSON.parse(document.currentScript.dataset.words);

const make = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

// The first number of a cell; `< .001` is smaller than .001, and what is no number comes last.
const size = (text) => {
  const found = text.replace(/\u2212/g, "-").replace(/,/g, "").match(/-?\d*\.?\d+/);
  return found ? Number(found[0]) - (text.trim().startsWith("<") ? 1e-9 : 0) : Infinity;
};

const before = (column, numeric, sign) => (one, other) => {
  const [a, b] = [one, other].map((row) => row.cells[column].textContent);
  if (!numeric) return sign * a.localeCompare(b, document.documentElement.lang, { numeric: true });
  const [x, y] = [size(a), size(b)];
  if (x === y) return 0;
  return !isFinite(x) || !isFinite(y) ? x - y : sign * (x - y);
};

// Rows below a band stay below it; a third press restores the order of the page.
const sort = (table, header) => {
  const next = { none: "ascending", ascending: "descending", descending: "none" }[header.ariaSort || "none"];
  const numeric = [...table.tBodies[0].rows].some((row) => row.cells[header.cellIndex]?.className === "n");
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  if (next !== "none") header.ariaSort = next;
  const parts = [[]];
  for (const row of table.ordered) row.className === "band" ? parts.push([row], []) : parts.at(-1).push(row);
  const sign = next === "descending" ? -1 : 1;
  const order = parts.map((part) => (next === "none" ? part : [...part].sort(before(header.cellIndex, numeric, sign))));
  table.tBodies[0].append(...order.flat());
};

// One stop of the tabulator a table; the arrows lead from header to header.
const sortable = (table) => {
  table.ordered = [...table.tBodies[0].rows];
  const headers = [...table.tHead.rows[0].cells];
  const buttons = headers.map((header, place) => {
    const button = make("button", { type: "button", className: "sort", tabIndex: place ? -1 : 0 });
    button.title = words.sort;
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sort(table, header));
    return button;
  });
  table.tHead.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const to = step && buttons[buttons.indexOf(document.activeElement) + step];
    if (!to) return;
    buttons.forEach((button) => (button.tabIndex = -1));
    to.tabIndex = 0;
    to.focus();
    event.preventDefault();
  });
};

const choice = (label, offered, chosen) => {
  const options = offered.map(([value, text]) => make("option", { value }, text));
  const select = make("select", {}, make("option", { value: "" }, words.all), ...options);
  select.addEventListener("change", () => chosen(select.value));
  return make("label", {}, label, " ", select);
};

// Columns of platform types, in all tables of the page that have them.
const platforms = () => {
  const columns = [...document.querySelectorAll("th[data-level]")];
  const offered = new Map(columns.map((header) => [header.dataset.level, header.textContent]));
  const show = (level) => {
    for (const header of columns) {
      const hidden = level !== "" && header.dataset.level !== level;
      for (const row of header.closest("table").rows) {
        if (row.className !== "band") row.cells[header.cellIndex].hidden = hidden;
      }
    }
    for (const select of document.querySelectorAll(".platforms select")) select.value = level;
  };
  const chapters = new Set();
  for (const exhibit of new Set(columns.map((header) => header.closest("figure")))) {
    const heading = [...document.querySelectorAll("h2")].findLast((one) => one.compareDocumentPosition(exhibit) & 4);
    if (chapters.has(heading)) continue;
    chapters.add(heading);
    exhibit.before(make("p", { className: "choices platforms" }, choice(words.platform, [...offered], show)));
  }
};

// Points of a figure whose combination has the chosen alternatives stay; the others are covered.
const combinations = (drawn) => {
  const names = JSON.parse(drawn.dataset.choices), chosen = {};
  const points = [...drawn.querySelectorAll("i")], counted = make("output", {});
  const filter = () => {
    const wanted = Object.values(chosen).filter(Boolean);
    const stays = (point) => wanted.every((value) => point.dataset.c.split(" ").includes(value));
    points.forEach((point) => point.classList.toggle("off", !stays(point)));
    counted.value = `${new Set(points.filter(stays).map((p) => p.dataset.c)).size} / ${new Set(points.map((p) => p.dataset.c)).size}`;
  };
  const selects = names.map(([name, label, offered]) => choice(label, offered, (value) => ((chosen[name] = value), filter())));
  drawn.closest("figure").prepend(make("p", { className: "choices" }, ...selects, counted));
  filter();
};

// What the stages took when they last ran here: read from beside the report, since it differs from run to run.
const costs = (place) => {
  const said = JSON.parse(place.dataset.words), known = window.costs ?? {};
  const stages = place.dataset.stages.split(" ").filter((stage) => known[stage]);
  if (!stages.length) return;
  const cells = (kind, ...texts) => make("tr", {}, ...texts.map((text, at) => make(at ? kind : "th", { className: at ? "n" : "" }, text)));
  const memory = (value) => (value === null ? "\u2013" : value.toFixed(0));
  const spent = stages.map((stage) => known[stage]);
  const rows = stages.map((stage) => cells("td", stage, known[stage].seconds.toFixed(1), memory(known[stage].peak_memory_mb)));
  const most = spent.some((one) => one.peak_memory_mb === null) ? null : Math.max(...spent.map((one) => one.peak_memory_mb));
  const all = cells("td", said.all, spent.reduce((sum, one) => sum + one.seconds, 0).toFixed(1), memory(most));
  const head = make("thead", {}, cells("th", said.stage, said.seconds, said.memory));
  const table = make("table", {}, head, make("tbody", {}, ...rows, all));
  place.append(make("details", {}, make("summary", {}, said.title), table));
};

for (const table of document.querySelectorAll("table")) {
  const rows = [...(table.tBodies[0]?.rows ?? [])].filter((row) => row.className !== "band");
  if (table.tHead && rows.length > 5 && !table.tHead.querySelector("a")) sortable(table);
}
platforms();
document.querySelectorAll("[data-choices]").forEach(combinations);
document.querySelectorAll(".costs").forEach(costs);
