// The list of citizens on the left: who they are, what may be sent to them, what is unread.

import { $, clockTime, dayAndTime, element, page, shownText } from "./api.js";

const EVENTS = {
  follow: "đã quan tâm", unfollow: "đã bỏ quan tâm", block: "đã chặn", unblock: "đã bỏ chặn",
};
let drawn = "";

export function windowWords(person) {
  const today = page.state.clock.now;
  const short = (moment) => (moment - today < 79200 ? clockTime(moment) : dayAndTime(moment));
  if (person.window === "free") return ["good", `miễn phí đến ${short(person.free_until)}`];
  if (person.window === "charged") return ["warn", `tính phí đến ${short(person.open_until)}`];
  if (person.window === "closed") return ["bad", "hết cửa sổ"];
  return ["", "chưa từng nhắn"];
}

export function badges(person) {
  const list = [];
  if (person.follows) list.push(["blue", "quan tâm"]);
  if (person.blocked) list.push(["bad", "đã chặn"]);
  if (person.inactive) list.push(["bad", "vắng 45 ngày"]);
  list.push(windowWords(person));
  return list.map(([tone, words]) => element("span", `badge ${tone}`, words));
}

function preview(person) {
  if (!person.last) return "";
  const text = person.last.from === "event" ? EVENTS[person.last.text] || person.last.text : shownText(person.last);
  const mine = { oa: "OA: ", bot: "Bot: " }[person.last.from] || "";
  return mine + (text || "[ảnh]").slice(0, 60);
}

function row(person, choose) {
  const item = element("li");
  const button = element("button", "person");
  button.type = "button";
  button.dataset.user = person.id;
  button.setAttribute("aria-pressed", String(person.id === page.user));
  button.append(element("span", "face", person.name.split(" ").pop()[0]));
  const middle = element("span", "middle");
  const top = element("span", "first");
  top.append(element("b", "", person.name), element("span", "place", person.place));
  const badgeRow = element("span", "badges");
  badgeRow.append(...badges(person));
  middle.append(top);
  if (person.last) middle.append(element("span", "preview", preview(person)));
  middle.append(badgeRow);
  button.append(middle);
  if (person.unread) {
    const unread = element("span", "unread", person.unread);
    unread.setAttribute("aria-label", `${person.unread} tin chưa đọc`);
    button.append(unread);
  }
  button.onclick = () => choose(person.id);
  item.append(button);
  return item;
}

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

export function drawPeople(choose) {
  const wanted = plain($("find").value.trim());
  const shown = page.state.citizens.filter((p) => plain(`${p.name} ${p.place}`).includes(wanted));
  const key = JSON.stringify([page.user, shown.map((p) => [p, windowWords(p)])]);
  if (key === drawn) return;
  drawn = key;
  const focused = document.activeElement?.dataset?.user;
  $("citizens").replaceChildren(...shown.map((person) => row(person, choose)));
  if (focused) document.querySelector(`.person[data-user="${focused}"]`)?.focus();
}

$("citizens").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...document.querySelectorAll(".person")];
  const next = buttons.indexOf(document.activeElement) + step;
  buttons[Math.max(0, Math.min(buttons.length - 1, next))]?.focus();
});
