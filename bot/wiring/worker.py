"""Joins what only the worker has: the dialogue and the photo reader."""

from __future__ import annotations

import gc
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Condition

from bot.channels.zalo_bot import Polling, ZaloBotChannel
from bot.core.channel import Channel
from bot.core.conversation.dialogue import Dialogue
from bot.core.desk import Desk, Wording
from bot.core.errors import DialogueUnavailable, PhotoUnavailable
from bot.core.messages import Inbound, Turn
from bot.core.photos.payload import PhotoReading
from bot.nlu.model import marked, usable_models
from bot.qr.fetch import MediaFetcher
from bot.qr.reader import PhotoReader
from bot.settings import Settings
from bot.store import Store
from bot.wiring.desk import utc_now
from bot.wiring.documents import build_document_lane
from bot.wiring.notices import build_article_lane, build_digest_lane

log = logging.getLogger(__name__)

_LAST_TURNS_SECONDS = 60.0  # a turn with a slow register takes ten
_ARTICLES = 10.0  # seconds between two looks, here and below
_DIGESTS = 15.0
_DOCUMENTS = 15.0
_STEPS_OF_REST = 30  # five minutes, before a model that failed is tried again


@dataclass
class _Held:
    """A loaded dialogue and how many turns it is answering."""

    dialogue: Dialogue
    turns: int = 0


@dataclass(frozen=True)
class Round:
    """Something done every so many seconds; ``step`` takes what wakes the senders."""

    name: str
    seconds: float
    step: Callable[[Callable[[], None]], object]


class SwitchableDialogue:
    """A dialogue that may come later, be exchanged or go away; without one, texts are refused.

    A turn ends with the dialogue it began with: an exchanged one is closed after its last turn.
    """

    def __init__(self, patience: float = _LAST_TURNS_SECONDS) -> None:
        self._changed = Condition()
        self._held: _Held | None = None
        self._patience = patience

    @property
    def ready(self) -> bool:
        """Whether free text can be understood now."""
        return self._held is not None

    def use(self, dialogue: Dialogue) -> None:
        """Answer with ``dialogue`` from now on; return when the one before is closed."""
        self._exchange(_Held(dialogue), self._patience)

    def respond(self, citizen_id: int, text: str, context: Mapping[str, str]) -> Turn:
        """Answer a text, or raise DialogueUnavailable."""
        with self._changed:
            held = self._held
            if held is None:
                raise DialogueUnavailable("no language model is loaded")
            held.turns += 1
        try:
            return held.dialogue.respond(citizen_id, text, context)
        finally:
            with self._changed:
                held.turns -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Let the dialogue go; turns that still run are given up."""
        self._exchange(None, 0.0)

    def _exchange(self, new: _Held | None, patience: float) -> None:
        with self._changed:
            old, self._held = self._held, new
            if old is None:
                return
            self._changed.wait_for(lambda: old.turns == 0, patience)
        close = getattr(old.dialogue, "close", None)
        if close:
            close()


class ModelKeeper:
    """Keeps the dialogue on the model that answers by the record.

    A model that cannot be loaded changes nothing: the dialogue before goes on. With none before,
    the earlier accepted models are tried in turn.
    """

    def __init__(
        self,
        dialogue: SwitchableDialogue,
        wanted: Callable[[], Sequence[str]],
        load: Callable[[str], Dialogue],
    ) -> None:
        self._dialogue = dialogue
        self._wanted = wanted
        self._load = load
        self.loaded = ""  # the mark of the model in use
        self._failed: dict[str, int] = {}

    def step(self) -> None:
        """Load what should answer if it does not yet; run it every ten seconds."""
        wanted = self._wanted()
        if not wanted:
            if not self._dialogue.ready:
                log.error("event=model_missing reason=%s", "no trained model: run `make train`")
            return
        for mark in wanted[:1] if self._dialogue.ready else wanted:
            if mark == self.loaded or self._is_resting(mark) or self._take(mark):
                return

    def _is_resting(self, mark: str) -> bool:
        """Whether a model failed lately; loading costs seconds that the others need."""
        left = self._failed.get(mark, 0)
        self._failed[mark] = max(0, left - 1)
        return left > 0 and self._dialogue.ready

    def _take(self, mark: str) -> bool:
        before = self.loaded
        try:
            dialogue = self._load(mark)
        except DialogueUnavailable as error:
            self._failed[mark] = _STEPS_OF_REST
            log.error(
                "event=model_not_loaded model=%s reason=%s answers=%s", mark, error, before or "-"
            )
            return False
        self._dialogue.use(dialogue)
        self.loaded = mark
        self._failed.clear()
        if before:
            _forget_garbage()
            log.info("event=model_swapped model=%s before=%s", mark, before)
        return True


def _forget_garbage() -> None:
    """Give back the memory of a closed model: loading had declared it permanent."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class PhotoDesk:
    """Fetches a photo if need be and reads the codes in it; keeps nothing."""

    def __init__(self, fetcher: MediaFetcher, reader: PhotoReader) -> None:
        self._fetcher = fetcher
        self._reader = reader

    def look(self, inbound: Inbound) -> PhotoReading:
        """Return what the photo shows. Raises PhotoError."""
        if inbound.picture is not None:
            return self._reader.read(inbound.picture)
        if not inbound.media_url:
            raise PhotoUnavailable("the message has no picture")
        return self._reader.read(self._fetcher.fetch(inbound.media_url))

    def close(self) -> None:
        """Stop the reader."""
        self._reader.close()


