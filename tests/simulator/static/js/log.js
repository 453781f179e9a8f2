// The live log: webhooks out, calls in, with status and latency.

import { $, element, page } from "./api.js";

const MOST = 200;

function nameOf(line) {
  if (line.direction === "act") return line.what;
  if (line.direction === "out") {
    return line.event.event_name || line.event.result?.event_name || "{} kiểm tra địa chỉ";
  }
  return line.path.replace(/^\/v[\d.]+\//, "").replace(/^(\/media\/.{6}).*(\..*)$/, "$1…$2");
}

function outcome(line) {
  if (line.fault) return ["bad", line.fault];
  if (line.problem && line.problem !== "status") {
    return ["bad", { slow: "quá 2 giây", connect: "không nối được", nobody: "chưa có webhook" }[line.problem]];
  }
  if (line.direction === "out") return [line.status === 200 ? "good" : "bad", line.status];
  const code = line.answer?.error ?? line.answer?.error_code ?? 0;
  if (line.direction === "in" && line.answer) {
    return code === 0 ? ["good", "0"] : ["bad", String(code)];
  }
  return line.status ? [line.status === 200 ? "good" : "bad", line.status] : ["", ""];
}

function row(line) {
  const item = element("li", line.direction);
  const details = element("details");
  const summary = element("summary");
  const arrow = { out: "▶", in: "◀", act: "•" }[line.direction];
  const [tone, words] = outcome(line);
  const name = element("span", "what", nameOf(line));
  if (line.num_retry) name.append(element("i", "", ` lần lại ${line.num_retry}`));
  if (line.rule) name.append(element("i", "", ` ${line.rule}`));
  summary.append(
    element("b", line.direction, arrow), element("time", "", line.at.slice(11, 19)), name,
    element("span", `badge ${tone}`, words),
    element("span", "ms", line.ms === undefined ? "" : `${Math.round(line.ms)} ms`),
  );
  const body = element("pre");
  details.append(summary, body);
  details.ontoggle = () => { body.textContent = JSON.stringify(line, null, 2); };
  item.append(details);
  return item;
}

export function drawLog() {
  const fresh = page.state.log.filter((line) => line.n > page.after);
  if (!fresh.length) return;
  page.after = fresh[fresh.length - 1].n;
  $("log").prepend(...fresh.reverse().map(row));
  while ($("log").children.length > MOST) $("log").lastChild.remove();
  $("log-empty").hidden = true;
}
