// New messages as they come: by stream, or by asking now and then when no stream can be had.

import { history, streamAddress } from "./api.js";

const POLL = 3000;
const POLL_HIDDEN = 30000;
const TRY_STREAM_AGAIN = 30000;
const LEAVE_STREAM = 60000; // a page nobody looks at gives its stream to others
const PATIENCE = 5000; // before the page says that the connection is lost

export class Live {
  constructor({ last, receive, connected }) {
    this.last = last;
    this.receive = receive;
    this.connected = connected;
    this.source = null;
    this.timers = {};
    document.addEventListener("visibilitychange", () => this.looked());
    window.addEventListener("online", () => this.resume());
    window.addEventListener("offline", () => this.connected(false));
  }

  start() {
    this.started = true;
    this.open();
  }

  after(name, delay, action) {
    clearTimeout(this.timers[name]);
    this.timers[name] = setTimeout(action, delay);
  }

  open() {
    if (!this.started || this.source) return;
    clearTimeout(this.timers.poll);
    this.source = new EventSource(streamAddress(this.last()));
    this.source.onopen = () => this.well();
    this.source.onmessage = (event) => {
      this.well();
      this.receive([JSON.parse(event.data)]);
    };
    this.source.onerror = () => this.failed();
  }

  close() {
    if (this.source) this.source.close();
    this.source = null;
  }

  well() {
    clearTimeout(this.timers.lost);
    this.timers.lost = null;
    this.connected(true);
  }

  failed() {
    if (!this.timers.lost) this.after("lost", PATIENCE, () => this.connected(false));
    if (this.source && this.source.readyState === EventSource.CLOSED) {
      this.close();
      this.poll();
      this.after("stream", TRY_STREAM_AGAIN, () => this.open());
    }
  }

  async poll() {
    if (this.source) return;
    await this.ask();
    if (!this.source) this.after("poll", document.hidden ? POLL_HIDDEN : POLL, () => this.poll());
  }

  async ask() {
    try {
      this.receive(await history(this.last()));
      this.well();
    } catch (failure) {
      if (failure.status === 0) this.failed();
    }
  }

  // Right after sending: do not make the citizen wait for the next round.
  hurry() {
    if (!this.started) this.start();
    else if (!this.source) this.after("poll", 400, () => this.poll());
  }

  looked() {
    if (document.hidden) {
      this.after("leave", LEAVE_STREAM, () => { this.close(); this.poll(); });
      return;
    }
    clearTimeout(this.timers.leave);
    this.resume();
  }

  resume() {
    if (!this.started) return;
    this.ask();
    this.open();
  }
}
