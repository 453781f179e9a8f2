// Small things every part of the page uses: words, elements, links in text.

export const words = JSON.parse(document.getElementById("words").textContent);

export const find = (id) => document.getElementById(id);

export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function outside(url, ...children) {
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

export function isWebAddress(url) {
  try {
    return ["https:", "http:"].includes(new URL(url, location.href).protocol);
  } catch {
    return false;
  }
}

// Web addresses; dossier codes, which must not break over two lines; phone numbers standing alone.
const ADDRESS = "(https?:\\/\\/[^\\s<>\"]+)";
const CODE = "\\b([A-Z]?\\d[\\dA-Z.]*-\\d{6}-\\d{3,})\\b";
const PHONE = "(^|[\\s(:])(0\\d{2,3}[ .]?\\d{3}[ .]?\\d{3,4}|1[89]00[ .]?\\d{4}(?:\\d{2})?)(?![\\w/-]|\\.\\d)";
const SPECIAL = new RegExp([ADDRESS, CODE, PHONE].join("|"), "g");

// Text never becomes HTML: only text nodes and the few elements built here.
export function withLinks(text) {
  const piece = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(SPECIAL)) {
    const [, address, code, lead = "", phone] = match;
    const raw = address ? address.replace(/[.,;:!?)\]]+$/, "") : code || phone;
    const at = match.index + lead.length;
    piece.append(text.slice(from, at), special(raw, address, code));
    from = at + raw.length;
  }
  piece.append(text.slice(from));
  return piece;
}

function special(raw, address, code) {
  if (code) return make("span", { className: "code" }, raw);
  if (address) return isWebAddress(raw) ? outside(raw, raw) : raw;
  return make("a", { href: `tel:${raw.replace(/[ .]/g, "")}` }, raw);
}

const clock = new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", hour12: false });
const date = new Intl.DateTimeFormat("vi-VN", { weekday: "long", day: "2-digit", month: "2-digit", year: "numeric" });

export const timeOf = (at) => clock.format(at);

export function dayOf(at) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
  return days === 0 ? words.today : days === 1 ? words.yesterday : date.format(at);
}
