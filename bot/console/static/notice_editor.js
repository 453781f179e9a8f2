// The editor of notices: a preview that follows the keys, counters, the next blank.
"use strict";

(() => {
  const form = document.querySelector("form[data-preview]");
  if (!form) return;
  const into = document.querySelector("[data-preview-into]");
  const status = document.querySelector("[data-preview-status]");
  const PAUSE = 300; // milliseconds after the last key
  const HEAVY = ["list_ids"]; // fields the preview does not need
  let timer = 0;
  let running = null;

  const tell = (name) => {
    status.textContent = "";
    status.textContent = status.dataset[name];
  };

  // Only what the server has shown before is replaced: a form in doubt keeps the last good preview.
  const show = (piece) => {
    const chosen = into.querySelector("[name=channel_shown]:checked")?.id;
    const page = new DOMParser().parseFromString(piece, "text/html");
    into.replaceChildren(...page.body.childNodes);
    const again = chosen && document.getElementById(chosen);
    if (again) again.checked = true;
  };

  const refresh = async () => {
    running?.abort();
    running = new AbortController();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !HEAVY.includes(name)) fields.append(name, value);
    }
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: fields, signal: running.signal, redirect: "error" });
      const piece = await answer.text();
      if (answer.ok) show(piece);
      tell(answer.ok ? "done" : answer.status === 422 ? "wrong" : "away");
    } catch (error) {
      if (error.name !== "AbortError") tell("away");
    }
  };

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);

  // The button shows the preview right here, unless a chosen file has to be sent for it.
  form.querySelector("[name=only_preview]").addEventListener("click", (event) => {
    if ([...form.querySelectorAll("[type=file]")].some((field) => field.files.length)) return;
    event.preventDefault();
    refresh();
    document.getElementById("look").scrollIntoView({ block: "start" });
  });

  for (const counter of document.querySelectorAll("[data-count]")) {
    const field = document.getElementById(counter.dataset.count);
    const most = Number(counter.dataset.most);
    const grouped = (count) => count.toLocaleString("vi-VN");
    const count = () => {
      const length = [...field.value.normalize("NFC")].length;
      counter.textContent = `${grouped(length)} / ${grouped(most)}`;
      counter.classList.toggle("close", length > most * 0.9);
    };
    counter.hidden = false;
    field.addEventListener("input", count);
    count();
  }

  // Blanks of a template: one press selects the next, so that typing fills it in.
  const BLANK = /«[^«»\n]*»|\*{3,}/g;
  const next = form.querySelector("[data-next-blank]");
  const fields = ["title", "body", "issuer", "hotline"].map((name) => document.getElementById(name));
  const blanks = () => fields.flatMap((field) => [...field.value.matchAll(BLANK)].map((match) => ({ field, start: match.index, end: match.index + match[0].length })));
  const offer = () => {
    next.hidden = blanks().length === 0;
  };
  next.addEventListener("click", () => {
    const all = blanks();
    if (!all.length) return;
    const { field, start, end } = all[0];
    field.focus();
    field.setSelectionRange(start, end);
  });
  form.addEventListener("input", offer);
  offer();
})();
