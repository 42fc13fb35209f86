(() => {
  "use strict";

  const root = document.getElementById("oaicheck");
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const SVG = "http://www.w3.org/2000/svg";
  const AROUND = 2;
  const CONTEXT = 320;
  const LONG = 2000;
  const FIRST = 6;
  const LAST = 3;

  root.classList.add("script");
  document.title = root.dataset.title;
  document.documentElement.lang = "en";

  /* Building elements: data from the endpoint only ever becomes text nodes. */

  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  function draw(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function fold(label, fill) {
    const details = make("details", { class: "fold" }, make("summary", {}, label));
    details.addEventListener("toggle", () => details.append(...fill()), { once: true });
    return details;
  }

  const number = (count) => count.toLocaleString("en");
  const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
  const seconds = (time) => (time < 1 ? `${Math.round(time * 1000)} ms` : `${time.toFixed(2)} s`);
  const leftOut = (bytes) => make("span", { class: "left-out" }, `… ${counted(bytes, "byte")} not shown …`);

  let stored = null;
  function exchangeOf(id) {
    stored ??= new Map(Object.entries(JSON.parse(document.getElementById("oaicheck-data").textContent)));
    return stored.get(id);
  }

  /* The timeline: one stroke for each piece of data that arrived, taller for more bytes. */

  function timeline(exchange, marks) {
    const width = 640, base = 46, top = 16;
    const end = Math.max(exchange.endedAt, ...exchange.ticks.map(([at]) => at), 0.001);
    const x = (at) => (6 + (at / end) * (width - 12)).toFixed(1);
    const most = Math.max(...exchange.ticks.map(([, bytes]) => bytes), 2);
    const timed = marks.filter((mark) => mark.at !== null);
    const said = [`${counted(exchange.pieces, "piece")} in ${seconds(exchange.endedAt)}`];
    if (exchange.ticks.length) said.push(`the first after ${seconds(exchange.ticks[0][0])}`);
    const cited = timed.map((mark) => `${mark.label} at ${seconds(mark.at)}`);
    const label = [...said, ...cited].join(", ");
    const svg = draw("svg", { viewBox: `0 0 ${width} 66`, role: "img", "aria-label": `Timeline: ${label}` });
    svg.append(draw("path", { d: `M6 ${base}H${width - 6}`, stroke: "currentColor" }));
    let strokes = "";
    for (const [at, bytes] of exchange.ticks) {
      const height = 4 + (Math.log(1 + bytes) / Math.log(1 + most)) * (base - top - 6);
      strokes += `M${x(at)} ${base}v${(-height).toFixed(1)}`;
    }
    svg.append(draw("path", { d: strokes, stroke: "currentColor", "stroke-width": 1.5, fill: "none" }));
    if (exchange.headersAt !== null) {
      const path = `M${x(exchange.headersAt)} ${base + 5}V${top}`;
      svg.append(draw("path", { d: path, stroke: "currentColor", "stroke-dasharray": "2 2" }));
    }
    svg.append(draw("text", { x: 6, y: 61 }, "0 s"));
    svg.append(draw("text", { x: width - 6, y: 61, "text-anchor": "end" }, seconds(end)));
    for (const mark of timed) {
      const at = x(mark.at);
      const group = draw("g", { class: "cited" });
      const shape = `M${at} ${base + 1}V${top}l-5 -8h10l-5 8`;
      group.append(draw("path", { d: shape, stroke: "currentColor", "stroke-width": 2, fill: "currentColor" }));
      const side = Number(at) > width / 2 ? [-9, "end"] : [9, "start"];
      const place = { x: Number(at) + side[0], y: 13, "text-anchor": side[1] };
      if (mark === timed[0]) group.append(draw("text", place, mark.label));
      svg.append(group);
    }
    return make("figure", {}, svg, make("figcaption", {}, label));
  }

  /* The bytes. */

  /* A long text with its middle folded away. Next to a marked text, the nearest part stays visible. */
  function shortened(text, limit, head, tail) {
    if (text.length <= limit) return text;
    const hidden = text.length - head - tail;
    const button = make("button", { type: "button" }, `show ${counted(hidden, "more character")}`);
    const end = tail ? text.slice(-tail) : "";
    const holder = make("span", {}, text.slice(0, head), " … ", button, " … ", end);
    button.addEventListener("click", () => holder.replaceChildren(text));
    return holder;
  }

  function pieceNodes(parts, marks) {
    const hits = parts.map(([start]) => marks.some(({ span }) => span[0] <= start && start < span[1]));
    const marked = hits.includes(true);
    return parts.map(([, value], index) => {
      if (typeof value === "number") return leftOut(value);
      if (hits[index]) return make("mark", {}, shortened(value, LONG, LONG / 2, LONG / 2));
      if (!marked) return shortened(value, LONG, LONG / 2, LONG / 4);
      const head = index === 0 || hits[index - 1] ? CONTEXT : 0;
      const tail = hits[index + 1] || index === parts.length - 1 ? CONTEXT : 0;
      return shortened(value, 2 * CONTEXT + head, head, tail);
    });
  }

  const isCited = (row, marks) =>
    row.parts !== undefined &&
    marks.some((mark) => mark.span[0] < row.end && row.parts[0][0] < mark.span[1]);

  function rowNode(row, marks, lone) {
    if (row.bytes !== undefined) {
      const events = row.events ? `${counted(row.events, "event")}, ` : "";
      return make("li", { class: "left-out" }, `… ${events}${counted(row.bytes, "byte")} not shown …`);
    }
    const cited = isCited(row, marks);
    const text = make("pre", {}, ...pieceNodes(row.parts, marks));
    if (lone) return make("li", { class: "row plain" }, text);
    const name = row.event === undefined ? "between events" : `event ${row.event} · ${seconds(row.at)}`;
    const flag = cited ? "▶ " : "";
    return make("li", { class: cited ? "row cited" : "row" }, make("span", {}, flag + name), text);
  }

  function bodyNodes(exchange, marks) {
    const { rows } = exchange;
    if (!rows.length) return [make("p", { class: "left-out" }, "The body is empty.")];
    const lone = exchange.events === 0;
    const shown = new Set();
    rows.forEach((row, index) => {
      if (!isCited(row, marks)) return;
      for (let near = index - AROUND; near <= index + AROUND; near++) shown.add(near);
    });
    if (!shown.size) {
      rows.forEach((row, index) => {
        if (index < FIRST || index >= rows.length - LAST || rows.length <= 2 * (FIRST + LAST)) shown.add(index);
      });
    }
    const list = make("ol", { class: "rows" });
    let folded = [];
    const flush = () => {
      const rest = folded;
      folded = [];
      if (!rest.length) return;
      const bytes = rest.filter((row) => row.bytes !== undefined);
      const count = rest.length - bytes.length + bytes.reduce((sum, row) => sum + row.events, 0);
      const fill = () => [make("ol", { class: "rows" }, ...rest.map((row) => rowNode(row, marks, lone)))];
      list.append(make("li", {}, fold(`${number(count)} more`, fill)));
    };
    rows.forEach((row, index) => {
      if (!shown.has(index)) {
        folded.push(row);
        return;
      }
      flush();
      list.append(rowNode(row, marks, lone));
    });
    flush();
    return [list];
  }

  const headerText = (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).join("\n");

  function requestNodes(exchange) {
    const text = [exchange.request, headerText(exchange.requestHeaders), "", exchange.requestBody];
    return [make("pre", {}, text.join("\n"), exchange.requestOmitted ? leftOut(exchange.requestOmitted) : null)];
  }

  function fillWire(holder) {
    if (holder.dataset.filled) return;
    holder.dataset.filled = "yes";
    const exchange = exchangeOf(holder.dataset.exchange);
    const marks = JSON.parse(holder.dataset.marks);
    if (exchange.ticks.length) holder.append(timeline(exchange, marks));
    holder.append(fold(`Request: ${exchange.request}`, () => requestNodes(exchange)));
    const headers = () => [make("pre", {}, `${exchange.status}\n${headerText(exchange.headers)}`)];
    holder.append(fold(`Response: ${exchange.status}, ${counted(exchange.headers.length, "header")}`, headers));
    holder.append(...bodyNodes(exchange, marks));
    if (!exchange.complete) holder.append(make("p", {}, make("strong", {}, "How it ended: "), exchange.ending));
  }

  /* Rules that passed everywhere are data; their elements are built when they are opened. */
  const kept = JSON.parse(document.getElementById("oaicheck-kept").textContent);

  const prose = (text) => text.split("`").map((word, index) => (index % 2 ? make("code", {}, word) : word));

  function sourceNode([title, url]) {
    const isLink = url !== null && /^https?:/.test(url);
    return make("li", {}, isLink ? make("a", { href: url, rel: "noreferrer" }, title) : title);
  }

  function keptBody(id) {
    const [remedy, level, numbers, ids] = kept.rules[id];
    const about = make("dl", { class: "about" });
    const pair = (name, ...value) => about.append(make("dt", {}, name), make("dd", {}, ...value));
    pair("Remedy", ...prose(remedy));
    pair("Written in", make("ul", {}, ...numbers.map((place) => sourceNode(kept.sources[place]))));
    pair("Level", `${level}; `, make("a", { href: `#${id}` }, "link to this requirement"));
    const mark = make("span", { class: "mark pass" }, "pass");
    const passed = make("p", { class: "passed" }, mark, " ", make("span", { class: "ids" }, ids));
    return make("div", { class: "body" }, about, passed);
  }

  /* Turn a list of exchange ids into links. */
  function link(holder) {
    const ids = holder.textContent.split(" ");
    const known = (id) => document.getElementById(`exchange:${id}`) !== null;
    const shown = (id) => (known(id) ? make("a", { href: `#exchange:${id.replace("#", "%23")}` }, id) : id);
    holder.replaceChildren(...ids.flatMap((id, index) => (index ? [", ", shown(id)] : [shown(id)])));
    holder.classList.remove("ids");
  }

  /* Draw an exchange only when it is opened. */
  function fillOpened(details) {
    const template = details.querySelector(":scope > template");
    if (template) template.replaceWith(template.content);
    else if (kept.rules[details.id] && !details.querySelector(".body")) details.append(keptBody(details.id));
    all(".ids", details).forEach(link);
    all(".wire", details).filter((holder) => holder.closest("details") === details).forEach(fillWire);
  }

  for (const details of all("details")) {
    details.addEventListener("toggle", () => { if (details.open) fillOpened(details); });
  }

  /* Filters. */

  const form = root.querySelector(".filter-form");
  const rules = all("details.rule").map((element) => ({
    element,
    outcomes: element.dataset.outcomes.split(" "),
    level: element.dataset.level,
    section: element.parentElement.dataset.section,
    text: null,
  }));

  const textOf = (element) =>
    element.textContent +
    (element.querySelector(":scope > template")?.content.textContent ?? "") +
    (kept.rules[element.id]?.flat().join(" ") ?? "");

  function filter() {
    const chosen = (name) => new Set(all(`input[name="${name}"]:checked`, form).map((input) => input.value));
    const outcomes = chosen("outcome");
    const levels = chosen("level");
    const section = form.elements.section.value;
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const rule of rules) {
      if (words.length) rule.text ??= textOf(rule.element).toLowerCase();
      const visible =
        rule.outcomes.some((outcome) => outcomes.has(outcome)) &&
        levels.has(rule.level) &&
        (!section || rule.section === section) &&
        words.every((word) => rule.text.includes(word));
      rule.element.hidden = !visible;
      shown += visible;
    }
    for (const part of all(".part")) part.hidden = !part.querySelector("details.rule:not([hidden])");
    form.elements.shown.value = `${number(shown)} of ${counted(rules.length, "requirement")} shown`;
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  const setOpen = (open) => rules.forEach(({ element }) => { if (!element.hidden) element.open = open; });
  form.elements.open.addEventListener("click", () => setOpen(true));
  form.elements.close.addEventListener("click", () => setOpen(false));
  filter();

  /* Links to one requirement or exchange, which also work when they are shared. */

  function reveal() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    const element = id ? document.getElementById(id) : null;
    if (!element || !root.contains(element)) return;
    if (element.closest("[hidden]")) { form.reset(); filter(); }
    if (element.tagName === "DETAILS") {
      element.open = true;
      element.querySelector("summary").focus({ preventScroll: true });
    }
    element.scrollIntoView();
  }

  window.addEventListener("hashchange", reveal);
  root.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal();
  });
  reveal();
  /* When the page has loaded, the browser jumps to the link itself and moves the focus: reveal it again. */
  window.addEventListener("load", () => requestAnimationFrame(() => setTimeout(reveal)));

  /* Copying and printing. */

  const say = (text) => { root.querySelector(".said").textContent = text; };

  async function copy(button) {
    const code = button.closest(".repeat").querySelector(".curl");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      say("Copied");
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected: copy it with the keyboard";
      say("Selected: copy it with the keyboard");
    }
    setTimeout(() => { button.textContent = "Copy"; }, 3000);
  }

  all("button.copy").forEach((button) => button.addEventListener("click", () => copy(button)));

  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = all("details.rule[data-broken]:not([open])");
    for (const details of opened) {
      details.open = true;
      fillOpened(details);
    }
  });
  window.addEventListener("afterprint", () => opened.forEach((details) => { details.open = false; }));
})();
