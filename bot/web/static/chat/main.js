// The chat page: what the citizen does, and what comes back.

import { history, sendPhoto, sendText } from "./api.js";
import { Live } from "./live.js";
import * as log from "./log.js";
import { find, words } from "./page.js";
import { prepare } from "./photos.js";

const talk = find("talk");
const field = find("text");
const typing = find("typing");
const toast = find("toast");
const title = document.title;
const SLOW = 12000;
const RECENT = 60000;

let last = 0; // highest message id seen
let asked = 0; // id of the citizen's latest message still without an answer
let inFlight = 0;
let unread = 0;
let expecting = false; // the next reply is the first after the citizen's own words
let anchor = null; // that reply: its beginning stays in sight however long the answer is
let held = []; // the citizen's own words heard from the stream while they are still being sent
const timers = {};
const brought = { code: "", payload: "" };

const live = new Live({ last: () => last, receive, connected });

// ---- what comes in

function receive(messages) {
  const atEnd = isLow();
  const wasLow = atEnd || isAnchored();
  for (const message of messages) {
    const id = Number(message.id);
    last = Math.max(last, id);
    if (log.has(message.id)) continue;
    if (message.from === "citizen" && inFlight) held.push(message);
    else show(message, wasLow, atEnd);
  }
}

function show(message, wasLow, atEnd = wasLow) {
  find("welcome").classList.add("past");
  const item = log.add(message, choose);
  if (message.from === "citizen") {
    if (wasLow) sink();
    return;
  }
  if (expecting) anchor = item;
  expecting = false;
  if (asked && Number(message.id) > asked) setTyping(0);
  if (document.hidden) {
    log.markUnread(item);
    unread += 1;
    document.title = `(${unread}) ${title}`;
  }
  const isNotice = message.meta && message.meta.notice_id !== undefined;
  if (isNotice) showPushed(item, atEnd);
  else if (wasLow) showAnswer();
  else showJump(true, false);
}

// A notice nobody asked for is never left below an answer without a word.
function showPushed(item, atEnd) {
  if (atEnd) {
    anchor = item;
    showAnswer();
  } else showJump(true, false);
  if (document.hidden || !atEnd) showToast(item);
}

function showToast(item) {
  toast.lastElementChild.textContent = words.new_notice;
  toast.hidden = false;
  toast.onclick = () => { toast.hidden = true; talk.scrollTop = item.offsetTop - 24; };
  clearTimeout(timers.toast);
  timers.toast = setTimeout(() => { toast.hidden = true; }, 12000);
}

function connected(isWell) {
  const banner = find("banner");
  const wasLow = isLow();
  document.body.classList.toggle("away", !isWell);
  if (!isWell) {
    banner.textContent = navigator.onLine ? words.server_away : words.offline;
    banner.className = "banner bad";
    banner.hidden = false;
    if (wasLow) sink();
  } else if (!banner.hidden && banner.classList.contains("bad")) {
    banner.textContent = words.back_online;
    banner.className = "banner";
    setTimeout(() => { if (!banner.classList.contains("bad")) banner.hidden = true; }, 2500);
  }
}

// ---- where the eye is

const isLow = () => talk.scrollHeight - talk.scrollTop - talk.clientHeight < 140;

function sink() {
  talk.scrollTop = talk.scrollHeight;
  find("jump").hidden = true;
}

const anchorTop = () => Math.max(0, anchor.offsetTop - 72); // leaves the question's end in sight
const isAnchored = () => anchor !== null && Math.abs(talk.scrollTop - anchorTop()) < 4;

function showAnswer() {
  sink();
  if (anchor && anchorTop() < talk.scrollTop) talk.scrollTop = anchorTop();
  showJump(!isLow(), true);
}

// Quiet: an arrow for the rest of an answer; otherwise it also says that something is new.
function showJump(visible, quiet) {
  find("jump").hidden = !visible;
  find("jump").classList.toggle("quiet", quiet);
}

function setTyping(id) {
  asked = id;
  typing.hidden = !id;
  find("slow").hidden = true;
  clearTimeout(timers.slow);
  if (!id) return;
  timers.slow = setTimeout(() => { find("slow").hidden = false; sink(); }, SLOW);
  sink();
}

// ---- what the citizen sends