def build_photos(settings: Settings) -> PhotoDesk:
    """Return the photo desk with the addresses photos may come from."""
    fetcher = MediaFetcher(
        settings.media_hosts.replace(",", " ").split(),
        settings.media_http_hosts.replace(",", " ").split(),
    )
    return PhotoDesk(fetcher, PhotoReader())


def build_polling(
    settings: Settings,
    store: Store,
    channels: Mapping[str, Channel],
    heard: Callable[[], None],
) -> Polling | None:
    """Return what fetches the bot's updates, or None where a webhook brings them or there is none.

    ``heard`` is told when a message is kept.
    """
    bot = channels.get(ZaloBotChannel.name)
    if settings.zalo_bot_secret or not isinstance(bot, ZaloBotChannel):
        return None

    def keep(inbounds: Sequence[Inbound], now: datetime) -> None:
        store.journal.receive(inbounds, now)
        heard()

    return Polling(bot.api, keep, lambda: store.tokens.lock(bot.name, "updates"), utc_now)


def keep_model(settings: Settings, desk: Desk, dialogue: SwitchableDialogue) -> ModelKeeper:
    """Return what keeps ``dialogue`` on the right model of the settings."""
    if settings.rasa_url:
        return ModelKeeper(dialogue, lambda: ("remote",), lambda mark: _remote(settings))

    def wanted() -> Sequence[str]:
        return [marked(path) for path in usable_models(settings)]

    def load(mark: str) -> Dialogue:
        return _embedded(settings.model_dir / mark.partition("@")[0], desk)

    return ModelKeeper(dialogue, wanted, load)


def _remote(settings: Settings) -> Dialogue:
    from bot.dialogue.rest import RestDialogue

    return RestDialogue(settings.rasa_url)


def _embedded(model: Path, desk: Desk) -> Dialogue:
    from actions.base import use_desk
    from bot.dialogue.embedded import EmbeddedDialogue

    use_desk(desk)
    return EmbeddedDialogue(model)


def build_rounds(
    settings: Settings,
    store: Store,
    wording: Wording,
    channels: Mapping[str, Channel],
    stopping: Callable[[], bool],
) -> list[Round]:
    """Return what the worker does beside talking and sending. Raises SettingsError."""
    digests = build_digest_lane(settings, store, wording)
    rounds = [Round("digests", _DIGESTS, lambda written: digests.step(utc_now, written))]
    if articles := build_article_lane(settings, store, wording, channels):
        rounds.append(Round("articles", _ARTICLES, lambda _: articles.step(utc_now)))
    if documents := build_document_lane(settings, store):
        rounds.append(Round("documents", _DOCUMENTS, lambda _: documents.step(utc_now, stopping)))
    return rounds


def is_gone(owner: str) -> bool:
    """Return whether the owner of a lease was a process of this machine that is no more."""
    host, _, rest = owner.rpartition("/")
    number = rest.partition("-")[0]
    if host != socket.gethostname() or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
