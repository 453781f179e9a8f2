"use strict";

const $ = (id) => document.getElementById(id);
let user = document.querySelector("#citizens button").dataset.user;
let follows = false;
let shown = "";

async function act(action, data) {
  const isForm = data instanceof FormData;
  const answer = await fetch(`/simulator/citizens/${user}/${action}`, {
    method: "POST",
    headers: isForm ? {} : { "Content-Type": "application/json" },
    body: isForm ? data : JSON.stringify(data || {}),
  });
  const { status } = await answer.json();
  $("status").textContent = status === 200 ? "" : "Hệ thống chưa nhận được sự kiện này.";
  await refresh();
}

function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
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
  const bubble = element("div", `bubble ${line.from}`);
  if (line.image_url) {
    const image = element("img");
    image.src = line.image_url;
    image.alt = "Ảnh";
    bubble.append(image);
  }
  bubble.append(element("span", "", line.text));
  if (line.buttons && line.buttons.length) {
    const row = element("div", "buttons");
    row.append(...line.buttons.map(drawButton));
    bubble.append(row);
  }
  return bubble;
}

async function refresh() {
  const text = await (await fetch(`/simulator/citizens/${user}/talk`)).text();
  if (text === shown) return;
  shown = text;
  const state = JSON.parse(text);
  follows = state.follows;
  $("follow").textContent = follows ? "Bỏ quan tâm" : "Quan tâm";
  $("talk").replaceChildren(...state.talk.map(drawBubble));
  $("talk").scrollTop = $("talk").scrollHeight;
}

function choose(id) {
  user = id;
  for (const button of document.querySelectorAll("#citizens button")) {
    button.setAttribute("aria-pressed", String(button.dataset.user === id));
  }
  refresh();
}

$("citizens").onclick = (event) => event.target.dataset.user && choose(event.target.dataset.user);
$("sticker").onclick = () => act("sticker");
$("location").onclick = () => act("location", { latitude: 10.5361, longitude: 106.4051 });
$("follow").onclick = () => act(follows ? "unfollows" : "follows");
$("photo").onchange = () => {
  const form = new FormData();
  form.append("image", $("photo").files[0]);
  $("photo").value = "";
  act("photo", form);
};
$("say").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (text) act("says", { text });
};
choose(user);
setInterval(refresh, 1000);
