// The web chat API. Every failure is a Failure with a sentence fit to show.

import { words } from "./page.js";

const BASE = "/chat/api";

export class Failure extends Error {
  constructor(status, message, retryAfter = 0) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(BASE + path, { credentials: "same-origin", ...options });
  } catch {
    throw new Failure(0, navigator.onLine ? words.server_away : words.offline);
  }
  const data = await response.json().catch(() => ({}));
  if (response.ok) return data;
  const message = (data.error && data.error.message) || words.failed;
  throw new Failure(response.status, message, Number(response.headers.get("Retry-After")) || 0);
}

let hasSession = document.body.dataset.session === "yes";
let opening = null;

function openSession() {
  opening = opening || call("/sessions", { method: "POST" })
    .then(() => { hasSession = true; })
    .finally(() => { opening = null; });
  return opening;
}

async function inSession(path, options) {
  if (!hasSession) await openSession();
  try {
    return await call(path, options);
  } catch (failure) {
    if (failure.status !== 401) throw failure;
    await openSession();
    return call(path, options);
  }
}

export function sendText(text, clientId) {
  const body = JSON.stringify({ text, client_id: clientId });
  return inSession("/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

export function sendPhoto(blob, clientId) {
  const body = new FormData();
  body.append("client_id", clientId);
  body.append("image", blob, "photo");
  return inSession("/messages", { method: "POST", body });
}

export async function history(after) {
  const all = [];
  for (;;) {
    const { messages } = await call(`/messages?after=${after}`);
    all.push(...messages);
    if (messages.length < 200) return all;
    after = messages[messages.length - 1].id;
  }
}

export const streamAddress = (after) => `${BASE}/stream?after=${after}`;
