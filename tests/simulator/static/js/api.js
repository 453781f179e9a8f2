// Calls to the control addresses, and the one piece of state the page keeps.

export const page = { user: "", state: null, after: 0, choices: null };

export async function call(method, path, data) {
  const isForm = data instanceof FormData;
  const answer = await fetch(`/control/${path}`, {
    method,
    headers: data && !isForm ? { "Content-Type": "application/json" } : {},
    body: isForm ? data : data === undefined ? undefined : JSON.stringify(data),
  });
  const told = answer.status === 204 ? {} : await answer.json();
  if (!answer.ok) throw new Error(told.error || `HTTP ${answer.status}`);
  return told;
}

export const $ = (id) => document.getElementById(id);

export function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined && text !== null) node.textContent = text;
  return node;
}

const SPOKEN = { "[sticker]": "Nhãn dán" };

export function shownText(line) {
  const text = SPOKEN[line.text] || line.text || "";
  return line.kind === "location" ? `Vị trí ${text.slice(1, -1)}` : text;
}

export function say(text, isError = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", isError);
}

export async function attempt(work, done = "") {
  try {
    await work();
    say(done);
  } catch (error) {
    say(`Không làm được: ${error.message}`, true);
  }
}

const TIME = new Intl.DateTimeFormat("vi", {
  hour: "2-digit", minute: "2-digit", timeZone: "Asia/Ho_Chi_Minh",
});
const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit", month: "2-digit", timeZone: "Asia/Ho_Chi_Minh",
});

export const clockTime = (seconds) => TIME.format(new Date(seconds * 1000));
export const dayAndTime = (seconds) => `${clockTime(seconds)} ${DAY.format(new Date(seconds * 1000))}`;
