// The panel on the right: quotas, clock, faults, webhook, rules.

import { $, attempt, call, clockTime, element, page } from "./api.js";

const QUOTAS = {
  rate: "Cuộc gọi còn trong phút", uploads: "Tải lên còn trong tháng",
  broadcasts: "Bài gửi đại trà còn trong tháng", templates: "Tin mẫu theo số máy còn hôm nay",
};
const STYLES = {
  echoes: "Báo lại tin OA đã gửi", receipts: "Báo đã nhận", seen: "Báo đã xem",
  duplicates: "Gửi lặp thêm (lần)", reorder: "Giữ rồi đảo thứ tự (số sự kiện)",
  delay: "Gửi muộn (giây)", signature: "Chữ ký", ascii_json: "Viết \\uXXXX",
  numeric_timestamp: "timestamp là số", hash_only: "Chỉ nhận tin bắt đầu bằng #",
  retry: "Gửi lại khi hỏng", disables: "Tắt webhook sau lần gửi lại cuối",
  bot_wrapped: "Webhook của bot bọc trong result",
};
const SIGNATURES = {
  app_id: "đúng", oa_id: "oa_id đứng trước", bare: "không có mac=", wrong: "sai", missing: "không ký",
};
const FAMILIES = {
  access: "Token và ứng dụng", message: "Hình dạng tin nhắn", sending: "Người nhận, cửa sổ, tiền",
  upload: "Tải lên", people: "Người dùng", quota: "Hạn mức", reaction: "Thả cảm xúc",
  anonymous: "Khách ẩn danh", "version two": "API cũ", article: "Bài viết",
  broadcast: "Gửi đại trà", "template by user id": "Tin mẫu theo người",
  "template by phone": "Tin mẫu theo số máy", "token service": "Cấp và đổi token", bot: "Bot",
};
const quiet = (work) => attempt(work);

function chip(tone, words) {
  return element("span", `badge ${tone}`, words);
}

export function drawTop() {
  const { clock, webhook, account } = page.state;
  $("clock").textContent = clock.local;
  const chips = [];
  if (clock.speed !== 1) chips.push(chip("warn", clock.speed ? `nhanh ${clock.speed} lần` : "đang dừng"));
  if (clock.night) chips.push(chip("warn", "giờ nghỉ đêm"));
  chips.push(webhook.disabled ? chip("bad", "webhook bị tắt") : chip("good", "webhook bật"));
  const left = account.token_seconds;
  chips.push(chip(left ? "good" : "warn", left ? `token còn ${Math.floor(left / 3600)} giờ` : "chưa có token"));
  if (page.state.faults.length) chips.push(chip("bad", `${page.state.faults.length} sự cố`));
  if (page.state.rules.off.length) chips.push(chip("warn", `${page.state.rules.off.length} luật đã bỏ`));
  $("chips").replaceChildren(...chips);
}

function meter(label, { limit, remain }) {
  const term = element("dt", "", label);
  const value = element("dd");
  const bar = element("meter");
  Object.assign(bar, { min: 0, max: limit, value: remain, low: limit / 5 });
  bar.setAttribute("aria-label", label);
  value.append(element("span", "", `${remain.toLocaleString("vi")} / ${limit.toLocaleString("vi")}`), bar);
  return [term, value];
}

function setUnlessFocused(id, name, value) {
  if (document.activeElement !== $(id)) $(id)[name] = value;
}

export function drawPanel() {
  const { quotas, account, clock, faults, webhook, rules, followers } = page.state;
  $("quotas").replaceChildren(
    ...Object.entries(QUOTAS).flatMap(([name, label]) => meter(label, quotas[name])),
    element("dt", "", "Tin OA đã gửi"), element("dd", "", quotas.sent.toLocaleString("vi")),
    element("dt", "", "Người quan tâm"), element("dd", "", followers.toLocaleString("vi")),
  );
  if (!$("money").contains(document.activeElement)) {
    $("cloud").checked = account.cloud_account;
    $("balance").value = account.balance;
    $("package").value = account.package_remain;
    $("refusal").value = account.refusal;
  }
  $("clock-big").textContent = clock.local;
  setUnlessFocused("speed", "value", String(clock.speed));
  $("planned").textContent = clock.planned.length
    ? `Sắp gửi lại lúc: ${clock.planned.map(clockTime).join(", ")}` : "Không có gì đang chờ gửi lại.";
  $("faults").replaceChildren(...(faults.length ? faults : [null]).map((one) => element("li", "", one
    ? `${one.place}: ${one.kind}${one.acts ? ", sau khi đã làm" : ""} × ${one.times > 0 ? one.times : "mãi"}`
    : "Không có sự cố nào.")));
  setUnlessFocused("hook-url", "value", webhook.url);
  drawStyles(webhook.style);
  for (const box of $("rules").querySelectorAll("input")) box.checked = !rules.off.includes(box.name);
}

