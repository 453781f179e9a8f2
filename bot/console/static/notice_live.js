// Asks for the progress of a notice again while it goes out; without it the page has a link.
"use strict";

const place = document.getElementById("progress");
if (place) {
  const pause = 2000; // milliseconds
  const most = 30000; // between tries, when the server does not answer
  // A page left alone must not keep its session alive: it goes quiet until somebody is there again.
  const alone = 15 * 60 * 1000;
  let there = Date.now();
  let wait = pause;
  let timer = 0;
  let asking = false;
  let over = false;
  const now = () => place.querySelector("[data-state]");
  const begun = now().dataset.state;

  const written = () => [...document.querySelectorAll("main input:not([type=hidden]):not([type=radio])")]
    .some((field) => (field.type === "checkbox" ? field.checked : field.value));

  // Put the new figures in; return whether to go on asking.
  const take = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-state]");
    if (!fresh) return false; // logged out meanwhile: another page came
    const focused = place.contains(document.activeElement) && document.activeElement.getAttribute("href");
    now().replaceWith(fresh);
    if (focused) [...place.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused)?.focus();
    if (fresh.dataset.state === begun) return fresh.dataset.live === "1";
    // The buttons of the page are of another state now; nothing half written is thrown away.
    if (written()) document.getElementById("moved").hidden = false;
    else location.reload();
    return false;
  };

  const ask = async () => {
    try {
      const answer = await fetch(place.dataset.from, { redirect: "manual" });
      if (answer.ok) {
        wait = pause;
        return take(await answer.text());
      }
      if (answer.status !== 429 && answer.status < 500) return false;
    } catch {
      // the network is away: try again, less and less often
    }
    wait = Math.min(2 * wait, most);
    return true;
  };

  const look = async () => {
    timer = 0;
    if (asking || over || document.hidden || Date.now() - there > alone) return;
    asking = true;
    over = !(await ask());
    asking = false;
    if (!over) timer = setTimeout(look, wait);
  };

  if (now().dataset.live === "1") {
    timer = setTimeout(look, wait);
    const back = () => {
      there = Date.now();
      if (!timer) look();
    };
    for (const act of ["visibilitychange", "pointermove", "pointerdown", "keydown", "scroll"]) {
      document.addEventListener(act, back, { passive: true });
    }
  }
}