const newId = () => (crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`);

function choose(payload, caption) {
  deliver({ text: caption }, (clientId) => sendText(payload, clientId));
}

function write() {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  fitField();
  const sent = text === brought.code && brought.payload;
  if (sent) {
    choose(sent, text);
    return;
  }
  deliver({ text }, (clientId) => sendText(text, clientId));
}

async function sendFile(file) {
  if (!file) return;
  try {
    const blob = await prepare(file);
    deliver({ text: "", image_url: URL.createObjectURL(blob) }, (clientId) => sendPhoto(blob, clientId));
  } catch (failure) {
    log.fail(log.addPending({ text: file.name }), failure.message);
    sink();
  }
}

function deliver(message, send) {
  find("welcome").classList.add("past");
  log.clearUnread();
  expecting = true;
  anchor = null;
  const item = log.addPending(message);
  const clientId = newId(); // kept for every try: the desk takes it once
  sink();
  if (message.image_url) item.querySelector("img").addEventListener("load", sink, { once: true });
  attempt(item, () => send(clientId));
}

async function attempt(item, send) {
  log.sending(item);
  inFlight += 1;
  try {
    const { id } = await send();
    log.confirm(item, id);
    if (Number(id) > answeredUpTo()) setTyping(Number(id));
    live.hurry();
  } catch (failure) {
    const lasting = [400, 403, 413, 415, 422].includes(failure.status);
    log.fail(item, failure.status ? failure.message : words.failed, lasting ? null : () => attempt(item, send));
    sink();
    if (failure.status === 0) connected(false);
  } finally {
    inFlight -= 1;
    if (!inFlight) held.splice(0).forEach((message) => log.has(message.id) || show(message, isLow() || isAnchored()));
  }
}

// The answer may come by the stream before the sending call returns.
function answeredUpTo() {
  const replies = find("log").querySelectorAll(".msg.theirs");
  return replies.length ? Number(replies[replies.length - 1].dataset.id) : 0;
}

function fitField() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 128)}px`;
  find("send").disabled = !field.value.trim();
}

// ---- hands and keys

field.addEventListener("input", fitField);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  write();
});
find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  write();
  field.focus();
});
for (const id of ["camera", "photo"]) {
  find(id).addEventListener("change", (event) => {
    sendFile(event.target.files[0]);
    event.target.value = "";
  });
}
document.addEventListener("paste", (event) => {
  const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
  if (file) sendFile(file);
});
talk.addEventListener("dragover", (event) => event.preventDefault());
talk.addEventListener("drop", (event) => {
  event.preventDefault();
  sendFile(event.dataTransfer.files[0]);
});
document.querySelectorAll("[data-send]").forEach((button) => {
  button.addEventListener("click", () => choose(button.dataset.send, button.dataset.title));
});
find("jump").addEventListener("click", sink);
talk.addEventListener("scroll", () => { if (isLow()) find("jump").hidden = true; }, { passive: true });
find("about-open").addEventListener("click", () => find("about").showModal());
find("about").addEventListener("click", (event) => { if (event.target === find("about")) find("about").close(); });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  document.title = title;
});

// ---- brought along from the page of a slip: #ho-so=<code>&phieu=<slip>, which no server sees

function bringAlong() {
  const given = new URLSearchParams(location.hash.slice(1));
  const code = given.get("ho-so") || "";
  const slip = given.get("phieu") || "";
  if (!/^[0-9A-Z.-]{8,64}$/.test(code)) return;
  window.history.replaceState(null, "", location.pathname);
  brought.code = code;
  if (/^[0-9A-Z.-]{12,90}$/.test(slip)) brought.payload = `/lookup_dossier${JSON.stringify({ dossier_code: code, slip })}`;
  field.value = code;
  fitField();
  field.focus();
}

bringAlong();

// ---- start: show the running talk, then listen

async function start() {
  if (document.body.dataset.session !== "yes") return;
  const list = find("log");
  list.setAttribute("aria-live", "off"); // old messages are not news
  try {
    const messages = await history(0);
    receive(messages);
    const latest = messages[messages.length - 1];
    if (latest && latest.from === "citizen" && Date.now() - new Date(latest.at) < RECENT) setTyping(last);
  } catch (failure) {
    if (failure.status === 401) return;
    connected(false);
  } finally {
    sink();
    setTimeout(() => list.setAttribute("aria-live", "polite"), 500);
  }
  live.start();
}

start();