function styleField(name, value) {
  const label = element("label", "", "");
  const field = element(name === "signature" ? "select" : "input");
  field.name = name;
  if (name === "signature") {
    for (const [kind, words] of Object.entries(SIGNATURES)) field.add(new Option(words, kind));
  } else field.type = typeof value === "boolean" ? "checkbox" : "number";
  const words = document.createTextNode(` ${STYLES[name]} `);
  label.append(...(field.type === "checkbox" ? [field, words] : [words, field]));
  field.onchange = () => quiet(() => call("PATCH", "webhook/style", {
    [name]: field.type === "checkbox" ? field.checked : field.type === "number" ? Number(field.value) : field.value,
  }));
  return label;
}

function drawStyles(style) {
  if (!$("styles").children.length) {
    $("styles").append(...Object.keys(STYLES).map((name) => styleField(name, style[name])));
  }
  for (const field of $("styles").querySelectorAll("input, select")) {
    if (field === document.activeElement) continue;
    if (field.type === "checkbox") field.checked = style[field.name];
    else field.value = style[field.name];
  }
}

function chooseTab(tab) {
  for (const one of document.querySelectorAll("[role=tab]")) {
    const isChosen = one === tab;
    one.setAttribute("aria-selected", String(isChosen));
    one.tabIndex = isChosen ? 0 : -1;
    $(one.getAttribute("aria-controls")).hidden = !isChosen;
  }
}

export function listen(refresh) {
  const order = (method, path, data) => quiet(() => call(method, path, data)).then(refresh);
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) {
    tab.onclick = () => chooseTab(tab);
    tab.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      chooseTab(next);
      next.focus();
    };
  }
  $("advance").onclick = ({ target }) => target.dataset.seconds
    && order("PATCH", "clock", { advance: Number(target.dataset.seconds) });
  $("speed").onchange = () => order("PATCH", "clock", { speed: Number($("speed").value) });
  $("expire").onclick = () => order("POST", "tokens/expire");
  $("clear-faults").onclick = () => order("DELETE", "faults");
  $("hook-enable").onclick = () => order("POST", "webhook/enable");
  $("hook-release").onclick = () => order("POST", "webhook/release");
  $("fault").onsubmit = (event) => {
    event.preventDefault();
    order("POST", "faults", {
      place: $("fault-place").value, kind: $("fault-kind").value, times: Number($("fault-times").value),
      seconds: Number($("fault-seconds").value), chance: Number($("fault-chance").value),
      code: Number($("fault-code").value),
    });
  };
  $("money").onsubmit = (event) => {
    event.preventDefault();
    const remain = Number($("package").value);
    order("PATCH", "account", {
      cloud_account: $("cloud").checked, balance: Number($("balance").value),
      package_remain: remain, package_total: Math.max(remain, page.state.account.package_total),
      refusal: Number($("refusal").value),
    });
  };
  $("hook").onsubmit = (event) => {
    event.preventDefault();
    attempt(async () => {
      const { saved } = await call("PUT", "webhook", { url: $("hook-url").value });
      if (!saved) throw new Error("địa chỉ không trả lời 200 cho {}");
    }, "Đã lưu địa chỉ webhook.").then(refresh);
  };
}

function ruleRow({ name, code, message }) {
  const item = element("li");
  const label = element("label");
  const box = element("input");
  Object.assign(box, { type: "checkbox", name, checked: true });
  box.onchange = () => quiet(() => call("PATCH", "rules", { [name]: box.checked }));
  label.append(box, element("span", "", name), element("span", "badge", code));
  label.title = message;
  item.append(label);
  return item;
}

export function fill({ events, fault_kinds: kinds, fault_places: places, rules }) {
  for (const name of events) $("event").add(new Option(name, name));
  for (const kind of kinds) $("fault-kind").add(new Option(kind, kind));
  for (const place of places) $("fault-place").add(new Option(place === "*" ? "mọi nơi" : place, place));
  for (const [family, list] of Object.entries(rules)) {
    $("rules").append(element("h2", "", FAMILIES[family] || family));
    const rows = element("ul", "plain");
    rows.append(...list.map(ruleRow));
    $("rules").append(rows);
  }
}
