// The list of bubbles: order, groups, days, states.

import { dayOf, find, icon, isWebAddress, make, outside, timeOf, withLinks, words } from "./page.js";

const GROUP = 5 * 60 * 1000;
const list = find("log");
const known = new Set();

export const has = (id) => known.has(id);
export const isEmpty = () => !list.firstElementChild;

export function add(message, onChoice) {
  known.add(message.id);
  const item = bubble(message, onChoice);
  item.dataset.id = message.id;
  place(item);
  return item;
}

// A bubble of the citizen that the desk does not have yet.
export function addPending(message) {
  const item = bubble({ from: "citizen", at: new Date().toISOString(), buttons: [], ...message });
  item.classList.add("pending");
  place(item);
  return item;
}

export function confirm(item, id) {
  item.classList.remove("pending", "failed");
  setState(item, null);
  if (known.has(id)) {
    remove(item);
    return;
  }
  known.add(id);
  item.dataset.id = id;
  place(item);
}

export function fail(item, sentence, onRetry) {
  item.classList.add("failed");
  const again = make("button", { type: "button", className: "again" }, icon("retry"), words.retry);
  again.addEventListener("click", onRetry, { once: true });
  setState(item, make("span", { role: "alert" }, `${sentence} `), onRetry ? again : null);
}

export function sending(item) {
  item.classList.remove("failed");
  setState(item, words.sending);
}

export function markUnread(item) {
  if (list.querySelector(".unread")) return;
  item.prepend(make("p", { className: "unread" }, words.unread));
}

export function clearUnread() {
  list.querySelectorAll(".unread").forEach((mark) => mark.remove());
}

function setState(item, ...content) {
  const state = item.querySelector(".state");
  state.replaceChildren(...content.filter(Boolean));
}

function remove(item) {
  const { previousElementSibling: before, nextElementSibling: after } = item;
  item.remove();
  [before, after].forEach((each) => each && arrange(each));
}

// Ids grow; what has no id yet stays last.
function place(item) {
  const order = (each) => Number(each.dataset.id || Infinity);
  let next = null;
  let before = list.lastElementChild;
  while (before && (before === item || order(before) > order(item))) {
    next = before === item ? next : before;
    before = before.previousElementSibling;
  }
  if (item.parentElement !== list || item.nextElementSibling !== next) list.insertBefore(item, next);
  [item.previousElementSibling, item, item.nextElementSibling].forEach((each) => each && arrange(each));
}

function arrange(item) {
  const { previousElementSibling: before, nextElementSibling: after } = item;
  const day = item.querySelector(".day");
  const label = dayOf(new Date(item.dataset.at));
  const newDay = !before || dayOf(new Date(before.dataset.at)) !== label;
  day.textContent = newDay ? label : "";
  day.hidden = !newDay;
  item.classList.toggle("first", newDay || !together(before, item));
  item.classList.toggle("last", !after || !together(item, after));
}

function together(one, two) {
  const gap = new Date(two.dataset.at) - new Date(one.dataset.at);
  return one.dataset.from === two.dataset.from && gap < GROUP && !two.classList.contains("notice") && !one.classList.contains("notice");
}

function bubble(message, onChoice) {
  const meta = message.meta || {};
  const at = new Date(message.at);
  const notice = meta.notice_id !== undefined;
  const item = make("li", { className: `msg ${message.from === "citizen" ? "mine" : "theirs"}${notice ? " notice" : ""}` });
  item.dataset.from = message.from;
  item.dataset.at = message.at;
  const body = make("div", { className: "bubble" });
  body.append(make("span", { className: "hush" }, `${words[message.from]}: `));
  if (notice) body.append(make("p", { className: "tag" }, icon("bell"), words.notice));
  const picture = photo(message);
  if (picture) body.append(picture);
  if (message.text) body.append(...says(message.text, notice));
  const actions = choices(message.buttons || [], onChoice);
  if (actions) body.append(actions);
  if (picture) body.classList.add(message.text ? "with-photo" : "only-photo");
  item.append(
    make("p", { className: "day", hidden: true }),
    message.from === "citizen" ? "" : face(message.from),
    make("div", { className: "stack" },
      message.from === "staff" ? make("p", { className: "name" }, words.staff) : "",
      body,
      make("p", { className: "state" }),
      make("time", { dateTime: message.at }, timeOf(at))),
  );
  return item;
}

// The first line of a notice is its title.
function says(text, notice) {
  const [first, ...rest] = notice ? text.split("\n") : ["", text];
  const title = first ? [make("p", { className: "headline" }, withLinks(first))] : [];
  return [...title, make("p", { className: "says" }, withLinks(rest.join("\n").trim()))];
}

function face(from) {
  return make("span", { className: `face ${from}`, ariaHidden: "true" }, icon(from === "staff" ? "person" : "emblem"));
}

function photo(message) {
  if (message.image_url && (message.image_url.startsWith("blob:") || isWebAddress(message.image_url))) {
    const alt = message.from === "citizen" ? words.photo : "";
    return make("img", { className: "photo", src: message.image_url, alt, loading: "lazy" });
  }
  if (message.from === "citizen" && !message.text) {
    return make("p", { className: "gone" }, icon("image"), words.photo);
  }
  return null;
}

function choices(buttons, onChoice) {
  if (!buttons.length) return null;
  const row = make("div", { className: "choices" });
  for (const button of buttons) {
    if (button.payload) {
      const choice = make("button", { type: "button" }, button.title);
      choice.addEventListener("click", () => onChoice(button.payload, button.title));
      row.append(choice);
    } else if (button.url && isWebAddress(button.url)) {
      row.append(outside(button.url, icon("link"), make("span", {}, button.title)));
    } else if (button.phone) {
      const number = button.phone.replace(/[^\d+]/g, "");
      row.append(make("a", { href: `tel:${number}` }, icon("phone"), make("span", {}, button.title)));
    }
  }
  return row;
}
