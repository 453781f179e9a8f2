// Joins the parts: asks for the state once a second and draws what changed.

import { $, call, page, say } from "./api.js";
import * as chat from "./chat.js";
import { drawLog } from "./log.js";
import * as panel from "./panel.js";
import { drawPeople } from "./people.js";

function show(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll(".bottom button")) {
    if (button.dataset.view === view) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function choose(id, move = true) {
  page.user = id;
  say("");
  if (move) {
    show("chat");
    if (matchMedia("(min-width: 56rem)").matches) $("text").focus();
  }
  draw();
  chat.open();
}

function draw() {
  drawPeople(choose);
  chat.drawHead();
  panel.drawTop();
  panel.drawPanel();
  drawLog();
}

async function refresh() {
  try {
    page.state = await call("GET", `state?after=${page.after}`);
    draw();
    await chat.refresh();
  } catch {
    say("Không liên lạc được với Zalo giả lập. Chương trình còn chạy không?", true);
  }
}

async function start() {
  [page.choices, page.state] = await Promise.all([call("GET", "choices"), call("GET", "state")]);
  panel.fill(page.choices);
  panel.listen(refresh);
  chat.listen();
  $("find").oninput = draw;
  for (const button of document.querySelectorAll(".bottom button")) {
    button.onclick = () => {
      show(button.dataset.view);
      chat.scrollDown();
    };
  }
  show("people");
  choose(page.state.citizens[0].id, false);
  setInterval(refresh, 1000);
}

start();
