// The chat in the middle, as the chosen citizen sees it.

import { $, attempt, call, clockTime, element, page, say, shownText } from "./api.js";
import { windowWords } from "./people.js";

const EVENTS = {
  follow: "Đã quan tâm OA", unfollow: "Đã bỏ quan tâm OA",
  block: "Đã chặn tin nhắn của OA", unblock: "Đã bỏ chặn",
};
const WHY = {
  disabled: "Webhook đang bị tắt sau nhiều lần hỏng. Hãy bật lại ở bảng điều khiển.",
  switched_off: "Sự kiện này đang được tắt.",
  filtered: "Bộ lọc cú pháp chỉ cho qua tin bắt đầu bằng #.",
  held: "Sự kiện đang được giữ lại để đảo thứ tự.",
  delayed: "Sự kiện sẽ được gửi sau.",
};
let shown = "";

function person() {
  return page.state?.citizens.find((one) => one.id === page.user);
}

export async function act(action, data) {
  await attempt(async () => {
    const told = await call("POST", `citizens/${page.user}/${action}`, data || {});
    if (told.event && told.status !== 200) {
      throw new Error(WHY[told.why] || `hệ thống trả lời ${told.status ?? "quá chậm hoặc không có"}`);
    }
  });
  await refresh();
}

function drawButton(button) {
  if (button.type === "oa.open.url" || button.type === "oa.open.phone") {
    const link = element("a", "", button.title);
    link.href = button.payload.url || `tel:+${button.payload.phone_code}`;
    link.rel = "noopener";
    link.target = "_blank";
    return link;
  }
  const node = element("button", "", button.title);
  node.type = "button";
  node.onclick = () => act("presses", { title: button.title });
  return node;
}

function drawBubble(line) {
  if (line.from === "event") return element("p", "remark", EVENTS[line.text] || line.text);
  const bubble = element("div", `bubble ${line.from === "citizen" ? "mine" : "theirs"}`);
  if (line.from === "bot") bubble.append(element("small", "origin", "Bot"));
  if (line.to_bot) bubble.append(element("small", "origin", "Gửi bot"));
  if (line.image_url) {
    const image = element("img");
    // Seen from the page, a picture leaves no line in the log and uses up no fault.
    image.src = line.from === "citizen" ? `${line.image_url}?page` : line.image_url;
    image.alt = "Ảnh";
    image.onload = scrollDown;
    image.onerror = () => image.replaceWith(element("em", "gone", "[ảnh không còn xem được]"));
    bubble.append(image);
  }
  if (line.text) bubble.append(element("span", "words", shownText(line)));
  for (const part of line.elements || []) {
    bubble.append(element("b", "", part.title), element("span", "words", part.subtitle || ""));
  }
  if (line.kind === "request_user_info") {
    const share = element("button", "", "Chia sẻ thông tin");
    share.type = "button";
    share.onclick = () => act("submits");
    bubble.append(share);
  }
  if (line.buttons && line.buttons.length) {
    const row = element("div", "buttons");
    row.append(...line.buttons.map(drawButton));
    bubble.append(row);
  }
  bubble.append(element("time", "", clockTime(line.at)));
  return bubble;
}

export async function refresh() {
  if (!page.user) return;
  const state = await call("GET", `citizens/${page.user}/talk`);
  if (state.unread && document.visibilityState === "visible" && isOpen()) {
    await call("POST", `citizens/${page.user}/reads`, {});
  }
  const key = JSON.stringify([page.user, state.talk]);
  if (key === shown) return;
  shown = key;
  const bubbles = state.talk.map(drawBubble);
  $("talk").replaceChildren(...(bubbles.length ? bubbles : [
    element("p", "empty", "Chưa có tin nhắn. Hãy nhắn tin đầu tiên hoặc bấm Quan tâm."),
  ]));
  scrollDown();
}

export function open() {
  shown = "";
  return refresh();
}

export function scrollDown() {
  $("talk").scrollTop = $("talk").scrollHeight;
}

const isOpen = () => getComputedStyle(document.querySelector(".chat")).display !== "none";

export function drawHead() {
  const one = person();
  if (!one) return;
  const [tone, words] = windowWords(one);
  $("name").textContent = `${one.name}, ${one.place}`;
  $("standing").textContent = words;
  $("standing").className = `standing ${tone}`;
  $("follow").textContent = one.follows ? "Bỏ quan tâm" : "Quan tâm";
  $("block").textContent = one.blocked ? "Bỏ chặn" : "Chặn";
}

export function listen() {
  $("follow").onclick = () => act(person().follows ? "unfollows" : "follows");
  $("block").onclick = () => act("blocks", { blocks: !person().blocked });
  $("sticker").onclick = () => act("sticker");
  $("location").onclick = () => act("location", { latitude: 10.5361, longitude: 106.4051 });
  $("photo").onchange = () => {
    const form = new FormData();
    form.append("image", $("photo").files[0]);
    $("photo").value = "";
    act("photo", form);
  };
  $("photo-label").onkeydown = (event) => {
    if (event.key === "Enter" || event.key === " ") $("photo").click();
  };
  $("event").onchange = () => {
    const name = $("event").value;
    $("event").value = "";
    if (name) act("event", { name });
  };
  $("say").onsubmit = (event) => {
    event.preventDefault();
    const text = $("text").value.trim();
    if (!text) return;
    $("text").value = "";
    const action = { oa: "says", bot: "bot", staff: "staff" }[$("to").value];
    say("Đang gửi…");
    act(action, { text });
  };
}
