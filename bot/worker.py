"""The worker process: ``python -m bot.worker``. Rasa lives here, and everything is sent here."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from types import FrameType
from typing import TypeVar

from bot.core.conversation.beside_staff import BesideStaff
from bot.core.conversation.conversation import Conversation
from bot.core.conversation.numbered import Numbered
from bot.core.conversation.visitors import Visitors
from bot.core.dossiers.codes import DossierCode
from bot.core.errors import DeskError, SettingsError, StoreUnavailable, places
from bot.core.messages import Claimed, InboundKind, Turn
from bot.core.work.conversation_lane import ConversationLane
from bot.core.work.delivery_lane import WEB, DeliveryLane
from bot.settings import Settings
from bot.store.wake import WakeListener, Waker
from bot.wiring.channels import build_channels
from bot.wiring.desk import (
    build_desk,
    build_wording,
    open_ready_store,
    read_acts,
    read_picks,
    utc_now,
)
from bot.wiring.follow import build_follow_lane
from bot.wiring.notices import build_notice_lane
from bot.wiring.privacy import purge
from bot.wiring.worker import (
    SwitchableDialogue,
    build_photos,
    build_polling,
    build_rounds,
    is_gone,
    keep_model,
)

log = logging.getLogger(__name__)

NAME = "worker"
_POLL = 0.25  # seconds; a missed wake-up costs at most this
_REST = 1.0
_SEND_REST = 3.0  # hints wake one sender after the other; they need not all look every second
_SEND_POLLS = 2  # of the polls, how many pass before a sender looks without a hint
_BEAT = 3.0
_RECOVER = 10.0
_PURGE = 3600.0
_SCRUB = 1.0
_RELOAD = 10.0
_FRESH = 600.0
_FOLLOW = 5.0
_NOTICES = 1.0  # an urgent notice is to overtake a broadcast within five seconds
_PHOTOS = 3  # read at the same time
_LOOKUPS = 8  # asked of a distant source at the same time
_STORE_PAUSE = 2.0


# Nobody who did one of these waits for an answer.
_WITHOUT_WORDS = (
    InboundKind.FOLLOW,
    InboundKind.UNFOLLOW,
    InboundKind.OPENED,
    InboundKind.WITHDRAW,
)
_Result = TypeVar("_Result")


class Aside:
    """A few threads for slow work; what does not fit soon is left to the caller."""

    def __init__(self, threads: int, guarded: Callable[[Callable[[], None]], object]) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="aside")
        self._seats = threading.BoundedSemaphore(2 * threads)
        self._guarded = guarded

    def take(self, work: Callable[[], None]) -> bool:
        """Start ``work`` soon and return True, or return False when too much waits already."""
        if not self._seats.acquire(blocking=False):
            return False
        self._pool.submit(self._run, work)
        return True

    def close(self) -> None:
        """Finish what was taken."""
        self._pool.shutdown(wait=True)

    def _run(self, work: Callable[[], None]) -> None:
        try:
            self._guarded(work)
        finally:
            self._seats.release()


def _wake(condition: threading.Condition, everyone: bool = False) -> None:
    with condition:
        condition.notify(1_000 if everyone else 1)


class Worker:
    """Runs the lanes in threads until asked to stop; finishes what it holds, then leaves."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._to_answer = threading.Condition()
        self._to_send = threading.Condition()
        self._owner = f"{socket.gethostname()}/{os.getpid()}"
        self._store = open_ready_store(settings)
        self._waker = Waker(settings.data_dir)
        self._channels = build_channels(settings, self._store)
        self._desk = build_desk(settings, self._store)
        self._wording = build_wording(settings)
        self._dialogue = SwitchableDialogue()
        self._models = keep_model(settings, self._desk, self._dialogue)
        self._photos = build_photos(settings)
        self._photo_threads = Aside(_PHOTOS, self._guarded)
        self._rounds = build_rounds(
            settings, self._store, self._wording, self._channels, self._stopping.is_set
        )
        self._notices = build_notice_lane(settings, self._store, self._wording)
        self._lookup_threads = Aside(_LOOKUPS, self._guarded)
        self._distant = "onestop" in settings.dossier_sources
        self._threads: list[threading.Thread] = []

    def run(self) -> None:
        """Work until ``stop`` is called."""
        self._store.deliveries.recover(utc_now())
        self._store.journal.free(is_gone, utc_now())
        self._store.deliveries.free(is_gone, utc_now())
        self._beat()
        self._start("beat", self._every(_BEAT, self._beat))
        self._start_senders()  # what is written need not wait for the language model
        self._guarded(self._models.step)
        answer = self._answering()
        for number in range(self._settings.worker_threads):
            lane = ConversationLane(
                self._store.journal,
                answer,
                self._apology,
                self._channels,
                f"{self._owner}-{number}",
                self._through,
                self._aside,
            )
            step = partial(lane.step, utc_now)
            self._start(f"talk-{number}", self._lane(step, self._to_answer))
        self._start_polling()
        self._start_following()
        begin = partial(self._notices.step, utc_now, partial(_wake, self._to_send))
        self._start("notices", self._every(_NOTICES, begin, at_once=True))
        for each in self._rounds:
            go = partial(each.step, partial(_wake, self._to_send))
            self._start(each.name, self._every(each.seconds, go, at_once=True))
        self._start("recover", self._every(_RECOVER, self._recover))
        self._start("purge", self._every(_PURGE, self._purge, at_once=True))
        self._start("scrub", self._every(_SCRUB, self._store.privacy.scrub))
        self._start("reload", self._every(_RELOAD, self._models.step))
        self._start("fresh", self._every(_FRESH, self._keep_fresh, at_once=True))
        log.info("event=worker_ready model=%s", self._dialogue.ready)
        self._beat()
        self._listen()

    def stop(self) -> None:
        """Ask every thread to leave after its present step."""
        self._stopping.set()
        for condition in (self._to_answer, self._to_send):
            _wake(condition, everyone=True)
        self._waker.notify(NAME)

    def close(self) -> None:
        """Wait for the threads and give everything back."""
        for thread in self._threads:
            thread.join(timeout=20)
        self._photo_threads.close()
        self._lookup_threads.close()
        self._store.processes.forget(NAME)
        self._photos.close()
        self._dialogue.close()
        self._store.close()

    def _answering(self) -> Callable[[Claimed, datetime], Turn]:
        """Return what answers a message: the talk, and what stands around it."""
        acts = read_acts()
        conversation = Conversation(
            self._desk,
            self._dialogue,
            self._photos,
            acts,
            self._wording,
            self._settings.address,
        )
        beside = BesideStaff(conversation.turn, acts, self._wording)
        answer = Visitors(beside.turn, self._wording).turn
        pushed, picks = self._store.follows.last_buttons, read_picks()
        plain = self._without_buttons()
        return Numbered(answer, plain, acts, self._wording, pushed, picks).turn

    def _without_buttons(self) -> frozenset[str]:
        return frozenset(name for name, each in self._channels.items() if not each.has_buttons)

    def _start_senders(self) -> None:
        for number in range(self._settings.send_threads):
            owner = f"{self._owner}-send-{number}"
            sender = DeliveryLane(
                self._store.deliveries,
                self._channels,
                owner,
                self._notices.note,
                partial(_wake, self._to_send),  # work for one may be work for all
            )
            lane = self._lane(partial(sender.step, utc_now), self._to_send, _SEND_REST)
            self._start(f"send-{number}", partial(self._send, lane))

    def _send(self, lane: Callable[[], None]) -> None:
        """Have fresh tokens first: no row may be marked as being sent while we wait for them."""
        self._guarded(self._keep_fresh)
        lane()

    def _start_polling(self) -> None:
        """Fetch updates where no webhook brings them."""
        polling = build_polling(
            self._settings, self._store, self._channels, partial(_wake, self._to_answer)
        )
        if polling:
            self._start("updates", partial(polling.run, self._stopping))

    def _start_following(self) -> None:
        """Notice what changed about followed dossiers, and hand the messages to the senders."""
        lane = build_follow_lane(self._settings, self._store, self._wording, utc_now)

        def step() -> None:
            if lane.step(utc_now):
                _wake(self._to_send)

        self._start("follow", self._every(_FOLLOW, step, at_once=True))
        self._start("follow-poll", self._every(_FOLLOW, partial(lane.poll, utc_now)))

    def _listen(self) -> None:
        """Pass wake-up hints on to a lane; poll where none come."""
        listener = WakeListener(self._settings.data_dir, NAME)
        polled = 0
        try:
            while not self._stopping.is_set():
                hint = listener.wait(_POLL)
                _wake(self._to_answer)
                polled += 1
                if not hint and polled % _SEND_POLLS == 0:
                    _wake(self._to_send)
        finally:
            listener.close()

    def _lane(
        self, step: Callable[[], object], condition: threading.Condition, rest: float = _REST
    ) -> Callable[[], None]:
        """Return a loop that works until there is nothing left, then rests until woken."""

        def loop() -> None:
            while not self._stopping.is_set():
                if self._guarded(step):
                    continue
                with condition:
                    if not self._stopping.is_set():
                        condition.wait(timeout=rest)

        return loop

    def _aside(self, claimed: Claimed, work: Callable[[], None]) -> bool:
        """Leave slow work to threads of its own, so that nobody's words wait behind it."""
        if claimed.inbound.kind is InboundKind.IMAGE:
            return self._photo_threads.take(work)
        return self._is_slow(claimed) and self._lookup_threads.take(work)

    def _is_slow(self, claimed: Claimed) -> bool:
        """Whether a picture has to be read, or a distant source asked for a code."""
        inbound = claimed.inbound
        if inbound.kind is InboundKind.IMAGE:
            return True
        return self._distant and bool(DossierCode.find_all(inbound.text))

    def _through(self, claimed: Claimed) -> None:
        """Tell whoever waits for a message that it is answered."""
        if claimed.inbound.channel == WEB:
            self._waker.notify(WEB, claimed.id)
        else:
            _wake(self._to_send)
        if self._is_slow(claimed):
            _wake(self._to_answer)  # the citizen's next message was waiting for this one

    def _every(
        self, seconds: float, step: Callable[[], object], at_once: bool = False
    ) -> Callable[[], None]:
        def loop() -> None:
            if at_once:
                self._guarded(step)
            while not self._stopping.wait(seconds):
                self._guarded(step)

        return loop

    def _guarded(self, step: Callable[[], _Result]) -> _Result | None:
        """Run one step; whatever happens, the thread lives on."""
        try:
            return step()
        except StoreUnavailable:
            log.error("event=store_unavailable")
        except Exception as error:  # the outermost loop
            log.error("event=step_failed error=%s places=%s", type(error).__name__, places(error))
        self._stopping.wait(_STORE_PAUSE)
        return None

    def _start(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _beat(self) -> None:
        detail = {
            "model": self._dialogue.ready,
            "model_name": self._models.loaded.partition("@")[0],
            "channels": sorted(self._channels),
        }
        self._store.processes.beat(NAME, utc_now(), detail)

    def _recover(self) -> None:
        self._store.deliveries.recover(utc_now())
        self._store.deliveries.meet_receipts(utc_now())

    def _keep_fresh(self) -> None:
        """Let channels replace tokens before they end, also when nobody writes."""
        for channel in self._channels.values():
            keep_fresh = getattr(channel, "keep_fresh", None)
            if keep_fresh:
                keep_fresh()

    def _purge(self) -> None:
        purge(self._settings, self._store, utc_now())

    def _apology(self, claimed: Claimed) -> Turn:
        """Return what a citizen hears when a message could not be answered at all."""
        if claimed.inbound.kind in _WITHOUT_WORDS:
            return Turn((), claimed.context)
        # What the talk remembers may be what was stumbled over three times: start anew.
        return Turn(self._wording.replies("talk/set_aside"), {})


def _say_nothing(*warning: object, **details: object) -> None:
    """Drop a warning: none of them is for the operator."""


def main() -> int:
    """Run one worker until SIGTERM or SIGINT; 2 when it cannot start."""
    # Rasa and what it pins have much to say at import, and switch filters back on.
    warnings.showwarning = _say_nothing
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True
    )
    for name in ("bot", "__main__"):
        logging.getLogger(name).setLevel(logging.INFO)
    try:
        worker = Worker(Settings.from_env())
    except (SettingsError, DeskError) as error:
        sys.stderr.write(f"motcua: {error}\n")
        return 2

    def leave(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=worker.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    try:
        worker.run()
    except DeskError as error:  # before the lanes run, which mind themselves
        sys.stderr.write(f"motcua: {error}\n")
        return 2
    worker.close()
    return 0


if __name__ == "__main__":
    # Rasa and TensorFlow leave threads that would hold the process back.
    code = main()
    sys.stdout.flush()
    os._exit(code)
